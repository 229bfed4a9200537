package eval

// This file gives cells the packages of third-party modules, which package
// module finds and reads. What a cell imports is loaded before the cell is
// checked, so that the checker waits for no network.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/module"
)

// modules are the modules of an evaluator.
type modules struct {
	mu      sync.Mutex
	session *module.Session // nil until a module is needed
	known   map[*module.Package]*check.Package
	absent  map[string]error // why packages that cells import could not be loaded
	told    map[string]bool  // modules whose version the reader has seen
	unsaid  []string         // lines for the reader
	pending []*module.Package
}

// loaded are the modules that evaluators of this process have loaded packages
// of. They belong to the process, as a program that wants to know what a
// notebook used runs it in a process of its own.
var loaded struct {
	sync.Mutex
	list []cell.Module
}

// Modules returns the modules of which cells of this process have loaded
// packages, sorted. Those in folders are left out, as they have no version.
func Modules() []cell.Module {
	loaded.Lock()
	defer loaded.Unlock()
	return slices.Clone(loaded.list)
}

// Pin says which versions of modules an earlier run of the same cells had: the
// session takes these, and refuses files with other sums. It is called before
// the first cell.
func (e *Evaluator) Pin(pins []cell.Module) error {
	if len(pins) == 0 {
		return nil
	}
	return e.moduleSession().Pin(asModules(pins))
}

// asModules returns pins as package module has them.
func asModules(pins []cell.Module) []module.Module {
	list := make([]module.Module, len(pins))
	for i, p := range pins {
		list[i] = module.Module(p)
	}
	return list
}

// moduleSession returns the session, which it makes when it is first asked.
func (e *Evaluator) moduleSession() *module.Session {
	m := &e.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil {
		m.session = module.New(module.Config{
			GoVersion: GoVersion,
			Compiled: func(path string) (known, shown bool) {
				p, ok := e.cfg.Lookup(path)
				return ok || path == "unsafe", ok && !p.Hidden || path == "unsafe"
			},
		})
		m.known = make(map[*module.Package]*check.Package)
		m.absent = make(map[string]error)
		m.told = make(map[string]bool)
		if e.cfg.Pins != nil {
			if err := m.session.Pin(asModules(e.cfg.Pins())); err != nil {
				m.unsaid = append(m.unsaid, "warning: "+err.Error())
			}
		}
	}
	return m.session
}

// begun returns the session if there is one.
func (m *modules) begun() *module.Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}

// lookup finds a compiled package, or one of a module that was loaded.
func (e *Evaluator) lookup(path string) (*check.Package, bool) {
	if p, ok := e.cfg.Lookup(path); ok {
		return p, true
	}
	s := e.modules.begun()
	if s == nil {
		return nil, false
	}
	p, ok := s.Package(path)
	if !ok {
		return nil, false
	}
	return e.adapted(p), true
}

// adapted returns a package as the checker wants it.
func (e *Evaluator) adapted(p *module.Package) *check.Package {
	m := &e.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.known[p]; c != nil {
		return c
	}
	c := &check.Package{
		Path: p.Path, Name: p.Name, Imports: p.Imports,
		Hidden: strings.Contains("/"+p.Path+"/", "/internal/"),
		Folder: filepath.ToSlash(p.Folder), Language: p.Language, Missing: p.Missing, Note: p.Note(),
		Source: func() (map[string]string, error) { return p.Files, nil },
		Doc:    sync.OnceValue(p.Doc),
	}
	if funcs := e.assembly(p.Path); funcs != nil {
		c.Symbols = func() check.Symbols { return check.Symbols{Funcs: funcs} }
	}
	m.known[p] = c
	if len(p.Embeds) > 0 {
		m.pending = append(m.pending, p)
	}
	return c
}

// paths and byName list the packages that can be imported: the compiled ones,
// then those that were loaded.
func (e *Evaluator) paths() (all []string) {
	if e.cfg.Paths != nil {
		all = e.cfg.Paths()
	}
	if s := e.modules.begun(); s != nil {
		all = append(all[:len(all):len(all)], s.Paths()...)
	}
	return all
}

func (e *Evaluator) byName(name string) (all []string) {
	if e.cfg.ByName != nil {
		all = e.cfg.ByName(name)
	}
	if s := e.modules.begun(); s != nil {
		all = append(all[:len(all):len(all)], s.ByName(name)...)
	}
	return all
}

