package rtype

// This file finds itabs, and corrects those that the runtime made before a type
// had got all of its methods.

import (
	"reflect"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"unsafe"
)

// ItabType returns the word of the concrete type of an itab.
func ItabType(tab unsafe.Pointer) unsafe.Pointer { return unsafe.Pointer((*itab)(tab).typ) }

// ItabFun returns the code of the i-th method of an itab's interface.
func ItabFun(tab unsafe.Pointer, i int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer((*itab)(tab).slot(i)))
}

func (m *itab) slot(i int) *uintptr {
	return (*uintptr)(unsafe.Add(unsafe.Pointer(&m.fun), uintptr(i)*wordSize))
}

//go:linkname getitab runtime.getitab
func getitab(inter, typ unsafe.Pointer, canfail bool) unsafe.Pointer

// Itab returns the itab for a concrete type in an interface type that has
// methods; ok is false if the type lacks one of them.
func Itab(iface, concrete unsafe.Pointer) (tab unsafe.Pointer, ok bool) {
	tab = getitab(iface, concrete, true)
	return tab, tab != nil
}

// itabTable mirrors the runtime's table of itabs (runtime.itabTableType), an
// open hash table.
type itabTable struct {
	size    uintptr // a power of two
	count   uintptr
	entries [1]unsafe.Pointer // as many as size
}

func (t *itabTable) entry(i uintptr) *itab {
	return (*itab)(atomic.LoadPointer((*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(&t.entries), i*wordSize))))
}

// find returns the itab of inter and concrete, which may be negative, or nil.
func (t *itabTable) find(inter, concrete *typ) *itab {
	mask := t.size - 1
	h := uintptr(inter.hash^concrete.hash) & mask
	for i := uintptr(1); i <= t.size; i++ {
		m := t.entry(h)
		if m == nil || m.inter == inter && m.typ == concrete {
			return m
		}
		h = (h + i) & mask
	}
	return nil
}

// runtimeItabs returns the address of the runtime's pointer to its table of
// itabs, or nil if it cannot be found. There is no other way to an itab that
// says that a type lacks a method than the code that looks for it.
var runtimeItabs = sync.OnceValue(func() *unsafe.Pointer {
	inter, concrete := typOf(reflect.TypeFor[error]()), typOf(reflect.TypeFor[*compiledError]())
	tab := (*itab)(getitab(unsafe.Pointer(inter), unsafe.Pointer(concrete), true))
	for _, addr := range itabLoads() {
		if leadsTo(addr, inter, concrete, tab) {
			return (*unsafe.Pointer)(pointerTo(addr))
		}
	}
	return nil
})

// compiledError is a type with an itab.
type compiledError struct{}

func (*compiledError) Error() string { return "" }

// leadsTo tells whether there is a pointer at addr to a table of itabs that
// holds tab.
func leadsTo(addr uintptr, inter, concrete *typ, tab *itab) (ok bool) {
	const far = 1 << 27 // no data segment is as large
	if here := uintptr(unsafe.Pointer(&arena)); addr%wordSize != 0 || addr-here+far > 2*far {
		return false
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	at := atomic.LoadUintptr((*uintptr)(pointerTo(addr)))
	if at == 0 || at%wordSize != 0 {
		return false
	}
	size, count := *(*uintptr)(pointerTo(at)), *(*uintptr)(pointerTo(at + wordSize))
	if size < 16 || size&(size-1) != 0 || size > 1<<26 || count == 0 || count > size {
		return false
	}
	return (*itabTable)(atomic.LoadPointer((*unsafe.Pointer)(pointerTo(addr)))).find(inter, concrete) == tab
}

// repairItabs completes the itabs that say that t lacks a method, if with set it
// has all.
func repairItabs(t *typ, set []entry) {
	p := runtimeItabs()
	if p == nil {
		return
	}
	table := (*itabTable)(atomic.LoadPointer(p))
	for i := range table.size {
		m := table.entry(i)
		if m == nil || m.typ != t || atomic.LoadUintptr(m.slot(0)) != 0 {
			continue
		}
		if code := codes(m.inter.reflect(), set); code != nil {
			for k := len(code) - 1; k >= 0; k-- { // the first makes it valid
				atomic.StoreUintptr(m.slot(k), uintptr(code[k]))
			}
		}
	}
}

// codes returns the code of the methods of an interface type, taken from set;
// nil if there is not each of them.
func codes(inter reflect.Type, set []entry) []unsafe.Pointer {
	out := make([]unsafe.Pointer, inter.NumMethod())
methods:
	for k := range out {
		want := inter.Method(k)
		for i := range set {
			if m := &set[i]; m.is(want.Name, want.PkgPath) && m.Type == want.Type {
				out[k] = m.ifn.code()
				continue methods
			}
		}
		return nil
	}
	return out
}
