// Package check tests the Helm chart and the plain manifests: Helm itself renders
// and lints them, they are strictly decoded into the types of Kubernetes and of the
// Prometheus operator, the operator's CRDs must leave them as they are, the lists of
// the others can be merged as by a server-side apply, and the exporter's own code reads
// their flags and files.
//
// make chart regenerates everything that is derived: the chart's copies of the
// shipped files, the golden files and the plain manifests.
package check
