package main

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// kind is one of the two kinds of items.
type kind struct {
	prefix   string // prefix of the names of its series
	id, name string // labels
	noun     string // plural
	chinese  string // the noun
	console  string // page of the cloud's console
}

var (
	tasks = kind{
		"datahub_task", "TaskId", "TaskName", "tasks", "任务", "https://console.cloud.tencent.com/ckafka/datahub-overview",
	}
	connections = kind{
		"connect_resource", "ResourceId", "ResourceName", "connections", "连接", "https://console.cloud.tencent.com/ckafka/datahub-connect",
	}
)

func kinds() []kind { return []kind{tasks, connections} }

// target selects a family with one series per region, within the reader's choice.
func (k kind) target(family string) string {
	return inChoice(k.prefix + family)
}

// inChoice selects series by account and region, within the reader's choice.
func inChoice(series string, more ...string) string {
	return series + "{" + strings.Join(append([]string{`account=~"$account"`, `region=~"$region"`}, more...), ",") + "}"
}

// item selects a family with one series per item.
func (k kind) item(family string, more ...string) string {
	if k == tasks {
		more = append([]string{`TaskName=~"$name"`}, more...)
	}
	return inChoice(k.prefix+family, more...)
}

// identity returns the labels that identify an item. Expressions aggregate by them,
// so that an item reported by two jobs or two exporters counts once.
func (k kind) identity() string { return "account, region, " + k.id }

// legend names an item or, with an empty name, a target. A missing label leaves no
// gap.
func legend(name string) string {
	return strings.TrimSpace(name + " {{region}} {{account}}")
}

// minStep is the interval of the shipped scrape jobs. Without it, Grafana would
// compute rates over less than two scrapes.
const minStep = "1m"

// query evaluates an expression over the time range of the dashboard. The arguments
// are for the verbs in the expression.
func query(legend, expression string, args ...any) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().
		Expr(fmt.Sprintf(expression, args...)).
		LegendFormat(legend).
		EditorMode(prometheus.QueryEditorModeCode).
		Interval(minStep).
		Datasource(*source()).
		Range()
}

// now evaluates an expression at the end of the time range only.
func now(legend, expression string, args ...any) *prometheus.DataqueryBuilder {
	return query(legend, expression, args...).Instant()
}

// asRows is like now but returns the rows of a table.
func asRows(expression string, args ...any) *prometheus.DataqueryBuilder {
	return now("", expression, args...).Format(prometheus.PromQueryFormatTable)
}
