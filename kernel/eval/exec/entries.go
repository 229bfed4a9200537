package exec

// This file has the entries: the code of func values, by what they take and
// return. A callee may put the registers that it takes into memory that its caller
// keeps free for that, so that an entry must not take more than it is given.

import (
	"sync"
	"unsafe"
)

// makeEntry returns a func value of an entry that enters cl. It captures cl alone,
// so that its memory is the address of its code and cl.
type makeEntry = func(cl *closure) ptr

//go:noinline
func entry0[R, S, T uintptr | ptr](cl *closure) ptr {
	f := func() (R, S, T, float64) {
		w := crossing[struct{}, R, S, T]{params: struct{}{}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entry0s are those entries by which of their results are pointers; the first is bit 0.
func entry0s() [returnCounts]makeEntry {
	return [...]makeEntry{
		entry0[uintptr, uintptr, uintptr], entry0[ptr, uintptr, uintptr],
		entry0[uintptr, ptr, uintptr], entry0[ptr, ptr, uintptr],
		entry0[uintptr, uintptr, ptr], entry0[ptr, uintptr, ptr],
		entry0[uintptr, ptr, ptr], entry0[ptr, ptr, ptr],
	}
}

//go:noinline
func entry1[A, R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(a A) (R, S, T, float64) {
		w := crossing[struct{ a A }, R, S, T]{params: struct{ a A }{a}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entry1s are those entries by which of their results are pointers; the first is bit 0.
func entry1s[A uintptr | ptr]() [returnCounts]makeEntry {
	return [...]makeEntry{
		entry1[A, uintptr, uintptr, uintptr], entry1[A, ptr, uintptr, uintptr],
		entry1[A, uintptr, ptr, uintptr], entry1[A, ptr, ptr, uintptr],
		entry1[A, uintptr, uintptr, ptr], entry1[A, ptr, uintptr, ptr],
		entry1[A, uintptr, ptr, ptr], entry1[A, ptr, ptr, ptr],
	}
}

//go:noinline
func entry2[A, B, R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(a A, b B) (R, S, T, float64) {
		w := crossing[struct {
			a A
			b B
		}, R, S, T]{params: struct {
			a A
			b B
		}{a, b}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entry2s are those entries by which of their results are pointers; the first is bit 0.
func entry2s[A, B uintptr | ptr]() [returnCounts]makeEntry {
	return [...]makeEntry{
		entry2[A, B, uintptr, uintptr, uintptr], entry2[A, B, ptr, uintptr, uintptr],
		entry2[A, B, uintptr, ptr, uintptr], entry2[A, B, ptr, ptr, uintptr],
		entry2[A, B, uintptr, uintptr, ptr], entry2[A, B, ptr, uintptr, ptr],
		entry2[A, B, uintptr, ptr, ptr], entry2[A, B, ptr, ptr, ptr],
	}
}

//go:noinline
func entry3[A, B, C, R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(a A, b B, c C) (R, S, T, float64) {
		w := crossing[struct {
			a A
			b B
			c C
		}, R, S, T]{params: struct {
			a A
			b B
			c C
		}{a, b, c}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entry3s are those entries by which of their results are pointers; the first is bit 0.
func entry3s[A, B, C uintptr | ptr]() [returnCounts]makeEntry {
	return [...]makeEntry{
		entry3[A, B, C, uintptr, uintptr, uintptr], entry3[A, B, C, ptr, uintptr, uintptr],
		entry3[A, B, C, uintptr, ptr, uintptr], entry3[A, B, C, ptr, ptr, uintptr],
		entry3[A, B, C, uintptr, uintptr, ptr], entry3[A, B, C, ptr, uintptr, ptr],
		entry3[A, B, C, uintptr, ptr, ptr], entry3[A, B, C, ptr, ptr, ptr],
	}
}

//go:noinline
func entry4[A, B, C, D, R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(a A, b B, c C, d D) (R, S, T, float64) {
		w := crossing[struct {
			a A
			b B
			c C
			d D
		}, R, S, T]{params: struct {
			a A
			b B
			c C
			d D
		}{a, b, c, d}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entry4s are those entries by which of their results are pointers; the first is bit 0.
func entry4s[A, B, C, D uintptr | ptr]() [returnCounts]makeEntry {
	return [...]makeEntry{
		entry4[A, B, C, D, uintptr, uintptr, uintptr], entry4[A, B, C, D, ptr, uintptr, uintptr],
		entry4[A, B, C, D, uintptr, ptr, uintptr], entry4[A, B, C, D, ptr, ptr, uintptr],
		entry4[A, B, C, D, uintptr, uintptr, ptr], entry4[A, B, C, D, ptr, uintptr, ptr],
		entry4[A, B, C, D, uintptr, ptr, ptr], entry4[A, B, C, D, ptr, ptr, ptr],
	}
}

//go:noinline
func entryFloat1[R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(x float64) (R, S, T, float64) {
		w := crossing[struct{ x float64 }, R, S, T]{params: struct{ x float64 }{x}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entryFloat1s are those entries by which of their results are pointers; the first is bit 0.
func entryFloat1s() [returnCounts]makeEntry {
	return [...]makeEntry{
		entryFloat1[uintptr, uintptr, uintptr], entryFloat1[ptr, uintptr, uintptr],
		entryFloat1[uintptr, ptr, uintptr], entryFloat1[ptr, ptr, uintptr],
		entryFloat1[uintptr, uintptr, ptr], entryFloat1[ptr, uintptr, ptr],
		entryFloat1[uintptr, ptr, ptr], entryFloat1[ptr, ptr, ptr],
	}
}

//go:noinline
func entryFloat2[R, S, T uintptr | ptr](cl *closure) ptr {
	f := func(x, y float64) (R, S, T, float64) {
		w := crossing[struct {
			x float64
			y float64
		}, R, S, T]{params: struct {
			x float64
			y float64
		}{x, y}}
		cl.cross(unsafe.Pointer(&w))
		return w.r, w.s, w.t, w.f
	}
	return *(*ptr)(unsafe.Pointer(&f))
}

// entryFloat2s are those entries by which of their results are pointers; the first is bit 0.
func entryFloat2s() [returnCounts]makeEntry {
	return [...]makeEntry{
		entryFloat2[uintptr, uintptr, uintptr], entryFloat2[ptr, uintptr, uintptr],
		entryFloat2[uintptr, ptr, uintptr], entryFloat2[ptr, ptr, uintptr],
		entryFloat2[uintptr, uintptr, ptr], entryFloat2[ptr, uintptr, ptr],
		entryFloat2[uintptr, ptr, ptr], entryFloat2[ptr, ptr, ptr],
	}
}

// entryCodes are the addresses of the entries' code: first by what they take (no
// words; one, an integer or a pointer; two, …; one float, two floats), then by what
// they return. They are zero where func values have another layout than closure.
var entryCodes func() entryTable

type entryTable [1<<(intParams+1) - 1 + floatParams][returnCounts]uintptr

// An initializer, since the entries refer to the machine, which refers to them.
func init() { entryCodes = sync.OnceValue(findEntries) }

func findEntries() (codes entryTable) {
	if !directly {
		return codes
	}
	for takes, entries := range [len(codes)][returnCounts]makeEntry{
		entry0s(),
		entry1s[uintptr](), entry1s[ptr](),
		entry2s[uintptr, uintptr](), entry2s[ptr, uintptr](), entry2s[uintptr, ptr](), entry2s[ptr, ptr](),
		entry3s[uintptr, uintptr, uintptr](), entry3s[ptr, uintptr, uintptr](),
		entry3s[uintptr, ptr, uintptr](), entry3s[ptr, ptr, uintptr](),
		entry3s[uintptr, uintptr, ptr](), entry3s[ptr, uintptr, ptr](),
		entry3s[uintptr, ptr, ptr](), entry3s[ptr, ptr, ptr](),
		entry4s[uintptr, uintptr, uintptr, uintptr](), entry4s[ptr, uintptr, uintptr, uintptr](),
		entry4s[uintptr, ptr, uintptr, uintptr](), entry4s[ptr, ptr, uintptr, uintptr](),
		entry4s[uintptr, uintptr, ptr, uintptr](), entry4s[ptr, uintptr, ptr, uintptr](),
		entry4s[uintptr, ptr, ptr, uintptr](), entry4s[ptr, ptr, ptr, uintptr](),
		entry4s[uintptr, uintptr, uintptr, ptr](), entry4s[ptr, uintptr, uintptr, ptr](),
		entry4s[uintptr, ptr, uintptr, ptr](), entry4s[ptr, ptr, uintptr, ptr](),
		entry4s[uintptr, uintptr, ptr, ptr](), entry4s[ptr, uintptr, ptr, ptr](),
		entry4s[uintptr, ptr, ptr, ptr](), entry4s[ptr, ptr, ptr, ptr](),
		entryFloat1s(), entryFloat2s(),
	} {
		for returns, entry := range entries {
			cl := &closure{}
			w := (*literalMemory)(entry(cl))
			if w.cl != cl {
				return entryTable{}
			}
			codes[takes][returns] = w.pc
			entered.add(w.pc)
		}
	}
	return codes
}

// codeSet is a set of addresses of code, an open hash table.
type codeSet [1024]uintptr

// entered are the addresses of all entries. It is complete before there is a func
// value with one of them.
var entered codeSet

func (s *codeSet) slot(pc uintptr) *uintptr {
	for i := pc >> 5; ; i++ {
		if p := &s[i%uintptr(len(s))]; *p == pc || *p == 0 {
			return p
		}
	}
}

func (s *codeSet) add(pc uintptr)      { *s.slot(pc) = pc }
func (s *codeSet) has(pc uintptr) bool { return *s.slot(pc) == pc }
