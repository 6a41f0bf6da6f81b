package config

import (
	"fmt"
	"regexp"
	"strings"
)

// A setting is one line "key = value" with known section and key.
type setting struct {
	section, key string
	// empty marks "key = ; comment", whose value the ini library takes for
	// "; comment".
	empty bool
	// inlineComment marks a value with a '#' or ';' that has no space before it.
	// These are part of the value, but may have been meant to begin a comment.
	inlineComment bool
}

var (
	// emptyValue matches " ; comment" after the "=", but not ";value".
	emptyValue = regexp.MustCompile(`^\s+[#;]`)
	// inlineComment matches "value#comment", but neither "value # comment" nor a
	// quoted value, whose end is clear.
	inlineComment = regexp.MustCompile(`^(\s*[^\s"'#;]([^#;]*[^ #;])?)?[#;]`)
	// block matches a value for which the library would read the following lines.
	block = regexp.MustCompile("^\\s*(`|\"\"\")")
	// plainName is too short for a SecretKey (32 characters) and a SecretId (36).
	plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,23}$`)
)

// A scanner reads the lines once, as the ini library splits and trims them. It
// refuses what the library would understand differently from the author (values
// over several lines, text after a section's header, duplicate names), and what the
// library would refuse with an error that contains the whole line, credentials
// included.
type scanner struct {
	sections []string
	settings []setting
	headers  map[string]header // by section in lower case
	keys     map[string]int    // of the current section: key -> line
	skips    bool              // the rest of the section, which may be no settings
}

// header is where a section begins, and how it is written there.
type header struct {
	name string
	line int
}

func scan(text string) (scanner, error) {
	s := scanner{headers: map[string]header{}}
	var failures []error
	number := 0
	for line := range strings.Lines(text) {
		number++
		failures = append(failures, s.line(number, strings.TrimSpace(line)))
	}
	return s, joined(failures...)
}

func (s *scanner) line(number int, line string) error {
	switch {
	case line == "" || isComment(line):
		return nil
	case strings.HasPrefix(line, "["):
		err := s.header(number, line)
		s.skips = err != nil
		return err
	case s.skips:
		return nil
	default:
		return s.assignment(number, line)
	}
}

func (s *scanner) header(number int, line string) error {
	// The library ends a header at the last bracket and ignores what follows.
	end := strings.LastIndex(line, "]")
	if end < 0 {
		return fmt.Errorf("line %d: section has no closing bracket; write it as [common]", number)
	}
	name, rest := line[1:end], strings.TrimSpace(line[end+1:])
	if strings.ContainsAny(name, "[]") || rest != "" && !isComment(rest) {
		return fmt.Errorf("line %d: unexpected text after the section header; move it to the next line, and a comment too if it has brackets", number)
	}
	if !isKnownSection(name) {
		return fmt.Errorf("line %d: %w", number, unknownSection(name))
	}
	// Names that differ only in case would be two series, but look like one account
	// to a reader.
	lower := strings.ToLower(name)
	switch first, found := s.headers[lower]; {
	case found && first.name != name:
		return fmt.Errorf("line %d: section [%s] differs from [%s] on line %d only in case; rename one, or merge them",
			number, name, first.name, first.line)
	case found:
		return fmt.Errorf("line %d: section [%s] is given twice, first on line %d; merge them", number, name, first.line)
	}
	s.headers[lower], s.keys = header{name, number}, map[string]int{}
	s.sections = append(s.sections, name)
	return nil
}

func (s *scanner) assignment(number int, line string) error {
	key, value, found := strings.Cut(line, "=")
	key = strings.TrimSpace(key)
	switch {
	case !found:
		return fmt.Errorf("line %d: has no = and is neither a [section] nor a comment; write key = value", number)
	case len(s.sections) == 0:
		s.skips = true
		return fmt.Errorf("line %d: key%s is outside any section; write [common] above it", number, shown(key))
	}
	section := s.sections[len(s.sections)-1]
	if !isKnownKey(section, key) {
		return fmt.Errorf("line %d: %w", number, unknownKey(section, key))
	}
	if first, found := s.keys[key]; found {
		return inKey(section, key, fmt.Errorf("is given twice, on lines %d and %d; keep one", first, number))
	}
	if block.MatchString(value) {
		s.skips = true
		return inKey(section, key, fmt.Errorf("opens on line %d with a backtick or three quotes, like a value of several lines; write it bare, or in one pair of quotes", number))
	}
	s.keys[key] = number
	s.settings = append(s.settings, setting{section, key, emptyValue.MatchString(value), inlineComment.MatchString(value)})
	return nil
}

func isComment(text string) bool {
	return strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";")
}

// shown returns name quoted, after a space, or nothing if it may be a credential that
// was put where a name belongs.
func shown(name string) string {
	if !plainName.MatchString(name) {
		return ""
	}
	return fmt.Sprintf(" %q", name)
}
