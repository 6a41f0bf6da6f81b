package credential

import (
	"context"
	"errors"
	"fmt"

	"datahub_exporter/internal/secret"
)

// maxFile is the maximum size of a file in bytes: a web identity token has a few
// thousand.
const maxFile = 64 << 10

// maxReadings is how often the files are read at most until two readings agree.
const maxReadings = 4

// keyFiles is a credential in two or three files, as mounted by Kubernetes from a
// secret or written by vaults. The files may be replaced while they are read: by
// new files with the same names, or by a link to another directory.
type keyFiles struct{ id, key, token string }

// Retrieve reads the files until two readings agree, so that it never returns a mix
// of two generations if the files change between two reads.
func (f keyFiles) Retrieve(context.Context) (Values, error) {
	previous, err := f.read()
	for range maxReadings - 1 {
		var current Values
		if current, err = f.read(); err == nil && current.Equal(previous) {
			return current, nil
		}
		previous = current
	}
	if err != nil {
		return Values{}, err
	}
	return Values{}, errors.New("the credential's files keep changing; write each of them once")
}

func (f keyFiles) read() (values Values, err error) {
	for _, file := range []struct {
		key, path string
		value     *secret.Value
	}{
		{"secret_id_file", f.id, &values.ID}, {"secret_key_file", f.key, &values.Key}, {"token_file", f.token, &values.Token},
	} {
		if file.path == "" {
			continue
		}
		if *file.value, err = readValue(file.path); err != nil {
			return Values{}, fmt.Errorf("%s %s: %w", file.key, file.path, err)
		}
	}
	return values, nil
}

// readValue returns the single value in a file.
func readValue(path string) (secret.Value, error) {
	content, err := secret.ReadRegularFile(path, maxFile)
	if err != nil {
		return secret.Value{}, err
	}
	value, err := Parse(string(content))
	if err == nil && value.Reveal() == "" {
		err = errors.New("is empty; write the value into it")
	}
	return value, err
}
