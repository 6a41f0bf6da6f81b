package otlp_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	otlpcommon "go.opentelemetry.io/proto/otlp/common/v1"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/internal/secret"
)

func TestPushHasAResource(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		environment map[string]string
		want        string
	}{
		"by default": {nil, fmt.Sprintf(`cloud.provider="tencent_cloud",host.name=%q,service.instance.id=%q,service.name="datahub_exporter",service.version="1.2.3"`,
			host, host+"/0.0.0.0:48080")},
		"an empty element is left out": {
			map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "host.name=h,service.instance.id=i,"},
			`cloud.provider="tencent_cloud",host.name="h",service.instance.id="i",service.name="datahub_exporter",service.version="1.2.3"`,
		},
		"the environment wins": {
			map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "host.name=h,service.instance.id=i,team=data", "OTEL_SERVICE_NAME": "ckafka"},
			`cloud.provider="tencent_cloud",host.name="h",service.instance.id="i",service.name="ckafka",service.version="1.2.3",team="data"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			collector := collectorsim.Start(t)
			settings, err := otlp.Resolve(otlp.Flags{}, at(collector.Address), noEnvironment)
			if err != nil {
				t.Fatal(err)
			}
			described, err := otlp.NewResource("1.2.3", []string{"0.0.0.0:48080"}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			made, err := otlp.New(t.Context(), settings, described, new(log).logger())
			if err != nil {
				t.Fatal(err)
			}
			flush(t, provider(t, made, "tasks", one))
			attributes := (<-collector.Pushes).Request.GetResourceMetrics()[0].GetResource().GetAttributes()
			if diff := cmp.Diff(test.want, written(attributes)); diff != "" {
				t.Errorf("resource (-want +have):\n%s", diff)
			}
		})
	}
}

// What cannot be read of the attributes is a warning, and the rest is used.
func TestAttributesThatCannotBeRead(t *testing.T) {
	for value, warned := range map[string]bool{"team=data": false, "": false, "team=data,": true, "team=data,x": true, "x,,team=data": true, ",team=data": true} {
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", value)
		log := &log{}
		described, err := otlp.NewResource("1.2.3", nil, log.logger())
		if err != nil {
			t.Errorf("%q: %v", value, err)
		}
		if team, _ := described.Set().Value("team"); (team.AsString() == "data") != (value != "") {
			t.Errorf("%q: want the team, have %v", value, described)
		}
		if line := log.take(); strings.Contains(line, "level=WARN msg=\"OTEL_RESOURCE_ATTRIBUTES ") != warned {
			t.Errorf("%q: want a warning %v, have %s", value, warned, line)
		}
	}
}

// written returns the attributes, without the SDK's own.
func written(attributes []*otlpcommon.KeyValue) string {
	var pairs []string
	for _, attribute := range attributes {
		if !strings.HasPrefix(attribute.GetKey(), "telemetry.sdk.") {
			pairs = append(pairs, fmt.Sprintf("%s=%q", attribute.GetKey(), attribute.GetValue().GetStringValue()))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

func TestPushSendsHeadersAndCompression(t *testing.T) {
	tests := map[string]struct {
		options     otlp.Options
		environment map[string]string
		header      []string
		compression string
	}{
		"nothing":  {compression: "identity"},
		"the file": {options: inFile("gzip"), header: []string{"Bearer of the file"}, compression: "gzip"},
		"variables": {
			environment: map[string]string{"HEADERS": "authorization=Bearer%20of%20all", "COMPRESSION": "gzip"},
			header:      []string{"Bearer of all"}, compression: "gzip",
		},
		"variables for metrics before those for all": {
			environment: map[string]string{
				"HEADERS": "authorization=Bearer%20of%20all", "METRICS_HEADERS": "authorization=Bearer%20of%20metrics",
				"COMPRESSION": "gzip", "METRICS_COMPRESSION": "none",
			},
			header: []string{"Bearer of metrics"}, compression: "identity",
		},
		"the file before variables": {
			options: inFile("none"),
			environment: map[string]string{
				"METRICS_HEADERS": "authorization=Bearer%20of%20metrics,x-other=y", "METRICS_COMPRESSION": "gzip",
			},
			header: []string{"Bearer of the file"}, compression: "identity",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for suffix, value := range test.environment { // the SDK sees them, too
				t.Setenv("OTEL_EXPORTER_OTLP_"+suffix, value)
			}
			overBoth(t, func(t *testing.T, over protocol) {
				collector, options := over.start(t), over.at("")
				options.Endpoint.Host, options.Headers, options.Compression = collector.Address, test.options.Headers, test.options.Compression
				flush(t, provider(t, newPush(t, options, os.Getenv, &log{}), "tasks", one))
				arrived := <-collector.Pushes
				headers := arrived.Headers
				if diff := cmp.Diff(test.header, headers.Get("authorization")); diff != "" {
					t.Errorf("header (-want +have):\n%s", diff)
				}
				if have := headers.Get("x-other"); len(have) > 0 {
					t.Errorf("want no header that is passed over, have %v", have)
				}
				if have := arrived.Compression; have != test.compression {
					t.Errorf("compression: want %q, have %q", test.compression, have)
				}
			})
		})
	}
}

func inFile(compression string) otlp.Options {
	return otlp.Options{Headers: map[string]secret.Value{"authorization": secret.New("Bearer of the file")}, Compression: compression}
}

func TestShutdownPushesOnceMore(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		collector := over.start(t)
		provider := provider(t, newPush(t, over.at(collector.Address), noEnvironment, &log{}), "tasks", one)
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if have := len(collector.Pushes); have != 1 {
			t.Errorf("want one push, have %d", have)
		}
	})
}

// overtime is a context whose deadline comes when over is closed.
type overtime struct {
	context.Context
	over chan struct{}
}

// Done implements context.Context.
func (o overtime) Done() <-chan struct{} { return o.over }

// Err implements context.Context.
func (o overtime) Err() error {
	select {
	case <-o.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestShutdownEndsWithACollectorThatNeverAnswers(t *testing.T) {
	overBoth(t, shutDownOnACollectorThatNeverAnswers)
}

func shutDownOnACollectorThatNeverAnswers(t *testing.T, over protocol) {
	hole, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// The deadline of the shutdown passes as soon as there is a connection.
	ended := overtime{Context: t.Context(), over: make(chan struct{})}
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		defer close(ended.over)
		if connection, err := hole.Accept(); err == nil {
			t.Cleanup(func() { connection.Close() })
		}
	}()
	defer func() {
		hole.Close()
		<-accepted
	}()
	log := &log{}
	made := newPush(t, over.at(hole.Addr().String()), noEnvironment, log)
	provider := provider(t, made, "tasks", one)
	// It is the push that failed, which is logged once, by its name.
	if err := provider.Shutdown(ended); err != nil { // or the test run times out
		t.Errorf("want no error besides the log's line, have %v", err)
	}
	if line := log.take(); !strings.Contains(line, `msg="OTLP push failed" pushed=tasks`) {
		t.Errorf("log: want the push that failed, have %s", line)
	}
	if diff := cmp.Diff(1.0, counters(t, made)[`datahub_exporter_otlp_pushes_total{pushed=tasks,result=failure}`]); diff != "" {
		t.Errorf("failures (-want +have):\n%s", diff)
	}
}

// The first push does not wait for the first interval.
func TestStartPushesAtOnce(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		server := over.start(t)
		made := newPush(t, over.at(server.Address), noEnvironment, &log{})
		provider(t, made, "tasks", one)
		provider(t, made, "connections", one)
		made.Start()
		have := []string{(<-server.Pushes).Metrics()[0].GetName(), (<-server.Pushes).Metrics()[0].GetName()}
		slices.Sort(have)
		if diff := cmp.Diff([]string{"connections", "tasks"}, have); diff != "" {
			t.Errorf("pushed (-want +have):\n%s", diff)
		}
	})
}

// A source that does not answer does not delay the start, and a first push in
// flight does not delay the shutdown.
func TestFirstPushEndsWithShutdown(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		server := over.start(t)
		made := newPush(t, over.at(server.Address), noEnvironment, &log{})
		collecting := make(chan struct{}, 10)
		provider := provider(t, made, "tasks", func(ctx context.Context, _ metric.Float64Observer) error {
			collecting <- struct{}{}
			<-ctx.Done()
			return nil
		})
		made.Start()
		<-collecting
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_ = provider.Shutdown(ended)
		if have := len(server.Pushes); have != 0 {
			t.Errorf("want nothing pushed, have %d", have)
		}
	})
}

func TestNoPush(t *testing.T) {
	var none *otlp.Push
	options, err := none.Provider("tasks")
	if err != nil || len(options) > 0 {
		t.Errorf("want no options, have %v and %v", options, err)
	}
	none.Start()
	if err := none.Observe(sdkmetric.NewMeterProvider().Meter("test")); err != nil {
		t.Error(err)
	}
}
