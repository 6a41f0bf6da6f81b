// Package e2e holds the end-to-end tests: the exporter as users run it, with real
// Prometheus servers, a real OpenTelemetry Collector and a real Chromium, on a
// simulated cloud. make e2e in the top folder fetches the programs and runs the
// tests.
//
// It is a separate module, so that the dependencies of the tests do not burden the
// exporter's module.
package e2e
