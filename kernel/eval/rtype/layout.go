package rtype

// This file mirrors the runtime's types, as internal/abi declares them.

import (
	"reflect"
	"unsafe"
)

// typ is the common part of every type (abi.Type).
type typ struct {
	size       uintptr
	ptrBytes   uintptr
	hash       uint32
	flag       uint8
	align      uint8
	fieldAlign uint8
	kind       uint8
	equal      func(unsafe.Pointer, unsafe.Pointer) bool
	gcData     *byte
	str        int32
	ptrToThis  int32
}

// Flags of a type.
const (
	flagUncommon      = 1 << 0
	flagExtraStar     = 1 << 1
	flagNamed         = 1 << 2
	flagRegularMemory = 1 << 3
	flagDirectIface   = 1 << 5
)

// flagsOfName are the flags that do not describe a type's memory.
const flagsOfName = flagUncommon | flagExtraStar | flagNamed

// uncommon is the part of types with a name or methods (abi.UncommonType).
type uncommon struct {
	pkgPath int32
	counts  uint32 // all methods, and in the upper half those that are exported
	moff    uint32 // from here to the method table
	_       uint32
}

// method is an entry of a method table (abi.Method).
type method struct {
	name int32
	mtyp int32 // without the receiver
	ifn  int32 // code for a receiver of one word, as in an interface
	tfn  int32 // code for a receiver as it is
}

// Of some kinds, only the size of their part matters.
type (
	arrayType struct {
		_ typ
		_ *typ // element
		_ *typ // slice of it
		_ uintptr
	}
	chanType struct {
		_ typ
		_ *typ // element
		_ int  // direction
	}
	mapType struct {
		_ typ
		_ [3]*typ                               // key, element, group
		_ func(unsafe.Pointer, uintptr) uintptr // hash
		_ [3]uintptr                            // sizes of a group and a slot, offset of the element
		_ uint32                                // flags
	}
	sliceType struct {
		_ typ
		_ *typ // element
	}
)

// funcType is followed by the uncommon part, if any, and the types of the
// parameters and results.
type funcType struct {
	typ
	in  uint16
	out uint16 // the top bit says that the last parameter is variadic
}

type imethod struct{ name, typ int32 }

type interfaceType struct {
	typ
	pkgPath *byte
	methods []imethod
}

type ptrType struct {
	typ
	elem *typ
}

type structField struct {
	name   *byte
	typ    *typ
	offset uintptr
}

type structType struct {
	typ
	pkgPath *byte
	fields  []structField
}

// itab is what an interface value with methods holds beside its data
// (abi.ITab).
type itab struct {
	inter *typ
	typ   *typ
	hash  uint32
	_     [4]byte
	fun   [1]uintptr // as many as the interface has methods
}

// kindSize is the size of the part of a type before its uncommon part.
func kindSize(k reflect.Kind) uintptr {
	switch k {
	case reflect.Array:
		return unsafe.Sizeof(arrayType{})
	case reflect.Chan:
		return unsafe.Sizeof(chanType{})
	case reflect.Func:
		return unsafe.Sizeof(funcType{})
	case reflect.Interface:
		return unsafe.Sizeof(interfaceType{})
	case reflect.Map:
		return unsafe.Sizeof(mapType{})
	case reflect.Pointer:
		return unsafe.Sizeof(ptrType{})
	case reflect.Slice:
		return unsafe.Sizeof(sliceType{})
	case reflect.Struct:
		return unsafe.Sizeof(structType{})
	}
	return unsafe.Sizeof(typ{})
}

// copyMemory makes t describe the memory of from, which is kept.
func copyMemory(t, from *typ) {
	t.size, t.ptrBytes = from.size, from.ptrBytes
	t.flag = from.flag&^flagsOfName | t.flag&flagsOfName
	t.align, t.fieldAlign, t.kind = from.align, from.fieldAlign, from.kind
	t.gcData, t.equal = from.gcData, from.equal
	keep(unsafe.Pointer(from))
	keep(from.gcData)
	keep(from.equal)
}

// copyKind copies the part of a type that its kind defines.
func copyKind(t, from *typ) {
	head, size := unsafe.Sizeof(typ{}), kindSize(reflect.Kind(from.kind))
	copy(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(t), head)), size-head),
		unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(from), head)), size-head))
}

// uncommon returns the uncommon part of a type that has one.
func (t *typ) uncommon() *uncommon {
	return (*uncommon)(unsafe.Add(unsafe.Pointer(t), kindSize(reflect.Kind(t.kind))))
}

// params returns the first n parameter and result types of a func type.
func (t *typ) params(n int) []*typ {
	off := unsafe.Sizeof(funcType{})
	if t.flag&flagUncommon != 0 {
		off += unsafe.Sizeof(uncommon{})
	}
	return unsafe.Slice((**typ)(unsafe.Add(unsafe.Pointer(t), off)), n)
}

func typOf(t reflect.Type) *typ { return (*typ)(TypeWord(t)) }

func (t *typ) reflect() reflect.Type { return toType(unsafe.Pointer(t)) }

// toType returns the type at p.
func toType(p unsafe.Pointer) reflect.Type {
	t := reflect.TypeFor[int]()
	(*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1] = p
	return t
}
