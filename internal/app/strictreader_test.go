package app

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A dialect is a text format of an exposition.
type dialect struct {
	// metadata are the comments that are more than that.
	metadata []string
	// suffixes are those of a type's samples.
	suffixes map[string][]string
	// help is what follows "# HELP name ".
	help *regexp.Regexp
	// end is the last line, if there has to be one.
	end string
	// clashes is whether a family takes its own name and those of all its samples
	// away from other families.
	clashes bool
}

// The dialects: version 0.0.4 of the Prometheus text format, and OpenMetrics 1.0.
var (
	plainText = dialect{
		metadata: []string{"HELP", "TYPE"},
		suffixes: map[string][]string{
			"counter": {""}, "gauge": {""}, "untyped": {""},
			"histogram": {"_bucket", "_sum", "_count"}, "summary": {"", "_sum", "_count"},
		},
		help: regexp.MustCompile(`^(?:[^\\]|\\[\\n])*$`),
	}
	openMetrics = dialect{
		metadata: []string{"HELP", "TYPE", "UNIT"},
		suffixes: map[string][]string{
			"counter": {"_total", "_created"}, "gauge": {""}, "unknown": {""}, "info": {"_info"},
			"histogram": {"_bucket", "_sum", "_count", "_created"}, "summary": {"", "_sum", "_count", "_created"},
		},
		help:    regexp.MustCompile(`^(?:[^\\"]|\\[\\n"])*$`),
		end:     "# EOF\n",
		clashes: true,
	}
)

