package check

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/config"
)

// eachExample runs the test on the objects of each example.
func eachExample(t *testing.T, test func(t *testing.T, objects []runtime.Object)) {
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) { test(t, mustDecode(t, mustRender(t, name))) })
	}
}

// TestSelectorsFindThePods checks that everything that selects pods, or the
// service, selects those of the chart.
func TestSelectorsFindThePods(t *testing.T) {
	eachExample(t, func(t *testing.T, objects []runtime.Object) {
		deployment, service := only[*appsv1.Deployment](t, objects), only[*corev1.Service](t, objects)
		pod := labels.Set(deployment.Spec.Template.Labels)
		finds := func(what string, selector *metav1.LabelSelector, set labels.Set) {
			t.Helper()
			compiled, err := metav1.LabelSelectorAsSelector(selector)
			if err != nil || compiled.Empty() || !compiled.Matches(set) {
				t.Errorf("%s: %v does not select %v (%v)", what, selector, set, err)
			}
		}
		finds("Deployment", deployment.Spec.Selector, pod)
		finds("Service", &metav1.LabelSelector{MatchLabels: service.Spec.Selector}, pod)
		for _, policy := range all[*networkingv1.NetworkPolicy](objects) {
			finds("NetworkPolicy", &policy.Spec.PodSelector, pod)
		}
		for _, budget := range all[*policyv1.PodDisruptionBudget](objects) {
			finds("PodDisruptionBudget", budget.Spec.Selector, pod)
		}
		for _, monitor := range all[*monitoringv1.ServiceMonitor](objects) {
			finds("ServiceMonitor", &monitor.Spec.Selector, service.Labels)
		}
		for _, scrape := range all[*monitoringv1alpha1.ScrapeConfig](objects) {
			selector, err := labels.Parse(*scrape.Spec.KubernetesSDConfigs[0].Selectors[0].Label)
			if err != nil || selector.Empty() || !selector.Matches(pod) {
				t.Errorf("ScrapeConfig: %v does not select %v (%v)", selector, pod, err)
			}
		}
	})
}

// TestExporterReadsItsFlagsAndItsFile parses both with the exporter's own code.
func TestExporterReadsItsFlagsAndItsFile(t *testing.T) {
	eachExample(t, func(t *testing.T, objects []runtime.Object) {
		options, err := cli.Parse(only[*appsv1.Deployment](t, objects).Spec.Template.Spec.Containers[0].Args, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range all[*corev1.Secret](objects) {
			content, has := secret.Data[filepath.Base(options.Conf)]
			if !has {
				continue
			}
			path := filepath.Join(t.TempDir(), "datahub_exporter.conf")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			loaded, err := config.Load(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if len(loaded.Warnings) > 0 {
				t.Errorf("want no warnings, have %q", loaded.Warnings)
			}
		}
	})
}

// TestPodsAreRestricted checks the requirements of the "restricted" Pod Security
// Standard, and a read-only root.
func TestPodsAreRestricted(t *testing.T) {
	eachExample(t, func(t *testing.T, objects []runtime.Object) {
		pod := only[*appsv1.Deployment](t, objects).Spec.Template.Spec
		context := pod.SecurityContext
		if !*context.RunAsNonRoot || *context.RunAsUser == 0 || context.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("the pod is not restricted: %+v", context)
		}
		if *pod.AutomountServiceAccountToken {
			t.Error("the pod has a token of the Kubernetes API")
		}
		for _, container := range pod.Containers {
			context := container.SecurityContext
			if *context.AllowPrivilegeEscalation || !*context.ReadOnlyRootFilesystem ||
				!reflect.DeepEqual(context.Capabilities, &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}) {
				t.Errorf("%s is not restricted: %+v", container.Name, context)
			}
			if container.LivenessProbe == nil || container.Resources.Limits.Memory().IsZero() {
				t.Errorf("%s has no probe, or no limit of memory", container.Name)
			}
		}
	})
}

