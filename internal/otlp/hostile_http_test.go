package otlp_test

import (
	"bufio"
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

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
)

// Each response that is not a success is logged with its status, the path and the
// receiver's message, and with a hint where there is one.
func TestRefusalsOverHTTP(t *testing.T) {
	later := map[string]string{"Retry-After": "3600"} // later than any push waits
	tests := map[string]struct {
		status int
		header map[string]string
		body   string
		hint   string // a part of it; "" for none
	}{
		"bad request":              {400, nil, "too odd", ""},
		"out of order":             {400, nil, "out of order sample", "storage.tsdb.out_of_order_time_window"},
		"unauthorized":             {401, nil, "who?", "not %20, or in OTEL_EXPORTER_OTLP_HEADERS, where it is %20"},
		"forbidden":                {403, nil, "not you", "credential in headers"},
		"another path":             {404, nil, "no such page", "/api/v1/otlp/v1/metrics"},
		"another method":           {405, nil, "GET only", "/opentelemetry/v1/metrics"},
		"too large":                {413, nil, "too much", "compression = gzip"},
		"another type":             {415, nil, "JSON only", "does not accept protobuf"},
		"too many":                 {429, later, "slower", "raise interval"},
		"a server error":           {500, nil, "a bug", ""},
		"a bad gateway":            {502, later, "nobody there", "down or overloaded"},
		"overloaded":               {503, later, "full", "down or overloaded"},
		"a gateway that waits":     {504, later, "nobody there", "down or overloaded"},
		"a redirect":               {308, map[string]string{"Location": "http://hush.example/" + hush}, "", "redirects are not followed"},
		"a redirect to nowhere":    {302, map[string]string{"Location": "http://%zz/" + hush}, "", "redirects are not followed"},
		"gRPC":                     {415, map[string]string{"Content-Type": "application/grpc"}, "", "protocol = grpc"},
		"a page of an error":       {500, map[string]string{"Content-Type": "text/html; charset=utf-8"}, "<h1>" + hush, ""},
		"a page where OTLP was":    {200, map[string]string{"Content-Type": "text/html"}, "<form>" + hush, "not an OTLP receiver"},
		"a status of the receiver": {299, map[string]string{"Content-Type": "text/html"}, hush, "not an OTLP receiver"},
		"a message that is none":   {400, map[string]string{"Content-Type": "application/x-protobuf"}, "\xff" + hush, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			log := &log{}
			options := protocol(otlp.HTTP).at(strings.TrimPrefix(server.URL, "http://"))
			options.Endpoint.Path = "/otlp/metrics"
			flush(t, provider(t, newPush(t, options, noEnvironment, log), "tasks", one))
			line, want := log.take(), fmt.Sprintf("HTTP status %d", test.status)
			if !strings.Contains(line, want) || strings.Contains(line, hush) {
				t.Errorf("want %s and nothing of a page, have\n%s", want, line)
			}
			if test.header["Content-Type"] == "" && !strings.Contains(line, test.body) {
				t.Errorf("want %q, have\n%s", test.body, line)
			}
			if hinted := strings.Contains(line, "hint="); hinted != (test.hint != "") || !strings.Contains(line, test.hint) {
				t.Errorf("want the hint %q, have\n%s", test.hint, line)
			}
			if have := asked.Load(); have != 1 {
				t.Errorf("want one try, have %d", have)
			}
		})
	}
}

// The headers, which contain the credential, are sent only to the endpoint.
func TestRedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(other.Close)
	for _, code := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, code))
		t.Cleanup(server.Close)
		log := &log{}
		flush(t, provider(t, newPush(t, protocol(otlp.HTTP).at(strings.TrimPrefix(server.URL, "http://")), noEnvironment, log), "tasks", one))
		if line := log.take(); !strings.Contains(line, fmt.Sprint("HTTP status ", code)) {
			t.Errorf("%d: want a failure, have %s", code, line)
		}
	}
	if have := asked.Load(); have != 0 {
		t.Errorf("want nobody else asked, have %d requests", have)
	}
}

// A push to a receiver that is briefly overloaded is retried.
func TestTemporaryRefusalIsRetried(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		var tried atomic.Int64
		server := over.startWith(t, func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
			if tried.Add(1) == 1 {
				return nil, status.Error(codes.Unavailable, "a moment")
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		})
		log := &log{}
		made := newPush(t, over.at(server.Address), noEnvironment, log)
		otlp.RetryAfter(made, time.Millisecond)
		flush(t, provider(t, made, "tasks", one))
		if counted, lines := counters(t, made), log.take(); counted[pushes("tasks", succeeded)] != 1 || counted[pushes("tasks", failed)] != 0 || lines != "" {
			t.Errorf("want one push that succeeded and no line, have %v and %s", counted, lines)
		}
	})
}

// manyBytes is more than the buffers of a connection hold, and less than memory.
const manyBytes = 64 << 20

