package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/prometheus/common/model"
	"go.uber.org/goleak"

	"datahub_exporter/source/cloudsim"
)

// The region that the tests' items are in, unless they need two.
const region = "ap-guangzhou"

// The documented paths.
const (
	tasksPath       = "/api/v1/ckafka/datahub_tasks/metrics"
	connectionsPath = "/api/v1/ckafka/connect_resources/metrics"
)

// jobs are the labels that the documented scrape jobs give, by their path.
func jobs() map[string]model.LabelSet {
	return map[string]model.LabelSet{
		tasksPath:       {"job": "datahub-exporter-datahub-task", "instance": "datahub-exporter-datahub-task"},
		connectionsPath: {"job": "datahub-exporter-connect-resources", "instance": "datahub-exporter-connect-resources"},
	}
}

// exporterBinary is the exporter, built by TestMain from the sources above.
var exporterBinary string

func TestMain(m *testing.M) {
	// The parallel tests wait for programs; they do not compute.
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "datahub_exporter_e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	exporterBinary = filepath.Join(folder, "datahub_exporter")
	build := exec.Command("go", "build", "-o", exporterBinary, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the exporter: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// cloud is a simulated cloud and the fleet it serves.
type cloud struct {
	*cloudsim.Server
	fleet *cloudsim.Inventory // nil if it serves another one
	conf  string              // the exporter's configuration file for it
}

// startCloud serves the tasks, and one connection that runs.
func startCloud(t testing.TB, tasks ...cloudsim.Item) *cloud {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, tasks...)
	fleet.Set(cloudsim.DescribeConnectResources, region, cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL"})
	c := serveFleet(t, fleet, region)
	c.fleet = fleet
	return c
}

// serveFleet serves any fleet in the regions, which are written as in the file.
func serveFleet(t testing.TB, fleet cloudsim.Fleet, regions string) *cloud {
	t.Helper()
	c := &cloud{Server: cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "key", Fleet: fleet})}
	address, stop, err := c.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	c.conf = filepath.Join(t.TempDir(), "exporter.conf")
	content := fmt.Sprintf("[common]\nsecret_id = AKIDtest\nsecret_key = key\nregion = %s\nendpoint = http://%s\n", regions, address)
	if err := os.WriteFile(c.conf, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// setTasks replaces the tasks.
func (c *cloud) setTasks(tasks ...cloudsim.Item) {
	c.fleet.Set(cloudsim.DescribeDatahubTasks, region, tasks...)
}

// refuse makes each call fail with an error that is not retried.
func (c *cloud) refuse() {
	c.Always("", "", cloudsim.Error("UnauthorizedOperation", "the key was withdrawn"))
}

// exporter is the exporter as a process.
type exporter struct {
	*process
	address string // host:port
}

// startExporter runs it on the cloud, on a port that the system chooses.
func startExporter(t testing.TB, c *cloud, args ...string) *exporter {
	t.Helper()
	return startExporterWith(t, nil, c, args...)
}

// startExporterWith runs it with more in its environment.
func startExporterWith(t testing.TB, env []string, c *cloud, args ...string) *exporter {
	t.Helper()
	args = append([]string{"--conf=" + c.conf, "--web.listen-address=127.0.0.1:0"}, args...)
	e := &exporter{process: start(t, env, exporterBinary, args...)}
	e.address = e.await(t, `msg="Listening on" address=(\S+)`)
	return e
}

// task returns a task that runs.
func task(i int) cloudsim.Item {
	return cloudsim.Item{
		ID: fmt.Sprintf("task-%04d", i), Name: fmt.Sprintf("orders-%04d", i), Status: 1,
		Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1",
	}
}

// fleetOf returns so many tasks, most of which run.
func fleetOf(n int) []cloudsim.Item {
	items := make([]cloudsim.Item, n)
	for i := range items {
		items[i] = task(i)
		if i%5 == 3 {
			items[i].Status = int64(i % 10)
		}
	}
	return items
}
