package credential

import (
	"context"
	"errors"
	"fmt"

	"gopkg.in/ini.v1"

	"datahub_exporter/internal/secret"
)

// profile is the path of the SDKs' own file.
type profile string

// Retrieve reads the section [default].
func (p profile) Retrieve(context.Context) (Values, error) {
	values, err := p.read()
	if err != nil {
		return Values{}, fmt.Errorf("profile file %s: %w", string(p), err)
	}
	return values, nil
}

func (p profile) read() (Values, error) {
	content, err := secret.ReadRegularFile(string(p), maxFile)
	if err != nil {
		return Values{}, err
	}
	// Like the SDKs, pass over lines that are neither a section nor a key.
	file, err := ini.LoadSources(ini.LoadOptions{
		SpaceBeforeInlineComment: true, IgnoreContinuation: true, KeyValueDelimiters: "=", SkipUnrecognizableLines: true,
	}, content)
	if err != nil || !file.HasSection("default") {
		// The library's error may quote a line, so it is dropped.
		return Values{}, errors.New("has no section [default]; write it, with secret_id and secret_key")
	}
	names := [3]string{"secret_id", "secret_key", "token"}
	var texts [3]string
	for i, name := range names {
		texts[i] = file.Section("default").Key(name).Value() // String would replace %(name)s
	}
	values, err := parseAll(names, texts)
	if err == nil && (values.ID.Reveal() == "" || values.Key.Reveal() == "") {
		err = errors.New("has no credential; write secret_id and secret_key")
	}
	if err != nil {
		return Values{}, fmt.Errorf("section [default]: %w", err)
	}
	return values, nil
}
