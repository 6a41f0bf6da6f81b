package main

import (
	"context"
	"fmt"
	"time"

	"datahub_exporter/source"
)

// latency is the duration of an API call from a machine in another region.
const latency = 50 * time.Millisecond

// coldScrape measures the first scrape, with no open connections, because the
// original never has any.
func (b *bench) coldScrape(ctx context.Context) {
	for _, tasks := range b.sizes.cold {
		turns, most := b.sizes.turns, none
		if tasks == 2000 {
			most = 1. / 6
		}
		if tasks > 2000 {
			turns = 1 // the original takes six seconds
		}
		theirs, ours := b.cold(ctx, fleet{regions: 1, tasks: tasks, latency: latency}, turns)
		limit, name := limit(tasks)
		what := fmt.Sprintf("cold scrape of %s tasks at 50 ms a call", grouped(tasks))
		b.table.add(
			row{what: what, against: "the original's way", unit: seconds, theirs: theirs.wall, ours: ours.wall, share: most},
			row{what: what, against: "the limit: " + name, unit: seconds, theirs: limit, ours: ours.wall})
		b.growth.cold = append(b.growth.cold, point{float64(tasks), theirs, ours})
	}
}

// cold runs scrapes of the exporter, which is recreated for each one, and of the
// original against a cloud with its quota.
func (b *bench) cold(ctx context.Context, fleet fleet, turns int) (theirs, ours figures) {
	cloud := startCloud(ctx, fleet)
	defer cloud.end()
	var current *exporter
	return duel(ctx, turns, cloud.originally(), contender{
		once: true,
		operate: func(ctx context.Context) {
			current = newExporter(cloud, source.DefaultQPS)
			current.scrape(ctx)
		},
		cleanUp: func() {
			current.close()
			current = nil
		},
	})
}

// limit returns the shortest time possible within the quota: two round trips, or a
// second for every further 20 calls.
func limit(tasks int) (float64, string) {
	roundTrips := 2 * latency.Seconds()
	if waves := (tasks/100 - 1) / source.DefaultQPS; waves > 0 {
		return roundTrips + float64(waves), "20 calls a second"
	}
	return roundTrips, "two round trips"
}

// originally returns the original's way to scrape, one region after another.
func (c *cloud) originally() contender {
	original := &original{cloud: c}
	return contender{once: true, cleanUp: original.close, operate: func(ctx context.Context) {
		for _, region := range c.names() {
			wantTasks(c.tasks, statuses(original.scrape(ctx, region)))
		}
	}}
}

// manyTargets measures a scrape of many regions.
func (b *bench) manyTargets(ctx context.Context) {
	theirs, ours := b.cold(ctx, fleet{regions: b.sizes.targets, tasks: 200, latency: latency}, 1)
	what := fmt.Sprintf("cold scrape of %d targets of 200 tasks at 50 ms a call", b.sizes.targets)
	b.table.add(
		row{what: what, against: "the original's way, one after the other", unit: seconds, theirs: theirs.wall, ours: ours.wall},
		row{what: what + ", CPU", against: "the same", unit: seconds, theirs: theirs.cpu, ours: ours.cpu})
}

// refreshCPU measures what a refresh costs the machine, with and without exposing
// the result. Connections are already open, for contenders that keep them.
func (b *bench) refreshCPU(ctx context.Context) {
	cloud := startCloud(ctx, fleet{regions: 1, tasks: b.sizes.tasks})
	defer cloud.end()
	exporter := newExporter(cloud, source.MaxQPS) // back-to-back refreshes need a higher quota
	defer exporter.close()
	theirs, ours := duel(ctx, b.sizes.turns, cloud.typed(), contender{operate: exporter.refresh})
	what := fmt.Sprintf("refresh of %s tasks, pages of 130 kB", grouped(b.sizes.tasks))
	b.table.add(
		row{what: what + ", CPU", against: "the SDK's typed call", unit: seconds, theirs: theirs.cpu, ours: ours.cpu},
		row{what: what + ", allocations", against: "the same", unit: number, theirs: theirs.allocs, ours: ours.allocs},
		row{what: what + ", bytes allocated", against: "the same", unit: bytes, theirs: theirs.bytes, ours: ours.bytes})
	b.refreshAndScrape(ctx, fleet{regions: 1, tasks: b.sizes.tasks}, "nothing new", 0.2)
	b.refreshAndScrape(ctx, fleet{regions: 1, tasks: b.sizes.tasks, renaming: true}, "all changed", 0.4)
}

// refreshAndScrape measures a refresh together with the scrape that shows its
// result.
func (b *bench) refreshAndScrape(ctx context.Context, fleet fleet, brings string, share float64) {
	cloud := startCloud(ctx, fleet)
	defer cloud.end()
	exporter := newExporter(cloud, source.MaxQPS)
	defer exporter.close()
	theirs, ours := duel(ctx, b.sizes.turns, cloud.originally(), contender{operate: exporter.scrape})
	b.table.add(row{
		what: fmt.Sprintf("refresh and scrape of %s tasks, %s, CPU", grouped(fleet.tasks), brings), against: "the original's way",
		unit: seconds, theirs: theirs.cpu, ours: ours.cpu, share: share,
	})
}

// typed returns a refresh with the SDK's typed call and one client, which keeps its
// connection.
func (c *cloud) typed() contender {
	client := (&original{cloud: c}).client(c.names()[0])
	return contender{operate: func(ctx context.Context) {
		listed := 0
		for offset := 0; offset < c.tasks; offset += 100 {
			listed += len(typedCall(ctx, client, int64(offset)).TaskList)
		}
		wantTasks(c.all(), listed)
	}}
}
