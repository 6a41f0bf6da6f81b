package config

import (
	"fmt"
	"slices"
	"strings"
)

// The names that a file may have.
const (
	commonName = "common"

	secretIDName  = "secret_id"
	secretKeyName = "secret_key"
	tokenName     = "token"
	regionName    = "region"
	endpointName  = "endpoint"

	otlpName        = "otlp"
	intervalName    = "interval"
	timeoutName     = "timeout"
	headersName     = "headers"
	caFileName      = "ca_file"
	certFileName    = "cert_file"
	keyFileName     = "key_file"
	compressionName = "compression"
)

func sectionNames() []string { return []string{commonName, otlpName} }

// keyNames returns the keys of a known section.
func keyNames(section string) []string {
	switch section {
	case commonName:
		return []string{secretIDName, secretKeyName, tokenName, regionName, endpointName}
	case otlpName:
		return []string{
			endpointName, intervalName, timeoutName, headersName, caFileName, certFileName, keyFileName, compressionName,
		}
	}
	return nil
}

func isKnownSection(name string) bool { return slices.Contains(sectionNames(), name) }

func isKnownKey(section, name string) bool { return slices.Contains(keyNames(section), name) }

func unknownSection(name string) error {
	if near := nearest(name, sectionNames()); near != "" {
		return fmt.Errorf("unknown section%s; did you mean [%s]?", shown(name), near)
	}
	return fmt.Errorf("unknown section%s; remove it, or write one of: [%s]", shown(name), strings.Join(sectionNames(), "], ["))
}

func unknownKey(section, name string) error {
	if near := nearest(name, keyNames(section)); near != "" {
		return fmt.Errorf("unknown key%s in [%s]; did you mean %q?", shown(name), section, near)
	}
	return fmt.Errorf("unknown key%s in [%s]; remove it, or write one of: %s", shown(name), section, strings.Join(keyNames(section), ", "))
}

// nearest returns the known name that is the fewest edits away from name, or
// "" if even that is no likely slip of the pen: more than a third of it differs.
func nearest(name string, known []string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	best, fewest := "", len(name)
	for _, candidate := range known {
		edits := editDistance(name, candidate)
		if edits < fewest && edits <= max(1, len(candidate)/3) {
			best, fewest = candidate, edits
		}
	}
	return best
}

// editDistance is Levenshtein's, in bytes. Names that differ by more than the
// length of b in length alone are not looked at closer.
func editDistance(a, b string) int {
	if len(a) > 2*len(b) {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substituted := diagonal
			if a[i] != b[j] {
				substituted++
			}
			diagonal = row[j+1]
			row[j+1] = min(substituted, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
