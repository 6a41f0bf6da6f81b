package check

import (
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// applied does with the objects of Kubernetes in a manifest what a server-side apply
// does first. It returns how many there are. What the API server adds to them may be
// missing, other than in the operator's objects: who compares the objects of Kubernetes
// knows their defaults.
func applied(manifest string) (int, error) {
	converter, count := applyconfigurations.NewTypeConverter(scheme.Scheme), 0
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var object unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			return count, err
		}
		if !scheme.Scheme.Recognizes(object.GroupVersionKind()) {
			continue
		}
		if _, err := converter.ObjectToTyped(&object); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// TestServerSideApplyTakesWhatIsRendered checks that no field is unknown and that no two
// items of a list have the same key.
func TestServerSideApplyTakesWhatIsRendered(t *testing.T) {
	all := map[string]string{}
	for name := range manifests() {
		all[name+", plain"] = readFile(t, filepath.Join(manifestsFolder, name+".yaml"))
	}
	shown := documented(t)
	shown["everything"] = with(t, "{}")
	for name, values := range shown {
		rendered, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = rendered
	}
	for name, manifest := range all {
		if count, err := applied(manifest); err != nil || count < 3 {
			t.Errorf("%s: want at least 3 objects and no error, have %d and %v", name, count, err)
		}
	}
}

// TestServerSideApplyIsStrict checks the check.
func TestServerSideApplyIsStrict(t *testing.T) {
	manifest := mustRender(t, "operator")
	for what, change := range map[string][2]string{
		"a misspelt field":     {"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"},
		"another type":         {"replicas: 2", "replicas: [2]"},
		"a variable twice":     {`- {name: GOMEMLIMIT, value: "350MiB"}`, `[{name: A, value: a}, {name: A, value: b}]`},
		"a port twice":         {"- {name: http, containerPort: 48080, protocol: TCP}", "[{name: a, containerPort: 1}, {name: b, containerPort: 1, protocol: TCP}]"},
		"a mount twice":        {"mountPath: /run/secrets/ckafka", "mountPath: /etc/datahub_exporter"},
		"a volume of one name": {"- name: credentials\n          secret", "- name: config\n          secret"},
		"a container twice":    {"containers:", "containers:\n        - {name: exporter}"},
	} {
		changed := strings.Replace(manifest, change[0], change[1], 1)
		if changed == manifest {
			t.Errorf("%s: nothing to change: %q", what, change[0])
		}
		if _, err := applied(changed); err == nil {
			t.Errorf("%s: want an error, have none", what)
		}
	}
}
