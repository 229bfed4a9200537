package rtype

// This file gives access to types, func values and memory by their words, for
// code that cannot afford package reflect.

import (
	"reflect"
	"unsafe"
)

// TypeWord returns the word by which the runtime knows t: what an interface
// value without methods holds beside its data.
func TypeWord(t reflect.Type) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1] }

// TypeOfWord returns the type that w stands for.
func TypeOfWord(w unsafe.Pointer) reflect.Type { return toType(w) }

// IsDirectIface tells whether an interface holds values of the type in its data
// word itself, and not a pointer to them.
func IsDirectIface(w unsafe.Pointer) bool { return (*typ)(w).flag&flagDirectIface != 0 }

// New allocates a zero value of the type.
//
//go:linkname New reflect.unsafe_New
func New(w unsafe.Pointer) unsafe.Pointer

// NewArray allocates n zero values of the type, and panics as make does.
//
//go:linkname NewArray reflect.unsafe_NewArray
func NewArray(w unsafe.Pointer, n int) unsafe.Pointer

// TypedMemmove copies a value of the type.
//
//go:linkname TypedMemmove reflect.typedmemmove
func TypedMemmove(w, dst, src unsafe.Pointer)

// TypedMemclr clears a value of the type.
//
//go:linkname TypedMemclr reflect.typedmemclr
func TypedMemclr(w, p unsafe.Pointer)

// makeFunc mirrors what a func value made by reflect.MakeFunc points to
// (reflect.makeFuncImpl).
type makeFunc struct {
	code    uintptr
	stack   unsafe.Pointer
	argLen  uintptr
	regPtrs [2]uint8
	typ     unsafe.Pointer
	fn      unsafe.Pointer // the func that was given to MakeFunc
}

// makeFuncCode is the code of all functions that reflect.MakeFunc makes.
var makeFuncCode = *(*uintptr)(funcWord(reflect.MakeFunc(reflect.TypeFor[func()](), noResult)))

// methodValueCode is the code of all methods of values that package reflect
// makes.
var methodValueCode = *(*uintptr)(funcWord(reflect.ValueOf(reflect.ValueOf(new(compiledError)).Method(0).Interface())))

// IsThin tells whether the func value with the word fn, which is not nil, is a
// layer that package reflect or this one put over another function.
func IsThin(fn unsafe.Pointer) bool {
	code := *(*uintptr)(fn)
	return code == makeFuncCode || code == methodValueCode || isStub(code)
}

func noResult([]reflect.Value) []reflect.Value { return nil }

// funcWord returns the word of a func value.
func funcWord(fn reflect.Value) unsafe.Pointer {
	v := fn.Interface()
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
}

// codeOf returns the address of the code of a func value.
func codeOf(fn any) uintptr { return *(*uintptr)(funcWord(reflect.ValueOf(fn))) }

// MakeFuncFn returns the word of the function that was given to
// reflect.MakeFunc to make the func value with the word fn, which is not nil;
// ok is false if it was not made that way.
func MakeFuncFn(fn unsafe.Pointer) (word unsafe.Pointer, ok bool) {
	if *(*uintptr)(fn) != makeFuncCode {
		return nil, false
	}
	return (*makeFunc)(fn).fn, true
}
