{{/* Refuses values that Kubernetes or Helm would accept, or refuse too late. What one
     value alone shows, values.schema.json refuses. */}}
{{- define "datahub-exporter.validate" -}}
{{- include "datahub-exporter.validateChoices" . -}}
{{- include "datahub-exporter.validateNames" . -}}
{{- include "datahub-exporter.validateSecrets" . -}}
{{- include "datahub-exporter.validateArgs" . -}}
{{- include "datahub-exporter.validateLists" . -}}
{{- end -}}

{{/* Refuses values that contradict each other. */}}
{{- define "datahub-exporter.validateChoices" -}}
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
{{- $interval := include "datahub-exporter.milliseconds" .Values.scrape.interval | int64 -}}
{{- if gt (include "datahub-exporter.milliseconds" .Values.scrape.scrapeTimeout | int64) $interval -}}
{{- fail "scrape.scrapeTimeout is longer than scrape.interval: the operator would reject the jobs" -}}
{{- end -}}
{{- if .Values.scrapeConfig.enabled -}}
{{- range list "caFile" "certFile" "keyFile" -}}
{{- if hasKey (default dict $.Values.scrape.tlsConfig) . -}}
{{- fail (printf "take %s out of scrape.tlsConfig: a ScrapeConfig does not have it; use ca, cert and keySecret" .) -}}
{{- end -}}
{{- end -}}
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
{{- end -}}

{{/* The milliseconds of a duration. */}}
{{- define "datahub-exporter.milliseconds" -}}
{{- $duration := . -}}
{{- $total := 0 -}}
{{- range $unit, $length := dict "y" 31536000000 "w" 604800000 "d" 86400000 "h" 3600000 "m" 60000 "s" 1000 "ms" 1 -}}
{{- $count := regexFind (printf "[0-9]+%s([0-9]|$)" $unit) $duration | regexFind "^[0-9]+" -}}
{{- $total = add $total (mul (int64 $count) $length) -}}
{{- end -}}
{{- $total -}}
{{- end -}}

{{/* Refuses a name that a Service cannot have, which would leave a release half made, and
     labels that would hide the pods or the service from what selects them. */}}
{{- define "datahub-exporter.validateNames" -}}
{{- $name := include "datahub-exporter.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "a Service cannot have the name %s: set fullnameOverride to one of lower-case letters, digits and dashes that begins with a letter" $name) -}}
{{- end -}}
{{- range $key := include "datahub-exporter.selectorLabels" . | fromYaml | keys | sortAlpha -}}
{{- range $value, $labels := dict "podLabels" (default dict $.Values.podLabels) "service.labels" (default dict $.Values.service.labels) -}}
{{- if hasKey $labels $key -}}
{{- fail (printf "take %s out of %s: the chart selects by this label" $key $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
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

{{/* The name of the flag of an argument. */}}
{{- define "datahub-exporter.flag" -}}
{{- regexReplaceAll "^--([^= ]*).*$" . "${1}" -}}
{{- end -}}

{{/* Refuses a flag that the chart sets. */}}
{{- define "datahub-exporter.validateArgs" -}}
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

{{/* Refuses a list in which two items have the same key, some of them perhaps the
     chart's own. */}}
{{- define "datahub-exporter.validateLists" -}}
{{- $lists := list
  (list "env" "name" (include "datahub-exporter.env" .))
  (list "collector.env" "name" (include "datahub-exporter.collectorEnv" .))
  (list "extraVolumes" "name" (include "datahub-exporter.volumes" .))
  (list "extraVolumeMounts" "mountPath" (include "datahub-exporter.volumeMounts" .)) -}}
{{- range $list := $lists -}}
{{- $seen := list -}}
{{- range last $list | fromYamlArray -}}
{{- $key := get . (index $list 1) -}}
{{- if has $key $seen -}}
{{- fail (printf "take %s out of %s: it is there twice, or the chart sets it" $key (first $list)) -}}
{{- end -}}
{{- $seen = append $seen $key -}}
{{- end -}}
{{- end -}}
{{- end -}}
