package ckafka_test

import (
	"compress/flate"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

func TestMain(m *testing.M) {
	// The parallel tests wait for retries; they do not compute.
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const region = "ap-guangzhou"

// listed is a set of one account and region, of which one action is queried.
type listed struct {
	set
	action source.Action
}

// Snapshot refreshes the target.
func (l listed) Snapshot(ctx context.Context) *source.Snapshot {
	return l.Snapshots(ctx, l.action)[0]
}

// openOn returns the source of the tasks that a transport reaches at a host.
func openOn(t *testing.T, transport *http.Transport, host string, options source.Options) listed {
	t.Helper()
	return openAction(t, source.Tasks, transport, host, options)
}

// openAction returns the source of what an action lists.
func openAction(t *testing.T, action source.Action, transport *http.Transport, host string, options source.Options) listed {
	t.Helper()
	account := ckafka.Account{
		Credential: credential.Static("id", "key", ""), Regions: []string{region},
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: host},
	}
	t.Cleanup(transport.CloseIdleConnections)
	sources := open(t, []ckafka.Account{account}, transport, options)
	return listed{sources, action}
}

func TestResponsesThatAreCheckedBeforeTheSDK(t *testing.T) {
	valid := `{"Response":{"Result":{"TotalCount":0,"TaskList":[]},"RequestId":"r"}}`
	tests := map[string]struct {
		answer func(w http.ResponseWriter)
		err    string // "": none
	}{
		"as it should be": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid) }, ""},
		"2 MiB": {
			func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid+strings.Repeat(" ", 2<<20-len(valid))) },
			"",
		},
		"a byte more, though it is good JSON": {
			func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid+strings.Repeat(" ", 2<<20+1-len(valid))) },
			"decode: answer is larger than 2 MiB",
		},
		"a byte more, by its head": {
			func(w http.ResponseWriter) { w.Header().Set("Content-Length", strconv.Itoa(2<<20+1)) },
			"decode: answer is larger than 2 MiB",
		},
		"not packed, and says so": {
			func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "Identity")
				_, _ = io.WriteString(w, valid)
			},
			"",
		},
		"packed, so that the limit would count the wrong bytes": {
			func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "deflate")
				packed, _ := flate.NewWriter(w, flate.BestCompression)
				_, _ = io.WriteString(packed, valid)
				_ = packed.Close()
			},
			"decode: answer is compressed, though no compression was asked for",
		},
		"an event stream": {
			func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = io.WriteString(w, "data: x\n\n")
			},
			"decode: answer is not the JSON that the API documents",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.answer(w) }))
				tasks := openOn(t, api.transport(), "api", source.Options{Timeout: 8 * time.Second})
				have := ""
				if err := tasks.Snapshot(t.Context()).Err; err != nil {
					have = err.Error()
				}
				if have != test.err {
					t.Errorf("error: want %q, have %q", test.err, have)
				}
			})
		})
	}
}

// A failure status from a gateway in front of the API is retried, unless it says
// that the request itself is at fault.
func TestStatusesOfHTTP(t *testing.T) {
	tests := map[int]struct {
		class source.Class
		calls int64
	}{
		302: {source.Server, 1},
		404: {source.Server, 1},
		408: {source.Server, 4},
		425: {source.Server, 4},
		499: {source.Server, 1},
		500: {source.Server, 4},
		502: {source.Server, 4},
		429: {source.Throttled, 4},
	}
	for status, test := range tests {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
				var calls atomic.Int64
				options := source.Options{Timeout: time.Minute, OnCall: func(source.CallReport) { calls.Add(1) }}
				snapshot := openOn(t, api.transport(), "api", options).Snapshot(t.Context())
				want := fmt.Sprintf("%s: answered with HTTP status %d", test.class, status)
				if have := fmt.Sprint(snapshot.Err); have != want || calls.Load() != test.calls {
					t.Errorf("want %q after %d calls, have %q after %d", want, test.calls, have, calls.Load())
				}
			})
		})
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	host := unusedAddress(t)
	synctest.Test(t, func(t *testing.T) {
		snapshot := openOn(t, ckafka.NewTransport(), host, source.Options{Timeout: time.Second}).Snapshot(t.Context())
		if refused := new(net.OpError); !errors.As(snapshot.Err, &refused) || refused.Op != "dial" {
			t.Errorf("want the *net.OpError of dialing %s in the chain, have %v", host, snapshot.Err)
		}
	})
}

// unusedAddress returns an address that refuses connections until the test ends:
// its port is bound, so that nothing else gets it, but nobody listens on it.
func unusedAddress(t *testing.T) string {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port)
}

// bigCloud serves so many tasks and connections that a refresh of either opens
// eight network connections.
func bigCloud(t *testing.T) *network {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	items := make([]cloudsim.Item, 900)
	for i := range items {
		items[i] = cloudsim.Item{ID: fmt.Sprint("item-", i), Status: 1}
	}
	fleet.Set(cloudsim.DescribeDatahubTasks, region, items...)
	fleet.Set(cloudsim.DescribeConnectResources, region, items...)
	return serve(t, cloudsim.New(cloudsim.Options{
		SecretID: "id", SecretKey: "key", Fleet: fleet, Latency: 20 * time.Millisecond,
	}))
}

func TestLostConnectionsCostOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := bigCloud(t)
		tasks := openOn(t, cloud.transport(), "cloud", source.Options{Timeout: time.Second})
		for i, want := range []bool{true, false, true} {
			if i == 1 {
				if have := cloud.forget(); have < 8 || have > 9 {
					t.Errorf("connections: want 8, or 9 if the one of the first page was not taken back in time, have %d", have)
				}
			}
			if have := tasks.Snapshot(t.Context()); have.Up() != want {
				t.Fatalf("refresh %d: want up %v, have %v: %v", i, want, have.Up(), have.Err)
			}
		}
	})
}

// A scrape a minute later finds the connections for all pages of both actions still
// open. After a few minutes they are renewed, however often they are used, so that a
// moved name is noticed.
func TestConnectionsOutliveTheMinuteBetweenScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := bigCloud(t)
		set := openOn(t, cloud.transport(), "cloud", source.Options{Timeout: time.Second})
		before := 0
		for _, step := range []struct {
			after  int // seconds since the previous scrape
			dialed bool
		}{{0, true}, {10, true}, {60, false}, {60, false}, {60, true}, {60, false}, {181, true}} {
			time.Sleep(time.Duration(step.after) * time.Second)
			var scrapes sync.WaitGroup
			for _, action := range []source.Action{source.Tasks, source.Connections} {
				scrapes.Go(func() { set.Snapshots(t.Context(), action) })
			}
			scrapes.Wait()
			dialed := cloud.dials() - before
			before += dialed
			// Nine pages of both: the first refresh asks for eight of them at once, the
			// others for all nine.
			if most := 18; step.dialed != (dialed > 0) || dialed > most {
				t.Errorf("%d s after the scrape before: want new connections: %v, at most %d, have %d", step.after, step.dialed, most, dialed)
			}
		}
	})
}

// When the name moves to another address, what only the new one knows is seen within a
// few minutes, whatever the old one says meanwhile.
func TestMovedNameIsNoticed(t *testing.T) {
	for name, test := range map[string]struct {
		left   cloudsim.Fault // of the old address, once the name has moved
		scrape int            // a minute apart: the first that sees it
	}{
		"it says what was": {nil, 3},
		"it never answers": {cloudsim.Hang(), 2},
		"it is ill":        {cloudsim.Error("InternalError", "gone"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const failed = 9
				before, after := oneTask(1), oneTask(failed)
				at := serve(t, before)
				transport := at.transport()
				transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					return at.dial(ctx, network, address)
				}
				tasks := openOn(t, transport, "cloud", source.Options{Timeout: 8 * time.Second, StaleAfter: 5 * time.Minute})
				tasks.Snapshot(t.Context())
				at = serve(t, after)
				before.Always("", "", test.left)
				for scrape := 1; scrape <= test.scrape; scrape++ {
					time.Sleep(time.Minute)
					seen := tasks.Snapshot(t.Context())
					want := scrape == test.scrape
					if have := seen.Listing.Items[0].Status == failed; have != want {
						t.Errorf("scrape %d: failed task seen: want %v, have %v (%v)", scrape, want, have, seen.Err)
					}
				}
			})
		})
	}
}

// oneTask returns a cloud with a task in a status.
func oneTask(status int64) *cloudsim.Server {
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-a", Status: status})
	return cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})
}

// A name server that does not respond is given up after the dialer's timeout, long
// before that of the refresh, so it is a network fault and is retried.
func TestOnlyTheDeadlineOfTheRefreshIsATimeout(t *testing.T) {
	tests := map[string]struct {
		dialer, refresh time.Duration
		class           source.Class
		calls           int64
	}{
		"the dialer gives up": {50 * time.Millisecond, time.Minute, source.Network, 4},
		"the refresh ends":    {time.Minute, time.Second, source.Timeout, 1},
	}
	// The process reads the resolver's settings once, and what it creates for that
	// must not belong to a bubble.
	_, _ = (&net.Resolver{PreferGo: true, Dial: noDial}).LookupHost(t.Context(), "name.invalid")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := ckafka.NewTransport()
				transport.DialContext = (&net.Dialer{Timeout: test.dialer, Resolver: silentNameServer(t)}).DialContext
				var calls atomic.Int64
				options := source.Options{Timeout: test.refresh, OnCall: func(source.CallReport) { calls.Add(1) }}
				snapshot := openOn(t, transport, "name.invalid:80", options).Snapshot(t.Context())
				if failure := new(source.Error); !errors.As(snapshot.Err, &failure) || failure.Class != test.class {
					t.Errorf("class: want %s, have %v", test.class, snapshot.Err)
				}
				if have := calls.Load(); have != test.calls {
					t.Errorf("calls: want %d, have %d", test.calls, have)
				}
			})
		})
	}
}

func noDial(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }

// silentNameServer returns a resolver whose questions arrive but get no response.
func silentNameServer(t *testing.T) *net.Resolver {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end) // a lookup outlives its dialer
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			_, _ = io.Copy(io.Discard, server)
			server.Close()
		}()
		context.AfterFunc(ctx, func() { client.Close() })
		return client, nil
	}}
}
