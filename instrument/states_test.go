package instrument_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// The same code can mean different things for a task and for a connection, and a
// code in no table is unknown.
func TestStates(t *testing.T) {
	unknown := instrument.State{Name: "unknown", Chinese: "未知", Condition: instrument.Unknown}
	tests := map[string]struct {
		status           float64
		task, connection instrument.State
	}{
		"the same":    {1, instrument.State{"running", "运行中", instrument.Running}, instrument.State{"running", "运行中", instrument.Running}},
		"different":   {6, instrument.State{"paused", "已暂停", instrument.Paused}, instrument.State{"update_failed", "配置更改失败", instrument.Failed}},
		"of one":      {9, instrument.State{"resume_failed", "恢复失败", instrument.Failed}, unknown},
		"of no table": {42, unknown, unknown},
		"not told":    {source.StatusUnknown, unknown, unknown},
		"NaN":         {math.NaN(), unknown, unknown},
	}
	kinds := instrument.Kinds()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]instrument.State{test.task, test.connection}, []instrument.State{kinds[0].State(test.status), kinds[1].State(test.status)}); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}
