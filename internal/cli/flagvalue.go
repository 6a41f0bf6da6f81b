package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"

	"datahub_exporter/source"
)

// A flagValue adds the name of its flag to parse errors: kingpin itself returns
// the error of the value's parser, which does not know the flag.
type flagValue struct {
	kingpin.Value
	flag string
	form string // what can be parsed
}

// Set parses the text, or returns an error that says what the flag accepts.
func (v flagValue) Set(text string) error {
	if err := v.Value.Set(text); err != nil {
		return fmt.Errorf("--%s is %s; write %s", v.flag, quoted(text), v.form)
	}
	return nil
}

// nameFlagsInErrors makes a flagValue of each flag whose text may be invalid.
func nameFlagsInErrors(app *kingpin.Application) {
	const duration, number = "a duration such as 8s or 1m30s", "a whole number such as 20"
	for flag, form := range map[string]string{
		timeoutFlag: duration, minIntervalFlag: duration, staleAfterFlag: duration, otlpIntervalFlag: duration, progressFlag: duration,
		qpsFlag:         number,
		checkFormatFlag: oneOf(checkFormats),
		"log.level":     oneOf(promslog.LevelFlagOptions),
		"log.format":    oneOf(promslog.FormatFlagOptions),
	} {
		clause := app.GetFlag(flag)
		clause.SetValue(flagValue{Value: clause.Model().Value, flag: flag, form: form})
	}
}

// tagsValue is a list of keys of tags, each of which has a label of its own.
type tagsValue []string

func (v *tagsValue) String() string { return strings.Join(*v, ",") }

// Set parses the list.
func (v *tagsValue) Set(text string) error {
	*v = nil
	keys := map[string]string{} // by label
	for key := range strings.SplitSeq(text, ",") {
		key = strings.TrimSpace(key)
		label := source.TagLabel(key)
		switch other, taken := keys[label]; {
		case key == "":
			return fmt.Errorf("--%s is %s; write the keys of tags, such as team,owner", tagsFlag, quoted(text))
		case taken:
			return fmt.Errorf("--%s: the keys %s and %s would both be the label %s; write only one of them", tagsFlag, quoted(other), quoted(key), label)
		}
		keys[label] = key
		*v = append(*v, key)
	}
	return nil
}

func oneOf(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// quoted quotes a value if it is not too long to read.
func quoted(text string) string {
	if len(text) > 64 {
		return fmt.Sprintf("a value of %d bytes", len(text))
	}
	return strconv.Quote(text)
}
