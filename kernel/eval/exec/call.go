package exec

// This file lowers calls: of interpreted and compiled functions, of func values
// and of methods of interface values.

import (
	"fmt"
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// site is a place that calls something.
type site struct {
	m       *Machine
	args    []operand            // for a method of an interface, without the receiver
	results []uintptr            // where the results go; nil if they are not wanted
	wrapper bool                 // the caller is transparent to recover
	typ     reflect.Type         // of the func value that is called, if it is one
	link    atomic.Pointer[link] // nil before the first call of a compiled function
}

// operand is an argument's slot.
type operand struct {
	off uintptr
	typ reflect.Type
}

func (k *compiler) site(common *ssa.CallCommon, value ssa.Value) *site {
	s := &site{m: k.m, wrapper: k.c.wrapper}
	for _, a := range common.Args {
		s.args = append(s.args, operand{k.off(a), k.typ(a)})
	}
	if value == nil {
		return s
	}
	r := k.regs[value]
	switch {
	case r.tuple != nil:
		for _, e := range r.tuple {
			s.results = append(s.results, r.off+e.off)
		}
	case common.Signature().Results().Len() == 1:
		s.results = []uintptr{r.off}
	}
	return s
}

// call lowers a call.
func (k *compiler) call(in *ssa.Call) op {
	common := &in.Call
	if b, ok := common.Value.(*ssa.Builtin); ok && !common.IsInvoke() {
		return k.builtin(in, b.Name(), common.Args)
	}
	s := k.site(common, in)
	if common.IsInvoke() {
		return k.invoke(s, common)
	}
	if fn, ok := common.Value.(*ssa.Function); ok {
		f := k.function(fn)
		if fn.Blocks == nil {
			return s.lazyNative(f)
		}
		return func(fr ptr) {
			f := f
			if f.next.Load() != nil {
				f = f.target()
			}
			s.enter(fr, f, nil)
		}
	}
	s.typ = k.typ(common.Value)
	v := k.off(common.Value)
	return func(fr ptr) { s.callValue(fr, *(*ptr)(at(fr, v))) }
}

// enter calls the interpreted function f from the frame fr.
func (s *site) enter(fr ptr, f *Func, env ptr) {
	c := f.compiled()
	if c == nil {
		f.native.Load().call(fr, s)
		return
	}
	g := head(fr).g
	nf := g.enter(c)
	for i := range s.args {
		p := &c.params[i]
		p.copyTo(at(nf, p.off), at(fr, s.args[i].off))
	}
	if env != nil {
		c.setFree(nf, f, env)
	}
	if s.wrapper {
		head(nf).deferOf = head(fr).deferOf
	}
	s.finish(g, c, fr, nf)
}

// finish runs c in nf and takes its results.
func (s *site) finish(g *Goroutine, c *code, fr, nf ptr) {
	c.run(nf)
	for i, d := range s.results {
		r := &c.results[i]
		r.copyTo(at(fr, d), at(nf, r.off))
	}
	g.leave(c, nf)
}

// callValue calls the func value w.
func (s *site) callValue(fr ptr, w ptr) {
	if w == nil {
		nilPanic()
	}
	if cl := closureOf(w); cl != nil && cl.fn.m == s.m {
		s.enter(fr, cl.fn.target(), cl.env)
		return
	}
	if !s.linkTo(s.typ, 0).direct(fr, w, nil, nil) {
		newNative(s.funcValue(w)).call(fr, s)
	}
}

// funcValue returns the func value w as reflect sees it.
func (s *site) funcValue(w ptr) reflect.Value {
	return reflect.NewAt(s.typ, unsafe.Pointer(&w)).Elem()
}

// invoke lowers a call of an interface's method.
func (k *compiler) invoke(s *site, common *ssa.CallCommon) op {
	x := k.off(common.Value)
	methods := true // an interface with a method to call has some
	cache := new(atomic.Pointer[method])
	m := k.m
	return func(fr ptr) {
		i := *(*iface)(at(fr, x))
		if i.tab == nil {
			nilPanic()
		}
		e := cache.Load()
		if e == nil || e.tab != i.tab {
			e = m.method(i.tab, concreteOf(i, methods), common.Method)
			cache.Store(e)
		}
		e.call(s, fr, i.data)
	}
}

// method is the method of a concrete type that a call of an interface's method
// reaches.
type method struct {
	tab    ptr // itab or type word for which it was found
	direct bool
	f      *Func   // interpreted
	native *native // or compiled, with the receiver first
}

// method finds the method fn of the type with type word w.
func (m *Machine) method(tab, w ptr, fn *types.Func) *method {
	e := &method{tab: tab, direct: rtype.IsDirectIface(w)}
	if t := m.types.interpretedType(w); t != nil {
		sel := types.NewMethodSet(t).Lookup(fn.Pkg(), fn.Name()) // package ssa's own sets know no late methods
		if sel == nil {
			panic(fmt.Errorf("exec: %s has no method %s", t, fn.Name()))
		}
		e.f = m.methodFunc(sel)
		return e
	}
	t := rtype.TypeOfWord(w)
	meth := m.nativeMethod(t, fn.Name())
	if !meth.IsValid() {
		panic(fmt.Errorf("method %s of the compiled type %s cannot be called from a cell", fn.Name(), t))
	}
	e.native = newNative(meth)
	return e
}

// call calls e with the receiver in an interface's data word.
func (e *method) call(s *site, fr ptr, data ptr) {
	recv := data
	if e.direct {
		recv = unsafe.Pointer(&data)
	}
	if e.f == nil {
		e.native.callMethod(fr, s, recv)
		return
	}
	f := e.f.target()
	c := f.compiled()
	if c == nil {
		f.native.Load().callMethod(fr, s, recv)
		return
	}
	g := head(fr).g
	nf := g.enter(c)
	p := &c.params[0]
	p.copyTo(at(nf, p.off), recv)
	for i := range s.args {
		p := &c.params[i+1]
		p.copyTo(at(nf, p.off), at(fr, s.args[i].off))
	}
	if s.wrapper {
		head(nf).deferOf = head(fr).deferOf
	}
	s.finish(g, c, fr, nf)
}

// prepare returns a function that evaluates a go or defer statement's call:
// function and arguments now, the call later.
func (k *compiler) prepare(common *ssa.CallCommon) func(fr ptr) deferred {
	if b, ok := common.Value.(*ssa.Builtin); ok && !common.IsInvoke() {
		return k.prepareBuiltin(b, common)
	}
	s := k.site(common, nil)
	if common.IsInvoke() {
		x := k.off(common.Value)
		return func(fr ptr) deferred {
			i := *(*iface)(at(fr, x))
			if i.tab == nil {
				nilPanic()
			}
			e := s.m.method(i.tab, concreteOf(i, true), common.Method)
			recv := i.data
			if e.direct {
				recv = unsafe.Pointer(&[1]ptr{i.data})
			}
			if e.f == nil {
				return s.laterNative(fr, e.native, recv)
			}
			return s.later(fr, e.f, nil, recv)
		}
	}
	if fn, ok := common.Value.(*ssa.Function); ok {
		f := k.function(fn)
		return func(fr ptr) deferred { return s.later(fr, f.target(), nil, nil) }
	}
	s.typ = k.typ(common.Value)
	v := k.off(common.Value)
	return func(fr ptr) deferred {
		w := *(*ptr)(at(fr, v))
		if w == nil {
			return func(*Goroutine, *activation) { nilPanic() }
		}
		if cl := closureOf(w); cl != nil && cl.fn.m == s.m {
			return s.later(fr, cl.fn.target(), cl.env, nil)
		}
		call := s.laterNative(fr, newNative(s.funcValue(w)), nil)
		if !thin(w) {
			return call
		}
		return func(g *Goroutine, act *activation) {
			g.thin.Store(act)
			call(g, act)
			g.thin.Store(nil)
		}
	}
}

// later stores the arguments of a call of f in a block of their own and
// returns the call.
func (s *site) later(fr ptr, f *Func, env, recv ptr) deferred {
	c := f.compiled()
	if c == nil {
		return s.laterNative(fr, f.native.Load(), recv)
	}
	args := make([]reflect.Value, 0, len(s.args)+1)
	if recv != nil {
		args = append(args, copyOf(c.params[0].typ, recv))
	}
	for _, a := range s.args {
		args = append(args, copyOf(a.typ, at(fr, a.off)))
	}
	deferOf := (*activation)(nil)
	if s.wrapper {
		deferOf = head(fr).deferOf
	}
	return func(g *Goroutine, act *activation) {
		nf := g.enter(c)
		for i := range args {
			p := &c.params[i]
			p.copyTo(at(nf, p.off), args[i].Addr().UnsafePointer())
		}
		args = nil // the frame may forget them
		if env != nil {
			c.setFree(nf, f, env)
		}
		h := head(nf)
		h.deferOf = act
		if deferOf != nil {
			h.deferOf = deferOf
		}
		c.run(nf)
		g.leave(c, nf)
	}
}

// copyOf returns a copy of the value of type t at p.
func copyOf(t reflect.Type, p ptr) reflect.Value {
	v := reflect.New(t)
	copyFunc(t)(v.UnsafePointer(), p)
	return v.Elem()
}

// laterNative is later for a compiled function.
func (s *site) laterNative(fr ptr, n *native, recv ptr) deferred {
	args := n.arguments(fr, s, recv)
	for i, a := range args {
		args[i] = copyOf(a.Type(), a.Addr().UnsafePointer())
	}
	return func(*Goroutine, *activation) { n.run(args) }
}
