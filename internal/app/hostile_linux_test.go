package app

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"datahub_exporter/source"
)

// planted stands for the database passwords that responses carry.
const planted = "hunter2"

// listing is a response to both actions, with one item each and a password.
const listing = `{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"task-1","Status":1,"Password":"` + planted + `"}],` +
	`"ConnectResourceList":[{"ResourceId":"resource-1","Status":1}]},"RequestId":"r"}}`

// broken is one way in which a peer breaks HTTP: what it sends after a request,
// before it hangs up or keeps the connection open.
type broken struct {
	text string
	// class is the class of the failure, empty if there is none; open is the class
	// if the peer keeps the connection open, where it differs.
	class, open string
}

// protocols returns the ways to break HTTP by a name that fits into a region's.
func protocols() map[string]broken {
	const ok = "HTTP/1.1 200 OK\r\n"
	sized := func(size int, body string) string {
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", ok, size, body)
	}
	chunked := func(chunks string) string { return ok + "Transfer-Encoding: chunked\r\n\r\n" + chunks }
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(listing), listing)
	return map[string]broken{
		"nothing":       {"", "network", "timeout"},
		"no-http":       {listing + "\r\n", "network", ""},
		"tls-alert":     {"\x15\x03\x01\x00\x02\x02\x28" + planted + "\r\n\r\n", "network", ""},
		"version":       {"HTTP/" + planted + " 200 OK\r\n\r\n", "network", ""},
		"status":        {"HTTP/1.1 2" + planted + " OK\r\n\r\n", "network", ""},
		"half-a-head":   {ok + "X: " + planted, "network", "timeout"},
		"no-colon":      {ok + planted + "\r\n\r\n", "network", ""},
		"no-name":       {ok + ": " + planted + "\r\n\r\n", "network", ""},
		"long-head":     {ok + "X: " + strings.Repeat(planted, 20_000) + "\r\n\r\n", "network", ""},
		"length":        {ok + "Content-Length: " + planted + "\r\n\r\n" + listing, "network", ""},
		"lengths":       {ok + "Content-Length: 5\r\nContent-Length: 6" + planted + "\r\n\r\n" + listing, "network", ""},
		"negative":      {sized(-7, listing), "network", ""},
		"short-body":    {sized(len(listing)+1, listing), "network", "timeout"},
		"cut-body":      {sized(len(listing)-9, listing), "network", ""},
		"surplus":       {sized(len(listing), listing+strings.Repeat(planted, 600)), "", ""},
		"transfer":      {ok + "Transfer-Encoding: " + planted + "\r\n\r\n" + listing, "network", ""},
		"chunk-size":    {chunked(planted + "\r\n" + listing), "network", ""},
		"chunk-huge":    {chunked("ffffffffffffffff7\r\n" + listing), "network", ""},
		"chunk-end":     {chunked("5\r\n" + listing), "network", ""},
		"trailer":       {chunked(chunk + "0\r\n" + planted + "\r\n\r\n"), "network", ""},
		"encoding":      {ok + "Content-Encoding: " + planted + "\r\n" + sized(len(listing), listing)[len(ok):], "decode", ""},
		"no-gzip":       {ok + "Content-Encoding: gzip\r\n" + sized(len(listing), listing)[len(ok):], "decode", ""},
		"upgrade":       {"HTTP/1.1 101 " + planted + "\r\nConnection: Upgrade\r\nUpgrade: " + planted + "\r\n\r\n" + listing, "server", ""},
		"redirect":      {"HTTP/1.1 302 " + planted + "\r\nLocation: http://" + planted + "/\r\nContent-Length: 0\r\n\r\n", "server", ""},
		"server-error":  {"HTTP/1.1 500 " + planted + "\r\nContent-Length: 7\r\n\r\n" + planted, "server", ""},
		"another-type":  {ok + "Content-Type: " + planted + "\r\n" + sized(len(listing), listing)[len(ok):], "", ""},
		"announced":     {"HTTP/1.1 103 " + planted + "\r\nLink: " + planted + "\r\n\r\n" + sized(len(listing), listing), "", ""},
		"error-of-html": {sized(20, "<html>"+planted+"</html>"), "decode", ""},
	}
}

