package instrument_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// A scraper that hangs up in the middle of its response is logged, in the log's own
// format.
func TestScraperThatHangsUpIsLogged(t *testing.T) {
	reader, writer := io.Pipe()
	t.Cleanup(func() { writer.Close() })
	// Twenty megabytes are more than the sockets of both sides hold.
	listing := &source.Listing{Reported: 20_000}
	for i := range 20_000 {
		listing.Items = append(listing.Items, source.Item{ID: fmt.Sprintf("task-%08d", i), Name: strings.Repeat("n", 1000), Status: 1})
	}
	waiting := snapshotFunc(func(context.Context) *source.Snapshot {
		return &source.Snapshot{Target: source.Target{Region: "r", Action: source.Tasks}, LastSuccess: time.Now(), Listing: listing}
	})
	errorLog := logging.NewScrapeErrors(slog.New(slog.NewTextHandler(writer, nil)))
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], funcSources{waiting}, instrument.Options{ErrorLog: errorLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exposition.Shutdown(context.Background()) })
	server := httptest.NewServer(exposition)
	t.Cleanup(server.Close)

	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(connection, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0) // reset it
	connection.Close()

	line := make(chan string, 1)
	go func() {
		buffer := make([]byte, 4096)
		n, _ := reader.Read(buffer)
		line <- string(buffer[:n])
	}()
	want := regexp.MustCompile(`level=WARN msg="Scrape failed" err="error encoding and sending metric family: .*`)
	select {
	case have := <-line:
		if !want.MatchString(have) {
			t.Errorf("log: want %s, have %s", want, have)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was logged")
	}
}

// An Accept-Encoding that allows nothing is answered uncompressed, and that is no
// failure.
func TestEncodingThatCannotBeHad(t *testing.T) {
	var log bytes.Buffer
	options := instrument.Options{ErrorLog: logging.NewScrapeErrors(slog.New(slog.NewTextHandler(&log, nil)))}
	self, err := instrument.NewSelf(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = self.Shutdown(context.Background()) })
	known := snapshotFunc(func(context.Context) *source.Snapshot {
		return &source.Snapshot{Target: source.Target{Region: "r", Action: source.Tasks}, LastSuccess: time.Now(), Listing: &source.Listing{}}
	})
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], funcSources{known}, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exposition.Shutdown(context.Background()) })
	for path, handler := range map[string]http.Handler{"/metrics": self, "the tasks": exposition} {
		for _, accepted := range []string{"identity;q=0, *;q=0", "*;q=0", "identity;q=0", "gzip;q=0, identity;q=0", "zstd", "br", "zstd, gzip;q=0"} {
			have := answer(t, handler, "", "Accept-Encoding", accepted)
			if encoding := have.Header().Get("Content-Encoding"); have.Code != 200 || encoding != "" || !strings.HasPrefix(have.Body.String(), "# HELP ") || log.Len() > 0 {
				t.Errorf("%s with %q: want it uncompressed and no line, have %d, encoding %q and %s", path, accepted, have.Code, encoding, &log)
			}
			log.Reset()
		}
	}
}