// peerThat serves each request with the function, which returns when it is
// done with the connection. It returns the peer's address.
func peerThat(t *testing.T, serve func(net.Conn, *http.Request)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer connection.Close()
				request, err := http.ReadRequest(bufio.NewReader(connection))
				if err != nil {
					t.Errorf("read the request: %v", err)
					return
				}
				serve(connection, request)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// breaking is how a peer breaks HTTP. It sends begin once, and then
// repeat again and again until the exporter hangs up; if repeat is "", it hangs up
// itself, and if it is "-", it stays silent.
type breaking struct{ begin, repeat, want string }

func brokenResponses() map[string]breaking {
	const ok, typed = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n"
	malformed := "the connection broke, or the response is malformed HTTP"
	return map[string]breaking{
		"nothing":                          {"", "", "EOF"},
		"half a head":                      {ok + "X: " + hush, "", "EOF"},
		"half a body":                      {typed + "Content-Length: 9\r\n\r\n" + hush, "", "EOF"},
		"a status line without end":        {"HTTP/1.1 200 ", hush, malformed},
		"a header without end":             {ok + "X: ", hush, malformed},
		"headers without end":              {ok, "X: " + hush + "\r\n", malformed},
		"early hints without end":          {"", "HTTP/1.1 103 " + hush + "\r\nLink: " + hush + "\r\n\r\n", malformed},
		"a body without end":               {typed + "Content-Length: 67108864\r\n\r\n", hush, "too large: exceeded 4194304 bytes"},
		"chunks without end":               {ok + "Transfer-Encoding: chunked\r\n\r\n", "4\r\n" + hush + "\r\n", "too large: exceeded 4194304 bytes"},
		"a refusal without end":            {"HTTP/1.1 400 " + hush + "\r\nContent-Type: text/html\r\n\r\n", hush, "HTTP status 400 (Bad Request)"},
		"not HTTP":                         {hush, hush, malformed},
		"another version":                  {"HTTP/" + hush + " 200 OK\r\n\r\n", "", malformed},
		"another status":                   {"HTTP/1.1 2" + hush + " OK\r\n\r\n", "", malformed},
		"a length that is none":            {ok + "Content-Length: " + hush + "\r\n\r\n", "", malformed},
		"a chunk that is none":             {ok + "Transfer-Encoding: chunked\r\n\r\n" + hush + "\r\n", "", malformed},
		"no OTLP":                          {typed + "Content-Length: 5\r\n\r\n\xff" + hush, "", "invalid wire-format data"},
		"HTTP/2":                           {"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00", "", malformed},
		"no answer":                        {"", "-", "context deadline exceeded"},
		"a head that never ends":           {ok + "X: " + hush, "-", "context deadline exceeded"},
		"a body that never ends":           {typed + "Content-Length: 9\r\n\r\n" + hush, "-", "context deadline exceeded"},
		"an upgrade that is not requested": {"HTTP/1.1 101 " + hush + "\r\nConnection: Upgrade\r\nUpgrade: " + hush + "\r\n\r\n", "", "HTTP status 101"},
	}
}

// answer reads the request and then breaks HTTP.
func (b breaking) answer(t *testing.T, connection net.Conn, request *http.Request, sent chan struct{}) {
	_, _ = io.Copy(io.Discard, request.Body)
	_, err := io.WriteString(connection, b.begin)
	close(sent)
	switch b.repeat {
	case "":
	case "-":
		_, _ = io.Copy(io.Discard, connection)
	default:
		block := []byte(strings.Repeat(b.repeat, 4096))
		for taken := 0; err == nil; taken += len(block) {
			if _, err = connection.Write(block); taken >= manyBytes {
				t.Errorf("the exporter took all of %d bytes", taken)
				return
			}
		}
	}
}

// A peer that breaks HTTP makes the push fail, and the log says so in our own words.
// Little is read of an endless response, and no peer delays the shutdown.
func TestPeersThatBreakHTTP(t *testing.T) {
	for name, test := range brokenResponses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			peer := peerThat(t, func(connection net.Conn, request *http.Request) { test.answer(t, connection, request, asked) })
			log := &log{}
			pushing := provider(t, newPush(t, protocol(otlp.HTTP).at(peer), noEnvironment, log), "tasks", fleetOf(10, 100))
			if test.repeat == "-" { // nothing more will come
				ended := overtime{Context: t.Context(), over: asked}
				_ = pushing.Shutdown(ended)
			} else {
				flush(t, pushing)
			}
			if line := log.take(); !strings.Contains(line, test.want) || strings.Contains(line, hush) {
				t.Errorf("want %q and nothing of the peer's, have\n%s", test.want, line)
			}
		})
	}
}

// A peer that reads nothing of a large push delays neither the push nor the
// shutdown.
func TestPeerThatReadsNothing(t *testing.T) {
	asked := make(chan struct{}, 1000)
	release := make(chan struct{})
	peer := peerThat(t, func(net.Conn, *http.Request) { // its header was read
		asked <- struct{}{}
		<-release
	})
	defer close(release)
	log := &log{}
	pushing := provider(t, newPush(t, protocol(otlp.HTTP).at(peer), noEnvironment, log), "tasks", fleetOf(200, 10_000))
	ended := overtime{Context: t.Context(), over: make(chan struct{})}
	go func() {
		<-asked
		close(ended.over)
	}()
	_ = pushing.Shutdown(ended) // or the test run times out
	if line := log.take(); !strings.Contains(line, "context deadline exceeded") {
		t.Errorf("want the push that failed, have %s", line)
	}
}
