package ckafka_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http2"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const emptyPage = `{"Response":{"Result":{"TotalCount":0,"TaskList":[]},"RequestId":"r"}}`

// A server that speaks HTTP/2 can end a connection with calls in flight. net/http
// repeats those calls by itself if it can.
func TestEveryRequestThatLeavesIsCounted(t *testing.T) {
	certificate, trusted := certify(t, "localhost", time.Now().Add(time.Hour))
	goAway := func(framer *http2.Framer, _ uint32) error {
		return framer.WriteGoAway(0, http2.ErrCodeNo, []byte(planted))
	}
	refuse := func(framer *http2.Framer, stream uint32) error {
		return framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
	}
	for name, end := range map[string]func(framer *http2.Framer, stream uint32) error{"GOAWAY": goAway, "RST_STREAM": refuse} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var arrived, counted atomic.Int64
			address := listen(t, func(connection net.Conn) {
				secured := tls.Server(connection, &tls.Config{
					Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
				})
				if secured.HandshakeContext(t.Context()) == nil && secured.ConnectionState().NegotiatedProtocol == "h2" {
					endStreams(secured, &arrived, end)
					return
				}
				arrived.Add(1)
				saying("HTTP/1.1 200 OK\r\n\r\n" + emptyPage)(secured)
			})
			transport := ckafka.NewTransport()
			transport.TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
			have := refresh(t, transport, endpoint.Endpoint{Scheme: "https", Host: strings.Replace(address, "127.0.0.1", "localhost", 1)},
				source.Options{Timeout: time.Minute, OnCall: func(source.CallReport) { counted.Add(1) }})
			if have != "" || counted.Load() != 1 || arrived.Load() != 1 {
				t.Errorf("want one call, have %d, of which %d were counted, and %q", arrived.Load(), counted.Load(), have)
			}
		})
	}
}

// endStreams is an HTTP/2 server that ends each stream once its request has
// arrived.
func endStreams(connection net.Conn, arrived *atomic.Int64, end func(*http2.Framer, uint32) error) {
	if _, err := io.ReadFull(connection, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(connection, connection)
	if framer.WriteSettings() != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			arrived.Add(1)
		case *http2.DataFrame:
			if frame.StreamEnded() && end(framer, frame.StreamID) != nil {
				return
			}
		}
	}
}

