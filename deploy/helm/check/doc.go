// Package check holds the Helm chart and the plain manifests to what they promise:
// they are rendered and linted by Helm itself, decoded without leniency into the
// types of Kubernetes and of the Prometheus operator, and their flags and files are
// read by the exporter's own code.
//
// Whatever is made of something else (the chart's copies of the shipped files, the
// goldens, the plain manifests) is renewed by make chart.
package check
