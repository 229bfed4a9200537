package rtype

// This file mirrors the runtime's types, as internal/abi declares them.

import (
	"reflect"
	"sync"
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
	flagUncommon    = 1 << 0
	flagExtraStar   = 1 << 1
	flagNamed       = 1 << 2
	flagDirectIface = 1 << 5
)

// uncommon is the part of types with a name or methods (abi.UncommonType).
type uncommon struct {
	pkgPath int32
	mcount  uint16
	xcount  uint16
	moff    uint32
	_       uint32
}

// method is an entry of a method table (abi.Method).
type method struct {
	name int32
	mtyp int32
	ifn  int32
	tfn  int32
}

type ptrType struct {
	typ
	elem *typ
}

type funcType struct {
	typ
	in  uint16
	out uint16
}

type imethod struct{ name, typ int32 }

type interfaceType struct {
	typ
	pkgPath *byte
	methods []imethod
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

// kindSize is the size of the part of a type before its uncommon part.
func kindSize(k reflect.Kind) uintptr {
	switch k {
	case reflect.Array:
		return unsafe.Sizeof(typ{}) + 24
	case reflect.Chan:
		return unsafe.Sizeof(typ{}) + 16
	case reflect.Func:
		return unsafe.Sizeof(funcType{})
	case reflect.Interface:
		return unsafe.Sizeof(interfaceType{})
	case reflect.Map:
		return unsafe.Sizeof(typ{}) + 64
	case reflect.Pointer:
		return unsafe.Sizeof(ptrType{})
	case reflect.Slice:
		return unsafe.Sizeof(typ{}) + 8
	case reflect.Struct:
		return unsafe.Sizeof(structType{})
	}
	return unsafe.Sizeof(typ{})
}

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(ptr unsafe.Pointer) int32

// kept holds what only the memory of types refers to, which the collector does
// not look into.
var kept struct {
	sync.Mutex
	refs []any
}

func keep[T any](v T) T {
	kept.Lock()
	kept.refs = append(kept.refs, v)
	kept.Unlock()
	return v
}

// newName returns a name in the runtime's encoding (abi.Name).
func newName(s, tag string, exported, embedded bool) *byte {
	var b []byte
	bits := byte(0)
	if exported {
		bits |= 1
	}
	if tag != "" {
		bits |= 2
	}
	if embedded {
		bits |= 8
	}
	b = append(b, bits)
	text := func(s string) {
		n := len(s)
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		b = append(b, byte(n))
		b = append(b, s...)
	}
	text(s)
	if tag != "" {
		text(tag)
	}
	return &keep(b)[0]
}

// offs remembers the offsets of names and types, since the runtime keeps every
// one for ever.
var offs struct {
	sync.Mutex
	names map[string]int32
}

// nameOff returns the offset of a name without a tag.
func nameOff(s string, exported bool) int32 {
	key := s
	if exported {
		key += "\x00"
	}
	offs.Lock()
	defer offs.Unlock()
	if o, ok := offs.names[key]; ok {
		return o
	}
	if offs.names == nil {
		offs.names = make(map[string]int32)
	}
	o := addReflectOff(unsafe.Pointer(newName(s, "", exported, false)))
	offs.names[key] = o
	return o
}

func typeOff(t reflect.Type) int32 { return addReflectOff(TypeWord(t)) }

// arena is memory for types. Offsets within a type are positive and of 32 bits,
// so a type and all of its method tables lie in one chunk, in this order.
var arena struct {
	sync.Mutex
	chunk []uint64
}

// chunkWords is the size of a chunk of the arena; pages that are not used cost
// nothing.
const chunkWords = 4 << 20

// alloc returns n zero bytes for a type.
func alloc(n uintptr) unsafe.Pointer {
	arena.Lock()
	defer arena.Unlock()
	words := int((n + 7) / 8)
	if words > len(arena.chunk) {
		arena.chunk = keep(make([]uint64, chunkWords))
	}
	p := unsafe.Pointer(&arena.chunk[0])
	arena.chunk = arena.chunk[words:]
	return p
}

// toType returns the type at p.
func toType(p unsafe.Pointer) reflect.Type {
	t := reflect.TypeFor[int]()
	(*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1] = p
	return t
}

func typOf(t reflect.Type) *typ { return (*typ)(TypeWord(t)) }
