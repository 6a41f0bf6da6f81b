package instrument

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// SelfHandler exposes the exporter's own health: its build, the Go runtime and
// the process.
func SelfHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector(scopeName),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, Registry: registry})
}
