//go:build soak && linux

package app

import (
	"strings"
	"testing"
	"time"

	"datahub_exporter/source"
)

// scaleMemory is what 20 accounts with five regions of 200 tasks each may take: 280 MB.
const scaleMemory = 267 * megabyte

func TestManyAccountsMemory(t *testing.T) {
	_, conf := manyAccounts(t, 50*time.Millisecond, 200, sections(20, "ap-region-0,ap-region-1,ap-region-2,ap-region-3,ap-region-4"))
	p := startProcess(t, conf, "--ckafka.timeout=30s")
	begin := time.Now()
	_, body := p.get(t, source.TaskKind().Path)
	took := time.Since(begin)
	if have := strings.Count(body, "\ndatahub_task_status{"); have != 20_000 {
		t.Errorf("want 20,000 statuses, have %d", have)
	}
	peak, cpu := peakRSS(t, p.command), p.gauge(t, "process_cpu_seconds_total")
	t.Logf("first scrape %v, peak RSS %.1f MB, %.2f s of processor", took.Round(time.Millisecond), float64(peak)/megabyte, cpu)
	if peak > scaleMemory {
		t.Errorf("peak RSS: want at most %d MiB, have %.1f MiB", scaleMemory/megabyte, float64(peak)/megabyte)
	}
	p.stop(t)
}