// serveRaw serves each connection to an address on loopback with the function until
// the test ends, and returns the address.
func serveRaw(t *testing.T, serve func(net.Conn)) string {
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
			stop := context.AfterFunc(t.Context(), func() { connection.Close() })
			serving.Go(func() {
				defer stop()
				defer connection.Close()
				serve(connection)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// hostilePeer answers the requests for a region as the region's name says:
// ap-PROTOCOL-closed or ap-PROTOCOL-open. It returns its address.
func hostilePeer(t *testing.T) string {
	t.Helper()
	ways := protocols()
	return serveRaw(t, func(connection net.Conn) { answer(connection, ways) })
}

// answer answers requests until it hangs up, or the client does.
func answer(connection net.Conn, ways map[string]broken) {
	reader := bufio.NewReader(connection)
	for open := true; open; {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		protocol := strings.TrimPrefix(request.Header.Get("X-TC-Region"), "ap-")
		protocol, open = strings.CutSuffix(protocol, "-open")
		_, _ = io.WriteString(connection, ways[strings.TrimSuffix(protocol, "-closed")].text)
	}
}

// logFormat matches any line of a log format, and the line of a failed refresh.
type logFormat struct{ line, failed *regexp.Regexp }

// logFormats are the formats by their value of --log.format.
var logFormats = map[string]logFormat{
	"logfmt": {
		regexp.MustCompile(`^time=\S+ level=(DEBUG|INFO|WARN|ERROR) source=\S+ msg=`),
		regexp.MustCompile(`msg="Refresh failed" region=(\S+) action=(\S+) class=(\S+)`),
	},
	"json": {
		regexp.MustCompile(`^{"time":"[^"]+","level":"(DEBUG|INFO|WARN|ERROR)","source":"[^"]+","msg":.*}$`),
		regexp.MustCompile(`"msg":"Refresh failed","region":"([^"]+)","action":"([^"]+)","class":"([^"]+)"`),
	},
}

// Whatever a peer breaks, and whether or not it keeps the connection open, the
// process writes only lines in its own format and nothing that the peer sent, at
// any level.
func TestPeerDataIsNeverLogged(t *testing.T) {
	all := hostileRegions()
	for name, test := range map[string]struct {
		level, format string
		// A peer that hangs is waited for until a deadline; the others are waited
		// for however slow the machine is.
		timeout string
		regions map[string]string
	}{
		"answers, at every level": {"debug", "logfmt", "1h", all.answer},
		"answers, as JSON":        {"info", "json", "1h", all.answer},
		"silence, at every level": {"debug", "logfmt", "1s", all.hang},
		"silence, as JSON":        {"info", "json", "1s", all.hang},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := filepath.Join(t.TempDir(), "hostile.conf")
			content := fmt.Sprintf("[common]\nsecret_id = AKIDtest\nsecret_key = test-key\nregion = %s\nendpoint = http://%s\n",
				strings.Join(slices.Collect(maps.Keys(test.regions)), ","), hostilePeer(t))
			if err := os.WriteFile(conf, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			want, have := map[string]string{}, map[string]string{}
			for region, class := range test.regions {
				if class != "" {
					want[region+" DescribeDatahubTasks"], want[region+" DescribeConnectResources"] = class, class
				}
			}
			for _, line := range logOf(t, "--conf="+conf, "--ckafka.timeout="+test.timeout, "--log.level="+test.level, "--log.format="+test.format) {
				if !logFormats[test.format].line.MatchString(line) || strings.Contains(line, planted) {
					t.Errorf("a line that is not the log's own:\n%.300s", line)
				}
				if match := logFormats[test.format].failed.FindStringSubmatch(line); match != nil {
					target, class := match[1]+" "+match[2], match[3]
					if want[target] == "timeout" && class == "network" {
						class = "timeout" // an earlier call found its connection gone
					}
					have[target] = class
				}
			}
			if diff := gocmp.Diff(want, have); diff != "" {
				t.Errorf("classes of the failures (-want +have):\n%s", diff)
			}
		})
	}
}

// hostileRegions returns the regions of the hostile peer with the class of their
// failure, apart by whether the peer answers or leaves the client waiting.
func hostileRegions() (regions struct{ answer, hang map[string]string }) {
	regions.answer, regions.hang = map[string]string{}, map[string]string{}
	for protocol, way := range protocols() {
		for end, class := range map[string]string{"closed": way.class, "open": cmp.Or(way.open, way.class)} {
			group := regions.answer
			if class == "timeout" {
				group = regions.hang
			}
			group["ap-"+protocol+"-"+end] = class
		}
	}
	return regions
}

// logOf runs the program as a process, scrapes both documented paths at once, stops
// it and returns the lines of its log.
func logOf(t *testing.T, args ...string) []string {
	t.Helper()
	program, log, address := activate(t, args...)
	exporter := exporter{url: "http://" + address}
	var scraping sync.WaitGroup
	for _, kind := range source.Kinds() {
		scraping.Go(func() {
			if code, body := exporter.get(t, kind.Path); code != http.StatusOK || strings.Contains(body, planted) {
				t.Errorf("%s: want 200 and nothing of the peer's, have %d and:\n%.300s", kind.Path, code, body)
			}
		})
	}
	scraping.Wait()
	http.DefaultClient.CloseIdleConnections()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
	log.Close()
	var written []string
	for line := range log.each {
		written = append(written, line)
	}
	return written
}

// activate starts the program on a socket of the test's, as systemd does, so that
// its address is known whatever is logged.
func activate(t *testing.T, args ...string) (*exec.Cmd, *lines, string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	log := newLines()
	// The shell becomes the program, so its process ID is the one in the
	// environment.
	const become = `LISTEN_PID=$$; export LISTEN_PID; exec "$0" "$@"`
	program := exec.CommandContext(t.Context(), "sh", append([]string{"-c", become, os.Args[0], "--web.systemd-socket"}, args...)...)
	program.Env, program.Stderr = append(os.Environ(), asProgram+"=1", "LISTEN_FDS=1"), log
	program.ExtraFiles = []*os.File{socket}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	return program, log, listener.Addr().String()
}
