package exec

// This file makes the run-time errors of indexes and slice bounds, which only
// the runtime can make: it takes a genuine one and changes its numbers.

import (
	"reflect"
	"unsafe"
)

// boundsKind is a kind of error of bounds.
type boundsKind int

const (
	boundsIndex      boundsKind = iota // s[x] with length y
	boundsSliceLen                     // s[:x] of an array or a string with length y
	boundsSliceCap                     // s[:x] with capacity y
	boundsSlice                        // s[x:y]
	boundsSlice3Len                    // s[::x] of an array with length y
	boundsSlice3Cap                    // s[::x] with capacity y
	boundsSlice3High                   // s[:x:y]
	boundsSlice3Low                    // s[x:y:]
	boundsConvert                      // a slice with length y to an array with length x
)

// provoke runs code that panics with an error of the kind.
func (k boundsKind) provoke(s []int, str string, n int) {
	switch k {
	case boundsIndex:
		_ = s[n]
	case boundsSliceLen:
		_ = str[:n]
	case boundsSliceCap:
		_ = s[:n]
	case boundsSlice:
		_ = s[n:0]
	case boundsSlice3Len:
		_ = (&[1]int{})[:0:n]
	case boundsSlice3Cap:
		_ = s[:0:n]
	case boundsSlice3High:
		_ = s[:n:0]
	case boundsSlice3Low:
		_ = s[n:0:0]
	case boundsConvert:
		_ = [5]int(s)
	}
}

// boundsPanic panics with the error of the kind and the numbers. x is signed, or
// the bits of a number that is not.
//
//go:noinline
func boundsPanic(k boundsKind, x uint64, signed bool, y int) {
	defer func() {
		err := recover()
		t := reflect.TypeOf(err)
		fx, okx := t.FieldByName("x")
		fy, oky := t.FieldByName("y")
		fs, oks := t.FieldByName("signed")
		if okx && oky && oks {
			v := reflect.New(t)
			v.Elem().Set(reflect.ValueOf(err))
			p := v.UnsafePointer()
			*(*uint64)(unsafe.Add(p, fx.Offset)) = x
			*(*int)(unsafe.Add(p, fy.Offset)) = y
			*(*bool)(unsafe.Add(p, fs.Offset)) = signed
			err = v.Elem().Interface()
		}
		panic(err)
	}()
	k.provoke(nil, "", 2)
}
