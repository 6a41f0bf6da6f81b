package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// variables are the variables of a stage, with which its instructions are expanded.
type variables map[string]string

func (v variables) Get(name string) (string, bool) { value, found := v[name]; return value, found }
func (v variables) Keys() []string                 { return slices.Sorted(maps.Keys(v)) }

// expand replaces the variables in a word as BuildKit does.
func (v variables) expand(word string) (string, error) {
	expanded, _, err := shell.NewLex('\\').ProcessWord(word, v)
	return expanded, err
}

// declare sets the variables of an ARG: a given value takes precedence over the
// default.
func (v variables) declare(arg *instructions.ArgCommand, given map[string]string) {
	for _, pair := range arg.Args {
		if value, found := given[pair.Key]; found {
			v[pair.Key] = value
		} else if pair.Value != nil {
			v[pair.Key] = *pair.Value
		}
	}
}

// readStages returns the two stages of the Dockerfile: the build stage and the
// image.
func readStages(folder string) (build, image instructions.Stage, err error) {
	file, err := os.Open(filepath.Join(folder, "Dockerfile"))
	if err != nil {
		return build, image, err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return build, image, err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return build, image, err
	}
	if len(stages) != 2 || stages[1].BaseName != "scratch" {
		return build, image, fmt.Errorf("the Dockerfile has %d stages; want two, the second from scratch", len(stages))
	}
	return stages[0], stages[1], nil
}
