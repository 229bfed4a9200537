package exec

// This file lowers variables, addresses, loads and stores.

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// header of a slice, and of a string with cap ignored.
type sliceHeader struct {
	ptr ptr
	len int
	cap int
}

type mode uint8

const (
	modeFrame mode = iota // in the frame, at off
	modeFixed             // at a fixed address
	modePtr               // off bytes from the pointer in a slot; a nil one faults
	modeSlice             // off bytes into an element of the slice in a slot, by an int in a slot
	modeOther             // off bytes from what a function returns
)

// faulting is the size of the first page: a load from nil plus less faults as a
// nil dereference does.
const faulting = 4096

// addr tells how to compute an address.
type addr struct {
	mode  mode
	slot  uintptr // of the pointer or the slice
	index uintptr // slot of the index
	size  uintptr // of an element
	fixed ptr
	off   uintptr
	fn    func(fr ptr) ptr
}

// plus returns a with n added.
func (a addr) plus(n uintptr) addr {
	a.off += n
	if a.mode == modePtr && a.off >= faulting {
		return addr{mode: modeOther, fn: checked(a.slot), off: a.off}
	}
	return a
}

// checked returns a function that loads the pointer in a slot, which must not
// be nil.
func checked(slot uintptr) func(fr ptr) ptr {
	return func(fr ptr) ptr {
		p := *(*ptr)(at(fr, slot))
		if p == nil {
			nilPanic()
		}
		return p
	}
}

// nilPanic panics as a nil dereference does.
//
//go:noinline
func nilPanic() {
	var p *int
	*p = 0
}

// indexPanic panics as s[i] of a slice of length n.
//
//go:noinline
func indexPanic(i, n int) { boundsPanic(boundsIndex, uint64(i), true, n) }

var zeroBase struct{ _ [8]byte }

// compute returns a function for the address, whatever its mode. It panics
// where an access would.
func (a addr) compute() func(fr ptr) ptr {
	off := a.off
	switch a.mode {
	case modeFrame:
		return func(fr ptr) ptr { return at(fr, off) }
	case modeFixed:
		p := unsafe.Add(a.fixed, off)
		return func(ptr) ptr { return p }
	case modePtr:
		slot := a.slot
		return func(fr ptr) ptr {
			p := *(*ptr)(at(fr, slot))
			if p == nil {
				nilPanic()
			}
			return unsafe.Add(p, off)
		}
	case modeSlice:
		slot, index, size := a.slot, a.index, a.size
		return func(fr ptr) ptr {
			s := (*sliceHeader)(at(fr, slot))
			i := *(*int)(at(fr, index))
			if uint(i) >= uint(s.len) {
				indexPanic(i, s.len)
			}
			return unsafe.Add(s.ptr, uintptr(i)*size+off)
		}
	}
	fn := a.fn
	if off == 0 {
		return fn
	}
	return func(fr ptr) ptr { return unsafe.Add(fn(fr), off) }
}

// addressOf returns how to compute the address that v is.
func (k *compiler) addressOf(v ssa.Value) addr {
	switch v := v.(type) {
	case *ssa.Alloc:
		if r := k.locals[v]; r != nil {
			return addr{mode: modeFrame, off: r.off}
		}
	case *ssa.Global:
		return addr{mode: modeFixed, fixed: k.m.global(v)}
	case *ssa.FieldAddr:
		if k.folded[v] {
			return k.fieldAddress(v)
		}
	case *ssa.IndexAddr:
		if k.folded[v] {
			return k.indexAddress(v)
		}
	}
	return addr{mode: modePtr, slot: k.off(v)}
}

// fieldOf returns the field whose address f is.
func fieldOf(f *ssa.FieldAddr) *types.Var {
	return deref(f.X.Type()).Underlying().(*types.Struct).Field(f.Field)
}

