package config

import (
	"fmt"
	"io/fs"
	"slices"
)

// modeWarnings checks only regular files: the mode of a pipe means nothing.
func modeWarnings(path string, info fs.FileInfo) []string {
	own, modes := owner(info)
	if !modes || !info.Mode().IsRegular() {
		return nil
	}
	advice := modeAdvice(path, info.Mode().Perm(), own)
	if advice == "" {
		return nil
	}
	return []string{fmt.Sprintf("configuration %s holds credentials and has mode %04o, so others can read it; %s",
		path, info.Mode().Perm(), advice)}
}

// holdsSecrets reports whether the file has a key whose value others should not
// read. A key that only names files or roles is not secret.
func holdsSecrets(settings []setting) bool {
	secrets := []string{secretIDName, secretKeyName, tokenName, externalIDName, headersName}
	return slices.ContainsFunc(settings, func(s setting) bool { return slices.Contains(secrets, s.key) })
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
		return fmt.Sprintf("run chmod 600 %s, or where Kubernetes mounts it set defaultMode: 0400 for the volume", path)
	default:
		return fmt.Sprintf("let its owner give it to the exporter's group and run chmod 640 %s, or where Kubernetes mounts it "+
			"set defaultMode: 0440 for the volume and fsGroup for the pod", path)
	}
}
