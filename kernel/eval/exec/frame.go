package exec

// This file defines the frame of an activation: its header, the layout of its
// slots, and the free lists.

import (
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"
)

// ptr points to a frame, or into memory whose type the instruction knows.
type ptr = unsafe.Pointer

const word = unsafe.Sizeof(uintptr(0))

// header starts every frame.
type header struct {
	g       *Goroutine
	link    ptr         // next frame of a free list
	act     *activation // state of deferred calls; nil in functions without defer
	deferOf *activation // the activation that runs this call as its deferred call, for recover
	code    *code       // what runs in it
	pc      int32       // index into code.pos of the instruction that runs
}

// headerWords tells which words of a header are pointers.
var headerWords = []bool{true, true, true, true, true, false}

func head(fr ptr) *header { return (*header)(fr) }

func at(fr ptr, off uintptr) ptr { return unsafe.Add(fr, off) }

// class is the way in which values of a type are moved.
type class uint8

const (
	class0 class = iota // no bytes
	class1
	class2
	class4
	class8
	classPtr
	classString
	classIface
	classSlice
	classOther // by the type's own typed move
)

// classOf returns the class of t.
func classOf(t reflect.Type) class {
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return class1
	case reflect.Int16, reflect.Uint16:
		return class2
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return class4
	case reflect.Int, reflect.Uint, reflect.Int64, reflect.Uint64, reflect.Uintptr, reflect.Float64:
		return class8
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func:
		return classPtr
	case reflect.String:
		return classString
	case reflect.Interface:
		return classIface
	case reflect.Slice:
		return classSlice
	}
	if t.Size() == 0 {
		return class0
	}
	return classOther
}

// move returns an instruction that copies a value of type t between two slots.
func move(t reflect.Type, d, s uintptr) op {
	if d == s {
		return nil
	}
	switch classOf(t) {
	case class0:
		return nil
	case class1:
		return moveT[uint8](d, s)
	case class2:
		return moveT[uint16](d, s)
	case class4:
		return moveT[uint32](d, s)
	case class8:
		return moveT[uint64](d, s)
	case classPtr:
		return moveT[ptr](d, s)
	case classString:
		return moveT[string](d, s)
	case classIface:
		return moveT[any](d, s)
	case classSlice:
		return moveT[[]byte](d, s)
	}
	w := rtype.TypeWord(t)
	return func(fr ptr) { rtype.TypedMemmove(w, at(fr, d), at(fr, s)) }
}

func moveT[T any](d, s uintptr) op {
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(fr, s)) }
}

// copyFunc returns a function that copies a value of type t.
func copyFunc(t reflect.Type) func(dst, src ptr) {
	switch classOf(t) {
	case class0:
		return func(dst, src ptr) {}
	case class1:
		return copyT[uint8]
	case class2:
		return copyT[uint16]
	case class4:
		return copyT[uint32]
	case class8:
		return copyT[uint64]
	case classPtr:
		return copyT[ptr]
	case classString:
		return copyT[string]
	case classIface:
		return copyT[any]
	case classSlice:
		return copyT[[]byte]
	}
	w := rtype.TypeWord(t)
	return func(dst, src ptr) { rtype.TypedMemmove(w, dst, src) }
}

func copyT[T any](dst, src ptr) { *(*T)(dst) = *(*T)(src) }

// ptrWords appends to bits, for each word of a value of type t, whether it is
// a pointer.
func ptrWords(bits []bool, t reflect.Type) []bool {
	n := int((t.Size() + word - 1) / word)
	start := len(bits)
	for range n {
		bits = append(bits, false)
	}
	markPtrs(bits[start:], 0, t)
	return bits
}

// markPtrs sets the bits of the pointer words of a t at byte offset off.
func markPtrs(bits []bool, off uintptr, t reflect.Type) {
	i := off / word
	switch t.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func, reflect.String, reflect.Slice:
		bits[i] = true
	case reflect.Interface:
		bits[i], bits[i+1] = true, true
	case reflect.Array:
		e := t.Elem()
		for k := range t.Len() {
			markPtrs(bits, off+uintptr(k)*e.Size(), e)
		}
	case reflect.Struct:
		for k := range t.NumField() {
			f := t.Field(k)
			markPtrs(bits, off+f.Offset, f.Type)
		}
	}
}

// layout assigns offsets to the slots of a frame: those with pointers first,
// then those without, then constants.
type layout struct {
	slots []slot
}

