package e2e

import (
	"context"
	"net/http"
	"slices"
	"syscall"
	"time"

	"datahub_exporter/source/cloudsim"
)

// connection returns the connection with a status.
func connection(status int64) cloudsim.Item {
	return cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: status}
}

// both lets two things happen at once.
func both(one, another func(n *night)) func(n *night) {
	return func(n *night) {
		one(n)
		another(n)
	}
}

// set replaces an item by its ID, or adds it.
func set(item cloudsim.Item) func(n *night) {
	return func(n *night) {
		items := &n.tasks
		if kindOf(item.ID) == connectionKind {
			items = &n.connections
		}
		*items = slices.DeleteFunc(slices.Clone(*items), func(before cloudsim.Item) bool { return before.ID == item.ID })
		*items = append(*items, item)
	}
}

// deleted takes a task away.
func deleted(i int) func(n *night) {
	return func(n *night) {
		n.tasks = slices.DeleteFunc(slices.Clone(n.tasks), func(item cloudsim.Item) bool { return item.ID == task(i).ID })
	}
}

// renamed gives an item a new name.
func renamed(item cloudsim.Item) cloudsim.Item {
	item.Name += "-renamed"
	return item
}

// fails makes each call fail.
func fails(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always("", "", fault)
		n.now.failing = map[string]bool{taskKind: true, connectionKind: true}
	}
}

// failsForTasks makes each call for tasks fail, and none for connections. The
// fault is nil where the tasks are such that it fails by itself.
func failsForTasks(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always(cloudsim.DescribeDatahubTasks, "", fault)
		n.now.failing[taskKind] = true
	}
}

// limps gives each call a fault with which it can still succeed.
func limps(fault cloudsim.Fault) func(n *night) {
	return func(n *night) { n.cloud.Always("", "", fault) }
}

// answers ends every fault of the API.
func answers(n *night) {
	n.cloud.Always("", "", nil)
	n.cloud.Always(cloudsim.DescribeDatahubTasks, "", nil)
	n.now.failing, n.now.hidden, n.now.overstated = map[string]bool{}, nil, false
}

// lists makes each listing of tasks odd, in a way that hides none.
func lists(fault cloudsim.Fault) func(n *night) {
	return func(n *night) { n.cloud.Always(cloudsim.DescribeDatahubTasks, "", fault) }
}

// overstates makes each listing of tasks claim so many.
func overstates(total int) func(n *night) {
	return func(n *night) {
		lists(cloudsim.TotalCount(total))(n)
		n.now.overstated = true
	}
}

// hides makes each listing lack tasks, and count them all the same.
func hides(tasks ...int) func(n *night) {
	return func(n *night) {
		n.now.hidden = map[string]bool{}
		for _, i := range tasks {
			n.now.hidden[task(i).ID] = true
		}
		hidden := n.now.hidden
		n.cloud.Always(cloudsim.DescribeDatahubTasks, "", func(a *cloudsim.Answer) {
			a.Items = slices.DeleteFunc(slices.Clone(a.Items), func(item cloudsim.Item) bool { return hidden[item.ID] })
		})
	}
}

// nulls makes a listing have null in the place of a task.
func nulls(i int) func(n *night) {
	return func(n *night) {
		n.now.hidden = map[string]bool{task(i).ID: true}
		n.cloud.Always(cloudsim.DescribeDatahubTasks, "", func(a *cloudsim.Answer) {
			a.Items = slices.Clone(a.Items)
			for at := range a.Items {
				a.Items[at].Null = a.Items[at].ID == task(i).ID
			}
		})
	}
}

// dies kills an exporter.
func dies(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].kill()
		n.now.dead++
	}
}

// returns runs an exporter again that died.
func returns(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].run(n.t)
		n.now.dead--
	}
}

// restarts runs an exporter anew, at once.
func restarts(i int) func(n *night) {
	return func(n *night) {
		dies(i)(n)
		n.record()
		returns(i)(n)
	}
}

// freezes stops an exporter where it stands: it listens and never answers.
func freezes(i int) func(n *night) {
	return func(n *night) {
		n.signal(i, syscall.SIGSTOP)
		n.now.dead++
	}
}

// thaws lets an exporter go on that froze.
func thaws(i int) func(n *night) {
	return func(n *night) {
		n.signal(i, syscall.SIGCONT)
		n.now.dead--
	}
}

func (n *night) signal(exporter int, signal syscall.Signal) {
	n.t.Helper()
	if err := n.exporters[exporter].command.Process.Signal(signal); err != nil {
		n.t.Fatal(err)
	}
}

// impatience begins a reader that waits 50 ms for a scrape, three times a second,
// for the rest of the night.
func impatience(n *night) {
	ctx, cancel := context.WithCancel(n.t.Context())
	ended := make(chan struct{})
	n.t.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(310 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				scrapeImpatiently(ctx, n.exporters[0].address)
			}
		}
	}()
}

// scrapeImpatiently may fail: all that matters is what it does to others.
func scrapeImpatiently(ctx context.Context, address string) {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+tasksPath, nil)
	if err != nil {
		return
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "0.05")
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}
