package source_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/source"
)

const hush = "hush-hush-hush"

// holder has a field that fmt cannot call methods on.
type holder struct {
	hidden source.Secret
	List   []source.Secret
	deeper struct{ hidden *source.Secret }
}

func holding(secret source.Secret) holder {
	held := holder{hidden: secret, List: []source.Secret{secret}}
	held.deeper.hidden = &secret
	return held
}

// leaked reports whether text holds the secret as it is or in hexadecimal.
func leaked(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "hush") || strings.Contains(text, fmt.Sprintf("%x", "hush")) ||
		strings.Contains(text, fmt.Sprintf("% x", "hush")) || strings.Contains(text, "104 117 115 104")
}

func TestSecretFormatsAsItself(t *testing.T) {
	secret := source.NewSecret(hush)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%t", "%e", "%o", "%40s", "%z"} {
		if have := fmt.Sprintf(verb, secret); have != "<secret>" {
			t.Errorf("%s: have %q", verb, have)
		}
		if have := fmt.Sprintf(verb, &secret); have != "<secret>" {
			t.Errorf("%s of a pointer: have %q", verb, have)
		}
	}
	for _, have := range []string{secret.String(), secret.GoString(), fmt.Sprint(secret), fmt.Sprint(source.Secret{})} {
		if have != "<secret>" {
			t.Errorf("have %q", have)
		}
	}
}

func TestSecretHidesInsideOthers(t *testing.T) {
	secret := source.NewSecret(hush)
	held := holding(secret)
	values := map[string]any{
		"struct":   held,
		"pointer":  &held,
		"slice":    []holder{held},
		"pointers": []*source.Secret{&secret},
		"map":      map[string]holder{"a": held},
		"any":      []any{secret, held},
		"account":  source.Account{SecretID: secret, SecretKey: secret, Token: secret},
		"error":    fmt.Errorf("fail: %v %w", held, fmt.Errorf("%#v", held)),
	}
	for name, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%T", "%p", "%z", "%c"} {
			if have := fmt.Sprintf(verb, value); leaked(have) {
				t.Errorf("%s with %s leaks: %s", name, verb, have)
			}
		}
	}
}

func TestSecretHidesInLogs(t *testing.T) {
	secret := source.NewSecret(hush)
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		out.Reset()
		slog.New(handler).Info("m", "secret", secret, "pointer", &secret, "held", holding(secret),
			slog.Group("g", "account", source.Account{SecretKey: secret}))
		if have := out.String(); leaked(have) || !strings.Contains(have, "<secret>") && !strings.Contains(have, `\u003csecret`) {
			t.Errorf("have %s", have)
		}
	}
}

func TestSecretHidesInEncodings(t *testing.T) {
	secret := source.NewSecret(hush)
	encodings := map[string]func(any) ([]byte, error){"json": json.Marshal, "xml": xml.Marshal}
	for name, marshal := range encodings {
		have, err := marshal(source.Account{SecretID: secret, SecretKey: secret})
		if err != nil || leaked(string(have)) {
			t.Errorf("%s: have %s, %v", name, have, err)
		}
	}
	var decoded string
	encoded, _ := json.Marshal(secret)
	if err := json.Unmarshal(encoded, &decoded); err != nil || decoded != "<secret>" {
		t.Errorf("have %s, %v", encoded, err)
	}
	keyed, err := json.Marshal(map[string]*source.Secret{"key": &secret})
	if err != nil || leaked(string(keyed)) {
		t.Errorf("have %s, %v", keyed, err)
	}
	if text, err := secret.MarshalText(); err != nil || string(text) != "<secret>" {
		t.Errorf("have %s, %v", text, err)
	}
}

func TestSecretValue(t *testing.T) {
	secret := source.NewSecret(hush)
	if secret.Reveal() != hush || secret.Empty() {
		t.Errorf("have %q, empty %t", secret.Reveal(), secret.Empty())
	}
	var zero source.Secret
	if zero.Reveal() != "" || !zero.Empty() || !zero.Equal(source.NewSecret("")) || zero.Equal(secret) {
		t.Error("the zero value is not the empty secret")
	}
	if !cmp.Equal(source.Account{Token: secret}, source.Account{Token: source.NewSecret(hush)}) {
		t.Error("secrets of the same value differ")
	}
	if cmp.Equal(source.Account{Token: secret}, source.Account{Token: source.NewSecret("other")}) {
		t.Error("secrets of different values are equal")
	}
}
