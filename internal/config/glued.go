package config

import (
	"errors"
	"fmt"
	"slices"
)

// gluedWarnings returns warnings about credentials that may end with a comment: the
// cloud would refuse such a credential without saying why. This is not an error,
// because only the cloud knows what a credential may contain. A warning does not
// repeat the value.
func gluedWarnings(path string, settings []setting) []string {
	glued := errors.New("holds # or ; without a space before it, which makes it a part of the value; " +
		"put a space before it if a comment begins there, or else quotes around the value")
	var warnings []string
	for _, setting := range settings {
		if setting.glued && slices.Contains([]string{secretIDName, secretKeyName, tokenName}, setting.key) {
			warnings = append(warnings, fmt.Sprintf("configuration %s: %v", path, inKey(setting.section, setting.key, glued)))
		}
	}
	return warnings
}
