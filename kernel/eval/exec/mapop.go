package exec

// This file lowers map operations and the iteration over maps and strings.

import (
	"reflect"
	"unicode/utf8"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

//go:linkname mapaccess2 runtime.mapaccess2
func mapaccess2(t, m, key unsafe.Pointer) (unsafe.Pointer, bool)

//go:linkname mapassign runtime.mapassign
func mapassign(t, m, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapdelete runtime.mapdelete
func mapdelete(t, m, key unsafe.Pointer)

func (k *compiler) makeMap(in *ssa.MakeMap) op {
	d, t := k.off(in), k.typ(in)
	if in.Reserve == nil {
		return func(fr ptr) { *(*ptr)(at(fr, d)) = reflect.MakeMap(t).UnsafePointer() }
	}
	size, signed := k.intReader(in.Reserve)
	entry := t.Key().Size() + t.Elem().Size() + 1
	return func(fr ptr) {
		n := int(size(fr))
		k.m.mayAllocateArray(uint64(max(n, 0)), entry)
		if n < 0 && signed {
			n = 0 // as the runtime does with a hint that was computed
		}
		*(*ptr)(at(fr, d)) = reflect.MakeMapWithSize(t, max(n, 0)).UnsafePointer()
	}
}

// lookup lowers X[key] of a map, with or without a second result.
func (k *compiler) lookup(in *ssa.Lookup) op {
	x, key := k.off(in.X), k.off(in.Index)
	t := k.typ(in.X)
	if t.Kind() == reflect.String {
		d := k.off(in)
		index, signed := k.intReader(in.Index)
		return func(fr ptr) {
			s := *(*string)(at(fr, x))
			*(*byte)(at(fr, d)) = s[checkIndex(index(fr), len(s), signed)]
		}
	}
	w, elem := rtype.TypeWord(t), t.Elem()
	d, okOff := k.off(in), uintptr(0)
	if in.CommaOk {
		r := k.regs[in]
		d, okOff = r.off+r.tuple[0].off, r.off+r.tuple[1].off
	}
	commaOk := in.CommaOk
	zero := k.zero(elem, d)
	value := newArg(elem, 0)
	return func(fr ptr) {
		p, ok := mapaccess2(w, *(*ptr)(at(fr, x)), at(fr, key))
		if ok {
			value.copyTo(at(fr, d), p)
		} else {
			zero(fr)
		}
		if commaOk {
			*(*bool)(at(fr, okOff)) = ok
		}
	}
}

func (k *compiler) mapUpdate(in *ssa.MapUpdate) op {
	x, key, v := k.off(in.Map), k.off(in.Key), k.off(in.Value)
	t := k.typ(in.Map)
	w, value := rtype.TypeWord(t), newArg(t.Elem(), 0)
	return func(fr ptr) {
		value.copyTo(mapassign(w, *(*ptr)(at(fr, x)), at(fr, key)), at(fr, v))
	}
}

// iterator is the state of a range loop over a map or a string.
type iterator struct {
	m   *reflect.MapIter
	s   string
	pos int
}

func (k *compiler) rangeOver(in *ssa.Range) op {
	d, x, t := k.off(in), k.off(in.X), k.typ(in.X)
	if t.Kind() == reflect.String {
		return func(fr ptr) {
			*(*ptr)(at(fr, d)) = unsafe.Pointer(&iterator{s: *(*string)(at(fr, x))})
		}
	}
	return func(fr ptr) {
		m := reflect.NewAt(t, unsafe.Pointer(&[1]ptr{*(*ptr)(at(fr, x))})).Elem()
		*(*ptr)(at(fr, d)) = unsafe.Pointer(&iterator{m: m.MapRange()})
	}
}

func (k *compiler) next(in *ssa.Next) op {
	it := k.off(in.Iter)
	r := k.regs[in]
	okOff, key, val := r.off+r.tuple[0].off, r.off+r.tuple[1].off, r.off+r.tuple[2].off
	kt, vt := r.tuple[1].typ, r.tuple[2].typ
	if in.IsString {
		return func(fr ptr) {
			i := (*iterator)(*(*ptr)(at(fr, it)))
			if i.pos >= len(i.s) {
				*(*bool)(at(fr, okOff)) = false
				return
			}
			c, n := utf8.DecodeRuneInString(i.s[i.pos:])
			*(*bool)(at(fr, okOff)) = true
			if kt.Kind() == reflect.Int {
				*(*int)(at(fr, key)) = i.pos
			}
			if vt.Kind() == reflect.Int32 {
				*(*rune)(at(fr, val)) = c
			}
			i.pos += n
		}
	}
	mt := k.typ(in.Iter.(*ssa.Range).X)
	setKey := assignFrom(kt, mt.Key(), key, reflect.Value.SetIterKey, (*reflect.MapIter).Key)
	setVal := assignFrom(vt, mt.Elem(), val, reflect.Value.SetIterValue, (*reflect.MapIter).Value)
	return func(fr ptr) {
		i := (*iterator)(*(*ptr)(at(fr, it)))
		ok := i.m.Next()
		*(*bool)(at(fr, okOff)) = ok
		if !ok {
			return
		}
		if setKey != nil {
			setKey(fr, i.m)
		}
		if setVal != nil {
			setVal(fr, i.m)
		}
	}
}

// assignFrom returns a function that stores a map iterator's key or value into
// a variable of type to at off; nil if the loop does not use it.
func assignFrom(to, from reflect.Type, off uintptr, direct func(reflect.Value, *reflect.MapIter), value func(*reflect.MapIter) reflect.Value) func(fr ptr, m *reflect.MapIter) {
	switch {
	case to == from:
		return func(fr ptr, m *reflect.MapIter) { direct(reflect.NewAt(to, at(fr, off)).Elem(), m) }
	case to.Size() == 0:
		return nil
	}
	return func(fr ptr, m *reflect.MapIter) { reflect.NewAt(to, at(fr, off)).Elem().Set(value(m)) }
}
