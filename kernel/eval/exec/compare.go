package exec

// This file lowers comparisons.

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// comparison returns a function that computes the comparison in.
func (k *compiler) comparison(in *ssa.BinOp) func(fr ptr) bool {
	x, y := k.off(in.X), k.off(in.Y)
	t := k.typ(in.X)
	if isNil(in.X) {
		t = k.typ(in.Y)
	}
	var test func(fr ptr) bool
	switch t.Kind() {
	case reflect.Int:
		return compareOp[int](in.Op, x, y)
	case reflect.Int8:
		return compareOp[int8](in.Op, x, y)
	case reflect.Int16:
		return compareOp[int16](in.Op, x, y)
	case reflect.Int32:
		return compareOp[int32](in.Op, x, y)
	case reflect.Int64:
		return compareOp[int64](in.Op, x, y)
	case reflect.Uint:
		return compareOp[uint](in.Op, x, y)
	case reflect.Uint8:
		return compareOp[uint8](in.Op, x, y)
	case reflect.Uint16:
		return compareOp[uint16](in.Op, x, y)
	case reflect.Uint32:
		return compareOp[uint32](in.Op, x, y)
	case reflect.Uint64:
		return compareOp[uint64](in.Op, x, y)
	case reflect.Uintptr:
		return compareOp[uintptr](in.Op, x, y)
	case reflect.Float32:
		return compareOp[float32](in.Op, x, y)
	case reflect.Float64:
		return compareOp[float64](in.Op, x, y)
	case reflect.String:
		return compareOp[string](in.Op, x, y)
	case reflect.Complex64:
		test = equalOp[complex64](x, y)
	case reflect.Complex128:
		test = equalOp[complex128](x, y)
	case reflect.Bool:
		test = equalOp[bool](x, y)
	case reflect.Slice:
		// One of them is nil.
		test = func(fr ptr) bool { return *(*ptr)(at(fr, x)) == nil && *(*ptr)(at(fr, y)) == nil }
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func:
		test = equalOp[ptr](x, y)
	case reflect.Interface:
		test = k.compareInterfaces(in, x, y)
	default:
		w := rtype.TypeWord(t)
		direct := rtype.IsDirectIface(w)
		test = func(fr ptr) bool {
			return boxed(w, at(fr, x), direct) == boxed(w, at(fr, y), direct)
		}
	}
	switch in.Op {
	case token.EQL:
		return test
	case token.NEQ:
		return func(fr ptr) bool { return !test(fr) }
	}
	panic(fmt.Errorf("exec: %s: no operator %s for %s", k.fn, in.Op, in.X.Type()))
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// iface is the memory of an interface value: a type word or an itab, and the
// data word.
type iface struct{ tab, data ptr }

// boxed returns an interface that holds the value of type word w at p, without
// copying it. It must not outlive p's content.
func boxed(w, p ptr, direct bool) any {
	if direct {
		p = *(*ptr)(p)
	}
	i := iface{w, p}
	return *(*any)(unsafe.Pointer(&i))
}

// eface returns the interface value at p, of an interface type with methods or
// without, as an any.
func eface(p ptr, methods bool) any {
	if !methods {
		return *(*any)(p)
	}
	i := *(*iface)(p)
	if i.tab != nil {
		i.tab = rtype.ItabType(i.tab)
	}
	return *(*any)(unsafe.Pointer(&i))
}

// hasMethods tells whether t is an interface type with methods, whose values
// have an itab.
func hasMethods(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

func (k *compiler) compareInterfaces(in *ssa.BinOp, x, y uintptr) func(fr ptr) bool {
	if isNil(in.Y) {
		return func(fr ptr) bool { return *(*ptr)(at(fr, x)) == nil }
	}
	if isNil(in.X) {
		return func(fr ptr) bool { return *(*ptr)(at(fr, y)) == nil }
	}
	mx, my := hasMethods(in.X.Type()), hasMethods(in.Y.Type())
	return func(fr ptr) bool { return eface(at(fr, x), mx) == eface(at(fr, y), my) }
}

func compareOp[T ordered](o token.Token, x, y uintptr) func(fr ptr) bool {
	switch o {
	case token.EQL:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) == *(*T)(unsafe.Add(fr, y)) }
	case token.NEQ:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) != *(*T)(unsafe.Add(fr, y)) }
	case token.LSS:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) < *(*T)(unsafe.Add(fr, y)) }
	case token.LEQ:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) <= *(*T)(unsafe.Add(fr, y)) }
	case token.GTR:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) > *(*T)(unsafe.Add(fr, y)) }
	case token.GEQ:
		return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) >= *(*T)(unsafe.Add(fr, y)) }
	}
	panic(fmt.Errorf("exec: %s is no comparison", o))
}

func equalOp[T comparable](x, y uintptr) func(fr ptr) bool {
	return func(fr ptr) bool { return *(*T)(unsafe.Add(fr, x)) == *(*T)(unsafe.Add(fr, y)) }
}
