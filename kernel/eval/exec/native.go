package exec

// This file calls compiled functions.

import (
	"fmt"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// native is a compiled function; a method takes its receiver first.
type native struct {
	fn   reflect.Value
	typ  reflect.Type
	word ptr // the func value

	first   passed // the first parameter
	inWords bool   // it travels in registers
}

func newNative(fn reflect.Value) *native {
	v := fn.Interface()
	n := &native{fn: fn, typ: fn.Type(), word: (*iface)(unsafe.Pointer(&v)).data}
	n.inWords = n.typ.NumIn() > 0 && n.first.add(n.typ.In(0), 0)
	return n
}

// Bind makes impl, a func of fn's type, what runs when code calls fn, which has
// no body.
func (m *Machine) Bind(fn *ssa.Function, impl any) {
	m.Func(fn).native.Store(newNative(reflect.ValueOf(impl)))
}

// bindNative finds the compiled function of f; nil if there is none.
func (f *Func) bindNative() *native {
	fn := f.fn
	recv := fn.Signature.Recv()
	if o := fn.Origin(); o != nil && o != fn && recv == nil && o.Object() != nil && o.Object().Pkg() != nil {
		if v := f.m.natives.Func(o.Object().Pkg().Path(), fn.Name()); v.IsValid() {
			return newNative(v)
		}
		return nil
	}
	if fn.Blocks != nil && fn.Synthetic != "" {
		return nil // a wrapper, an instance of a method, an initializer
	}
	if fn.Pkg == nil && fn.Object() == nil {
		return nil
	}
	if recv != nil {
		if fn.Blocks != nil && f.m.types.interpreted(recv.Type()) {
			return nil
		}
		if m := f.m.nativeMethod(f.m.TypeOf(recv.Type()), fn.Name()); m.IsValid() {
			return newNative(m)
		}
		return nil
	}
	if fn.Parent() != nil {
		return nil
	}
	if fn.Blocks == nil && fn.Synthetic == "package initializer" {
		return newNative(reflect.ValueOf(func() {}))
	}
	obj := fn.Object()
	if obj == nil || obj.Pkg() == nil {
		return nil
	}
	if v := f.m.replacement(obj.Pkg().Path(), fn.Name()); v.IsValid() {
		return newNative(v)
	}
	return nil
}

// nativeMethod returns the method of a compiled type, with the receiver first;
// natives may have another one than the type, under the name "(*Type).Name" or
// "(Type).Name".
func (m *Machine) nativeMethod(t reflect.Type, name string) reflect.Value {
	named, star := t, ""
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		named, star = t.Elem(), "*"
	}
	if named.Name() != "" {
		if v := m.replacement(named.PkgPath(), "("+star+named.Name()+")."+name); v.IsValid() {
			return v
		}
	}
	meth, _ := t.MethodByName(name)
	return meth.Func
}

// lazyNative returns a call of a function without a body, which is bound when
// it is first called.
func (s *site) lazyNative(f *Func) op {
	if n := f.bound(); n != nil {
		if o := s.fast(n); o != nil {
			return o
		}
		return func(fr ptr) { n.call(fr, s) }
	}
	return func(fr ptr) {
		if f.next.Load() != nil {
			s.enter(fr, f.target(), nil)
			return
		}
		if f.compiled() != nil {
			s.enter(fr, f, nil)
			return
		}
		f.native.Load().call(fr, s)
	}
}

// bound returns f's compiled function if there is one.
func (f *Func) bound() *native {
	if n := f.native.Load(); n != nil {
		return n
	}
	if n := f.bindNative(); n != nil {
		f.native.CompareAndSwap(nil, n)
		return f.native.Load()
	}
	return nil
}

// arguments returns the arguments of a call as reflect sees them. They share
// the memory of the frame.
func (n *native) arguments(fr ptr, s *site, recv ptr) []reflect.Value {
	args := make([]reflect.Value, 0, len(s.args)+1)
	if recv != nil {
		args = append(args, reflect.NewAt(n.typ.In(0), recv).Elem())
	}
	for i := range s.args {
		args = append(args, reflect.NewAt(n.typ.In(len(args)), at(fr, s.args[i].off)).Elem())
	}
	return args
}

// run calls the function.
func (n *native) run(args []reflect.Value) []reflect.Value {
	if n.typ.IsVariadic() {
		return n.fn.CallSlice(args)
	}
	return n.fn.Call(args)
}

func (n *native) call(fr ptr, s *site) { n.callMethod(fr, s, nil) }

// callMethod calls the function with the receiver at recv, if that is not nil.
func (n *native) callMethod(fr ptr, s *site, recv ptr) {
	receivers := b2i(recv != nil)
	if len(s.args)+receivers != n.typ.NumIn() {
		panic(fmt.Errorf("exec: %s called with %d arguments", n.typ, len(s.args)))
	}
	if l := s.linkTo(n.typ, receivers); (recv == nil || n.inWords) && l.direct(fr, n.word, recv, &n.first) {
		return
	}
	out := n.run(n.arguments(fr, s, recv))
	for i, d := range s.results {
		reflect.NewAt(n.typ.Out(i), at(fr, d)).Elem().Set(out[i])
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fast returns a direct call of a function with a common signature, or nil.
func (s *site) fast(n *native) op {
	if len(s.results) != 1 {
		return nil
	}
	d := s.results[0]
	switch f := n.fn.Interface().(type) {
	case func(float64) float64:
		x := s.args[0].off
		return func(fr ptr) { *(*float64)(unsafe.Add(fr, d)) = f(*(*float64)(unsafe.Add(fr, x))) }
	case func(float64, float64) float64:
		x, y := s.args[0].off, s.args[1].off
		return func(fr ptr) {
			*(*float64)(unsafe.Add(fr, d)) = f(*(*float64)(unsafe.Add(fr, x)), *(*float64)(unsafe.Add(fr, y)))
		}
	}
	return nil
}
