package ckafka_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// gate holds calls back until a given number of them are waiting.
type gate struct {
	mu            sync.Mutex
	wanted, there int
	open          chan struct{}
}

func newGate(wanted int) *gate { return &gate{wanted: wanted, open: make(chan struct{})} }

// pass reports whether the gate has opened.
func (g *gate) pass() bool {
	g.mu.Lock()
	g.there++
	if g.there == g.wanted {
		close(g.open)
	}
	g.mu.Unlock()
	select {
	case <-g.open:
		return true
	case <-time.After(time.Second): // in a bubble: nobody else will come
		return false
	}
}

// 2,000 tasks take 20 calls in two round trips: all pages after the first are in
// flight before any of them gets a response. From the second refresh on it is one.
func TestTwentyPagesTakeTwoRoundTripsAndThenOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fleet := cloudsim.NewInventory(region)
		items := make([]cloudsim.Item, 2000)
		for i := range items {
			items[i] = cloudsim.Item{ID: fmt.Sprint("task-", i), Status: 1}
		}
		fleet.Set(cloudsim.DescribeDatahubTasks, region, items...)
		cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet, QPS: source.DefaultQPS})
		second := newGate(19)
		cloud.Always("", "", func(answer *cloudsim.Answer) {
			if answer.Call.Offset > 0 && !second.pass() {
				t.Errorf("the page at %d waits for 18 others in vain", answer.Call.Offset)
			}
		})
		tasks := openOn(t, serve(t, cloud).transport(), "cloud", source.Options{Timeout: time.Minute})
		for refresh := range 2 {
			if snapshot := tasks.Snapshot(t.Context()); !snapshot.Up() || len(snapshot.Listing.Items) != 2000 {
				t.Fatalf("want 2,000 tasks, have %v", snapshot.Err)
			}
			if have := len(cloud.Calls("", "")); have != 20*(refresh+1) {
				t.Errorf("refresh %d: want 20 calls, have %d in all", refresh, have)
			}
			all := newGate(20)
			cloud.Always("", "", func(answer *cloudsim.Answer) {
				if !all.pass() {
					t.Errorf("the page at %d waits for 19 others in vain", answer.Call.Offset)
				}
			})
			time.Sleep(time.Minute)
		}
	})
}
