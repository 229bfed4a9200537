package module

// This file loads packages with all that they import: it finds the module that
// has each, and reads it.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// loader is one operation of a Session; what it finds is the Session's only when
// it has succeeded as a whole.
type loader struct {
	s   *Session
	f   *fetcher
	ctx context.Context

	roots    map[string]string
	locals   map[string]*local
	replaced map[module.Version]module.Version
	list     map[string]string // the build list
	why      map[string]string // which module asks for that version
	packages map[string]*Package
	added    bool // a root was, since the packages were begun
}

// begin begins an operation.
func (s *Session) begin(ctx context.Context, p Progress) (*loader, error) {
	env := readEnvironment()
	root, err := env.modCache()
	if err != nil {
		return nil, err
	}
	f := &fetcher{env: env, root: root, pins: make(map[string]string), progress: p}
	for _, m := range s.pins {
		f.pins[m.Path+"@"+m.Version] = m.Sum
	}
	return &loader{
		s: s, f: f, ctx: ctx,
		roots: maps.Clone(s.roots), locals: maps.Clone(s.locals), replaced: maps.Clone(s.replaced), list: s.list, why: s.why,
		packages: make(map[string]*Package),
	}, nil
}

// commit makes what was found the Session's.
func (l *loader) commit() {
	s := l.s
	s.roots, s.locals, s.replaced, s.list, s.why = l.roots, l.locals, l.replaced, l.list, l.why
	s.shared.Lock()
	defer s.shared.Unlock()
	s.inFolders = slices.Collect(maps.Keys(s.locals))
	for path, p := range l.packages {
		s.packages[path] = p
		if p.Module.Version != "" {
			s.fixed[p.Module.Path] = p.Module.Version
		}
	}
}

// load loads a package with all that it imports.
func (l *loader) load(path string) error {
	if l.list == nil {
		if err := l.selectVersions(l.ctx); err != nil {
			return err
		}
	}
	for {
		l.added = false
		if err := l.visit(path, "", nil); err != nil {
			return err
		}
		if !l.added {
			return nil
		}
		// A module that came late may have asked for newer versions of others.
		clear(l.packages)
	}
}