type slot struct {
	bits  []bool // pointer words
	ptrs  bool
	konst func(dst ptr) // fills a constant slot
	done  func(off uintptr)
}

// arg is a slot with the type of its value.
type arg struct {
	off   uintptr
	class class
	typ   reflect.Type
	copy  func(dst, src ptr) // for classOther
}

func newArg(t reflect.Type, off uintptr) arg {
	return arg{off: off, class: classOf(t), typ: t, copy: copyFunc(t)}
}

// copyTo copies a value of a's type.
func (a *arg) copyTo(dst, src ptr) {
	switch a.class {
	case class8:
		*(*uint64)(dst) = *(*uint64)(src)
	case classPtr:
		*(*ptr)(dst) = *(*ptr)(src)
	default:
		a.copy(dst, src)
	}
}

func (l *layout) add(bits []bool, done func(off uintptr)) {
	l.slots = append(l.slots, slot{bits: bits, ptrs: anyOf(bits), done: done})
}

func (l *layout) addConst(bits []bool, fill func(dst ptr), done func(off uintptr)) {
	l.slots = append(l.slots, slot{bits: bits, ptrs: anyOf(bits), konst: fill, done: done})
}

func anyOf(bits []bool) bool {
	for _, b := range bits {
		if b {
			return true
		}
	}
	return false
}

// frameShape is the outcome of a layout.
type frameShape struct {
	typ    ptr       // type word for rtype.New
	clear  []uintptr // offsets of the pointer words that are cleared when a frame is freed
	consts []constSlot
}

type constSlot struct {
	off  uintptr
	fill func(dst ptr)
}

func (l *layout) finish() frameShape {
	var s frameShape
	bits := append([]bool(nil), headerWords...)
	place := func(sl *slot) {
		if len(sl.bits) == 0 {
			sl.done(0) // an address beyond the last slot could be that of another object
			return
		}
		off := uintptr(len(bits)) * word
		bits = append(bits, sl.bits...)
		if sl.konst != nil {
			s.consts = append(s.consts, constSlot{off, sl.konst})
		} else {
			// Only genuine pointers may be overwritten as pointers: the write
			// barrier looks at the old value.
			for i, b := range sl.bits {
				if b {
					s.clear = append(s.clear, off+uintptr(i)*word)
				}
			}
		}
		sl.done(off)
	}
	for pass := range 3 {
		for i := range l.slots {
			sl := &l.slots[i]
			kind := 1
			if sl.konst != nil {
				kind = 2
			} else if sl.ptrs {
				kind = 0
			}
			if kind == pass {
				place(sl)
			}
		}
	}
	s.typ = rtype.FrameType(bits)
	return s
}

// poolSize is the number of free lists of a goroutine, a power of two. Codes
// are mapped to them directly; two that meet evict each other.
const poolSize = 32

type pool struct {
	code *code
	free ptr
}

// enter returns a frame for an activation of c, with its header and constants
// set, and makes it the goroutine's current one.
func (g *Goroutine) enter(c *code) ptr {
	fr := g.frame(c)
	g.push(fr)
	return fr
}

// frame returns a frame for an activation of c.
func (g *Goroutine) frame(c *code) ptr {
	p := &g.pools[c.id%poolSize]
	if p.code == c && p.free != nil {
		fr := p.free
		h := head(fr)
		p.free = h.link
		h.link = nil
		return fr
	}
	fr := rtype.New(c.shape.typ)
	for i := range c.shape.consts {
		k := &c.shape.consts[i]
		k.fill(at(fr, k.off))
	}
	h := head(fr)
	h.g, h.code = g, c
	return fr
}

// push makes fr the goroutine's current frame. Code that runs for long without
// jumping backwards goes deep, so it is enough to look at some depths whether
// the run was stopped.
func (g *Goroutine) push(fr ptr) {
	g.depth++
	if g.depth&7 == 0 && g.run.stopped.Load() {
		g.depth--
		g.poll()
		g.depth++
	}
	if g.depth >= len(g.frames) {
		g.grow()
	}
	g.frames[g.depth] = fr
}

// leave ends the activation fr of c and keeps its frame for the next one.
func (g *Goroutine) leave(c *code, fr ptr) {
	g.depth--
	h := head(fr)
	h.act, h.deferOf = nil, nil
	for _, off := range c.shape.clear {
		*(*ptr)(unsafe.Add(fr, off)) = nil
	}
	p := &g.pools[c.id%poolSize]
	if p.code != c {
		p.code, p.free = c, nil
	}
	h.link = p.free
	p.free = fr
}
