package secret_test

import (
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
		"letters that fold":    {"GU5T9XGARNPQ86CD a\u212aIDz8\u212arb\u017fJ5yKBZ", "<secret> <secret>"},
		"far behind":           {strings.Repeat("-", 1<<20) + id, strings.Repeat("-", 1<<20) + "<secret>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if have := redactor.Redact(test.text); have != test.want {
				t.Errorf("want %q, have %q", test.want, have)
			}
		})
	}
	if have := (secret.Redactor{}).Redact(id); have != id {
		t.Errorf("zero value: want %q, have %q", id, have)
	}
}
