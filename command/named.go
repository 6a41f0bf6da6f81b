package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
)

// A named value names its flag where it cannot be read: kingpin itself returns
// what the parser of the value says, which knows of no flag.
type named struct {
	kingpin.Value
	flag string
	form string // of what can be read
}

// Set reads the text, or says what the flag takes.
func (n named) Set(text string) error {
	if err := n.Value.Set(text); err != nil {
		return fmt.Errorf("--%s is %s; write %s", n.flag, shown(text), n.form)
	}
	return nil
}

// nameInErrors makes a named value of each flag whose text may be unreadable.
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

// shown quotes a value that is short enough to be read.
func shown(text string) string {
	if len(text) > 64 {
		return fmt.Sprintf("a value of %d bytes", len(text))
	}
	return strconv.Quote(text)
}
