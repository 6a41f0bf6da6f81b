package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"datahub_exporter/internal/cloudsim"
)

// The dashboard uses the exporter's state names and counts each state under exactly
// one condition.
func TestDashboardNamesTheStates(t *testing.T) {
	t.Parallel()
	fleet := cloudsim.NewInventory(region)
	var items []cloudsim.Item
	for code := int64(-1); code <= 12; code++ {
		items = append(items, cloudsim.Item{ID: fmt.Sprint("item-", code), Name: fmt.Sprint("item ", code), Status: code})
	}
	items = append(items, cloudsim.Item{ID: "item-null", Name: "null", Fields: map[string]any{"Status": nil}})
	fleet.Set(cloudsim.DescribeDatahubTasks, region, items...)
	fleet.Set(cloudsim.DescribeConnectResources, region, items...)
	exporter := startExporter(t, serveFleet(t, fleet, region), asking)
	database, dashboard := startPrometheus(t, "prometheus2", dashboardConfig(t, exporter.address)), readDashboard(t)
	for prefix, titles := range map[string]struct{ id, timeline, figures string }{
		"datahub_task":     {"TaskId", "Tasks that did not always run", "Tasks"},
		"connect_resource": {"ResourceId", "Connections that did not always run", "Connections"},
	} {
		names := dashboard.panel(t, titles.timeline).words(t)
		query := fmt.Sprintf(`max by (%[1]s) (%[2]s_status) * on (%[1]s) group_left (state) max by (%[1]s, state) (%[2]s_state)`, titles.id, prefix)
		eventually(t, func() error {
			all, err := database.draw(t, dashboardTarget{Expr: query}, nil)
			if err != nil || len(all) != len(items) {
				return fmt.Errorf("%s: want %d, have %v: %w", query, len(items), all, orNotYet(err))
			}
			for _, each := range all {
				// A code that is in no table is shown as it is.
				name, known := names[fmt.Sprint(each.Value)]
				if want := each.Metric["state"]; known && name != want || !known && want != "unknown" {
					t.Errorf("%s %v: want %s, have %q", prefix, each.Value, want, name)
				}
			}
			return nil
		})
		eventually(t, func() error {
			figures, err := database.figuresOf(t, dashboard.panel(t, titles.figures), dashboard.everything())
			sum := 0.0
			for _, figure := range figures {
				sum += figure
			}
			if int(sum) != len(items) {
				return fmt.Errorf("%s: want %d in all, have %v: %w", titles.figures, len(items), figures, orNotYet(err))
			}
			return nil
		})
	}
}

// twoExporters returns a configuration that scrapes two exporters, each with
// additional labels.
func twoExporters(t *testing.T, addresses [2]string, labels [2]document) string {
	t.Helper()
	path := prometheusConfig(t, scrapeTheExporter, "")
	config := parseYAML(t, path)
	for _, job := range config["scrape_configs"].([]any) {
		var both []any
		for i, address := range addresses {
			both = append(both, document{"targets": []string{address}, "labels": labels[i]})
		}
		job.(document)["static_configs"] = both
	}
	writeYAML(t, path, config)
	return path
}

// Exporters that started at different times keep different messages for the same
// failure. A pair has one row per task; exporters of two accounts have one row
// each.
func TestDashboardWithTwoExporters(t *testing.T) {
	t.Parallel()
	lost := func(host string) cloudsim.Item {
		failed := task(0)
		failed.Status, failed.ErrorMessage = 9, "Connection to "+host+":5432 refused."
		return failed
	}
	cloud := startCloud(t, lost("10.0.0.1"))
	var addresses [2]string
	for i, host := range []string{"10.0.0.1", "10.0.0.2"} {
		cloud.setTasks(lost(host))
		addresses[i] = startExporter(t, cloud, asking).address
		if _, err := scrape(t.Context(), addresses[i], tasksPath); err != nil {
			t.Fatal(err)
		}
	}
	dashboard := readDashboard(t)
	for name, c := range map[string]struct {
		labels [2]document
		chosen choice
		want   int
	}{
		"a pair":                   {want: 1, chosen: dashboard.everything()},
		"two accounts":             {[2]document{{"account": "dev"}, {"account": "prod"}}, dashboard.everything(), 2},
		"two accounts, one chosen": {[2]document{{"account": "dev"}, {"account": "prod"}}, dashboard.everything().with("account", "prod"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := startPrometheus(t, "prometheus2", twoExporters(t, addresses, c.labels))
			database.awaitValue(t, `count(datahub_task_error_info)`, 2)
			rows, err := database.tableOf(t, dashboard.panel(t, "Tasks not running"), c.chosen)
			if have := len(rows) - 2; err != nil || have != c.want {
				t.Errorf("want %d rows, have %d (%v):\n%s", c.want, have, err, strings.Join(rows, "\n"))
			}
			figures, err := database.figuresOf(t, dashboard.panel(t, "Tasks"), c.chosen)
			if have := figures["Failed"]; err != nil || int(have) != c.want {
				t.Errorf("want %d failed, have %v (%v)", c.want, figures, err)
			}
		})
	}
}

