package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"

	"datahub_exporter/files"
	"datahub_exporter/secret"
)

// maxFile is the most bytes of a file: a web identity token has a few thousand.
const maxFile = 64 << 10

// readings is how often a pair of files is read at the most until two readings
// agree.
const readings = 4

// visible is what travels in an HTTP header.
var visible = regexp.MustCompile(`^[!-~]+$`)

// inFiles is a credential in two files or three, as Kubernetes mounts a secret and
// as vaults write it. They are replaced while they are read: by new files of the
// same names, or by a link to another directory.
type inFiles struct{ id, key, token string }

// Retrieve reads the files until two readings agree, so that no pair is of two
// generations because the files changed between one read and the next.
func (f inFiles) Retrieve(ctx context.Context) (Values, error) {
	before, err := f.read(ctx)
	for range readings - 1 {
		if err != nil {
			return Values{}, err
		}
		var again Values
		if again, err = f.read(ctx); err == nil && again.Equal(before) {
			return again, nil
		}
		before = again
	}
	if err != nil {
		return Values{}, err
	}
	return Values{}, errors.New("the files of the credential change all the time; write each once")
}

func (f inFiles) read(ctx context.Context) (Values, error) {
	var values Values
	for _, part := range []struct {
		key, path string
		value     *secret.Value
	}{{"secret_id_file", f.id, &values.ID}, {"secret_key_file", f.key, &values.Key}, {"token_file", f.token, &values.Token}} {
		if part.path == "" {
			continue
		}
		read, err := readValue(ctx, part.path)
		if err != nil {
			return Values{}, fmt.Errorf("%s %s: %w", part.key, part.path, err)
		}
		*part.value = read
	}
	return values, nil
}

// readValue returns the one value in a file, less the white space around it.
func readValue(ctx context.Context, path string) (secret.Value, error) {
	content, _, err := files.ReadRegular(ctx, path, maxFile)
	if err != nil {
		return secret.Value{}, err
	}
	content = bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\uFEFF")))
	switch {
	case len(content) == 0:
		return secret.Value{}, errors.New("is empty; write the value into it")
	case !visible.Match(content):
		return secret.Value{}, errors.New("has more than one value, or a character that no credential has; write the bare value into it")
	}
	return secret.New(string(content)), nil
}
