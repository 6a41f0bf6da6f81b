package check

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"helm.sh/helm/v3/pkg/chartutil"
)

// everything enables whatever the chart can create, but for what excludes it.
const everything = `
config: {content: x}
web: {config: x}
credentials: {existingSecret: ckafka-key}
collector: {enabled: true}
serviceMonitor: {enabled: true}
prometheusRule: {enabled: true, rules: [collector]}
dashboard: {enabled: true}
networkPolicy: {enabled: true}
podDisruptionBudget: {enabled: true}
`

// with returns all values of everything, and others.
func with(t testing.TB, text string) chartutil.Values {
	t.Helper()
	return chartutil.CoalesceTables(values(t, text), values(t, everything))
}

// TestNamesThatLookLikeOtherTypesAreStrings checks everything that a user may name.
func TestNamesThatLookLikeOtherTypesAreStrings(t *testing.T) {
	for _, name := range []string{"123", "true", "1e3", "null", "0x1f", "2026-11-30", "no", "1.5", "on", "017"} {
		text := fmt.Sprintf(`{nameOverride: %[1]q, priorityClassName: %[1]q, serviceAccount: {name: %[1]q, annotations: {%[1]q: %[1]q}},
			imagePullSecrets: [{name: %[1]q}], image: {repository: %[1]q, tag: %[1]q}, podLabels: {%[1]q: %[1]q}, podAnnotations: {%[1]q: %[1]q},
			nodeSelector: {%[1]q: %[1]q}, tolerations: [{key: %[1]q, value: %[1]q}],
			scrape: {labels: {%[1]q: %[1]q}, basicAuth: {username: {name: %[1]q, key: %[1]q}}, tlsConfig: {ca: {secret: {name: %[1]q, key: %[1]q}}}},
			credentials: {existingSecret: %[1]q, idKey: %[1]q, keyKey: %[1]q}, service: {labels: {%[1]q: %[1]q}, annotations: {%[1]q: %[1]q}},
			fullnameOverride: a, dashboard: {labels: {%[1]q: %[1]q}, annotations: {%[1]q: %[1]q}}, prometheusRule: {labels: {%[1]q: %[1]q}},
			env: [{name: A, value: %[1]q}], envFrom: [{secretRef: {name: %[1]q}}], extraVolumes: [{name: %[1]q, secret: {secretName: %[1]q}}],
			extraVolumeMounts: [{name: %[1]q, mountPath: %[1]q, subPath: %[1]q}], reloader: {image: {repository: %[1]q, tag: %[1]q}},
			collector: {image: {repository: %[1]q, tag: %[1]q}, onward: {endpoint: 'a:1', authorization: {secret: %[1]q, key: %[1]q}}}}`, name)
		for what, change := range map[string]string{
			"everything":      "{}",
			"scrapeConfig":    "{serviceMonitor: {enabled: false}, scrapeConfig: {enabled: true}}",
			"existing secret": fmt.Sprintf("{config: {content: '', existingSecret: {name: %[1]q, key: %[1]q}}, web: {config: '', existingSecret: %[1]q}}", name),
			"reloader":        fmt.Sprintf("{config: {content: '', existingSecret: {name: %[1]q, key: %[1]q}}, web: {config: ''}, reloader: {enabled: true}}", name),
		} {
			all := chartutil.CoalesceTables(values(t, change), with(t, text))
			rendered, err := renderChart(loadChart(t), chartutil.ReleaseOptions{Name: name, Namespace: name}, all)
			if err == nil {
				_, err = decode(t, rendered)
			}
			if err != nil || hasNull(t, rendered) {
				t.Errorf("%s, %s: want names, have null or %v", name, what, err)
			}
		}
	}
	for _, name := range []string{"true", "null", "no"} {
		rendered, err := render(t, with(t, fmt.Sprintf("fullnameOverride: %q", name)))
		if err != nil {
			t.Fatal(err)
		}
		mustDecode(t, rendered)
	}
}

// hasNull reports whether a value of a manifest is null, which the decoder takes for
// an empty name.
func hasNull(t *testing.T, manifest string) bool {
	t.Helper()
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var object any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%v", object); strings.Contains(text, "<nil>") {
			return true
		}
	}
	return false
}

