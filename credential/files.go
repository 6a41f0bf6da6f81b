package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"datahub_exporter/files"
	"datahub_exporter/secret"
)

// maxFile is the most bytes of a file: a web identity token has a few thousand.
const maxFile = 64 << 10

// readings is how often files are read at the most until two readings agree.
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

// behindLinks returns where the files are now, behind links: Kubernetes keeps each
// generation in a directory of its own, to which a link leads. It follows the links
// of one file and takes the others from the directory that it is in, for each of
// them followed by itself may lead to another generation. Where they are not beside
// it, the files have links of their own and stay as they are named.
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

// read reads the files once. An error names them as the configuration does.
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

// readValue returns the one value in a file, less the white space around it.
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
