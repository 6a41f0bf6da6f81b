package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// startVictoriaMetrics starts a single node and returns its address.
func startVictoriaMetrics(t *testing.T, args ...string) string {
	t.Helper()
	address := freeAddress(t)
	args = append([]string{"-httpListenAddr=" + address, "-storageDataPath=" + t.TempDir(), "-search.latencyOffset=1s"}, args...)
	p := start(t, nil, tool(t, "victoriametrics"), args...)
	p.await(t, `(started VictoriaMetrics) `)
	return address
}

// Many users run VictoriaMetrics. It accepts the shipped file as is and shows every
// series, including that of a task without a status: it drops NaN, but that status
// is -100.
func TestVictoriaMetricsShowsEverySeries(t *testing.T) {
	t.Parallel()
	unknown := task(1)
	unknown.Fields = map[string]any{"Status": nil}
	exporter := startExporter(t, startCloud(t, task(0), unknown))
	address := startVictoriaMetrics(t,
		"-promscrape.config="+prometheusConfig(t, scrapeTheExporter, exporter.address), "-promscrape.config.strictParse=false")
	ask := func(query string) ([]string, map[string]string, error) {
		body, err := fetch(t.Context(), "http://"+address+"/api/v1/query?"+url.Values{"query": {query}}.Encode())
		if err != nil {
			return nil, nil, err
		}
		var answer struct {
			Data struct {
				Result []struct {
					Metric map[string]string
					Value  [2]any
				}
			}
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, nil, fmt.Errorf("decode %s: %w", query, err)
		}
		var names []string
		values := map[string]string{}
		for _, result := range answer.Data.Result {
			name := seriesName(result.Metric)
			names = append(names, name)
			values[name] = result.Value[1].(string)
		}
		slices.Sort(names)
		return names, values, nil
	}
	const status = `datahub_task_status{TaskId="task-0001", TaskName="orders-0001", instance="datahub-exporter-datahub-task", ` +
		`job="datahub-exporter-datahub-task", region="` + region + `"}`
	eventually(t, func() error {
		have, values, err := ask(`{__name__=~"(datahub_task|connect_resource)_.+"}`)
		if err != nil {
			return err
		}
		want := exposed()
		for i, name := range want {
			if strings.HasPrefix(name, `datahub_task_state{TaskId="task-0001"`) {
				want[i] = strings.Replace(name, `"running"`, `"unknown"`, 1)
			}
		}
		if diff := cmp.Diff(want, have); diff != "" {
			return fmt.Errorf("series differ (-want +have):\n%s", diff)
		}
		if values[status] != "-100" {
			return fmt.Errorf("status that the API did not tell: want -100, have %s", values[status])
		}
		return nil
	})
	fires, _, err := ask(`datahub_task_status{job="datahub-exporter-datahub-task"}  !=1`)
	if err != nil || len(fires) != 1 {
		t.Errorf("the documented expression: want the one task, have %v (%v)", fires, err)
	}
}
