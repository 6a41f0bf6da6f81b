package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// The shipped configurations of Alertmanager.
const (
	alertmanagerConfig = "deploy/alertmanager/alertmanager.yml"
	robotsConfig       = "deploy/alertmanager/alertmanager-robots.yml"
)

// alertmanager is a real Alertmanager server.
type alertmanager struct {
	*process
	address string
}

// startAlertmanager starts a server with a configuration file.
func startAlertmanager(t testing.TB, program, config string) *alertmanager {
	t.Helper()
	a := &alertmanager{process: start(t, nil, tool(t, program), "--config.file="+config, "--storage.path="+t.TempDir(),
		"--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")}
	a.address = a.await(t, `msg="Listening on".* address=(\S+)`)
	return a
}

// post posts alerts, as a Prometheus server does.
func (a *alertmanager) post(t testing.TB, alerts ...map[string]any) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+a.address+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		t.Fatalf("post alerts: %s: %s (%v)", response.Status, answer, err)
	}
}

// acceleratedAlertmanager writes a shipped configuration, with its times divided
// and its receivers changed, next to the shipped templates, and returns its path.
func acceleratedAlertmanager(t testing.TB, file string, speedup time.Duration, change func(webhook document)) string {
	t.Helper()
	config := readYAML(t, file)
	divideRoute(t, config["route"].(document), model.Duration(speedup))
	for _, receiver := range config["receivers"].([]any) {
		webhooks, _ := receiver.(document)["webhook_configs"].([]any)
		for _, webhook := range webhooks {
			change(webhook.(document))
		}
	}
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "templates"), os.DirFS(shipped(t, "deploy/alertmanager/templates"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "alertmanager.yml")
	writeYAML(t, path, config)
	return path
}

// divideRoute shortens the times of a route and of its child routes.
func divideRoute(t testing.TB, route document, by model.Duration) {
	t.Helper()
	for _, key := range []string{"group_wait", "group_interval", "repeat_interval"} {
		text, given := route[key].(string)
		if !given {
			continue
		}
		duration, err := model.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		route[key] = (duration / by).String()
	}
	children, _ := route["routes"].([]any)
	for _, child := range children {
		divideRoute(t, child.(document), by)
	}
}

// message is a request to a webhook.
type message struct {
	path string
	body []byte
}

// webhook takes the place of the alert receivers and records what it gets.
type webhook struct {
	url      string
	mu       sync.Mutex
	messages []message
}

func startWebhook(t testing.TB) *webhook {
	t.Helper()
	w := &webhook{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client hung up; Alertmanager will retry
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.messages = append(w.messages, message{r.URL.Path, body})
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// all returns the messages so far.
func (w *webhook) all() []message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.messages)
}

// await waits for a message to a path and returns the body of the first one.
func (w *webhook) await(t testing.TB, path string) []byte {
	t.Helper()
	var body []byte
	eventually(t, func() error {
		for _, message := range w.all() {
			if message.path == path {
				body = message.body
				return nil
			}
		}
		return fmt.Errorf("nothing was sent to %s", path)
	})
	return body
}