var (
	metadataLine = regexp.MustCompile(`^# ([A-Z]+) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$`)
	sampleLine   = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	labelPair    = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\n"])*)"(?:,|$)`)
	number       = regexp.MustCompile(`^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$`)
)

// A strictReader reads an exposition by the letter of its format. It also refuses what
// the formats allow and the exporter never has: timestamps, exemplars, other comments,
// families without a type, sets of states, and names in quotes.
type strictReader struct {
	dialect
	family   *strictFamily
	families map[string]bool
	names    map[string]string // of samples, and the families that they belong to
	series   map[string]float64
}

type strictFamily struct {
	name     string
	metadata map[string]string
	groups   map[string]bool // the labels without le and quantile
	group    *strictGroup
}

// A strictGroup is one histogram or summary, or the one sample of another type.
type strictGroup struct {
	labels  string
	samples map[string]float64 // by suffix; that of the last bucket
	bound   float64            // of the last bucket
}

// readStrictly returns the values of all series by their names and sorted labels.
func readStrictly(body string, d dialect) (map[string]float64, error) {
	r := &strictReader{dialect: d, families: map[string]bool{}, names: map[string]string{}, series: map[string]float64{}}
	body, ended := strings.CutSuffix(body, d.end)
	switch {
	case !ended:
		return nil, fmt.Errorf("does not end with %q", d.end)
	case !utf8.ValidString(body):
		return nil, errors.New("is not UTF-8")
	}
	for line := range strings.Lines(body) {
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
	}
	return r.series, r.endFamily()
}

func (r *strictReader) line(line string) error {
	line, ended := strings.CutSuffix(line, "\n")
	switch {
	case !ended:
		return errors.New("no line feed at its end")
	case strings.HasPrefix(line, "#"):
		return r.comment(line)
	}
	return r.sample(line)
}

func (r *strictReader) comment(line string) error {
	parts := metadataLine.FindStringSubmatch(line)
	if parts == nil || !slices.Contains(r.metadata, parts[1]) {
		return errors.New("no metadata")
	}
	keyword, name, text := parts[1], parts[2], parts[3]
	if r.family == nil || r.family.name != name {
		if err := r.endFamily(); err != nil {
			return err
		}
		if r.families[name] {
			return errors.New("a second family of this name")
		}
		r.families[name] = true
		r.family = &strictFamily{name: name, metadata: map[string]string{}, groups: map[string]bool{}}
	}
	_, twice := r.family.metadata[keyword]
	switch {
	case twice:
		return errors.New("metadata twice")
	case r.family.group != nil:
		return errors.New("metadata behind samples")
	case keyword == "HELP" && !r.help.MatchString(text):
		return errors.New("a wrong escape")
	case keyword == "TYPE" && r.suffixes[text] == nil:
		return errors.New("no type")
	case keyword == "UNIT" && !strings.HasSuffix(name, "_"+text):
		return errors.New("the name does not end in the unit")
	}
	r.family.metadata[keyword] = text
	return nil
}

func (r *strictReader) sample(line string) error {
	parts := sampleLine.FindStringSubmatch(line)
	if parts == nil {
		return errors.New("no sample")
	}
	if r.family == nil || !strings.HasPrefix(parts[1], r.family.name) {
		return errors.New("a sample outside its family")
	}
	suffix, kind := strings.TrimPrefix(parts[1], r.family.name), r.family.metadata["TYPE"]
	if !slices.Contains(r.suffixes[kind], suffix) {
		return fmt.Errorf("no sample of the type %q", kind)
	}
	if !number.MatchString(parts[3]) {
		return errors.New("no number")
	}
	value, err := strconv.ParseFloat(parts[3], 64)
	if err != nil {
		return err
	}
	all, rest, special, err := labelsOfLine(parts[2], kind, suffix)
	if err != nil {
		return err
	}
	key := parts[1] + "{" + all + "}"
	if _, twice := r.series[key]; twice {
		return errors.New("a second series with these labels")
	}
	r.series[key] = value
	return r.family.add(kind, suffix, rest, special, value)
}

// labelsOfLine returns the sorted labels, those of the group, and the label that tells
// the samples of a group apart.
func labelsOfLine(text, kind, suffix string) (all, group, special string, err error) {
	var pairs, rest []string
	names := map[string]bool{}
	own := map[string]string{"histogram_bucket": "le", "summary": "quantile"}[kind+suffix]
	for text != "" {
		pair := labelPair.FindStringSubmatch(text)
		switch {
		case pair == nil:
			return "", "", "", errors.New("no label")
		case names[pair[1]]:
			return "", "", "", errors.New("a label twice")
		case strings.HasPrefix(pair[1], "__"):
			return "", "", "", errors.New("a reserved label")
		}
		names[pair[1]] = true
		if text = text[len(pair[0]):]; text == "" && strings.HasSuffix(pair[0], ",") {
			return "", "", "", errors.New("a comma at the end")
		}
		if pair[1] == own {
			special = pair[2]
		} else if pair[2] != "" { // an empty label is a missing one
			rest = append(rest, pair[1]+`="`+pair[2]+`"`)
		}
		if pair[2] != "" {
			pairs = append(pairs, pair[1]+`="`+pair[2]+`"`)
		}
	}
	if own != "" && special == "" {
		return "", "", "", fmt.Errorf("no label %s", own)
	}
	slices.Sort(pairs)
	slices.Sort(rest)
	return strings.Join(pairs, ","), strings.Join(rest, ","), special, nil
}

// add adds a sample to its group and checks its value.
func (f *strictFamily) add(kind, suffix, labels, special string, value float64) error {
	if f.group == nil || f.group.labels != labels {
		if err := f.group.end(kind); err != nil {
			return err
		}
		if f.groups[labels] {
			return errors.New("a group that is not in one place")
		}
		f.groups[labels] = true
		f.group = &strictGroup{labels: labels, samples: map[string]float64{}, bound: math.Inf(-1)}
	}
	before := f.group.samples[suffix]
	f.group.samples[suffix] = value
	switch {
	case kind == "info" && value != 1, (kind == "counter" || suffix == "_count") && !(value >= 0):
		return fmt.Errorf("a value that no %s has", kind)
	case special != "":
		bound, err := strconv.ParseFloat(special, 64)
		if err != nil || kind == "summary" && !(bound >= 0 && bound <= 1) {
			return errors.New("no bound")
		}
		if suffix == "_bucket" && (bound <= f.group.bound || value < before) {
			return errors.New("a bucket out of order")
		}
		f.group.bound = bound
	}
	return nil
}

// end checks a group that is complete.
func (g *strictGroup) end(kind string) error {
	if g == nil || kind != "histogram" {
		return nil
	}
	count, counted := g.samples["_count"]
	_, summed := g.samples["_sum"]
	if !counted || !summed || !math.IsInf(g.bound, 1) || count != g.samples["_bucket"] {
		return errors.New("a histogram before it lacks its count, its sum or its last bucket")
	}
	return nil
}

// endFamily checks a family that is complete, and that no other has its names.
func (r *strictReader) endFamily() error {
	family := r.family
	if family == nil {
		return nil
	}
	kind := family.metadata["TYPE"]
	suffixes, known := r.suffixes[kind]
	if !known {
		return fmt.Errorf("family %s has no type", family.name)
	}
	if r.clashes && !slices.Contains(suffixes, "") {
		suffixes = append([]string{""}, suffixes...)
	}
	for _, suffix := range suffixes {
		name := family.name + suffix
		if other, taken := r.names[name]; taken {
			return fmt.Errorf("families %s and %s both have the name %s", other, family.name, name)
		}
		r.names[name] = family.name
	}
	return family.group.end(kind)
}
