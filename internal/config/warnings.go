package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// modeWarnings returns a warning if others can read a file with a secret. Only
// regular files are checked: the mode of a pipe means nothing.
func (m model) modeWarnings(path string) []string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || !m.hasSecrets() {
		return nil
	}
	own, modes := owner(info)
	mode := info.Mode().Perm()
	advice := modeAdvice(path, mode, own)
	if !modes || advice == "" {
		return nil
	}
	return []string{fmt.Sprintf("configuration %s holds credentials and has mode %04o, so others can read it; %s", path, mode, advice)}
}

// hasSecrets reports whether the file has a key whose value others should not read.
// A key that only names files or roles is not secret.
func (m model) hasSecrets() bool {
	secrets := []string{secretIDName, secretKeyName, tokenName, externalIDName, headersName}
	return slices.ContainsFunc(m.settings, func(s setting) bool { return slices.Contains(secrets, s.key) })
}

// modeAdvice returns what to do about a mode, or nothing if it is as it should be.
// If the exporter does not own the file, it reads it through the group: the
// strictest mode of a Kubernetes secret for a container that is not root is 0440,
// and nothing in the container can change that.
func modeAdvice(path string, mode fs.FileMode, own bool) string {
	const group = 0o040
	switch {
	case mode&0o077 == 0, !own && mode&0o077 == group:
		return ""
	case own:
		return fmt.Sprintf("run chmod 600 %s, or, if Kubernetes mounts it, set defaultMode: 0400 for the volume", path)
	default:
		return fmt.Sprintf("have its owner assign it to the exporter's group and run chmod 640 %s, or, if Kubernetes mounts it, "+
			"set defaultMode: 0440 for the volume and fsGroup for the pod", path)
	}
}

// commentWarnings returns warnings about credentials that may end with a comment:
// the cloud would refuse such a credential without saying why. This is not an error,
// because only the cloud knows what a credential may contain. A warning does not
// repeat the value.
func (m model) commentWarnings(path string) []string {
	inline := errors.New("contains # or ; without a space before it, which makes it part of the value; " +
		"put a space before it if a comment begins there, or quotes around the value otherwise")
	var warnings []string
	for _, setting := range m.settings {
		if setting.inlineComment && slices.Contains([]string{secretIDName, secretKeyName, tokenName}, setting.key) {
			warnings = append(warnings, fmt.Sprintf("configuration %s: %v", path, inKey(setting.section, setting.key, inline)))
		}
	}
	return warnings
}

// clearWarnings returns a warning for each account whose calls cross a network in
// the clear. It does not repeat the endpoint.
func clearWarnings(accounts []Account) []string {
	var warnings []string
	for _, account := range accounts {
		if account.Credential.STS.InTheClear() {
			warnings = append(warnings, fmt.Sprintf("account %s has an http:// %s outside this machine: the credentials that it issues "+
				"cross the network in the clear; write https://", account.Name, stsEndpointName))
		}
		if account.Endpoint.InTheClear() {
			warnings = append(warnings, fmt.Sprintf("account %s has an http:// endpoint outside this machine: its session token, "+
				"its signed calls and the responses cross the network in the clear; write https:// in key %s", account.Name, endpointName))
		}
	}
	return warnings
}
