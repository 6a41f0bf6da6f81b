package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// platforms are the platforms of a release, by GOOS; the architecture does not
// change the modules.
var platforms = []string{"linux", "darwin", "windows"}

// module is a module that the exporter links.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// table returns the modules of the program in folder, one per line, with the
// licences found in their files.
func table(ctx context.Context, folder string) ([]byte, error) {
	modules := map[string]module{}
	for _, platform := range platforms {
		if err := linked(ctx, folder, platform, modules); err != nil {
			return nil, fmt.Errorf("list modules of %s: %w", platform, err)
		}
	}
	var text bytes.Buffer
	lines := csv.NewWriter(&text)
	_ = lines.Write([]string{"module", "version", "licences", "files"})
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		licences, files, err := licencesOf(modules[path].Dir)
		if err != nil {
			return nil, fmt.Errorf("find licence of %s: %w", path, err)
		}
		_ = lines.Write([]string{path, modules[path].Version, strings.Join(licences, " "), strings.Join(files, " ")})
	}
	lines.Flush()
	return text.Bytes(), lines.Error()
}

// linked adds the modules that the program links on a platform.
func linked(ctx context.Context, folder, platform string, modules map[string]module) error {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Module", ".")
	list.Dir, list.Env, list.Stderr = folder, append(os.Environ(), "CGO_ENABLED=0", "GOOS="+platform, "GOARCH=amd64"), os.Stderr
	out, err := list.Output()
	if err != nil {
		return err
	}
	for packages := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct{ Module *module }
		switch err := packages.Decode(&listed); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case listed.Module != nil && !listed.Module.Main:
			modules[listed.Module.Path] = *listed.Module
		}
	}
}

// licencesOf returns the SPDX identifiers of the licences in the top folder of a
// module, and the files that contain them. A file that it does not recognize is an
// error: a person has to read it.
func licencesOf(folder string) (licences, files []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, nil, err
		}
		covered := licensecheck.Scan(text)
		if covered.Percent < 75 {
			return nil, nil, fmt.Errorf("%s is %.0f %% the text of a known licence; read it", entry.Name(), covered.Percent)
		}
		for _, match := range covered.Match {
			licences = append(licences, match.ID)
		}
		files = append(files, entry.Name())
	}
	if len(licences) == 0 {
		return nil, nil, errors.New("no file LICENSE or COPYING")
	}
	slices.Sort(licences)
	return slices.Compact(licences), files, nil
}
