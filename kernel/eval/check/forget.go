package check

// This file forgets cells that nothing can mention any more, so that a session
// takes memory for what lives, and for the texts of its cells.

import (
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"
)

// unit is the package of a cell, as long as the program has it. What a func value
// still runs lives on without the program.
type unit struct {
	uses    []*types.Package // packages of cells that it mentions
	pending bool             // its cell has not ended
	types   bool             // it declares types; their values may be anywhere, and need their methods
}

// forgetEvery is how many cells may end before those that can go do.
const forgetEvery = 64

// adopt notes the package of a cell that was lowered. s.mu is held.
func (s *State) adopt(c *cell) {
	u := &unit{pending: true}
	seen := map[*types.Package]bool{c.pkg: true}
	use := func(obj types.Object) {
		if p := obj.Pkg(); p != nil && isCell(obj) && !seen[p] {
			seen[p] = true
			u.uses = append(u.uses, p)
		}
	}
	for _, obj := range c.info.Uses {
		use(obj)
	}
	for _, m := range c.late {
		use(m.named.Obj())
	}
	for _, obj := range c.info.Defs {
		if tn, ok := obj.(*types.TypeName); ok {
			_, named := tn.Type().(*types.Named)
			u.types = u.types || named
		}
	}
	s.units[c.pkg] = u
}

// forget takes out of the program the packages of cells that no live name leads
// to, once there are many new ones. s.mu is held.
func (s *State) forget() {
	if s.ended++; s.ended < s.forgetAt {
		return
	}
	var reach func(p *types.Package)
	reached := make(map[*types.Package]bool)
	reach = func(p *types.Package) {
		u := s.units[p]
		if u == nil || reached[p] {
			return
		}
		reached[p] = true
		for _, q := range u.uses {
			reach(q)
		}
	}
	for _, b := range s.live {
		if isCell(b.obj) {
			reach(b.obj.Pkg())
		}
	}
	for p, u := range s.units {
		if u.pending || u.types {
			reach(p)
		}
	}
	// Who no longer lives need not be warned.
	for used, by := range s.users {
		s.users[used] = slices.DeleteFunc(by, func(obj types.Object) bool {
			b := s.live[obj.Name()]
			return b == nil || b.obj != obj
		})
		if len(s.users[used]) == 0 {
			delete(s.users, used)
		}
	}
	s.adding.Lock()
	defer s.adding.Unlock()
	for p := range s.units {
		if !reached[p] {
			delete(s.units, p)
			delete(s.notes.packages, p)
		}
	}
	s.notes.clear(s.prog)
	s.ended, s.forgetAt = 0, max(forgetEvery, len(s.units))
}

// notes are what an [ssa.Program] notes and does not forget, and has no way to be
// told to: they are the program's own fields.
type notes struct {
	packages map[*types.Package]*ssa.Package
	memos    []reflect.Value // of answers that can be found again: maps whose keys are types, and a *types.Context
}

// notesOf finds the notes of prog. Where this version of package ssa does not have
// them, nothing is forgotten.
func notesOf(prog *ssa.Program) (n notes) {
	v := reflect.ValueOf(prog).Elem()
	field := func(path ...string) (f reflect.Value) {
		f = v
		for _, name := range path {
			if f = f.FieldByName(name); !f.IsValid() {
				return f
			}
		}
		return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem() // as if it were exported
	}
	if f := field("packages"); f.IsValid() {
		n.packages, _ = f.Interface().(map[*types.Package]*ssa.Package)
	}
	for _, path := range [][]string{{"makeInterfaceTypes"}, {"hasParams", "seen"}} {
		if f := field(path...); f.IsValid() && f.Kind() == reflect.Map && f.Type().Key() == reflect.TypeFor[types.Type]() {
			n.memos = append(n.memos, f)
		}
	}
	if f := field("ctxt"); f.IsValid() && f.Type() == reflect.TypeFor[*types.Context]() {
		n.memos = append(n.memos, f)
	}
	return n
}

// clear forgets answers.
func (n *notes) clear(prog *ssa.Program) {
	for _, m := range n.memos {
		if m.Kind() == reflect.Map {
			m.Clear()
		} else {
			m.Set(reflect.ValueOf(types.NewContext()))
		}
	}
	prog.MethodSets = typeutil.MethodSetCache{}
}

// drop forgets the positions of a cell that did not compile. Its errors have lines
// and columns.
func (src *source) drop(fset *token.FileSet) {
	for _, f := range src.files {
		fset.RemoveFile(f)
	}
}