// Failures are shown, not only missing successes.
func TestDashboardShowsFailures(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, task(0))
	exporter := startExporter(t, cloud, asking)
	database, dashboard := startPrometheus(t, "prometheus2", dashboardConfig(t, exporter.address)), readDashboard(t)
	database.awaitValue(t, `max(datahub_task_up)`, 1)
	cloud.Always(cloudsim.DescribeDatahubTasks, "", cloudsim.Error("RequestLimitExceeded", "too many"))
	cloud.Always(cloudsim.DescribeConnectResources, "", cloudsim.Error("UnauthorizedOperation.CamNoAuth", "the key was withdrawn"))
	const above, exactly = true, false
	for _, c := range []struct {
		title, legend string
		above         bool
		than          float64
	}{
		{"Throttled calls", "DescribeDatahubTasks " + region, above, 0},
		{"Throttled calls", "DescribeConnectResources " + region, exactly, 0},
		{"Calls by code", "RequestLimitExceeded", above, 0},
		{"Refreshes by result", "throttled", above, 0},
		{"Refreshes by result", "permission", above, 0},
		{"Error count", "tasks " + region, above, 0},
		{"Error count", "connections " + region, above, 0},
		{"Failed refreshes, 1 h", "", above, 0},
		{"Refreshes", "tasks " + region, exactly, 0},
		{"Refreshes", "connections " + region, exactly, 0},
		{"Regions", "Failing", exactly, 1},
		{"Regions", "Up", exactly, 0},
		{"Age of the data", "tasks " + region, above, 1},
		{"Oldest data", "", above, 1},
		{"Tasks", "Running", exactly, 1}, // kept from the last success
	} {
		eventually(t, func() error {
			figures, err := database.figuresOf(t, dashboard.panel(t, c.title), dashboard.everything())
			have, found := figures[c.legend]
			if !found {
				have = math.NaN()
			}
			if err != nil || c.above && !(have > c.than) || !c.above && have != c.than {
				return fmt.Errorf("%s: %s: want %v (above: %v), have %v: %w", c.title, c.legend, c.than, c.above, figures, orNotYet(err))
			}
			return nil
		})
	}
}

// While nothing is known, the dashboard does not claim that all is well.
func TestDashboardDoesNotCountWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, task(0))
	cloud.refuse()
	exporter := startExporter(t, cloud, asking)
	database, dashboard := startPrometheus(t, "prometheus2", dashboardConfig(t, exporter.address)), readDashboard(t)
	database.awaitValue(t, `max(datahub_task_error_count)`, 1)
	for _, title := range []string{"Tasks", "Connections"} {
		have, err := database.figuresOf(t, dashboard.panel(t, title), dashboard.everything())
		if err != nil || len(have) > 0 {
			t.Errorf("%s: want nothing, have %v (%v)", title, have, err)
		}
	}
	// The exporter reports 0 before the first success, which Grafana shows as
	// "never".
	oldest, err := database.figuresOf(t, dashboard.panel(t, "Oldest data"), dashboard.everything())
	if have := oldest[""]; err != nil || have < 1e9 || have > 1e12 {
		t.Errorf("oldest data: want an age since 1970, have %v (%v)", oldest, err)
	}
}

// The provisioned data source has the type that the dashboard asks for, and the
// dashboard is loaded from a folder.
func TestGrafanaProvisioning(t *testing.T) {
	t.Parallel()
	only := func(file, list string) document {
		return readYAML(t, "deploy/grafana/provisioning/"+file)[list].([]any)[0].(document)
	}
	source := only("datasources/datahub_exporter.yaml", "datasources")
	var asked string
	for _, variable := range readDashboard(t).Templating.List {
		if variable.Type == "datasource" {
			asked, _ = variable.Query.(string)
		}
	}
	if have := source["type"]; have != asked {
		t.Errorf("the dashboard asks for a data source of type %q, and one of type %v is provisioned", asked, have)
	}
	provider := only("dashboards/datahub_exporter.yaml", "providers")
	if options, _ := provider["options"].(document); provider["type"] != "file" || options["path"] == nil {
		t.Errorf("want a folder of files, have %v", provider)
	}
}
