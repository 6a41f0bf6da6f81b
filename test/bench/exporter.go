package main

import (
	stdbytes "bytes" // bytes is a unit here
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// exporter is the exporter as package app wires it, without its web server. It
// calls the cloud on every scrape.
type exporter struct {
	cloud     *cloud
	transport *http.Transport
	sources   *source.Set
	*instrument.Exposition
}

func newExporter(c *cloud, qps int) *exporter {
	transport := ckafka.NewTransport()
	sources := source.Open(ckafka.New(transport, ckafka.Options{}).Listers([]ckafka.Account{{
		Name: "common", Credential: credential.Static(secretID, secretKey, ""), Regions: c.names(),
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: c.address},
	}}), source.Options{
		Timeout: time.Minute, StaleAfter: source.DefaultStaleAfter, QPS: qps,
	})
	return &exporter{c, transport, sources, newExposition(sources)}
}

// newExposition returns an exposition of tasks.
func newExposition(sources instrument.Sources) *instrument.Exposition {
	quiet := logging.NewScrapeErrors(slog.New(slog.DiscardHandler))
	return must(instrument.NewExposition(source.TaskKind(), sources, instrument.Options{ErrorLog: quiet}))
}

func (e *exporter) close() {
	e.sources.Close()
	e.transport.CloseIdleConnections()
	check(e.Shutdown(context.Background()))
}

// refresh lists all tasks.
func (e *exporter) refresh(ctx context.Context) {
	listed := 0
	for _, snapshot := range e.sources.Snapshots(ctx, source.Tasks) {
		check(snapshot.Err)
		listed += len(snapshot.Listing.Items)
	}
	wantTasks(e.cloud.all(), listed)
}

// scrape refreshes and exposes the result.
func (e *exporter) scrape(ctx context.Context) {
	var all counter
	e.ServeHTTP(&all, request(ctx, "", ""))
	wantTasks(e.cloud.all(), all.statuses)
}

// counter is a sink that counts the tasks in an exposition, whatever its parts are.
type counter struct {
	sink
	statuses int
	end      []byte // of the part before, too short for a whole token
}

func (c *counter) Write(part []byte) (int, error) {
	token := []byte("\n" + statusOfTask)
	seen := slices.Concat(c.end, part)
	c.statuses += stdbytes.Count(seen, token)
	c.end = seen[max(0, len(seen)-len(token)+1):]
	return c.sink.Write(part)
}

func request(ctx context.Context, accept, encoding string) *http.Request {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	return request
}

// answer returns a handler's response to a scrape.
func answer(ctx context.Context, handler http.Handler, accept, encoding string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request(ctx, accept, encoding))
	if recorder.Code != http.StatusOK {
		panic(failure{fmt.Errorf("scrape was answered with %d: %s", recorder.Code, recorder.Body)})
	}
	return recorder
}

// statusOfTask is the beginning of a task's line.
const statusOfTask = "datahub_task_status{"

// statuses counts the tasks in an exposition.
func statuses(exposition string) int { return strings.Count(exposition, "\n"+statusOfTask) }

// all returns the number of tasks in the cloud.
func (f fleet) all() int { return f.regions * f.tasks }

// wantTasks ends the run unless all tasks are there: leaving something out is not
// being fast.
func wantTasks(want, have int) {
	if want != have {
		panic(failure{fmt.Errorf("want %d tasks, have %d", want, have)})
	}
}
