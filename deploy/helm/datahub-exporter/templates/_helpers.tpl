{{/* The name of the chart in labels. */}}
{{- define "datahub-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects. Sixteen characters are left for suffixes. */}}
{{- define "datahub-exporter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 47 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "datahub-exporter.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 47 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 47 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "datahub-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "datahub-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "datahub-exporter.labels" -}}
{{ include "datahub-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
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
- --conf=/etc/datahub_exporter/{{ include "datahub-exporter.configKey" . }}
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

{{/* The name of the flag of an argument. */}}
{{- define "datahub-exporter.flag" -}}
{{- regexReplaceAll "^--([^= ]*).*$" . "${1}" -}}
{{- end -}}

{{/* Refuses a secret of the user's that has the name of one of the chart's. */}}
{{- define "datahub-exporter.validateSecrets" -}}
{{- $own := list (include "datahub-exporter.ownConfigSecret" .) (include "datahub-exporter.ownWebSecret" .) -}}
{{- $existing := dict
  "config.existingSecret.name" .Values.config.existingSecret.name
  "credentials.existingSecret" .Values.credentials.existingSecret
  "web.existingSecret" .Values.web.existingSecret
  "collector.onward.authorization.secret" .Values.collector.onward.authorization.secret -}}
{{- range $value, $name := $existing -}}
{{- if has $name $own -}}
{{- fail (printf "%s: the chart itself creates and deletes a secret with the name %s; use another name" $value $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Refuses values that contradict each other. */}}
{{- define "datahub-exporter.validate" -}}
{{- $ways := 0 -}}
{{- range list .Values.demo .Values.config.content .Values.config.existingSecret.name -}}
{{- if . }}{{ $ways = add1 $ways }}{{ end -}}
{{- end -}}
{{- if ne (int $ways) 1 -}}
{{- fail "set exactly one of config.content, config.existingSecret.name and demo" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled .Values.scrapeConfig.enabled -}}
{{- fail "enable one of serviceMonitor and scrapeConfig: both would scrape everything twice" -}}
{{- end -}}
{{- if and .Values.web.config .Values.web.existingSecret -}}
{{- fail "set one of web.config and web.existingSecret" -}}
{{- end -}}
{{- if .Values.reloader.enabled -}}
{{- if not .Values.config.existingSecret.name -}}
{{- fail "reloader watches the secret of config.existingSecret.name: set it, or disable reloader" -}}
{{- end -}}
{{- if include "datahub-exporter.webSecret" . -}}
{{- fail "reloader has no password for web: disable one of them; keys in the files of credentials need no reload" -}}
{{- end -}}
{{- end -}}
{{- include "datahub-exporter.validateSecrets" . -}}
{{- $own := list "conf" -}}
{{- range include "datahub-exporter.args" . | fromYamlArray -}}
{{- $own = append $own (include "datahub-exporter.flag" .) -}}
{{- end -}}
{{- range .Values.extraArgs -}}
{{- $flag := include "datahub-exporter.flag" . -}}
{{- if has $flag $own -}}
{{- fail (printf "take --%s out of extraArgs: the chart sets it" $flag) -}}
{{- end -}}
{{- end -}}
{{- end -}}
