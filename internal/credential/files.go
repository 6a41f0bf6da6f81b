package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"datahub_exporter/internal/files"
	"datahub_exporter/internal/secret"
)

// maxFile is the maximum size of a file in bytes: a web identity token has a few
// thousand.
const maxFile = 64 << 10

// readings is how often the files are read at most until two readings agree.
const readings = 4

// visible matches what an HTTP header can carry.
var visible = regexp.MustCompile(`^[!-~]+$`)

// inFiles is a credential in two or three files, as mounted by Kubernetes from a
// secret or written by vaults. The files may be replaced while they are read: by
// new files with the same names, or by a link to another directory.
type inFiles struct{ id, key, token string }

// Retrieve reads the files until two readings agree, so that it never returns a mix
// of two generations if the files change between two reads.
func (f inFiles) Retrieve(ctx context.Context) (Values, error) {
	var before Values
	var err error
	for i := range readings {
		var read Values
		read, err = f.behindLinks().read(ctx, f)
		if err == nil && i > 0 && read.Equal(before) {
			return read, nil
		}
		before = read
	}
	if err != nil {
		return Values{}, err
	}
	return Values{}, errors.New("the files of the credential change all the time; write each once")
}

// behindLinks resolves links to where the files are now: Kubernetes keeps each
// generation in a directory of its own, with a link to the current one. It follows
// the links of one file and takes the others from the same directory, because
// following each by itself may lead to different generations. If they are not
// there, the files have links of their own, and their names are left as they are.
func (f inFiles) behindLinks() inFiles {
	id, err := filepath.EvalSymlinks(f.id)
	if err != nil || filepath.Base(id) != filepath.Base(f.id) {
		return f
	}
	followed := inFiles{id: id}
	for _, part := range []struct {
		path     string
		followed *string
	}{{f.key, &followed.key}, {f.token, &followed.token}} {
		if part.path == "" {
			continue
		}
		*part.followed = filepath.Join(filepath.Dir(id), filepath.Base(part.path))
		if _, err := os.Lstat(*part.followed); err != nil || filepath.Dir(part.path) != filepath.Dir(f.id) {
			return f
		}
	}
	return followed
}

// read reads the files once. Errors name them as the configuration does.
func (f inFiles) read(ctx context.Context, named inFiles) (Values, error) {
	var values Values
	for _, part := range []struct {
		key, path, named string
		value            *secret.Value
	}{
		{"secret_id_file", f.id, named.id, &values.ID},
		{"secret_key_file", f.key, named.key, &values.Key},
		{"token_file", f.token, named.token, &values.Token},
	} {
		if part.path == "" {
			continue
		}
		read, err := readValue(ctx, part.path)
		if err != nil {
			return Values{}, fmt.Errorf("%s %s: %w", part.key, part.named, err)
		}
		*part.value = read
	}
	return values, nil
}

// readValue returns the single value in a file, without the white space around it.
func readValue(ctx context.Context, path string) (secret.Value, error) {
	content, _, err := files.ReadRegularBlocking(ctx, path, maxFile)
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
