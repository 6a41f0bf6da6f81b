package config_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"datahub_exporter/internal/config"
)

func TestLoadReportsUnreadableFile(t *testing.T) {
	path := write(t, plain, 0o200)
	if os.Geteuid() == 0 {
		// No file mode stops root from reading a file on a disk, but that of a
		// kernel setting does.
		path = "/proc/sys/vm/compact_memory"
	}
	if _, err := config.Load(t.Context(), path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("want fs.ErrPermission, have %v", err)
	}
}
