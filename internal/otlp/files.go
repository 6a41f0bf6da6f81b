package otlp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"datahub_exporter/internal/secret"
)

// maxFile is the most bytes of a file. A larger one was surely named by mistake:
// all public certificate authorities together take a quarter of it.
const maxFile = 1 << 20

// tls finds the certificate files, which count only if TLS is used.
func (r *resolution) tls() error {
	if err := r.harmless(); err != nil {
		return err
	}
	given := r.given
	if !r.settings.Secure {
		if given.CAFile != "" || given.CertFile != "" || given.KeyFile != "" {
			return errors.New("push over OTLP: ca_file, cert_file and key_file need an https endpoint, and this one is " + r.settings.Collector())
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

// pair finds the exporter's own certificate and its key, both from the same place.
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

// harmless refuses files that the SDK must not read: the SDK reads every file that
// the variables name, whether it counts or not, to the end and without a deadline.
func (r *resolution) harmless() error {
	for _, infix := range []string{metricsInfix, ""} {
		for _, suffix := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
			named := r.env.get(exporterPrefix + infix + suffix)
			if named.name == "" {
				continue
			}
			_, err := secret.ReadRegularFile(named.value, maxFile)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
				return fmt.Errorf("%s names %s: %w", named.name, named.value, err)
			}
		}
	}
	return nil
}

// read returns the content of the file. An error names the key or the variable, and
// the file.
func (f File) read(ctx context.Context) ([]byte, error) {
	content, err := secret.ReadFile(ctx, f.Path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s names %s: %w", f.Name, f.Path, err)
	}
	return content, nil
}