// A response that is small on the wire stays small in memory.
func TestResponsesThatAreNoPages(t *testing.T) {
	list := func(element string, count int) string {
		elements := strings.TrimSuffix(strings.Repeat(element+",", count), ",")
		return fmt.Sprintf(`{"Response":{"Result":{"TotalCount":%d,"TaskList":[%s]},"RequestId":"r"}}`, count, elements)
	}
	const item = `{"TaskId":"task-1","Status":1}`
	tests := map[string]struct {
		head, body string
		err        string
	}{
		"8 MB of objects in 8 kB":  {"Content-Encoding: gzip\r\n", packed(t, list(`{}`, 2_700_000)), "decode: answer is compressed, though no compression was asked for"},
		"2 MB of objects":          {"", list(`{}`, 690_000), "decode: answer lists 690000 items, though 100 were asked for"},
		"2 MB of arrays, unclosed": {"", strings.Repeat(`[`, 2<<20), "decode: answer is not the JSON that the API documents"},
		"2 MB of strings":          {"", list(`"{,["`, 340_000), "decode: answer is not the JSON that the API documents"},
		"more than 2 MiB":          {"", list(item, 100) + strings.Repeat(" ", 2<<20), "decode: answer is larger than 2 MiB"},
		"a head of 100 kB":         {"X-Planted: " + strings.Repeat(planted, 100<<10/len(planted)) + "\r\n", list(item, 1), "network: no answer in valid HTTP"},
		"one item too many":        {"", list(item, 101), "decode: answer lists 101 items, though 100 were asked for"},
		"items that are null":      {"", list(`null`, 90_000), "decode: answer lists 90000 items, though 100 were asked for"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			address := listen(t, saying(fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", test.head, len(test.body), test.body)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			have := refresh(t, ckafka.NewTransport(), endpoint.Endpoint{Scheme: "http", Host: address}, source.Options{Timeout: time.Minute})
			runtime.ReadMemStats(&after)
			if have != test.err {
				t.Errorf("error: want %q, have %q", test.err, have)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
				t.Errorf("memory: want at most 32 MiB, have %d MiB", took>>20)
			}
		})
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	if _, err := io.WriteString(packer, text); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// An API error may repeat a secret that was sent to it.
func TestOwnSecretsAreReplacedInErrorsOfTheAPI(t *testing.T) {
	account := ckafka.Account{
		Credential: credential.Static("AKIDz8krbsJ5yKBZ", "Gu5t9xGARNpq86cd", "token-of-a-session"),
		Regions:    []string{region},
	}
	body := `{"Response":{"RequestId":"Gu5t9xGARNpq86cd","Error":{"Code":"AuthFailure.AKIDz8krbsJ5yKBZ","Message":"` +
		strings.Repeat(" no", 80) + `\ntoken-of-a-session"}}}`
	account.Endpoint = endpoint.Endpoint{Scheme: "http", Host: listen(t, saying("HTTP/1.1 200 OK\r\n\r\n"+body))}
	var code string
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	set := open(t, []ckafka.Account{account}, transport, source.Options{
		Timeout: time.Minute, OnCall: func(report source.CallReport) { code = report.Code },
	})
	failure, ok := errors.AsType[*source.Error](set.Snapshots(t.Context(), source.Tasks)[0].Err)
	if !ok {
		t.Fatal("want a *source.Error")
	}
	for _, part := range []struct{ what, have, want string }{
		{"code", failure.Code, "AuthFailure.<secret>"},
		{"code of the call", code, "other"},
		{"request ID", failure.RequestID, "<secret>"},
		{"message", failure.Message, strings.TrimSpace(strings.Repeat(" no", 80)) + " <secret>"},
	} {
		if part.have != part.want {
			t.Errorf("%s: want %q, have %q", part.what, part.want, part.have)
		}
	}
}

// A message can be as long as a body. If it is cut inside a secret, no part of the
// secret remains.
func TestLongMessagesOfTheAPIShowNoPartOfASecret(t *testing.T) {
	var token strings.Builder // as long as that of a session
	for i := range 40 {
		fmt.Fprintf(&token, "%08x", uint32(i+1)*2654435761)
	}
	key := token.String()
	const many = 2000
	for _, before := range []int{0, 250, 8<<10 - 100, 8<<10 - 1} {
		text := strings.Repeat("-", before) + strings.Repeat(key, many)
		body := fmt.Sprintf(`{"Response":{"RequestId":%q,"Error":{"Code":%q,"Message":%q}}}`, text, "AuthFailure."+text, text)
		account := ckafka.Account{
			Credential: credential.Static("id", key, ""), Regions: []string{region},
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: listen(t, saying("HTTP/1.1 200 OK\r\n\r\n"+body))},
		}
		transport := ckafka.NewTransport()
		t.Cleanup(transport.CloseIdleConnections)
		set := open(t, []ckafka.Account{account}, transport, source.Options{Timeout: time.Minute})
		failure, ok := errors.AsType[*source.Error](set.Snapshots(t.Context(), source.Tasks)[0].Err)
		if !ok || failure.Class != source.Auth {
			t.Fatalf("want an error of class auth, have %v", failure)
		}
		for _, have := range []string{failure.Code, failure.Message, failure.RequestID} {
			if !strings.Contains(have, "<secret>") && before == 0 || utf8.RuneCountInString(have) > 256 {
				t.Errorf("behind %d characters: want a short text with <secret>, have %d bytes: %.500s", before, len(have), have)
			}
			for at := range len(key) - 8 {
				if strings.Contains(have, key[at:at+8]) {
					t.Errorf("behind %d characters: a part of the key is left: %s", before, have)
					break
				}
			}
		}
	}
}

// refresh returns the error of a refresh of the tasks over a transport.
func refresh(t *testing.T, transport *http.Transport, at endpoint.Endpoint, options source.Options) string {
	t.Helper()
	account := ckafka.Account{Credential: credential.Static("id", "key", ""), Regions: []string{region}, Endpoint: at}
	t.Cleanup(transport.CloseIdleConnections)
	options.RetryPause = time.Millisecond
	set := open(t, []ckafka.Account{account}, transport, options)
	if err := set.Snapshots(t.Context(), source.Tasks)[0].Err; err != nil {
		return err.Error()
	}
	return ""
}
