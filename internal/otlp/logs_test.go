package otlp_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	otellog "go.opentelemetry.io/otel/log"
	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/internal/secret"
)

// withLogs returns the options of a push with log records.
func (p protocol) withLogs(address string) *otlp.Options {
	options := p.at(address)
	options.Logs = true
	return options
}

// startLogs returns a collector that answers log records with the function.
func (p protocol) startLogs(t testing.TB, answer collectorsim.AnswerLogs) *collectorsim.Collector {
	t.Helper()
	return collectorsim.StartWith(t, collectorsim.Options{HTTP: p == otlp.HTTP, AnswerLogs: answer})
}

// newLogs returns what pushes log records, and its push. A push that fails is repeated
// after a millisecond.
func newLogs(t testing.TB, options *otlp.Options, log *log) (*otlp.Push, *otlp.Logs) {
	t.Helper()
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "1") // in milliseconds
	push := newPush(t, options, noEnvironment, log)
	otlp.RetryAfter(push, time.Millisecond)
	logs, err := push.Logs("changes", "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = logs.Shutdown(ended)
	})
	return push, logs
}

// emit emits records that say so.
func emit(logs *otlp.Logs, bodies ...string) {
	for _, body := range bodies {
		var record otellog.Record
		record.SetBody(attribute.StringValue(body))
		record.SetEventName("tested")
		logs.Emit(record)
	}
}

// receive returns the bodies of so many records.
func receive(collector *collectorsim.Collector, records int) (bodies []string) {
	for len(bodies) < records {
		for _, record := range (<-collector.Logs).Records() {
			bodies = append(bodies, record.GetBody().GetStringValue())
		}
	}
	return bodies
}

func TestLogRecordsArePushedAsTheMetricsAre(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		collector := over.start(t)
		options := over.withLogs(collector.Address)
		options.Headers = map[string]secret.Value{"authorization": secret.New("Bearer t0ken-0123456789")}
		options.Compression = "gzip"
		_, logs := newLogs(t, options, new(log))
		emit(logs, "one")
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		push := <-collector.Logs
		have := []string{push.Compression}
		have = append(have, push.Headers.Get("authorization")...)
		for _, record := range push.Records() {
			have = append(have, record.GetEventName(), record.GetBody().GetStringValue())
		}
		if diff := cmp.Diff([]string{"gzip", "Bearer t0ken-0123456789", "tested", "one"}, have); diff != "" {
			t.Errorf("(-want +have):\n%s", diff)
		}
	})
}

// A receiver that is away gets all records once it is back, in order.
func TestLogRecordsWaitForTheReceiver(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		var back atomic.Bool
		accepted := make(chan string, 1000)
		collector := over.startLogs(t, func(push collectorsim.Push) (*collectorlogs.ExportLogsServiceResponse, error) {
			if !back.Load() {
				return nil, status.Error(codes.Unavailable, "restarting")
			}
			for _, record := range push.Records() {
				accepted <- record.GetBody().GetStringValue()
			}
			return &collectorlogs.ExportLogsServiceResponse{}, nil
		})
		options := over.withLogs(collector.Address)
		options.Timeout = 20 * time.Millisecond // so that several pushes fail
		push, logs := newLogs(t, options, new(log))
		emit(logs, "one")
		for counters(t, push)["datahub_exporter_otlp_pushes_total{pushed=changes,result=failure}"] < 2 {
			<-collector.Logs
		}
		emit(logs, "two")
		back.Store(true)
		var have []string
		for body := ""; body != "two"; { // a push that fails during the shutdown is the last
			body = <-accepted
			have = append(have, body)
		}
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(accepted)
		for body := range accepted {
			have = append(have, body)
		}
		// One that the receiver takes too late is pushed again.
		if diff := cmp.Diff([]string{"one", "two"}, slices.Compact(have)); diff != "" {
			t.Errorf("accepted (-want +have):\n%s", diff)
		}
		if dropped := counters(t, push)["datahub_exporter_otlp_dropped_log_records_total{}"]; dropped != 0 {
			t.Errorf("dropped: want 0, have %v", dropped)
		}
	})
}

