package main

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"

	"datahub_exporter/internal/cli"
)

//go:embed templates
var templates embed.FS

// names are the names of the files, each of which has a template.
var names = []string{"datahub_exporter.1", "datahub_exporter.bash", "datahub_exporter.zsh", "datahub_exporter.fish"}

// render returns the text of each file by its name.
func render() (map[string]string, error) {
	shapes, err := template.New("").Funcs(template.FuncMap{
		"roff": roff, "quote": quote, "bracket": bracket,
		"words": words, "file": namesFile, "repeatable": repeatable, "placeholder": placeholder,
	}).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	made := map[string]string{}
	for _, name := range names {
		var text strings.Builder
		if err := shapes.ExecuteTemplate(&text, name+".tmpl", cli.Flags()); err != nil {
			return nil, fmt.Errorf("make %s: %w", name, err)
		}
		made[name] = text.String()
	}
	return made, nil
}

// placeholder returns the placeholder for the value of a flag: the flag's own, its
// default, or the last word of its name.
func placeholder(flag *kingpin.FlagModel) string {
	if flag.PlaceHolder != "" {
		return flag.PlaceHolder
	}
	if len(flag.Default) > 0 && flag.Default[0] != "" {
		return flag.Default[0]
	}
	return strings.ToUpper(flag.Name[strings.LastIndex(flag.Name, ".")+1:])
}

// words returns the values of a flag that takes one of a few words, separated by
// spaces.
func words(flag *kingpin.FlagModel) string {
	return strings.Join(map[string][]string{
		"check.format":  {cli.TableFormat, cli.JSONFormat},
		"log.level":     promslog.LevelFlagOptions,
		"log.format":    promslog.FormatFlagOptions,
		"otlp.protocol": {"grpc", "http/protobuf"},
	}[flag.Name], " ")
}

// namesFile reports whether the value of a flag is a path.
func namesFile(flag *kingpin.FlagModel) bool {
	return flag.Name == "conf" || flag.PlaceHolder == "DIR" || strings.HasSuffix(flag.Name, ".file")
}

// repeatable reports whether a flag may be given more than once.
func repeatable(flag *kingpin.FlagModel) bool {
	value, ok := flag.Value.(interface{ IsCumulative() bool })
	return ok && value.IsCumulative()
}

// roff escapes a text for a line of a manual page.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`).Replace(text)
}

// quote quotes a text for a shell, in single quotes.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}

// bracket escapes a text for the help of zsh's _arguments, within single quotes.
func bracket(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`, "'", `'\''`).Replace(text)
}
