{{/* The jobs of deploy/prometheus/prometheus-recommended.yml, by whose names the
     alert rules and the dashboard select. */}}
{{- define "datahub-exporter.jobs" -}}
- {job: datahub-exporter-datahub-task, suffix: tasks, path: /api/v1/ckafka/datahub_tasks/metrics, honorLabels: true}
- {job: datahub-exporter-connect-resources, suffix: connections, path: /api/v1/ckafka/connect_resources/metrics, honorLabels: true}
- {job: datahub-exporter, suffix: self, path: /metrics, honorLabels: false}
{{- end -}}

{{/* The pod's name says more than its address, and outlives a restart of the
     container. */}}
{{- define "datahub-exporter.relabelings" -}}
- {action: replace, sourceLabels: [__meta_kubernetes_pod_name], targetLabel: instance}
- {action: labeldrop, regex: pod|container|endpoint}
{{- with .Values.scrape.relabelings }}
{{ include "datahub-exporter.withActions" . }}
{{- end }}
{{- end -}}

{{/* A value's relabelings. The API server adds a missing action, and a tool that compares
     the object with the chart would see a difference for ever. */}}
{{- define "datahub-exporter.withActions" -}}
{{- $complete := list -}}
{{- range . -}}
{{- $complete = append $complete (set (deepCopy .) "action" (default "replace" .action)) -}}
{{- end -}}
{{- toYaml $complete -}}
{{- end -}}

{{/* What ServiceMonitor and ScrapeConfig have under the same names. */}}
{{- define "datahub-exporter.access" -}}
{{- with .basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- include "datahub-exporter.withActions" . | nindent 2 }}
{{- end }}
{{- end -}}
