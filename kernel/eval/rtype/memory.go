package rtype

// This file holds the memory of types, which lives as long as the process, and
// the offsets by which types refer to names, types and code.

import (
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

const wordSize = unsafe.Sizeof(uintptr(0))

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

// arena is memory for types. Offsets within a type are positive and of 32 bits,
// so a type and all of its method tables lie in one chunk, in this order.
var arena struct {
	sync.Mutex
	chunk []uint64
}

// chunkWords is the size of a chunk of the arena. A type with a handful of
// methods takes about 300 bytes, so one chunk serves more types than there are
// stubs for their methods.
const chunkWords = 1 << 20

// alloc returns n zero bytes for a type.
func alloc(n uintptr) unsafe.Pointer {
	arena.Lock()
	defer arena.Unlock()
	words := int((n + 7) / 8)
	if words > len(arena.chunk) {
		arena.chunk = keep(make([]uint64, max(chunkWords, words+1)))
	}
	p := unsafe.Pointer(&arena.chunk[0])
	arena.chunk = arena.chunk[words:]
	return p
}

// hashes counts the types, for their hashes.
var hashes atomic.Uint32

func newHash() uint32 { return 0x9e3779b9 * hashes.Add(1) }

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(ptr unsafe.Pointer) int32

// newName returns a name in the runtime's encoding (abi.Name). pkgPath is that
// of a name that is not exported and comes from another package than its type,
// or empty.
func newName(s, tag, pkgPath string, exported, embedded bool) *byte {
	b := []byte{0}
	text := func(s string) {
		n := len(s)
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		b = append(b, byte(n))
		b = append(b, s...)
	}
	if exported {
		b[0] |= 1
	}
	text(s)
	if tag != "" {
		b[0] |= 2
		text(tag)
	}
	if pkgPath != "" {
		b[0] |= 4
		off := nameOff(pkgPath, "", false)
		b = append(b, (*[4]byte)(unsafe.Pointer(&off))[:]...)
	}
	if embedded {
		b[0] |= 8
	}
	return &keep(b)[0]
}

// nameKey is a name without a tag.
type nameKey struct {
	text, pkgPath string
	exported      bool
}

// offs remembers the offsets of names, since the runtime keeps every one for
// ever.
var offs sync.Map // nameKey → int32

// nameOff returns the offset of a name without a tag.
func nameOff(s, pkgPath string, exported bool) int32 {
	key := nameKey{s, pkgPath, exported}
	if o, ok := offs.Load(key); ok {
		return o.(int32)
	}
	o, _ := offs.LoadOrStore(key, addReflectOff(unsafe.Pointer(newName(s, "", pkgPath, exported, false))))
	return o.(int32)
}

// methodNameOff returns the offset of the name of a method of a type or an
// interface type of package home.
func methodNameOff(name, pkgPath, home string) int32 {
	if isExported(name) {
		return nameOff(name, "", true)
	}
	if pkgPath == home {
		pkgPath = ""
	}
	return nameOff(name, pkgPath, false)
}

func isExported(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// lessName orders methods as the compiler does: exported ones first, by name,
// by package.
func lessName(a, apkg, b, bpkg string) bool {
	if ea, eb := isExported(a), isExported(b); ea != eb {
		return ea
	}
	if a != b {
		return a < b
	}
	return apkg < bpkg
}
