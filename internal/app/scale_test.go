package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// sections returns that many account sections, with a credential that the cloud
// accepts.
func sections(count int, regions string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "secret_id = AKIDcommon\nsecret_key = key-of-common\nregion = %s\n", regions)
	for i := range count {
		fmt.Fprintf(&text, "[account.a%04d]\n", i)
	}
	return text.String()
}

// With many accounts in one process, everything is there at the first scrape, and a
// second scrape within --ckafka.min-interval makes no call. The durations are only
// logged, because they depend on the machine.
func TestManyAccounts(t *testing.T) { // not beside others: it needs both cores
	const fiveRegions = "ap-region-0,ap-region-1,ap-region-2,ap-region-3,ap-region-4"
	for _, test := range []struct {
		accounts, tasks int // tasks of a region
		regions         string
		targets, calls  int
	}{
		{accounts: 20, tasks: 200, regions: fiveRegions, targets: 100, calls: 200},
		{accounts: 1000, tasks: 1, regions: "ap-region-0", targets: 1000, calls: 1000},
	} {
		t.Run(fmt.Sprintf("%d accounts", test.accounts), func(t *testing.T) {
			t.Parallel()
			sim, conf := manyAccounts(t, 50*time.Millisecond, test.tasks, sections(test.accounts, test.regions))
			begin := time.Now()
			e := start(t, conf, "--ckafka.min-interval=1h", "--ckafka.stale-after=2h")
			started := time.Since(begin)
			go func() { // the lines for all accounts exceed what the log of a test holds
				for range e.log.each {
				}
			}()
			for _, scrape := range []string{"first", "second"} {
				begin = time.Now()
				_, body := e.get(t, source.TaskKind().Path)
				took := time.Since(begin)
				if have := strings.Count(body, "\ndatahub_task_status{"); have != test.targets*test.tasks {
					t.Errorf("%s scrape: want %d statuses, have %d", scrape, test.targets*test.tasks, have)
				}
				for labels, up := range family(body, "datahub_task_up") {
					if up != "1" {
						t.Errorf("%s scrape: up of %s: have %s", scrape, labels, up)
					}
				}
				if have := len(sim.Calls(cloudsim.DescribeDatahubTasks, "")); have != test.calls {
					t.Errorf("%s scrape: want %d calls, have %d", scrape, test.calls, have)
				}
				t.Logf("start %v, %s scrape %v, %d bytes", started.Round(time.Millisecond), scrape, took.Round(time.Millisecond), len(body))
			}
			connections := map[string]bool{}
			for _, call := range sim.Calls("", "") {
				connections[call.Connection] = true
			}
			t.Logf("%d connections", len(connections))
		})
	}
}
