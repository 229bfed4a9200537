package exec

// This file lowers calls of the predeclared functions.

import (
	"fmt"
	"go/types"
	"math/bits"
	"reflect"
	"strings"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// builtin lowers a call of the predeclared function name.
func (k *compiler) builtin(in *ssa.Call, name string, args []ssa.Value) op {
	d := k.off(in)
	switch name {
	case "len", "cap":
		return k.lenOrCap(d, args[0], name == "cap")
	case "append":
		return k.appendTo(in, args)
	case "copy":
		return k.copySlice(in, args)
	case "delete":
		w := rtype.TypeWord(k.typ(args[0]))
		x, key := k.off(args[0]), k.off(args[1])
		return func(fr ptr) { mapdelete(w, *(*ptr)(at(fr, x)), at(fr, key)) }
	case "clear":
		t, x := k.typ(args[0]), k.off(args[0])
		return func(fr ptr) { reflect.NewAt(t, at(fr, x)).Elem().Clear() }
	case "close":
		t, x := k.typ(args[0]), k.off(args[0])
		return func(fr ptr) { reflect.NewAt(t, at(fr, x)).Elem().Close() }
	case "complex":
		x, y := k.off(args[0]), k.off(args[1])
		if k.typ(in).Kind() == reflect.Complex64 {
			return func(fr ptr) {
				*(*complex64)(at(fr, d)) = complex(*(*float32)(at(fr, x)), *(*float32)(at(fr, y)))
			}
		}
		return func(fr ptr) {
			*(*complex128)(at(fr, d)) = complex(*(*float64)(at(fr, x)), *(*float64)(at(fr, y)))
		}
	case "real", "imag":
		x, t := k.off(args[0]), k.typ(args[0])
		half := t.Size() / 2
		if name == "imag" {
			x += half
		}
		if half == 4 {
			return moveT[uint32](d, x)
		}
		return moveT[uint64](d, x)
	case "min", "max":
		return k.extreme(in, args, name == "min")
	case "print", "println":
		print := k.printer(args, name == "println")
		return func(fr ptr) { head(fr).g.run.print(print(fr)) }
	case "panic":
		x := k.off(args[0])
		return func(fr ptr) { panic(*(*any)(at(fr, x))) }
	case "recover":
		return func(fr ptr) { *(*any)(at(fr, d)) = recoverIn(fr) }
	case "ssa:wrapnilchk":
		x := k.off(args[0])
		recv, method := stringConst(args[1]), stringConst(args[2])
		return func(fr ptr) {
			p := *(*ptr)(at(fr, x))
			if p == nil {
				panic(wrapNil{recv, method})
			}
			*(*ptr)(at(fr, d)) = p
		}
	case "ssa:deferstack":
		return func(fr ptr) { *(*ptr)(at(fr, d)) = unsafe.Pointer(head(fr).act) }
	case "Add":
		x := k.off(args[0])
		n, _ := k.intReader(args[1])
		return func(fr ptr) { *(*ptr)(at(fr, d)) = unsafe.Add(*(*ptr)(at(fr, x)), int(n(fr))) }
	case "Slice", "String":
		x := k.off(args[0])
		n, signed := k.intReader(args[1])
		isString := name == "String"
		size := k.typ(args[0]).Elem().Size()
		return func(fr ptr) {
			l := n(fr)
			if !signed && int64(l) < 0 {
				l = 1<<64 - 1
			}
			p := *(*ptr)(at(fr, x))
			checkUnsafeSlice(p, int(l), size, isString)
			if isString {
				*(*string)(at(fr, d)) = unsafe.String((*byte)(p), int(l))
			} else if p == nil {
				*(*sliceHeader)(at(fr, d)) = sliceHeader{}
			} else {
				*(*sliceHeader)(at(fr, d)) = sliceHeader{p, int(l), int(l)}
			}
		}
	case "SliceData", "StringData":
		return moveT[ptr](d, k.off(args[0]))
	case "Offsetof":
		n := k.offsetof(in, args[0])
		return func(fr ptr) { *(*uintptr)(at(fr, d)) = n }
	case "Sizeof", "Alignof":
		n := k.typ(args[0]).Size()
		if name == "Alignof" {
			n = uintptr(k.typ(args[0]).Align())
		}
		return func(fr ptr) { *(*uintptr)(at(fr, d)) = n }
	}
	panic(fmt.Errorf("exec: %s: unknown builtin %s", k.fn, name))
}

func stringConst(v ssa.Value) string {
	s := v.(*ssa.Const).Value.ExactString()
	return strings.Trim(s, `"`)
}

// wrapNil is the run-time error of a method with a value receiver that is
// called through a nil pointer.
type wrapNil struct{ recv, method string }

// Error says it as the runtime does.
func (e wrapNil) Error() string {
	return "value method " + e.recv + "." + e.method + " called using nil *" + e.recv[strings.LastIndexByte(e.recv, '.')+1:] + " pointer"
}

// RuntimeError marks it as a runtime.Error.
func (wrapNil) RuntimeError() {}

// checkUnsafeSlice panics as unsafe.Slice and unsafe.String do.
func checkUnsafeSlice(p ptr, n int, size uintptr, isString bool) {
	if isString {
		_ = unsafe.String((*byte)(p), n)
		return
	}
	hi, bytes := bits.Mul64(uint64(n), uint64(size))
	if n < 0 || hi != 0 {
		bytes = 1<<64 - 1
	}
	_ = unsafe.Slice((*byte)(p), int(bytes))
}

// offsetof returns the offset of the field x, which is the argument of
// unsafe.Offsetof in a generic function.
func (k *compiler) offsetof(call *ssa.Call, x ssa.Value) uintptr {
	off := uintptr(0)
	if l, ok := x.(*ssa.UnOp); ok {
		x = l.X
	}
	for first := true; ; first = false {
		var base ssa.Value
		var f int
		switch v := x.(type) {
		case *ssa.FieldAddr:
			base, f = v.X, v.Field
		case *ssa.Field:
			base, f = v.X, v.Field
		default:
			return off
		}
		// A field that the selector leaves out stands where its operand starts.
		if !first && x.Pos() != call.Pos()+1 {
			return off
		}
		t := k.typ(base)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		off += t.Field(f).Offset
		x = base
	}
}

func (k *compiler) lenOrCap(d uintptr, v ssa.Value, capacity bool) op {
	x, t := k.off(v), k.typ(v)
	switch t.Kind() {
	case reflect.String:
		return func(fr ptr) { *(*int)(at(fr, d)) = (*sliceHeader)(at(fr, x)).len }
	case reflect.Slice:
		if capacity {
			return func(fr ptr) { *(*int)(at(fr, d)) = (*sliceHeader)(at(fr, x)).cap }
		}
		return func(fr ptr) { *(*int)(at(fr, d)) = (*sliceHeader)(at(fr, x)).len }
	case reflect.Pointer:
		n := t.Elem().Len()
		return func(fr ptr) { *(*int)(at(fr, d)) = n }
	case reflect.Array:
		n := t.Len()
		return func(fr ptr) { *(*int)(at(fr, d)) = n }
	}
	if capacity {
		return func(fr ptr) { *(*int)(at(fr, d)) = reflect.NewAt(t, at(fr, x)).Elem().Cap() }
	}
	return func(fr ptr) { *(*int)(at(fr, d)) = reflect.NewAt(t, at(fr, x)).Elem().Len() }
}

//go:linkname growslice runtime.growslice
func growslice(old unsafe.Pointer, newLen, oldCap, num int, elem unsafe.Pointer) sliceHeader

//go:linkname typedslicecopy reflect.typedslicecopy
func typedslicecopy(elem unsafe.Pointer, dst, src sliceHeader) int

// appendTo lowers append(s, t...).
func (k *compiler) appendTo(in *ssa.Call, args []ssa.Value) op {
	d, x := k.off(in), k.off(args[0])
	if len(args) == 1 {
		return moveT[[]byte](d, x)
	}
	y := k.off(args[1])
	elem := k.typ(args[0]).Elem()
	if k.typ(args[1]).Kind() == reflect.String {
		return func(fr ptr) {
			*(*[]byte)(at(fr, d)) = append(*(*[]byte)(at(fr, x)), *(*string)(at(fr, y))...)
		}
	}
	switch classOf(elem) {
	case class1:
		return appendT[uint8](d, x, y)
	case class2:
		return appendT[uint16](d, x, y)
	case class4:
		return appendT[uint32](d, x, y)
	case class8:
		return appendT[uint64](d, x, y)
	case classPtr:
		return appendT[ptr](d, x, y)
	case classString:
		return appendT[string](d, x, y)
	case classIface:
		return appendT[any](d, x, y)
	case classSlice:
		return appendT[[]byte](d, x, y)
	}
	w, size := rtype.TypeWord(elem), elem.Size()
	return func(fr ptr) {
		s, t := *(*sliceHeader)(at(fr, x)), *(*sliceHeader)(at(fr, y))
		n := s.len + t.len
		if uint(n) > uint(s.cap) {
			if n > large {
				k.m.mayAllocateArray(uint64(n), size)
			}
			old := s.len
			s = growslice(s.ptr, n, s.cap, t.len, w)
			s.len = old
		}
		tail := sliceHeader{unsafe.Add(s.ptr, uintptr(s.len)*size), t.len, t.len}
		if t.len > 0 {
			typedslicecopy(w, tail, t)
		}
		s.len = n
		*(*sliceHeader)(at(fr, d)) = s
	}
}

func appendT[T any](d, x, y uintptr) op {
	return func(fr ptr) {
		s, t := *(*[]T)(unsafe.Add(fr, x)), *(*[]T)(unsafe.Add(fr, y))
		if n := len(s) + len(t); n > large && n > cap(s) {
			head(fr).g.m.mayAllocateArray(uint64(n), unsafe.Sizeof(*new(T)))
		}
		*(*[]T)(unsafe.Add(fr, d)) = append(s, t...)
	}
}

// large is the number of elements from which on the limit of memory is looked
// at.
const large = 1 << 20

func (k *compiler) copySlice(in *ssa.Call, args []ssa.Value) op {
	d, x, y := k.off(in), k.off(args[0]), k.off(args[1])
	if k.typ(args[1]).Kind() == reflect.String {
		return func(fr ptr) { *(*int)(at(fr, d)) = copy(*(*[]byte)(at(fr, x)), *(*string)(at(fr, y))) }
	}
	w := rtype.TypeWord(k.typ(args[0]).Elem())
	if k.typ(args[0]).Elem().Size() == 0 {
		return func(fr ptr) {
			*(*int)(at(fr, d)) = min((*sliceHeader)(at(fr, x)).len, (*sliceHeader)(at(fr, y)).len)
		}
	}
	return func(fr ptr) {
		*(*int)(at(fr, d)) = typedslicecopy(w, *(*sliceHeader)(at(fr, x)), *(*sliceHeader)(at(fr, y)))
	}
}

// extreme lowers min and max.
func (k *compiler) extreme(in *ssa.Call, args []ssa.Value, least bool) op {
	d := k.off(in)
	from := make([]uintptr, len(args))
	for i, a := range args {
		from[i] = k.off(a)
	}
	switch k.typ(in).Kind() {
	case reflect.Int:
		return extremeOp[int](d, from, least)
	case reflect.Int8:
		return extremeOp[int8](d, from, least)
	case reflect.Int16:
		return extremeOp[int16](d, from, least)
	case reflect.Int32:
		return extremeOp[int32](d, from, least)
	case reflect.Int64:
		return extremeOp[int64](d, from, least)
	case reflect.Uint:
		return extremeOp[uint](d, from, least)
	case reflect.Uint8:
		return extremeOp[uint8](d, from, least)
	case reflect.Uint16:
		return extremeOp[uint16](d, from, least)
	case reflect.Uint32:
		return extremeOp[uint32](d, from, least)
	case reflect.Uint64:
		return extremeOp[uint64](d, from, least)
	case reflect.Uintptr:
		return extremeOp[uintptr](d, from, least)
	case reflect.Float32:
		return extremeOp[float32](d, from, least)
	case reflect.Float64:
		return extremeOp[float64](d, from, least)
	case reflect.String:
		return extremeOp[string](d, from, least)
	}
	panic(fmt.Errorf("exec: %s: no minimum of %s", k.fn, in.Type()))
}

func extremeOp[T ordered](d uintptr, from []uintptr, least bool) op {
	return func(fr ptr) {
		m := *(*T)(at(fr, from[0]))
		for _, f := range from[1:] {
			if v := *(*T)(at(fr, f)); least {
				m = min(m, v)
			} else {
				m = max(m, v)
			}
		}
		*(*T)(at(fr, d)) = m
	}
}

// prepareBuiltin is prepare for a predeclared function.
func (k *compiler) prepareBuiltin(b *ssa.Builtin, common *ssa.CallCommon) func(fr ptr) deferred {
	args := common.Args
	switch b.Name() {
	case "print", "println":
		print := k.printer(args, b.Name() == "println")
		return func(fr ptr) deferred {
			text := print(fr)
			return func(g *Goroutine, _ *activation) { g.run.print(text) }
		}
	case "recover":
		return func(ptr) deferred { return deferredRecover }
	case "panic":
		x := k.off(args[0])
		return func(fr ptr) deferred {
			v := *(*any)(at(fr, x))
			return func(*Goroutine, *activation) { panic(v) }
		}
	}
	vals := make([]operand, len(args))
	for i, a := range args {
		vals[i] = operand{k.off(a), k.typ(a)}
	}
	return func(fr ptr) deferred {
		v := make([]reflect.Value, len(vals))
		for i := range vals {
			v[i] = copyOf(vals[i].typ, at(fr, vals[i].off))
		}
		return func(*Goroutine, *activation) {
			switch b.Name() {
			case "close":
				v[0].Close()
			case "delete":
				v[0].SetMapIndex(v[1], reflect.Value{})
			case "clear":
				v[0].Clear()
			case "copy":
				reflect.Copy(v[0], v[1])
			}
		}
	}
}

// mayAllocate panics with an [OutOfMemory] if a single allocation of n bytes is
// beyond the machine's limit.
func (m *Machine) mayAllocate(n uint64) {
	if m.MemoryLimit > 0 && n > m.MemoryLimit {
		panic(OutOfMemory{n, m.MemoryLimit})
	}
}

// mayAllocateArray is mayAllocate for n elements of a size.
func (m *Machine) mayAllocateArray(n uint64, size uintptr) {
	if hi, lo := bits.Mul64(n, uint64(size)); hi == 0 && n < maxAlloc { // else make panics
		m.mayAllocate(lo)
	}
}

// OutOfMemory is the run-time error of an allocation that the memory of the
// machine cannot hold.
type OutOfMemory struct{ Wanted, Limit uint64 }

// Error describes the error.
func (e OutOfMemory) Error() string {
	return fmt.Sprintf("out of memory: make of %s, which is more than the %s that may be allocated at once", megabytes(e.Wanted), megabytes(e.Limit))
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MB", n>>20) }

// RuntimeError marks it as a runtime.Error.
func (OutOfMemory) RuntimeError() {}

// interpreted tells whether t, or what it points to, is a type that cells or
// source packages declare.
func (tm *typeMap) interpreted(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return tm.interpretedType(rtype.TypeWord(tm.of(t))) != nil
}
