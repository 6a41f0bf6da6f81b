package web

import (
	"fmt"
	"slices"
	"time"

	"datahub_exporter/source"
)

// failure is a failure that one or more targets share.
type failure struct {
	account                      string
	Words, Code, Message, Remedy string
	// Targets are lines about the targets, each with what is known of its items.
	Targets []string
}

// sourceLine says what is known of one kind of items in a region of an account.
type sourceLine struct {
	Name  string
	Class string // of the badge
	Badge string
	Text  string
}

func (v *view) addTargets(targets []Target) {
	var oldest time.Time
	failed, waiting := 0, 0
	for i := range targets {
		target := &targets[i]
		name := v.RegionName(target.Region, target.Account) + " " + v.Words.KindPlurals[target.Kind]
		v.Sources = append(v.Sources, v.sourceLine(name, target))
		switch {
		case target.Error != nil:
			failed++
			v.addFailure(name, target)
		case target.Succeeded.IsZero():
			waiting++
		case oldest.IsZero() || target.Succeeded.Before(oldest):
			oldest = target.Succeeded
		}
	}
	switch {
	case failed > 0:
		v.Health = fmt.Sprintf(v.Words.SomeFail, failed, len(targets))
	case waiting > 0:
		v.Health = v.Words.NotAllKnown
	default:
		v.Health = fmt.Sprintf(v.Words.AllFresh, v.Age(oldest))
	}
}

func (v *view) sourceLine(name string, target *Target) sourceLine {
	line := sourceLine{Name: name, Class: "running", Badge: v.Words.Fresh}
	switch {
	case target.Error != nil:
		line.Class, line.Badge = "failed", v.Words.Failing
	case target.Succeeded.IsZero():
		line.Class, line.Badge = "unknown", v.Words.Waiting
		return line
	}
	switch {
	case !target.Known:
		line.Text = v.Words.NothingKnown + " · " + v.lastSuccess(target.Succeeded)
	case target.Error != nil:
		line.Text = v.listed(target) + " · " + v.lastSuccess(target.Succeeded)
	default:
		line.Text = v.listed(target) + " · " + fmt.Sprintf(v.Words.Ago, v.Age(target.Succeeded))
	}
	if target.Kept > 0 {
		line.Text += " · " + fmt.Sprintf(v.Words.Kept, target.Kept)
	}
	return line
}

// listed says how many items the last listing had, and if it lacked some, of how many.
func (v *view) listed(target *Target) string {
	if target.short {
		return fmt.Sprintf(v.Words.ListedOf, target.Listed, *target.Reported)
	}
	return fmt.Sprintf(v.Words.Listed, target.Listed)
}

func (v *view) lastSuccess(at time.Time) string {
	if at.IsZero() {
		return v.Words.Never
	}
	return v.Words.LastSuccess + " " + fmt.Sprintf(v.Words.Ago, v.Age(at))
}

// addFailure groups the targets of an account that fail for the same reason: what
// is wrong with its credential is wrong in all regions.
func (v *view) addFailure(name string, target *Target) {
	known := v.Words.NothingKnown
	if target.Known {
		known = v.Words.Stale
	}
	line := fmt.Sprintf("%s%s%s · %s", name, v.Colon(), v.lastSuccess(target.Succeeded), known)
	words := v.Words.Classes[source.Class(target.Error.Class)]
	remedy := v.Localized(target.Error.Remedy, target.Error.RemedyChinese)
	at := slices.IndexFunc(v.Failures, func(f failure) bool {
		return f.account == target.Account && f.Words == words && f.Code == target.Error.Code && f.Remedy == remedy
	})
	if at < 0 {
		at = len(v.Failures)
		v.Failures = append(v.Failures, failure{
			account: target.Account, Words: words, Code: target.Error.Code, Message: target.Error.Message, Remedy: remedy,
		})
	}
	v.Failures[at].Targets = append(v.Failures[at].Targets, line)
}
