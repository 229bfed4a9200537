package rtype

// This file tests whether the running program's types are laid out as this
// package believes.

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// Check returns an error if types cannot be made in this program: on a machine
// without stubs, or with a version of Go whose layouts differ.
func Check() error { return check() }

var check = sync.OnceValue(func() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
		if err != nil {
			err = fmt.Errorf("rtype: types with methods cannot be made with %s on %s/%s (tested with go1.26 on amd64 and arm64): %w", runtime.Version(), runtime.GOOS, runtime.GOARCH, err)
		}
	}()
	if unsafe.Sizeof(uintptr(0)) != 8 {
		return fmt.Errorf("words of %d bytes", unsafe.Sizeof(uintptr(0)))
	}
	if err := checkMirrors(); err != nil {
		return err
	}
	return checkNamed()
})

// compiled is a type whose memory is known.
type compiled struct {
	A int
	B *int
	C string
}

// Text is a method, so that the type has a table.
func (c *compiled) Text() string { return c.C }

// checkMirrors compares the mirrored layouts with types of the compiler.
func checkMirrors() error {
	t := reflect.TypeFor[compiled]()
	m := (*structType)(TypeWord(t))
	switch {
	case m.size != t.Size() || m.align != uint8(t.Align()) || m.kind != uint8(reflect.Struct):
		return fmt.Errorf("the common part of a type has another layout")
	case m.ptrBytes != 24 || *m.gcData != 0b110:
		return fmt.Errorf("pointers are described in another way")
	case len(m.fields) != 3 || m.fields[2].offset != t.Field(2).Offset:
		return fmt.Errorf("the fields of a struct have another layout")
	case m.flag&flagNamed == 0 || m.flag&flagUncommon == 0 || m.flag&flagDirectIface != 0:
		return fmt.Errorf("the flags of a type have other meanings")
	}
	p := (*typ)(TypeWord(reflect.TypeFor[*compiled]()))
	if p.uncommon().counts != 1|1<<16 || p.flag&flagDirectIface == 0 {
		return fmt.Errorf("the method table of a type has another layout")
	}
	i := (*interfaceType)(TypeWord(reflect.TypeFor[error]()))
	if len(i.methods) != 1 {
		return fmt.Errorf("an interface type has another layout")
	}
	f := (*funcType)(TypeWord(reflect.TypeFor[func(int, int) error]()))
	if f.in != 2 || f.out != 1 {
		return fmt.Errorf("a func type has another layout")
	}
	called := false
	fn := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value { called = true; return nil })
	w, ok := MakeFuncFn(funcWord(fn))
	if !ok {
		return fmt.Errorf("functions of reflect.MakeFunc are not recognised")
	}
	(*(*func([]reflect.Value) []reflect.Value)(unsafe.Pointer(&w)))(nil)
	if !called {
		return fmt.Errorf("functions of reflect.MakeFunc have another layout")
	}
	return nil
}

// checkNamed makes a type and uses it.
func checkNamed() error {
	n := NewNamed("rtype/check", "T", reflect.TypeFor[struct{ A, B string }]())
	text := Method{Name: "Error", Type: reflect.TypeFor[func() string](), Call: func(recv unsafe.Pointer, _ []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(*(*string)(unsafe.Add(recv, 16)))}
	}}
	indirect := text
	indirect.Call = func(recv unsafe.Pointer, args []reflect.Value) []reflect.Value {
		return text.Call(*(*unsafe.Pointer)(recv), args)
	}
	if err := n.Complete(reflect.TypeFor[struct{ A, B string }]()); err != nil {
		return err
	}
	if err := n.SetMethods([]Method{text}, []Method{indirect}); err != nil {
		return err
	}
	v := reflect.New(n.Type())
	v.Elem().Field(1).SetString("text")
	for _, x := range []any{v.Interface(), v.Elem().Interface()} {
		e, ok := x.(error)
		if !ok {
			return fmt.Errorf("%T has no methods", x)
		}
		if e.Error() != "text" {
			return fmt.Errorf("a method of %T does not see its receiver", x)
		}
	}
	if n.Type().String() != "check.T" || n.Type().PkgPath() != "rtype/check" {
		return fmt.Errorf("names have another layout")
	}
	return nil
}
