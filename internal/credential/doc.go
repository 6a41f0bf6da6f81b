// Package credential provides the credential of an account, from any supported
// source: keys in the configuration file, files, variables, the SDK's profile file,
// the role of a virtual machine or of a Kubernetes pod, and a role assumed with any
// of these.
//
// The SDK's own providers make their calls without a context or a limit, hold a
// lock meanwhile, and renew a credential only once it has expired. A Renewer renews
// it earlier, within a time limit, and hands out what is valid now.
//
// The package must not know what a credential is used for. It makes no connections
// itself: its user supplies a transport.
package credential
