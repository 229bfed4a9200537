package rtype

// This file makes interface types with methods.

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"sync"
	"unsafe"
)

// IMethod is a method of an interface type.
type IMethod struct {
	Name    string
	PkgPath string       // of a name that is not exported
	Type    reflect.Type // a func type
}

// literals holds the types made here that have no name. A key names all that
// makes types identical, other types by their words.
var literals struct {
	sync.Mutex
	types map[string]reflect.Type
}

// once returns the literal with the key, made by make_ the first time.
func once(key string, make_ func() reflect.Type) reflect.Type {
	literals.Lock()
	defer literals.Unlock()
	if t, ok := literals.types[key]; ok {
		return t
	}
	if literals.types == nil {
		literals.types = make(map[string]reflect.Type)
	}
	t := make_()
	literals.types[key] = t
	return t
}

// InterfaceOf returns the interface type with the methods, in any order. pkgPath
// is the package in which the type is written; it matters if a method is not
// exported. Equal arguments give the same type, which is that of compiled code
// if the program has one.
func InterfaceOf(pkgPath string, methods []IMethod) reflect.Type {
	if len(methods) == 0 {
		return reflect.TypeFor[any]()
	}
	ms := append([]IMethod(nil), methods...)
	sort.Slice(ms, func(i, j int) bool { return lessName(ms[i].Name, ms[i].PkgPath, ms[j].Name, ms[j].PkgPath) })
	if isExported(ms[len(ms)-1].Name) {
		pkgPath = ""
	}
	var key, str strings.Builder
	key.WriteString("interface")
	str.WriteString("interface {")
	for i, m := range ms {
		if isExported(m.Name) {
			fmt.Fprintf(&key, ";%s %p", m.Name, TypeWord(m.Type))
		} else {
			fmt.Fprintf(&key, ";%s.%s %p", m.PkgPath, m.Name, TypeWord(m.Type))
		}
		if i > 0 {
			str.WriteByte(';')
		}
		str.WriteByte(' ')
		if !isExported(m.Name) {
			str.WriteString(packageName(m.PkgPath) + ".")
		}
		str.WriteString(m.Name + strings.TrimPrefix(m.Type.String(), "func"))
	}
	str.WriteString(" }")
	return once(key.String(), func() reflect.Type {
		for _, t := range compiledInterfaces()[str.String()] {
			if hasExactly(t, ms) {
				return t
			}
		}
		t := (*interfaceType)(alloc(unsafe.Sizeof(interfaceType{})))
		copyMemory(&t.typ, typOf(reflect.TypeFor[error]()))
		t.hash = newHash()
		t.str = nameOff(str.String(), "", false)
		t.pkgPath = newName(pkgPath, "", "", false, false)
		t.methods = keep(make([]imethod, len(ms)))
		for i, m := range ms {
			t.methods[i] = imethod{methodNameOff(m.Name, m.PkgPath, pkgPath), addReflectOff(TypeWord(m.Type))}
		}
		return toType(unsafe.Pointer(t))
	})
}

// hasExactly tells whether the interface type t has the methods ms, in their
// order.
func hasExactly(t reflect.Type, ms []IMethod) bool {
	if t.NumMethod() != len(ms) {
		return false
	}
	for i, m := range ms {
		if have := t.Method(i); have.Name != m.Name || have.Type != m.Type || !isExported(m.Name) && have.PkgPath != m.PkgPath {
			return false
		}
	}
	return true
}
