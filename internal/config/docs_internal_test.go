package config

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/otlp"
)

const document = "../../docs/configuration.md"

// sectionsOfTables has the headings under which the document describes the keys of
// each section.
var sectionsOfTables = map[string]string{commonName: "### [common] and [account.NAME]", otlpName: "### [otlp]"}

// The document has every key of each section, and no other, with its default, an
// example that is accepted, and a value that is refused with its error.
func TestKeysAreDocumented(t *testing.T) {
	for section, heading := range sectionsOfTables {
		tables := tablesUnder(t, heading)
		keys, refused := map[string]bool{}, map[string]bool{}
		for _, row := range tables["key"] {
			key, standard, example := code(row[0]), code(row[1]), code(row[2])
			keys[key] = true
			if duration, err := time.ParseDuration(standard); err == nil {
				standard = duration.String()
			}
			if want := defaults(t)[key]; want != standard {
				t.Errorf("[%s] %s: want the default %q, the document has %q", section, key, want, standard)
			}
			if err := loadLine(t, section, key, example); err != nil {
				t.Errorf("[%s] %s: the example %q is refused: %v", section, key, example, err)
			}
		}
		for _, row := range tables["refused"] {
			line, message := code(row[0]), code(row[1])
			key, _, _ := strings.Cut(line, " ")
			refused[key] = true
			err := loadLine(t, section, key, line)
			if err == nil || !strings.HasSuffix(err.Error(), message) || message == "" {
				t.Errorf("[%s] %s: want an error that ends with\n%s\nhave\n%v", section, line, message, err)
			}
		}
		known := map[string]bool{}
		for _, key := range keyNames(section) {
			known[key] = true
		}
		if diff := cmp.Diff(known, keys); diff != "" {
			t.Errorf("[%s] keys (-known +documented):\n%s", section, diff)
		}
		if diff := cmp.Diff(known, refused); diff != "" {
			t.Errorf("[%s] keys with an error (-known +documented):\n%s", section, diff)
		}
	}
}

// defaults returns the value that counts if a key is missing, "" for none.
func defaults(t *testing.T) map[string]string {
	t.Helper()
	settings, err := otlp.Resolve(otlp.Flags{Endpoint: "http://127.0.0.1"}, &otlp.Options{}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		roleDurationName: credential.DefaultDuration.String(), intervalName: settings.Interval.String(),
		timeoutName: settings.Timeout.String(), compressionName: "none", protocolName: settings.Protocol, logsName: strconv.FormatBool(settings.Logs),
	}
}

// loadLine returns the error of a file whose section has the line and everything else
// that its key needs, and of the push that the file configures. A path that begins
// with /run need not exist.
func loadLine(t *testing.T, section, key, line string) error {
	t.Helper()
	lines := map[string]string{regionName: "region = ap-guangzhou"}
	switch {
	case section == otlpName && strings.HasSuffix(key, "_file"):
		lines = map[string]string{endpointName: "endpoint = https://127.0.0.1:4317"}
		if key == certFileName {
			lines[keyFileName] = "key_file = /nowhere/client.key"
		}
	case section == otlpName:
		lines = map[string]string{endpointName: "endpoint = http://127.0.0.1:4317"}
	case strings.HasSuffix(key, "_file"):
		lines[secretIDFileName], lines[secretKeyFileName] = "secret_id_file = /run/secrets/id", "secret_key_file = /run/secrets/key"
	default:
		lines[secretIDName], lines[secretKeyName] = "secret_id = AKIDhush", "secret_key = hushhush"
	}
	if key == externalIDName || key == roleDurationName {
		lines[roleName] = "role_arn = qcs::cam::uin/100000000001:roleName/monitor"
	}
	lines[key] = line
	text := "[" + section + "]\n" + strings.Join(slices.Sorted(maps.Values(lines)), "\n") + "\n"
	if section == otlpName {
		text += "[common]\nregion = ap-guangzhou\nsecret_id = AKIDhush\nsecret_key = hushhush\n"
	}
	path := filepath.Join(t.TempDir(), "exporter.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(t.Context(), path)
	if err != nil || strings.Contains(line, "= /run/") {
		return err
	}
	settings, err := otlp.Resolve(otlp.Flags{}, loaded.OTLP, func(string) string { return "" })
	if err == nil && settings != nil {
		_, err = otlp.New(t.Context(), settings, nil, slog.New(slog.DiscardHandler))
	}
	return err
}

// tablesUnder returns the rows of the document's tables under a heading, by the
// first word of the table's header.
func tablesUnder(t *testing.T, heading string) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	if end := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(chapter); end != nil {
		chapter = chapter[:end[0]]
	}
	tables, head := map[string][][]string{}, ""
	for line := range strings.Lines(chapter) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			head = ""
		case head == "":
			head = strings.TrimSpace(cells[0])
		case !strings.HasPrefix(line, "|--"):
			tables[head] = append(tables[head], cells)
		}
	}
	return tables
}

// code returns the text in backticks in a cell, or nothing.
func code(cell string) string {
	_, rest, _ := strings.Cut(cell, "`")
	text, _, _ := strings.Cut(rest, "`")
	return text
}
