package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// The credential of the simulated cloud, which verifies signatures.
const secretID, secretKey = "bench-id", "bench-key"

// fleet is what a simulated cloud contains and how it responds.
type fleet struct {
	regions, tasks int // tasks is per region
	latency        time.Duration
	// renaming gives every item a new name each time that its page is sent.
	renaming bool
}

// cloud is a simulated cloud in a process of its own.
type cloud struct {
	fleet
	*child
}

// startCloud starts a cloud and makes it render all of its pages, so that from then
// on a response costs little more than its latency, no matter who asks.
func startCloud(ctx context.Context, fleet fleet) *cloud {
	started := &cloud{fleet, startSelf(ctx, "cloud",
		"-regions", strconv.Itoa(fleet.regions), "-tasks", strconv.Itoa(fleet.tasks), "-latency", fleet.latency.String(), "-renaming="+strconv.FormatBool(fleet.renaming))}
	exporter := newExporter(started, source.MaxQPS)
	defer exporter.close()
	exporter.refresh(ctx)
	return started
}

// names returns the names of the regions.
func (f fleet) names() []string {
	var names []string
	for i := range f.regions {
		names = append(names, fmt.Sprintf("ap-region-%d", i))
	}
	return names
}

// serveCloud is the main function of the cloud's process.
func serveCloud(args []string) {
	var fleet fleet
	flags := flag.NewFlagSet("bench cloud", flag.ContinueOnError)
	flags.IntVar(&fleet.regions, "regions", 1, "regions of the one account")
	flags.IntVar(&fleet.tasks, "tasks", 0, "tasks of each region")
	flags.DurationVar(&fleet.latency, "latency", 0, "what each call takes")
	flags.BoolVar(&fleet.renaming, "renaming", false, "send each page with new names")
	check(flags.Parse(args))
	inventory := cloudsim.NewInventory()
	for n, region := range fleet.names() {
		inventory.Set(cloudsim.DescribeDatahubTasks, region, makeTasks(n, fleet.tasks)...)
	}
	server := cloudsim.New(cloudsim.Options{SecretID: secretID, SecretKey: secretKey, Fleet: inventory})
	if fleet.renaming {
		server.Always("", "", renamed())
	} else {
		server.Always("", "", remembered(fleet.latency))
	}
	address, stop, err := server.Listen()
	check(err)
	defer stop()
	untilOrphaned(address)
}

// remembered renders each page once, without the latency; from then on it sends the
// same bytes after the latency.
func remembered(latency time.Duration) cloudsim.Fault {
	type page struct {
		action, region string
		offset, limit  int
	}
	var rendered sync.Map
	return func(answer *cloudsim.Answer) {
		key := page{answer.Call.Action, answer.Call.Region, answer.Call.Offset, answer.Call.Limit}
		if body, ok := rendered.Load(key); ok {
			answer.Body, answer.HeaderDelay = body.([]byte), latency
			return
		}
		answer.Edit = func(document map[string]any) { rendered.Store(key, must(json.Marshal(document))) }
	}
}

// renamed gives the items of each page names that they have never had.
func renamed() cloudsim.Fault {
	var pages atomic.Int64
	return func(answer *cloudsim.Answer) {
		page := pages.Add(1)
		answer.Items = slices.Clone(answer.Items)
		for i := range answer.Items {
			answer.Items[i].Name = fmt.Sprintf("%s %d", answer.Items[i].Name, page)
		}
	}
}

// makeTasks returns tasks as a real cloud has them: unordered IDs, names in two
// scripts, one failed task in a hundred, and pages of 130 kB.
func makeTasks(seed, count int) []cloudsim.Item {
	random := rand.New(rand.NewPCG(1, uint64(seed)))
	tasks := make([]cloudsim.Item, count)
	for i := range tasks {
		tasks[i] = cloudsim.Item{
			ID:     "task-" + strconv.FormatUint(random.Uint64()%1e12+1e12, 36),
			Name:   fmt.Sprintf("订单 orders-%d", i),
			Type:   "SOURCE",
			Source: "MONGODB", Target: "CLICKHOUSE", Resource: "resource-8w3kq5zr",
			Status: 1, ErrorMessage: "运行中",
		}
		if i%100 == 99 {
			tasks[i].Status, tasks[i].ErrorMessage = -1, "The connector cannot reach 10.12.3.8:3306 (connection refused)."
		}
	}
	return tasks
}