// A receiver that refuses records is not asked again: they are counted and logged, with
// what to do, and no secret.
func TestLogRecordsThatAreRefusedAreLost(t *testing.T) {
	tests := map[string]struct {
		err  error
		hint string
	}{
		"no pipeline":    {status.Error(codes.Unimplemented, "unknown service opentelemetry.proto.collector.logs.v1.LogsService"), "give the collector a pipeline for logs"},
		"a bad token":    {status.Error(codes.Unauthenticated, "no t0ken-0123456789"), "check the credential in headers"},
		"an invalid one": {status.Error(codes.InvalidArgument, "t0ken-0123456789"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				var answers atomic.Int64
				collector := over.startLogs(t, func(collectorsim.Push) (*collectorlogs.ExportLogsServiceResponse, error) {
					if answers.Add(1) == 1 {
						return nil, test.err
					}
					return &collectorlogs.ExportLogsServiceResponse{}, nil
				})
				options := over.withLogs(collector.Address)
				options.Headers = map[string]secret.Value{"authorization": secret.New("Bearer t0ken-0123456789")}
				log := new(log)
				push, logs := newLogs(t, options, log)
				emit(logs, "one")
				receive(collector, 1)
				emit(logs, "two")
				if diff := cmp.Diff([]string{"two"}, receive(collector, 1)); diff != "" {
					t.Errorf("pushed afterwards (-want +have):\n%s", diff)
				}
				if err := logs.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				have := counters(t, push)
				for series, want := range map[string]float64{
					"datahub_exporter_otlp_dropped_log_records_total{}":                    1,
					"datahub_exporter_otlp_pushes_total{pushed=changes,result=failure}":    1,
					"datahub_exporter_otlp_pushes_total{pushed=changes,result=success}":    1,
					"datahub_exporter_otlp_last_success_timestamp_seconds{pushed=changes}": 0, // rare as they are, its age would say nothing
				} {
					if have[series] != want {
						t.Errorf("%s: want %v, have %v", series, want, have[series])
					}
				}
				lines := log.take()
				for _, want := range []string{`msg="OTLP push failed" pushed=changes`, `msg="Log records are lost" pushed=changes`, "records=1", test.hint} {
					if !strings.Contains(lines, want) {
						t.Errorf("want %s in the log, have:\n%s", want, lines)
					}
				}
				if strings.Contains(lines, "t0ken-0123456789") {
					t.Errorf("a secret is in the log:\n%s", lines)
				}
			})
		})
	}
}

// What does not fit in the queue is dropped at once, counted and logged; the rest arrives.
func TestLogRecordsThatDoNotFitAreLost(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		release := make(chan struct{})
		collector := over.startLogs(t, func(collectorsim.Push) (*collectorlogs.ExportLogsServiceResponse, error) {
			<-release
			return &collectorlogs.ExportLogsServiceResponse{}, nil
		})
		log := new(log)
		push, logs := newLogs(t, over.withLogs(collector.Address), log)
		for range 2048 + 10 {
			emit(logs, "one")
		}
		if dropped := counters(t, push)["datahub_exporter_otlp_dropped_log_records_total{}"]; dropped != 10 {
			t.Errorf("dropped: want 10, have %v", dropped)
		}
		if lines := log.take(); strings.Count(lines, `msg="Log records are lost"`) != 1 || !strings.Contains(lines, "2048 records are waiting to be pushed") {
			t.Errorf("want one line about what is lost, have:\n%s", lines)
		}
		close(release)
		receive(collector, 2048)
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if more := len(collector.Logs); more > 0 {
			t.Errorf("want no more records, have %d pushes", more)
		}
	})
}

// The end does not wait for a receiver that does not answer, and says what is lost.
func TestEndLosesLogRecordsOfAReceiverThatHangs(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		release, arrived := make(chan struct{}), make(chan struct{})
		collector := over.startLogs(t, func(collectorsim.Push) (*collectorlogs.ExportLogsServiceResponse, error) {
			close(arrived)
			<-release
			return nil, errors.New("too late")
		})
		t.Cleanup(func() { close(release) })
		log := new(log)
		_, logs := newLogs(t, over.withLogs(collector.Address), log)
		emit(logs, "one")
		<-arrived
		emit(logs, "two")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := logs.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if lines := log.take(); !strings.Contains(lines, "the exporter ends before they could be pushed") || !strings.Contains(lines, "records=2") {
			t.Errorf("want a line about two that are lost, have:\n%s", lines)
		}
	})
}

