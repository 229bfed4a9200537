package module

// This file gives cells modules in folders.

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// local is a module in a folder.
type local struct {
	path string
	dir  string // absolute
	root bool   // %use names it; else a replace directive does
	*summary
}

// readLocal reads the go.mod of a folder.
func readLocal(dir string) (*local, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, gone := os.Stat(dir); gone != nil {
			return nil, failf("paths begin at the current folder, which %cd prints", "there is no folder %s", dir)
		}
		return nil, failf("!go mod init NAME makes one, where there is Go; otherwise a file with the line: module NAME", "%s has no go.mod, expected the folder of a module", dir)
	case err != nil:
		return nil, err
	}
	s, err := summarize(name, data, modfile.Parse)
	if err != nil {
		return nil, &Error{Msg: "the go.mod cannot be read", Err: err}
	}
	if s.path == "" {
		return nil, failf("its first line should be: module NAME", "%s names no module", name)
	}
	return &local{path: s.path, dir: dir, summary: s}, nil
}

// use adds the module in a folder, and what its go.mod replaces.
func (l *loader) use(dir string) (*local, error) {
	mod, err := readLocal(dir)
	if err != nil {
		return nil, err
	}
	if version := l.s.fixed[mod.path]; version != "" {
		return nil, failf("restart the kernel and %use it before the first import", "%s %s was loaded in this session: a folder cannot take its place", mod.path, version)
	}
	mod.root = true
	l.locals[mod.path] = mod
	for _, r := range mod.file.Replace {
		if r.New.Version != "" {
			l.replaced[r.Old] = r.New
			continue
		}
		folder := filepath.FromSlash(r.New.Path)
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(mod.dir, folder)
		}
		other, err := readLocal(folder)
		if err != nil {
			return nil, fmt.Errorf("%s replaces %s by %s: %w", filepath.Join(mod.dir, "go.mod"), r.Old.Path, r.New.Path, err)
		}
		other.path = r.Old.Path
		if was := l.locals[r.Old.Path]; was != nil {
			other.root = was.root
		}
		l.locals[r.Old.Path] = other
	}
	return mod, nil
}

// folder returns the folder of a module of the build list.
func (l *loader) folder(m module.Version) (dir string, err error) {
	if local := l.locals[m.Path]; local != nil {
		return local.dir, nil
	}
	return l.f.folder(l.ctx, l.actual(m))
}
