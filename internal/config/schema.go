package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The names that a file may have.
const (
	commonName = "common"

	accountPrefix = "account."

	secretIDName      = "secret_id"
	secretKeyName     = "secret_key"
	tokenName         = "token"
	secretIDFileName  = "secret_id_file"
	secretKeyFileName = "secret_key_file"
	tokenFileName     = "token_file"
	roleName          = "role_arn"
	externalIDName    = "external_id"
	roleDurationName  = "role_duration"
	stsEndpointName   = "sts_endpoint"
	regionName        = "region"
	endpointName      = "endpoint"

	otlpName        = "otlp"
	protocolName    = "protocol"
	intervalName    = "interval"
	timeoutName     = "timeout"
	headersName     = "headers"
	caFileName      = "ca_file"
	certFileName    = "cert_file"
	keyFileName     = "key_file"
	compressionName = "compression"
	logsName        = "logs"
)

func sectionNames() []string { return []string{commonName, otlpName} }

// keyNames returns the keys of a known section.
func keyNames(section string) []string {
	if section == otlpName {
		return []string{
			endpointName, protocolName, intervalName, timeoutName, headersName, caFileName, certFileName, keyFileName, compressionName, logsName,
		}
	}
	return append(credentialKeys(), roleName, externalIDName, roleDurationName, stsEndpointName, regionName, endpointName)
}

// credentialKeys returns the keys that belong together as one credential.
func credentialKeys() []string {
	return []string{secretIDName, secretKeyName, tokenName, secretIDFileName, secretKeyFileName, tokenFileName}
}

func isKnownSection(name string) bool {
	return isAccount(name) || slices.Contains(sectionNames(), name)
}

// isAccount reports whether a section is account.NAME with a valid name.
func isAccount(section string) bool {
	name, found := strings.CutPrefix(section, accountPrefix)
	return found && isAccountName(name)
}

// maxAccount is the maximum length of an account's name, in characters.
const maxAccount = 64

// isAccountName reports whether a name consists of characters that are clear in a
// label, a file and a log: letters of any script with their marks, digits, '.', '_'
// and '-'. A regular expression for these would take 3 MB.
func isAccountName(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return name != "" && !unicode.IsMark(first) && utf8.RuneCountInString(name) <= maxAccount &&
		strings.IndexFunc(name, func(character rune) bool {
			return !unicode.In(character, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("._-", character)
		}) < 0
}

func isKnownKey(section, name string) bool { return slices.Contains(keyNames(section), name) }

func unknownSection(name string) error {
	const account = accountPrefix + "NAME"
	if strings.HasPrefix(name, accountPrefix) {
		return fmt.Errorf("section%s has no valid account name; write [%s], where NAME is 1 to 64 letters, digits, '.', '_' or '-'",
			shown(name), account)
	}
	first, _, _ := strings.Cut(name, ".")
	near := nearest(name, sectionNames())
	if nearest(first+".", []string{accountPrefix}) != "" {
		near = account
	}
	if near != "" {
		return fmt.Errorf("unknown section%s; did you mean [%s]?", shown(name), near)
	}
	return fmt.Errorf("unknown section%s; remove it, or write one of: [%s], [%s], [%s]", shown(name), commonName, account, otlpName)
}

func unknownKey(section, name string) error {
	if near := nearest(name, keyNames(section)); near != "" {
		return fmt.Errorf("unknown key%s in [%s]; did you mean %q?", shown(name), section, near)
	}
	return fmt.Errorf("unknown key%s in [%s]; remove it, or write one of: %s", shown(name), section, strings.Join(keyNames(section), ", "))
}

// nearest returns the known name that is the fewest edits away from name, or "" if
// even that one is not a likely typo: more than a third of it differs.
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

// editDistance returns the Levenshtein distance in bytes. If a is more than twice
// as long as b, it returns the length of a instead.
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
