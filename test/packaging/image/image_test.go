package main

import (
	"archive/tar"
	"context"
	"crypto/x509"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// want lists all files in the image.
var want = []string{"etc/ssl/certs/ca-certificates.crt", "usr/bin/datahub_exporter", "usr/share/zoneinfo.zip"}

// processors returns the architectures that this run builds the image for. Any but
// the machine's own compiles everything anew, which takes minutes.
func processors() []string {
	if testing.Short() {
		return []string{runtime.GOARCH}
	}
	return []string{"amd64", "arm64"}
}

// folder is where TestMain puts the image.
var folder string

// TestMain builds the image once for all tests.
func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if folder, err = os.MkdirTemp("", "datahub_exporter_image"); err != nil {
		panic(err)
	}
	code := 1
	err = build(context.Background(), options{
		Context: "../../..", To: filepath.Join(folder, "image"), Processors: processors(),
		Args: map[string]string{"VERSION": "1.2.3", "REVISION": "c0ffee", "CREATED": "2026-11-25T00:00:00Z"},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// made returns the image for an architecture.
func made(t *testing.T, processor string) v1.Image {
	t.Helper()
	index, err := layout.ImageIndexFromPath(filepath.Join(folder, "image"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, described := range manifest.Manifests {
		if described.Platform.Architecture != processor {
			continue
		}
		image, err := index.Image(described.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return image
	}
	t.Fatalf("no image for %s", processor)
	return nil
}

// unpack extracts the file system of an image and returns the names of its files.
func unpack(t *testing.T, image v1.Image, root string) (files []string) {
	t.Helper()
	stream := mutate.Extract(image)
	defer stream.Close()
	for archive := tar.NewReader(stream); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(files)
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if head.Uid != 0 || head.Gid != 0 || head.Mode&0o022 != 0 {
			t.Errorf("%s: want it to be root's and writable by root alone, have %d:%d and %o", head.Name, head.Uid, head.Gid, head.Mode)
		}
		path := filepath.Join(root, head.Name)
		if head.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		files = append(files, head.Name)
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, head.FileInfo().Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestImage(t *testing.T) {
	for _, processor := range processors() {
		t.Run(processor, func(t *testing.T) {
			root, image := t.TempDir(), made(t, processor)
			machine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[processor]
			if diff := cmp.Diff(want, unpack(t, image, root)); diff != "" {
				t.Errorf("files (-want +have)\n%s", diff)
			}
			checkProgram(t, filepath.Join(root, "usr/bin/datahub_exporter"), machine)
			checkAuthorities(t, filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
			checkConfig(t, image)
		})
	}
}

// checkProgram checks that the program is built for the machine and statically
// linked.
func checkProgram(t *testing.T, path string, machine elf.Machine) {
	t.Helper()
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if program.Machine != machine {
		t.Errorf("want %v, have %v", machine, program.Machine)
	}
	for _, part := range program.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("want a static program, have one that needs a linker")
		}
	}
}

func checkAuthorities(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		t.Error("want certificates of authorities, have none")
	}
}

func checkConfig(t *testing.T, image v1.Image) {
	t.Helper()
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	const prefix = "org.opencontainers.image."
	wanted := v1.Config{
		User: "65532:65532", Env: []string{"ZONEINFO=/usr/share/zoneinfo.zip"},
		Entrypoint: []string{"/usr/bin/datahub_exporter"}, Cmd: []string{"--conf=/etc/datahub_exporter/datahub_exporter.conf"},
		ExposedPorts: map[string]struct{}{"48080/tcp": {}},
		Labels: map[string]string{
			prefix + "title": "datahub_exporter", prefix + "description": "Status of Tencent Cloud CKafka connectors for Prometheus",
			prefix + "version": "1.2.3", prefix + "revision": "c0ffee", prefix + "created": "2026-11-25T00:00:00Z",
		},
	}
	if diff := cmp.Diff(wanted, file.Config); diff != "" {
		t.Errorf("configuration (-want +have)\n%s", diff)
	}
}
