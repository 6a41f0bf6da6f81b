package main

import (
	"context"
	"fmt"
	"time"

	"datahub_exporter/source"
)

// latency is what a call takes, from a machine in another region.
const latency = 50 * time.Millisecond

// coldRefresh measures the first scrape, without connections, for the original
// has none at any scrape.
func (b *bench) coldRefresh(ctx context.Context) error {
	for _, tasks := range b.sizes.cold {
		cloud, err := startCloud(ctx, fleet{regions: 1, tasks: tasks, latency: latency})
		if err != nil {
			return err
		}
		turns := b.sizes.turns
		if tasks > 2000 {
			turns = 1 // the original takes six seconds
		}
		theirs, ours, err := duel(ctx, turns, cloud.originally(), cloud.cold())
		cloud.end()
		if err != nil {
			return err
		}
		what := fmt.Sprintf("cold scrape of %d tasks at 50 ms a call", tasks)
		first := row{what: what, against: "the original's way", unit: seconds, theirs: theirs.wall, ours: ours.wall}
		if tasks == 2000 {
			first.most, first.share = 0.125, true
		}
		b.table.add(first,
			row{what: what, against: "the limit: " + limitName(tasks), unit: seconds, theirs: limit(tasks), ours: ours.wall})
		b.growth.cold = append(b.growth.cold, point{float64(tasks), theirs, ours})
	}
	return nil
}

// limit is what nobody can be faster than who keeps to the quota: two round trips,
// or a second for each further 20 calls.
func limit(tasks int) float64 {
	waves := (tasks/100 - 1) / source.DefaultQPS
	return 2*latency.Seconds() + float64(waves)
}

func limitName(tasks int) string {
	if limit(tasks) < 1 {
		return "two round trips"
	}
	return "20 calls a second"
}

// cold is the exporter, started anew for each scrape, with the quota.
func (c *cloud) cold() contender {
	return contender{gogc: exporterGOGC, once: true, operate: func(ctx context.Context) error {
		exporter, err := newExporterWith(c, source.DefaultQPS)
		if err != nil {
			return err
		}
		defer exporter.close()
		return exporter.scrape(ctx)
	}}
}

// originally is the original's way to a scrape.
func (c *cloud) originally() contender {
	return contender{once: true, operate: func(ctx context.Context) error {
		exposition, err := original{c}.scrape(ctx)
		if err != nil {
			return err
		}
		return wantTasks(c, statuses("\n"+exposition))
	}}
}

// manyTargets measures a scrape over many regions.
func (b *bench) manyTargets(ctx context.Context) error {
	cloud, err := startCloud(ctx, fleet{regions: b.sizes.targets, tasks: 200, latency: latency})
	if err != nil {
		return err
	}
	defer cloud.end()
	theirs, ours, err := duel(ctx, 1, cloud.originally(), cloud.cold())
	if err != nil {
		return err
	}
	what := fmt.Sprintf("cold scrape of %d targets of 200 tasks at 50 ms a call", b.sizes.targets)
	b.table.add(
		row{what: what, against: "the original's way, one target after the other", unit: seconds, theirs: theirs.wall, ours: ours.wall},
		row{what: what + ", CPU", against: "the same", unit: seconds, theirs: theirs.cpu, ours: ours.cpu})
	return nil
}

// refreshCPU measures what a refresh takes of the machine, with and without the
// exposition of what it brought. Connections are open, where they are kept.
func (b *bench) refreshCPU(ctx context.Context) error {
	cloud, err := startCloud(ctx, fleet{regions: 1, tasks: b.sizes.tasks})
	if err != nil {
		return err
	}
	defer cloud.end()
	exporter, err := newExporter(cloud)
	if err != nil {
		return err
	}
	defer exporter.close()
	theirs, ours, err := duel(ctx, b.sizes.turns, cloud.typed(), contender{gogc: exporterGOGC, operate: exporter.refresh})
	if err != nil {
		return err
	}
	what := fmt.Sprintf("refresh of %d tasks, pages of 130 kB", b.sizes.tasks)
	b.table.add(
		row{what: what + ", CPU", against: "the SDK's typed call", unit: seconds, theirs: theirs.cpu, ours: ours.cpu, most: 1. / 3, share: true},
		row{what: what + ", allocations", against: "the same", unit: number, theirs: theirs.allocs, ours: ours.allocs},
		row{what: what + ", bytes allocated", against: "the same", unit: bytes, theirs: theirs.bytes, ours: ours.bytes})
	theirs, ours, err = duel(ctx, b.sizes.turns, cloud.originally(), contender{gogc: exporterGOGC, operate: exporter.scrape})
	if err != nil {
		return err
	}
	b.table.add(row{
		what: fmt.Sprintf("refresh and scrape of %d tasks, CPU", b.sizes.tasks), against: "the original's way",
		unit: seconds, theirs: theirs.cpu, ours: ours.cpu, most: 0.25, share: true,
	})
	return nil
}

// typed is a refresh by the SDK's typed call with one client, which keeps its
// connection.
func (c *cloud) typed() contender {
	client, err := original{c}.client(c.names()[0])
	return contender{operate: func(ctx context.Context) error {
		if err != nil {
			return err
		}
		listed := 0
		for offset := 0; offset < c.tasks; offset += 100 {
			result, err := typedCall(ctx, client, int64(offset))
			if err != nil {
				return err
			}
			listed += len(result.TaskList)
		}
		return wantTasks(c, listed)
	}}
}