func (k *compiler) fieldAddress(v *ssa.FieldAddr) addr {
	t := k.m.TypeOf(deref(v.X.Type()))
	return k.addressOf(v.X).plus(t.Field(v.Field).Offset)
}

func (k *compiler) indexAddress(v *ssa.IndexAddr) addr {
	elem := k.m.TypeOf(deref(v.Type()))
	size := elem.Size()
	index, signed := k.intReader(v.Index)
	if s, ok := v.X.Type().Underlying().(*types.Slice); ok {
		_ = s
		slot := k.off(v.X)
		if k.typ(v.Index).Kind() == reflect.Int {
			return addr{mode: modeSlice, slot: slot, index: k.off(v.Index), size: size}
		}
		return addr{mode: modeOther, fn: func(fr ptr) ptr {
			s := (*sliceHeader)(at(fr, slot))
			return unsafe.Add(s.ptr, uintptr(checkIndex(index(fr), s.len, signed))*size)
		}}
	}
	n := k.m.TypeOf(deref(v.X.Type())).Len()
	base := k.addressOf(v.X)
	if c, ok := v.Index.(*ssa.Const); ok && c.Int64() >= 0 && c.Int64() < int64(n) {
		return base.plus(uintptr(c.Int64()) * size)
	}
	from := base.compute()
	return addr{mode: modeOther, fn: func(fr ptr) ptr {
		p := from(fr)
		return unsafe.Add(p, uintptr(checkIndex(index(fr), n, signed))*size)
	}}
}

// checkIndex returns i, the bits of a signed or unsigned number, if it is an
// index of n elements.
func checkIndex(i uint64, n int, signed bool) int {
	if i >= uint64(n) {
		boundsPanic(boundsIndex, i, signed, n)
	}
	return int(i)
}

// intReader returns a function that reads the integer v, sign-extended, and
// whether it is signed.
func (k *compiler) intReader(v ssa.Value) (read func(fr ptr) uint64, signed bool) {
	s := k.off(v)
	switch k.typ(v).Kind() {
	case reflect.Int, reflect.Int64:
		return func(fr ptr) uint64 { return *(*uint64)(at(fr, s)) }, true
	case reflect.Int8:
		return func(fr ptr) uint64 { return uint64(*(*int8)(at(fr, s))) }, true
	case reflect.Int16:
		return func(fr ptr) uint64 { return uint64(*(*int16)(at(fr, s))) }, true
	case reflect.Int32:
		return func(fr ptr) uint64 { return uint64(*(*int32)(at(fr, s))) }, true
	case reflect.Uint8:
		return func(fr ptr) uint64 { return uint64(*(*uint8)(at(fr, s))) }, false
	case reflect.Uint16:
		return func(fr ptr) uint64 { return uint64(*(*uint16)(at(fr, s))) }, false
	case reflect.Uint32:
		return func(fr ptr) uint64 { return uint64(*(*uint32)(at(fr, s))) }, false
	}
	return func(fr ptr) uint64 { return *(*uint64)(at(fr, s)) }, false
}

// address lowers an address that needs a register.
func (k *compiler) address(v ssa.Value) op {
	var a addr
	switch v := v.(type) {
	case *ssa.FieldAddr:
		a = k.fieldAddress(v)
	case *ssa.IndexAddr:
		a = k.indexAddress(v)
	}
	d, p := k.off(v), a.compute()
	return func(fr ptr) { *(*ptr)(at(fr, d)) = p(fr) }
}

// alloc lowers a variable: in the frame if it does not escape, else on the heap.
func (k *compiler) alloc(in *ssa.Alloc) op {
	t := k.m.TypeOf(deref(in.Type()))
	d, w := k.off(in), rtype.TypeWord(t)
	if !k.inFrame(in) {
		if n := uint64(t.Size()); n > 1<<20 { // such as make([]int, 1<<40)
			return func(fr ptr) {
				k.m.mayAllocate(n)
				*(*ptr)(at(fr, d)) = rtype.New(w)
			}
		}
		return func(fr ptr) { *(*ptr)(at(fr, d)) = rtype.New(w) }
	}
	off := k.locals[in].off
	zero := k.zero(t, off)
	if !k.pointerNeeded(in) {
		return zero
	}
	return sequence([]op{zero, func(fr ptr) { *(*ptr)(at(fr, d)) = at(fr, off) }})
}

