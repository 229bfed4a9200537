package rtype

// This file makes struct types that package reflect refuses.

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// StructOf returns the struct type with the fields, whose offsets and indexes
// are ignored. It is reflect's, but takes embedded fields of every kind, and
// does not compare blank fields. The methods of embedded fields are not
// promoted: see [NewStruct]. Equal arguments give the same type, which is that of
// compiled code if the program has one.
func StructOf(fields []reflect.StructField) reflect.Type {
	base, pkgPath, special := plainStruct(fields)
	if !special {
		return base
	}
	key, str := structKey(fields)
	return once(key, func() reflect.Type {
		if t := compiledStruct(str, fields); t != nil {
			return t
		}
		n := newNamed(pkgPath, str, "", literalStruct(base, fields))
		n.t.flag &^= flagUncommon
		n.t.ptrToThis = 0
		return n.Type()
	})
}

// NewStruct returns a new struct type without a name, to which methods can be
// given: one whose embedded fields promote some. Its underlying type is known,
// so there is nothing to complete. If the program has such a type, NewStruct
// returns that one and no Named.
func NewStruct(fields []reflect.StructField) (reflect.Type, *Named) {
	_, str := structKey(fields)
	if t := compiledStruct(str, fields); t != nil {
		return t, nil
	}
	base, pkgPath, _ := plainStruct(fields)
	n := newNamed(pkgPath, str, "", literalStruct(base, fields))
	return n.Type(), n
}

// plainStruct returns a struct type with the memory of one with the fields, the
// package of those that are not exported, and whether the fields are other ones
// than those of the type.
func plainStruct(fields []reflect.StructField) (base reflect.Type, pkgPath string, special bool) {
	plain := append([]reflect.StructField(nil), fields...)
	for i, f := range fields {
		plain[i].Anonymous = false
		if f.PkgPath != "" {
			if pkgPath == "" {
				pkgPath = f.PkgPath
			}
			special = special || f.PkgPath != pkgPath
			plain[i].PkgPath = pkgPath
		}
		special = special || f.Anonymous || f.Name == "_"
	}
	return reflect.StructOf(plain), pkgPath, special
}

// compiledStruct returns the program's struct type with the fields and the
// string str, or nil.
func compiledStruct(str string, fields []reflect.StructField) reflect.Type {
	for _, t := range typesByString(str) {
		if t := t.reflect(); sameFields(t, fields) {
			return t
		}
	}
	return nil
}

// structKey returns what is the same for identical struct types only, and the
// string of the type.
func structKey(fields []reflect.StructField) (key, str string) {
	var k, s strings.Builder
	k.WriteString("struct")
	s.WriteString("struct {")
	for i, f := range fields {
		fmt.Fprintf(&k, ";%s.%s %p %q %t", f.PkgPath, f.Name, TypeWord(f.Type), f.Tag, f.Anonymous)
		if i > 0 {
			s.WriteByte(';')
		}
		if !f.Anonymous {
			s.WriteString(" " + f.Name)
		}
		s.WriteString(" " + f.Type.String())
		if f.Tag != "" {
			s.WriteString(" " + strconv.Quote(string(f.Tag)))
		}
	}
	s.WriteString(" }")
	return k.String(), s.String()
}

// sameFields tells whether the struct type t has the fields.
func sameFields(t reflect.Type, fields []reflect.StructField) bool {
	if t.Kind() != reflect.Struct || t.Name() != "" || t.NumField() != len(fields) {
		return false
	}
	for i, f := range fields {
		have := t.Field(i)
		if have.Name != f.Name || have.PkgPath != f.PkgPath || have.Type != f.Type || have.Tag != f.Tag || have.Anonymous != f.Anonymous {
			return false
		}
	}
	return true
}

// literalStruct returns a type with the memory of base and the fields as they
// were asked for.
func literalStruct(base reflect.Type, fields []reflect.StructField) reflect.Type {
	from := (*structType)(TypeWord(base))
	t := (*structType)(alloc(unsafe.Sizeof(structType{})))
	copyMemory(&t.typ, &from.typ)
	t.pkgPath = from.pkgPath
	list := keep(append([]structField(nil), from.fields...))
	blank := false
	for i, f := range fields {
		blank = blank || f.Name == "_"
		if f.Anonymous {
			list[i].name = newName(f.Name, string(f.Tag), "", f.PkgPath == "", true)
		}
	}
	t.fields = list
	if blank {
		t.flag &^= flagRegularMemory
		if t.equal != nil {
			t.equal = keep(equalFields(list))
		}
	}
	return toType(unsafe.Pointer(t))
}

// equalFields returns a function that compares structs, but for their blank
// fields.
func equalFields(fields []structField) func(p, q unsafe.Pointer) bool {
	var compared []structField
	for _, f := range fields {
		if name := unsafe.Slice(f.name, 3); name[1] != 1 || name[2] != '_' {
			compared = append(compared, f)
		}
	}
	return func(p, q unsafe.Pointer) bool {
		for _, f := range compared {
			if !f.typ.equal(unsafe.Add(p, f.offset), unsafe.Add(q, f.offset)) {
				return false
			}
		}
		return true
	}
}
