// Package e2e holds the end-to-end tests: the exporter as its users run it, with
// real Prometheus servers, a real OpenTelemetry Collector and a real Chromium, on a
// simulated cloud. Kafka alone is a stand-in. make e2e in the top folder fetches the
// programs and runs the tests.
//
// It is a module of its own, so that what the tests need is no burden on the
// exporter's.
package e2e