// TestMountsAndProbesResolve checks that each mount has its volume, read-only and
// whole, that secrets have mode 0440, and that each probe has its port.
func TestMountsAndProbesResolve(t *testing.T) {
	eachExample(t, func(t *testing.T, objects []runtime.Object) {
		pod := only[*appsv1.Deployment](t, objects).Spec.Template.Spec
		volumes := map[string]corev1.Volume{}
		for _, volume := range pod.Volumes {
			volumes[volume.Name] = volume
			if secret := volume.Secret; secret != nil && *secret.DefaultMode != 0o440 {
				t.Errorf("volume %s: want mode 0440, have %04o", volume.Name, *secret.DefaultMode)
			}
		}
		for _, container := range pod.Containers {
			for _, mount := range container.VolumeMounts {
				if _, has := volumes[mount.Name]; !has || !mount.ReadOnly || mount.SubPath != "" {
					t.Errorf("%s: mount %s has no volume, can be written, or would not follow a change", container.Name, mount.Name)
				}
			}
			for _, probe := range []*corev1.Probe{container.LivenessProbe, container.ReadinessProbe} {
				if probe != nil && !hasPort(container, probe) {
					t.Errorf("%s: a probe's port is none of the container's", container.Name)
				}
			}
		}
	})
}

func hasPort(container corev1.Container, probe *corev1.Probe) bool {
	name := ""
	switch {
	case probe.HTTPGet != nil:
		name = probe.HTTPGet.Port.StrVal
	case probe.TCPSocket != nil:
		name = probe.TCPSocket.Port.StrVal
	}
	for _, port := range container.Ports {
		if port.Name == name {
			return true
		}
	}
	return false
}

// TestPrometheusRulesAreTheShipped compares the rules with the files, group by
// group.
func TestPrometheusRulesAreTheShipped(t *testing.T) {
	for example, files := range map[string][]string{
		"operator":  {"rules-recommended.yml"},
		"collector": {"rules-recommended.yml", "rules.yml"},
	} {
		var want monitoringv1.PrometheusRuleSpec
		for _, file := range files {
			var shipped monitoringv1.PrometheusRuleSpec
			if err := yaml.UnmarshalStrict([]byte(readFile(t, "../../prometheus/"+file)), &shipped); err != nil {
				t.Fatal(err)
			}
			want.Groups = append(want.Groups, shipped.Groups...)
		}
		have := only[*monitoringv1.PrometheusRule](t, mustDecode(t, mustRender(t, example))).Spec
		if !reflect.DeepEqual(want, have) {
			t.Errorf("%s: the rules are not those of %v", example, files)
		}
	}
}

// TestRulesHaveTheirNamespace checks that only the rules leave the release's namespace,
// and only if they are told to.
func TestRulesHaveTheirNamespace(t *testing.T) {
	for text, want := range map[string]string{"{}": "", "prometheusRule: {namespace: prom-abcd1234}": "prom-abcd1234", "prometheusRule: {namespace: '123'}": "123"} {
		rendered, err := render(t, with(t, text))
		if err != nil {
			t.Fatal(err)
		}
		objects := mustDecode(t, rendered)
		if have := only[*monitoringv1.PrometheusRule](t, objects).Namespace; want != have {
			t.Errorf("%s: want the namespace %q, have %q", text, want, have)
		}
		if have := only[*monitoringv1.ServiceMonitor](t, objects).Namespace; have != "" {
			t.Errorf("%s: want the monitor in the release's namespace, have %q", text, have)
		}
	}
}

func TestCollectorHasTheShippedFile(t *testing.T) {
	have := only[*corev1.ConfigMap](t, mustDecode(t, mustRender(t, "collector"))).Data["otel-collector.yaml"]
	if strings.TrimSpace(have) != strings.TrimSpace(readFile(t, "../../../otel-collector.yaml")) {
		t.Error("otel-collector.yaml is not the shipped file")
	}
}
