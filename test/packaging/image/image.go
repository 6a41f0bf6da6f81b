package main

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// options says what to build.
type options struct {
	Context    string // folder of the Dockerfile
	To         string // folder of the OCI layout
	Processors []string
	Args       map[string]string // as with --build-arg
}

// build writes the OCI layout.
func build(ctx context.Context, options options) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, processor := range options.Processors {
		image, err := forProcessor(ctx, options, processor)
		if err != nil {
			return fmt.Errorf("build for %s: %w", processor, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: processor}},
		})
	}
	_, err := layout.Write(options.To, index)
	return err
}

func forProcessor(ctx context.Context, options options, processor string) (v1.Image, error) {
	building, final, err := readStages(options.Context)
	if err != nil {
		return nil, err
	}
	built, err := os.MkdirTemp("", "datahub_exporter_built")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(built) }()
	given := map[string]string{"TARGETOS": "linux", "TARGETARCH": processor}
	for name, value := range options.Args {
		given[name] = value
	}
	if err := compile(ctx, building, given, options.Context, built); err != nil {
		return nil, err
	}
	return assemble(ctx, final, given, processor, built)
}

// assemble builds the image from its stage.
func assemble(ctx context.Context, stage instructions.Stage, given map[string]string, processor, built string) (v1.Image, error) {
	config := v1.Config{Labels: map[string]string{}, ExposedPorts: map[string]struct{}{}}
	image, variables := mutate.MediaType(empty.Image, types.OCIManifestSchema1), variables{}
	for _, command := range stage.Commands {
		if err := expand(command, variables); err != nil {
			return nil, err
		}
		switch command := command.(type) {
		case *instructions.ArgCommand:
			variables.declare(command, given)
		case *instructions.CopyCommand:
			layer, err := copied(ctx, command, built)
			if err != nil {
				return nil, err
			}
			if image, err = mutate.AppendLayers(image, layer); err != nil {
				return nil, err
			}
		default:
			if err := configure(&config, command); err != nil {
				return nil, err
			}
		}
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Config, file.OS, file.Architecture = config, "linux", processor
	if created, err := time.Parse(time.RFC3339, given["CREATED"]); err == nil {
		file.Created = v1.Time{Time: created}
	}
	return mutate.ConfigFile(image, file)
}

func expand(command instructions.Command, variables variables) error {
	expandable, ok := command.(instructions.SupportsSingleWordExpansion)
	if !ok {
		return nil
	}
	return expandable.Expand(variables.expand)
}

// configure applies an instruction that describes how the image is run.
func configure(config *v1.Config, command instructions.Command) error {
	switch command := command.(type) {
	case *instructions.EnvCommand:
		for _, pair := range command.Env {
			config.Env = append(config.Env, pair.String())
		}
	case *instructions.LabelCommand:
		for _, label := range command.Labels {
			config.Labels[label.Key] = label.Value
		}
	case *instructions.UserCommand:
		config.User = command.User
	case *instructions.ExposeCommand:
		for _, port := range command.Ports {
			config.ExposedPorts[port+"/tcp"] = struct{}{}
		}
	case *instructions.EntrypointCommand:
		config.Entrypoint = command.CmdLine
	case *instructions.CmdCommand:
		config.Cmd = command.CmdLine
	default:
		return fmt.Errorf("%s is an instruction that this program does not know; teach it", command.Name())
	}
	return nil
}

// copied returns the layer of a COPY: one file and its parent folders.
func copied(ctx context.Context, command *instructions.CopyCommand, built string) (v1.Layer, error) {
	if command.From != "build" || len(command.SourcePaths) != 1 {
		return nil, fmt.Errorf("%s: want one file of the stage that builds", command)
	}
	source, err := onThisMachine(ctx, command.SourcePaths[0], built)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	if err := pack(&archive, strings.TrimPrefix(command.DestPath, "/"), text, info.Mode().Perm()&0o755); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer))
}

// onThisMachine returns the local path of a file in the build stage.
func onThisMachine(ctx context.Context, source, built string) (string, error) {
	if rest, ok := strings.CutPrefix(source, out); ok {
		return filepath.Join(built, rest), nil
	}
	rest, ok := strings.CutPrefix(source, "/usr/local/go/")
	if !ok {
		return source, nil
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	return filepath.Join(strings.TrimSpace(string(root)), rest), err
}

// pack writes a file and its parent folders, owned by root and without timestamps,
// so that the same content makes the same image.
func pack(to io.Writer, name string, text []byte, mode os.FileMode) error {
	archive := tar.NewWriter(to)
	folders := strings.Split(path.Dir(name), "/")
	for i := range folders {
		folder := tar.Header{Typeflag: tar.TypeDir, Name: strings.Join(folders[:i+1], "/") + "/", Mode: 0o755}
		if err := archive.WriteHeader(&folder); err != nil {
			return err
		}
	}
	file := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: int64(len(text))}
	if err := archive.WriteHeader(&file); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	return archive.Close()
}
