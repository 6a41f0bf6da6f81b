package cloudsim_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"datahub_exporter/internal/cloudsim"
)

func named(code string) cloudsim.Fault { return cloudsim.Error(code, "") }

func TestScripts(t *testing.T) {
	cases := map[string]struct {
		prepare func(*cloudsim.Server)
		want    []string // of consecutive calls for tasks in Guangzhou
	}{
		"none": {func(*cloudsim.Server) {}, []string{"", ""}},
		"used up": {func(s *cloudsim.Server) {
			s.Script(tasks, guangzhou, named("A"), nil)
			s.Script(tasks, guangzhou, named("B"))
		}, []string{"A", "", "B", "", ""}},
		"script before standing fault": {func(s *cloudsim.Server) {
			s.Always(tasks, guangzhou, named("Z"))
			s.Script("", "", named("A"), nil)
		}, []string{"A", "", "Z", "Z"}},
		"healed": {func(s *cloudsim.Server) {
			s.Always(tasks, guangzhou, named("Z"))
			s.Always(tasks, guangzhou, nil)
		}, []string{"", ""}},
		"exact before any": {func(s *cloudsim.Server) {
			s.Script("", "", named("D"))
			s.Script("", guangzhou, named("C"))
			s.Script(tasks, "", named("B"))
			s.Script(tasks, guangzhou, named("A"))
		}, []string{"A", "B", "C", "D", ""}},
		"exact standing fault before any": {func(s *cloudsim.Server) {
			s.Always("", "", named("Y"))
			s.Always(tasks, guangzhou, named("Z"))
		}, []string{"Z", "Z"}},
		"others": {func(s *cloudsim.Server) {
			s.Script(connections, "", named("A"))
			s.Always("", shanghai, named("Z"))
		}, []string{"", ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			c.prepare(cloud.Server)
			var have []string
			for range c.want {
				have = append(have, cloud.call(t, tasks, guangzhou, "{}").code())
			}
			if !slices.Equal(c.want, have) {
				t.Errorf("want %q, have %q", c.want, have)
			}
		})
	}
}

func TestRefusedCallsLeaveTheScript(t *testing.T) {
	cloud := newCloud(t, func(o *cloudsim.Options) { o.QPS = 1 })
	cloud.Script(tasks, guangzhou, named("A"), named("B"))
	start := cloud.clock.Now()
	forged := cloud.request(t.Context(), t, tasks, guangzhou, "{}")
	forged.Header.Set("Authorization", forged.Header.Get("Authorization")+"0")
	have := []string{cloud.do(t, forged).code()}
	for i := range 2 {
		have = append(have, cloud.call(t, tasks, guangzhou, "{}").code(), cloud.call(t, tasks, guangzhou, "{}").code())
		cloud.clock.set(start.AddDate(0, 0, i+1))
	}
	want := []string{"AuthFailure.SignatureFailure", "A", "RequestLimitExceeded", "B", "RequestLimitExceeded"}
	if !slices.Equal(want, have) {
		t.Errorf("want %q, have %q", want, have)
	}
}

// TestConcurrentCalls is for the race detector. It also checks that each fault is
// used for exactly one call.
func TestConcurrentCalls(t *testing.T) {
	const n = 16
	cloud := newCloud(t, nil)
	var group sync.WaitGroup
	for i := range n {
		cloud.Script("", "", named(strconv.Itoa(i)))
		group.Go(func() { cloud.inventory.Set(tasks, guangzhou, cloudsim.Item{ID: "task-a"}) })
	}
	for range n {
		group.Go(func() {
			cloud.call(t, tasks, guangzhou, "{}")
			cloud.Calls("", "")
		})
	}
	group.Wait()
	codes := map[string]bool{}
	for _, call := range cloud.Calls(tasks, guangzhou) {
		codes[call.Code] = true
	}
	if len(codes) != n || codes[""] {
		t.Errorf("want each of %d faults once, have %v", n, codes)
	}
}