// absent is why a package could not be loaded.
type absent struct{ error }

// Hint returns what there is to do.
func (a absent) Hint() string { return module.Hint(a.error) }

// whyAbsent tells why the package at path was not loaded; nil if nobody tried.
func (m *modules) whyAbsent(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.absent[path]; err != nil {
		return absent{err}
	}
	return nil
}

// prepare does what has to be done before a cell is checked: its %get and %use,
// and the loading of packages of modules.
func (e *Evaluator) prepare(ctx context.Context, req cell.Request, text check.Text, commands []*ran) *cell.Error {
	asks := slices.ContainsFunc(commands, func(c *ran) bool { return c.Name == "%get" || c.Name == "%use" })
	missing := e.missing(check.Imports(text.Go))
	if !asks && len(missing) == 0 {
		return nil
	}
	r := e.newRunning(req, text.Name)
	defer func() {
		r.flush()
		r.ended.Store(true)
		close(r.unwound)
	}()
	p := &fetching{r: r, began: time.Now()}
	var said []string // what is shown of it when all is done
	failed := func() *cell.Error {
		for _, c := range commands {
			for _, arg := range strings.Fields(c.Args) {
				var line string
				var err error
				switch c.Name {
				case "%get":
					line, err = e.get(ctx, arg, p)
				case "%use":
					line, err = e.use(ctx, arg, p)
				default:
					continue
				}
				if ctx.Err() != nil {
					return interrupted(text.Name)
				}
				if err != nil {
					wrong := check.ErrorAt(text.Name, text.Shown, c.Offset, c.Name+": "+err.Error(), module.Hint(err))
					wrong.Kind = check.ImportError
					return compileError([]*check.Error{wrong})
				}
				said = append(said, line)
			}
		}
		missing = e.missing(check.Imports(text.Go)) // %use may have named some
		e.load(ctx, missing, p)
		if ctx.Err() != nil {
			return interrupted(text.Name)
		}
		return nil
	}()
	p.end()
	for _, line := range said {
		fmt.Fprintln(r.stdout, line)
	}
	if failed == nil {
		for _, line := range e.news(missing) {
			fmt.Fprintln(r.stderr, line)
		}
	}
	return failed
}

// interrupted is how a cell fails that was stopped before it began.
func interrupted(name string) *cell.Error {
	err := &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: name + " was interrupted before it began"}
	err.Traceback = []string{err.Error()}
	return err
}

// missing returns those of the paths that have to be loaded from a module.
func (e *Evaluator) missing(paths []string) (out []string) {
	for _, path := range paths {
		if path == "C" || path == "unsafe" {
			continue
		}
		if _, ok := e.lookup(path); ok {
			continue
		}
		s := e.modules.begun()
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || s != nil && s.Has(path) {
			out = append(out, path)
		}
	}
	return out
}

// load loads packages, and notes what could not be.
func (e *Evaluator) load(ctx context.Context, paths []string, p module.Progress) {
	if len(paths) == 0 {
		return
	}
	failed := e.moduleSession().Load(ctx, paths, p)
	m := &e.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, path := range paths {
		delete(m.absent, path)
	}
	for path, err := range failed {
		m.absent[path] = err
	}
	e.noteModules()
}

// noteModules remembers which modules the process has used. m.mu is held.
func (e *Evaluator) noteModules() {
	loaded.Lock()
	defer loaded.Unlock()
	for _, mod := range e.modules.session.Modules() {
		if c := cell.Module(mod); mod.Version != "" && !slices.Contains(loaded.list, c) {
			loaded.list = append(loaded.list, c)
		}
	}
	slices.SortFunc(loaded.list, func(a, b cell.Module) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Version, b.Version))
	})
}

// news tells the versions of modules that the reader has not seen yet.
func (e *Evaluator) news(paths []string) (lines []string) {
	m := &e.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	lines, m.unsaid = m.unsaid, nil
	for _, path := range paths {
		p, ok := m.session.Package(path)
		if !ok || p.Module.Version == "" || m.told[p.Module.Path] {
			continue
		}
		m.told[p.Module.Path] = true
		lines = append(lines, fmt.Sprintf("note: %s (%%get %s@%s keeps that version)", p.Module, p.Module.Path, p.Module.Version))
	}
	return lines
}