// zero returns an instruction that clears the value of type t at off.
func (k *compiler) zero(t reflect.Type, off uintptr) op {
	switch classOf(t) {
	case class0:
		return func(ptr) {}
	case class1:
		return func(fr ptr) { *(*uint8)(at(fr, off)) = 0 }
	case class2:
		return func(fr ptr) { *(*uint16)(at(fr, off)) = 0 }
	case class4:
		return func(fr ptr) { *(*uint32)(at(fr, off)) = 0 }
	case class8:
		return func(fr ptr) { *(*uint64)(at(fr, off)) = 0 }
	case classPtr:
		return func(fr ptr) { *(*ptr)(at(fr, off)) = nil }
	case classString:
		return func(fr ptr) { *(*string)(at(fr, off)) = "" }
	case classIface:
		return func(fr ptr) { *(*any)(at(fr, off)) = nil }
	case classSlice:
		return func(fr ptr) { *(*[]byte)(at(fr, off)) = nil }
	}
	w := rtype.TypeWord(t)
	return func(fr ptr) { rtype.TypedMemclr(w, at(fr, off)) }
}

// load lowers *X.
func (k *compiler) load(in *ssa.UnOp) op {
	if k.notEvaluated(in) {
		return nil
	}
	if a, ok := in.X.(*ssa.Alloc); ok && loopState(a) != nil {
		return k.iteratorReturned(in)
	}
	t := k.typ(in)
	d, a := k.off(in), k.addressOf(in.X)
	switch classOf(t) {
	case class0:
		p := a.compute()
		return func(fr ptr) { p(fr) }
	case class1:
		return loadT[uint8](a, d)
	case class2:
		return loadT[uint16](a, d)
	case class4:
		return loadT[uint32](a, d)
	case class8:
		return loadT[uint64](a, d)
	case classPtr:
		return loadT[ptr](a, d)
	case classString:
		return loadT[string](a, d)
	case classIface:
		return loadT[any](a, d)
	case classSlice:
		return loadT[[]byte](a, d)
	}
	p, w := a.compute(), rtype.TypeWord(t)
	return func(fr ptr) { rtype.TypedMemmove(w, at(fr, d), p(fr)) }
}

// field returns p plus off, whether p is nil or not: an access faults if it is.
//
//go:nocheckptr
func field(p ptr, off uintptr) ptr { return unsafe.Add(p, off) }

// notEvaluated tells whether in is the operand of a range loop that wants only
// the length of an array. The language does not evaluate it, package ssa does.
func (k *compiler) notEvaluated(in *ssa.UnOp) bool {
	b := in.Block()
	n := len(b.Instrs)
	if n < 2 || len(b.Succs) != 1 || b.Succs[0].Comment != "rangeindex.loop" || b.Instrs[n-2] != ssa.Instruction(in) || len(*in.Referrers()) > 0 {
		return false
	}
	switch in.X.(type) {
	case *ssa.Call, *ssa.Extract:
		return false
	}
	return k.typ(in).Kind() == reflect.Array
}

func loadT[T any](a addr, d uintptr) op {
	off := a.off
	switch a.mode {
	case modeFrame:
		return moveT[T](d, off)
	case modeFixed:
		p := (*T)(unsafe.Add(a.fixed, off))
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *p }
	case modePtr:
		slot := a.slot
		return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(field(*(*ptr)(unsafe.Add(fr, slot)), off)) }
	case modeSlice:
		slot, index, size := a.slot, a.index, a.size
		return func(fr ptr) {
			s := (*sliceHeader)(unsafe.Add(fr, slot))
			i := *(*int)(unsafe.Add(fr, index))
			if uint(i) >= uint(s.len) {
				indexPanic(i, s.len)
			}
			*(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(s.ptr, uintptr(i)*size+off))
		}
	}
	p := a.fn
	return func(fr ptr) { *(*T)(unsafe.Add(fr, d)) = *(*T)(unsafe.Add(p(fr), off)) }
}

