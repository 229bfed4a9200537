package exec

// This file lowers interface values: making them, changing their type, and
// type assertions.

import (
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// makeInterface lowers the conversion of a concrete value to an interface.
func (k *compiler) makeInterface(in *ssa.MakeInterface) op {
	d, x := k.off(in), k.off(in.X)
	t := k.typ(in.X)
	w := rtype.TypeWord(t)
	tab := w
	if hasMethods(in.Type()) {
		it, ok := rtype.Itab(rtype.TypeWord(k.typ(in)), w)
		if !ok {
			// Reported when it runs: the type may get its methods later.
			iw := rtype.TypeWord(k.typ(in))
			return func(fr ptr) {
				it, ok := rtype.Itab(iw, w)
				if !ok {
					assertPanic(nil, w, iw)
				}
				*(*iface)(at(fr, d)) = iface{it, box(w, at(fr, x))}
			}
		}
		tab = it
	}
	if rtype.IsDirectIface(w) {
		return func(fr ptr) { *(*iface)(at(fr, d)) = iface{tab, *(*ptr)(at(fr, x))} }
	}
	if c, ok := in.X.(*ssa.Const); ok && t.Size() > 0 {
		fill := constantFill(c, t)
		p := rtype.New(w)
		fill(p)
		return func(fr ptr) { *(*iface)(at(fr, d)) = iface{tab, p} }
	}
	switch classOf(t) {
	case class1:
		return func(fr ptr) {
			*(*iface)(at(fr, d)) = iface{tab, unsafe.Pointer(&bytes256[*(*uint8)(at(fr, x))])}
		}
	case class4:
		return func(fr ptr) {
			p := new(uint32)
			*p = *(*uint32)(at(fr, x))
			*(*iface)(at(fr, d)) = iface{tab, unsafe.Pointer(p)}
		}
	case class8:
		return func(fr ptr) {
			p := new(uint64)
			*p = *(*uint64)(at(fr, x))
			*(*iface)(at(fr, d)) = iface{tab, unsafe.Pointer(p)}
		}
	case classString:
		return func(fr ptr) {
			p := new(string)
			*p = *(*string)(at(fr, x))
			*(*iface)(at(fr, d)) = iface{tab, unsafe.Pointer(p)}
		}
	}
	return func(fr ptr) { *(*iface)(at(fr, d)) = iface{tab, box(w, at(fr, x))} }
}

// bytes256 holds every value of one byte.
var bytes256 = func() (b [256]byte) {
	for i := range b {
		b[i] = byte(i)
	}
	return b
}()

// box returns the data word for a value of type word w at p.
func box(w, p ptr) ptr {
	if rtype.IsDirectIface(w) {
		return *(*ptr)(p)
	}
	q := rtype.New(w)
	rtype.TypedMemmove(w, q, p)
	return q
}

// itabCache remembers the last itab that an instruction found.
type itabCache struct{ p atomic.Pointer[[2]ptr] }

func (c *itabCache) find(ifaceWord, concrete ptr) (ptr, bool) {
	if e := c.p.Load(); e != nil && e[0] == concrete {
		return e[1], true
	}
	it, ok := rtype.Itab(ifaceWord, concrete)
	if ok {
		c.p.Store(&[2]ptr{concrete, it})
	}
	return it, ok
}

// concreteOf returns the type word of the value in an interface.
func concreteOf(i iface, methods bool) ptr {
	if methods && i.tab != nil {
		return rtype.ItabType(i.tab)
	}
	return i.tab
}

// changeInterface lowers the conversion of an interface to one whose methods
// it is known to have.
func (k *compiler) changeInterface(in *ssa.ChangeInterface) op {
	d, x := k.off(in), k.off(in.X)
	from, to := hasMethods(in.X.Type()), hasMethods(in.Type())
	if !to {
		return func(fr ptr) {
			i := *(*iface)(at(fr, x))
			i.tab = concreteOf(i, from)
			*(*iface)(at(fr, d)) = i
		}
	}
	w := rtype.TypeWord(k.typ(in))
	cache := new(itabCache)
	return func(fr ptr) {
		i := *(*iface)(at(fr, x))
		if i.tab != nil {
			c := concreteOf(i, from)
			it, ok := cache.find(w, c)
			if !ok {
				assertPanic(rtype.TypeWord(k.typ(in.X)), c, w)
			}
			i.tab = it
		}
		*(*iface)(at(fr, d)) = i
	}
}

// ofMethodValue tells whether in is no assertion of the source, but holds that
// there is a value in the interface whose method i.M is taken.
func ofMethodValue(in *ssa.TypeAssert) bool {
	b := in.Block().Instrs
	next := slices.Index(b, ssa.Instruction(in)) + 1
	if in.CommaOk || next == len(b) {
		return false
	}
	c, ok := b[next].(*ssa.MakeClosure)
	return ok && strings.HasSuffix(c.Fn.Name(), "$bound") && c.Bindings[0] == in.X
}

// typeAssert lowers X.(T), with or without a second result.
func (k *compiler) typeAssert(in *ssa.TypeAssert) op {
	x := k.off(in.X)
	from := hasMethods(in.X.Type())
	fromWord := rtype.TypeWord(k.typ(in.X))
	t := k.m.TypeOf(in.AssertedType)
	w := rtype.TypeWord(t)
	d, okOff := k.off(in), uintptr(0)
	if in.CommaOk {
		r := k.regs[in]
		d, okOff = r.off+r.tuple[0].off, r.off+r.tuple[1].off
	}
	commaOk := in.CommaOk
	zero := k.zero(t, d)
	if t.Kind() != reflect.Interface {
		direct, copy := rtype.IsDirectIface(w), copyFunc(t)
		return func(fr ptr) {
			i := *(*iface)(at(fr, x))
			c := concreteOf(i, from)
			if c != w {
				if !commaOk {
					assertPanic(fromWord, c, w)
				}
				zero(fr)
				*(*bool)(at(fr, okOff)) = false
				return
			}
			if direct {
				*(*ptr)(at(fr, d)) = i.data
			} else {
				copy(at(fr, d), i.data)
			}
			if commaOk {
				*(*bool)(at(fr, okOff)) = true
			}
		}
	}
	methods := hasMethods(in.AssertedType)
	cache := new(itabCache)
	bound := ofMethodValue(in)
	return func(fr ptr) {
		i := *(*iface)(at(fr, x))
		c := concreteOf(i, from)
		tab, ok := c, c != nil
		if ok && methods {
			tab, ok = cache.find(w, c)
		}
		if !ok {
			if bound {
				nilPanic()
			}
			if !commaOk {
				assertPanic(fromWord, c, w)
			}
			zero(fr)
			*(*bool)(at(fr, okOff)) = false
			return
		}
		*(*iface)(at(fr, d)) = iface{tab, i.data}
		if commaOk {
			*(*bool)(at(fr, okOff)) = true
		}
	}
}

// assertionError has the memory of a runtime.TypeAssertionError.
type assertionError struct {
	iface, concrete, asserted ptr
	missing                   string
}

// assertPanic panics with the *runtime.TypeAssertionError of a failed
// assertion.
func assertPanic(from, concrete, asserted ptr) {
	e := new(runtime.TypeAssertionError)
	if unsafe.Sizeof(*e) == unsafe.Sizeof(assertionError{}) {
		a := (*assertionError)(unsafe.Pointer(e))
		a.iface, a.concrete, a.asserted = from, concrete, asserted
		if t := rtype.TypeOfWord(asserted); t.Kind() == reflect.Interface {
			a.iface = nil
			if concrete != nil {
				a.missing = missingMethod(rtype.TypeOfWord(concrete), t)
			}
		}
	}
	panic(e)
}

// missingMethod returns the first method of the interface type that t lacks.
func missingMethod(t, iface reflect.Type) string {
	for i := range iface.NumMethod() {
		m := iface.Method(i)
		have, ok := t.MethodByName(m.Name)
		if !ok {
			return m.Name
		}
		if t.Kind() != reflect.Interface && have.Type.NumIn() != m.Type.NumIn()+1 {
			return m.Name
		}
	}
	return ""
}

// registerType returns the type of v's slot.
func (m *Machine) registerType(v ssa.Value) reflect.Type { return m.TypeOf(v.Type()) }

// tupleElem returns the type of a part of a tuple.
func (m *Machine) tupleElem(t types.Type) reflect.Type { return m.TypeOf(t) }
