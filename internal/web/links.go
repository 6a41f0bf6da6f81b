package web

import (
	"fmt"
	"net/url"
	"strings"

	"datahub_exporter/source"
)

// elsewhere is where else a kind of items is found: on a page of the CKafka console, which
// has no address for a single one; in the runbook, by alerts with a prefix; in
// Alertmanager, by a label.
var elsewhere = map[string]struct{ console, alerts, label string }{
	"task":       {"datahub-overview", "CKafkaTask", source.TaskKind().IDLabel},
	"connection": {"datahub-connect", "CKafkaConnection", source.ConnectionKind().IDLabel},
}

// alerts are how the names of the alerts about items in a condition end.
var alerts = map[source.Condition]string{
	source.Failed: "Failed", source.Unknown: "StateUnknown", source.Paused: "Paused", source.Changing: "Stuck", source.Running: "Stalled",
}

// ConsoleURL returns the page of the CKafka console that lists an item.
func (v *view) ConsoleURL(item *Item) string {
	return "https://console.cloud.tencent.com/ckafka/" + elsewhere[item.Kind].console
}

// RunbookURL returns the section of the runbook about the alert for an item. The documents
// are plain text, so it is the text of the heading.
func (v *view) RunbookURL(item *Item) string {
	return v.Words.RunbookPath + "#:~:text=" + url.PathEscape("### "+elsewhere[item.Kind].alerts+alerts[item.Condition])
}

// SilenceURL returns the form of the Alertmanager for a silence of an item's alerts, or
// nothing if there is no Alertmanager.
func (v *view) SilenceURL(item *Item) string {
	if v.Alertmanager == "" {
		return ""
	}
	filter := url.QueryEscape(fmt.Sprintf("{%s=%q}", elsewhere[item.Kind].label, item.ID))
	return v.Alertmanager + "/#/silences/new?filter=" + strings.ReplaceAll(filter, "+", "%20")
}

// Choose returns the URL of the page with a state chosen and the rest as it is;
// choosing the chosen state clears it.
func (v *view) Choose(state string) string {
	if state == v.Filter.State {
		state = ""
	}
	return v.Link(v.Filter.Text, state, v.Chosen)
}

// Link returns the URL of the page with a filter, in a language. It is also right behind a
// proxy that adds a path.
func (v *view) Link(text, state, language string) string {
	query := url.Values{}
	for _, parameter := range [][2]string{{"q", text}, {"state", state}, {"lang", language}} {
		if parameter[1] != "" {
			query.Set(parameter[0], parameter[1])
		}
	}
	return "./?" + query.Encode()
}
