package otlp_test

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/internal/secret"
)

const succeeded, failed = "success", "failure"

func pushes(pushed, result string) string {
	return "datahub_exporter_otlp_pushes_total{pushed=" + pushed + ",result=" + result + "}"
}

func lastSuccess(pushed string) string {
	return "datahub_exporter_otlp_last_success_timestamp_seconds{pushed=" + pushed + "}"
}

// A push that fails again and again is counted and logged while others arrive.
func TestEachPusherIsCountedAndLoggedSeparately(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		var refusing atomic.Bool
		server := over.startWith(t, func(p collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
			if refusing.Load() && p.Metrics()[0].GetName() == "tasks" {
				return nil, status.Error(codes.InvalidArgument, "too much")
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		})
		log := &log{}
		made := newPush(t, over.at(server.Address), noEnvironment, log)
		tasks, others := provider(t, made, "tasks", one), provider(t, made, "connections", one)

		refusing.Store(true)
		for range 3 {
			flush(t, tasks)
			flush(t, others)
		}
		counted := counters(t, made)
		if counted[lastSuccess("connections")] == 0 {
			t.Error("connections: want a time of the last success")
		}
		delete(counted, lastSuccess("connections"))
		want := map[string]float64{
			pushes("tasks", succeeded): 0, pushes("tasks", failed): 3, lastSuccess("tasks"): 0,
			pushes("connections", succeeded): 3, pushes("connections", failed): 0,
		}
		if diff := cmp.Diff(want, counted); diff != "" {
			t.Errorf("while tasks are refused (-want +have):\n%s", diff)
		}
		lines := `level=WARN msg="OTLP push failed" pushed=tasks err="failed to upload metrics: ` + pick(over, "rpc error: code = InvalidArgument desc = too much",
			"failed to send metrics to http://"+server.Address+"/v1/metrics: HTTP status 400 (Bad Request) (body: too much)") + `" address=` + server.Address + ` not_logged=0`
		if diff := cmp.Diff(lines, log.take()); diff != "" {
			t.Errorf("log (-want +have):\n%s", diff)
		}

		refusing.Store(false)
		flush(t, others)
		flush(t, tasks)
		if diff := cmp.Diff(`level=INFO msg="OTLP push succeeds again" pushed=tasks not_logged=2`, log.take()); diff != "" {
			t.Errorf("log (-want +have):\n%s", diff)
		}
		if have := counters(t, made)[lastSuccess("tasks")]; have == 0 {
			t.Error("tasks: want a time of the last success")
		}
	})
}

// If a collector repeats what it was sent, or says too much, the log does not.
func TestErrorsContainNoSecretAndAreShort(t *testing.T) {
	const token, basic, password = "t0ken-of-the-tenant", "dXNlcjpwYXNzd29yZDEyMw==", "password123"
	all := "no: Bearer " + token + " / " + strings.ToUpper(token) + " / " + basic + " / " + password + "\n"
	tests := map[string]func() (*collector.ExportMetricsServiceResponse, error){
		"status": func() (*collector.ExportMetricsServiceResponse, error) {
			return nil, status.Error(codes.PermissionDenied, all+strings.Repeat("x", 1<<16))
		},
		"partial success": func() (*collector.ExportMetricsServiceResponse, error) {
			partial := &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 1, ErrorMessage: all + strings.Repeat(all, 1000)}
			return &collector.ExportMetricsServiceResponse{PartialSuccess: partial}, nil
		},
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				server := over.startWith(t, func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) { return answer() })
				options := over.at(server.Address)
				options.Headers = map[string]secret.Value{"authorization": secret.New("Bearer " + token), "x-basic": secret.New("Basic " + basic)}
				log := &log{}
				flush(t, provider(t, newPush(t, options, noEnvironment, log), "tasks", one))
				line := log.take()
				for _, hidden := range []string{token, strings.ToUpper(token), basic, password} {
					if strings.Contains(line, hidden) {
						t.Errorf("contains %s:\n%.1000s", hidden, line)
					}
				}
				if !strings.Contains(line, "no: <secret> / <secret> / <secret> / <secret>") || len(line) > 500 || strings.Contains(line, "\n") {
					t.Errorf("want one short line with <secret>, have %d bytes:\n%.1000s", len(line), line)
				}
			})
		})
	}
}

