package rtype

// This file tells which registers the gc compiler passes values in.

import "reflect"

// Word is a part of a value that travels in a register of its own.
type Word struct {
	Offset uintptr // within the value
	Size   uint8   // in bytes
	Float  bool    // travels in a floating-point register
	Ptr    bool    // is a pointer into the heap
}

// Words appends to words the parts of a value of type t, from the given offset, in
// the order in which the compiler's internal calling convention gives them
// registers. ok is false if values of the type travel in memory. It is the algorithm
// of the register assignment in the document on the internal ABI of Go
// (cmd/compile/abi-internal.md), for 64-bit words.
func Words(words []Word, t reflect.Type, offset uintptr) (_ []Word, ok bool) {
	add := func(size uintptr, float, ptr bool) {
		words = append(words, Word{offset, uint8(size), float, ptr})
		offset += size
	}
	switch t.Kind() {
	case reflect.UnsafePointer, reflect.Pointer, reflect.Chan, reflect.Map, reflect.Func:
		add(wordSize, false, true)
	case reflect.Float32, reflect.Float64:
		add(t.Size(), true, false)
	case reflect.Complex64, reflect.Complex128:
		add(t.Size()/2, true, false)
		add(t.Size()/2, true, false)
	case reflect.String:
		add(wordSize, false, true)
		add(wordSize, false, false)
	case reflect.Interface:
		add(wordSize, false, false) // types and itabs are not in the heap
		add(wordSize, false, true)
	case reflect.Slice:
		add(wordSize, false, true)
		add(wordSize, false, false)
		add(wordSize, false, false)
	case reflect.Array:
		switch t.Len() {
		case 0:
		case 1:
			return Words(words, t.Elem(), offset)
		default:
			return words, false
		}
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if words, ok = Words(words, f.Type, offset+f.Offset); !ok {
				return words, false
			}
		}
	default:
		add(t.Size(), false, false)
	}
	return words, true
}
