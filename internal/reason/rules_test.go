package reason_test

import (
	"os"
	"strings"
	"testing"

	"datahub_exporter/internal/reason"
)

// The alert rules repeat every remedy, because Prometheus has no other source for
// them.
func TestTheAlertRulesHaveEachRemedy(t *testing.T) {
	content, err := os.ReadFile("../../deploy/prometheus/rules-recommended.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range reason.All() {
		condition := `else }}`
		if each.Word != "other" {
			condition = `if eq $reason "` + each.Word + `" }}`
		}
		if want := condition + each.Remedy + " · " + each.RemedyChinese; !strings.Contains(string(content), want) {
			t.Errorf("rules-recommended.yml lacks %s", want)
		}
		// The description says the Chinese half once more, after the word.
		before := "（" + each.Word + "）\n            "
		if each.Word == "other" {
			before = "else }}"
		}
		if want := before + "处理：" + each.RemedyChinese; !strings.Contains(string(content), want) {
			t.Errorf("rules-recommended.yml lacks %s", want)
		}
	}
}
