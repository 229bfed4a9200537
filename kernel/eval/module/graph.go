package module

// This file selects versions: minimal version selection (Cox 2018,
// https://research.swtch.com/vgo-mvs) over the requirements of go.mod files, of
// which those of Go 1.17 and later are pruned as in the go command
// (https://go.dev/ref/mod#graph-pruning).

import (
	"context"
	"fmt"
	"go/version"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// summary is what a go.mod says.
type summary struct {
	path     string // of the module
	language string // "go1.21"
	pruned   bool   // it lists all that its packages need
	require  []module.Version
	file     *modfile.File
}

// summarize reads a go.mod.
func summarize(name string, data []byte, parse func(string, []byte, modfile.VersionFixer) (*modfile.File, error)) (*summary, error) {
	file, err := parse(name, data, nil)
	if err != nil {
		return nil, err
	}
	s := &summary{language: "go1.16", file: file} // what the go command takes if a go.mod does not say
	if file.Module != nil {
		s.path = file.Module.Mod.Path
	}
	if file.Go != nil {
		s.language = "go" + file.Go.Version
	}
	s.pruned = version.Compare(s.language, "go1.17") >= 0
	for _, r := range file.Require {
		s.require = append(s.require, r.Mod)
	}
	return s, nil
}

// summary returns what the go.mod of a module says.
func (l *loader) summary(ctx context.Context, m module.Version) (*summary, error) {
	if local := l.locals[m.Path]; local != nil {
		return local.summary, nil
	}
	actual := l.actual(m)
	if s := l.s.summaries[actual]; s != nil {
		return s, nil
	}
	data, err := l.f.small(ctx, actual, ".mod")
	if err != nil {
		return nil, err
	}
	s, err := summarize(actual.String()+"/go.mod", data, modfile.ParseLax)
	if err != nil {
		return nil, &Error{Msg: fmt.Sprintf("the go.mod of %s cannot be read", actual), Err: err}
	}
	if s.path != "" && s.path != actual.Path && actual == m {
		return nil, failf("import it by that path", "%s calls itself %s", m, s.path)
	}
	l.s.summaries[actual] = s
	return s, nil
}

// actual returns what a replace directive of a module in a folder puts in the
// place of m.
func (l *loader) actual(m module.Version) module.Version {
	if r, ok := l.replaced[m]; ok {
		return r
	}
	if r, ok := l.replaced[module.Version{Path: m.Path}]; ok {
		return r
	}
	return m
}

// selectVersions computes the build list from the roots. Modules in folders are
// in it with the version "".
func (l *loader) selectVersions(ctx context.Context) error {
	type node struct {
		module.Version
		pruned bool // its requirements are not followed further
	}
	list := make(map[string]string)
	why := make(map[string]string) // which module asks for that version
	seen := make(map[node]bool)
	var queue []node
	add := func(m module.Version, pruned bool, by string) {
		if l.locals[m.Path] != nil {
			m.Version = ""
		}
		if now, ok := list[m.Path]; !ok || m.Version != "" && semver.Compare(m.Version, now) > 0 {
			list[m.Path], why[m.Path] = m.Version, by
		}
		if n := (node{m, pruned}); !seen[n] {
			seen[n] = true
			queue = append(queue, n)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(l.roots)) {
		add(module.Version{Path: path, Version: l.roots[path]}, true, "")
	}
	for _, path := range slices.Sorted(maps.Keys(l.locals)) {
		if l.locals[path].root {
			add(module.Version{Path: path}, true, "")
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		s, err := l.summary(ctx, n.Version)
		if err != nil {
			if by := why[n.Path]; by != "" {
				err = fmt.Errorf("%s requires it: %w", by, err)
			}
			return err
		}
		for _, r := range s.require {
			// The requirements of a module that prunes are nodes, but end there.
			if n.pruned && s.pruned {
				l.leaf(r, list, why, n.String())
			} else {
				add(r, false, n.String())
			}
		}
	}
	for path, version := range l.s.fixed {
		now, ok := list[path]
		if !ok { // nobody asks for it any more, and cells have it all the same
			list[path] = version
			continue
		}
		if now != version {
			by := why[path]
			if by == "" {
				by = "the newest request"
			}
			return failf(fmt.Sprintf("restart the kernel and begin with %%get %s@%s", path, now),
				"%s %s was loaded in this session, and %s needs %s", path, version, by, now)
		}
	}
	l.list, l.why = list, why
	return nil
}

// leaf enters a module into the list without following its requirements: whoever
// requires it lists those that matter.
func (l *loader) leaf(m module.Version, list, why map[string]string, by string) {
	if l.locals[m.Path] != nil {
		m.Version = ""
	}
	if now, ok := list[m.Path]; !ok || m.Version != "" && semver.Compare(m.Version, now) > 0 {
		list[m.Path], why[m.Path] = m.Version, by
	}
}

// has tells whether path is that of a module or of a package in it.
func has(mod, path string) bool {
	return path == mod || strings.HasPrefix(path, mod) && path[len(mod)] == '/'
}
