package e2e

import (
	"strings"
	"testing"
	"time"
)

// judged is a night with two states, the second from minute 10, and the alerts at
// one minute of it.
type judged struct {
	before, after truth
	minute        float64
	alerts        moment
	want          string // part of the complaint, "" if nothing is wrong
}

func (c judged) judge() string {
	begin := time.Unix(0, 0)
	after := func(minutes float64) time.Time { return begin.Add(time.Duration(minutes * float64(minute))) }
	c.before.since, c.after.since = begin, after(10)
	c.before.exporters, c.after.exporters = 1, 1
	return strings.Join(history{c.before, c.after}.judge(after(c.minute), c.alerts), "; ")
}

// firing returns alerts by name; those for an item are for task-0001.
func firing(names ...string) (alerts moment) {
	for _, name := range names {
		alert := map[string]string{"alertname": name}
		if strings.HasSuffix(name, "_status") {
			alert["TaskId"] = "task-0001"
		}
		alerts = append(alerts, alert)
	}
	return alerts
}

func TestJudge(t *testing.T) {
	t.Parallel()
	broken := map[string]bool{"task-0001": true}
	outage := map[string]bool{taskKind: true}
	unseen := truth{broken: broken, failing: outage}
	for name, c := range map[string]judged{
		"nothing is wrong":            {minute: 20},
		"broken, and soon enough":     {after: truth{broken: broken}, minute: 15},
		"broken, and silent":          {after: truth{broken: broken}, minute: 16.1, want: "its alert does not fire"},
		"broken, and fires":           {after: truth{broken: broken}, minute: 20, alerts: firing("datahub_task_status")},
		"broken, and another excuse":  {after: truth{broken: broken}, minute: 20, alerts: firing("datahub_task_down"), want: "its alert does not fire"},
		"mended, and still fires":     {before: truth{broken: broken}, minute: 18, alerts: firing("datahub_task_status")},
		"mended, and fires for ever":  {before: truth{broken: broken}, minute: 19.1, alerts: firing("datahub_task_status"), want: "without a cause"},
		"runs, and fires":             {minute: 5, alerts: firing("datahub_task_status"), want: "without a cause"},
		"fires before it fails":       {after: truth{broken: broken}, minute: 9, alerts: firing("datahub_task_status"), want: "without a cause"},
		"broken, and out of sight":    {before: truth{broken: broken}, after: unseen, minute: 11, want: "nor that it is not known"},
		"broken, unseen, and told":    {before: truth{broken: broken}, after: unseen, minute: 17, alerts: firing("datahub_task_down")},
		"an outage, and silent":       {after: truth{failing: outage}, minute: 16.1, want: "no datahub_task is known"},
		"an outage of the other kind": {after: truth{failing: outage}, minute: 15, alerts: firing("connect_resource_down"), want: "without a cause"},
		"an outage that is over":      {before: truth{failing: outage}, minute: 19.1, alerts: firing("datahub_task_down"), want: "without a cause"},
		"errors that were counted":    {before: truth{failing: outage}, minute: 30, alerts: firing("datahub_task_error_count")},
		"errors that never were":      {minute: 30, alerts: firing("datahub_task_error_count"), want: "without a cause"},
		"dead, and silent":            {after: truth{dead: 1}, minute: 16.1, want: "no connect_resource is known"},
		"dead, and told":              {after: truth{dead: 1}, minute: 17, alerts: firing("datahub_exporter_down")},
		"dead once is no flapping":    {after: truth{dead: 1}, minute: 17, alerts: firing("datahub_exporter_flapping"), want: "flapping fires without a cause"},
		"hidden, and silent":          {after: truth{hidden: broken}, minute: 19.1, want: "tasks are not listed"},
		"hidden, and told":            {after: truth{hidden: broken}, minute: 19.1, alerts: firing("datahub_task_listing_incomplete")},
		"an alert that is not known":  {minute: 1, alerts: firing("another"), want: "another fires without a cause"},
	} {
		if have := c.judge(); (c.want == "") != (have == "") || !strings.Contains(have, c.want) {
			t.Errorf("%s: want %q, have %q", name, c.want, have)
		}
	}
}
