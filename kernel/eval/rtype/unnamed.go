package rtype

// This file makes interface types with methods, and struct types that package
// reflect refuses.

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

var unnamed struct {
	sync.Mutex
	types map[string]reflect.Type
}

// once returns the type with the key, made by make the first time.
func once(key string, make_ func() reflect.Type) reflect.Type {
	unnamed.Lock()
	defer unnamed.Unlock()
	if t, ok := unnamed.types[key]; ok {
		return t
	}
	if unnamed.types == nil {
		unnamed.types = make(map[string]reflect.Type)
	}
	t := make_()
	unnamed.types[key] = t
	return t
}

// InterfaceOf returns the interface type with the methods. pkgPath is the
// package of those that are not exported. Equal arguments give the same type.
func InterfaceOf(pkgPath string, methods []IMethod) reflect.Type {
	if len(methods) == 0 {
		return reflect.TypeFor[any]()
	}
	ms := append([]IMethod(nil), methods...)
	sort.Slice(ms, func(i, j int) bool { return lessName(ms[i].Name, ms[i].PkgPath, ms[j].Name, ms[j].PkgPath) })
	var key, str strings.Builder
	fmt.Fprintf(&key, "interface %s", pkgPath)
	str.WriteString("interface {")
	for i, m := range ms {
		fmt.Fprintf(&key, ";%s %s %p", m.PkgPath, m.Name, TypeWord(m.Type))
		if i > 0 {
			str.WriteByte(';')
		}
		str.WriteString(" " + m.Name + strings.TrimPrefix(m.Type.String(), "func"))
	}
	str.WriteString(" }")
	return once(key.String(), func() reflect.Type {
		t := (*interfaceType)(alloc(unsafe.Sizeof(interfaceType{})))
		copyHeader(&t.typ, typOf(reflect.TypeFor[error]()))
		t.hash = 0x9e3779b9 * hashes.Add(1)
		t.str = nameOff(str.String(), false)
		t.pkgPath = newName(pkgPath, "", false, false)
		list := keep(make([]imethod, len(ms)))
		for i, m := range ms {
			list[i] = imethod{nameOff(m.Name, isExported(m.Name)), typeOff(m.Type)}
		}
		t.methods = list
		return toType(unsafe.Pointer(t))
	})
}

// StructOf returns the struct type with the fields, whose offsets and indexes
// are ignored. Unlike reflect's it takes embedded fields of every kind; their
// methods are not promoted, for a type that has methods is given them all. Equal
// arguments give the same type.
func StructOf(fields []reflect.StructField) reflect.Type {
	plain := append([]reflect.StructField(nil), fields...)
	embedded := false
	var key, str strings.Builder
	key.WriteString("struct")
	str.WriteString("struct {")
	for i, f := range fields {
		plain[i].Anonymous = false
		embedded = embedded || f.Anonymous
		fmt.Fprintf(&key, ";%s %s %p %q %v", f.PkgPath, f.Name, TypeWord(f.Type), f.Tag, f.Anonymous)
		if i > 0 {
			str.WriteByte(';')
		}
		if !f.Anonymous {
			str.WriteString(" " + f.Name)
		}
		str.WriteString(" " + f.Type.String())
		if f.Tag != "" {
			fmt.Fprintf(&str, " %q", string(f.Tag))
		}
	}
	str.WriteString(" }")
	base := reflect.StructOf(plain)
	if !embedded {
		return base
	}
	return once(key.String(), func() reflect.Type {
		from := (*structType)(TypeWord(base))
		t := (*structType)(alloc(unsafe.Sizeof(structType{})))
		copyHeader(&t.typ, &from.typ)
		t.hash = 0x9e3779b9 * hashes.Add(1)
		t.flag &^= flagUncommon | flagExtraStar
		t.str = nameOff(str.String(), false)
		t.pkgPath = from.pkgPath
		list := keep(append([]structField(nil), from.fields...))
		for i, f := range fields {
			if f.Anonymous {
				list[i].name = newName(f.Name, string(f.Tag), isExported(f.Name), true)
			}
		}
		t.fields = list
		keep(base)
		return toType(unsafe.Pointer(t))
	})
}
