package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"helm.sh/helm/v3/pkg/chartutil"
)

// secretName matches a reference to a secret in an object, but for those of service
// accounts, and the name in the command that creates one.
var (
	secretName    = regexp.MustCompile(`(?m)^ *(?:- )?secretName: (\S+)$`)
	secretKeyRef  = regexp.MustCompile(`(?m)^ *(?:secretKeyRef|secret|username|password):\n(?: +key: .*\n)? +name: (\S+)$`)
	createdByHand = regexp.MustCompile(`create secret generic (\S+)`)
)

// secretsOf returns the names of the secrets that the objects contain, and of those
// that they refer to.
func secretsOf(t *testing.T, objects []runtime.Object) (created, referred []string) {
	t.Helper()
	for _, secret := range all[*corev1.Secret](objects) {
		created = append(created, secret.Name)
	}
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range []*regexp.Regexp{secretName, secretKeyRef} {
			for _, match := range pattern.FindAllStringSubmatch(string(text), -1) {
				referred = append(referred, match[1])
			}
		}
	}
	return created, referred
}

// documented returns all values that the documents and the examples show.
func documented(t *testing.T) map[string]chartutil.Values {
	t.Helper()
	shown := map[string]chartutil.Values{}
	for _, name := range examples(t) {
		shown[name+".yaml"] = example(t, name)
	}
	for i, text := range snippets(t) {
		shown[fmt.Sprint("snippet ", i+1)] = values(t, text)
	}
	shown["web.config"] = values(t, "{config: {content: x}, web: {config: 'basic_auth_users: {}'}}")
	return shown
}

// TestNoUpgradeDeletesTheUsersSecrets walks from each documented values to each other:
// Helm deletes what the first contain and the second do not, so this must not be what
// the second refer to, or what a document tells the user to create.
func TestNoUpgradeDeletesTheUsersSecrets(t *testing.T) {
	created, referred := map[string][]string{}, map[string][]string{}
	for name, values := range documented(t) {
		rendered, err := render(t, values)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		created[name], referred[name] = secretsOf(t, mustDecode(t, rendered))
	}
	if want, have := "ckafka-web", referred["tls.yaml"]; !slices.Contains(have, want) {
		t.Fatalf("tls.yaml: want a reference to %s, have %v", want, have)
	}
	for from, before := range created {
		for to, needed := range referred {
			for _, secret := range before {
				if slices.Contains(needed, secret) && !slices.Contains(created[to], secret) {
					t.Errorf("from %s to %s: Helm deletes the secret %s", from, to, secret)
				}
			}
		}
	}
	ours := slices.Concat(slices.Collect(maps.Values(created))...)
	for _, secret := range secretsInDocuments(t) {
		if slices.Contains(ours, secret) {
			t.Errorf("the user is told to create %s, which is the chart's", secret)
		}
	}
}

// secretsInDocuments returns the names of the secrets that the user is told to create.
func secretsInDocuments(t *testing.T) []string {
	t.Helper()
	paths := []string{documentPath, "../../../docs/zh-CN/kubernetes.md"}
	for _, name := range examples(t) {
		paths = append(paths, examplesFolder+"/"+name+".yaml")
	}
	var names []string
	for _, path := range paths {
		for _, match := range createdByHand.FindAllStringSubmatch(readFile(t, path), -1) {
			names = append(names, match[1])
		}
	}
	if len(names) == 0 {
		t.Fatal("want commands that create secrets, have none")
	}
	return names
}

// TestOwnSecretsAreRefused checks that no value names a secret that the chart creates,
// or has created for the values before.
func TestOwnSecretsAreRefused(t *testing.T) {
	for _, secret := range []string{"datahub-exporter-config", "datahub-exporter-web-config"} {
		for _, text := range []string{
			"config: {existingSecret: {name: %s}}",
			"{demo: true, credentials: {existingSecret: %s}}",
			"{demo: true, web: {existingSecret: %s}}",
			"{demo: true, collector: {enabled: true, onward: {endpoint: 'gateway:4317', authorization: {secret: %s}}}}",
		} {
			_, err := render(t, values(t, fmt.Sprintf(text, secret)))
			if want := "use another name"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: want an error with %q, have %v", fmt.Sprintf(text, secret), want, err)
			}
		}
	}
}

// TestSecretsKeepEveryByte checks that the files arrive as they were written.
func TestSecretsKeepEveryByte(t *testing.T) {
	for name, want := range map[string]string{
		"CRLF":               "[common]\r\nregion = ap-guangzhou\r\n",
		"a control":          "[common]\nregion = \x07\n",
		"a next line":        "[common]\nregion = \u0085\n",
		"no final newline":   "[common]",
		"leading space":      "  [common]\n",
		"trailing new lines": "[common]\n\n\n",
	} {
		rendered, err := render(t, chartutil.Values{"config": map[string]any{"content": want}, "web": map[string]any{"config": want}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		secrets := all[*corev1.Secret](mustDecode(t, rendered))
		if have := string(secrets[0].Data["datahub_exporter.conf"]); want != have {
			t.Errorf("%s: want %q, have %q", name, want, have)
		}
		if have := string(secrets[1].Data["web.yml"]); want != have {
			t.Errorf("%s: want %q, have %q", name, want, have)
		}
	}
}
