package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// accountRegions are the regions that the accounts of these tests watch.
var accountRegions = []string{"ap-guangzhou", "ap-shanghai", "na-siliconvalley"}

// manyAccounts serves the regions, each with that many tasks, and returns the cloud
// and the configuration file that has [common] and the other sections.
func manyAccounts(t *testing.T, latency time.Duration, tasks int, sections string) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory()
	for i := range 5 {
		var items []cloudsim.Item
		for j := range tasks {
			items = append(items, cloudsim.Item{ID: fmt.Sprintf("task-%d-%06d", i, j), Name: "orders", Status: 1})
		}
		fleet.Set(cloudsim.DescribeDatahubTasks, fmt.Sprintf("ap-region-%d", i), items...)
	}
	for _, region := range accountRegions {
		fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Name: "orders", Status: 4})
	}
	sim := cloudsim.New(cloudsim.Options{
		SecretID: "AKIDcommon", SecretKey: "key-of-common", Fleet: fleet, Latency: latency,
		Roles: []cloudsim.Role{{ARN: "qcs::cam::uin/1:roleName/monitor", ExternalID: "external-id-of-ours"}},
	})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "exporter.conf")
	content := "[common]\nendpoint = " + server.URL + "\nsts_endpoint = " + server.URL + "\n" + sections
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return sim, "--conf=" + path
}

// family returns the samples of one family of an exposition, by their labels.
func family(text, name string) map[string]string {
	samples := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^`+name+`\{(.*)\} (.*)$`).FindAllStringSubmatch(text, -1) {
		samples[match[1]] = match[2]
	}
	return samples
}

// of returns the samples of one account.
func of(account string, samples map[string]string) map[string]string {
	chosen := map[string]string{}
	for labels, value := range samples {
		if strings.Contains(labels, `account="`+account+`"`) {
			chosen[labels] = value
		}
	}
	return chosen
}

// If a key is revoked, the other account does not notice, the statuses stay, and a
// new key file brings the account back without a restart or a reload. No credential
// gets into the log or a page.
func TestRevokedKeyIsReplacedFromItsFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var sections strings.Builder
	fmt.Fprintf(&sections, "region = %s\n", strings.Join(accountRegions, ","))
	for _, name := range []string{"prod", "test"} {
		fmt.Fprintf(&sections, "[account.%s]\nsecret_id_file = %s\nsecret_key_file = %s\n", name,
			file(name+"-id", "AKID-of-"+name), file(name+"-key", "key-of-"+name))
	}
	sim, conf := manyAccounts(t, 0, 0, sections.String())
	sim.Grant("AKID-of-prod", "key-of-prod", "")
	sim.Grant("AKID-of-test", "key-of-test", "")
	e := start(t, conf, "--ckafka.min-interval=0s")
	scrape := func() string {
		code, body := e.get(t, source.TaskKind().Path)
		for _, hidden := range []string{"AKID-of", "key-of"} {
			if code != 200 || strings.Contains(body, hidden) {
				t.Errorf("status %d, or a credential in:\n%s", code, body)
			}
		}
		return body
	}
	before := scrape()
	if have := len(family(before, "datahub_task_status")); have != 6 {
		t.Fatalf("statuses: want 6, have %d in:\n%s", have, before)
	}
	sim.Revoke("AKID-of-test")
	scrape()
	revoked := scrape()
	file("test-id", "AKID-of-test-2")
	file("test-key", "key-of-test-2")
	sim.Grant("AKID-of-test-2", "key-of-test-2", "")
	// Files are read again once the last read is a second old.
	var back string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if back = scrape(); !strings.Contains(fmt.Sprint(family(back, "datahub_task_up")), ":0") {
			break
		}
	}
	for _, name := range []string{"datahub_task_status", "datahub_task_up", "datahub_task_error_count"} {
		for when, have := range map[string]string{"revoked": revoked, "back": back} {
			if diff := cmp.Diff(of("prod", family(before, name)), of("prod", family(have, name))); diff != "" {
				t.Errorf("%s of the other account, %s (-want +have):\n%s", name, when, diff)
			}
		}
	}
	want := of("test", family(before, "datahub_task_status"))
	for when, have := range map[string]string{"revoked": revoked, "back": back} {
		if diff := cmp.Diff(want, of("test", family(have, "datahub_task_status"))); diff != "" {
			t.Errorf("statuses, %s (-want +have):\n%s", when, diff)
		}
	}
	for labels, value := range of("test", family(revoked, "datahub_task_error_count")) {
		if value != "2" || family(revoked, "datahub_task_up")[labels] != "0" || family(back, "datahub_task_up")[labels] != "1" {
			t.Errorf("%s: %s failed refreshes, up %s and then %s", labels, value, family(revoked, "datahub_task_up")[labels], family(back, "datahub_task_up")[labels])
		}
	}
	e.stop()
	for line := range e.log.each {
		if strings.Contains(line, "AKID-of") || strings.Contains(line, "key-of") {
			t.Errorf("a credential in the log: %s", line)
		}
	}
}

// With one account there is no account label, whatever its section is called, and
// the log says how each account gets its credential.
func TestAccountsAtTheStart(t *testing.T) {
	t.Setenv("TENCENTCLOUD_SECRET_ID", "AKIDcommon")
	t.Setenv("TENCENTCLOUD_SECRET_KEY", "key-of-common")
	const own = "secret_id = AKIDcommon\nsecret_key = key-of-common\n"
	tests := map[string]struct {
		sections string
		labels   string // of the statuses
		log      string
	}{
		"common": {own + "region = ap-shanghai\n", `region="ap-shanghai"`, "account=common regions=ap-shanghai credential=config"},
		"common without keys": {
			"region = ap-shanghai\n", `region="ap-shanghai"`, "account=common regions=ap-shanghai credential=env",
		},
		"one account": {
			"[account.prod]\n" + own + "region = ap-shanghai\n", `region="ap-shanghai"`, "account=prod regions=ap-shanghai credential=config",
		},
		"two accounts": {
			"region = ap-shanghai\n[account.prod]\n[account.生产]\n" + own, `account="prod",region="ap-shanghai"`,
			"account=生产 regions=ap-shanghai credential=config",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, conf := manyAccounts(t, 0, 0, test.sections)
			e := start(t, conf)
			_, body := e.get(t, source.TaskKind().Path)
			if _, found := family(body, "datahub_task_up")[test.labels]; !found {
				t.Errorf("want %s in:\n%s", test.labels, body)
			}
			var log bytes.Buffer
			ended, end := context.WithCancel(t.Context())
			end()
			if code := run(ended, []string{conf, "--web.listen-address=127.0.0.1:0"}, io.Discard, &log); code != 0 {
				t.Errorf("exit code: want 0, have %d", code)
			}
			if !strings.Contains(log.String(), "msg=Watching "+test.log+"\n") || strings.Contains(log.String(), "AKID") {
				t.Errorf("want %s and no credential in:\n%s", test.log, &log)
			}
		})
	}
}
