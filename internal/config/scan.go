package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// A setting is one line "key = value" with known section and key, its value not
// read yet.
type setting struct {
	section, key string
	// commentOnly marks "key = ; comment", for which the ini library would read the
	// value "; comment".
	commentOnly bool
	// glued marks an unquoted value with a '#' or ';' that has no space before it.
	// These are part of the value, but may have been meant to begin a comment.
	glued bool
}

// A scanner reads the lines once. It refuses what the ini library would understand
// differently from the author (values over several lines, text after a section's
// header, duplicate names), and what the library would refuse with an error that
// contains the whole line, credentials included.
type scanner struct {
	section string            // of the current line; "" before the first header
	headers map[string]header // by section in lower case
	lines   map[[2]string]int // section, key -> line
	scanned
}

// header is where a section begins, and how it is written there.
type header struct {
	line int
	name string
}

// scanned is what the lines contain: the sections and the settings, each once and
// in order.
type scanned struct {
	sections []string
	settings []setting
}

// scan reads a text. It splits and trims lines as the ini library does.
func scan(text string) (scanned, error) {
	s := scanner{headers: map[string]header{}, lines: map[[2]string]int{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if err := s.line(number, strings.TrimSpace(line)); err != nil {
			return scanned{}, err
		}
	}
	return s.scanned, nil
}

func (s *scanner) line(number int, line string) error {
	switch {
	case line == "" || isComment(line):
		return nil
	case strings.HasPrefix(line, "["):
		return s.header(number, line)
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
		return fmt.Errorf("line %d: something stands after the section; move it to the next line, and a comment too if it has brackets", number)
	}
	if !isKnownSection(name) {
		return fmt.Errorf("line %d: %w", number, unknownSection(name))
	}
	// Names that differ only in case would be two series, but look like one account
	// to a reader.
	lower := strings.ToLower(name)
	switch first, found := s.headers[lower]; {
	case found && first.name != name:
		return fmt.Errorf("line %d: section [%s] differs from [%s] on line %d by its case alone; name them apart, or make them one",
			number, name, first.name, first.line)
	case found:
		return fmt.Errorf("line %d: section [%s] is given twice, first on line %d; make them one", number, name, first.line)
	}
	s.section, s.headers[lower] = name, header{number, name}
	s.sections = append(s.sections, name)
	return nil
}

func (s *scanner) assignment(number int, line string) error {
	name, value, found := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	switch {
	case !found:
		return fmt.Errorf("line %d: has no = and is neither a [section] nor a comment; write key = value", number)
	case s.section == "":
		return fmt.Errorf("line %d: key%s is outside any section; write [common] above it", number, shown(name))
	case !isKnownKey(s.section, name):
		return fmt.Errorf("line %d: %w", number, unknownKey(s.section, name))
	}
	if first, found := s.lines[[2]string{s.section, name}]; found {
		return inKey(s.section, name, fmt.Errorf("is given twice, on lines %d and %d; keep one", first, number))
	}
	if opensBlock(value) {
		return inKey(s.section, name, fmt.Errorf("opens on line %d with a backtick or three quotes, as for several lines; write it bare, or in one pair of quotes", number))
	}
	s.lines[[2]string{s.section, name}] = number
	s.settings = append(s.settings, setting{section: s.section, key: name, commentOnly: isCommentOnly(value), glued: isGlued(value)})
	return nil
}

// opensBlock reports whether the library would look for the end of the value in the
// following lines.
func opensBlock(value string) bool {
	value = strings.TrimSpace(value)
	return strings.HasPrefix(value, "`") || strings.HasPrefix(value, `"""`)
}

// isCommentOnly distinguishes "key = ;comment" from "key =;value".
func isCommentOnly(value string) bool {
	rest := strings.TrimLeftFunc(value, unicode.IsSpace)
	return len(rest) < len(value) && isComment(rest)
}

// isGlued distinguishes "value#comment" from "value # comment" and from a quoted
// value, whose end is clear.
func isGlued(value string) bool {
	if isCommentOnly(value) {
		return false
	}
	bare := strings.TrimSpace(value)
	for _, comment := range []string{" #", " ;"} {
		bare, _, _ = strings.Cut(bare, comment)
	}
	return !strings.HasPrefix(bare, `"`) && !strings.HasPrefix(bare, "'") && strings.ContainsAny(bare, "#;")
}

func isComment(text string) bool {
	return strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";")
}

// plainName is too short for a SecretKey (32 characters) and a SecretId (36).
var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,23}$`)

// shown returns name quoted, after a space, or nothing: what is in the place of a
// name may be a credential, which no error may show.
func shown(name string) string {
	if !plainName.MatchString(name) {
		return ""
	}
	return fmt.Sprintf(" %q", name)
}
