package rtype

// This file gives access to types, interfaces and memory by their words, for
// code that cannot afford package reflect.

import (
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

// TypeWord returns the word by which the runtime knows t: what an interface
// value without methods holds beside its data.
func TypeWord(t reflect.Type) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1] }

// TypeOfWord returns the type that w stands for.
func TypeOfWord(w unsafe.Pointer) reflect.Type { return toType(w) }

// itab is what an interface value with methods holds beside its data.
type itab struct {
	inter unsafe.Pointer
	typ   unsafe.Pointer
	hash  uint32
	_     [4]byte
	fun   [1]unsafe.Pointer // as many as the interface has methods
}

// ItabType returns the word of the concrete type of an itab.
func ItabType(tab unsafe.Pointer) unsafe.Pointer { return (*itab)(tab).typ }

// ItabFun returns the code of the i-th method of an itab's interface.
func ItabFun(tab unsafe.Pointer, i int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(&(*itab)(tab).fun), uintptr(i)*unsafe.Sizeof(uintptr(0))))
}

//go:linkname getitab runtime.getitab
func getitab(inter, typ unsafe.Pointer, canfail bool) unsafe.Pointer

// Itab returns the itab for a concrete type in an interface type that has
// methods; ok is false if the type lacks one of them.
func Itab(iface, concrete unsafe.Pointer) (tab unsafe.Pointer, ok bool) {
	tab = getitab(iface, concrete, true)
	if tab == nil && grewMethods(concrete) {
		// The runtime remembers that the type lacked a method. It looks again
		// only on its way to the panic of a failed conversion.
		func() {
			defer func() { recover() }()
			getitab(iface, concrete, false)
		}()
		tab = getitab(iface, concrete, true)
	}
	return tab, tab != nil
}

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

var frames struct {
	sync.Mutex
	types map[string]unsafe.Pointer
}

// FrameType returns the word of a type that has as many words as pointers, of
// which those that are true are pointers. It is for allocation alone.
func FrameType(pointers []bool) unsafe.Pointer {
	var b strings.Builder
	for _, p := range pointers {
		if p {
			b.WriteByte('p')
		} else {
			b.WriteByte('.')
		}
	}
	key := b.String()
	frames.Lock()
	defer frames.Unlock()
	if w, ok := frames.types[key]; ok {
		return w
	}
	if frames.types == nil {
		frames.types = make(map[string]unsafe.Pointer)
	}
	mask := make([]byte, (len(pointers)/8/8+1)*8)
	last := 0
	for i, p := range pointers {
		if p {
			mask[i/8] |= 1 << (i % 8)
			last = i + 1
		}
	}
	t := (*typ)(alloc(kindSize(reflect.Struct)))
	*t = typ{
		size: uintptr(len(pointers)) * wordSize, ptrBytes: uintptr(last) * wordSize,
		align: uint8(wordSize), fieldAlign: uint8(wordSize), kind: uint8(reflect.Struct),
		gcData: &keep(mask)[0], str: nameOff("*struct {}", false), flag: flagExtraStar,
		hash: uint32(len(frames.types)),
	}
	frames.types[key] = unsafe.Pointer(t)
	return unsafe.Pointer(t)
}

const wordSize = unsafe.Sizeof(uintptr(0))

// makeFunc mirrors what a func value made by reflect.MakeFunc points to.
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

func noResult([]reflect.Value) []reflect.Value { return nil }

// funcWord returns the word of a func value.
func funcWord(fn reflect.Value) unsafe.Pointer {
	v := fn.Interface()
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
}

// MakeFuncFn returns the word of the function that was given to
// reflect.MakeFunc to make the func value with the word fn, which is not nil;
// ok is false if it was not made that way.
func MakeFuncFn(fn unsafe.Pointer) (word unsafe.Pointer, ok bool) {
	m := (*makeFunc)(fn)
	if m.code != makeFuncCode {
		return nil, false
	}
	return m.fn, true
}
