// Package packaging tests what users install: the systemd units, the packages, the
// container image, the manual page and the release files, each as read by the
// program that consumes it.
//
// It is a separate module, so that the dependencies of the tests and of the small
// programs in its folders do not burden the exporter's module.
package packaging
