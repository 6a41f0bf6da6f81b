{{/* The exporter's environment. */}}
{{- define "datahub-exporter.env" -}}
{{- $goMemLimit := .Values.goMemLimit -}}
{{- range .Values.env }}{{ if eq .name "GOMEMLIMIT" }}{{ $goMemLimit = "" }}{{ end }}{{ end -}}
{{- with $goMemLimit }}
- {name: GOMEMLIMIT, value: {{ . | quote }}}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The volumes. Secrets are mounted whole, so that a change arrives, and with the
     mode that the exporter does not warn of. */}}
{{- define "datahub-exporter.volumes" -}}
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
{{- with include "datahub-exporter.webSecret" . }}
- name: web
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- if .Values.collector.enabled }}
- name: collector
  configMap: {name: "{{ include "datahub-exporter.fullname" . }}-collector"}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What the exporter mounts of them. */}}
{{- define "datahub-exporter.volumeMounts" -}}
{{- if not .Values.demo }}
- {name: config, mountPath: /etc/datahub_exporter, readOnly: true}
{{- end }}
{{- if .Values.credentials.existingSecret }}
- {name: credentials, mountPath: /run/secrets/ckafka, readOnly: true}
{{- end }}
{{- if include "datahub-exporter.webSecret" . }}
- {name: web, mountPath: /etc/datahub_exporter_web, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The sidecar that has the exporter read a changed file. */}}
{{- define "datahub-exporter.reloader" -}}
{{- if .Values.reloader.enabled }}
- name: reloader
  image: {{ include "datahub-exporter.image" (dict "image" .Values.reloader.image "tag" "") | quote }}
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

{{/* The collector's environment. */}}
{{- define "datahub-exporter.collectorEnv" -}}
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
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The collector that the exporter pushes to. */}}
{{- define "datahub-exporter.collector" -}}
{{- if .Values.collector.enabled }}
- name: collector
  image: {{ include "datahub-exporter.image" (dict "image" .Values.collector.image "tag" "") | quote }}
  imagePullPolicy: {{ .Values.collector.image.pullPolicy }}
  args:
    - --config=/etc/otelcol/otel-collector.yaml
  env:
    {{- include "datahub-exporter.collectorEnv" . | trim | nindent 4 }}
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
