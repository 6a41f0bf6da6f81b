package source

import (
	"net/url"
	"strings"
)

// Tags are the tags of a connection, encoded like the query of a URL, so that they are
// comparable: each key has one value.
type Tags string

// NewTags returns tags from their values by key.
func NewTags(values map[string]string) Tags {
	encoded := url.Values{}
	for key, value := range values {
		encoded.Set(key, value)
	}
	return Tags(encoded.Encode())
}

// Labels returns a label for each of the keys, empty where there is no such tag; none at
// all if there is none of these tags.
func (t Tags) Labels(keys []string) []Label {
	if t == "" || len(keys) == 0 {
		return nil
	}
	values, _ := url.ParseQuery(string(t)) // as encoded by NewTags
	labels, found := make([]Label, len(keys)), false
	for i, key := range keys {
		labels[i] = Label{TagLabel(key), values.Get(key)}
		found = found || values.Has(key)
	}
	if !found {
		return nil
	}
	return labels
}

// TagLabel returns the name of the label for a key. Any reader of the series takes it.
func TagLabel(key string) string {
	return "tag_" + strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
			return r
		}
		return '_'
	}, key)
}
