// Package otlp pushes what a MeterProvider of the OpenTelemetry SDK collects to a
// collector or a backend, by the SDK's exporters over gRPC and over HTTP.
//
// Resolve decides where and how to push: a flag takes precedence over the file, the
// file over a standard variable of OpenTelemetry. New makes a Push of the settings,
// and Push.Provider the options for one MeterProvider. Around the SDK's exporter,
// a large push is sent in chunks, and each push is counted and its failure logged.
//
// The package must not know what is pushed or where that comes from, the format of
// the file, Prometheus or routes.
package otlp
