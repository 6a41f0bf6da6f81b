package otlp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"golang.org/x/net/dns/dnsmessage"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
)

// A front is what stands before receivers, and knows its connections by their number.
type front struct {
	address     string
	connections atomic.Int64
}

// startFront lets serve have each connection, by its number from 1 on, until the test
// ends.
func startFront(t *testing.T, serve func(number int64, connection net.Conn)) *front {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := &front{address: listener.Addr().String()}
	ended, end := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer connection.Close()
				defer context.AfterFunc(ended, func() { connection.Close() })()
				serve(front.connections.Add(1), connection)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		end()
		serving.Wait()
	})
	return front
}

// relay connects a connection with an address until either side closes.
func relay(connection net.Conn, address string) {
	next, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer next.Close()
	go func() {
		_, _ = io.Copy(next, connection)
		next.Close()
	}()
	_, _ = io.Copy(connection, next)
	connection.Close()
}

// An ill receiver among several behind one address costs a push at most.
func TestConnectionToASickReceiverIsGivenUp(t *testing.T) {
	for name, test := range map[string]struct {
		code   codes.Code
		page   bool // the receiver answers with an HTML page, over HTTP
		failed float64
	}{
		"unavailable":    {code: codes.Unavailable},
		"internal error": {code: codes.Internal, failed: 1},
		"unauthorized":   {code: codes.Unauthenticated, failed: 1},
		"a page":         {page: true, failed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				if test.page && over == otlp.GRPC {
					t.Skip("a page is no answer over gRPC")
				}
				sick := over.startWith(t, func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
					return nil, status.Error(test.code, "sick")
				}).Address
				if test.page {
					sick = strings.TrimPrefix(htmlServer(t), "http://")
				}
				good := over.start(t)
				front := startFront(t, func(number int64, connection net.Conn) {
					relay(connection, map[bool]string{true: sick, false: good.Address}[number == 1])
				})
				made := newPush(t, over.at(front.address), noEnvironment, &log{})
				otlp.RetryAfter(made, 10*time.Millisecond)
				pushing := provider(t, made, "tasks", one)
				for range 2 {
					flush(t, pushing)
				}
				counted := counters(t, made)
				if counted[pushes("tasks", failed)] != test.failed || counted[pushes("tasks", succeeded)] != 2-test.failed {
					t.Errorf("want %v of 2 pushes failed, have %v", test.failed, counted)
				}
			})
		})
	}
}

// htmlServer answers everything with a page, and returns its URL.
func htmlServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<h1>sorry</h1>")
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A connection is kept for the next push until it is old.
func TestConnectionIsRenewed(t *testing.T) {
	for name, test := range map[string]struct {
		age  time.Duration
		want int64
	}{
		"young": {time.Hour, 1},
		"old":   {0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				good := over.start(t)
				front := startFront(t, func(_ int64, connection net.Conn) { relay(connection, good.Address) })
				made := newPush(t, over.at(front.address), noEnvironment, &log{})
				otlp.RetryAfter(made, 10*time.Millisecond) // gRPC may notice only then that it was closed
				otlp.ConnectionsEndAt(made, test.age)
				pushing := provider(t, made, "tasks", one)
				for range 3 {
					flush(t, pushing)
				}
				if have := front.connections.Load(); have != test.want {
					t.Errorf("connections: want %d, have %d", test.want, have)
				}
				if have := counters(t, made)[pushes("tasks", succeeded)]; have != 3 {
					t.Errorf("pushes that succeeded: want 3, have %v", have)
				}
			})
		})
	}
}

// A receiver that accepts a connection and then says nothing is named, and the next
// push uses a new connection.
func TestSilentReceiverIsNamed(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, secured := range map[string]*tls.Config{"in the clear": nil, "over TLS": {Certificates: []tls.Certificate{pair}}} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				t.Parallel()
				good := collectorsim.StartWith(t, collectorsim.Options{HTTP: over == otlp.HTTP, TLS: secured.Clone()})
				front := startFront(t, func(number int64, connection net.Conn) {
					if number > 1 {
						relay(connection, good.Address)
						return
					}
					_, _ = io.Copy(io.Discard, connection)
				})
				options, log := over.at(front.address), &log{}
				options.Timeout = 2 * time.Second
				if secured != nil {
					options.Endpoint.Scheme, options.CAFile = "https", certFile
				}
				made := newPush(t, options, noEnvironment, log)
				otlp.RetryAfter(made, 10*time.Millisecond)
				pushing := provider(t, made, "tasks", one)
				flush(t, pushing)
				if line := log.take(); !strings.Contains(line, "address="+front.address) {
					t.Errorf("want the failure with the address %s, have\n%s", front.address, line)
				}
				for range 5 { // on a slow machine, the next one may take longer than it has time
					flush(t, pushing)
					if counters(t, made)[pushes("tasks", succeeded)] > 0 {
						return
					}
				}
				t.Errorf("want the next push to succeed, have\n%s", log.take())
			})
		})
	}
}

