package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const (
	shipped     = "../../../deploy/tencent-cloud"
	recommended = "../../../deploy/prometheus/rules-recommended.yml"
)

func TestRulesAreFresh(t *testing.T) {
	made := t.TempDir()
	if err := write(recommended, made); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(t, made), texts(t, shipped)); diff != "" {
		t.Errorf("deploy/tencent-cloud (-want +have); renew it with: go run ./tencent\n%s", diff)
	}
}

// texts returns the content of all files in a folder.
func texts(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, entry := range entries {
		texts[entry.Name()] = string(content(t, filepath.Join(folder, entry.Name())))
	}
	return texts
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rules are a group as anything that reads YAML sees it.
type rules struct {
	Name  string
	Rules []map[string]any
}

// Each rule is in one file, with all of its fields.
func TestRulesAreTheRecommended(t *testing.T) {
	var all struct{ Groups []rules }
	if err := yaml.Unmarshal(content(t, recommended), &all); err != nil {
		t.Fatal(err)
	}
	want, have := map[string][]map[string]any{}, map[string][]map[string]any{}
	for _, group := range all.Groups {
		for _, rule := range group.Rules {
			name := group.Name + "-alert"
			if rule["record"] != nil {
				name = group.Name + "-record"
			}
			want[name] = append(want[name], rule)
		}
	}
	files, err := filepath.Glob(filepath.Join(shipped, "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var group rules
		if err := yaml.Unmarshal(content(t, file), &group); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		have[group.Name] = append(have[group.Name], group.Rules...)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("rules by group (-want +have):\n%s", diff)
	}
}
