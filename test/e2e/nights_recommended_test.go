package e2e

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
)

// counterparts maps recommended alerts to the equivalent documented ones, which are
// those that the judge knows.
var counterparts = []struct {
	recommended *regexp.Regexp
	documented  string
}{
	{regexp.MustCompile(`^CKafkaTask(Failed|Paused|Stuck|StateUnknown)$`), "datahub_task_status"},
	{regexp.MustCompile(`^CKafkaConnection(Failed|Stuck|StateUnknown)$`), "connect_resource_status"},
	{regexp.MustCompile(`^CKafkaTasksNotKnown$`), "datahub_task_down"},
	{regexp.MustCompile(`^CKafkaConnectionsNotKnown$`), "connect_resource_down"},
	{regexp.MustCompile(`^CKafkaTaskListingIncomplete$`), "datahub_task_listing_incomplete"},
	{regexp.MustCompile(`^CKafkaExporterDown$`), "datahub_exporter_down"},
	{regexp.MustCompile(`^CKafkaExporterFlapping$`), "datahub_exporter_flapping"},
}

// documented renames recommended alerts to their counterparts. It drops those
// without one, which report more than the judge asks for.
func documented(alerts moment) moment {
	var known moment
	for _, alert := range alerts {
		if !strings.HasPrefix(alert["alertname"], "CKafka") {
			known = append(known, alert)
			continue
		}
		for _, counterpart := range counterparts {
			if counterpart.recommended.MatchString(alert["alertname"]) {
				renamed := maps.Clone(alert)
				renamed["alertname"] = counterpart.documented
				known = append(known, renamed)
			}
		}
	}
	return known
}

// asFastAsDocumented gives the recommended rules the times that the judge expects:
// a pause fires after two minutes, not an hour, and an outage after two, not five.
// The alert that no series arrive is put off, because the start of a night takes
// that long.
func asFastAsDocumented(rule document) {
	name, _ := rule["alert"].(string)
	switch {
	case strings.HasSuffix(name, "Paused"), strings.HasSuffix(name, "Stuck"), strings.HasSuffix(name, "StateUnknown"):
		rule["for"] = (2 * minute).String()
	case strings.HasSuffix(name, "NotKnown"):
		rule["expr"] = strings.ReplaceAll(rule["expr"].(string), "["+(5*minute).String()+"]", "["+(2*minute).String()+"]")
	case strings.HasSuffix(name, "ListingIncomplete"):
		rule["for"] = (5 * minute).String()
	case name == "CKafkaSeriesAbsent":
		rule["for"] = time.Hour.String()
	}
}

// The recommended rules miss nothing and invent nothing either.
func TestNightsWithTheRecommendedRules(t *testing.T) {
	t.Parallel()
	for name, story := range nights() {
		story.rules, story.spoil = "rules-recommended.yml", asFastAsDocumented
		// It disappears from one scrape to the next, and the recommended rules
		// report that.
		story.quiet = story.quiet && name != "one that runs is deleted"
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range story.tell(t) {
				t.Error(wrong)
			}
		})
	}
}