// A receiver that warns has taken the records.
func TestLogRecordsWithAWarningAreTaken(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		collector := over.startLogs(t, func(collectorsim.Push) (*collectorlogs.ExportLogsServiceResponse, error) {
			return &collectorlogs.ExportLogsServiceResponse{PartialSuccess: &collectorlogs.ExportLogsPartialSuccess{ErrorMessage: "old"}}, nil
		})
		log := new(log)
		push, logs := newLogs(t, over.withLogs(collector.Address), log)
		emit(logs, "one")
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if have := counters(t, push); have["datahub_exporter_otlp_pushes_total{pushed=changes,result=success}"] != 1 || have["datahub_exporter_otlp_dropped_log_records_total{}"] != 0 {
			t.Errorf("want a success and nothing dropped, have %v", have)
		}
		if lines := log.take(); !strings.Contains(lines, `msg="OTLP receiver warns" pushed=changes`) {
			t.Errorf("want the warning, have:\n%s", lines)
		}
	})
}

// Log records go to a collector only, and only if they are asked for.
func TestLogsNeedACollector(t *testing.T) {
	endpoint := func(protocol, path string) *otlp.Options {
		return &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "http", Host: "h:1", Path: path}, Protocol: protocol, Logs: true}
	}
	variables := func(name, value string) func(string) string {
		return func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		}
	}
	const prometheus, foreign = "/api/v1/otlp/v1/metrics", "push over OTLP: log records go to /v1/logs of a collector"
	tests := map[string]struct {
		flags  otlp.Flags
		file   *otlp.Options
		getenv func(string) string
		want   string // the beginning of the error
	}{
		"gRPC":                    {otlp.Flags{}, endpoint(otlp.GRPC, ""), noEnvironment, ""},
		"HTTP":                    {otlp.Flags{}, endpoint(otlp.HTTP, ""), noEnvironment, ""},
		"the whole path":          {otlp.Flags{}, endpoint(otlp.HTTP, "/v1/metrics"), noEnvironment, ""},
		"Prometheus":              {otlp.Flags{}, endpoint(otlp.HTTP, prometheus), noEnvironment, foreign},
		"VictoriaMetrics":         {otlp.Flags{}, endpoint(otlp.HTTP, "/opentelemetry/v1/metrics"), noEnvironment, foreign},
		"by a flag":               {otlp.Flags{Logs: true, Protocol: otlp.HTTP, Endpoint: "http://h:1" + prometheus}, nil, noEnvironment, foreign},
		"a base of a variable":    {otlp.Flags{Logs: true, Protocol: otlp.HTTP}, nil, variables("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:1/base"), foreign},
		"a variable":              {otlp.Flags{Logs: true, Protocol: otlp.HTTP}, nil, variables("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:1"), ""},
		"a variable for metrics":  {otlp.Flags{Logs: true, Protocol: otlp.HTTP}, nil, variables("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://h:1"), foreign},
		"a flag without endpoint": {otlp.Flags{Logs: true}, nil, noEnvironment, "push over OTLP: no endpoint configured"},
	}
	for name, test := range tests {
		settings, err := otlp.Resolve(test.flags, test.file, test.getenv)
		switch {
		case err != nil && (test.want == "" || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("%s: want %q, have %v", name, test.want, err)
		case err == nil && test.want != "":
			t.Errorf("%s: want %q, have none", name, test.want)
		case err == nil && !settings.Logs:
			t.Errorf("%s: want log records", name)
		}
	}
	for name, push := range map[string]*otlp.Push{"no push": nil, "not asked for": newPush(t, at("h:1"), noEnvironment, new(log))} {
		logs, err := push.Logs("changes", "test")
		if logs != nil || err != nil {
			t.Errorf("%s: want none, have %v, %v", name, logs, err)
		}
		emit(logs, "one")
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
