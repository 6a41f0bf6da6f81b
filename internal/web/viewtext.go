package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"datahub_exporter/source"
)

// maxLinks is how many links of an item are shown; a link to a search leads to the
// rest.
const maxLinks = 10

// maxText is how many characters of a text are shown: all of the longest message in
// the status, and more of a name or an ID than the API allows.
const maxText = 1024

// Text returns text of the API as it may appear on the page: invisible characters that
// could change how the rest looks, such as marks that reverse the direction of writing,
// become replacement characters.
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

// Localized returns the text in the page's language.
func (v *view) Localized(english, chinese string) string {
	if v.Words.Tag == "en" {
		return english
	}
	return chinese
}

// Mark counts the failed items for the title, with a "?" while more may have failed.
func (v *view) Mark() string {
	var mark string
	if v.Summary.Failed > 0 {
		mark = strconv.Itoa(v.Summary.Failed)
	}
	if !v.AllUp || v.Summary.Unknown > 0 {
		mark += "?"
	}
	return mark
}

// Icon returns the icon of the tab, which counts the failed items, or has a "?" while
// nothing is known of some.
func (v *view) Icon() template.URL {
	switch failed := v.Summary.Failed; {
	case !v.AllUp, failed == 0 && v.Summary.Unknown > 0:
		return v.UnknownIcon()
	case failed > 99:
		return icon("#c62828", "99+")
	case failed > 0:
		return icon("#c62828", strconv.Itoa(failed))
	}
	return icon("#2e7d32", "")
}

// UnknownIcon returns the icon while not everything is known.
func (v *view) UnknownIcon() template.URL { return icon("#757575", "?") }

// icon returns an icon with a short text on a color.
func icon(color, text string) template.URL {
	const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='8' fill='%s'/>` +
		`<text x='8' y='12' text-anchor='middle' font-family='sans-serif' font-size='%d' font-weight='bold' fill='white'>%s</text></svg>`
	return template.URL("data:image/svg+xml," + url.PathEscape(fmt.Sprintf(svg, color, 13-2*len(text), text)))
}

// Number returns a number of items. None is a dash while not everything is known.
func (v *view) Number(count int) string {
	if count == 0 && !v.AllKnown {
		return "–"
	}
	return strconv.Itoa(count)
}

// Colon returns what stands between a label and a text.
func (v *view) Colon() string { return v.Localized(": ", "：") }

// StateText returns the words for the state of an item or a link.
func (v *view) StateText(name, chinese string) string {
	return v.Localized(strings.ReplaceAll(name, "_", " "), chinese)
}

// CodeText returns the words for the API's code of an item that is not running.
func (v *view) CodeText(item *Item) string {
	switch {
	case item.Condition == source.Running:
		return ""
	case item.Status == nil:
		return v.Words.NoStatus
	}
	return fmt.Sprintf(v.Words.Code, *item.Status)
}

// ReasonText returns the words for the word of a reason.
func (v *view) ReasonText(word string) string {
	return v.Localized(strings.ReplaceAll(word, "_", " "), cmp.Or(v.Words.Reasons[word], word))
}

// ConsumerText says how far a task has come.
func (v *view) ConsumerText(item *Item) string {
	consumer := item.Consumer
	switch {
	case consumer.NeverCommitted:
		return v.Words.NeverCommitted
	case item.Stalled():
		stalled := time.Duration(consumer.StalledSeconds * float64(time.Second))
		return fmt.Sprintf(v.Words.Stalled, v.Age(v.Now.Add(-stalled)), *consumer.Lag, consumer.StalledPartitions)
	}
	return fmt.Sprintf(v.Words.Lag, *consumer.Lag)
}

// KindText says what an item is, and the types of its ends.
func (v *view) KindText(item *Item) string {
	types := item.Type
	if item.isTask() {
		types = ""
		if item.Source != nil && item.Target != nil {
			types = strings.Trim(item.Source.Type+" → "+item.Target.Type, " →")
		}
	}
	return strings.TrimSpace(v.Localized("", chineseNames[item.Type]) + v.Words.Kinds[item.Kind] + " " + types)
}

// LinkName names what a link leads to.
func (v *view) LinkName(link Link) string { return v.Text(cmp.Or(link.Name, link.ID)) }

// ShownTasks returns the tasks that use a connection and are shown: the first, in the
// order of their conditions.
func (v *view) ShownTasks(item *Item) []Link {
	tasks := slices.Clone(item.Tasks)
	slices.SortStableFunc(tasks, func(a, b Link) int { return rank(a.Condition) - rank(b.Condition) })
	return tasks[:min(len(tasks), maxLinks)]
}

// Age returns how long ago a time was, in its one or two largest units.
func (v *view) Age(at time.Time) string { return v.duration(max(v.Now.Sub(at), 0)) }

func (v *view) duration(age time.Duration) string {
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