// A proxy that accepts a connection and then says nothing is named, and leaves time
// for another try within the same push.
func TestSilentProxyIsGivenUp(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	overBoth(t, func(t *testing.T, over protocol) {
		good := collectorsim.StartWith(t, collectorsim.Options{HTTP: over == otlp.HTTP, TLS: &tls.Config{Certificates: []tls.Certificate{pair}}})
		proxy := startFront(t, func(number int64, connection net.Conn) {
			request, err := http.ReadRequest(bufio.NewReader(connection))
			switch {
			case err != nil:
				return
			case number == 1:
				_, _ = io.Copy(io.Discard, connection)
				return
			case request.Host != "collector.example:4317" || request.Header.Get("Proxy-Authorization") != "Basic dXNlcjpodXNo":
				t.Errorf("want a tunnel to the collector with our password, have %v", request)
			}
			_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\n\r\n")
			relay(connection, good.Address)
		})
		t.Setenv("HTTPS_PROXY", "http://user:hush@"+proxy.address)
		options := over.at("collector.example:4317")
		options.Endpoint.Scheme, options.CAFile = "https", certFile
		for retry, want := range map[time.Duration]string{0: "i/o timeout", 10 * time.Millisecond: ""} {
			proxy.connections.Store(0)
			log := &log{}
			made := newPush(t, options, noEnvironment, log)
			otlp.RetryAfter(made, retry)
			otlp.Dialer(made).Timeout = 500 * time.Millisecond
			flush(t, provider(t, made, "tasks", one))
			line := log.take()
			if named := strings.Contains(line, want) && strings.Contains(line, "address="+proxy.address); strings.Contains(line, hush) || want != "" && !named || want == "" && line != "" {
				t.Errorf("retry after %v: want %q from the proxy, have\n%s", retry, want, line)
			}
		}
	})
}

// A name may have an address that drops packets: it leaves time for the others, and if
// there is no other, the error names it.
func TestAddressThatDropsPackets(t *testing.T) {
	for name, test := range map[string]struct {
		addresses []string
		want      float64
	}{
		"before a good one": {[]string{"127.0.0.2", "127.0.0.1"}, 1},
		"alone":             {[]string{"127.0.0.2"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				t.Parallel()
				good, log := over.start(t), &log{}
				_, port, err := net.SplitHostPort(good.Address)
				if err != nil {
					t.Fatal(err)
				}
				made := newPush(t, over.at(net.JoinHostPort("collector.example", port)), noEnvironment, log)
				dialer := otlp.Dialer(made)
				dialer.Resolver = resolver(t, test.addresses...)
				dialer.ControlContext = func(ctx context.Context, _, address string, _ syscall.RawConn) error {
					if strings.HasPrefix(address, "127.0.0.2:") {
						<-ctx.Done()
						return ctx.Err()
					}
					return nil
				}
				flush(t, provider(t, made, "tasks", one))
				line := log.take()
				if have := counters(t, made)[pushes("tasks", succeeded)]; have != test.want {
					t.Errorf("pushes that succeeded: want %v, have %v\n%s", test.want, have, line)
				}
				if test.want == 0 && !strings.Contains(line, "127.0.0.2:"+port) {
					t.Errorf("want the address named, have\n%s", line)
				}
			})
		})
	}
}

// resolver returns a resolver by which every name has these IPv4 addresses.
func resolver(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for packet := make([]byte, 512); ; {
			n, client, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(reply(packet[:n], addresses), client)
		}
	})
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// reply answers a question with the addresses if it asks for IPv4, else with none.
func reply(packet []byte, addresses []string) []byte {
	var message dnsmessage.Message
	if err := message.Unpack(packet); err != nil {
		return nil
	}
	question := message.Questions[0]
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: message.ID, Response: true}, Questions: message.Questions[:1]}
	for _, address := range addresses {
		if question.Type == dnsmessage.TypeA {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(address).As4()},
			})
		}
	}
	packed, _ := answer.Pack()
	return packed
}
