package otlp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"datahub_exporter/internal/otlp/collectorsim"
)

// fleetOf observes that many tasks, whose names have that many characters.
func fleetOf(tasks, characters int) metric.Float64Callback {
	return func(_ context.Context, observer metric.Float64Observer) error {
		for i := range tasks {
			observer.Observe(1, metric.WithAttributes(
				attribute.String("region", "ap-guangzhou"),
				attribute.String("TaskId", fmt.Sprintf("task-%08d", i)), attribute.String("TaskName", strings.Repeat("任", characters))))
		}
		return nil
	}
}

// arrived counts the data points of the pushes by task ID, and returns the size of
// the largest push.
func arrived(server *collectorsim.Collector) (points map[string]int, largest int) {
	points = map[string]int{}
	for len(server.Pushes) > 0 {
		push := <-server.Pushes
		largest = max(largest, proto.Size(push.Request))
		for _, of := range push.Metrics() {
			for _, point := range of.GetGauge().GetDataPoints() {
				points[point.GetAttributes()[0].GetValue().GetStringValue()]++
			}
		}
	}
	return points, largest
}

// A large push arrives, although a gRPC server accepts no message over 4 MiB by
// default, and nginx no request over 1 MiB.
func TestLargePushArrives(t *testing.T) {
	for tasks, want := range map[int]int{1: 1, 1000: 1, 1001: 2, 2500: 3} {
		overBoth(t, func(t *testing.T, over protocol) {
			server, log := over.start(t), &log{}
			made := newPush(t, over.at(server.Address), noEnvironment, log)
			flush(t, provider(t, made, "tasks", fleetOf(tasks, 300)))
			if lines := log.take(); lines != "" {
				t.Errorf("log: want nothing, have %s", lines)
			}
			if have := counters(t, made)[pushes("tasks", succeeded)]; have != 1 {
				t.Errorf("want one push counted, have %v", have)
			}
			if have := len(server.Pushes); have != want {
				t.Errorf("%d tasks: want %d messages, have %d", tasks, want, have)
			}
			points, largest := arrived(server)
			if len(points) != tasks || largest > 1<<20 {
				t.Errorf("want %d tasks in messages of at most 1 MiB, have %d, the largest of %d bytes", tasks, len(points), largest)
			}
			for id, times := range points {
				if times != 1 {
					t.Fatalf("%s: want it once, have it %d times", id, times)
				}
			}
		})
	}
}

// A refused chunk does not affect the others, and the whole push counts as failed.
func TestRefusedChunk(t *testing.T) {
	const fleet = 2500
	first := make(chan struct{}, 1)
	refuseFirst := func(answer *collector.ExportMetricsServiceResponse, err error) func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
		return func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
			select {
			case <-first:
				return answer, err
			default:
				return &collector.ExportMetricsServiceResponse{}, nil
			}
		}
	}
	partial := &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 7, ErrorMessage: "too old"}}
	tests := map[string]struct {
		answer func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error)
		want   string
	}{
		"whole":   {refuseFirst(nil, status.Error(codes.InvalidArgument, "too odd")), "too odd"},
		"in part": {refuseFirst(partial, nil), "too old (7 metric data points rejected)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				select {
				case first <- struct{}{}:
				default:
				}
				server, log := over.startWith(t, test.answer), &log{}
				made := newPush(t, over.at(server.Address), noEnvironment, log)
				flush(t, provider(t, made, "tasks", fleetOf(fleet, 10)))
				if line := log.take(); !strings.Contains(line, test.want) {
					t.Errorf("log: want %s, have %s", test.want, line)
				}
				if have := counters(t, made)[pushes("tasks", failed)]; have != 1 {
					t.Errorf("want one failed push counted, have %v", have)
				}
				if points, _ := arrived(server); len(points) != fleet {
					t.Errorf("want %d tasks sent, have %d", fleet, len(points))
				}
			})
		})
	}
}
