package app

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"datahub_exporter/source"
)

// texts returns the documents by path, except the changelog, which mentions removed
// names.
func texts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"README*.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md", "deploy/*/*/*.md"} {
		paths, err := fs.Glob(os.DirFS(project), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			texts[path] = document(t, path)
		}
	}
	if len(texts) < 10 {
		t.Fatalf("want ten documents at least, have %d", len(texts))
	}
	return texts
}

var (
	flagName = regexp.MustCompile(`--[a-z][a-z.-]*[a-z]`)
	// ours matches flags of this program in a document: a code span that begins
	// with one, or a command with this program.
	ours = regexp.MustCompile("`(--[a-z][^`]*)`|(?:\\./datahub_exporter|`datahub_exporter|go run main\\.go)((?: +-[^ |`\\n]+)+)")
)

// notOurs matches flags in the documents that this program does not have: one of
// Prometheus, one of Helm, one of Docker, and a misspelled one next to the error that it
// causes.
var notOurs = regexp.MustCompile(`--web\.enable-otlp-receiver|--kube-version|--build-arg|(?m)^.*unknown long flag.*$`)

// Every flag in the documents exists.
func TestFlagsOfTheDocumentsExist(t *testing.T) {
	var help bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &help, &help); code != exitOK {
		t.Fatalf("--help: want 0, have %d", code)
	}
	known := map[string]bool{}
	for _, flag := range flagName.FindAllString(strings.ReplaceAll(help.String(), "--[no-]", "--"), -1) {
		known[flag] = true
	}
	seen := 0
	for path, text := range texts(t) {
		for _, match := range ours.FindAllStringSubmatch(notOurs.ReplaceAllString(text, ""), -1) {
			for _, flag := range flagName.FindAllString(match[1]+match[2], -1) {
				if seen++; !known[flag] {
					t.Errorf("%s: there is no flag %s, in %s", path, flag, match[0])
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("want a hundred flags at least, have %d", seen)
	}
}

var (
	alertRule  = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)
	seriesName = regexp.MustCompile(`\b(?:datahub_task|connect_resource|ckafka_(?:api|refresh)[a-z]*|datahub_exporter)_[a-z_]+\b`)
	// alertName skips the beginning of a name, as in CKafkaTask.*
	alertName = regexp.MustCompile(`\bCKafka[A-Z][A-Za-z]+\b[^.(A-Za-z]`)
	// partName matches a series of both kinds, as in `…_up`; keys of a file end
	// with _file.
	partName = regexp.MustCompile("…(_[a-z_]+)")
)

// Every series and every alert in the documents exists.
func TestSeriesAndAlertsOfTheDocumentsExist(t *testing.T) {
	known := alertsOfTheRules(t)
	for name := range documentedFamilies(t) {
		known[name] = true
	}
	for path, text := range texts(t) {
		for _, name := range seriesName.FindAllString(text, -1) {
			part := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !known[name] && !known[part] {
				t.Errorf("%s: there is no series or alert %s", path, name)
			}
		}
		for _, match := range alertName.FindAllString(text, -1) {
			if name := match[:len(match)-1]; !known[name] && !known[strings.TrimRight(match, "`|,;: )\n")] {
				t.Errorf("%s: there is no alert %s", path, name)
			}
		}
		for _, match := range partName.FindAllStringSubmatch(text, -1) {
			if match[1] != "_file" && !hasSuffix(known, match[1]) {
				t.Errorf("%s: no series ends with %s", path, match[1])
			}
		}
	}
}

func alertsOfTheRules(t *testing.T) map[string]bool {
	t.Helper()
	paths, err := fs.Glob(os.DirFS(project), "deploy/prometheus/rules*.yml")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, path := range paths {
		for _, match := range alertRule.FindAllStringSubmatch(document(t, path), -1) {
			known[match[1]] = true
		}
	}
	if len(known) < 30 {
		t.Fatalf("want thirty alerts at least, have %d", len(known))
	}
	return known
}

func hasSuffix(names map[string]bool, suffix string) bool {
	for name := range names {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// The documents give the same remedy for each class of failure as the log and the
// page.
func TestRemediesAreDocumented(t *testing.T) {
	english, chinese := document(t, "docs/troubleshooting.md"), document(t, "docs/zh-CN/troubleshooting.md")
	for _, class := range []source.Class{
		source.Throttled, source.Auth, source.Permission, source.Parameter, source.Server, source.Network, source.Timeout, source.Decode,
	} {
		remedy := (&source.Error{Class: class}).Remedy()
		for text, want := range map[string]string{english: remedy.English, chinese: remedy.Chinese} {
			row := regexp.MustCompile("(?m)^\\| `" + string(class) + "` \\| [^|]+ \\| (.+) \\|$").FindStringSubmatch(text)
			if row == nil || row[1] != want {
				t.Errorf("%s: want a row that ends with %q, have %q", class, want, row)
			}
		}
	}
}
