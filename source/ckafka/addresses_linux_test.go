package ckafka_test

import (
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// A name may have an address that drops packets. It leaves time for the others, and if
// there is no other, the error names it.
func TestAddressThatDropsPackets(t *testing.T) {
	for name, test := range map[string]struct {
		addresses []string
		want      string
	}{
		"before a good one": {[]string{"127.0.0.2", "127.0.0.3"}, ""},
		"alone":             {[]string{"127.0.0.2"}, "network: connection timed out (127.0.0.2:PORT)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.3:0")
			if err != nil {
				t.Fatal(err)
			}
			good := httptest.NewUnstartedServer(respond(200, noTasks))
			good.Listener.Close()
			good.Listener = listener
			good.Start()
			t.Cleanup(good.Close)
			port := listener.Addr().(*net.TCPAddr).Port
			dropPackets(t, [4]byte{127, 0, 0, 2}, port)
			transport := ckafka.NewTransport()
			transport.Proxy = nil
			transport.DialContext = (&net.Dialer{
				Timeout: transport.TLSHandshakeTimeout, Resolver: addressServer(t, test.addresses...),
			}).DialContext
			have := refresh(t, transport, endpoint.Endpoint{Scheme: "http", Host: "api.example:" + strconv.Itoa(port)}, source.Options{Timeout: 4 * time.Second})
			if want := strings.Replace(test.want, "PORT", strconv.Itoa(port), 1); have != want {
				t.Errorf("error: want %q, have %q", want, have)
			}
		})
	}
}

// dropPackets listens at an address until the test ends, and has the kernel drop what
// opens a connection: its queue of connections to accept is full.
func dropPackets(t *testing.T, address [4]byte, port int) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: address, Port: port}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(socket, 0); err != nil {
		t.Fatal(err)
	}
	at := net.JoinHostPort(net.IP(address[:]).String(), strconv.Itoa(port))
	for range 10 {
		connection, err := (&net.Dialer{Timeout: 200 * time.Millisecond}).DialContext(t.Context(), "tcp", at)
		if err != nil {
			return // the queue is full
		}
		t.Cleanup(func() { connection.Close() })
	}
	t.Fatal("the queue does not fill up")
}

// addressServer returns a resolver that answers every question with IPv4 addresses.
func addressServer(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	return nameServer(t, func(question []byte) []byte {
		reply, err := resolve(question, addresses)
		if err != nil {
			return nil
		}
		return reply
	})
}

// resolve answers a question with the addresses if it asks for IPv4, else with none.
func resolve(packet []byte, addresses []string) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(packet); err != nil {
		return nil, err
	}
	question := message.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: message.ID, Response: true}, Questions: message.Questions[:1]}
	if question.Type == dnsmessage.TypeA {
		for _, address := range addresses {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(address).To4())},
			})
		}
	}
	return reply.Pack()
}