// A partial success without a rejected data point is a success with a warning.
func TestWarningIsASuccess(t *testing.T) {
	warns := func(rejected int64, message string) *collector.ExportMetricsServiceResponse {
		return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: rejected, ErrorMessage: message}}
	}
	tests := map[string]struct {
		items   int
		answers []*collector.ExportMetricsServiceResponse // nil: it refuses
		result  string
		line    string // what the log says; "" for nothing
	}{
		"a warning":                {1, []*collector.ExportMetricsServiceResponse{warns(0, "soon full")}, succeeded, `msg="OTLP receiver warns" pushed=tasks err=".*soon full`},
		"a point that is rejected": {1, []*collector.ExportMetricsServiceResponse{warns(1, "too old")}, failed, `msg="OTLP push failed" pushed=tasks err=".*too old`},
		"points without a word":    {1, []*collector.ExportMetricsServiceResponse{warns(10, "")}, failed, `msg="OTLP push failed" pushed=tasks err=".*10 metric data points rejected`},
		"nothing said":             {1, []*collector.ExportMetricsServiceResponse{warns(0, "")}, succeeded, ""},
		"a warning, then refused":  {1500, []*collector.ExportMetricsServiceResponse{warns(0, "soon full"), nil}, failed, `msg="OTLP push failed" pushed=tasks err=".*full up`},
		"refused, then a warning":  {1500, []*collector.ExportMetricsServiceResponse{nil, warns(0, "soon full")}, failed, `msg="OTLP push failed" pushed=tasks err=".*full up`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over protocol) {
				var asked atomic.Int64
				server := over.startWith(t, func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
					if answer := test.answers[asked.Add(1)-1]; answer != nil {
						return answer, nil
					}
					return nil, status.Error(codes.InvalidArgument, "full up")
				})
				log := &log{}
				made := newPush(t, over.at(server.Address), noEnvironment, log)
				flush(t, provider(t, made, "tasks", fleetOf(test.items, 1)))
				if line := log.take(); (line == "") != (test.line == "") || !regexp.MustCompile(test.line).MatchString(line) {
					t.Errorf("log: want %q, have %q", test.line, line)
				}
				have := counters(t, made)
				if have[pushes("tasks", test.result)] != 1 || have[pushes("tasks", succeeded)]+have[pushes("tasks", failed)] != 1 {
					t.Errorf("want one %s, have %v", test.result, have)
				}
				if dated := have[lastSuccess("tasks")] > 0; dated != (test.result == succeeded) {
					t.Errorf("want the time of a success only, have %v", have)
				}
			})
		})
	}
}

// The log contains no part of a long secret that is cut, either.
func TestErrorsContainNoPartOfALongSecret(t *testing.T) {
	overBoth(t, func(t *testing.T, over protocol) {
		token := strings.Repeat("0123456789abcdef", 300)
		server := over.startWith(t, func(collectorsim.Push) (*collector.ExportMetricsServiceResponse, error) {
			return nil, status.Error(codes.PermissionDenied, strings.Repeat(token, 10))
		})
		options := over.at(server.Address)
		options.Headers = map[string]secret.Value{"authorization": secret.New(token)}
		log := &log{}
		flush(t, provider(t, newPush(t, options, noEnvironment, log), "tasks", one))
		if line := log.take(); !strings.Contains(line, "OTLP push failed") || strings.Contains(line, "0123456789abcdef") {
			t.Errorf("want a line without the secret, have:\n%.1000s", line)
		}
	})
}
