package check

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	crd "github.com/prometheus-operator/prometheus-operator/example"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// apiServer does with an object of the operator what an API server does: it validates
// it, adds defaults and prunes unknown fields.
type apiServer struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
}

// apiServers returns one for each kind that the chart creates, by apiVersion and kind.
var apiServers = sync.OnceValues(func() (map[string]apiServer, error) {
	var manifests bytes.Buffer
	if err := crd.PrintAll(&manifests); err != nil {
		return nil, err
	}
	servers := map[string]apiServer{}
	for manifest := range strings.SplitSeq(manifests.String(), "\n---\n") {
		if !strings.Contains(manifest, "\n    kind: ServiceMonitor\n") && !strings.Contains(manifest, "\n    kind: ScrapeConfig\n") &&
			!strings.Contains(manifest, "\n    kind: PrometheusRule\n") {
			continue
		}
		var definition apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal([]byte(manifest), &definition); err != nil {
			return nil, err
		}
		for _, version := range definition.Spec.Versions {
			server, err := newAPIServer(version.Schema)
			if err != nil {
				return nil, err
			}
			servers[definition.Spec.Group+"/"+version.Name+" "+definition.Spec.Names.Kind] = server
		}
	}
	return servers, nil
})

func newAPIServer(version *apiextensionsv1.CustomResourceValidation) (apiServer, error) {
	var internal apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version, &internal, nil); err != nil {
		return apiServer{}, err
	}
	structural, err := schema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return apiServer{}, err
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	return apiServer{structural, validator}, err
}

// difference says what the API server refuses of the object, or stores otherwise.
func (s apiServer) difference(object map[string]any) string {
	if invalid := validation.ValidateCustomResource(nil, object, s.validator); len(invalid) > 0 {
		return invalid.ToAggregate().Error()
	}
	stored := runtime.DeepCopyJSON(object)
	pruning.Prune(stored, s.structural, true)
	defaulting.Default(stored, s.structural)
	return cmp.Diff(object, stored)
}

// storedOtherwise checks the objects of the operator in a manifest, and returns how many
// there are and what the API server would change.
func storedOtherwise(t *testing.T, manifest string) (checked int, differences string) {
	t.Helper()
	var found []string
	servers, err := apiServers()
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		server, has := servers[fmt.Sprint(object["apiVersion"], " ", object["kind"])]
		if !has {
			continue
		}
		checked++
		if difference := server.difference(object); difference != "" {
			found = append(found, fmt.Sprintf("%v: %s\n", object["kind"], difference))
		}
	}
	return checked, strings.Join(found, "")
}

// scraped sets everything that the operator's objects may get from values.
const scraped = `
demo: true
prometheusRule: {enabled: true, rules: [recommended, documented, collector]}
scrape:
  scheme: https
  basicAuth: {username: {name: a, key: b}, password: {name: a, key: c}}
  tlsConfig: {ca: {secret: {name: a, key: b}}, cert: {configMap: {name: a, key: b}}, keySecret: {name: a, key: b}, minVersion: TLS12}
  relabelings: [{targetLabel: team, replacement: ""}, {action: drop, sourceLabels: [a], separator: ""}]
  metricRelabelings: [{sourceLabels: [a], targetLabel: b}]
`

// TestAPIServerStoresWhatIsRendered checks that nothing is refused, unknown or added: a
// tool that compares the objects with the chart would see a difference for ever.
func TestAPIServerStoresWhatIsRendered(t *testing.T) {
	all := map[string]string{}
	for _, name := range examples(t) {
		all[name] = mustRender(t, name)
	}
	for name := range manifests() {
		all[name+", plain"] = readFile(t, filepath.Join(manifestsFolder, name+".yaml"))
	}
	for _, kind := range []string{"serviceMonitor", "scrapeConfig"} {
		rendered, err := render(t, values(t, scraped+kind+": {enabled: true}"))
		if err != nil {
			t.Fatal(err)
		}
		all[kind] = rendered
	}
	total := 0
	for name, manifest := range all {
		checked, differences := storedOtherwise(t, manifest)
		total += checked
		if differences != "" {
			t.Errorf("%s: -rendered +stored\n%s", name, differences)
		}
	}
	if want := 12; total < want {
		t.Errorf("want at least %d objects of the operator, have %d", want, total)
	}
}

// TestAPIServerNoticesDifferences checks the check.
func TestAPIServerNoticesDifferences(t *testing.T) {
	manifest := mustRender(t, "operator")
	for what, change := range map[string][2]string{
		"a default": {"{action: replace, targetLabel", "{targetLabel"},
		"a typo":    {"honorLabels: true", "honourLabels: true"},
		"a value":   {"interval: 1m", "interval: 30s1m"},
	} {
		changed := strings.Replace(manifest, change[0], change[1], 1)
		if _, differences := storedOtherwise(t, changed); changed == manifest || differences == "" {
			t.Errorf("%s: want a difference, have none", what)
		}
	}
}
