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
func startCloud(ctx context.Context, fleet fleet) (*cloud, error) {
	started, err := startSelf(ctx, "cloud", "-regions", strconv.Itoa(fleet.regions), "-tasks", strconv.Itoa(fleet.tasks),
		"-latency", fleet.latency.String())
	if err != nil {
		return nil, err
	}
	c := &cloud{fleet, started}
	exporter, err := newExporter(c)
	if err != nil {
		c.end()
		return nil, err
	}
	defer exporter.close()
	if err := exporter.refresh(ctx); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
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
func serveCloud(args []string) error {
	var fleet fleet
	flags := flag.NewFlagSet("bench cloud", flag.ContinueOnError)
	flags.IntVar(&fleet.regions, "regions", 1, "regions of the one account")
	flags.IntVar(&fleet.tasks, "tasks", 0, "tasks of each region")
	flags.DurationVar(&fleet.latency, "latency", 0, "what each call takes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	inventory := cloudsim.NewInventory()
	for n, region := range fleet.names() {
		inventory.Set(cloudsim.DescribeDatahubTasks, region, makeTasks(n, fleet.tasks)...)
	}
	server := cloudsim.New(cloudsim.Options{SecretID: secretID, SecretKey: secretKey, Fleet: inventory})
	server.Always("", "", remembered(fleet.latency))
	address, stop, err := server.Listen()
	if err != nil {
		return err
	}
	defer stop()
	return untilOrphaned(address)
}

// remembered renders each page once, at once, and later sends the same bytes after
// the latency.
func remembered(latency time.Duration) cloudsim.Fault {
	type page struct {
		action, region string
		offset, limit  int
	}
	var mu sync.Mutex
	rendered := map[page][]byte{}
	return func(answer *cloudsim.Answer) {
		key := page{answer.Call.Action, answer.Call.Region, answer.Call.Offset, answer.Call.Limit}
		mu.Lock()
		defer mu.Unlock()
		if body, ok := rendered[key]; ok {
			answer.Body, answer.HeaderDelay = body, latency
			return
		}
		answer.Edit = func(document map[string]any) {
			body, err := json.Marshal(document)
			if err != nil {
				return // the server tells
			}
			mu.Lock()
			defer mu.Unlock()
			rendered[key] = body
		}
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
