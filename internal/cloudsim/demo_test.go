package cloudsim_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"datahub_exporter/internal/cloudsim"
)

var demoStart = time.Date(2025, 6, 1, 9, 30, 0, 0, time.UTC)

// demoAt returns the items of an action that the demonstration lists in both
// regions, by ID.
func demoAt(t *testing.T, action string, after time.Duration) map[string]cloudsim.Item {
	t.Helper()
	fleet := cloudsim.Demo(demoStart)
	found := map[string]cloudsim.Item{}
	for _, region := range []string{guangzhou, shanghai} {
		items, known := fleet.Items(action, region, demoStart.Add(after))
		if !known {
			t.Fatalf("region %s is unknown", region)
		}
		for _, item := range items {
			if _, twice := found[item.ID]; twice || item.ID == "" || item.Name == "" {
				t.Errorf("after %v: %+v is listed twice or has no ID or name", after, item)
			}
			found[item.ID] = item
		}
	}
	return found
}

func TestDemoAtStart(t *testing.T) {
	have := map[int64]int{}
	for _, item := range demoAt(t, tasks, 0) {
		have[item.Status]++
		if failed := item.Status == -1 || item.Status == 9; failed != (item.ErrorMessage != "" && item.ErrorMessage != "运行中") {
			t.Errorf("%s has status %d and message %q", item.Name, item.Status, item.ErrorMessage)
		}
	}
	if diff := cmp.Diff(map[int64]int{-1: 1, 0: 1, 1: 8, 6: 1, 9: 1}, have); diff != "" {
		t.Errorf("tasks by status (-want +have):\n%s", diff)
	}
	for _, connection := range demoAt(t, connections, 0) {
		if connection.Status != 1 || connection.ErrorMessage != "RUNNING" {
			t.Errorf("%s has status %d and message %q", connection.Name, connection.Status, connection.ErrorMessage)
		}
	}
	if have := len(demoAt(t, connections, 0)); have != 5 {
		t.Errorf("want 5 connections, have %d", have)
	}
}

func TestDemoStory(t *testing.T) {
	const orders, users, coupon = "task-n3k8x2p7", "task-u2h6v8c5", "task-p4w7z5n8"
	const adHoc, promo, usersDB = "task-t3v8p6h5", "task-d6k2z9g8", "resource-b4x8n3zr"
	const missing = -99
	cases := []struct {
		action, id string
		minute     time.Duration
		want       int64
	}{
		{connections, usersDB, 0, 1},
		{connections, usersDB, 1, 7},
		{connections, usersDB, 3, 1},
		{tasks, users, 1, 1},
		{tasks, users, 2, 9},
		{tasks, users, 4, 1},
		{tasks, orders, 5, 1},
		{tasks, orders, 6, 6},
		{tasks, orders, 8, 6},
		{tasks, orders, 9, 1},
		{tasks, coupon, 0, 0},
		{tasks, coupon, 1, 0},
		{tasks, coupon, 2, 1},
		{tasks, coupon, 11, 2},
		{tasks, adHoc, 7, 1},
		{tasks, adHoc, 8, 2},
		{tasks, adHoc, 9, missing},
		{tasks, adHoc, 11, 0},
		{tasks, promo, 0, missing},
		{tasks, promo, 4, 0},
		{tasks, promo, 5, 1},
		{tasks, promo, 10, missing},
		{tasks, orders, 18, 6},
		{tasks, orders, -5, 1},
	}
	for _, c := range cases {
		item, found := demoAt(t, c.action, c.minute*time.Minute)[c.id]
		have := item.Status
		if !found {
			have = missing
		}
		if have != c.want {
			t.Errorf("%s in minute %d: want status %d, have %d", c.id, c.minute, c.want, have)
		}
	}
}

// TestDemoThroughout steps through a cycle and checks what is true at any time, and
// that the next cycle is the same.
func TestDemoThroughout(t *testing.T) {
	const cycle = 12 * time.Minute
	for after := time.Duration(0); after < cycle; after += 15 * time.Second {
		all := demoAt(t, connections, after)
		behind := map[string]int{}
		listed := demoAt(t, tasks, after)
		for _, item := range listed {
			behind[item.Resource]++
			if _, known := all[item.Resource]; !known && item.Resource != "" {
				t.Errorf("after %v: %s is behind %s, which is not listed", after, item.ID, item.Resource)
			}
		}
		for id, item := range all {
			if have := item.Fields["DatahubTaskCount"]; have != behind[id] {
				t.Errorf("after %v: %s: want %d tasks, have %v", after, id, behind[id], have)
			}
		}
		if diff := cmp.Diff(listed, demoAt(t, tasks, after+cycle), cmpopts.IgnoreFields(cloudsim.Item{}, "Group")); diff != "" {
			t.Errorf("after %v: the second cycle differs (-first +second):\n%s", after, diff)
		}
	}
}

// The progress of a creation counts from its own start to its own end.
func TestDemoProgresses(t *testing.T) {
	const coupon, promo = "task-p4w7z5n8", "task-d6k2z9g8"
	for _, c := range []struct {
		id    string
		after time.Duration
		want  any
	}{
		{coupon, 0, 0.0},
		{coupon, 60 * time.Second, 50.0},
		{coupon, 119 * time.Second, 99.0},
		{coupon, 2 * time.Minute, nil},
		{promo, 4 * time.Minute, 0.0},
		{promo, 4*time.Minute + 15*time.Second, 25.0},
		{promo, 5 * time.Minute, nil},
	} {
		if have := demoAt(t, tasks, c.after)[c.id].Fields["TaskProgress"]; have != c.want {
			t.Errorf("%s after %v: want %v, have %v", c.id, c.after, c.want, have)
		}
	}
}

func TestDemoKnowsTwoRegions(t *testing.T) {
	if items, known := cloudsim.Demo(demoStart).Items(tasks, "ap-beijing", demoStart); known || len(items) > 0 {
		t.Errorf("ap-beijing: want an unknown region, have %v", items)
	}
}

// Every task that reads from a topic commits what is written, except for one that stands
// for 24 minutes, and then catches up.
func TestDemoStands(t *testing.T) {
	const standing = "task-c8s3g7k4"
	offsets := func(after time.Duration) map[string]cloudsim.Partition {
		found := map[string]cloudsim.Partition{}
		for id, item := range demoAt(t, tasks, after) {
			if item.Group != nil {
				found[id] = item.Group.Topics[0].Partitions[0]
			}
		}
		return found
	}
	for after := 30 * time.Second; after < 80*time.Minute; after += time.Minute {
		before, now := offsets(after-30*time.Second), offsets(after)
		at := after % (36 * time.Minute)
		for id, p := range now {
			was, known := before[id]
			stands := known && p.Offset == was.Offset
			if want := id == standing && at > 2*time.Minute && at < 26*time.Minute; known && (stands != want || p.LogEnd <= was.LogEnd) {
				t.Errorf("%s after %v: want it to stand: %t, have %+v after %+v", id, after, want, p, was)
			}
		}
	}
}
