package web

import (
	"fmt"
	"net/url"
	"strings"

	"datahub_exporter/source"
)

// ConsoleURL returns the page of the CKafka console that lists an item; there is none for
// a single one.
func (v *view) ConsoleURL(item *Item) string {
	if item.isTask() {
		return "https://console.cloud.tencent.com/ckafka/datahub-overview"
	}
	return "https://console.cloud.tencent.com/ckafka/datahub-connect"
}

// RunbookURL returns the section of the runbook about the alert for an item. The documents
// are plain text, so it is the text of the heading.
func (v *view) RunbookURL(item *Item) string {
	alert := "CKafkaConnection"
	if item.isTask() {
		alert = "CKafkaTask"
	}
	alert += map[source.Condition]string{
		source.Failed: "Failed", source.Unknown: "StateUnknown", source.Paused: "Paused", source.Changing: "Stuck", source.Running: "Stalled",
	}[item.Condition]
	return v.Words.RunbookPath + "#:~:text=" + url.PathEscape("### "+alert)
}

// SilenceURL returns the form of the Alertmanager for a silence of an item's alerts, or
// nothing if there is no Alertmanager.
func (v *view) SilenceURL(item *Item) string {
	if v.Alertmanager == "" {
		return ""
	}
	label := source.ConnectionKind().IDLabel
	if item.isTask() {
		label = source.TaskKind().IDLabel
	}
	filter := url.QueryEscape(fmt.Sprintf("{%s=%q}", label, item.ID))
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
