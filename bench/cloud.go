package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
)

// The credential of the simulated cloud, which checks signatures.
const secretID, secretKey = "bench-id", "bench-key"

// A fleet is what a simulated cloud has, and how it answers.
type fleet struct {
	regions, tasks int // so many tasks in each region
	latency        time.Duration
}

// cloud is a simulated cloud in a process of its own.
type cloud struct {
	fleet
	*child
}

// startCloud starts a cloud and has it render all of its pages: from then on an
// answer costs its latency and not much else, whoever asks.
func startCloud(ctx context.Context, fleet fleet) *cloud {
	started := &cloud{fleet, startSelf(ctx, "cloud",
		"-regions", strconv.Itoa(fleet.regions), "-tasks", strconv.Itoa(fleet.tasks), "-latency", fleet.latency.String())}
	exporter := newExporter(started, source.MaxQPS)
	defer exporter.close()
	exporter.refresh(ctx)
	return started
}

// names returns the regions' names.
func (f fleet) names() []string {
	var names []string
	for i := range f.regions {
		names = append(names, fmt.Sprintf("ap-region-%d", i))
	}
	return names
}

// serveCloud is the process.
func serveCloud(args []string) {
	var fleet fleet
	flags := flag.NewFlagSet("bench cloud", flag.ContinueOnError)
	flags.IntVar(&fleet.regions, "regions", 1, "regions of the one account")
	flags.IntVar(&fleet.tasks, "tasks", 0, "tasks of each region")
	flags.DurationVar(&fleet.latency, "latency", 0, "what each call takes")
	check(flags.Parse(args))
	inventory := cloudsim.NewInventory()
	for n, region := range fleet.names() {
		inventory.Set(cloudsim.DescribeDatahubTasks, region, makeTasks(n, fleet.tasks)...)
	}
	server := cloudsim.New(cloudsim.Options{SecretID: secretID, SecretKey: secretKey, Fleet: inventory})
	server.Always("", "", remembered(fleet.latency))
	address, stop, err := server.Listen()
	check(err)
	defer stop()
	untilOrphaned(address)
}

// remembered renders each page once, without the latency, and later sends the
// same bytes after it.
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

// makeTasks returns tasks as a cloud has them: with IDs in no order, names of both
// scripts, one in a hundred failed, and pages of 130 kB.
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
