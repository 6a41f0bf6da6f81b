package check

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	crd "github.com/prometheus-operator/prometheus-operator/example"
)

// cluster is a real API server, with the operator's CRDs and without controllers.
type cluster struct{ folder, kubeconfig string }

// startCluster starts one, or skips the test if a program for it is not on the PATH.
func startCluster(t *testing.T) cluster {
	t.Helper()
	for _, program := range []string{"etcd", "kube-apiserver", "kubectl", "helm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the test on a real API server needs etcd, kube-apiserver, kubectl and helm: %v", err)
		}
	}
	c := cluster{folder: t.TempDir()}
	c.kubeconfig = filepath.Join(c.folder, "kubeconfig")
	store := c.startStore(t)
	port := freePort(t)
	c.write(t, "tokens", "secret,admin,admin,system:masters\n")
	c.write(t, "kubeconfig", fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: a,
		clusters: [{name: a, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}],
		users: [{name: a, user: {token: secret}}], contexts: [{name: a, context: {cluster: a, user: a, namespace: %s}}]}`,
		port, namespace))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, "key", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	output := c.start(t, "kube-apiserver", "--etcd-servers=http://"+store, "--bind-address=127.0.0.1", fmt.Sprint("--secure-port=", port),
		"--cert-dir="+c.folder, "--token-auth-file=tokens", "--authorization-mode=AlwaysAllow", "--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://localhost", "--service-account-key-file=key", "--service-account-signing-key-file=key")
	go discard(output)
	c.prepare(t)
	return c
}

// prepare waits for the API server, and creates the namespace and the CRDs.
func (c cluster) prepare(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		printed, err := c.run(t, "", "kubectl", "get", "--raw", "/readyz")
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the API server is not ready: %v: %s", err, printed)
		}
	}
	var definitions bytes.Buffer
	if err := crd.PrintAll(&definitions); err != nil {
		t.Fatal(err)
	}
	c.must(t, "", "kubectl", "create", "namespace", namespace)
	c.must(t, "", "kubectl", "create", "namespace", "prom-abcd1234") // of the rules of tke-tmp.yaml
	c.must(t, "", "kubectl", "label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted")
	c.must(t, definitions.String(), "kubectl", "create", "--filename", "-")
	c.must(t, "", "kubectl", "wait", "--for=condition=Established", "crd", "--all")
}

var serving = regexp.MustCompile(`serving .*requests.*(127\.0\.0\.1:\d+)`)

// startStore starts etcd and returns its address.
func (c cluster) startStore(t *testing.T) string {
	t.Helper()
	const free = "http://127.0.0.1:0"
	output := c.start(t, "etcd", "--data-dir=etcd", "--listen-client-urls="+free, "--advertise-client-urls="+free, "--listen-peer-urls="+free)
	var printed strings.Builder
	for output.Scan() {
		if match := serving.FindStringSubmatch(output.Text()); match != nil {
			go discard(output)
			return match[1]
		}
		printed.WriteString(output.Text() + "\n")
	}
	t.Fatalf("etcd ended:\n%s", &printed)
	return ""
}

// start starts a program that ends with the test, and returns what it prints.
func (c cluster) start(t *testing.T, program string, args ...string) *bufio.Scanner {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = c.folder
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // it was killed
	return bufio.NewScanner(output)
}

func discard(output *bufio.Scanner) {
	for output.Scan() {
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (c cluster) write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(c.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run returns all that a program prints.
func (c cluster) run(t *testing.T, input, program string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Stdin = strings.NewReader(input)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig, "HOME="+c.folder)
	printed, err := command.CombinedOutput()
	return string(printed), err
}

func (c cluster) must(t *testing.T, input, program string, args ...string) string {
	t.Helper()
	printed, err := c.run(t, input, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, printed)
	}
	return printed
}

// TestRealAPIServerTakesWhatIsRendered does the documented check of all documented values,
// and of the plain manifests, which creates nothing.
func TestRealAPIServerTakesWhatIsRendered(t *testing.T) {
	c := startCluster(t)
	apply := []string{"apply", "--dry-run=server", "--validate=strict", "--filename", "-"}
	all := map[string]string{}
	for name := range manifests() {
		all[name+", plain"] = readFile(t, filepath.Join(manifestsFolder, name+".yaml"))
	}
	for name, values := range documented(t) {
		rendered, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = rendered
	}
	for name, manifest := range all {
		for _, more := range [][]string{nil, {"--server-side"}} {
			printed, err := c.run(t, manifest, "kubectl", slices.Concat(apply, more)...)
			if err != nil || strings.Contains(printed, "Warning") {
				t.Errorf("%s %v: want no error and no warning, have %v: %s", name, more, err, printed)
			}
		}
	}
	misspelt := strings.Replace(all["demo.yaml"], "readOnlyRootFilesystem", "readOnlyRootFileSystem", 1)
	if printed, err := c.run(t, misspelt, "kubectl", apply...); err == nil {
		t.Errorf("a misspelt field: want an error, have %s", printed)
	}
}

// TestUpgradesOnARealAPIServerKeepTheUsersSecrets walks through all documented values, forth and back,
// with one release.
func TestUpgradesOnARealAPIServerKeepTheUsersSecrets(t *testing.T) {
	c := startCluster(t)
	secrets := secretsInDocuments(t)
	slices.Sort(secrets)
	secrets = slices.Compact(secrets)
	for _, secret := range secrets {
		c.must(t, "", "kubectl", "create", "secret", "generic", secret, "--from-literal=file=of the user")
	}
	want := c.must(t, "", "kubectl", append([]string{"get", "--output=yaml", "secrets"}, secrets...)...)
	unchanged := func(step string) {
		t.Helper()
		have, err := c.run(t, "", "kubectl", append([]string{"get", "--output=yaml", "secrets"}, secrets...)...)
		if err != nil || want != have {
			t.Errorf("%s: want the user's secrets unchanged, have %v: %s", step, err, have)
		}
	}
	steps := append([]string{"demo: true\n"}, snippets(t)...)
	for _, name := range examples(t) {
		steps = append(steps, readFile(t, filepath.Join(examplesFolder, name+".yaml")))
	}
	back := slices.Clone(steps)
	slices.Reverse(back)
	for _, step := range slices.Concat(steps, back) {
		values := c.write(t, "values.yaml", step)
		c.must(t, "", "helm", "upgrade", "--install", release.Name, chartFolder, "--namespace", namespace, "--history-max", "0", "--values", values)
		unchanged(step)
	}
	for revision := range steps {
		c.must(t, "", "helm", "rollback", release.Name, strconv.Itoa(revision+1), "--namespace", namespace, "--history-max", "0")
		unchanged(fmt.Sprint("back to ", revision+1))
	}
	c.must(t, "", "helm", "uninstall", release.Name, "--namespace", namespace)
	unchanged("uninstalled")
	const kinds = "deployments,services,serviceaccounts,secrets,configmaps,networkpolicies,poddisruptionbudgets,servicemonitors,scrapeconfigs,prometheusrules"
	if left := c.must(t, "", "kubectl", "get", kinds, "--output=name", "--selector=app.kubernetes.io/instance="+release.Name); left != "" {
		t.Errorf("uninstalled: want nothing left, have %s", left)
	}
}
