package push

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is the size in bytes above which a file was surely named by mistake: all
// public authorities together take a quarter of it.
const maxFile = 1 << 20

// tls finds the files, which count only where TLS is used.
func (r *resolution) tls() error {
	if err := r.harmless(); err != nil {
		return err
	}
	given := r.given
	if !r.settings.Secure {
		if given.CAFile != "" || given.CertFile != "" || given.KeyFile != "" {
			return errors.New("push over OTLP: ca_file, cert_file and key_file need an https endpoint, and this one is http://" + r.settings.Target)
		}
		return nil
	}
	authority := r.env.exporter("CERTIFICATE")
	r.settings.Authority = File{authority.name, authority.value}
	if given.CAFile != "" {
		r.settings.Authority = File{"ca_file", given.CAFile}
	}
	return r.pair()
}

// pair finds the exporter's own certificate and its key, both at one place.
func (r *resolution) pair() error {
	places := [][2]File{{{"cert_file", r.given.CertFile}, {"key_file", r.given.KeyFile}}}
	for _, prefix := range []string{exporterPrefix + metricsInfix, exporterPrefix} {
		certificate, key := prefix+"CLIENT_CERTIFICATE", prefix+"CLIENT_KEY"
		places = append(places, [2]File{{certificate, r.env.get(certificate).value}, {key, r.env.get(key).value}})
	}
	for _, place := range places {
		certificate, key := place[0], place[1]
		switch {
		case certificate.Path == "" && key.Path == "":
			continue
		case certificate.Path == "" || key.Path == "":
			return fmt.Errorf("push over OTLP: %s and %s need each other; give both or none", certificate.Name, key.Name)
		}
		r.settings.Certificate, r.settings.Key = certificate, key
		return nil
	}
	return nil
}

// harmless refuses files that the SDK must not read: it reads all that the
// variables name, whether they count or not, to the end and without a deadline.
func (r *resolution) harmless() error {
	for _, infix := range []string{metricsInfix, ""} {
		for _, suffix := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
			named := r.env.get(exporterPrefix + infix + suffix)
			if named.name == "" {
				continue
			}
			if err := isReadable(named.value); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s names %s: %w", named.name, named.value, err)
			}
		}
	}
	return nil
}

// isReadable refuses what a read may not end of.
func isReadable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return withoutPath(err)
	case !info.Mode().IsRegular():
		return errors.New("not a regular file; name one in PEM")
	case info.Size() > maxFile:
		return errors.New("larger than 1 MiB; name a file in PEM")
	}
	return nil
}

// read returns the content of the file. An error names the key or the variable,
// and the file.
func (f File) read() ([]byte, error) {
	content, err := readFile(f.Path)
	if err != nil {
		return nil, fmt.Errorf("%s names %s: %w", f.Name, f.Path, err)
	}
	return content, nil
}

func readFile(path string) ([]byte, error) {
	if err := isReadable(path); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close() // nothing was written, so nothing can be lost
	content, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, withoutPath(err)
	}
	return content, nil
}

// withoutPath takes off what the error about a file says already.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
