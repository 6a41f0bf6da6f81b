package otlp

import "strings"

const (
	hintHeaders = "check the credential in headers of section [otlp], where a space is a space and not %20, or in " + exporterPrefix + "HEADERS, where it is %20"
	hintGRPC    = "if the endpoint speaks gRPC, write protocol = grpc (--otlp.protocol), or use the port for OTLP over HTTP, usually 4318"
	hintHTTP    = "the endpoint speaks HTTP, not gRPC: write protocol = http/protobuf (--otlp.protocol), or use the port for OTLP over gRPC, usually 4317"
	hintClear   = "use http:// in the endpoint, or the port on which the receiver speaks TLS"
	hintPath    = "no OTLP receiver at this path: set endpoint to the full path; Prometheus 3 has /api/v1/otlp/v1/metrics, " +
		"with --web.enable-otlp-receiver, VictoriaMetrics /opentelemetry/v1/metrics, and a collector /v1/metrics"
	hintLogs  = "the receiver takes no log records: give the collector a pipeline for logs, as otel-collector.yaml has, or remove logs from section [otlp] and --otlp.logs"
	hintOrder = "the three pushes share target_info, and Prometheus accepts its samples out of order only with storage.tsdb.out_of_order_time_window: " +
		"see deploy/prometheus/receive-otlp-direct.yml"
	hintSlower = "the receiver accepts less than it is sent: raise interval, or the receiver's limits"
	hintDown   = "the receiver, or a server behind its gateway, is down or overloaded; the next push follows after the interval"
)

// hints returns what the text of an error contains, and the hint for it: neither the
// SDK nor gRPC has types for these errors.
func hints(protocol string) [][2]string {
	if protocol == HTTP {
		return [][2]string{
			{errHTML.Error(), "not an OTLP receiver (a login or captive-portal page answered); data sent there is lost. Check the endpoint."},
			{"out of order", hintOrder},
			{"HTTP status 3", "redirects are not followed: set endpoint to the target of this one"},
			{"HTTP status 401", hintHeaders},
			{"HTTP status 403", hintHeaders},
			{logsPath + ": HTTP status 404", hintLogs},
			{"HTTP status 404", hintPath},
			{"HTTP status 405", hintPath},
			{"HTTP status 413", "a request has up to 1 MiB before compression: write compression = gzip, or raise the limit in front of the receiver"},
			{"HTTP status 415", "the receiver does not accept protobuf, or does not accept gzip: check the path of the endpoint, or write compression = none; " + hintGRPC},
			{"HTTP status 429", hintSlower},
			{"HTTP status 502", hintDown},
			{"HTTP status 503", hintDown},
			{"HTTP status 504", hintDown},
			{"first record does not look like a TLS handshake", hintClear},
			{"no application protocol", hintGRPC},
			{errBroken.Error(), hintGRPC},
			{"EOF", hintGRPC},
			{"connection reset", hintGRPC},
		}
	}
	return [][2]string{
		{"looked like an HTTP/1.1 header", hintHTTP},
		{"missing selected ALPN property", hintHTTP},
		{"no application protocol", hintHTTP},
		{"unexpected HTTP status code received from server", hintHTTP},
		{"unexpected content-type", hintHTTP},
		{"first record does not look like a TLS handshake", hintClear},
		{"logs.v1.LogsService", hintLogs},
		{"code = Unauthenticated", hintHeaders},
		{"code = PermissionDenied", hintHeaders},
		{"code = ResourceExhausted", hintSlower},
	}
}

// hintFor returns what to do about a failed push, or "" if it is not known.
func hintFor(protocol string, err error) string {
	text := err.Error()
	for _, known := range hints(protocol) {
		if strings.Contains(text, known[0]) {
			return known[1]
		}
	}
	return ""
}
