package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v2"
)

// The pace of the tests' Prometheus servers; the shipped files use minutes.
const (
	scrapeInterval     = "1s"
	evaluationInterval = "200ms"
	// speedup is the factor by which the times in the rules are divided.
	speedup = 60
)

// prometheus is a real Prometheus server.
type prometheus struct {
	*process
	address string
}

// startPrometheus starts a server with a configuration file.
func startPrometheus(t testing.TB, program, config string, args ...string) *prometheus {
	t.Helper()
	args = append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + t.TempDir(), "--web.listen-address=127.0.0.1:0", "--log.level=info",
	}, args...)
	p := &prometheus{process: start(t, nil, tool(t, program), args...)}
	p.address = p.await(t, `msg="Listening on".* address=(\S+)`)
	p.await(t, `Server is ready to receive web requests`)
	return p
}

// document is a YAML document, of which the tests change some parts.
type document = map[any]any

// readYAML reads a shipped file.
func readYAML(t testing.TB, name string) document {
	t.Helper()
	return parseYAML(t, shipped(t, name))
}

func parseYAML(t testing.TB, path string) document {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parsed := document{}
	if err := yaml.Unmarshal(content, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func writeYAML(t testing.TB, path string, content document) {
	t.Helper()
	written, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, written, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The shipped configurations of Prometheus, by what they scrape.
const (
	scrapeTheExporter   = "deploy/prometheus/prometheus.yml"
	scrapeAsRecommended = "deploy/prometheus/prometheus-recommended.yml"
	scrapeTheSidecar    = "deploy/prometheus/scrape-the-sidecar.yml"
	scrapeTheCollector  = "deploy/prometheus/scrape-the-collector.yml"
	receiveOTLP         = "deploy/prometheus/receive-otlp.yml"
	receiveDirectly     = "deploy/prometheus/receive-otlp-direct.yml"
)

// prometheusConfig writes a shipped configuration with another target and shorter
// times, next to the shipped rules with shorter times, and returns its path.
func prometheusConfig(t testing.TB, file, target string) string {
	t.Helper()
	return acceleratedConfig(t, file, target, speedup)
}

// acceleratedConfig is like prometheusConfig but divides the times in the rules by
// speedup.
func acceleratedConfig(t testing.TB, file, target string, speedup time.Duration) string {
	t.Helper()
	config := readYAML(t, file)
	config["global"] = document{"evaluation_interval": evaluationInterval}
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"] = scrapeInterval
		for _, static := range job["static_configs"].([]any) {
			static.(document)["targets"] = []string{target}
		}
	}
	return writeConfig(t, config, speedup)
}

// writeConfig writes a configuration next to the shipped rules that it names, with
// their times divided, and returns its path.
func writeConfig(t testing.TB, config document, speedup time.Duration) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	writeYAML(t, path, config)
	for _, file := range config["rule_files"].([]any) {
		rules := readYAML(t, "deploy/prometheus/"+file.(string))
		for _, group := range rules["groups"].([]any) {
			for _, rule := range group.(document)["rules"].([]any) {
				divide(t, rule.(document), "for", speedup)
				divide(t, rule.(document), "keep_firing_for", speedup)
				divideRanges(t, rule.(document), speedup)
			}
		}
		writeYAML(t, filepath.Join(filepath.Dir(path), file.(string)), rules)
	}
	return path
}

// divide divides a time in a rule, if it is set.
func divide(t testing.TB, rule document, key string, by time.Duration) {
	t.Helper()
	text, given := rule[key].(string)
	if !given {
		return
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	rule[key] = (duration / by).String()
}

// rangeOf matches a range or an offset in an expression.
var rangeOf = regexp.MustCompile(`(\[|\boffset )(\d+[dhms])\b`)

// divideRanges divides the ranges and offsets in a rule's expression.
func divideRanges(t testing.TB, rule document, by time.Duration) {
	t.Helper()
	rule["expr"] = rangeOf.ReplaceAllStringFunc(rule["expr"].(string), func(text string) string {
		match := rangeOf.FindStringSubmatch(text)
		duration, err := model.ParseDuration(match[2])
		if err != nil {
			t.Fatal(err)
		}
		return match[1] + (duration / model.Duration(by)).String()
	})
}

// ask queries the server's API and decodes the data in the response.
func (p *prometheus) ask(t testing.TB, path string, query url.Values, data any) error {
	t.Helper()
	body, err := fetch(t.Context(), "http://"+p.address+path+"?"+query.Encode())
	if err != nil {
		return err
	}
	answer := struct{ Data any }{data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("decode %s: %w", path, err)
	}
	return nil
}

// alert is an alert as the API reports it.
type alert struct {
	Labels   map[string]string
	State    string
	ActiveAt time.Time
}

// firing returns a rule's firing alerts.
func (p *prometheus) firing(t testing.TB, rule string) ([]alert, error) {
	t.Helper()
	var data struct{ Alerts []alert }
	err := p.ask(t, "/api/v1/alerts", nil, &data)
	return slices.DeleteFunc(data.Alerts, func(a alert) bool { return a.State != "firing" || a.Labels["alertname"] != rule }), err
}

// awaitEvaluated waits until a rule has been evaluated after a moment: until then,
// that none fires means nothing.
func (p *prometheus) awaitEvaluated(t testing.TB, rule string, after time.Time) {
	t.Helper()
	eventually(t, func() error {
		var data struct {
			Groups []struct {
				Rules []struct {
					Name           string
					LastEvaluation time.Time
				}
			}
		}
		if err := p.ask(t, "/api/v1/rules", nil, &data); err != nil {
			return err
		}
		for _, group := range data.Groups {
			for _, each := range group.Rules {
				if each.Name == rule && each.LastEvaluation.After(after) {
					return nil
				}
			}
		}
		return fmt.Errorf("%s: not evaluated since %v", rule, after)
	})
}

// awaitFiring waits until the given number of a rule's alerts fire, and returns
// them.
func (p *prometheus) awaitFiring(t testing.TB, rule string, want int) []alert {
	t.Helper()
	var alerts []alert
	eventually(t, func() error {
		var err error
		if alerts, err = p.firing(t, rule); err != nil || len(alerts) != want {
			return fmt.Errorf("%s: want %d to fire, have %v: %w", rule, want, alerts, cmp.Or(err, errNotYet))
		}
		return nil
	})
	return alerts
}

// value returns the value of a query with one series.
func (p *prometheus) value(t testing.TB, query string) (float64, error) {
	t.Helper()
	var data struct {
		Result []struct{ Value [2]any }
	}
	if err := p.ask(t, "/api/v1/query", url.Values{"query": {query}}, &data); err != nil {
		return 0, err
	}
	if len(data.Result) != 1 {
		return 0, fmt.Errorf("%s: want one series, have %v", query, data.Result)
	}
	var value float64
	_, err := fmt.Sscan(data.Result[0].Value[1].(string), &value)
	return value, err
}

// awaitValue waits until the value of a query is at least the given one.
func (p *prometheus) awaitValue(t testing.TB, query string, least float64) {
	t.Helper()
	eventually(t, func() error {
		value, err := p.value(t, query)
		if err != nil || value < least {
			return fmt.Errorf("%s: want %v or more, have %v: %w", query, least, value, cmp.Or(err, errNotYet))
		}
		return nil
	})
}

// series returns all series that the server has seen, sorted.
func (p *prometheus) series(t testing.TB, selector string) ([]string, error) {
	t.Helper()
	var data []map[string]string
	if err := p.ask(t, "/api/v1/series", url.Values{"match[]": {selector}}, &data); err != nil {
		return nil, err
	}
	var written []string
	for _, labels := range data {
		written = append(written, seriesName(labels))
	}
	slices.Sort(written)
	return written, nil
}

// seriesName formats a series as in the text format.
func seriesName(labels map[string]string) string {
	set := model.LabelSet{}
	for name, value := range labels {
		if name != "__name__" {
			set[model.LabelName(name)] = model.LabelValue(value)
		}
	}
	return labels["__name__"] + set.String()
}
