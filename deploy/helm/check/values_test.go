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
		"a namespace that is none":    {"{demo: true, prometheusRule: {namespace: prom_abcd}}", "namespace"},
		"a namespace with a dot":      {"{demo: true, prometheusRule: {namespace: prom.abcd}}", "namespace"},
		"nothing to reload":           {"{demo: true, reloader: {enabled: true}}", "reloader watches the secret"},
		"a reload without password":   {"{config: {existingSecret: {name: x}}, web: {existingSecret: secret}, reloader: {enabled: true}}", "reloader has no password"},
		"two web configurations":      {"{demo: true, web: {config: x, existingSecret: secret}}", "set one of web.config and web.existingSecret"},
		"a flag twice":                {"{demo: true, collector: {enabled: true}, extraArgs: ['--otlp.endpoint=http://gateway:4317']}", "take --otlp.endpoint out of extraArgs"},
		"a flag of the reloader's":    {"{config: {existingSecret: {name: x}}, reloader: {enabled: true}, extraArgs: [--web.enable-lifecycle]}", "take --web.enable-lifecycle out of extraArgs"},
		"a limit that Go cannot read": {"{demo: true, goMemLimit: 350Mi}", "goMemLimit"},
		"units in another order":      {"{demo: true, scrape: {interval: 30s1m}}", "interval"},
		"no interval":                 {"{demo: true, scrape: {interval: 0s}}", "interval"},
		"an empty time limit":         {"{demo: true, scrape: {scrapeTimeout: ''}}", "scrapeTimeout"},
		"a limit above the interval":  {"{demo: true, scrape: {interval: 1m30s, scrapeTimeout: 91s}}", "scrapeTimeout is longer"},
		"a limit far above":           {"{demo: true, scrape: {interval: 900ms, scrapeTimeout: 1s}}", "scrapeTimeout is longer"},
		"an image in the tag":         {"{demo: true, image: {tag: 'exporter:1.0.0'}}", "tag"},
		"a budget of words":           {"{demo: true, podDisruptionBudget: {maxUnavailable: foo}}", "maxUnavailable"},
		"a budget above all":          {"{demo: true, podDisruptionBudget: {maxUnavailable: 101%}}", "maxUnavailable"},
		"a number as text":            {"{demo: true, podDisruptionBudget: {maxUnavailable: '1'}}", "maxUnavailable"},
		"the exporter's port":         {"{demo: true, reloader: {port: 48080}}", "port"},
		"a port of the collector":     {"{demo: true, reloader: {port: 13133}}", "port"},
		"a variable twice":            {"{demo: true, env: [{name: A, value: a}, {name: A, value: b}]}", "take A out of env"},
		"a variable of the chart":     {"{demo: true, collector: {enabled: true, onward: {endpoint: 'x:1'}, env: [{name: OTLP_ONWARD_INSECURE, value: 'true'}]}}", "take OTLP_ONWARD_INSECURE out of collector.env"},
		"a variable without a name":   {"{demo: true, env: [{value: a}]}", "name"},
		"a number as a variable":      {"{demo: true, env: [{name: A, value: 1}]}", "value"},
		"a volume of the chart":       {"{config: {content: x}, extraVolumes: [{name: config, emptyDir: {}}]}", "take config out of extraVolumes"},
		"a mount of the chart":        {"{config: {content: x}, extraVolumeMounts: [{name: x, mountPath: /etc/datahub_exporter}]}", "out of extraVolumeMounts"},
		"a misspelt toleration":       {"{demo: true, tolerations: [{kye: x, operator: Exists}]}", "kye"},
		"a misspelt TLS setting":      {"{demo: true, scrape: {tlsConfig: {insecureSkipVerfy: true}}}", "insecureSkipVerfy"},
		"a file for a ScrapeConfig":   {"{demo: true, scrapeConfig: {enabled: true}, scrape: {tlsConfig: {caFile: /x}}}", "take caFile out of scrape.tlsConfig"},
		"a misspelt relabeling":       {"{demo: true, scrape: {relabelings: [{sourceLabel: [a]}]}}", "sourceLabel"},
		"a misspelt resource":         {"{demo: true, resources: {limit: {memory: 1Gi}}}", "limit"},
		"a memory in words":           {"{demo: true, resources: {limits: {memory: 512MB}}}", "memory"},
		"a name in capitals":          {"{demo: true, priorityClassName: High}", "priorityClassName"},
		"a label value with a space":  {"{demo: true, podLabels: {team: 'my team'}}", "team"},
		"a key that is a path":        {"{config: {existingSecret: {name: x, key: a/b}}}", "key"},
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

// TestDurationsAreAccepted checks time limits that are not longer than the interval.
func TestDurationsAreAccepted(t *testing.T) {
	for interval, limit := range map[string]string{"1m30s": "90s", "1s": "999ms", "1d": "1h", "1w": "7d", "1y": "365d", "1h0m": "60m"} {
		if _, err := render(t, values(t, fmt.Sprintf("{demo: true, scrape: {interval: %s, scrapeTimeout: %s}}", interval, limit))); err != nil {
			t.Errorf("%s, %s: %v", interval, limit, err)
		}
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
