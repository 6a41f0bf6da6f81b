package web

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/docs"
)

// field is a field of the JSON as the document describes it.
type field struct {
	Path   string
	Absent bool // it may be left out
}

// fields returns the fields of a type, in order.
func fields(of reflect.Type, path string) []field {
	var found []field
	for i := range of.NumField() {
		if !of.Field(i).IsExported() {
			continue
		}
		name, options, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		at := field{path + name, strings.HasPrefix(options, "omit")}
		found = append(found, at)
		within := of.Field(i).Type
		array := within.Kind() == reflect.Slice
		for within.Kind() == reflect.Slice || within.Kind() == reflect.Pointer {
			within = within.Elem()
		}
		switch {
		case within.Kind() != reflect.Struct || within == reflect.TypeFor[time.Time]():
		case array:
			found = append(found, fields(within, at.Path+"[].")...)
		default:
			found = append(found, fields(within, at.Path+".")...)
		}
	}
	return found
}

// The document describes exactly the fields that a program may read, in both
// languages.
func TestEachFieldIsDocumented(t *testing.T) {
	for path, absent := range map[string]string{"status.md": "or absent", "zh-CN/status.md": "可能没有"} {
		text, err := docs.Files.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var documented []field
		for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|").FindAllSubmatch(text, -1) {
			documented = append(documented, field{string(row[1]), strings.Contains(string(row[2]), absent)})
		}
		if diff := cmp.Diff(fields(reflect.TypeFor[Document](), ""), documented); diff != "" {
			t.Errorf("docs/%s (-code +document):\n%s", path, diff)
		}
	}
}
