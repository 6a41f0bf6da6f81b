package secret_test

import (
	"net/url"
	"strings"
	"testing"

	"datahub_exporter/internal/secret"
)

func TestRedact(t *testing.T) {
	const id, key, token = "AKIDz8krbsJ5yKBZ", "Gu5t9xGARNpq86cd", "tok+en/with=signs"
	redactor := secret.NewRedactor(secret.New(id), secret.New(key), secret.New(token), secret.New(token+"-and-more"), secret.New("short"), secret.Value{})
	tests := map[string]struct{ text, want string }{
		"nothing":              {"", ""},
		"no secret":            {"no such id", "no such id"},
		"one":                  {"no such id " + id + "!", "no such id <secret>!"},
		"several, and twice":   {id + key + id, "<secret><secret><secret>"},
		"in another case":      {strings.ToLower(id) + " " + strings.ToUpper(key), "<secret> <secret>"},
		"as a query writes it": {"t=tok%2Ben%2Fwith%3Dsigns&u", "t=<secret>&u"},
		"as a path writes it":  {"/tok+en%2Fwith=signs/", "/<secret>/"},
		"the longer of two":    {token + "-and-more", "<secret>"},
		"a part of one":        {id[:15], id[:15]},
		"a short one":          {"shortly", "shortly"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if have := redactor.Redact(test.text); have != test.want {
				t.Errorf("want %q, have %q", test.want, have)
			}
		})
	}
	if have := (secret.Redactor{}).Redact(strings.Repeat("x", 1<<20)); len(have) != 8<<10 {
		t.Errorf("zero value: want 8 KiB of a long text, have %d bytes", len(have))
	}
	if have := (secret.Redactor{}).Redact(id); have != id {
		t.Errorf("zero value: want %q, have %q", id, have)
	}
}

// If a long text is cut inside a secret, no part of the secret remains, and
// everything before it does. The test tries each position, and each way to write
// the secret.
func TestRedactLeavesNoPartOfASecretAtTheCut(t *testing.T) {
	const key, cut = "Gu5t/9xG+ARKpq=s", 8 << 10
	redactor := secret.NewRedactor(secret.New(key))
	tail := strings.Repeat("-", 1<<20)
	for name, form := range map[string]string{
		"as it is": key, "escaped": url.QueryEscape(key), "in letters that fold": strings.NewReplacer("K", "\u212a", "s", "\u017f").Replace(key),
	} {
		for begin := cut - len(form) - 1; begin <= cut+1; begin++ {
			before := strings.Repeat("-", begin)
			want := before + "<secret>"
			if begin >= cut {
				want = before[:cut]
			} else if behind := cut - begin - len(form); behind > 0 {
				want += tail[:behind]
			}
			if have := redactor.Redact(before + form + tail); have != want {
				t.Fatalf("%s, at %d: want %d bytes that end in %q, have %d that end in %q",
					name, begin, len(want), want[cut-20:], len(have), have[min(len(have), cut-20):])
			}
		}
	}
}
