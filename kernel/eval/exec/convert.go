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
	small := reflect.ArrayOf(n, reflect.TypeFor[struct{}]())
	return func(fr ptr) {
		h := (*sliceHeader)(at(fr, s))
		if h.len < n {
			// The genuine panic, from a slice of the same length without bytes.
			reflect.ValueOf(unsafe.Slice((*struct{})(unsafe.Pointer(&zeroBase)), h.len)).Convert(reflect.PointerTo(small))
		}
		*(*ptr)(at(fr, d)) = h.ptr
	}
}

// slice lowers X[low:high:max]. The bounds are checked by slicing a slice of
// the same length whose elements have no bytes.
func (k *compiler) slice(in *ssa.Slice) op {
	d, x := k.off(in), k.off(in.X)
	bound := func(v ssa.Value) func(fr ptr) int {
		if v == nil {
			return nil
		}
		read, signed := k.intReader(v)
		return func(fr ptr) int {
			n := read(fr)
			if !signed && int64(n) < 0 {
				n = 1<<63 - 1 // beyond any length, as it was
			}
			return int(n)
		}
	}
	low, high, limit := bound(in.Low), bound(in.High), bound(in.Max)
	t := k.typ(in.X)
	switch t.Kind() {
	case reflect.String:
		return func(fr ptr) {
			s := *(*string)(at(fr, x))
			lo, hi := 0, len(s)
			if low != nil {
				lo = low(fr)
			}
			if high != nil {
				hi = high(fr)
			}
			*(*string)(at(fr, d)) = s[lo:hi]
		}
	case reflect.Slice:
		size := t.Elem().Size()
		return func(fr ptr) {
			h := *(*sliceHeader)(at(fr, x))
			*(*sliceHeader)(at(fr, d)) = reslice(fr, h, size, low, high, limit)
		}
	case reflect.Pointer:
		n, size := t.Elem().Len(), t.Elem().Elem().Size()
		return func(fr ptr) {
			p := *(*ptr)(at(fr, x))
			if p == nil {
				nilPanic()
			}
			if low == nil && high == nil && limit == nil {
				*(*sliceHeader)(at(fr, d)) = sliceHeader{p, n, n}
				return
			}
			*(*sliceHeader)(at(fr, d)) = reslice(fr, sliceHeader{p, n, n}, size, low, high, limit)
		}
	}
	panic(fmt.Errorf("exec: %s: slice of %s", k.fn, in.X.Type()))
}

func reslice(fr ptr, h sliceHeader, size uintptr, low, high, limit func(fr ptr) int) sliceHeader {
	z := unsafe.Slice((*struct{})(unsafe.Pointer(&zeroBase)), h.cap)[:h.len]
	lo, hi := 0, h.len
	if low != nil {
		lo = low(fr)
	}
	if high != nil {
		hi = high(fr)
	}
	if limit != nil {
		z = z[lo:hi:limit(fr)]
	} else {
		z = z[lo:hi]
	}
	if cap(z) > 0 {
		h.ptr = unsafe.Add(h.ptr, uintptr(lo)*size)
	}
	h.len, h.cap = len(z), cap(z)
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
			makeLenPanic(h.len)
		}
		if h.cap < h.len || size > 0 && uint64(h.cap) > maxAlloc/uint64(size) {
			makeCapPanic(h.len, h.cap)
		}
		head(fr).g.m.mayAllocate(uint64(h.cap) * uint64(size))
		h.ptr = rtype.NewArray(w, h.cap)
		*(*sliceHeader)(at(fr, d)) = h
	}
}

// maxAlloc is beyond what any machine has.
const maxAlloc = 1 << 47

// makeLenPanic panics as make does with such a length.
func makeLenPanic(n int) {
	if n >= 0 {
		n = -1
	}
	_ = make([]byte, n)
}

func makeCapPanic(n, c int) {
	if c >= n {
		c = -1
		n = 0
	}
	_ = make([]byte, n, c)
}