// get carries out %get.
func (e *Evaluator) get(ctx context.Context, arg string, p module.Progress) (string, error) {
	chosen, err := e.moduleSession().Get(ctx, arg, p)
	if err != nil {
		return "", err
	}
	m := &e.modules
	m.mu.Lock()
	m.told[chosen.Path] = true
	clear(m.absent)
	m.mu.Unlock()
	line := chosen.String()
	if chosen.By != "" {
		line += ", which " + chosen.By + " needs"
	}
	return line, nil
}

// use carries out %use.
func (e *Evaluator) use(ctx context.Context, arg string, p module.Progress) (string, error) {
	folder := arg
	if rest, ok := strings.CutPrefix(folder, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		folder = filepath.Join(home, rest)
	}
	used, err := e.moduleSession().Use(ctx, folder, p)
	if err != nil {
		return "", err
	}
	e.modules.mu.Lock()
	clear(e.modules.absent)
	e.modules.mu.Unlock()
	line := fmt.Sprintf("%s in %s, %d packages", used.Module.Path, arg, used.Packages)
	if used.Packages == 1 {
		line = strings.TrimSuffix(line, "s")
	}
	if len(used.Reloaded) > 0 {
		e.imports.Forget(used.Reloaded)
		if err := e.state.Renew(used.Reloaded); err != nil {
			return "", err
		}
		line += "; read anew: " + strings.Join(used.Reloaded, ", ")
	}
	return line, nil
}

// loadKnown loads what an unfinished cell imports, if that needs no network and
// no choice of a version.
func (e *Evaluator) loadKnown(code string) {
	s := e.modules.begun()
	if s == nil {
		return
	}
	if missing := e.missing(check.Imports(code)); len(missing) > 0 {
		s.LoadKnown(missing)
	}
}

// loadFor loads what a program imports: from the module that it lies in, if it
// lies in one, and from those that this one requires.
func (e *Evaluator) loadFor(ctx context.Context, p Program) {
	var paths []string
	for _, text := range p.Files {
		for _, path := range check.Imports(text) {
			if _, ok := e.lookup(path); !ok && path != "C" && path != "unsafe" && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) == 0 {
		return
	}
	for name := range p.Files {
		if dir := moduleAbove(filepath.Dir(name)); dir != "" {
			if _, err := e.use(ctx, dir, nil); err != nil {
				e.modules.mu.Lock()
				for _, path := range paths {
					e.modules.absent[path] = err
				}
				e.modules.mu.Unlock()
				return
			}
		}
		break // all lie in one folder
	}
	e.load(ctx, e.missing(paths), nil)
}

// moduleAbove returns the folder of the go.mod that rules a folder, "" if there
// is none.
func moduleAbove(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		} else if !errors.Is(err, os.ErrNotExist) {
			return ""
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// fetching shows how far a download is, as one output that is updated and that
// is gone when all is there. What is quick or small is not shown at all.
type fetching struct {
	r          *Running
	began      time.Time
	shown      time.Time
	id         string
	what       string
	size, done int64
}

const (
	fetchSmall = 200_000 // bytes
	fetchQuick = 500 * time.Millisecond
	fetchEvery = 200 * time.Millisecond
)

// Begin begins a download.
func (f *fetching) Begin(what string, size int64) { f.what, f.size, f.done = what, size, 0 }

// Add counts n bytes.
func (f *fetching) Add(n int64) {
	f.done += n
	if now := time.Now(); max(f.size, f.done) < fetchSmall || now.Sub(f.began) < fetchQuick || now.Sub(f.shown) < fetchEvery {
		return
	}
	text := fmt.Sprintf("fetching %s: %.1f MB", f.what, float64(f.done)/1e6)
	if f.size > 0 {
		text += fmt.Sprintf(" of %.1f MB", float64(f.size)/1e6)
	}
	data := map[string]any{"text/plain": text}
	if f.id == "" {
		f.id = fmt.Sprintf("fetching-%d-%d", f.r.id, f.began.UnixNano())
		f.r.Display(data, nil, f.id)
	} else {
		f.r.Update(data, nil, f.id)
	}
	f.shown = time.Now()
}

// End ends a download; how it failed is told elsewhere.
func (f *fetching) End(error) {}

// end takes away what was shown.
func (f *fetching) end() {
	if f.id != "" {
		f.r.Clear(false)
	}
}
