package docs_test

import (
	"regexp"
	"testing"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v2"
)

// bcrypted matches a hash, or its beginning where readers must make their own.
var bcrypted = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$([./A-Za-z0-9]{53}|…)$`)

// Every YAML snippet parses. The tests in e2e, which have Prometheus and
// Alertmanager, check that these accept theirs.
func TestYAMLSnippetsParse(t *testing.T) {
	webs := 0
	for _, document := range documents(t) {
		for _, block := range document.blocks {
			if block.language != "yaml" {
				continue
			}
			var anything any
			if err := yaml.UnmarshalStrict([]byte(block.text), &anything); err != nil {
				t.Errorf("%s: %v in:\n%s", document.path, err, block.text)
			}
			if mapping, is := anything.(map[any]any); is && (mapping["basic_auth_users"] != nil || mapping["tls_server_config"] != nil) {
				webs++
				checkWeb(t, document.path, block.text)
			}
		}
	}
	if webs < 2 {
		t.Errorf("want a file for --web.config.file in both languages, have %d", webs)
	}
}

// checkWeb checks a file for --web.config.file; its certificates do not exist.
func checkWeb(t *testing.T, path, text string) {
	t.Helper()
	var config toolkit.Config
	if err := yaml.UnmarshalStrict([]byte(text), &config); err != nil {
		t.Errorf("%s: %v in:\n%s", path, err, text)
	}
	for user, hash := range config.Users {
		if !bcrypted.MatchString(string(hash)) {
			t.Errorf("%s: the password of %s is no bcrypt hash, nor the beginning of one", path, user)
		}
	}
}
