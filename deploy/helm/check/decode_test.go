package check

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// strictDecoder knows the types of Kubernetes and of the Prometheus operator. An
// unknown field, a duplicate one or one of the wrong type is an error.
func strictDecoder(t testing.TB) runtime.Decoder {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
		monitoringv1.AddToScheme, monitoringv1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
}

// decode returns the objects of a manifest.
func decode(t testing.TB, manifest string) ([]runtime.Object, error) {
	t.Helper()
	decoder, reader := strictDecoder(t), yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	var objects []runtime.Object
	for {
		document, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, err
		case strings.TrimSpace(withoutComments(string(document))) == "":
			continue
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

// withoutComments returns a document without its comments and separators.
func withoutComments(document string) string {
	var rest strings.Builder
	for line := range strings.Lines(document) {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "---" {
			rest.WriteString(line)
		}
	}
	return rest.String()
}

func mustDecode(t testing.TB, manifest string) []runtime.Object {
	t.Helper()
	objects, err := decode(t, manifest)
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) == 0 {
		t.Fatal("want objects, have none")
	}
	return objects
}

// all returns the objects of one type.
func all[T runtime.Object](objects []runtime.Object) []T {
	var found []T
	for _, object := range objects {
		if typed, is := object.(T); is {
			found = append(found, typed)
		}
	}
	return found
}

// only returns the one object of a type.
func only[T runtime.Object](t testing.TB, objects []runtime.Object) T {
	t.Helper()
	found := all[T](objects)
	if len(found) != 1 {
		t.Fatalf("want one %T, have %d", *new(T), len(found))
	}
	return found[0]
}

func TestExamplesAreWhatKubernetesReads(t *testing.T) {
	want := map[string][]string{
		"demo":            {"Deployment", "Service", "ServiceAccount"},
		"existing-secret": {"Deployment", "Service", "ServiceAccount"},
		"tke-oidc":        {"Deployment", "Secret", "Service", "ServiceAccount"},
		"tke-tmp":         {"Deployment", "PrometheusRule", "Secret", "Service", "ServiceAccount", "ServiceMonitor"},
		"operator": {
			"ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "PrometheusRule", "Secret", "Service", "ServiceAccount",
			"ServiceMonitor",
		},
		"collector": {
			"ConfigMap", "Deployment", "NetworkPolicy", "PrometheusRule", "ScrapeConfig", "ScrapeConfig", "ScrapeConfig", "Secret",
			"Service", "ServiceAccount",
		},
		"tls": {"Deployment", "Service", "ServiceAccount", "ServiceMonitor"},
	}
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			var have []string
			for _, object := range mustDecode(t, mustRender(t, name)) {
				have = append(have, object.GetObjectKind().GroupVersionKind().Kind)
			}
			slices.Sort(have)
			if !slices.Equal(want[name], have) {
				t.Errorf("want %v, have %v", want[name], have)
			}
		})
	}
}

// The decoder notices what Kubernetes would silently drop.
func TestDecoderIsStrict(t *testing.T) {
	manifest := mustRender(t, "operator")
	for what, change := range map[string][2]string{
		"a misspelt field of a container": {"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"},
		"a misspelt field of an endpoint": {"honorLabels: true", "honourLabels: true"},
		"a field twice":                   {"  replicas: 2\n", "  replicas: 2\n  replicas: 3\n"},
		"another type":                    {"replicas: 2", "replicas: two"},
		"an unknown kind":                 {"kind: PodDisruptionBudget", "kind: PodDisruptionBudgets"},
	} {
		changed := strings.Replace(manifest, change[0], change[1], 1)
		if changed == manifest {
			t.Errorf("%s: nothing to change: %q", what, change[0])
		}
		if _, err := decode(t, changed); err == nil {
			t.Errorf("%s: want an error, have none", what)
		}
	}
}
