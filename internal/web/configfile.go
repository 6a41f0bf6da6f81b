package web

import (
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
)

// configFormat is where the format of the file is documented.
const configFormat = "https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md"

// CheckConfigFile returns what is wrong with the file of --web.config.file; the
// toolkit would say so only once it listens, and without the flag. The toolkit reads
// the file again for each request: a pipe would be empty then, and an empty file
// means that no password is needed.
func CheckConfigFile(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("--web.config.file: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("--web.config.file %s: not a regular file; it is read again for each request", path)
	}
	if err := web.Validate(path); err != nil {
		// A YAML error has several lines.
		return fmt.Errorf("--web.config.file %s: %s; its format is described at %s", path, strings.Join(strings.Fields(err.Error()), " "), configFormat)
	}
	return nil
}
