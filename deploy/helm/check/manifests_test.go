package check

import (
	"path/filepath"
	"regexp"
	"testing"
)

// manifests returns the header of each plain manifest by the name of its example.
func manifests() map[string]string {
	return map[string]string{
		"existing-secret": `# datahub_exporter with its file in a secret, which is read anew when it changes.
# Made from deploy/helm/datahub-exporter with examples/existing-secret.yaml: do not edit
# it, overlay it. docs/kubernetes.md says how to use it.
`,
		"tke-oidc": `# datahub_exporter on Tencent Kubernetes Engine, without a key: put your role, and your
# regions, in. Made from deploy/helm/datahub-exporter with examples/tke-oidc.yaml: do not
# edit the rest, overlay it. docs/kubernetes.md says how to use it.
`,
		"operator": `# A pair of datahub_exporter for the Prometheus operator, with alerts and dashboard.
# Made from deploy/helm/datahub-exporter with examples/operator.yaml: do not edit it,
# overlay it. docs/kubernetes.md says how to use it.
`,
	}
}

// ofHelm matches the lines that apply only to a Helm release. Nothing would update
// a checksum in a file.
var ofHelm = regexp.MustCompile(`(?m)^ *(helm\.sh/chart: .*|app\.kubernetes\.io/managed-by: Helm|# Source: .*|# A change of a secret .* restarts the pods\.|checksum/.*)\n`)

func TestPlainManifestsAreMadeFromTheChart(t *testing.T) {
	for name, top := range manifests() {
		plain := top + ofHelm.ReplaceAllString(mustRender(t, name), "")
		golden(t, filepath.Join(manifestsFolder, name+".yaml"), plain)
	}
	files, err := filepath.Glob(filepath.Join(manifestsFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want, have := len(manifests()), len(files); want != have {
		t.Errorf("want %d files, have %v", want, files)
	}
	for _, file := range files {
		if _, err := decode(t, readFile(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
