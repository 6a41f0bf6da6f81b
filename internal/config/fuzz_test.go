package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"datahub_exporter/internal/config"
)

// marker is the value of a secret_key that no error may show, whatever comes before
// it, after it, or between the key and it.
const marker = "MaRkErOfThEsEcReTvAlUe0123456789"

// FuzzLoad puts the line "secret_key", between and the marker into any text. It
// checks that Load does not panic, that an error is one line without the marker,
// that a printed Config does not show the marker, and that an accepted file has the
// right key if the line was written as documented.
func FuzzLoad(f *testing.F) {
	f.Add("[common]\nsecret_id = AKIDhush\nregion = ap-guangzhou\n", " = ", "")
	f.Add("\uFEFF[common]\r\nregion=ap-guangzhou,\r\n", "=", "token = x\r\nendpoint = a@b")
	f.Add("[common] ; a\n[account.prod]\n", ": ", "\n\\\n `")
	f.Add("[common]\nsecret_id = `\n", " = \"\"\"", "\"\"\"\n[common]\n")
	f.Add("[common]\nsecret_key = %(secret_key)s\n", " = `", "` = \n-=-\n")
	f.Add("", " ", "=\n")
	for _, path := range fixtures(f, ".conf") {
		f.Add(read(f, path), " = ", "")
		f.Add("", "=", read(f, path))
	}
	f.Fuzz(func(t *testing.T, before, between, after string) {
		between = strings.ReplaceAll(between, "\n", " ")
		path := write(t, before+"\nsecret_key"+between+marker+"\n"+after, 0o600)
		have, err := config.Load(t.Context(), path)
		if err != nil {
			requireSafeError(t, filepath.Clean(path), err.Error(), marker)
			return
		}
		if text := fmt.Sprintf("%v %+v %#v", have, have.Accounts, *have); strings.Contains(text, marker) {
			t.Errorf("the printed Config shows the marker: %s", text)
		}
		// With several sections the line may be a default that no account uses.
		key := have.Accounts[0].Credential.SecretKey.Reveal()
		if strings.TrimSpace(between) == "=" && !strings.Contains(before+after, "[account.") && key != marker {
			t.Errorf("the secret key is %q", key)
		}
	})
}
