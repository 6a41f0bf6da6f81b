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
- {sourceLabels: [__meta_kubernetes_pod_name], targetLabel: instance}
- {action: labeldrop, regex: pod|container|endpoint}
{{- with .Values.scrape.relabelings }}
{{ toYaml . }}
{{- end }}
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
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
