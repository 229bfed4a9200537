package exec

// This file lowers conversions between types of different representation.

import (
	"fmt"
	"go/types"
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// convert lowers a conversion of x to type to.
func (k *compiler) convert(in, x ssa.Value, to types.Type) op {
	d, s := k.off(in), k.off(x)
	ft, tt := k.typ(x), k.m.TypeOf(to)
	fk, tk := ft.Kind(), tt.Kind()
	switch {
	case tk == reflect.String && fk == reflect.Slice:
		if ft.Elem().Kind() == reflect.Uint8 {
			return func(fr ptr) { *(*string)(at(fr, d)) = string(*(*[]byte)(at(fr, s))) }
		}
		return func(fr ptr) { *(*string)(at(fr, d)) = string(*(*[]rune)(at(fr, s))) }
	case tk == reflect.Slice && fk == reflect.String:
		if tt.Elem().Kind() == reflect.Uint8 {
			return func(fr ptr) { *(*[]byte)(at(fr, d)) = []byte(*(*string)(at(fr, s))) }
		}
		return func(fr ptr) { *(*[]rune)(at(fr, d)) = []rune(*(*string)(at(fr, s))) }
	case tk == reflect.String && fk != reflect.String:
		read, signed := k.intReader(x)
		return func(fr ptr) { *(*string)(at(fr, d)) = runeString(read(fr), signed) }
	case tk == reflect.UnsafePointer && fk == reflect.Uintptr:
		return func(fr ptr) { *(*ptr)(at(fr, d)) = *(*ptr)(at(fr, s)) }
	case tk == reflect.Uintptr && fk == reflect.UnsafePointer:
		return func(fr ptr) { *(*uintptr)(at(fr, d)) = *(*uintptr)(at(fr, s)) }
	case tk == fk && (classOf(ft) != classOther || !isNumber(fk)):
		return move(tt, d, s)
	case tk == reflect.UnsafePointer && fk == reflect.Pointer, tk == reflect.Pointer && fk == reflect.UnsafePointer:
		return move(tt, d, s)
	}
	if o := convertFrom(fk, tk, d, s); o != nil {
		return o
	}
	panic(fmt.Errorf("exec: %s: no conversion of %s to %s", k.fn, x.Type(), to))
}

func isNumber(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Complex128 }

// runeString is string(rune) for any integer.
func runeString(v uint64, signed bool) string {
	if v > unicodeMax || signed && int64(v) < 0 {
		return "\uFFFD"
	}
	return string(rune(v))
}

const unicodeMax = 0x10FFFF

func convertFrom(from, to reflect.Kind, d, s uintptr) op {
	switch from {
	case reflect.Int:
		return convertReal[int](to, d, s)
	case reflect.Int8:
		return convertReal[int8](to, d, s)
	case reflect.Int16:
		return convertReal[int16](to, d, s)
	case reflect.Int32:
		return convertReal[int32](to, d, s)
	case reflect.Int64:
		return convertReal[int64](to, d, s)
	case reflect.Uint:
		return convertReal[uint](to, d, s)
	case reflect.Uint8:
		return convertReal[uint8](to, d, s)
	case reflect.Uint16:
		return convertReal[uint16](to, d, s)
	case reflect.Uint32:
		return convertReal[uint32](to, d, s)
	case reflect.Uint64:
		return convertReal[uint64](to, d, s)
	case reflect.Uintptr:
		return convertReal[uintptr](to, d, s)
	case reflect.Float32:
		return convertReal[float32](to, d, s)
	case reflect.Float64:
		return convertReal[float64](to, d, s)
	case reflect.Complex64:
		return convertComplex[complex64](to, d, s)
	case reflect.Complex128:
		return convertComplex[complex128](to, d, s)
	}
	return nil
}

func convertReal[F integer | float](to reflect.Kind, d, s uintptr) op {
	switch to {
	case reflect.Int:
		return convertOp[F, int](d, s)
	case reflect.Int8:
		return convertOp[F, int8](d, s)
	case reflect.Int16:
		return convertOp[F, int16](d, s)
	case reflect.Int32:
		return convertOp[F, int32](d, s)
	case reflect.Int64:
		return convertOp[F, int64](d, s)
	case reflect.Uint:
		return convertOp[F, uint](d, s)
	case reflect.Uint8:
		return convertOp[F, uint8](d, s)
	case reflect.Uint16:
		return convertOp[F, uint16](d, s)
	case reflect.Uint32:
		return convertOp[F, uint32](d, s)
	case reflect.Uint64:
		return convertOp[F, uint64](d, s)
	case reflect.Uintptr:
		return convertOp[F, uintptr](d, s)
	case reflect.Float32:
		return convertOp[F, float32](d, s)
	case reflect.Float64:
		return convertOp[F, float64](d, s)
	}
	return nil
}

func convertOp[F, T integer | float](d, s uintptr) op {
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = T(*(*F)(unsafe.Add(fr, s))) }
}

func convertComplex[F complx](to reflect.Kind, d, s uintptr) op {
	switch to {
	case reflect.Complex64:
		return func(fr ptr) { *(*complex64)(unsafe.Add(fr, d)) = complex64(*(*F)(unsafe.Add(fr, s))) }
	case reflect.Complex128:
		return func(fr ptr) { *(*complex128)(unsafe.Add(fr, d)) = complex128(*(*F)(unsafe.Add(fr, s))) }
	}
	return nil
}

// sliceToArrayPointer lowers the conversion of a slice to a pointer to an array.
func (k *compiler) sliceToArrayPointer(in *ssa.SliceToArrayPointer) op {
	d, s := k.off(in), k.off(in.X)
	n := k.typ(in).Elem().Len()
	return func(fr ptr) {
		h := (*sliceHeader)(at(fr, s))
		if h.len < n {
			boundsPanic(boundsConvert, uint64(n), true, h.len)
		}
		*(*ptr)(at(fr, d)) = h.ptr
	}
}

