// Package push sends what a MeterProvider of the OpenTelemetry SDK collects to a
// collector, over OTLP: by gRPC or by HTTP.
//
// Resolve decides the settings of a push: a flag takes precedence over the file,
// the file over a standard variable of OpenTelemetry, and a variable for metrics
// over the one for all signals. The SDK gets every setting that is decided here, so
// that it reads nothing from the variables in its own way. New then makes a Push of
// them, and Push.Provider the part for one MeterProvider.
//
// With both protocols, a large push is sent in parts, what a peer sends is bounded,
// and nothing delays a shutdown. The SDK's exporters make the messages and retry; a
// dialer and, for HTTP, a courier do the rest.
//
// The package knows the SDK, gRPC, HTTP and the variables. It must not know what is
// pushed or where that comes from, the format of the file, Prometheus or routes.
package otlp
