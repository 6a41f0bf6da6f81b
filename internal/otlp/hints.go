package otlp

import (
	"errors"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	hintHeaders = "check the credential in headers of section [otlp], or in " + exporterPrefix + "HEADERS"
	hintGRPC    = "the endpoint speaks gRPC: write protocol = grpc (--otlp.protocol), or the port of OTLP over HTTP, usually 4318"
	hintHTTP    = "the endpoint speaks HTTP, not gRPC: write protocol = http/protobuf (--otlp.protocol), or the port of OTLP over gRPC, usually 4317"
	hintPath    = "no OTLP is taken at this path: write the whole path into endpoint; Prometheus 3 has /api/v1/otlp/v1/metrics, " +
		"with --web.enable-otlp-receiver, VictoriaMetrics /opentelemetry/v1/metrics, and a collector /v1/metrics"
	hintClear = "write http:// for the endpoint, or the port where the receiver speaks TLS"
	hintOrder = "the three pushes share target_info, and Prometheus takes its samples in any order only with storage.tsdb.out_of_order_time_window: " +
		"see deploy/prometheus/receive-otlp-direct.yml"
	hintSlower = "the receiver takes less than it is sent: raise interval, or its limits"
	hintDown   = "the receiver, or what a gateway has behind it, is down or overloaded; the next push comes after the interval"
)

// hint returns what to do about a failed push, or "" if it is not known.
func (s *Settings) hint(err error) string {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return s.hintOfStatus(refused)
	}
	if failed, ok := errors.AsType[broken](err); ok {
		return hintOfConnection(failed)
	}
	if s.Protocol != GRPC {
		return ""
	}
	return hintOfGRPC(err)
}

func (s *Settings) hintOfStatus(refused *refusal) string {
	switch code := refused.status; {
	case refused.grpc:
		return hintGRPC
	case code < 300:
		return "what answers is no receiver of OTLP, and what is sent there is lost: check the endpoint, and who asks people to log in on the way"
	case code < 400:
		return "a redirect is not followed, as it would take the headers along: write where it leads to into endpoint"
	case s.Proxy != nil && (code == http.StatusProxyAuthRequired || code == http.StatusForbidden || code == http.StatusBadGateway || code == http.StatusGatewayTimeout):
		return "the answer may be that of the proxy " + proxyAddress(s.Proxy) + " (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)"
	case code == http.StatusBadRequest && strings.Contains(refused.message, "out of order"):
		return hintOrder
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return hintHeaders
	case code == http.StatusNotFound || code == http.StatusMethodNotAllowed:
		return hintPath
	case code == http.StatusRequestEntityTooLarge:
		return "a request has 1 MiB at the most: write compression = gzip, or raise the limit of what stands before the receiver"
	case code == http.StatusUnsupportedMediaType:
		return "the receiver does not take OTLP in protobuf, or not gzip: check the path of the endpoint, or write compression = none"
	case code == http.StatusTooManyRequests:
		return hintSlower
	case code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout:
		return hintDown
	}
	return ""
}

func hintOfConnection(failed broken) string {
	text := failed.Error()
	switch {
	case errors.Is(failed, errHTTP2) || strings.Contains(text, "no application protocol"):
		return hintGRPC
	case strings.Contains(text, "HTTP in the clear"):
		return hintClear
	case hungUp(failed): // the reaction of grpc-go to HTTP/1.1 over TLS
		return "the peer hangs up without an answer: if it speaks gRPC, write protocol = grpc (--otlp.protocol), or the port of OTLP over HTTP, usually 4318"
	}
	return ""
}

// hintOfGRPC recognizes an HTTP server by the error texts of grpc-go, which has no
// error types for it.
func hintOfGRPC(err error) string {
	text := err.Error()
	for _, sign := range []string{
		"looked like an HTTP/1.1 header", "missing selected ALPN property", "no application protocol",
		"unexpected HTTP status code received from server", "unexpected content-type",
	} {
		if strings.Contains(text, sign) {
			return hintHTTP
		}
	}
	if strings.Contains(text, "first record does not look like a TLS handshake") {
		return hintClear
	}
	told, _ := status.FromError(err)
	return map[codes.Code]string{
		codes.Unauthenticated: hintHeaders, codes.PermissionDenied: hintHeaders, codes.ResourceExhausted: hintSlower,
	}[told.Code()]
}
