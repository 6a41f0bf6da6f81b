package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/app"
	"datahub_exporter/internal/cloudsim"
)

// withGroups is a cloud with running tasks that read from topics: one whose consumer
// group has committed something, one whose has not, and one whose cannot be found.
func withGroups(t *testing.T) *site {
	fleet := cloudsim.NewInventory(region)
	topic := func(offset int64) *cloudsim.Group {
		return &cloudsim.Group{Topics: []cloudsim.Topic{{Name: "events", Partitions: []cloudsim.Partition{{Offset: offset, LogEnd: 9}}}}}
	}
	fleet.Set(cloudsim.DescribeDatahubTasks, region,
		cloudsim.Item{ID: "task-1", Status: 1, Type: "SINK", Source: "TOPIC", Group: topic(5)},
		cloudsim.Item{ID: "task-2", Status: 1, Type: "SINK", Source: "TOPIC", Group: topic(-1)},
		cloudsim.Item{ID: "task-3", Status: 1, Type: "SINK", Source: "TOPIC"},
		cloudsim.Item{ID: "task-4", Status: 6, Type: "SINK", Source: "TOPIC"},
	)
	return serve(t, cloudsim.Options{SecretID: secretID, SecretKey: secretKey, Fleet: fleet})
}

// milliseconds matches the duration at the end of a row.
var milliseconds = regexp.MustCompile(`(?m) +\d+$`)

func TestCheckOfProgress(t *testing.T) {
	tests := map[string]struct {
		fault cloudsim.Fault
		want  string
	}{
		"answered": {nil, `prod, ap-guangzhou, progress: running tasks that read from a topic: 3; their consumer groups: 1 found, 1 without a committed offset, 1 not found, 0 unknown

All 3 checks passed.
`},
		"denied": {cloudsim.Error("UnauthorizedOperation", "no policy"), `prod, ap-guangzhou, progress: running tasks that read from a topic: 3; their consumer groups: 0 found, 0 without a committed offset, 0 not found, 3 unknown

prod, ap-guangzhou, progress: the policy QcloudCkafkaReadOnlyAccess is missing
  what to do: grant the user the policy QcloudCkafkaReadOnlyAccess
  what failed: UnauthorizedOperation: no policy (request_id c10dc0de-0000-4000-8000-000000000003)
`},
		"not found": {cloudsim.Error("ResourceNotFound", "no group"), `prod, ap-guangzhou, progress: running tasks that read from a topic: 3; their consumer groups: 0 found, 0 without a committed offset, 3 not found, 0 unknown

prod, ap-guangzhou, progress: the consumer groups of the tasks have other names than is known, or there are none
  what to do: look for their names in the CKafka console (Instance > Consumer group), and report what --check.record writes
  what failed: no consumer group of any task was found
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := withGroups(t)
			s.cloud.Always(cloudsim.DescribeDatahubGroupOffsets, "", test.fault)
			var out bytes.Buffer
			options := s.options(&out)
			options.Source.ProgressInterval = time.Minute
			err := app.Check(t.Context(), options)
			if passed := test.fault == nil; passed != (err == nil) {
				t.Errorf("passed: want %t, have %v", passed, err)
			}
			_, have, _ := strings.Cut(milliseconds.ReplaceAllString(out.String(), ""), "\n\n")
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

// A recording of the progress keeps the offsets and which group is whose, and no name.
func TestRecordingOfProgress(t *testing.T) {
	s := withGroups(t)
	options := s.options(new(bytes.Buffer))
	options.Source.ProgressInterval = time.Minute
	options.Record = filepath.Join(t.TempDir(), "recording")
	if err := app.Check(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	files, err := filepath.Glob(filepath.Join(options.Record, "*Offsets*.json"))
	if err != nil || len(files) != 3 {
		t.Fatalf("want a file for each task, have %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, want := range []string{`"Offset": 5`, `"LogEndOffset": 9`, `"Offset": -1`, `"TopicList": []`} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("want %s in:\n%s", want, all.String())
		}
	}
	if strings.Contains(all.String(), "events") {
		t.Errorf("the name of the topic is in:\n%s", all.String())
	}
}
