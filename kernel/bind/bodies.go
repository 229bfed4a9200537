package bind

// This file gives bodies to the functions that the overlays declare without
// one.

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"hash"
	"hash/maphash"
	"runtime"
	"sync"
	"unsafe"
	"weak"
)

// bindBodies binds the functions without bodies of _gen/overlay.
func (s *Set) bindBodies() {
	s.replace("hash/maphash", map[string]any{
		"comparableAny":      func(seed maphash.Seed, v any) uint64 { return maphash.Comparable(seed, v) },
		"writeComparableAny": func(h *maphash.Hash, v any) { maphash.WriteComparable(h, v) },
	})
	s.replace("runtime", map[string]any{
		"addCleanup": func(p unsafe.Pointer, cleanup func()) runtime.Cleanup {
			return runtime.AddCleanup((*byte)(p), func(f func()) { f() }, cleanup)
		},
	})
	s.replace("crypto/hkdf", map[string]any{
		"extract": hkdf.Extract[hash.Hash], "expand": hkdf.Expand[hash.Hash], "key": hkdf.Key[hash.Hash],
	})
	s.replace("crypto/pbkdf2", map[string]any{"key": pbkdf2.Key[hash.Hash]})
	handles := &handles{of: make(map[any]unsafe.Pointer)}
	s.replace("unique", map[string]any{"canonical": handles.canonical})
	s.replace("weak", map[string]any{"register": register, "strong": strong})
}

// handles are the values of package unique.
type handles struct {
	mu sync.Mutex
	of map[any]unsafe.Pointer
}

// canonical returns p for a value that is new, and what it was given for an
// equal value before otherwise.
func (h *handles) canonical(value any, p unsafe.Pointer) unsafe.Pointer {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old, ok := h.of[value]; ok {
		return old
	}
	h.of[value] = p
	return p
}

// register and strong are package weak's: a weak pointer is kept as a pointer
// to the runtime's, one for each object, so that equal ones are equal.
var weakly struct {
	sync.Mutex
	of map[weak.Pointer[byte]]unsafe.Pointer
}

func register(p unsafe.Pointer) unsafe.Pointer {
	if p == nil {
		return nil
	}
	w := weak.Make((*byte)(p))
	weakly.Lock()
	defer weakly.Unlock()
	if old, ok := weakly.of[w]; ok {
		return old
	}
	if weakly.of == nil {
		weakly.of = make(map[weak.Pointer[byte]]unsafe.Pointer)
	}
	box := unsafe.Pointer(&w)
	weakly.of[w] = box
	return box
}

func strong(u unsafe.Pointer) unsafe.Pointer {
	if u == nil {
		return nil
	}
	return unsafe.Pointer((*weak.Pointer[byte])(u).Value())
}
