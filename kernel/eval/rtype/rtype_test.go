package rtype

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"testing"
	"unsafe"
)

func TestCheck(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

func TestRecursive(t *testing.T) {
	n := NewNamed("main", "Node", reflect.TypeFor[struct {
		V    int
		Next unsafe.Pointer
	}]())
	str := func(recv unsafe.Pointer, _ []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(fmt.Sprint("node ", *(*int)(recv)))}
	}
	st := Method{Name: "String", Type: reflect.TypeFor[func() string](), Call: str}
	pst := st
	pst.Call = func(recv unsafe.Pointer, a []reflect.Value) []reflect.Value { return str(*(*unsafe.Pointer)(recv), a) }
	under := StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeFor[int]()}, {Name: "Next", Type: reflect.PointerTo(n.Type())}})
	if err := n.Complete(under); err != nil {
		t.Fatal(err)
	}
	if err := n.SetMethods([]Method{st}, []Method{pst}); err != nil {
		t.Fatal(err)
	}
	v := reflect.New(n.Type())
	v.Elem().Field(0).SetInt(7)
	if got := fmt.Sprint(v.Interface(), v.Elem().Interface()); got != "node 7 node 7" {
		t.Fatal(got)
	}
	if got := fmt.Sprintf("%T %T", v.Interface(), v.Elem().Interface()); got != "*main.Node main.Node" {
		t.Fatal(got)
	}
	if v.Type().NumMethod() != 1 || v.Elem().Method(0).Call(nil)[0].String() != "node 7" {
		t.Fatal("method")
	}
	if got := n.Type().Method(0).Func.Call([]reflect.Value{v.Elem()})[0].String(); got != "node 7" {
		t.Fatal(got)
	}
	_ = errors.New
	_ = sort.Ints
	for range 100 {
		x := reflect.New(n.Type())
		for range 1000 {
			y := reflect.New(n.Type())
			y.Elem().Field(1).Set(x)
			x = y
		}
		runtime.GC()
	}
}
