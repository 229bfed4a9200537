package module

// This file defines Session, the modules of one notebook.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
)

// Config says what a Session works with.
type Config struct {
	// Compiled tells whether the program has the package at a path itself, and
	// whether that can be imported.
	Compiled func(path string) (known, shown bool)

	// GoVersion is the version of the language, "1.26".
	GoVersion string
}

// Session holds the modules of a notebook. Its methods may be called from
// several goroutines; those that may wait for a network wait for each other.
type Session struct {
	cfg Config

	mu        sync.Mutex
	roots     map[string]string // versions that were asked for, by module
	pins      []Module
	locals    map[string]*local
	replaced  map[module.Version]module.Version
	list      map[string]string // the build list; nil if it is to be computed
	why       map[string]string
	summaries map[module.Version]*summary

	// Read without waiting for what is under way; written with mu held too.
	shared    sync.RWMutex
	packages  map[string]*Package
	fixed     map[string]string // versions of modules with packages that were loaded
	inFolders []string          // the keys of locals
}

// New returns a Session without modules.
func New(cfg Config) *Session {
	return &Session{
		cfg:       cfg,
		roots:     make(map[string]string),
		locals:    make(map[string]*local),
		replaced:  make(map[module.Version]module.Version),
		summaries: make(map[module.Version]*summary),
		packages:  make(map[string]*Package),
		fixed:     make(map[string]string),
	}
}

// Pin says which versions an earlier run had. It fails if one of them cannot be
// a version; nothing is fetched.
func (s *Session) Pin(pins []Module) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range pins {
		if err := module.Check(m.Path, m.Version); err != nil {
			return &Error{Msg: "a pin of the notebook's metadata cannot be used", Err: err, Hint: "take it out of cajal.modules in the metadata"}
		}
	}
	for _, m := range pins {
		s.roots[m.Path] = m.Version
	}
	s.pins, s.list = slices.Clone(pins), nil
	return nil
}

// Package returns a package that was loaded.
func (s *Session) Package(path string) (*Package, bool) {
	s.shared.RLock()
	defer s.shared.RUnlock()
	p, ok := s.packages[path]
	return p, ok
}

