package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
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
