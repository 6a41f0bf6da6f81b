package ckafka

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"datahub_exporter/internal/secret"
	"datahub_exporter/source"
)

// The limit on a response must never reject a page. So this test measures the
// longest pages: all texts have 128 characters, more than the console lets anyone
// type, and all parameters have 30 fields, as many as those of a MySQL source,
// which has the most.
func TestLargestPagesAreAccepted(t *testing.T) {
	for _, action := range []source.Action{source.Tasks, source.Connections} {
		t.Run(string(action), func(t *testing.T) {
			var document any
			if err := json.Unmarshal(realPage(t, action), &document); err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(stretched(document))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decodePage(body, action, secret.Redactor{}); err != nil {
				t.Errorf("a page of %d bytes is refused: %v", len(body), err)
			}
			if len(body) < 400_000 || len(body) > maxBody {
				t.Errorf("a page of %d bytes is not the longest", len(body))
			}
		})
	}
}

// stretched returns a document with long texts and full parameters.
func stretched(document any) any {
	switch document := document.(type) {
	case string:
		return strings.Repeat("n", 128)
	case []any:
		for i, element := range document {
			document[i] = stretched(element)
		}
	case map[string]any:
		for name, value := range maps.Clone(document) {
			document[name] = stretched(value)
			if parameters, ok := value.(map[string]any); ok && strings.HasSuffix(name, "Param") {
				for i := len(parameters); i < 30; i++ {
					parameters[fmt.Sprint("MoreOfTheSame", i)] = stretched("")
				}
			}
		}
	}
	return document
}
