package exec

// This file lowers arithmetic, shifts and negation.

import (
	"fmt"
	"go/token"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

type (
	integer interface {
		~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
	}
	float   interface{ ~float32 | ~float64 }
	complx  interface{ ~complex64 | ~complex128 }
	number  interface{ integer | float | complx }
	ordered interface{ integer | float | ~string }
)

// binOp lowers operators with two operands.
func (k *compiler) binOp(in *ssa.BinOp) op {
	d := k.off(in)
	switch in.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		test := k.comparison(in)
		return func(fr ptr) { *(*bool)(at(fr, d)) = test(fr) }
	case token.SHL, token.SHR:
		return k.shift(in)
	}
	x, y := k.off(in.X), k.off(in.Y)
	var o op
	switch k.typ(in).Kind() {
	case reflect.Int:
		o = integerOp[int](in.Op, d, x, y)
	case reflect.Int8:
		o = integerOp[int8](in.Op, d, x, y)
	case reflect.Int16:
		o = integerOp[int16](in.Op, d, x, y)
	case reflect.Int32:
		o = integerOp[int32](in.Op, d, x, y)
	case reflect.Int64:
		o = integerOp[int64](in.Op, d, x, y)
	case reflect.Uint:
		o = integerOp[uint](in.Op, d, x, y)
	case reflect.Uint8:
		o = integerOp[uint8](in.Op, d, x, y)
	case reflect.Uint16:
		o = integerOp[uint16](in.Op, d, x, y)
	case reflect.Uint32:
		o = integerOp[uint32](in.Op, d, x, y)
	case reflect.Uint64:
		o = integerOp[uint64](in.Op, d, x, y)
	case reflect.Uintptr:
		o = integerOp[uintptr](in.Op, d, x, y)
	case reflect.Float32:
		o = numberOp[float32](in.Op, d, x, y)
	case reflect.Float64:
		o = numberOp[float64](in.Op, d, x, y)
	case reflect.Complex64:
		o = numberOp[complex64](in.Op, d, x, y)
	case reflect.Complex128:
		o = numberOp[complex128](in.Op, d, x, y)
	case reflect.String:
		o = func(fr ptr) {
			a, b := *(*string)(at(fr, x)), *(*string)(at(fr, y))
			if n := len(a) + len(b); n > large {
				k.m.mayAllocate(uint64(n))
			}
			*(*string)(at(fr, d)) = a + b
		}
	}
	if o == nil {
		panic(fmt.Errorf("exec: %s: no operator %s for %s", k.fn, in.Op, in.X.Type()))
	}
	return o
}

func numberOp[T number](o token.Token, d, x, y uintptr) op {
	switch o {
	case token.ADD:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) + *(*T)(unsafe.Add(fr, y)) }
	case token.SUB:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) - *(*T)(unsafe.Add(fr, y)) }
	case token.MUL:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) * *(*T)(unsafe.Add(fr, y)) }
	case token.QUO:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) / *(*T)(unsafe.Add(fr, y)) }
	}
	return nil
}

func integerOp[T integer](o token.Token, d, x, y uintptr) op {
	switch o {
	case token.REM:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) % *(*T)(unsafe.Add(fr, y)) }
	case token.AND:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) & *(*T)(unsafe.Add(fr, y)) }
	case token.OR:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) | *(*T)(unsafe.Add(fr, y)) }
	case token.XOR:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) ^ *(*T)(unsafe.Add(fr, y)) }
	case token.AND_NOT:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) &^ *(*T)(unsafe.Add(fr, y)) }
	}
	return numberOp[T](o, d, x, y)
}

// shift lowers << and >>, whose right operand may have any integer type.
func (k *compiler) shift(in *ssa.BinOp) op {
	d, x := k.off(in), k.off(in.X)
	count, signed := k.intReader(in.Y)
	switch k.typ(in).Kind() {
	case reflect.Int:
		return shiftOp[int](in.Op, d, x, count, signed)
	case reflect.Int8:
		return shiftOp[int8](in.Op, d, x, count, signed)
	case reflect.Int16:
		return shiftOp[int16](in.Op, d, x, count, signed)
	case reflect.Int32:
		return shiftOp[int32](in.Op, d, x, count, signed)
	case reflect.Int64:
		return shiftOp[int64](in.Op, d, x, count, signed)
	case reflect.Uint:
		return shiftOp[uint](in.Op, d, x, count, signed)
	case reflect.Uint8:
		return shiftOp[uint8](in.Op, d, x, count, signed)
	case reflect.Uint16:
		return shiftOp[uint16](in.Op, d, x, count, signed)
	case reflect.Uint32:
		return shiftOp[uint32](in.Op, d, x, count, signed)
	case reflect.Uint64:
		return shiftOp[uint64](in.Op, d, x, count, signed)
	case reflect.Uintptr:
		return shiftOp[uintptr](in.Op, d, x, count, signed)
	}
	panic(fmt.Errorf("exec: %s: shift of %s", k.fn, in.X.Type()))
}

func shiftOp[T integer](o token.Token, d, x uintptr, count func(fr ptr) uint64, signed bool) op {
	switch {
	case o == token.SHL && signed:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) << int64(count(fr)) }
	case o == token.SHL:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) << count(fr) }
	case signed:
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) >> int64(count(fr)) }
	}
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, x)) >> count(fr) }
}

// negate lowers -x, ^x and !x.
func (k *compiler) negate(in *ssa.UnOp) op {
	d, x := k.off(in), k.off(in.X)
	if in.Op == token.NOT {
		return func(fr ptr) { *(*bool)(at(fr, d)) = !*(*bool)(at(fr, x)) }
	}
	sub := in.Op == token.SUB
	switch k.typ(in).Kind() {
	case reflect.Int:
		return negateInt[int](sub, d, x)
	case reflect.Int8:
		return negateInt[int8](sub, d, x)
	case reflect.Int16:
		return negateInt[int16](sub, d, x)
	case reflect.Int32:
		return negateInt[int32](sub, d, x)
	case reflect.Int64:
		return negateInt[int64](sub, d, x)
	case reflect.Uint:
		return negateInt[uint](sub, d, x)
	case reflect.Uint8:
		return negateInt[uint8](sub, d, x)
	case reflect.Uint16:
		return negateInt[uint16](sub, d, x)
	case reflect.Uint32:
		return negateInt[uint32](sub, d, x)
	case reflect.Uint64:
		return negateInt[uint64](sub, d, x)
	case reflect.Uintptr:
		return negateInt[uintptr](sub, d, x)
	case reflect.Float32:
		return minus[float32](d, x)
	case reflect.Float64:
		return minus[float64](d, x)
	case reflect.Complex64:
		return minus[complex64](d, x)
	case reflect.Complex128:
		return minus[complex128](d, x)
	}
	panic(fmt.Errorf("exec: %s: no operator %s for %s", k.fn, in.Op, in.X.Type()))
}

func negateInt[T integer](sub bool, d, x uintptr) op {
	if sub {
		return minus[T](d, x)
	}
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = ^*(*T)(unsafe.Add(fr, x)) }
}

func minus[T number](d, x uintptr) op {
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = -*(*T)(unsafe.Add(fr, x)) }
}
