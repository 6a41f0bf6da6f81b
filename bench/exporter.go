package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"datahub_exporter/endpoint"
	"datahub_exporter/errorlog"
	"datahub_exporter/instrument"
	"datahub_exporter/secret"
	"datahub_exporter/source"
)

// exporter is the exporter as package bridge wires it, less its web server.
type exporter struct {
	cloud     *cloud
	transport *http.Transport
	sources   *source.Set
	*instrument.Exposition
}

// newExporter starts one that asks the cloud at each scrape, as often as it likes:
// with a quota there is one refresh a second.
func newExporter(c *cloud) (*exporter, error) { return newExporterWith(c, source.MaxQPS) }

func newExporterWith(c *cloud, qps int) (*exporter, error) {
	e := &exporter{cloud: c, transport: source.NewTransport()}
	account := source.Account{
		Name: "common", SecretID: secret.New(secretID), SecretKey: secret.New(secretKey), Regions: c.names(),
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: c.address},
	}
	options := source.Options{Timeout: time.Minute, StaleAfter: source.DefaultStaleAfter, QPS: qps}
	e.sources = source.Open([]source.Account{account}, e.transport, options)
	var err error
	e.Exposition, err = newExposition(e.sources)
	return e, err
}

// newExposition exposes tasks.
func newExposition(sources instrument.Sources) (*instrument.Exposition, error) {
	quiet := errorlog.New(slog.New(slog.DiscardHandler))
	return instrument.NewExposition(instrument.Kinds()[0], instrument.NewLabels(1), sources, nil, quiet)
}

func (e *exporter) close() {
	e.sources.Close()
	e.transport.CloseIdleConnections()
	_ = e.Shutdown(context.Background())
}

// refresh asks for all tasks.
func (e *exporter) refresh(ctx context.Context) error {
	listed := 0
	for _, snapshot := range e.sources.Snapshots(ctx, source.Tasks) {
		if snapshot.Err != nil {
			return snapshot.Err
		}
		listed += len(snapshot.Listing.Items)
	}
	return wantTasks(e.cloud, listed)
}

// scrape refreshes, and exposes what came of it.
func (e *exporter) scrape(ctx context.Context) error {
	exposed, err := answer(ctx, e, "", "")
	if err != nil {
		return err
	}
	return wantTasks(e.cloud, statuses(exposed.Body.String()))
}

// answer is what a handler answers a scraper.
func answer(ctx context.Context, handler http.Handler, accept, encoding string) (*httptest.ResponseRecorder, error) {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		return nil, fmt.Errorf("scrape was answered with %d: %s", recorder.Code, recorder.Body)
	}
	return recorder, nil
}

// statuses counts the tasks in an exposition.
func statuses(exposition string) int { return strings.Count(exposition, "\ndatahub_task_status{") }

// wantTasks fails unless all tasks of the cloud are there: nobody is fast who
// leaves something out.
func wantTasks(c *cloud, have int) error {
	if want := c.regions * c.tasks; have != want {
		return fmt.Errorf("want %d tasks, have %d", want, have)
	}
	return nil
}
