package cli_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
)

func TestParse(t *testing.T) {
	asDocumented := source.Options{Timeout: 8 * time.Second, MinInterval: 10 * time.Second, StaleAfter: 5 * time.Minute, QPS: 20}
	tests := map[string]struct {
		args []string
		want cli.Options
	}{
		"nothing": {nil, cli.Options{Conf: "~/.datahub_exporter.conf", Source: asDocumented, Check: cli.Check{Format: "table"}}},
		"everything": {
			[]string{
				"--conf=/etc/exporter.conf", "--ckafka.timeout=1m", "--ckafka.min-interval=0s", "--ckafka.stale-after=10m",
				"--ckafka.qps=1000", "--ckafka.progress-interval=5m", "--ckafka.tags=team, cost-center,负责人", "--otlp.endpoint=http://collector", "--otlp.protocol=HTTP/protobuf", "--otlp.interval=30s", "--demo",
				"--web.alertmanager-url=https://alerts.example/am/",
				"--check", "--check.format=json", "--check.record=/tmp/recording",
			},
			cli.Options{
				Conf: "/etc/exporter.conf", AlertmanagerURL: "https://alerts.example/am", Demo: true, Tags: []string{"team", "cost-center", "负责人"},
				Source: source.Options{Timeout: time.Minute, StaleAfter: 10 * time.Minute, QPS: 1000, ProgressInterval: 5 * time.Minute},
				Check:  cli.Check{Wanted: true, Format: "json", Record: "/tmp/recording"},
				OTLP:   otlp.Flags{Endpoint: "http://collector", Protocol: otlp.HTTP, Interval: 30 * time.Second},
			},
		},
		"nothing is kept, so nothing becomes stale": {
			[]string{"--ckafka.min-interval=1h", "--ckafka.stale-after=0s"},
			cli.Options{
				Conf: "~/.datahub_exporter.conf", Check: cli.Check{Format: "table"},
				Source: source.Options{Timeout: 8 * time.Second, MinInterval: time.Hour, QPS: 20},
			},
		},
		"a recording is a demo": {
			[]string{"--demo.replay=/tmp/recording"},
			cli.Options{
				Conf: "~/.datahub_exporter.conf", Source: asDocumented, Check: cli.Check{Format: "table"}, Demo: true, Replay: "/tmp/recording",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, err := cli.Parse(test.args, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, have, cmpopts.IgnoreFields(cli.Options{}, "Log", "Web"), cmpopts.IgnoreUnexported(cli.Options{}, source.Options{})); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
			if address := *have.Web.WebListenAddresses; len(address) != 1 || address[0] != "0.0.0.0:48080" {
				t.Errorf("address: want 0.0.0.0:48080, have %v", address)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		"--nope":                                    "unknown long flag '--nope'",
		"start":                                     "unexpected start",
		"--ckafka.timeout=abc":                      `--ckafka.timeout is "abc"; write a duration such as 8s or 1m30s`,
		"--ckafka.min-interval=1":                   `--ckafka.min-interval is "1"; write a duration such as 8s or 1m30s`,
		"--ckafka.stale-after=":                     `--ckafka.stale-after is ""; write a duration such as 8s or 1m30s`,
		"--otlp.interval=soon":                      `--otlp.interval is "soon"; write a duration such as 8s or 1m30s`,
		"--ckafka.qps=x":                            `--ckafka.qps is "x"; write a whole number such as 20`,
		"--ckafka.qps=1e18":                         "--ckafka.qps is 1000000000000000000 and must be 1 to 1000; the API's own quota is 20",
		"--log.level=loud":                          `--log.level is "loud"; write debug, info, warn or error`,
		"--log.format=xml":                          `--log.format is "xml"; write logfmt or json`,
		"--check.format=xml":                        `--check.format is "xml"; write table or json`,
		"--check.record=/tmp/x":                     "--check.record records the responses of --check; add --check, or remove this flag",
		"--ckafka.timeout=0s":                       "--ckafka.timeout is 0s and must be more than 0",
		"--ckafka.min-interval=-1s":                 "--ckafka.min-interval is -1s and must not be negative",
		"--ckafka.stale-after=-1s":                  "--ckafka.stale-after is -1s and must not be negative",
		"--ckafka.min-interval=1h":                  "--ckafka.min-interval is 1h0m0s and must be less than --ckafka.stale-after, which is 5m0s; shorten the one or lengthen the other",
		"--ckafka.stale-after=10s":                  "--ckafka.min-interval is 10s and must be less than --ckafka.stale-after, which is 10s; shorten the one or lengthen the other",
		"--ckafka.progress-interval=30s":            "--ckafka.progress-interval is 30s and must be 1m to 10m, such as 5m, or 0 for none",
		"--ckafka.progress-interval=1h":             "--ckafka.progress-interval is 1h0m0s and must be 1m to 10m, such as 5m, or 0 for none",
		"--ckafka.progress-interval=-5m":            "--ckafka.progress-interval is -5m0s and must be 1m to 10m, such as 5m, or 0 for none",
		"--ckafka.progress-interval=5":              `--ckafka.progress-interval is "5"; write a duration such as 8s or 1m30s`,
		"--ckafka.tags=":                            `--ckafka.tags is ""; write the keys of tags, such as team,owner`,
		"--ckafka.tags=team,,owner":                 `--ckafka.tags is "team,,owner"; write the keys of tags, such as team,owner`,
		"--ckafka.tags=team,":                       `--ckafka.tags is "team,"; write the keys of tags, such as team,owner`,
		"--ckafka.tags=cost-a,x,cost_a":             `--ckafka.tags: the keys "cost-a" and "cost_a" would both be the label tag_cost_a; write only one of them`,
		"--ckafka.tags=负责人,项目组":                     `--ckafka.tags: the keys "负责人" and "项目组" would both be the label tag____; write only one of them`,
		"--ckafka.tags=team, team":                  `--ckafka.tags: the keys "team" and "team" would both be the label tag_team; write only one of them`,
		"--ckafka.qps=0":                            "--ckafka.qps is 0 and must be 1 to 1000; the API's own quota is 20",
		"--ckafka.qps=-1":                           "--ckafka.qps is -1 and must be 1 to 1000; the API's own quota is 20",
		"--ckafka.qps=1001":                         "--ckafka.qps is 1001 and must be 1 to 1000; the API's own quota is 20",
		"--ckafka.qps=100000000":                    "--ckafka.qps is 100000000 and must be 1 to 1000; the API's own quota is 20",
		"--otlp.interval=-1s":                       "--otlp.interval is -1s and must be more than 0",
		"--otlp.interval=0s":                        "--otlp.interval is 0s and must be more than 0",
		"--conf=":                                   "--conf is empty; name a file",
		"--otlp.endpoint=grpc://x":                  `--otlp.endpoint: not an endpoint: its scheme "grpc" is neither https nor http; write it as https://HOST, https://HOST:PORT, HOST or HOST:PORT`,
		"--web.listen-address=48080":                `--web.listen-address is "48080"; write HOST:PORT, or :PORT for all addresses`,
		"--web.listen-address=:":                    `--web.listen-address is ":"; write HOST:PORT, or :PORT for all addresses`,
		"--web.listen-address=:99999":               `--web.listen-address is ":99999"; write HOST:PORT, or :PORT for all addresses`,
		"--web.listen-address=127.0.0.1:48080,":     `--web.listen-address is "127.0.0.1:48080,"; write HOST:PORT, or :PORT for all addresses`,
		"--web.listen-address=vsock://:4294967296":  `--web.listen-address is "vsock://:4294967296"; write HOST:PORT, or :PORT for all addresses`,
		"--web.listen-address=unix:///run/exporter": `--web.listen-address is "unix:///run/exporter"; write HOST:PORT, or :PORT for all addresses`,
		"--otlp.protocol=http":                      `--otlp.protocol is "http"; use grpc or http/protobuf`,
		"--otlp.protocol=http/json":                 `--otlp.protocol is "http/json", which this exporter does not speak; use http/protobuf, which receivers take at the same endpoint, or grpc`,
		"--ckafka.timeout=" + long():                "--ckafka.timeout is a value of 65 bytes; write a duration such as 8s or 1m30s",
	}
	for arg, want := range tests {
		t.Run(arg, func(t *testing.T) {
			have, err := cli.Parse([]string{arg}, io.Discard)
			if err == nil {
				t.Fatalf("want an error, have %+v", have)
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

// A URL that is no link, or whose secret everyone who sees the page would see, is refused
// and not repeated.
func TestParseRefusesAlertmanagers(t *testing.T) {
	const want = "--web.alertmanager-url: not the URL of an Alertmanager; " +
		"write http://HOST:PORT or https://HOST/PATH, without a user, a password, a query or a fragment"
	for _, value := range []string{
		"alerts:9093", "alerts", "ftp://alerts", "javascript:alert(1)", "https://", "https://:9093", "http://alerts:x", "http://alerts /",
		"https://me:secret@alerts", "https://me@alerts", "http://alerts/?x=1", "http://alerts?", "http://alerts/#/silences", "//alerts",
	} {
		if _, err := cli.Parse([]string{"--web.alertmanager-url=" + value}, io.Discard); err == nil || err.Error() != want {
			t.Errorf("%s: want an error that does not repeat it, have %v", value, err)
		}
	}
	for value, want := range map[string]string{"http://127.0.0.1:9093": "http://127.0.0.1:9093", "HTTPS://[::1]/am/": "HTTPS://[::1]/am", "": ""} {
		if options, err := cli.Parse([]string{"--web.alertmanager-url=" + value}, io.Discard); err != nil || options.AlertmanagerURL != want {
			t.Errorf("%s: want %s, have %+v, %v", value, want, options, err)
		}
	}
}

func TestParseErrorKeepsLogFormat(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"no format":               {[]string{"--nope"}, ""},
		"before the error":        {[]string{"--log.format=json", "--nope"}, "json"},
		"after the error":         {[]string{"--ckafka.qps=x", "--log.format=json"}, "json"},
		"in two words":            {[]string{"--nope", "--log.format", "json"}, "json"},
		"with a wrong range":      {[]string{"--ckafka.qps=0", "--log.format=json"}, "json"},
		"a format that is none":   {[]string{"--log.format=xml"}, ""},
		"a flag without a format": {[]string{"--log.format"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options, err := cli.Parse(test.args, io.Discard)
			if err == nil {
				t.Fatal("want an error")
			}
			if have := options.Log.Format.String(); have != test.want {
				t.Errorf("format: want %q, have %q", test.want, have)
			}
		})
	}
}

func long() string { return strings.Repeat("x", 65) }

func TestParsePrintsHelpAndVersion(t *testing.T) {
	for arg, want := range map[string]string{"--help": "--web.listen-address", "-h": "--log.format", "--version": "datahub_exporter, version"} {
		var stdout bytes.Buffer
		options, err := cli.Parse([]string{arg}, &stdout)
		if options != nil || err != nil || !strings.Contains(stdout.String(), want) {
			t.Errorf("%s: want no options, no error and %q, have %v, %v and:\n%s", arg, want, options, err, &stdout)
		}
	}
}

// broken is a writer whose reader has gone, as with `--help | head`.
type broken struct{}

// Write implements io.Writer.
func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestReaderOfTheHelpMayGo(t *testing.T) {
	for _, arg := range []string{"--help", "--help-man", "--help-long", "--version", "--completion-script-bash"} {
		if options, err := cli.Parse([]string{arg}, broken{}); options != nil || err != nil {
			t.Errorf("%s: want no options and no error, have %v and %v", arg, options, err)
		}
	}
}
