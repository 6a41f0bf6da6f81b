package source_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/source"
)

// The same code can mean different things for a task and for a connection, and a
// code in no table is unknown.
func TestStates(t *testing.T) {
	unknown := source.State{Name: "unknown", Chinese: "未知", Condition: source.Unknown}
	tests := map[string]struct {
		status           float64
		task, connection source.State
	}{
		"the same":    {1, source.State{"running", "运行中", source.Running}, source.State{"running", "运行中", source.Running}},
		"different":   {6, source.State{"paused", "已暂停", source.Paused}, source.State{"update_failed", "配置更改失败", source.Failed}},
		"of one":      {9, source.State{"resume_failed", "恢复失败", source.Failed}, unknown},
		"of no table": {42, unknown, unknown},
		"no status":   {source.StatusUnknown, unknown, unknown},
		"NaN":         {math.NaN(), unknown, unknown},
	}
	kinds := source.Kinds()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]source.State{test.task, test.connection}, []source.State{kinds[0].State(test.status), kinds[1].State(test.status)}); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}
