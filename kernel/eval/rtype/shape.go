package rtype

// This file makes the code behind methods of common signatures, which costs a
// third of what reflect.MakeFunc's does.

import (
	"reflect"
	"unsafe"
)

// callFunc calls a method with the data word of its receiver.
type callFunc = func(word unsafe.Pointer, args []reflect.Value) []reflect.Value

// shaped returns a func value that takes the receiver's data word first and
// otherwise is of type t; the zero Value if t is none of the common ones.
func shaped(t reflect.Type, call callFunc) reflect.Value {
	if s, ok := shapes[t]; ok {
		return reflect.ValueOf(s(call))
	}
	return reflect.Value{}
}

// shapes are the signatures of fmt, errors, sort, container/heap, io and
// encoding.
var shapes = map[reflect.Type]func(callFunc) any{
	reflect.TypeFor[func()](): func(c callFunc) any {
		return func(w unsafe.Pointer) { c(w, nil) }
	},
	reflect.TypeFor[func() string](): func(c callFunc) any {
		return func(w unsafe.Pointer) string { return c(w, nil)[0].String() }
	},
	reflect.TypeFor[func() int](): func(c callFunc) any {
		return func(w unsafe.Pointer) int { return int(c(w, nil)[0].Int()) }
	},
	reflect.TypeFor[func() bool](): func(c callFunc) any {
		return func(w unsafe.Pointer) bool { return c(w, nil)[0].Bool() }
	},
	reflect.TypeFor[func() float64](): func(c callFunc) any {
		return func(w unsafe.Pointer) float64 { return c(w, nil)[0].Float() }
	},
	reflect.TypeFor[func() error](): func(c callFunc) any {
		return func(w unsafe.Pointer) error { return errorOf(c(w, nil)[0]) }
	},
	reflect.TypeFor[func() any](): func(c callFunc) any {
		return func(w unsafe.Pointer) any { return c(w, nil)[0].Interface() }
	},
	reflect.TypeFor[func(any)](): func(c callFunc) any {
		return func(w unsafe.Pointer, x any) { c(w, []reflect.Value{reflect.ValueOf(&x).Elem()}) }
	},
	reflect.TypeFor[func(int, int) bool](): func(c callFunc) any {
		return func(w unsafe.Pointer, i, j int) bool {
			return c(w, []reflect.Value{reflect.ValueOf(i), reflect.ValueOf(j)})[0].Bool()
		}
	},
	reflect.TypeFor[func(int, int)](): func(c callFunc) any {
		return func(w unsafe.Pointer, i, j int) { c(w, []reflect.Value{reflect.ValueOf(i), reflect.ValueOf(j)}) }
	},
	reflect.TypeFor[func(error) bool](): func(c callFunc) any {
		return func(w unsafe.Pointer, err error) bool {
			return c(w, []reflect.Value{reflect.ValueOf(&err).Elem()})[0].Bool()
		}
	},
	reflect.TypeFor[func([]byte) (int, error)](): func(c callFunc) any {
		return func(w unsafe.Pointer, p []byte) (int, error) {
			out := c(w, []reflect.Value{reflect.ValueOf(p)})
			return int(out[0].Int()), errorOf(out[1])
		}
	},
	reflect.TypeFor[func([]byte) error](): func(c callFunc) any {
		return func(w unsafe.Pointer, p []byte) error { return errorOf(c(w, []reflect.Value{reflect.ValueOf(p)})[0]) }
	},
	reflect.TypeFor[func() ([]byte, error)](): func(c callFunc) any {
		return func(w unsafe.Pointer) ([]byte, error) {
			out := c(w, nil)
			return out[0].Bytes(), errorOf(out[1])
		}
	},
}

// errorOf returns the error in v, which is of type error.
func errorOf(v reflect.Value) error {
	if v.IsNil() {
		return nil
	}
	return v.Interface().(error)
}
