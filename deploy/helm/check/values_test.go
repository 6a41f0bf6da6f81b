package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"

	appsv1 "k8s.io/api/apps/v1"
)

func values(t testing.TB, text string) chartutil.Values {
	t.Helper()
	read, err := chartutil.ReadValues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// TestValuesAreRefused checks that values that cannot work render nothing and that
// the error says why.
func TestValuesAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ values, want string }{
		"nothing to run on":           {"{}", "set exactly one of config.content, config.existingSecret.name and demo"},
		"two things to run on":        {"{demo: true, config: {content: x}}", "set exactly one of"},
		"a misspelt value":            {"{demo: true, replica: 2}", "replica"},
		"a misspelt value inside":     {"{demo: true, serviceMonitor: {enable: true}}", "enable"},
		"everything scraped twice":    {"{demo: true, serviceMonitor: {enabled: true}, scrapeConfig: {enabled: true}}", "scrape everything twice"},
		"unknown rules":               {"{demo: true, prometheusRule: {rules: [all]}}", "prometheusRule"},
		"nothing to reload":           {"{demo: true, reloader: {enabled: true}}", "reloader watches the secret"},
		"a reload without password":   {"{config: {existingSecret: {name: x}}, web: {existingSecret: secret}, reloader: {enabled: true}}", "reloader has no password"},
		"two web configurations":      {"{demo: true, web: {config: x, existingSecret: secret}}", "set one of web.config and web.existingSecret"},
		"a flag twice":                {"{demo: true, collector: {enabled: true}, extraArgs: ['--otlp.endpoint=http://gateway:4317']}", "take --otlp.endpoint out of extraArgs"},
		"a flag of the reloader's":    {"{config: {existingSecret: {name: x}}, reloader: {enabled: true}, extraArgs: [--web.enable-lifecycle]}", "take --web.enable-lifecycle out of extraArgs"},
		"a limit that Go cannot read": {"{demo: true, goMemLimit: 350Mi}", "goMemLimit"},
		"a URL where a host belongs":  {"{demo: true, collector: {onward: {endpoint: 'http://gateway:4317'}}}", "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := render(t, values(t, test.values))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error with %q, have %v", test.want, err)
			}
		})
	}
}

// TestSchemaNamesTheValues checks that the schema has exactly the chart's values.
// TestValuesAreRefused checks that it refuses others.
func TestSchemaNamesTheValues(t *testing.T) {
	var schema struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(readFile(t, chartFolder+"/values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	delete(schema.Properties, "global")  // added by Helm, for a parent chart
	delete(schema.Properties, "enabled") // the condition of a parent chart
	want := slices.Sorted(maps.Keys(loadChart(t).Values))
	if have := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(want, have) {
		t.Errorf("want the values %v, have %v", want, have)
	}
}

// TestHelmLintsTheExamples checks that helm lint --strict finds nothing but a
// missing icon.
func TestHelmLintsTheExamples(t *testing.T) {
	for _, name := range examples(t) {
		linted := lint.All(chartFolder, example(t, name), namespace, true)
		for _, message := range linted.Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%s: %v", name, message)
			}
		}
	}
}

// TestProbesFollowWeb checks that the kubelet, which has no password, only opens a
// connection where one is required.
func TestProbesFollowWeb(t *testing.T) {
	for text, want := range map[string]string{
		"{demo: true}":                                        "HTTP /-/healthy",
		"{demo: true, web: {existingSecret: x}}":              "tcp",
		"{demo: true, web: {config: 'basic_auth_users: {}'}}": "tcp",
		"{demo: true, probes: {type: tcp}}":                   "tcp",
		"{demo: true, web: {existingSecret: x}, scrape: {scheme: https}, probes: {type: http}}": "HTTPS /-/healthy",
	} {
		rendered, err := render(t, values(t, text))
		if err != nil {
			t.Fatal(err)
		}
		probe := only[*appsv1.Deployment](t, mustDecode(t, rendered)).Spec.Template.Spec.Containers[0].LivenessProbe
		have := "tcp"
		if probe.HTTPGet != nil {
			have = fmt.Sprint(probe.HTTPGet.Scheme, " ", probe.HTTPGet.Path)
		}
		if want != have {
			t.Errorf("%s: want %s, have %s", text, want, have)
		}
	}
}

// TestChangedSecretRestartsThePods checks this for the secrets that the chart
// makes.
func TestChangedSecretRestartsThePods(t *testing.T) {
	checksum := func(region string) string {
		t.Helper()
		rendered, err := render(t, values(t, "config: {content: 'region = "+region+"'}"))
		if err != nil {
			t.Fatal(err)
		}
		return only[*appsv1.Deployment](t, mustDecode(t, rendered)).Spec.Template.Annotations["checksum/secret"]
	}
	first := checksum("ap-guangzhou")
	if again := checksum("ap-guangzhou"); first != again {
		t.Error("want equal checksums for equal files")
	}
	if first == checksum("ap-shanghai") {
		t.Error("want another checksum for another file")
	}
}