// TestNamesAreValidAndTheirOwn checks names that have to be cut.
func TestNamesAreValidAndTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{
		"a", "datahub-exporter", strings.Repeat("a", 53), strings.Repeat("a", 52) + "b", strings.Repeat("a", 38) + "--" + strings.Repeat("b", 13),
		strings.Repeat("a-", 26) + "a",
	} {
		rendered, err := renderChart(loadChart(t), chartutil.ReleaseOptions{Name: name, Namespace: namespace}, with(t, "{}"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, object := range mustDecode(t, rendered) {
			accessor, err := meta.Accessor(object)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := validation.IsDNS1035Label(accessor.GetName()); len(wrong) > 0 {
				t.Errorf("%s: %s: %v", name, accessor.GetName(), wrong)
			}
			for key, value := range accessor.GetLabels() {
				if wrong := validation.IsValidLabelValue(value); len(wrong) > 0 {
					t.Errorf("%s: %s: %s: %v", name, key, value, wrong)
				}
			}
			of := fmt.Sprintf("%T %s", object, accessor.GetName())
			if other, has := seen[of]; has {
				t.Errorf("%s and %s have the same %s", name, other, of)
			}
			seen[of] = name
		}
	}
}

// TestNamesThatNoServiceHasAreRefused checks that nothing is rendered: the API server
// would accept the Deployment and refuse the Service.
func TestNamesThatNoServiceHasAreRefused(t *testing.T) {
	for _, test := range []struct{ release, values string }{
		{"my.release", "demo: true"},
		{"1st", "demo: true"},
		{"a", "{demo: true, nameOverride: My_Name}"},
		{"a", "{demo: true, fullnameOverride: Capital}"},
		{"a", "{demo: true, fullnameOverride: ends-}"},
		{"a", "{demo: true, fullnameOverride: '123'}"},
	} {
		_, err := renderChart(loadChart(t), chartutil.ReleaseOptions{Name: test.release, Namespace: namespace}, values(t, test.values))
		if want := "set fullnameOverride"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, %s: want an error with %q, have %v", test.release, test.values, want, err)
		}
	}
	rendered, err := renderChart(loadChart(t), chartutil.ReleaseOptions{Name: "my.release", Namespace: namespace},
		values(t, "{demo: true, fullnameOverride: my-release}"))
	if err != nil {
		t.Fatal(err)
	}
	mustDecode(t, rendered)
}

// TestKeysAreUnique sets each label and annotation of the chart in each value that can
// have it. The decoder refuses a key that is there twice.
func TestKeysAreUnique(t *testing.T) {
	rendered, err := render(t, with(t, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	add := func(maps ...map[string]string) {
		for _, labels := range maps {
			for key := range labels {
				keys[key] = true
			}
		}
	}
	for _, object := range mustDecode(t, rendered) {
		accessor, err := meta.Accessor(object)
		if err != nil {
			t.Fatal(err)
		}
		add(accessor.GetLabels(), accessor.GetAnnotations())
		if deployment, is := object.(*appsv1.Deployment); is {
			add(deployment.Spec.Template.Labels, deployment.Spec.Template.Annotations)
		}
	}
	if want, have := 8, len(keys); have < want {
		t.Errorf("want at least %d keys, have %v", want, keys)
	}
	for key := range keys {
		for _, value := range []string{
			"podLabels: {%q: user}", "podAnnotations: {%q: user}", "serviceAccount: {annotations: {%q: user}}", "scrape: {labels: {%q: user}}",
			"service: {labels: {%q: user}}", "service: {annotations: {%q: user}}", "prometheusRule: {labels: {%q: user}}",
			"scrape: {labels: {%q: user}}\nserviceMonitor: {enabled: false}\nscrapeConfig: {enabled: true}",
			"dashboard: {labels: {%q: user}}", "dashboard: {annotations: {%q: user}}",
		} {
			checkKey(t, key, fmt.Sprintf(value, key))
		}
	}
}

// checkKey checks that the user's value of a key wins, unless pods or the service are
// selected by it.
func checkKey(t *testing.T, key, text string) {
	t.Helper()
	rendered, err := render(t, with(t, text))
	selects := key == "app.kubernetes.io/name" || key == "app.kubernetes.io/instance"
	if selects && (strings.HasPrefix(text, "podLabels") || strings.HasPrefix(text, "service: {labels")) {
		if want := "the chart selects by this label"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want an error with %q, have %v", text, want, err)
		}
		return
	}
	if err == nil {
		_, err = decode(t, abridged(rendered))
	}
	if err != nil || !strings.Contains(rendered, key+": user\n") {
		t.Errorf("%s: want the user's value, have an error or another: %v", text, err)
	}
}
