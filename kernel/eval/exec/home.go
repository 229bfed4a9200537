package exec

// This file keeps what a machine knows of a function or a variable as long as
// that can be reached, and no longer.

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// home holds the functions and variables of a package, or of all that were not
// adopted. One that was adopted is a member of its package, so that it lives as
// long as anything refers to the package: code of a later cell, or a func value.
type home struct {
	pkg     *ssa.Package
	funcs   map[*ssa.Function]*Func
	globals map[*ssa.Global]ptr
}

// homeName is the name of the member; no Go declares it.
const homeName = "home·"

var _ ssa.Member = (*home)(nil)

func newHome(p *ssa.Package) *home {
	return &home{pkg: p, funcs: make(map[*ssa.Function]*Func), globals: make(map[*ssa.Global]ptr)}
}

// Adopt has p hold what the machine learns of p's functions and variables, so that
// it goes when p does; what belongs to other packages stays as long as the machine.
// It must be called before any code that uses p runs.
func (m *Machine) Adopt(p *ssa.Package) { p.Members[homeName] = newHome(p) }

// homeOf returns where what belongs to p is kept. m.mu is held.
func (m *Machine) homeOf(p *ssa.Package) *home {
	if p != nil {
		if h, ok := p.Members[homeName].(*home); ok {
			return h
		}
	}
	return m.shared
}

// packageOf returns the package that declares fn, an instance of what it declares,
// or what that contains; nil for wrappers.
func packageOf(fn *ssa.Function) *ssa.Package {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	if o := fn.Origin(); o != nil {
		fn = o
	}
	return fn.Pkg
}

// function returns fn as code of k's function uses it.
func (k *compiler) function(fn *ssa.Function) *Func {
	if fn.Pkg == nil && (strings.HasPrefix(fn.Synthetic, "bound ") || strings.HasPrefix(fn.Synthetic, "thunk ")) {
		return k.m.funcIn(packageOf(k.fn), fn) // made for this use alone
	}
	return k.m.Func(fn)
}

// What makes it a Member.

func (h *home) Name() string                    { return homeName }
func (h *home) String() string                  { return homeName }
func (h *home) RelString(*types.Package) string { return homeName }
func (h *home) Object() types.Object            { return nil }
func (h *home) Pos() token.Pos                  { return token.NoPos }
func (h *home) Type() types.Type                { return types.Typ[types.Invalid] }
func (h *home) Token() token.Token              { return token.ILLEGAL }
func (h *home) Package() *ssa.Package           { return h.pkg }
