package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/secret"
	"datahub_exporter/source/ckafka"
)

const hush = "hush-hush-hush"

// holder has a field that fmt cannot call methods on.
type holder struct {
	hidden secret.Value
	List   []secret.Value
	deeper struct{ hidden *secret.Value }
}

// account returns an account that has the secret everywhere in its credential.
func account(value secret.Value) ckafka.Account {
	return ckafka.Account{Credential: credential.Options{
		SecretID: value, SecretKey: value, Token: value, Role: credential.Role{ExternalID: value},
	}}
}

func holding(value secret.Value) holder {
	held := holder{hidden: value, List: []secret.Value{value}}
	held.deeper.hidden = &value
	return held
}

// leaked reports whether text contains the secret as it is or in hexadecimal.
func leaked(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "hush") || strings.Contains(text, fmt.Sprintf("%x", "hush")) ||
		strings.Contains(text, fmt.Sprintf("% x", "hush")) || strings.Contains(text, "104 117 115 104")
}

func TestFmtShowsNoSecret(t *testing.T) {
	value := secret.New(hush)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%t", "%e", "%o", "%40s", "%z"} {
		if have := fmt.Sprintf(verb, value); have != "<secret>" {
			t.Errorf("%s: have %q", verb, have)
		}
		if have := fmt.Sprintf(verb, &value); have != "<secret>" {
			t.Errorf("%s of a pointer: have %q", verb, have)
		}
	}
	for _, have := range []string{value.String(), fmt.Sprint(value), fmt.Sprint(secret.Value{})} {
		if have != "<secret>" {
			t.Errorf("have %q", have)
		}
	}
}

func TestFmtShowsNoSecretInsideOthers(t *testing.T) {
	value := secret.New(hush)
	held := holding(value)
	values := map[string]any{
		"struct":   held,
		"pointer":  &held,
		"slice":    []holder{held},
		"pointers": []*secret.Value{&value},
		"map":      map[string]holder{"a": held},
		"any":      []any{value, held},
		"account":  account(value),
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

func TestLogsShowNoSecret(t *testing.T) {
	value := secret.New(hush)
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		out.Reset()
		slog.New(handler).Info("m", "secret", value, "pointer", &value, "held", holding(value),
			slog.Group("g", "account", account(value)))
		if have := out.String(); leaked(have) || !strings.Contains(have, "<secret>") && !strings.Contains(have, `\u003csecret`) {
			t.Errorf("have %s", have)
		}
	}
}

func TestEncodingsShowNoSecret(t *testing.T) {
	value := secret.New(hush)
	encodings := map[string]func(any) ([]byte, error){"json": json.Marshal, "xml": xml.Marshal}
	for name, marshal := range encodings {
		have, err := marshal(account(value))
		if err != nil || leaked(string(have)) {
			t.Errorf("%s: have %s, %v", name, have, err)
		}
	}
	var decoded string
	encoded, _ := json.Marshal(value)
	if err := json.Unmarshal(encoded, &decoded); err != nil || decoded != "<secret>" {
		t.Errorf("have %s, %v", encoded, err)
	}
	keyed, err := json.Marshal(map[string]*secret.Value{"key": &value})
	if err != nil || leaked(string(keyed)) {
		t.Errorf("have %s, %v", keyed, err)
	}
	if text, err := value.MarshalText(); err != nil || string(text) != "<secret>" {
		t.Errorf("have %s, %v", text, err)
	}
}

func TestSecretValue(t *testing.T) {
	value := secret.New(hush)
	if value.Reveal() != hush {
		t.Errorf("have %q", value.Reveal())
	}
	var zero secret.Value
	if zero.Reveal() != "" || !zero.Equal(secret.New("")) || zero.Equal(value) {
		t.Error("the zero value is not the empty secret")
	}
	if !cmp.Equal(holder{List: []secret.Value{value}}.List, []secret.Value{secret.New(hush)}) {
		t.Error("secrets of the same value differ")
	}
	if cmp.Equal(value, secret.New("other")) {
		t.Error("secrets of different values are equal")
	}
}
