package rtype

// This file finds types of the compiled program that have no name, with which
// types made here must be identical.

import (
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

//go:linkname typelinks reflect.typelinks
func typelinks() (sections []unsafe.Pointer, offsets [][]int32)

//go:linkname typesByString reflect.typesByString
func typesByString(s string) []*typ

// compiledInterfaces returns the interface types without a name that are parts
// of the program's other types without a name, by their strings. The runtime
// lists these others, but no interface types.
var compiledInterfaces = sync.OnceValue(func() map[string][]reflect.Type {
	found := make(map[string][]reflect.Type)
	seen := make(map[reflect.Type]bool)
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		if t.Name() != "" || seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Map:
			walk(t.Key())
			walk(t.Elem())
		case reflect.Array, reflect.Chan, reflect.Pointer, reflect.Slice:
			walk(t.Elem())
		case reflect.Func:
			for i := range t.NumIn() {
				walk(t.In(i))
			}
			for i := range t.NumOut() {
				walk(t.Out(i))
			}
		case reflect.Struct:
			for i := range t.NumField() {
				walk(t.Field(i).Type)
			}
		case reflect.Interface:
			if t.NumMethod() > 0 {
				found[t.String()] = append(found[t.String()], t)
			}
		}
	}
	sections, offsets := typelinks()
	for i, section := range sections {
		for _, off := range offsets[i] {
			t := toType(unsafe.Add(section, uintptr(off)))
			if strings.Contains(t.String(), "interface { ") {
				walk(t)
			}
		}
	}
	return found
})
