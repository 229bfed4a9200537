package eval

// This file gives the executor the symbols of compiled packages.

import (
	"reflect"
	"sync"

	"cajal/kernel/eval/check"
)

// natives finds symbols in package tables, each of which is made when its
// package is first used.
type natives struct {
	lookup func(path string) (*check.Package, bool)
	eval   *Evaluator

	mu     sync.Mutex
	tables map[string]*check.Symbols
}

func newNatives(lookup func(path string) (*check.Package, bool), e *Evaluator) *natives {
	return &natives{lookup: lookup, eval: e, tables: make(map[string]*check.Symbols)}
}

func (n *natives) table(path string) *check.Symbols {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t, ok := n.tables[path]; ok {
		return t
	}
	var t *check.Symbols
	if p, ok := n.lookup(path); ok && p.Symbols != nil {
		s := p.Symbols()
		t = &s
	}
	n.tables[path] = t
	return t
}

// Func returns the compiled function of that name, or an invalid value.
func (n *natives) Func(pkgPath, name string) reflect.Value {
	if t := n.table(pkgPath); t != nil {
		if f, ok := t.Funcs[name]; ok {
			return reflect.ValueOf(f)
		}
	}
	return reflect.Value{}
}

// Var returns a pointer to the package variable, or an invalid value.
func (n *natives) Var(pkgPath, name string) reflect.Value {
	if pkgPath == "os" {
		if name == "Args" {
			return reflect.ValueOf(&n.eval.args)
		}
		if v := n.eval.files.variable(name); v != nil {
			return reflect.ValueOf(v)
		}
	}
	if t := n.table(pkgPath); t != nil {
		if v, ok := t.Vars[name]; ok {
			return reflect.ValueOf(v)
		}
	}
	return reflect.Value{}
}

// Type returns the compiled type of that name, or nil.
func (n *natives) Type(pkgPath, name string) reflect.Type {
	if t := n.table(pkgPath); t != nil {
		return t.Types[name]
	}
	return nil
}
