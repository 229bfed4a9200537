package rtype

// This file makes the method tables of types.

import (
	"fmt"
	"reflect"
	"sort"
	"sync/atomic"
	"unsafe"
)

// Method is a method of a type.
type Method struct {
	Name    string
	PkgPath string       // of a name that is not exported
	Type    reflect.Type // a func type, without the receiver

	// Call runs the method. recv points to the receiver, a value of the type in
	// whose method set it is: for a method of *T, to a *T. Neither recv nor args
	// may be kept. The last of args is a slice if the method is variadic. Results
	// are as many as Type has, of its types.
	Call func(recv unsafe.Pointer, args []reflect.Value) []reflect.Value
}

// entry is a method that a type has.
type entry struct {
	Method
	ifn, tfn stub
}

func (m *Method) is(name, pkgPath string) bool {
	return m.Name == name && (isExported(name) || m.PkgPath == pkgPath)
}

// AddMethod adds a method to the method set of *n, and to that of n if value is
// not nil; a method of the same name is replaced. Types that embed n are to be
// given it separately.
//
// Interfaces that n did not satisfy may hold it from now on. The runtime does not
// expect that: it remembers that a type lacked a method. What it remembers is
// corrected, but for type switches and assertions in compiled code that a value
// of n has gone through many times (about a thousand), which may keep the
// answer.
//
// A replaced method of the same type takes effect everywhere, with another type
// only for conversions from now on.
func (n *Named) AddMethod(value, pointer *Method) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, m := range []*Method{value, pointer} {
		if m == nil {
			continue
		}
		var all []Method
		for _, old := range n.sets[i] {
			if !old.is(m.Name, m.PkgPath) {
				all = append(all, old.Method)
			}
		}
		if err := n.setMethods(i, append(all, *m)); err != nil {
			return err
		}
		repairItabs([2]*typ{n.t, n.ptr}[i], n.sets[i])
	}
	return nil
}

// setMethods makes the method table of n (0) or *n (1). Methods that were there
// with the same type keep their code, which calls the new ones.
func (n *Named) setMethods(which int, methods []Method) error {
	t := [2]*typ{n.t, n.ptr}[which]
	old := n.sets[which]
	set := make([]entry, len(methods))
	for i, m := range methods {
		set[i].Method = m
	}
	sort.Slice(set, func(i, j int) bool {
		a, b := &set[i], &set[j]
		return lessName(a.Name, a.PkgPath, b.Name, b.PkgPath)
	})
	if len(set) == 0 && len(old) == 0 {
		return nil
	}
	for i := range set {
		m := &set[i]
		for _, o := range old {
			if o.is(m.Name, m.PkgPath) && o.Type == m.Type {
				m.ifn, m.tfn = o.ifn, o.tfn
			}
		}
		if err := m.setCode(t.reflect()); err != nil {
			return fmt.Errorf("method %s of %s: %w", m.Name, t.reflect(), err)
		}
	}
	u := t.uncommon()
	table := (*method)(alloc(uintptr(len(set)+1) * unsafe.Sizeof(method{})))
	off := uintptr(unsafe.Pointer(table)) - uintptr(unsafe.Pointer(u))
	if uint64(off) > 1<<32-1 {
		return fmt.Errorf("rtype: the memory for methods of %s is used up; restart the session", t.reflect())
	}
	exported := 0
	for i, e := range unsafe.Slice(table, len(set)) {
		m := &set[i]
		e = method{
			name: methodNameOff(m.Name, m.PkgPath, n.pkgPath),
			mtyp: addReflectOff(TypeWord(m.Type)),
			ifn:  addReflectOff(m.ifn.code()),
			tfn:  addReflectOff(m.tfn.code()),
		}
		unsafe.Slice(table, len(set))[i] = e
		if isExported(m.Name) {
			exported++
		}
	}
	// A new table has room for all that the old count promises to a reader.
	atomic.StoreUint32(&u.moff, uint32(off))
	atomic.StoreUint32(&u.counts, uint32(len(set))|uint32(exported)<<16)
	n.sets[which] = set
	return nil
}
