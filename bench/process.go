package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// processes measures the real binary: its size, its start, its memory and what a
// warm scrape takes.
func (b *bench) processes(ctx context.Context) error {
	plain, stripped := filepath.Join(b.scratch, "plain"), filepath.Join(b.scratch, "stripped")
	sizes := []float64{}
	for path, flags := range map[string]string{plain: "", stripped: "-s -w"} {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", flags, "-o", path, ".")
		build.Dir, build.Env, build.Stderr = "..", append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
		if err := build.Run(); err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		sizes = append(sizes, float64(info.Size()))
	}
	binary := &binary{path: stripped, scratch: b.scratch}
	if err := errors.Join(b.demo(ctx, binary), b.warmScrape(ctx, binary), b.memory(ctx, binary)); err != nil {
		return err
	}
	b.table.add(
		row{what: "binary, static, -trimpath", unit: bytes, theirs: none, ours: slices.Max(sizes)},
		row{what: "the same, -ldflags '-s -w'", unit: bytes, theirs: none, ours: slices.Min(sizes)})
	return nil
}

// binary is the exporter, built.
type binary struct{ path, scratch string }

// listening is where its log says that it serves.
var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func (b *binary) start(ctx context.Context, args ...string) (*child, error) {
	return startChild(exec.CommandContext(ctx, b.path, append(args, "--web.listen-address=127.0.0.1:0")...), listening)
}

// watch starts it on a cloud.
func (b *binary) watch(ctx context.Context, c *cloud, args ...string) (*child, error) {
	conf := filepath.Join(b.scratch, "exporter.conf")
	content := fmt.Sprintf("[common]\nsecret_id = %s\nsecret_key = %s\nregion = %s\nendpoint = http://%s\n", secretID, secretKey, c.names()[0], c.address)
	if err := os.WriteFile(conf, []byte(content), 0o600); err != nil {
		return nil, err
	}
	return b.start(ctx, append(args, "--conf="+conf)...)
}

// scrape scrapes the tasks of a process and returns how many there are.
func (c *child) scrape(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/api/v1/ckafka/datahub_tasks/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("scrape was answered with %s: %s", response.Status, body)
	}
	return statuses("\n" + string(body)), nil
}

// demo measures from the start to the end of the first scrape of a demo.
func (b *bench) demo(ctx context.Context, binary *binary) error {
	var taken []float64
	for range b.sizes.turns {
		begin := time.Now()
		demo, err := binary.start(ctx, "--demo")
		if err != nil {
			return err
		}
		tasks, err := demo.scrape(ctx)
		taken = append(taken, time.Since(begin).Seconds())
		demo.end()
		if err != nil || tasks < 10 {
			return fmt.Errorf("demo: want its 12 tasks, have %d, %w", tasks, err)
		}
	}
	slices.Sort(taken)
	b.table.add(row{what: "start to the first complete scrape of --demo", unit: seconds, theirs: none, ours: taken[len(taken)/2]})
	return nil
}

// warmScrape measures a scrape for which the API is not asked, over HTTP.
func (b *bench) warmScrape(ctx context.Context, binary *binary) error {
	cloud, err := startCloud(ctx, fleet{regions: 1, tasks: b.sizes.tasks})
	if err != nil {
		return err
	}
	defer cloud.end()
	process, err := binary.watch(ctx, cloud, "--ckafka.min-interval=1h", "--ckafka.stale-after=2h")
	if err != nil {
		return err
	}
	defer process.end()
	const scrapes = 500
	var before time.Duration
	for i := range scrapes + 10 {
		if i == 10 {
			if before, err = process.cpu(); err != nil {
				return err
			}
		}
		tasks, err := process.scrape(ctx)
		if err := errors.Join(err, wantTasks(cloud, tasks)); err != nil {
			return err
		}
	}
	after, err := process.cpu()
	b.table.add(row{
		what: fmt.Sprintf("warm scrape of %d tasks over HTTP, CPU", b.sizes.tasks), unit: seconds,
		theirs: none, ours: (after - before).Seconds() / scrapes, most: 0.003,
	})
	return err
}

// memory measures the peak of both ways, after some refreshes and scrapes.
func (b *bench) memory(ctx context.Context, binary *binary) error {
	asked := map[int]float64{2000: 35e6, 20_000: 120e6}
	for _, tasks := range b.sizes.memory {
		theirs, ours, err := b.peaks(ctx, binary, tasks)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("peak memory with %d tasks", tasks)
		if tasks == 0 {
			what = "peak memory without a task"
		}
		b.table.add(row{what: what, against: "the original's way", unit: bytes, theirs: theirs, ours: ours, most: asked[tasks]})
		b.growth.memory = append(b.growth.memory, point{float64(tasks), figures{bytes: theirs}, figures{bytes: ours}})
	}
	return nil
}

func (b *bench) peaks(ctx context.Context, binary *binary, tasks int) (theirs, ours float64, err error) {
	cloud, err := startCloud(ctx, fleet{regions: 1, tasks: tasks})
	if err != nil {
		return 0, 0, err
	}
	defer cloud.end()
	// So many refreshes in a row need another quota than the API's.
	our, err := binary.watch(ctx, cloud, "--ckafka.min-interval=0s", "--ckafka.qps=1000", "--ckafka.timeout=1m")
	if err != nil {
		return 0, 0, err
	}
	defer our.end()
	their, err := startSelf(ctx, "original", "-cloud", cloud.address, "-regions", strconv.Itoa(cloud.regions))
	if err != nil {
		return 0, 0, err
	}
	defer their.end()
	for process, scrapes := range map[*child]int{our: 20, their: 3} {
		for range scrapes {
			listed, err := process.scrape(ctx)
			if err := errors.Join(err, wantTasks(cloud, listed)); err != nil {
				return 0, 0, err
			}
		}
	}
	theirs, theirErr := their.peak()
	ours, ourErr := our.peak()
	return theirs, ours, errors.Join(theirErr, ourErr)
}