// store lowers *Addr = Val.
func (k *compiler) store(in *ssa.Store) op {
	t := k.typ(in.Val)
	if f, ok := in.Addr.(*ssa.FieldAddr); ok && k.folded[f] && fieldOf(f).Name() == "_" {
		return nil // a literal's value for a blank field
	}
	s, a := k.off(in.Val), k.addressOf(in.Addr)
	switch classOf(t) {
	case class0:
		p := a.compute()
		return func(fr ptr) { p(fr) }
	case class1:
		return storeT[uint8](a, s)
	case class2:
		return storeT[uint16](a, s)
	case class4:
		return storeT[uint32](a, s)
	case class8:
		return storeT[uint64](a, s)
	case classPtr:
		return storeT[ptr](a, s)
	case classString:
		return storeT[string](a, s)
	case classIface:
		return storeT[any](a, s)
	case classSlice:
		return storeT[[]byte](a, s)
	}
	p, w := a.compute(), rtype.TypeWord(t)
	return func(fr ptr) { rtype.TypedMemmove(w, p(fr), at(fr, s)) }
}

func storeT[T any](a addr, s uintptr) op {
	off := a.off
	switch a.mode {
	case modeFrame:
		return moveT[T](off, s)
	case modeFixed:
		p := (*T)(unsafe.Add(a.fixed, off))
		return func(fr ptr) { *p = *(*T)(unsafe.Add(fr, s)) }
	case modePtr:
		slot := a.slot
		return func(fr ptr) { *(*T)(field(*(*ptr)(unsafe.Add(fr, slot)), off)) = *(*T)(unsafe.Add(fr, s)) }
	case modeSlice:
		slot, index, size := a.slot, a.index, a.size
		return func(fr ptr) {
			h := (*sliceHeader)(unsafe.Add(fr, slot))
			i := *(*int)(unsafe.Add(fr, index))
			if uint(i) >= uint(h.len) {
				indexPanic(i, h.len)
			}
			*(*T)(unsafe.Add(h.ptr, uintptr(i)*size+off)) = *(*T)(unsafe.Add(fr, s))
		}
	}
	p := a.fn
	return func(fr ptr) { *(*T)(unsafe.Add(p(fr), off)) = *(*T)(unsafe.Add(fr, s)) }
}

// field lowers X.f of a struct in a register.
func (k *compiler) field(in *ssa.Field) op {
	f := k.typ(in.X).Field(in.Field)
	return move(f.Type, k.off(in), k.off(in.X)+f.Offset)
}

// index lowers X[i] of an array or a string in a register.
func (k *compiler) index(in *ssa.Index) op {
	d, x := k.off(in), k.off(in.X)
	index, signed := k.intReader(in.Index)
	t := k.typ(in.X)
	if t.Kind() == reflect.String {
		return func(fr ptr) {
			s := *(*string)(at(fr, x))
			*(*byte)(at(fr, d)) = s[checkIndex(index(fr), len(s), signed)]
		}
	}
	n, size, copy := t.Len(), t.Elem().Size(), copyFunc(t.Elem())
	return func(fr ptr) {
		copy(at(fr, d), at(fr, x+uintptr(checkIndex(index(fr), n, signed))*size))
	}
}

// unOp lowers operators with one operand.
func (k *compiler) unOp(in *ssa.UnOp) op {
	switch in.Op {
	case token.MUL:
		return k.load(in)
	case token.ARROW:
		return k.receive(in)
	}
	return k.negate(in)
}
