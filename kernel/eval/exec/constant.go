package exec

// This file gives constants, functions and the addresses of package variables
// their slots.

import (
	"fmt"
	"go/constant"
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// constKey identifies equal constants of one function.
type constKey struct {
	typ reflect.Type
	val string
}

// constant gives v, which is no register, a slot that is filled when a frame is
// allocated.
func (k *compiler) constant(v ssa.Value) {
	if k.regs[v] != nil {
		return
	}
	t := k.typ(v)
	r := &reg{typ: t, konst: true}
	var fill func(dst ptr)
	switch v := v.(type) {
	case *ssa.Const:
		key := constKey{t, "0"}
		if v.Value != nil {
			key.val = v.Value.ExactString()
		}
		if old := k.consts[key]; old != nil {
			k.regs[v] = old
			return
		}
		k.consts[key] = r
		fill = constantFill(v, t)
	case *ssa.Function:
		f := k.function(v)
		fill = func(dst ptr) { *(*ptr)(dst) = f.word() }
	case *ssa.Global:
		p := k.m.global(v)
		fill = func(dst ptr) { *(*ptr)(dst) = p }
	}
	k.regs[v] = r
	k.layout.addConst(ptrWords(nil, t), fill, func(off uintptr) { r.off = off })
}

// constantFill returns a function that stores the constant c of type t.
func constantFill(c *ssa.Const, t reflect.Type) func(dst ptr) {
	if c.Value == nil {
		return func(ptr) {} // the zero value
	}
	v := c.Value
	switch t.Kind() {
	case reflect.Bool:
		x := constant.BoolVal(v)
		return func(dst ptr) { *(*bool)(dst) = x }
	case reflect.String:
		x := constant.StringVal(v)
		if v.Kind() == constant.Int {
			x = runeString(uint64(c.Int64()), true)
		}
		return func(dst ptr) { *(*string)(dst) = x }
	case reflect.Float32:
		x, _ := constant.Float32Val(constant.ToFloat(v))
		return func(dst ptr) { *(*float32)(dst) = x }
	case reflect.Float64:
		x, _ := constant.Float64Val(constant.ToFloat(v))
		return func(dst ptr) { *(*float64)(dst) = x }
	case reflect.Complex64:
		x := complex64(complexVal(v))
		return func(dst ptr) { *(*complex64)(dst) = x }
	case reflect.Complex128:
		x := complexVal(v)
		return func(dst ptr) { *(*complex128)(dst) = x }
	case reflect.UnsafePointer:
		x := uintptr(c.Uint64())
		return func(dst ptr) { *(*uintptr)(dst) = x }
	}
	v = constant.ToInt(v)
	x, ok := constant.Uint64Val(v)
	if !ok {
		i, _ := constant.Int64Val(v)
		x = uint64(i)
	}
	switch t.Size() {
	case 1:
		return func(dst ptr) { *(*uint8)(dst) = uint8(x) }
	case 2:
		return func(dst ptr) { *(*uint16)(dst) = uint16(x) }
	case 4:
		return func(dst ptr) { *(*uint32)(dst) = uint32(x) }
	case 8:
		return func(dst ptr) { *(*uint64)(dst) = x }
	}
	panic(fmt.Errorf("exec: constant %s of type %s", c, t))
}

func complexVal(v constant.Value) complex128 {
	v = constant.ToComplex(v)
	re, _ := constant.Float64Val(constant.Real(v))
	im, _ := constant.Float64Val(constant.Imag(v))
	return complex(re, im)
}
