package check

import (
	"path/filepath"
	"regexp"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	corev1 "k8s.io/api/core/v1"
)

// manifests returns the header of each plain manifest by the name of its example.
func manifests() map[string]string {
	return map[string]string{
		"existing-secret": `# datahub_exporter, which reloads its file when the secret ckafka-config changes. Made
# from deploy/helm/datahub-exporter with examples/existing-secret.yaml: do not edit it,
# overlay it. Create the secret first, docs/kubernetes.md says how.
`,
		"tke-oidc": `# datahub_exporter on Tencent Kubernetes Engine, without a key: set your role. Made from
# deploy/helm/datahub-exporter with examples/tke-oidc.yaml: do not edit the rest, overlay
# it. Create the secret ckafka-config first, docs/kubernetes.md says how.
`,
		"operator": `# Two replicas of datahub_exporter for the Prometheus operator, with alerts and dashboard.
# Made from deploy/helm/datahub-exporter with examples/operator.yaml: do not edit it,
# overlay it. Create the secrets ckafka-config and ckafka-key first, docs/kubernetes.md
# says how.
`,
	}
}

// plainValues returns the values of an example with the file in a secret of the user's:
// nobody can edit the base64 text of a Secret in a manifest, and with stringData each
// apply would be a change.
func plainValues(t testing.TB, name string) chartutil.Values {
	t.Helper()
	values := example(t, name)
	config, is := values["config"].(map[string]any)
	if !is {
		t.Fatalf("%s: no config", name)
	}
	if _, has := config["content"]; has {
		values["config"] = map[string]any{"existingSecret": map[string]any{"name": "ckafka-config"}}
	}
	return values
}

// ofHelm matches the lines that apply only to a Helm release. Nothing would update
// a checksum in a file.
var ofHelm = regexp.MustCompile(`(?m)^ *(helm\.sh/chart: .*|app\.kubernetes\.io/managed-by: "?Helm"?|# Source: .*|# A change of a secret .* restarts the pods\.|checksum/.*)\n`)

func TestPlainManifestsAreMadeFromTheChart(t *testing.T) {
	for name, top := range manifests() {
		rendered, err := render(t, plainValues(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, filepath.Join(manifestsFolder, name+".yaml"), top+ofHelm.ReplaceAllString(rendered, ""))
	}
	files, err := filepath.Glob(filepath.Join(manifestsFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want, have := len(manifests()), len(files); want != have {
		t.Errorf("want %d files, have %v", want, files)
	}
	for _, file := range files {
		objects, err := decode(t, readFile(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if secrets := all[*corev1.Secret](objects); len(secrets) > 0 {
			t.Errorf("%s: want no secret, have %v", file, secrets[0].Name)
		}
	}
}
