package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
)

// A named value adds the name of its flag to parse errors: kingpin itself returns
// the error of the value's parser, which does not know the flag.
type named struct {
	kingpin.Value
	flag string
	form string // what can be parsed
}

// Set parses the text, or returns an error that says what the flag accepts.
func (n named) Set(text string) error {
	if err := n.Value.Set(text); err != nil {
		return fmt.Errorf("--%s is %s; write %s", n.flag, shown(text), n.form)
	}
	return nil
}

// nameInErrors makes a named value of each flag whose text may be invalid.
func nameInErrors(app *kingpin.Application) {
	const duration, number = "a duration such as 8s or 1m30s", "a whole number such as 20"
	for flag, form := range map[string]string{
		timeoutFlag: duration, minIntervalFlag: duration, staleAfterFlag: duration, otlpIntervalFlag: duration,
		qpsFlag:         number,
		checkFormatFlag: oneOf(checkFormats),
		"log.level":     oneOf(promslog.LevelFlagOptions),
		"log.format":    oneOf(promslog.FormatFlagOptions),
	} {
		clause := app.GetFlag(flag)
		clause.SetValue(named{Value: clause.Model().Value, flag: flag, form: form})
	}
}

func oneOf(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// shown quotes a value if it is not too long to read.
func shown(text string) string {
	if len(text) > 64 {
		return fmt.Sprintf("a value of %d bytes", len(text))
	}
	return strconv.Quote(text)
}
