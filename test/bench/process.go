package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// processes measures the real binary: its startup, its memory, a warm scrape, and
// its size.
func (b *bench) processes(ctx context.Context) {
	plain, stripped := b.build(ctx, "plain"), b.build(ctx, "stripped", "-ldflags", "-s -w")
	b.demo(ctx, stripped)
	b.warmScrape(ctx, stripped)
	b.memory(ctx, stripped)
	b.table.add(
		row{what: "binary, static, -trimpath", unit: bytes, theirs: none, ours: float64(must(os.Stat(plain.path)).Size())},
		row{what: "the same, -ldflags '-s -w'", unit: bytes, theirs: none, ours: float64(must(os.Stat(stripped.path)).Size())})
}

// binary is a built exporter.
type binary struct{ path, conf string }

func (b *bench) build(ctx context.Context, name string, args ...string) binary {
	built := binary{filepath.Join(b.scratch, name), filepath.Join(b.scratch, name+".conf")}
	build := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", built.path}, b.sizes.build, args)...)
	build.Dir, build.Env, build.Stderr = "../..", append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	check(build.Run())
	return built
}

// listening matches the log line that contains the address.
var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func (b binary) start(ctx context.Context, args ...string) *child {
	return startChild(exec.CommandContext(ctx, b.path, append(args, "--web.listen-address=127.0.0.1:0")...), listening)
}

// watch starts the binary against a cloud.
func (b binary) watch(ctx context.Context, c *cloud, args ...string) *child {
	content := fmt.Sprintf("[common]\nsecret_id = %s\nsecret_key = %s\nregion = %s\nendpoint = http://%s\n", secretID, secretKey, c.names()[0], c.address)
	check(os.WriteFile(b.conf, []byte(content), 0o600))
	return b.start(ctx, append(args, "--conf="+b.conf)...)
}

// demo measures the time from the start to the end of the first scrape of a demo.
func (b *bench) demo(ctx context.Context, binary binary) {
	var taken []float64
	for range b.sizes.turns {
		begin := time.Now()
		demo := binary.start(ctx, "--demo")
		demo.scrape(ctx, 12)
		taken = append(taken, time.Since(begin).Seconds())
		demo.end()
	}
	slices.Sort(taken)
	b.table.add(row{what: "start to the first complete scrape of `--demo`", unit: seconds, theirs: none, ours: taken[len(taken)/2]})
}

// warmScrape measures a scrape over HTTP that does not call the API.
func (b *bench) warmScrape(ctx context.Context, binary binary) {
	cloud := startCloud(ctx, fleet{regions: 1, tasks: b.sizes.tasks})
	defer cloud.end()
	process := binary.watch(ctx, cloud, "--ckafka.min-interval=1h", "--ckafka.stale-after=2h")
	defer process.end()
	process.scrape(ctx, cloud.all())
	const scrapes = 500
	before := process.cpu()
	for range scrapes {
		process.scrape(ctx, cloud.all())
	}
	b.table.add(row{
		what: fmt.Sprintf("warm scrape of %s tasks over HTTP, CPU", grouped(b.sizes.tasks)), unit: seconds,
		theirs: none, ours: (process.cpu() - before).Seconds() / scrapes,
	})
}

// memory measures the peak memory of both contenders after several refreshes and
// scrapes.
func (b *bench) memory(ctx context.Context, binary binary) {
	asked := map[int]float64{2000: 45e6, 20_000: 280e6}
	for _, tasks := range b.sizes.memory {
		theirs, ours := peaks(ctx, binary, tasks)
		b.table.add(row{
			what: fmt.Sprintf("peak memory with %s tasks", grouped(tasks)), against: "the original's way",
			unit: bytes, theirs: theirs, ours: ours, most: asked[tasks],
		})
		b.growth.memory = append(b.growth.memory, point{float64(tasks), figures{bytes: theirs}, figures{bytes: ours}})
	}
}

func peaks(ctx context.Context, binary binary, tasks int) (theirs, ours float64) {
	cloud := startCloud(ctx, fleet{regions: 1, tasks: tasks})
	defer cloud.end()
	// Back-to-back refreshes need a higher quota than the API's.
	our := binary.watch(ctx, cloud, "--ckafka.min-interval=0s", "--ckafka.qps=1000", "--ckafka.timeout=1m")
	defer our.end()
	their := startSelf(ctx, "original", "-cloud", cloud.address)
	defer their.end()
	for range 2 {
		their.scrape(ctx, tasks)
	}
	for range 10 {
		our.scrape(ctx, tasks)
	}
	return their.peak(), our.peak()
}
