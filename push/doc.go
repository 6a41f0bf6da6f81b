// Package push sends what a MeterProvider of the OpenTelemetry SDK collects to a
// collector, over OTLP: by gRPC or by HTTP.
//
// Resolve decides what a push is made of: a flag comes before the file, the file
// before a standard variable of OpenTelemetry, and a variable for metrics before
// the one for all signals. What is decided here is told to the SDK in full, so
// that nothing is left for it to read from the variables in a way of its own.
// New then makes a Push of it, and Push.Provider the part of one MeterProvider.
//
// Over both, a large push goes in parts, what a peer says is bounded, and an end is
// never held up. The SDK's exporters make the messages and try again; what they
// leave open, a dialer and, for HTTP, a courier do.
//
// The package knows the SDK, gRPC, HTTP and the variables. It must not know what is
// pushed or where that comes from, the format of the file, Prometheus or routes.
package push
