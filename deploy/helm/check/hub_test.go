package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"helm.sh/helm/v3/pkg/chartutil"
)

// hub is the prefix of the annotations that Artifact Hub reads.
const hub = "artifacthub.io/"

// annotation reads an annotation of the chart that is a list in YAML.
func annotation[T any](t *testing.T, name string) (entries []T) {
	t.Helper()
	text := loadChart(t).Metadata.Annotations[hub+name]
	if err := yaml.UnmarshalStrict([]byte(text), &entries); err != nil || len(entries) == 0 {
		t.Fatalf("%s: want a list, have %v in:\n%s", name, err, text)
	}
	return entries
}

// TestArtifactHubReadsTheAnnotations checks each annotation against what
// https://artifacthub.io/docs/topics/annotations/helm/ says of it.
func TestArtifactHubReadsTheAnnotations(t *testing.T) {
	want := []string{hub + "category", hub + "changes", hub + "images", hub + "links", hub + "recommendations"}
	annotations := loadChart(t).Metadata.Annotations
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(annotations))); diff != "" {
		t.Errorf("annotations (-tested here +have):\n%s", diff)
	}
	categories := []string{
		"ai-machine-learning", "database", "integration-delivery", "monitoring-logging", "networking", "security", "storage", "streaming-messaging",
	}
	if have := annotations[hub+"category"]; !slices.Contains(categories, have) {
		t.Errorf("want a category of %v, have %s", categories, have)
	}
	for _, change := range annotation[struct{ Kind, Description string }](t, "changes") {
		if !slices.Contains([]string{"added", "changed", "deprecated", "removed", "fixed", "security"}, change.Kind) || change.Description == "" {
			t.Errorf("want a kind and a description, have %+v", change)
		}
	}
	links := annotation[struct{ Name, URL string }](t, "links")
	for _, link := range append(links, annotation[struct{ Name, URL string }](t, "recommendations")...) {
		if !strings.HasPrefix(link.URL, "https://") {
			t.Errorf("want an address, have %+v", link)
		}
	}
}

// TestAnnotationListsTheImages checks that Artifact Hub is told of each image in
// values.yaml, but for one whose registry is a placeholder.
func TestAnnotationListsTheImages(t *testing.T) {
	loaded := loadChart(t)
	var want, have []string
	for _, path := range []string{"image", "reloader.image", "collector.image"} {
		image, err := chartutil.Values(loaded.Values).Table(path)
		if err != nil {
			t.Fatal(err)
		}
		repository, tag := image["repository"].(string), image["tag"].(string)
		if tag == "" {
			tag = loaded.AppVersion()
		}
		if !strings.Contains(repository, "OWNER") {
			want = append(want, repository+":"+tag)
		}
	}
	for _, image := range annotation[struct{ Name, Image string }](t, "images") {
		have = append(have, image.Image)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("images (-values.yaml +annotation):\n%s", diff)
	}
}

var (
	valueRow  = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
	valuePath = regexp.MustCompile("`([^`]+)`")
)

// TestReadmeNamesValues checks that the chart has each value in the table of its README.
func TestReadmeNamesValues(t *testing.T) {
	seen := 0
	for _, row := range valueRow.FindAllStringSubmatch(readFile(t, readmePath), -1) {
		for _, match := range valuePath.FindAllStringSubmatch(row[1], -1) {
			seen++
			var value any = loadChart(t).Values
			for key := range strings.SplitSeq(match[1], ".") {
				within, is := value.(map[string]any)
				if _, has := within[key]; !is || !has {
					t.Errorf("values.yaml has no %s", match[1])
					break
				}
				value = within[key]
			}
		}
	}
	if seen < 15 {
		t.Errorf("want 15 values at least, have %d", seen)
	}
}

// TestChartCarriesItsReadme checks that .helmignore leaves the README, which Artifact
// Hub shows, in the chart.
func TestChartCarriesItsReadme(t *testing.T) {
	for _, file := range loadChart(t).Files {
		if file.Name == "README.md" {
			return
		}
	}
	t.Error("the chart has no README.md")
}
