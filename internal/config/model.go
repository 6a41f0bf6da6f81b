package config

import (
	"errors"

	"gopkg.in/ini.v1"
)

// A model is the file as written: section by section, with unchecked values.
type model struct {
	sections map[string]section
	order    []string // of the sections
	settings []setting
}

// A section has the values of the keys that are present, including empty ones.
type section struct {
	name   string
	values map[string]string
}

// parse returns the model of a text. The ini library reads the values; scan checks
// before that it understands the lines as their author does.
func parse(text string) (model, error) {
	scanned, err := scan(text)
	if err != nil {
		return model{}, err
	}
	file, err := ini.LoadSources(options(), []byte(text))
	if err != nil {
		// The library's errors repeat lines of the file, so they are dropped. After
		// scan, no known error is left.
		return model{}, errors.New("is not an ini file; write sections, and key = value in them")
	}
	parsed := model{sections: map[string]section{}, order: scanned.sections, settings: scanned.settings}
	for _, name := range scanned.sections {
		parsed.sections[name] = section{name: name, values: map[string]string{}}
	}
	for _, setting := range scanned.settings {
		value := ""
		if !setting.empty {
			// Key.String would replace %(name)s.
			value = file.Section(setting.section).Key(setting.key).Value()
		}
		parsed.sections[setting.section].values[setting.key] = value
	}
	return parsed, nil
}

// options make one line one key, and let a value contain '#', ';', ':', '%' and
// '\'.
func options() ini.LoadOptions {
	return ini.LoadOptions{
		SpaceBeforeInlineComment: true,
		IgnoreContinuation:       true,
		KeyValueDelimiters:       "=",
		// No section inherits another's keys because of a dot in its name: no name
		// contains a line break.
		ChildSectionDelimiter: "\n",
	}
}