// Modules lists the modules that packages were loaded from, sorted.
func (s *Session) Modules() []Module {
	s.shared.RLock()
	defer s.shared.RUnlock()
	var all []Module
	for _, p := range s.packages {
		if !slices.Contains(all, p.Module) {
			all = append(all, p.Module)
		}
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// Paths lists the packages that were loaded and that a cell may import, sorted.
func (s *Session) Paths() []string {
	s.shared.RLock()
	defer s.shared.RUnlock()
	var all []string
	for path := range s.packages {
		if !strings.Contains("/"+path+"/", "/internal/") {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// ByName lists the packages of a name that were loaded and that a cell may
// import.
func (s *Session) ByName(name string) []string {
	return slices.DeleteFunc(s.Paths(), func(path string) bool {
		p, _ := s.Package(path)
		return p.Name != name
	})
}

// Load loads packages with all that they import. What each could not be loaded
// for is in the result, by its path; nil if all could.
func (s *Session) Load(ctx context.Context, paths []string, p Progress) map[string]error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed map[string]error
	for _, path := range paths {
		err := s.load(ctx, path, p)
		if err != nil {
			if failed == nil {
				failed = make(map[string]error)
			}
			failed[path] = err
		}
	}
	return failed
}

func (s *Session) load(ctx context.Context, path string, p Progress) error {
	l, err := s.begin(ctx, p)
	if err != nil {
		return err
	}
	if err := l.load(path); err != nil {
		return err
	}
	l.commit()
	return nil
}

// LoadKnown loads those of the packages that modules of the build list have in
// the module cache. It waits for no network, and says nothing of others.
func (s *Session) LoadKnown(paths []string) {
	if !s.mu.TryLock() {
		return // something is being loaded
	}
	defer s.mu.Unlock()
	for _, path := range paths {
		l, err := s.begin(context.Background(), nil)
		if err != nil {
			return
		}
		l.f.offline = true
		if l.load(path) == nil {
			l.commit()
		}
	}
}

// Chosen is a module that was asked for.
type Chosen struct {
	Module
	By string // which module asks for a version that is newer than the one asked for; "" if none does
}

// Get chooses the version of a module. what is MODULE, MODULE@VERSION, or the
// path of a package in the module instead of its own.
func (s *Session) Get(ctx context.Context, what string, p Progress) (Chosen, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, query, _ := strings.Cut(what, "@")
	if path == "" || !strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
		return Chosen{}, failf("for example: %get github.com/google/uuid@latest", "%s is no module, expected the path of one, which begins with a host", what)
	}
	l, err := s.begin(ctx, p)
	if err != nil {
		return Chosen{}, err
	}
	mod, version, err := l.query(path, query)
	if err != nil {
		return Chosen{}, err
	}
	if was := s.fixed[mod]; was != "" && was != version {
		return Chosen{}, failf("restart the kernel and %get it before the first import", "%s %s was loaded in this session: another version, %s, would be other types", mod, was, version)
	}
	if l.locals[mod] != nil {
		return Chosen{}, failf("", "%s is the module in %s, which %%use named", mod, l.locals[mod].dir)
	}
	l.roots[mod] = version
	if err := l.selectVersions(ctx); err != nil {
		return Chosen{}, err
	}
	out := Chosen{Module: Module{Path: mod, Version: l.list[mod]}}
	if out.Version != version {
		out.By = l.why[mod]
	}
	m := module.Version{Path: mod, Version: out.Version}
	if _, err := l.folder(m); err != nil {
		return Chosen{}, err
	}
	out.Sum = l.f.sum(l.actual(m))
	l.commit()
	return out, nil
}

// query finds the module that a path is in, and its version.
func (l *loader) query(path, query string) (mod, version string, err error) {
	var failure error
	defer func(was bool) { l.f.offline = was }(l.f.offline)
	for mod := path; mod != ""; mod = parentOf(mod) {
		if !canBeModule(mod) {
			if failure == nil {
				failure = failf("", "%s cannot be the path of a module", path)
			}
			continue
		}
		if query == "" || query == latest {
			// A pin, or what was loaded, is the latest of this notebook.
			if v := l.s.fixed[mod]; v != "" {
				return mod, v, nil
			}
			if i := slices.IndexFunc(l.s.pins, func(m Module) bool { return m.Path == mod }); i >= 0 {
				return mod, l.s.pins[i].Version, nil
			}
		}
		version, err := l.f.resolve(l.ctx, mod, query)
		if err == nil {
			return mod, version, nil
		}
		if failure == nil {
			failure = err // of the path that was named, which is the likeliest
		}
		if l.ctx.Err() != nil {
			break
		}
		if unreachable(err) {
			l.f.offline = true // a shorter path may be in the module cache
		}
	}
	return "", "", failure
}

// Used is what Use did.
type Used struct {
	Module   Module
	Dir      string
	Packages int      // that it has for others
	Reloaded []string // packages that were loaded and have changed, with those that import them, importers last
}

// Use makes the module in a folder one that cells can import, with those that
// its go.mod replaces by folders. Used again, it reads the packages anew that
// have changed.
func (s *Session) Use(ctx context.Context, dir string, p Progress) (Used, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.begin(ctx, p)
	if err != nil {
		return Used{}, err
	}
	mod, err := l.use(dir)
	if err != nil {
		return Used{}, err
	}
	if err := l.selectVersions(ctx); err != nil {
		return Used{}, err
	}
	out := Used{Module: Module{Path: mod.path}, Dir: mod.dir, Packages: len(packagesIn(mod.dir, mod.path, 1000))}
	stale := s.stale(l)
	// They are read before the old ones are forgotten, which stay if that fails.
	kept := maps.Clone(s.packages)
	s.shared.Lock()
	for _, path := range stale {
		delete(s.packages, path)
	}
	s.shared.Unlock()
	for _, path := range stale {
		if err = l.load(path); err != nil {
			break
		}
	}
	if err != nil {
		s.shared.Lock()
		s.packages = kept
		s.shared.Unlock()
		return Used{}, err
	}
	l.commit()
	out.Reloaded = l.ordered(stale)
	return out, nil
}

// stale lists the packages of folders whose files have changed, and those that
// import them.
func (s *Session) stale(l *loader) []string {
	changed := make(map[string]bool)
	for path, p := range s.packages {
		if p.Module.Version != "" {
			continue
		}
		mod := l.locals[p.Module.Path]
		if mod == nil {
			continue
		}
		dir, ok := packageFolder(mod.dir, mod.path, path)
		if !ok {
			changed[path] = true
			continue
		}
		now, err := l.read(path, dir, mod.dir, module.Version{Path: mod.path})
		if err != nil || !maps.Equal(now.Files, p.Files) || !slices.EqualFunc(now.Embeds, p.Embeds, func(a, b Embed) bool { return a.Var == b.Var && maps.Equal(a.Files, b.Files) }) {
			changed[path] = true
		}
	}
	for more := true; more; {
		more = false
		for path, p := range s.packages {
			if !changed[path] && slices.ContainsFunc(p.Imports, func(dep string) bool { return changed[dep] }) {
				changed[path], more = true, true
			}
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

// ordered returns packages that were loaded so that each comes after those that
// it imports.
func (l *loader) ordered(paths []string) (out []string) {
	seen := make(map[string]bool)
	var visit func(path string)
	visit = func(path string) {
		p := l.packages[path]
		if p == nil || seen[path] {
			return
		}
		seen[path] = true
		for _, dep := range p.Imports {
			visit(dep)
		}
		if slices.Contains(paths, path) {
			out = append(out, path)
		}
	}
	for _, path := range paths {
		visit(path)
	}
	return out
}

// Has tells whether a path can be that of a package of a module: it begins with
// a host, or with a module in a folder.
func (s *Session) Has(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") {
		return true
	}
	s.shared.RLock()
	defer s.shared.RUnlock()
	return slices.ContainsFunc(s.inFolders, func(mod string) bool { return has(mod, path) })
}

// String names a module with its version.
func (m Module) String() string {
	if m.Version == "" {
		return m.Path
	}
	return fmt.Sprintf("%s %s", m.Path, m.Version)
}

// Folders returns the folders of the modules that have no version, by path.
func (s *Session) Folders() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]string)
	for path, mod := range s.locals {
		all[path] = mod.dir
	}
	return all
}

// Sums returns lines of go.sum: of the modules that packages were loaded from, and
// of all go.mod files that were read.
func (s *Session) Sums() []string {
	var all []string
	for _, m := range s.Modules() {
		if m.Sum != "" {
			all = append(all, m.Path+" "+m.Version+" "+m.Sum)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.begin(context.Background(), nil)
	if err != nil {
		return all
	}
	l.f.offline = true
	for m := range s.summaries {
		data, err := l.f.small(l.ctx, m, ".mod")
		if err != nil {
			continue
		}
		if sum, err := sumOfMod(data); err == nil {
			all = append(all, m.Path+" "+m.Version+"/go.mod "+sum)
		}
	}
	slices.Sort(all)
	return all
}
