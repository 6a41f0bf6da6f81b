// Package push sends what a MeterProvider of the OpenTelemetry SDK collects to a
// collector, over OTLP/gRPC.
//
// Resolve decides what a push is made of: a flag comes before the file, the file
// before a standard variable of OpenTelemetry, and a variable for metrics before
// the one for all signals. What is decided here is told to the SDK in full, so
// that nothing is left for it to read from the variables in a way of its own.
// New then makes a Push of it, and Push.Provider the part of one MeterProvider.
//
// The package knows the SDK, gRPC and the variables. It must not know what is
// pushed or where that comes from, the format of the file, Prometheus or routes.
package push
