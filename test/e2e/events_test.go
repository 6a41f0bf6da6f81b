package e2e

import (
	"context"
	"net/http"
	"slices"
	"syscall"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// connection returns the connection with the given status.
func connection(status int64) cloudsim.Item {
	return cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: status}
}

// both makes two things happen at once.
func both(one, another func(n *night)) func(n *night) {
	return func(n *night) {
		one(n)
		another(n)
	}
}

// set replaces the item with the same ID, or adds it.
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

// deleted deletes a task.
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

// fails makes every call fail.
func fails(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always("", "", fault)
		n.now.failing = map[string]bool{taskKind: true, connectionKind: true}
	}
}

// failsForTasks makes every call for tasks fail, but none for connections. The
// fault is nil if the tasks themselves make the call fail.
func failsForTasks(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always(cloudsim.DescribeDatahubTasks, "", fault)
		n.now.failing[taskKind] = true
	}
}

// limps gives every call a fault that it can survive.
func limps(fault cloudsim.Fault) func(n *night) {
	return func(n *night) { n.cloud.Always("", "", fault) }
}

// sickens gives every call over a connection that is open now a fault: it leads to a
// node that is ill, and new ones lead to others. No refresh need fail for it twice.
func sickens(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		kept := map[string]bool{}
		for _, call := range n.cloud.Calls("", "") {
			kept[call.Connection] = true
		}
		n.cloud.Always("", "", func(a *cloudsim.Answer) {
			if kept[a.Call.Connection] {
				fault(a)
			}
		})
	}
}

// answers ends every fault of the API.
func answers(n *night) {
	n.cloud.Always("", "", nil)
	n.cloud.Always(cloudsim.DescribeDatahubTasks, "", nil)
	n.now.failing, n.now.hidden, n.now.overstated = map[string]bool{}, nil, false
}

// lists makes every listing of tasks odd without hiding any.
func lists(fault cloudsim.Fault) func(n *night) {
	return func(n *night) { n.cloud.Always(cloudsim.DescribeDatahubTasks, "", fault) }
}

// overstates makes every listing of tasks claim the given total.
func overstates(total int) func(n *night) {
	return func(n *night) {
		lists(cloudsim.TotalCount(total))(n)
		n.now.overstated = true
	}
}

// hides leaves tasks out of every listing but not out of its total.
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

// nulls replaces a task in every listing with null.
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

// returns starts an exporter that died.
func returns(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].run(n.t)
		n.now.dead--
	}
}

// restarts is the event that restarts an exporter at once.
func restarts(i int) func(n *night) {
	return func(n *night) {
		dies(i)(n)
		n.record()
		returns(i)(n)
	}
}

// freezes suspends an exporter: it listens but never responds.
func freezes(i int) func(n *night) {
	return func(n *night) {
		n.signal(i, syscall.SIGSTOP)
		n.now.dead++
	}
}

// thaws resumes a frozen exporter.
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

// impatience starts a reader that waits 50 ms for a scrape, three times a second,
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

// scrapeImpatiently may fail: only its effect on others matters.
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
