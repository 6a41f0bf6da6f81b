package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// out is where the Dockerfile puts what it builds.
const out = "/out/"

// compile runs the RUN lines of the stage in the build context, with the folder
// built instead of /out.
func compile(ctx context.Context, stage instructions.Stage, given map[string]string, folder, built string) error {
	context, err := os.MkdirTemp("", "datahub_exporter_context")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(context) }()
	if err := copyContext(folder, context); err != nil {
		return fmt.Errorf("copy build context: %w", err)
	}
	variables := variables{}
	for _, command := range stage.Commands {
		switch command := command.(type) {
		case *instructions.ArgCommand:
			variables.declare(command, given)
		case *instructions.RunCommand:
			line := strings.ReplaceAll(strings.Join(command.CmdLine, " "), out, built+"/")
			run := exec.CommandContext(ctx, "sh", "-c", line)
			run.Dir, run.Env = context, os.Environ()
			for name, value := range variables {
				run.Env = append(run.Env, name+"="+value)
			}
			if printed, err := run.CombinedOutput(); err != nil {
				return fmt.Errorf("run %s: %w\n%s", line, err, printed)
			}
		}
	}
	return nil
}

// copyContext copies a folder without what .dockerignore excludes.
func copyContext(from, to string) error {
	file, err := os.Open(filepath.Join(from, ".dockerignore"))
	if err != nil {
		return err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return err
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(from), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && strings.HasPrefix(path, ".git") {
			return skipDir(entry, err)
		}
		left, err := ignored.MatchesOrParentMatches(path)
		if err != nil || left || !entry.Type().IsRegular() {
			return err
		}
		return copyFile(filepath.Join(from, path), filepath.Join(to, path))
	})
}

func skipDir(entry fs.DirEntry, err error) error {
	if err != nil || !entry.IsDir() {
		return err
	}
	return fs.SkipDir
}

// copyFile copies a file with its mode and creates its parent folders.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}
