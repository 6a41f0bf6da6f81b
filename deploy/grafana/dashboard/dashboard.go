package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// row is a heading and the panels below it, in reading order. The panels' widths
// fill each line of the 24-column grid.
type row struct {
	title  string
	panels []panel
}

// panel is what all panels have in common, around what each one shows.
type panel struct {
	title string
	// help says what the panel shows and what to do about it.
	help          string
	width, height uint32
	shows         cog.Builder[dashboard.Panel]
}

// rows returns the rows of the dashboard from top to bottom: what is wrong, since
// when, whether data flows, how often they ran, whether what is shown can be trusted,
// and why not.
func rows(in language) []row {
	return []row{
		fleet(in), notRunning(in), overTime(in), progress(in),
		availability(in), freshness(in), api(in), exporter(in),
	}
}

// schemaVersion is the schema version of Grafana 10, the oldest that the dashboard
// supports; newer ones migrate it.
const schemaVersion = 38

func build(in language) (dashboard.Dashboard, error) {
	builder := dashboard.NewDashboardBuilder(in.text("CKafka connectors", "CKafka 连接器")).
		// Of its own, so that Grafana can have both.
		Uid(in.text("datahub-exporter", "datahub-exporter-zh-cn")).
		Description(in.text("Connector tasks and connections of Tencent Cloud CKafka, as datahub_exporter reports them.",
			"腾讯云 CKafka 连接器的任务和连接，数据来自 datahub_exporter。")).
		Tags([]string{"ckafka", "datahub_exporter"}).
		Timezone("browser").
		Time("now-6h", "now").
		Refresh("1m").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Editable().
		Variables(variables(in))
	for _, row := range rows(in) {
		builder.WithRow(dashboard.NewRowBuilder(row.title))
		for _, panel := range row.panels {
			builder.WithPanel(panel)
		}
	}
	built, err := builder.Build()
	built.SchemaVersion = schemaVersion
	for i := range built.Panels {
		id := uint32(i + 1)
		if panel := built.Panels[i].Panel; panel != nil {
			panel.Id = &id
		} else {
			built.Panels[i].RowPanel.Id = id
		}
	}
	return built, err
}

// Build implements [cog.Builder].
func (p panel) Build() (dashboard.Panel, error) {
	built, err := p.shows.Build()
	if err != nil {
		return built, err
	}
	built.Title, built.Description = &p.title, &p.help
	built.GridPos = &dashboard.GridPos{W: p.width, H: p.height}
	built.Datasource = source()
	for i, target := range built.Targets {
		query, ok := target.(prometheus.Dataquery)
		if !ok {
			return built, cog.MakeBuildErrors(p.title, fmt.Errorf("target %d is no query of Prometheus", i))
		}
		query.RefId = new(string(rune('A' + i)))
		built.Targets[i] = query
	}
	return built, nil
}

// source refers to the data source that the reader selected.
func source() *common.DataSourceRef {
	return &common.DataSourceRef{Type: new("prometheus"), Uid: new("${" + datasourceVariable + "}")}
}