// bound is an index of a slice expression.
type bound struct {
	read   func(fr ptr) uint64 // nil if it is left out
	signed bool
}

// value returns the bound's value, which is otherwise if it is left out.
func (b *bound) value(fr ptr, otherwise int) uint64 {
	if b.read == nil {
		return uint64(otherwise)
	}
	return b.read(fr)
}

// slice lowers X[low:high:max].
func (k *compiler) slice(in *ssa.Slice) op {
	d, x := k.off(in), k.off(in.X)
	var b [3]bound
	for i, v := range []ssa.Value{in.Low, in.High, in.Max} {
		if v != nil {
			b[i].read, b[i].signed = k.intReader(v)
		}
	}
	t := k.typ(in.X)
	switch t.Kind() {
	case reflect.String:
		return func(fr ptr) {
			s := *(*string)(at(fr, x))
			lo, hi := b[0].value(fr, 0), b[1].value(fr, len(s))
			if hi > uint64(len(s)) {
				boundsPanic(boundsSliceLen, hi, b[1].signed, len(s))
			}
			if lo > hi {
				boundsPanic(boundsSlice, lo, b[0].signed, int(hi))
			}
			*(*string)(at(fr, d)) = s[lo:hi]
		}
	case reflect.Slice:
		size := t.Elem().Size()
		return func(fr ptr) {
			*(*sliceHeader)(at(fr, d)) = reslice(fr, *(*sliceHeader)(at(fr, x)), size, &b, boundsSliceCap, boundsSlice3Cap)
		}
	case reflect.Pointer:
		n, size := t.Elem().Len(), t.Elem().Elem().Size()
		if a, ok := in.X.(*ssa.Alloc); ok && a.Comment == "makeslice" {
			return func(fr ptr) { // make with a constant capacity
				l := b[1].value(fr, n)
				if l > uint64(n) {
					if int64(l) < 0 || size > 0 && l > maxAlloc/uint64(size) {
						makeLenPanic()
					}
					makeCapPanic()
				}
				*(*sliceHeader)(at(fr, d)) = sliceHeader{*(*ptr)(at(fr, x)), int(l), n}
			}
		}
		return func(fr ptr) {
			p := *(*ptr)(at(fr, x))
			if p == nil {
				nilPanic()
			}
			*(*sliceHeader)(at(fr, d)) = reslice(fr, sliceHeader{p, n, n}, size, &b, boundsSliceLen, boundsSlice3Len)
		}
	}
	panic(fmt.Errorf("exec: %s: slice of %s", k.fn, in.X.Type()))
}

// reslice returns h[low:high:max] of the bounds b. beyond and beyond3 are the
// errors of a last bound that is beyond the capacity.
func reslice(fr ptr, h sliceHeader, size uintptr, b *[3]bound, beyond, beyond3 boundsKind) sliceHeader {
	lo, hi := b[0].value(fr, 0), b[1].value(fr, h.len)
	limit := uint64(h.cap)
	if b[2].read != nil {
		limit = b[2].read(fr)
		if limit > uint64(h.cap) {
			boundsPanic(beyond3, limit, b[2].signed, h.cap)
		}
		if hi > limit {
			boundsPanic(boundsSlice3High, hi, b[1].signed, int(limit))
		}
		if lo > hi {
			boundsPanic(boundsSlice3Low, lo, b[0].signed, int(hi))
		}
	} else {
		if hi > limit {
			boundsPanic(beyond, hi, b[1].signed, h.cap)
		}
		if lo > hi {
			boundsPanic(boundsSlice, lo, b[0].signed, int(hi))
		}
	}
	if limit > lo { // else the pointer would leave the array
		h.ptr = unsafe.Add(h.ptr, uintptr(lo)*size)
	}
	h.len, h.cap = int(hi-lo), int(limit-lo)
	return h
}

// makeSlice lowers make([]T, len, cap).
func (k *compiler) makeSlice(in *ssa.MakeSlice) op {
	d := k.off(in)
	t := k.typ(in).Elem()
	w, size := rtype.TypeWord(t), t.Size()
	length, lsigned := k.intReader(in.Len)
	capacity, csigned := k.intReader(in.Cap)
	return func(fr ptr) {
		n, c := length(fr), capacity(fr)
		if !lsigned && int64(n) < 0 {
			n = 1<<63 - 1
		}
		if !csigned && int64(c) < 0 {
			c = 1<<63 - 1
		}
		h := sliceHeader{len: int(n), cap: int(c)}
		if h.len < 0 || size > 0 && uint64(h.len) > maxAlloc/uint64(size) {
			makeLenPanic()
		}
		if h.cap < h.len || size > 0 && uint64(h.cap) > maxAlloc/uint64(size) {
			makeCapPanic()
		}
		k.m.mayAllocateArray(uint64(h.cap), size)
		h.ptr = rtype.NewArray(w, h.cap)
		*(*sliceHeader)(at(fr, d)) = h
	}
}

// maxAlloc is beyond what any machine has.
const maxAlloc = 1 << 47

// makeLenPanic panics as make does with a length that is out of range.
func makeLenPanic() { escape(make([]byte, minusOne())) }

// makeCapPanic panics as make does with a capacity that is out of range.
func makeCapPanic() { escape(make([]byte, 0, minusOne())) }

// minusOne and escape keep the compiler from knowing what is made: it would
// make it on the stack, where make panics with other words.
//
//go:noinline
func minusOne() int { return -1 }

//go:noinline
func escape(b []byte) []byte { return append(b, 0) }
