// Package credential holds the credential of an account, in each of the ways that
// there are: keys of the configuration file, files, variables, the SDK's profile
// file, the role of a virtual machine or of a Kubernetes pod, and a role assumed
// with any of these.
//
// The SDK's own providers make their calls without a context or a limit, hold a
// lock meanwhile, and renew a credential only once it has expired. A Renewer
// renews ahead of that, within a time, and hands out what is valid now.
//
// The package must not know what a credential is used for. It makes no connection
// of its own: its user gives it an Exchange.
package credential
