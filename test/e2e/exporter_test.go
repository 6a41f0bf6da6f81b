package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"go.uber.org/goleak"

	"datahub_exporter/internal/cloudsim"
)

// region is the region of the tests' items, unless they need two.
const region = "ap-guangzhou"

// The documented paths.
const (
	tasksPath       = "/api/v1/ckafka/datahub_tasks/metrics"
	connectionsPath = "/api/v1/ckafka/connect_resources/metrics"
)

// jobs returns the labels that the documented scrape jobs add, by path.
func jobs() map[string]model.LabelSet {
	return map[string]model.LabelSet{
		tasksPath:       {"job": "datahub-exporter-datahub-task", "instance": "datahub-exporter-datahub-task"},
		connectionsPath: {"job": "datahub-exporter-connect-resources", "instance": "datahub-exporter-connect-resources"},
	}
}

// exporterBinary is the exporter that TestMain builds from the parent folder.
var exporterBinary string

func TestMain(m *testing.M) {
	// The parallel tests wait for programs rather than compute.
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
	build.Dir = "../.."
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

// cloud is a simulated cloud and the fleet that it serves.
type cloud struct {
	*cloudsim.Server
	fleet *cloudsim.Inventory // nil if served by serveFleet
	conf  string              // the exporter's configuration file for it
}

// startCloud serves the tasks and one running connection.
func startCloud(t testing.TB, tasks ...cloudsim.Item) *cloud {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, tasks...)
	fleet.Set(cloudsim.DescribeConnectResources, region, cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL"})
	c := serveFleet(t, fleet, region)
	c.fleet = fleet
	return c
}

// serveFleet serves any fleet and writes a configuration for the given regions of
// it.
func serveFleet(t testing.TB, fleet cloudsim.Fleet, regions ...string) *cloud {
	t.Helper()
	c := &cloud{Server: cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "key", Fleet: fleet})}
	address, stop, err := c.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	c.conf = filepath.Join(t.TempDir(), "exporter.conf")
	content := fmt.Sprintf("[common]\nsecret_id = AKIDtest\nsecret_key = key\nregion = %s\nendpoint = http://%s\n", strings.Join(regions, ", "), address)
	if err := os.WriteFile(c.conf, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// setTasks replaces the tasks.
func (c *cloud) setTasks(tasks ...cloudsim.Item) {
	c.fleet.Set(cloudsim.DescribeDatahubTasks, region, tasks...)
}

// refuse makes every call fail with an error that is not retried.
func (c *cloud) refuse() {
	c.Always("", "", cloudsim.Error("UnauthorizedOperation", "the key was withdrawn"))
}

// exporter is a running exporter process.
type exporter struct {
	*process
	address string // host:port
}

// startExporter starts an exporter for the cloud on a port chosen by the system.
func startExporter(t testing.TB, c *cloud, args ...string) *exporter {
	t.Helper()
	return startExporterWith(t, nil, c, args...)
}

// startExporterWith starts an exporter with additional environment variables.
func startExporterWith(t testing.TB, env []string, c *cloud, args ...string) *exporter {
	t.Helper()
	args = append([]string{"--conf=" + c.conf, "--web.listen-address=127.0.0.1:0"}, args...)
	e := &exporter{process: start(t, env, exporterBinary, args...)}
	e.address = e.await(t, `msg="Listening on" address=(\S+)`)
	return e
}

// task returns a running task.
func task(i int) cloudsim.Item {
	return cloudsim.Item{
		ID: fmt.Sprintf("task-%04d", i), Name: fmt.Sprintf("orders-%04d", i), Status: 1,
		Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1",
	}
}

// fleetOf returns n tasks, most of them running.
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
