package exec

// This file defines the machine: what all functions of one evaluator share.

import (
	"go/types"
	"reflect"
	"sync"
	"sync/atomic"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// Natives finds the compiled packages' symbols. Its methods may be called from
// several goroutines.
type Natives interface {
	// Func returns the compiled function of that name, or an invalid value.
	Func(pkgPath, name string) reflect.Value
	// Var returns a pointer to the package variable, or an invalid value.
	Var(pkgPath, name string) reflect.Value
	// Type returns the compiled type of that name, or nil.
	Type(pkgPath, name string) reflect.Type
}

// Machine runs the functions of one ssa.Program. Several machines of a process
// share nothing.
type Machine struct {
	// MemoryLimit is the number of bytes that one make may take; 0 for any.
	MemoryLimit uint64

	// Reading is held while a method is looked up in the program, which may be
	// added to at that time; nil if it is not added to.
	Reading sync.Locker

	prog    *ssa.Program
	natives Natives

	types *typeMap

	mu     sync.Mutex // held for all homes
	shared *home
	nextID int

	runsMu  sync.Mutex
	runs    map[*Run]struct{} // that have goroutines
	stopped bool

	last  atomic.Pointer[Run] // the run that was made last
	later atomic.Bool         // code has met a compiled function of the kind that later tells of
}

// New returns a machine for prog, whose functions without bodies are found in
// natives. It fails if this build's runtime types are not what rtype expects.
func New(prog *ssa.Program, natives Natives) (*Machine, error) {
	if err := rtype.Check(); err != nil {
		return nil, err
	}
	m := &Machine{
		prog:    prog,
		natives: natives,
		runs:    make(map[*Run]struct{}),
		shared:  newHome(nil),
	}
	m.types = newTypeMap(m)
	return m, nil
}

// note remembers r if it has goroutines, and forgets it otherwise.
func (m *Machine) note(r *Run) {
	m.runsMu.Lock()
	defer m.runsMu.Unlock()
	switch {
	case r.live.Load() == 0:
		delete(m.runs, r)
	case m.stopped:
		r.Stop()
	default:
		m.runs[r] = struct{}{}
	}
}

// Stop stops all runs, and those that begin later.
func (m *Machine) Stop() {
	m.runsMu.Lock()
	defer m.runsMu.Unlock()
	m.stopped = true
	for r := range m.runs {
		r.Stop()
	}
}

// TypeOf returns the runtime type of t, which must have no type parameters.
func (m *Machine) TypeOf(t types.Type) reflect.Type { return m.types.of(t) }

// Func returns the function fn. There is one Func for each ssa.Function.
func (m *Machine) Func(fn *ssa.Function) *Func { return m.funcIn(packageOf(fn), fn) }

// funcIn returns the function fn, which belongs to p.
func (m *Machine) funcIn(p *ssa.Package, fn *ssa.Function) *Func {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.homeOf(p)
	f := h.funcs[fn]
	if f == nil {
		f = &Func{m: m, fn: fn}
		h.funcs[fn] = f
	}
	return f
}

// methodFunc returns the function of a method.
func (m *Machine) methodFunc(sel *types.Selection) *Func {
	if m.Reading != nil {
		m.Reading.Lock()
		defer m.Reading.Unlock()
	}
	return m.Func(m.prog.MethodValue(sel))
}

// Redirect makes all callers of old call fn from now on. Their signatures must
// be identical.
func (m *Machine) Redirect(old, fn *ssa.Function) {
	m.Func(old).redirect(m.Func(fn))
}

// Global returns the address of the variable g, as a pointer to its type. A
// variable of a compiled package is that package's own.
func (m *Machine) Global(g *ssa.Global) reflect.Value {
	elem := m.TypeOf(g.Type().Underlying().(*types.Pointer).Elem())
	return reflect.NewAt(elem, m.global(g))
}

func (m *Machine) global(g *ssa.Global) ptr {
	elem := m.TypeOf(g.Type().Underlying().(*types.Pointer).Elem())
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.homeOf(g.Pkg)
	if p, ok := h.globals[g]; ok {
		return p
	}
	var p ptr
	if g.Pkg != nil && g.Pkg.Pkg.Name() != "main" {
		if v := m.natives.Var(g.Pkg.Pkg.Path(), g.Name()); v.IsValid() {
			p = v.UnsafePointer()
		}
	}
	if p == nil {
		p = rtype.New(rtype.TypeWord(elem))
	}
	h.globals[g] = p
	return p
}

// Share makes g live where old lives; their types must be identical. It must
// be called before any code that uses g has run.
func (m *Machine) Share(g, old *ssa.Global) {
	p := m.global(old)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.homeOf(g.Pkg).globals[g] = p
}
