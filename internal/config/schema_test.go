package config

import (
	"strings"
	"testing"
)

func TestIsAccountName(t *testing.T) {
	for name, want := range map[string]bool{
		"":                                false,
		"prod":                            true,
		"prod-1_a.b":                      true,
		"-":                               true,
		"生产":                              true,
		"१२":                              true, // digits
		"हिन्दी":                          true, // with marks
		"\u0301a":                         false,
		"a b":                             false,
		"a\n":                             false,
		"a/b":                             false,
		"a½":                              false,
		"😀":                               false,
		"a\xff":                           false,
		"a\ufffd":                         false,
		strings.Repeat("生", maxAccount):   true,
		strings.Repeat("a", maxAccount+1): false,
	} {
		if have := isAccountName(name); have != want {
			t.Errorf("%q: want %v, have %v", name, want, have)
		}
	}
}
