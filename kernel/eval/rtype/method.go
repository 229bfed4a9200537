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

	// Word, if it is not nil, returns the word of a func value that does the same
	// faster, without package reflect: its first parameter is the data word of an
	// interface that holds the receiver, which is direct or points to it, the others
	// are those of Type.
	Word func(direct bool) unsafe.Pointer
}

// entry is a method that a type has.
type entry struct {
	Method
	ifn, tfn stub
}

func (m *Method) is(name, pkgPath string) bool {
	return m.Name == name && (isExported(name) || m.PkgPath == pkgPath)
}

// SetMethods gives n and *n their method sets, each whole, with promoted methods.
// It returns an error if there are more methods than can be made in a process.
//
// It may be called again with more methods. Interfaces that n did not satisfy may
// hold it from then on. The runtime does not expect that: it remembers that a
// type lacked a method. What it remembers is corrected, but for type switches
// and assertions in compiled code that a value of n has gone through many times
// (about a thousand), which may keep the answer. A method that was there with
// the same type is replaced everywhere, with another type only for conversions
// from then on.
func (n *Named) SetMethods(value, pointer []Method) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, ms := range [2][]Method{value, pointer} {
		again := n.used
		if err := n.setMethods(i, ms); err != nil {
			return err
		}
		if again {
			repairItabs([2]*typ{n.t, n.ptr}[i], n.sets[i])
		}
	}
	n.used = true
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
