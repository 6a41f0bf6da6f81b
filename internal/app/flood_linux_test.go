package app

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"datahub_exporter/source"
)

// A collector that sends pings as fast as it can, answers no push and reads nothing
// does not delay a shutdown, although gRPC cannot send its replies.
func TestSignalEndsThePushToACollectorThatFloods(t *testing.T) {
	_, conf := cloud(t)
	stuck := make(chan struct{}, 10)
	collector := serveRaw(t, func(connection net.Conn) {
		_ = connection.(*net.TCPConn).SetReadBuffer(4096) // so that it is full soon
		if _, err := io.ReadFull(connection, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		if err := http2.NewFramer(connection, nil).WriteSettings(); err != nil {
			return
		}
		var pings bytes.Buffer
		for framer := http2.NewFramer(&pings, nil); pings.Len() < 64<<10; {
			_ = framer.WritePing(false, [8]byte{})
		}
		for err := error(nil); err == nil; _, err = connection.Write(pings.Bytes()) {
			_ = connection.SetWriteDeadline(time.Now().Add(time.Second))
		}
		// The exporter reads no more pings, because it cannot send the replies.
		stuck <- struct{}{}
		<-t.Context().Done()
	})
	command, log := program(t, conf, endless, "--otlp.endpoint=http://"+collector, "--otlp.interval=1h")
	log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))
	for range 3 { // tasks, connections and the exporter's own
		<-stuck
	}
	requireLittleMemory(t, command)
	terminate(t, command)
}

// A proxy whose response to CONNECT never ends takes no memory and does not delay a
// shutdown.
func TestProxyThatFloodsIsBounded(t *testing.T) {
	tests := map[string]struct{ begin, repeat string }{
		"a status line":   {"HTTP/1.1 200 ", planted},
		"headers":         {"HTTP/1.1 200 OK\r\n", "X: " + planted + "\r\n"},
		"a refusal":       {"HTTP/1.1 403 " + planted + "\r\nContent-Length: 200000000\r\n\r\n", planted},
		"a body":          {"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", planted},
		"a body in parts": {"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", "7\r\n" + planted + "\r\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{}, 1000)
			proxy := serveRaw(t, func(connection net.Conn) {
				request, err := http.ReadRequest(bufio.NewReader(connection))
				if err != nil {
					return
				}
				_, err = io.WriteString(connection, test.begin)
				block := []byte(strings.Repeat(test.repeat, 1000))
				for sent := 0; err == nil && sent < 200_000_000; sent += len(block) {
					_, err = connection.Write(block)
				}
				if err == nil {
					t.Errorf("%s: all was taken", request.Host)
				}
				ended <- struct{}{}
			})
			path := filepath.Join(t.TempDir(), "exporter.conf")
			content := "[common]\nsecret_id = AKIDtest\nsecret_key = key\nregion = ap-guangzhou\nendpoint = https://ckafka.example\n"
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			command, log := programWith(t, []string{"HTTPS_PROXY=http://" + proxy, "NO_PROXY="},
				"--conf="+path, endless)
			exporter := exporter{url: "http://" + log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))}
			exporter.get(t, source.TaskKind().Path)
			for range 3 {
				<-ended
			}
			requireLittleMemory(t, command)
			terminate(t, command)
			log.Close()
			for line := range log.each {
				if strings.Contains(line, planted) {
					t.Errorf("a line repeats what the proxy said:\n%.500s", line)
				}
			}
		})
	}
}

// requireLittleMemory requires that a process has used at most some four times the
// memory that it needs by itself.
func requireLittleMemory(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if peak := peakRSS(t, command); peak > 100*megabyte {
		t.Errorf("peak RSS: want at most 100 MB, have %.1f MB", float64(peak)/megabyte)
	}
}
