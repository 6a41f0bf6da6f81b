package web

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v2"

	"datahub_exporter/internal/secret"
)

// maxConfigSize is the most bytes of a file. A larger one was surely named by
// mistake: a bundle of all public certificate authorities takes a fifth of it.
const maxConfigSize = 1 << 20

// format is where the format of the file is documented.
const format = "https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md"

// checkConfigFile returns what is wrong with the file of --web.config.file and with
// those that it names. The toolkit would say so only once it listens, and without
// the flag; it would wait forever for a pipe and read a device without end. It
// reads the files again for each request and each handshake, so only regular files
// are accepted.
func checkConfigFile(path string) error {
	if path == "" {
		return nil
	}
	if err := checkFiles(path); err != nil {
		return fmt.Errorf("--web.config.file %s: %w", path, err)
	}
	if err := web.Validate(path); err != nil {
		// A YAML error has several lines.
		return fmt.Errorf("--web.config.file %s: %s; its format is described at %s", path, strings.Join(strings.Fields(err.Error()), " "), format)
	}
	return nil
}

// checkFiles reads the file and each file that it names.
func checkFiles(path string) error {
	content, err := secret.ReadRegularFile(path, maxConfigSize)
	if err != nil {
		return err
	}
	var config web.Config
	_ = yaml.Unmarshal(content, &config) // Validate reports what is wrong with it
	if err := checkRate(config.RateLimiterConfig); err != nil {
		return err
	}
	tls := &config.TLSConfig
	tls.SetDirectory(filepath.Dir(path))
	for _, named := range []struct{ key, path string }{
		{"cert_file", tls.TLSCertPath}, {"key_file", tls.TLSKeyPath}, {"client_ca_file", tls.ClientCAs},
	} {
		if named.path == "" {
			continue
		}
		if _, err := secret.ReadRegularFile(named.path, maxConfigSize); err != nil {
			return fmt.Errorf("%s %s: %w", named.key, named.path, err)
		}
	}
	return nil
}

// checkRate refuses limits that let no request through, or limit nothing.
func checkRate(limit web.RateLimiterConfig) error {
	switch {
	case limit.Interval < 0:
		return fmt.Errorf("rate_limit has an interval of %v; write one such as 1s, after which one more request is answered", limit.Interval)
	case limit.Interval > 0 && limit.Burst <= 0:
		return fmt.Errorf("rate_limit has an interval and a burst of %d, so that no request would be answered; write a burst such as 20", limit.Burst)
	case limit.Interval == 0 && limit.Burst != 0:
		return errors.New("rate_limit has a burst and no interval, so that nothing is limited; write an interval such as 1s")
	}
	return nil
}
