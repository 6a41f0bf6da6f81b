package source_test

import (
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "ap-guangzhou"

// tasks are the sources of one target.
type tasks struct{ *source.Set }

// Snapshot refreshes the target.
func (t tasks) Snapshot(ctx context.Context) *source.Snapshot {
	return t.Snapshots(ctx, source.Tasks)[0]
}

// open returns the source of the tasks that are served at a host.
func open(t *testing.T, host string, options source.Options) tasks {
	t.Helper()
	return openOn(t, source.NewTransport(), host, options)
}

// openOn returns the source of the tasks that a transport reaches at a host.
func openOn(t *testing.T, transport *http.Transport, host string, options source.Options) tasks {
	t.Helper()
	account := source.Account{
		SecretID: secret.New("id"), SecretKey: secret.New("key"), Regions: []string{region},
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: host},
	}
	t.Cleanup(transport.CloseIdleConnections)
	sources, err := source.Open([]source.Account{account}, transport, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sources.Close)
	return tasks{sources}
}

func TestAnswersThatTheSDKMustNotSee(t *testing.T) {
	valid := `{"Response":{"Result":{"TotalCount":0,"TaskList":[]},"RequestId":"r"}}`
	tests := map[string]struct {
		answer func(w http.ResponseWriter)
		err    string // "": none
	}{
		"as it should be": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid) }, ""},
		"8 MiB": {
			func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid+strings.Repeat(" ", 8<<20-len(valid))) },
			"",
		},
		"a byte more, though it is good JSON": {
			func(w http.ResponseWriter) { _, _ = io.WriteString(w, valid+strings.Repeat(" ", 8<<20+1-len(valid))) },
			"decode: answer is larger than 8 MiB",
		},
		"packed, so that the limit would count the wrong bytes": {
			func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "deflate")
				packed, _ := flate.NewWriter(w, flate.BestCompression)
				_, _ = io.WriteString(packed, valid)
				_ = packed.Close()
			},
			`decode: answer has the content encoding "deflate"`,
		},
		"an event stream": {
			func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = io.WriteString(w, "data: x\n\n")
			},
			"decode: answer is an event stream",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.answer(w) }))
			t.Cleanup(server.Close)
			snapshot := open(t, server.Listener.Addr().String(), source.Options{Timeout: 8 * time.Second}).Snapshot(t.Context())
			have := ""
			if snapshot.Err != nil {
				have = snapshot.Err.Error()
			}
			if have != test.err {
				t.Errorf("error: want %q, have %q", test.err, have)
			}
		})
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	host := unusedAddress(t)
	snapshot := open(t, host, source.Options{Timeout: time.Second}).Snapshot(t.Context())
	if refused := new(net.OpError); !errors.As(snapshot.Err, &refused) || refused.Op != "dial" {
		t.Errorf("want the *net.OpError of dialing %s in the chain, have %v", host, snapshot.Err)
	}
}

func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// gateway forwards connections and can forget them, as a NAT gateway does with
// those that are idle for long: what is sent on them is lost without a sign.
type gateway struct {
	net.Listener
	target string

	mu        sync.Mutex
	forgotten map[net.Conn]bool // of each connection to a client
	copying   sync.WaitGroup
}

func newGateway(t *testing.T, target string) *gateway {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{Listener: listener, target: target, forgotten: map[net.Conn]bool{}}
	g.copying.Go(g.accept)
	t.Cleanup(func() {
		listener.Close()
		g.mu.Lock()
		for client := range g.forgotten {
			client.Close()
		}
		g.mu.Unlock()
		g.copying.Wait()
	})
	return g
}

func (g *gateway) accept() {
	for {
		client, err := g.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", g.target)
		if err != nil {
			client.Close()
			continue
		}
		g.mu.Lock()
		g.forgotten[client] = false
		g.mu.Unlock()
		g.copying.Go(func() { g.copy(server, client, client) })
		g.copying.Go(func() { g.copy(client, server, client) })
	}
}

// copy copies until one side ends; what belongs to a forgotten client is lost.
func (g *gateway) copy(to, from, client net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		g.mu.Lock()
		lost := g.forgotten[client]
		g.mu.Unlock()
		if lost {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (g *gateway) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for client := range g.forgotten {
		g.forgotten[client] = true
	}
}

func TestForgottenConnectionsCostOneRefresh(t *testing.T) {
	fleet := cloudsim.NewInventory(region)
	items := make([]cloudsim.Item, 900) // so many that eight connections are open
	for i := range items {
		items[i] = cloudsim.Item{ID: fmt.Sprint("task-", i), Status: 1}
	}
	fleet.Set(cloudsim.DescribeDatahubTasks, region, items...)
	cloud := httptest.NewServer(cloudsim.New(cloudsim.Options{
		SecretID: "id", SecretKey: "key", Fleet: fleet, Latency: 20 * time.Millisecond,
	}))
	t.Cleanup(cloud.Close)
	gateway := newGateway(t, cloud.Listener.Addr().String())
	tasks := open(t, gateway.Addr().String(), source.Options{Timeout: time.Second})

	for i, want := range []bool{true, false, true} {
		if i == 1 {
			gateway.forget()
		}
		if have := tasks.Snapshot(t.Context()); have.Up() != want {
			t.Fatalf("refresh %d: want up %v, have %v: %v", i, want, have.Up(), have.Err)
		}
	}
}

// A name server that does not answer is given up after the dialer's time, long
// before the refresh's, so it is a fault of the network's and tried again.
func TestOnlyTheDeadlineOfTheRefreshIsATimeout(t *testing.T) {
	silent, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	whole, end := context.WithCancel(context.Background())
	t.Cleanup(end) // a lookup outlives the dialer that asked for it
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		connection, err := new(net.Dialer).DialContext(whole, "udp", silent.LocalAddr().String())
		if err == nil {
			context.AfterFunc(whole, func() { connection.Close() })
		}
		return connection, err
	}}
	tests := map[string]struct {
		dialer, refresh time.Duration
		class           source.Class
		calls           int64
	}{
		"the dialer gives up": {50 * time.Millisecond, time.Minute, source.Network, 4},
		"the refresh ends":    {time.Minute, time.Second, source.Timeout, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			transport := source.NewTransport()
			transport.DialContext = (&net.Dialer{Timeout: test.dialer, Resolver: resolver}).DialContext
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
	}
}
