package docs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// action matches the declaration of a call to the API.
var action = regexp.MustCompile(`(?m)^\s+\w+\s+Action = "(\w+)"`)

// policy is a policy of Tencent Cloud's CAM.
type policy struct {
	Version   string
	Statement []struct {
		Effect, Resource string
		Action           []string
	}
}

// The policies in the documents grant exactly the calls that the exporter makes, on
// everything.
func TestPolicyGrantsWhatIsCalled(t *testing.T) {
	declared, err := os.ReadFile(filepath.Join(root, "source", "target.go"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, match := range action.FindAllStringSubmatch(string(declared), -1) {
		want = append(want, "name/ckafka:"+match[1])
	}
	if len(want) < 5 {
		t.Fatalf("want five calls at least, have %q", want)
	}
	slices.Sort(want)
	for _, path := range []string{"docs/tencent-cloud.md", "docs/zh-CN/tencent-cloud.md"} {
		granted := 0
		for _, block := range read(t, path).blocks {
			if block.language != "json" {
				continue
			}
			granted++
			var have policy
			decoder := json.NewDecoder(strings.NewReader(block.text))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&have); err != nil {
				t.Fatalf("%s: %v in:\n%s", path, err, block.text)
			}
			if have.Version != "2.0" || len(have.Statement) != 1 || have.Statement[0].Effect != "allow" || have.Statement[0].Resource != "*" {
				t.Fatalf("%s: want one statement that allows on everything, have %+v", path, have)
			}
			actions := slices.Sorted(slices.Values(have.Statement[0].Action))
			if diff := cmp.Diff(want, actions); diff != "" {
				t.Errorf("%s: the policy is not what is called (-called +granted):\n%s", path, diff)
			}
		}
		if granted != 1 {
			t.Errorf("%s: want one policy, have %d", path, granted)
		}
	}
}
