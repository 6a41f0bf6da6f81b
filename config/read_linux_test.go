package config_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"testing"

	"datahub_exporter/config"
)

func TestLoadTellsThatItMayNotRead(t *testing.T) {
	path := write(t, plain, 0o200)
	// No mode keeps root out, so for this thread alone files see another user.
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if os.Geteuid() == 0 {
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Setfsuid(0); err != nil {
				t.Error(err)
			}
		}()
	}
	if _, err := config.Load(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("want fs.ErrPermission, have %v", err)
	}
}
