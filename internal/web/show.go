package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"datahub_exporter/internal/status"
	"datahub_exporter/source"
)

// maxLinks is how many links of an item are shown; a link to a search leads to the
// rest.
const maxLinks = 10

// maxText is how many characters of a text are shown: all of the longest message in
// the status, and more of a name or an ID than the API allows.
const maxText = 1024

// Text returns foreign text as it may appear on the page: characters that are
// invisible and could change how the rest looks, such as marks that reverse the
// direction of writing, become replacement characters.
func (v *view) Text(text string) string {
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText-1]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return utf8.RuneError
		}
		return r
	}, text)
}

// either returns the text in the page's language.
func (v *view) either(english, chinese string) string {
	if v.Words.Tag == "en" {
		return english
	}
	return chinese
}

// StateWords returns the words for the state of an item or a link.
func (v *view) StateWords(name, chinese string) string {
	return v.either(strings.ReplaceAll(name, "_", " "), chinese)
}

// CodeWords returns the words for the API's code of an item that is not running.
func (v *view) CodeWords(item *status.Item) string {
	switch {
	case item.Condition == source.Running:
		return ""
	case item.Status == nil:
		return v.Words.Unread
	}
	return fmt.Sprintf(v.Words.Code, *item.Status)
}

// ReasonWords returns the words for a reason.
func (v *view) ReasonWords(reason *status.Reason) string {
	return v.either(strings.ReplaceAll(reason.Word, "_", " "), cmp.Or(v.Words.Reasons[reason.Word], reason.Word))
}

// RemedyOf says what to do about a reason.
func (v *view) RemedyOf(reason *status.Reason) string {
	return v.either(reason.Remedy, reason.RemedyChinese)
}

// KindWords says what an item is.
func (v *view) KindWords(item *status.Item) string {
	words := []string{v.Words.Kinds[item.Kind]}
	if item.Kind == status.Connection {
		return strings.Join(append(words, present(item.Type)...), " ")
	}
	if item.Source != nil && item.Target != nil {
		words = append(words, present(item.Source.Type+" → "+item.Target.Type)...)
	}
	return strings.Join(words, " ")
}

func present(text string) []string {
	if text == "" || text == " → " {
		return nil
	}
	return []string{text}
}

// LinkName names what a link leads to.
func (v *view) LinkName(link status.Link) string { return v.Text(cmp.Or(link.Name, link.ID)) }

// Linked reports whether an item has links.
func (v *view) Linked(item *status.Item) bool { return len(item.Connections)+len(item.Tasks) > 0 }

// LinkedHead says what the links of an item are, because a narrow page has no
// column heads.
func (v *view) LinkedHead(item *status.Item) string {
	if item.Kind == status.Task {
		return v.Words.Behind
	}
	return v.Words.Ahead
}

// Shown returns the tasks behind a connection that are shown: for a running
// connection, only those that are not running.
func (v *view) Shown(item *status.Item) []status.Link {
	tasks := item.Tasks
	if item.Condition == source.Running {
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(task status.Link) bool { return !v.Worrying(task) })
	}
	return tasks[:min(len(tasks), maxLinks)]
}

// Hidden says how many tasks behind a connection that is not running are not shown,
// or nothing if all are.
func (v *view) Hidden(item *status.Item) string {
	if item.Condition == source.Running || len(item.Tasks) <= maxLinks {
		return ""
	}
	return fmt.Sprintf(v.Words.More, len(item.Tasks)-maxLinks)
}

// Worrying reports whether a link is to something that is not running.
func (v *view) Worrying(link status.Link) bool { return link.Condition != source.Running }

// TasksHead counts the tasks behind a connection.
func (v *view) TasksHead(item *status.Item) string {
	return fmt.Sprintf(v.Words.TasksOf, len(item.Tasks))
}

// Age says how long ago a time was.
func (v *view) Age(at time.Time) string { return v.age(at) }

// Machine formats a time for the script.
func (v *view) Machine(at time.Time) string { return at.Format(time.RFC3339) }

// Clock formats a time for people whose browser runs no script.
func (v *view) Clock(at time.Time) string { return at.Format("2006-01-02 15:04 UTC") }

// age returns how long ago a time was, in its one or two largest units.
func (v *view) age(at time.Time) string {
	age := max(v.Now.Sub(at), 0)
	hours, minutes := int(age.Hours()), int(age.Minutes())
	switch {
	case minutes < 1:
		return fmt.Sprintf(v.Words.Seconds, int(age.Seconds()))
	case hours < 1:
		return fmt.Sprintf(v.Words.Minutes, minutes)
	case hours < 24:
		return fmt.Sprintf(v.Words.Hours, hours, minutes%60)
	}
	return fmt.Sprintf(v.Words.Days, hours/24, hours%24)
}
