package source

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Targets that hang cost a reader of all of them one deadline, not one each.
func TestTargetsThatHangAreWaitedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _ int64) (Page, error) {
			<-ctx.Done()
			return Page{}, classify(ctx, ctx.Err())
		}
		set := &Set{}
		for _, region := range []string{"ap-guangzhou", "ap-shanghai", "ap-beijing"} {
			set.sources = append(set.sources, newSource(Lister{Target: Target{Region: region, Action: Tasks}, List: hang}, Options{Timeout: 8 * time.Second}))
		}
		defer set.Close()
		begin := time.Now()
		if have := len(set.Snapshots(t.Context(), Tasks)); have != 3 {
			t.Errorf("snapshots: want 3, have %d", have)
		}
		if took := time.Since(begin); took != 8*time.Second {
			t.Errorf("three hung targets: want their one deadline of 8s, have %v", took)
		}
	})
}
