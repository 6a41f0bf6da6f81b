{{/* The name of the chart in labels. */}}
{{- define "datahub-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end -}}

{{/* The name of all objects. Sixteen characters are left for suffixes. What is longer is
     cut, and gets a hash so that it stays the only one of its name. */}}
{{- define "datahub-exporter.fullname" -}}
{{- $name := include "datahub-exporter.name" . -}}
{{- $full := printf "%s-%s" .Release.Name $name -}}
{{- if .Values.fullnameOverride -}}
{{- $full = .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- $full = .Release.Name -}}
{{- end -}}
{{- if gt (len $full) 47 -}}
{{- $full = printf "%s-%s" (trunc 40 $full | trimAll "-") (sha256sum $full | trunc 6) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{- define "datahub-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "datahub-exporter.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "datahub-exporter.labels" -}}
{{ include "datahub-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{/* Labels or annotations of the chart, given as text, and those of a value, which win:
     a key must not be there twice. */}}
{{- define "datahub-exporter.merged" -}}
{{- $merged := first . | fromYaml -}}
{{- range $key, $value := last . -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- toYaml $merged -}}
{{- end -}}

{{- define "datahub-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "datahub-exporter.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* A reference to an image; tag is the one to take where the values have none. */}}
{{- define "datahub-exporter.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .tag .image.tag }}
{{- end -}}
{{- end -}}

{{/* The secrets that the chart creates. Helm deletes them when the values no longer ask
     for them, so the chart refuses these names for secrets that someone else creates. */}}
{{- define "datahub-exporter.ownConfigSecret" -}}
{{ include "datahub-exporter.fullname" . }}-config
{{- end -}}
{{- define "datahub-exporter.ownWebSecret" -}}
{{ include "datahub-exporter.fullname" . }}-web-config
{{- end -}}

{{/* The secret with the configuration file, and its key. */}}
{{- define "datahub-exporter.configSecret" -}}
{{- if .Values.config.content -}}
{{ include "datahub-exporter.ownConfigSecret" . }}
{{- else -}}
{{ .Values.config.existingSecret.name }}
{{- end -}}
{{- end -}}
{{- define "datahub-exporter.configKey" -}}
{{- if .Values.config.content -}}
datahub_exporter.conf
{{- else -}}
{{ .Values.config.existingSecret.key }}
{{- end -}}
{{- end -}}

{{/* The secret with web.yml; empty for none. */}}
{{- define "datahub-exporter.webSecret" -}}
{{- if .Values.web.config -}}
{{ include "datahub-exporter.ownWebSecret" . }}
{{- else -}}
{{ .Values.web.existingSecret }}
{{- end -}}
{{- end -}}

{{/* The annotations of the pods. A change of a secret that the chart creates, or of the
     collector's file, restarts them. */}}
{{- define "datahub-exporter.podAnnotations" -}}
kubectl.kubernetes.io/default-container: exporter
{{- if or .Values.config.content .Values.web.config }}
checksum/secret: {{ list .Values.config.content .Values.web.config | toJson | sha256sum | quote }}
{{- end }}
{{- if .Values.collector.enabled }}
checksum/collector: {{ .Files.Get "files/otel-collector.yaml" | sha256sum | quote }}
{{- end }}
{{- end -}}

{{/* What a probe does, for the path. */}}
{{- define "datahub-exporter.probe" -}}
{{- $type := .context.Values.probes.type -}}
{{- if eq $type "auto" -}}
{{- $type = ternary "tcp" "http" (ne (include "datahub-exporter.webSecret" .context) "") -}}
{{- end -}}
{{- if eq $type "tcp" -}}
tcpSocket:
  port: http
{{- else -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ .context.Values.scrape.scheme | upper }}
{{- end -}}
{{- end -}}

{{/* The exporter's arguments, but for extraArgs. */}}
{{- define "datahub-exporter.args" -}}
{{- if .Values.demo -}}
- --demo
{{- else -}}
- {{ printf "--conf=/etc/datahub_exporter/%s" (include "datahub-exporter.configKey" .) | quote }}
{{- end }}
- --web.listen-address=:48080
{{- if include "datahub-exporter.webSecret" . }}
- --web.config.file=/etc/datahub_exporter_web/web.yml
{{- end }}
{{- if .Values.reloader.enabled }}
- --web.enable-lifecycle
{{- end }}
{{- if .Values.collector.enabled }}
- --otlp.endpoint=http://127.0.0.1:4317
{{- end }}
{{- end -}}