// visit loads a package that importer, nil for a cell, imports at a place.
func (l *loader) visit(path, place string, importer *Package) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if known, shown := l.s.cfg.Compiled(path); known {
		if err := l.mayImport(path, importer); err != nil || shown {
			return err
		}
		return failf("", "package %s is compiled into this kernel for other packages alone: it has only the parts that they need", path)
	}
	if l.packages[path] != nil || l.s.packages[path] != nil {
		return l.mayImport(path, importer)
	}
	p, err := l.find(path)
	if err == nil {
		err = l.mayImport(path, importer)
	}
	if err == nil {
		// Its files are read by now; that it is seen here ends cycles, which the
		// type checker reports.
		l.packages[path] = p
		for _, dep := range p.Imports {
			if err = l.visit(dep, p.places[dep], p); err != nil {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	if err != nil && importer != nil {
		return fmt.Errorf("%s imports %q: %w", place, path, err)
	}
	return err
}

// mayImport tells why importer may not import a package.
func (l *loader) mayImport(path string, importer *Package) error {
	parent := path
	if i := strings.LastIndex("/"+path+"/", "/internal/"); i >= 0 {
		parent = strings.TrimSuffix(path[:max(0, i-1)], "/")
	} else {
		return nil
	}
	if importer == nil || parent != "" && !has(parent, importer.Path) {
		return failf("its makers keep it for their own packages", "use of internal package %s not allowed", path)
	}
	return nil
}

// find finds and reads a package.
func (l *loader) find(path string) (*Package, error) {
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") && !l.isLocal(path) {
		return nil, failf("a module in a folder comes with %use", "package %s is not built into this kernel, and no module that was named has it", path)
	}
	if err := module.CheckImportPath(path); err != nil {
		return nil, &Error{Msg: "it is no import path", Err: err}
	}
	var known []string // modules that could have it, the longest path first
	for mod := range l.list {
		if has(mod, path) {
			known = append(known, mod)
		}
	}
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	var without []module.Version
	for _, mod := range known {
		m := module.Version{Path: mod, Version: l.list[mod]}
		root, err := l.folder(m)
		if err != nil {
			return nil, err
		}
		if dir, ok := packageFolder(root, mod, path); ok {
			return l.read(path, dir, root, m)
		}
		without = append(without, m)
	}
	if l.f.offline {
		return nil, failf("run the cell", "package %s was not imported yet", path)
	}
	// No module of the list has it: a new one.
	var failure error
	defer func(was bool) { l.f.offline = was }(l.f.offline)
	for mod := path; mod != "." && mod != ""; mod = parentOf(mod) {
		if !canBeModule(mod) || slices.Contains(known, mod) {
			continue
		}
		version, err := l.f.latest(l.ctx, mod, "")
		if err != nil {
			if l.ctx.Err() != nil {
				return nil, err
			}
			switch {
			case l.f.offline:
			case unreachable(err):
				// There is no network; a shorter path may be in the module cache.
				failure, l.f.offline = err, true
			case strings.Contains(mod, "/"):
				failure = err // of the shortest path, which is the likeliest
			}
			continue
		}
		m := module.Version{Path: mod, Version: version}
		root, err := l.folder(m)
		if err != nil {
			return nil, err
		}
		dir, ok := packageFolder(root, mod, path)
		if !ok {
			without = append(without, m)
			continue
		}
		l.roots[mod], l.added = version, true
		if err := l.selectVersions(l.ctx); err != nil {
			return nil, err
		}
		if now := l.list[mod]; now != version {
			m.Version = now
			if root, err = l.folder(m); err != nil {
				return nil, err
			}
			if dir, ok = packageFolder(root, mod, path); !ok {
				without = append(without, m)
				continue
			}
		}
		return l.read(path, dir, root, m)
	}
	if len(without) > 0 {
		m := without[0]
		return nil, l.absent(path, m)
	}
	return nil, &Error{Msg: fmt.Sprintf("no module has package %s", path), Err: failure, Hint: hintOf(failure, "look at the spelling of the path; %get MODULE@VERSION names a module that has it")}
}

// hintOf returns err's hint, or another one.
func hintOf(err error, other string) string {
	if h := Hint(err); h != "" {
		return h
	}
	return other
}

// absent tells that a module has no such package, and which it has.
func (l *loader) absent(path string, m module.Version) error {
	have := ""
	if root, err := l.folder(m); err == nil {
		if all := packagesIn(root, m.Path, 4); len(all) > 0 {
			have = "it has " + strings.Join(all, ", ")
			if len(all) == 4 {
				have += ", …"
			}
		}
	}
	what := m.String()
	if m.Version == "" {
		what = m.Path
	}
	return failf(have, "module %s has no package %s", strings.TrimSuffix(what, "@"), path)
}

// isLocal tells whether a path can be that of a package of a module in a folder.
func (l *loader) isLocal(path string) bool {
	for mod := range l.locals {
		if has(mod, path) {
			return true
		}
	}
	return false
}

// parentOf returns a path without its last element.
func parentOf(path string) string {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)]
}

// canBeModule tells whether a path can be that of a module. Those of the large
// forges have three elements at least, so that no user's name is looked up.
func canBeModule(path string) bool {
	switch first, _, _ := strings.Cut(path, "/"); first {
	case "github.com", "gitlab.com", "bitbucket.org", "codeberg.org":
		if strings.Count(path, "/") < 2 {
			return false
		}
	case "golang.org":
		if strings.Count(path, "/") < 2 {
			return false
		}
	}
	return module.CheckPath(path) == nil
}

// packageFolder returns the folder of a package in that of its module; ok is
// false if it has no Go files there.
func packageFolder(root, mod, path string) (dir string, ok bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(path, mod), "/")
	dir = filepath.Join(root, filepath.FromSlash(rel))
	for d := dir; len(d) > len(root); d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return "", false // another module, in this one's folder
		}
	}
	return dir, hasGo(dir)
}

// hasGo tells whether a folder has Go files.
func hasGo(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go")
	})
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// packagesIn lists up to most packages in a module's folder that others may
// import.
func packagesIn(root, mod string, most int) (all []string) {
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		if name != root {
			switch base := d.Name(); {
			case base[0] == '.' || base[0] == '_', base == "testdata", base == "internal", base == "vendor", base == "cmd", base == "examples":
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
				return filepath.SkipDir
			}
		}
		if hasGo(name) {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return nil
			}
			if rel == "." {
				all = append(all, mod)
			} else {
				all = append(all, mod+"/"+filepath.ToSlash(rel))
			}
			if len(all) == most {
				return errEnough
			}
		}
		return nil
	})
	return all
}
