package bind

// This file defines Set, the compiled packages as one evaluator has them.

import (
	"cmp"
	"flag"
	"maps"
	"slices"
	"strings"
	"sync"

	"cajal/kernel/eval/check"
)

// Set holds the compiled packages for one evaluator: its methods are what
// eval.Config asks for. What belongs to a process elsewhere, such as the
// standard logger and the command line's flags, belongs to a Set here, so that
// every evaluator has to have one of its own.
type Set struct {
	flags *flag.FlagSet
	usage func() // flag.Usage

	replaced map[string]map[string]any // functions and variables, by package and name

	mu     sync.Mutex
	loaded map[string]*check.Package
}

// New returns a Set.
func New() *Set {
	s := &Set{loaded: make(map[string]*check.Package), replaced: make(map[string]map[string]any)}
	s.replacePrinting()
	s.replaceLogging()
	s.replaceFlags()
	s.replaceProcess()
	s.replaceLabels()
	s.replaceReading()
	s.replaceCallers()
	s.replaceDownloads()
	s.bindBodies()
	return s
}

// replace gives cells values instead of those of the same names in the package
// at path. A method is "(*Type).Name" or "(Type).Name" and takes its receiver first; a pointer to
// a variable takes the place of the variable.
func (s *Set) replace(path string, values map[string]any) {
	if s.replaced[path] == nil {
		s.replaced[path] = make(map[string]any)
	}
	maps.Copy(s.replaced[path], values)
}

// Lookup finds the package at path, for eval.Config.
func (s *Set) Lookup(path string) (*check.Package, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.loaded[path]; p != nil {
		return p, true
	}
	e, ok := find(path)
	if !ok {
		return nil, false
	}
	p := &check.Package{
		Path: path, Name: e.name, Hidden: e.hidden, Imports: strings.Fields(e.imports),
		Doc: sync.OnceValue(e.readDoc),
	}
	if e.export {
		p.Export = func() ([]byte, error) { return read(path + "/export") }
	}
	if e.source != "" {
		p.Source = e.readSource
	}
	if e.table != nil || s.replaced[path] != nil {
		p.Symbols = sync.OnceValue(func() check.Symbols { return s.symbols(e) })
	}
	s.loaded[path] = p
	return p, true
}

// symbols returns what e binds, with what s replaces.
func (s *Set) symbols(e *entry) check.Symbols {
	var t table
	if e.table != nil {
		t = e.table()
	}
	if f := platformTables[e.path]; f != nil {
		own := f()
		t.funcs = append(t.funcs, own.funcs...)
		t.vars = append(t.vars, own.vars...)
		t.types = append(t.types, own.types...)
	}
	out := t.symbols()
	for name, v := range s.replaced[e.path] {
		if _, ok := out.Vars[name]; ok {
			out.Vars[name] = v
		} else {
			out.Funcs[name] = v
		}
	}
	return out
}

// Paths lists the import paths of the packages that cells may import, sorted.
func (s *Set) Paths() []string { return paths() }

var paths = sync.OnceValue(func() []string {
	all := []string{"unsafe"} // which the type checker has by itself
	for i := range index {
		if !index[i].hidden {
			all = append(all, index[i].path)
		}
	}
	slices.Sort(all)
	return all
})

// ByName lists the import paths of the packages of that name, the likeliest
// first, for eval.Config.
func (s *Set) ByName(name string) []string { return byName()[name] }

var byName = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{"unsafe": {"unsafe"}}
	for i := range index {
		if e := &index[i]; !e.hidden {
			all[e.name] = append(all[e.name], e.path)
		}
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
		})
	}
	return all
})

// rank orders packages of the same name. Where it matters most, the one that
// goimports takes comes first.
func rank(path string) int {
	switch path {
	case "math/rand/v2", "text/template", "text/scanner", "gonum.org/v1/plot/palette":
		return 0
	case "crypto/rand":
		return 9
	}
	switch {
	case strings.HasPrefix(path, "cajal/"):
		return 2
	case strings.Contains(path, "."):
		return 3
	}
	return 1
}
