package config

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestModeAdvice(t *testing.T) {
	const (
		toOwn    = "run chmod 600 a.conf, or, if Kubernetes mounts it, set defaultMode: 0400 for the volume"
		toOthers = "have its owner assign it to the exporter's group and run chmod 640 a.conf, or, if Kubernetes mounts it, " +
			"set defaultMode: 0440 for the volume and fsGroup for the pod"
	)
	tests := map[string]struct {
		mode fs.FileMode
		own  bool
		want string
	}{
		"our own":                       {0o600, true, ""},
		"our own, read-only":            {0o400, true, ""},
		"our own, for the group":        {0o640, true, toOwn},
		"our own, for all":              {0o644, true, toOwn},
		"a secret, mounted for root":    {0o440, true, toOwn},
		"a secret, mounted for a group": {0o440, false, ""},
		"root's, for our group":         {0o640, false, ""},
		"a secret, mounted for all":     {0o444, false, toOthers},
		"as Kubernetes mounts it":       {0o644, false, toOthers},
		"root's, for others only":       {0o604, false, toOthers},
		"root's, for us to change":      {0o660, false, toOthers},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, modeAdvice("a.conf", test.mode, test.own)); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}
