{{/* The volumes. Secrets are mounted whole, so that a change arrives, and with the
     mode that the exporter does not warn of. */}}
{{- define "datahub-exporter.volumes" -}}
{{- $webSecret := include "datahub-exporter.webSecret" . -}}
{{- if or (not .Values.demo) $webSecret .Values.credentials.existingSecret .Values.collector.enabled .Values.extraVolumes }}
volumes:
  {{- if not .Values.demo }}
  - name: config
    secret: {secretName: {{ include "datahub-exporter.configSecret" . | quote }}, defaultMode: 0440}
  {{- end }}
  {{- with .Values.credentials }}
  {{- if .existingSecret }}
  - name: credentials
    secret:
      secretName: {{ .existingSecret | quote }}
      defaultMode: 0440
      items:
        - {key: {{ .idKey | quote }}, path: secret_id}
        - {key: {{ .keyKey | quote }}, path: secret_key}
  {{- end }}
  {{- end }}
  {{- if $webSecret }}
  - name: web
    secret: {secretName: {{ $webSecret | quote }}, defaultMode: 0440}
  {{- end }}
  {{- if .Values.collector.enabled }}
  - name: collector
    configMap: {name: {{ include "datahub-exporter.fullname" . }}-collector}
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The sidecar that has the exporter read a changed file. */}}
{{- define "datahub-exporter.reloader" -}}
{{- if .Values.reloader.enabled }}
- name: reloader
  image: {{ include "datahub-exporter.image" (dict "image" .Values.reloader.image "tag" "") }}
  imagePullPolicy: {{ .Values.reloader.image.pullPolicy }}
  args:
    - --watched-dir=/etc/datahub_exporter
    - --reload-url=http://127.0.0.1:48080/-/reload
    - --listen-address=:{{ .Values.reloader.port }}
  ports:
    - {name: reloader, containerPort: {{ .Values.reloader.port }}, protocol: TCP}
  livenessProbe:
    httpGet: {path: /healthz, port: reloader}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  resources:
    {{- toYaml .Values.reloader.resources | nindent 4 }}
  volumeMounts:
    - {name: config, mountPath: /etc/datahub_exporter, readOnly: true}
{{- end }}
{{- end -}}

{{/* The collector that the exporter pushes to. */}}
{{- define "datahub-exporter.collector" -}}
{{- if .Values.collector.enabled }}
- name: collector
  image: {{ include "datahub-exporter.image" (dict "image" .Values.collector.image "tag" "") }}
  imagePullPolicy: {{ .Values.collector.image.pullPolicy }}
  args:
    - --config=/etc/otelcol/otel-collector.yaml
  env:
    # For the probe; the other addresses stay on loopback.
    - {name: HEALTH_LISTEN_ADDRESS, value: "0.0.0.0:13133"}
    {{- with .Values.collector.onward }}
    {{- if .endpoint }}
    - {name: OTLP_ONWARD_EXPORTERS, value: "[otlp_grpc]"}
    - {name: OTLP_ONWARD_ENDPOINT, value: {{ .endpoint | quote }}}
    - {name: OTLP_ONWARD_INSECURE, value: {{ .insecure | quote }}}
    {{- if .authorization.secret }}
    - name: OTLP_ONWARD_AUTHORIZATION
      valueFrom:
        secretKeyRef: {name: {{ .authorization.secret | quote }}, key: {{ .authorization.key | quote }}}
    {{- end }}
    {{- end }}
    {{- end }}
    {{- with .Values.collector.env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    - {name: health, containerPort: 13133, protocol: TCP}
  livenessProbe:
    httpGet: {path: /, port: health}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  resources:
    {{- toYaml .Values.collector.resources | nindent 4 }}
  volumeMounts:
    - {name: collector, mountPath: /etc/otelcol, readOnly: true}
{{- end }}
{{- end -}}
