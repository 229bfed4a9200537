package rtype

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

func TestCheck(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
}

// method returns the methods of T and *T that call f with the receiver.
func methodOf(name string, typ reflect.Type, recv reflect.Type, f func(recv reflect.Value, args []reflect.Value) []reflect.Value) (value, pointer Method) {
	value = Method{Name: name, Type: typ, Call: func(p unsafe.Pointer, args []reflect.Value) []reflect.Value {
		return f(reflect.NewAt(recv, p).Elem(), args)
	}}
	if !isExported(name) {
		value.PkgPath = "main"
	}
	pointer = value
	pointer.Call = func(p unsafe.Pointer, args []reflect.Value) []reflect.Value {
		return value.Call(*(*unsafe.Pointer)(p), args)
	}
	if typ == reflect.TypeFor[func() string]() {
		value.Word, pointer.Word = textWord(value.Call), textWord(pointer.Call)
	}
	return value, pointer
}

// textWord returns the Word of a method without parameters that returns a string.
func textWord(call func(unsafe.Pointer, []reflect.Value) []reflect.Value) func(direct bool) unsafe.Pointer {
	return func(direct bool) unsafe.Pointer {
		return funcWord(reflect.ValueOf(func(word unsafe.Pointer) string {
			recv := word
			if direct {
				recv = unsafe.Pointer(&word)
			}
			return call(recv, nil)[0].String()
		}))
	}
}

// stringer returns a String method that says the type's name and f's result.
func stringer(recv reflect.Type, f func(reflect.Value) string) (value, pointer Method) {
	return methodOf("String", reflect.TypeFor[func() string](), recv, func(r reflect.Value, _ []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(recv.Name() + " " + f(r))}
	})
}

// plain returns the value with the underlying type, for fmt.
func plain(under reflect.Type) func(reflect.Value) string {
	return func(v reflect.Value) string { return fmt.Sprint(v.Convert(under).Interface()) }
}

func TestKinds(t *testing.T) {
	ch := make(chan int, 3)
	fn := func(int) string { return "called" }
	for _, test := range []struct {
		under any // the underlying type and a value
		want  string
	}{
		{true, "true"},
		{int(-1), "-1"},
		{int8(-8), "-8"},
		{int16(-16), "-16"},
		{int32(-32), "-32"},
		{int64(-64), "-64"},
		{uint(1), "1"},
		{uint8(8), "8"},
		{uint16(16), "16"},
		{uint32(32), "32"},
		{uint64(64), "64"},
		{uintptr(7), "7"},
		{float32(1.5), "1.5"},
		{float64(2.5), "2.5"},
		{complex64(1i), "(0+1i)"},
		{complex128(2i), "(0+2i)"},
		{"text", "text"},
		{[2]int{1, 2}, "[1 2]"},
		{[0]int{}, "[]"},
		{[1]*int{}, "[<nil>]"},
		{[3]string{"a"}, "[a  ]"},
		{[]string{"a", "b"}, "[a b]"},
		{map[string]int{"a": 1}, "map[a:1]"},
		{map[any][]byte{1: nil}, "map[1:[]]"},
		{ch, fmt.Sprint(ch)},
		{(<-chan int)(ch), fmt.Sprint(ch)},
		{fn, fmt.Sprintf("%p", fn)},
		{struct{}{}, "{}"},
		{struct{ P *int }{}, "{<nil>}"},
		{struct{ A, B string }{"a", "b"}, "{a b}"},
		{struct {
			A int8
			B float64
			C [3]byte
			D any
		}{1, 2, [3]byte{3}, "x"}, "{1 2 [3 0 0] x}"},
	} {
		under := reflect.TypeOf(test.under)
		t.Run(strings.ReplaceAll(under.String(), " ", ""), func(t *testing.T) {
			n := NewNamed("example.org/kinds", "T", under)
			typ := n.Type()
			if err := n.Complete(under); err != nil {
				t.Fatal(err)
			}
			show := plain(under)
			if under.Kind() == reflect.Func {
				show = func(v reflect.Value) string { return fmt.Sprintf("%p", v.Convert(under).Interface()) }
			}
			v, p := stringer(typ, show)
			_, pset := methodOf("Set", reflect.FuncOf([]reflect.Type{under}, nil, false), typ, func(r reflect.Value, args []reflect.Value) []reflect.Value {
				r.Set(args[0].Convert(typ))
				return nil
			})
			if err := n.SetMethods([]Method{v}, []Method{pset, p}); err != nil {
				t.Fatal(err)
			}
			if typ.Kind() != under.Kind() || typ.Name() != "T" || typ.String() != "kinds.T" || typ.PkgPath() != "example.org/kinds" || typ.Size() != under.Size() {
				t.Errorf("type is %s %s %s %s", typ, typ.Kind(), typ.Name(), typ.PkgPath())
			}
			if typ.NumMethod() != 1 || reflect.PointerTo(typ).NumMethod() != 2 || reflect.PointerTo(typ).Elem() != typ {
				t.Errorf("%d and %d methods", typ.NumMethod(), reflect.PointerTo(typ).NumMethod())
			}
			ptr := reflect.New(typ)
			ptr.MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(test.under)})
			want := "T " + test.want
			for what, got := range map[string]any{
				"value":           ptr.Elem().Interface(),
				"pointer":         ptr.Interface(),
				"reflected":       ptr.Elem().Method(0).Call(nil)[0],
				"method value":    ptr.Elem().Method(0).Interface().(func() string)(),
				"method of type":  typ.Method(0).Func.Call([]reflect.Value{ptr.Elem()})[0],
				"method by name":  ptr.MethodByName("String").Call(nil)[0],
				"in an interface": ptr.Elem().Interface().(fmt.Stringer).String(),
				"in a slice":      reflect.Append(reflect.MakeSlice(reflect.SliceOf(typ), 0, 1), ptr.Elem()).Index(0).Interface(),
				"in an array":     arrayOf(ptr.Elem()).Index(1).Interface(),
				"in a struct":     structWith(ptr.Elem()).Field(1).Interface(),
				"through a chan":  through(ptr.Elem()),
			} {
				if fmt.Sprint(got) != want {
					t.Errorf("%s: got %q, want %q", what, fmt.Sprint(got), want)
				}
			}
			if !typ.ConvertibleTo(under) || !typ.AssignableTo(under) != (under.Name() != "") || typ == under {
				t.Errorf("convertible %t, assignable %t", typ.ConvertibleTo(under), typ.AssignableTo(under))
			}
			if typ.Comparable() != under.Comparable() {
				t.Fatalf("comparable %t", typ.Comparable())
			}
			if !typ.Comparable() {
				return
			}
			a, b := ptr.Elem().Interface(), reflect.ValueOf(test.under).Convert(typ).Interface()
			if a != b || a == test.under {
				t.Error("values that are equal differ, or those of other types are equal")
			}
			m := map[any]int{a: 1, test.under: 2}
			m[b]++
			if len(m) != 2 || m[a] != 2 {
				t.Errorf("as keys: %v", m)
			}
			mv := reflect.MakeMap(reflect.MapOf(typ, typ))
			mv.SetMapIndex(ptr.Elem(), ptr.Elem())
			if got := fmt.Sprint(mv.MapIndex(reflect.ValueOf(b))); got != want {
				t.Errorf("in a map: %q", got)
			}
		})
	}
}

func arrayOf(v reflect.Value) reflect.Value {
	a := reflect.New(reflect.ArrayOf(2, v.Type())).Elem()
	a.Index(1).Set(v)
	return a
}

func structWith(v reflect.Value) reflect.Value {
	s := reflect.New(StructOf([]reflect.StructField{{Name: "B", Type: reflect.TypeFor[bool]()}, {Name: "V", Type: v.Type()}})).Elem()
	s.Field(1).Set(v)
	return s
}

func through(v reflect.Value) any {
	c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, v.Type()), 1)
	c.Send(v)
	r, _ := c.Recv()
	return r.Interface()
}

// newType returns a complete type with the methods that f returns for it.
func newType(t testing.TB, name string, under reflect.Type, f func(reflect.Type) (value, pointer []Method)) *Named {
	t.Helper()
	n := NewNamed("main", name, under)
	if err := n.Complete(under); err != nil {
		t.Fatal(err)
	}
	if f != nil {
		if err := n.SetMethods(f(n.Type())); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestInterfacesOfCompiledPackages(t *testing.T) {
	ints := reflect.TypeFor[[]int]()
	n := newType(t, "Ints", ints, func(typ reflect.Type) (value, pointer []Method) {
		add := func(name string, sig reflect.Type, f func(reflect.Value, []reflect.Value) []reflect.Value) {
			v, p := methodOf(name, sig, typ, f)
			value, pointer = append(value, v), append(pointer, p)
		}
		add("Len", reflect.TypeFor[func() int](), func(r reflect.Value, _ []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(r.Len())}
		})
		add("Less", reflect.TypeFor[func(int, int) bool](), func(r reflect.Value, a []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(r.Index(int(a[0].Int())).Int() < r.Index(int(a[1].Int())).Int())}
		})
		add("Swap", reflect.TypeFor[func(int, int)](), func(r reflect.Value, a []reflect.Value) []reflect.Value {
			reflect.Swapper(r.Interface())(int(a[0].Int()), int(a[1].Int()))
			return nil
		})
		add("Error", reflect.TypeFor[func() string](), func(r reflect.Value, _ []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(fmt.Sprint("error ", r.Len()))}
		})
		add("MarshalJSON", reflect.TypeFor[func() ([]byte, error)](), func(r reflect.Value, _ []reflect.Value) []reflect.Value {
			err := reflect.New(reflect.TypeFor[error]()).Elem()
			if r.Len() == 0 {
				err.Set(reflect.ValueOf(io.ErrUnexpectedEOF))
			}
			return []reflect.Value{reflect.ValueOf(fmt.Appendf(nil, "{\"n\":%d}", r.Len())), err}
		})
		_, write := methodOf("Write", reflect.TypeFor[func([]byte) (int, error)](), typ, func(r reflect.Value, a []reflect.Value) []reflect.Value {
			for _, b := range a[0].Bytes() {
				r.Set(reflect.Append(r, reflect.ValueOf(int(b))))
			}
			return []reflect.Value{reflect.ValueOf(a[0].Len()), reflect.Zero(reflect.TypeFor[error]())}
		})
		many := reflect.TypeFor[func(a, b, c, d, e, f, g, h, i, j int, x float64, s string, rest ...string) (float64, string)]()
		add("Many", many, func(r reflect.Value, a []reflect.Value) []reflect.Value {
			sum := a[10].Float()
			for i := range 10 {
				sum += float64(a[i].Int())
			}
			return []reflect.Value{reflect.ValueOf(sum), reflect.ValueOf(a[11].String() + strings.Join(a[12].Interface().([]string), ""))}
		})
		return value, append(pointer, write)
	})
	v := reflect.New(n.Type())
	v.Elem().Set(reflect.ValueOf([]int{3, 1, 2}).Convert(n.Type()))
	sort.Sort(v.Elem().Interface().(sort.Interface))
	if got := fmt.Sprint(v.Elem().Convert(ints)); got != "[1 2 3]" {
		t.Errorf("sorted: %s", got)
	}
	if b, err := json.Marshal(map[string]any{"x": v.Interface()}); string(b) != `{"x":{"n":3}}` || err != nil {
		t.Errorf("JSON: %s %v", b, err)
	}
	if _, err := json.Marshal(reflect.Zero(n.Type()).Interface()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("JSON of an empty one: %v", err)
	}
	if _, err := io.Copy(v.Interface().(io.Writer), bytes.NewReader([]byte{9, 8})); err != nil || v.Elem().Len() != 5 {
		t.Errorf("io.Copy: %v, %d elements", err, v.Elem().Len())
	}
	wrapped := fmt.Errorf("wrapped: %w", v.Elem().Interface().(error))
	target := reflect.New(n.Type())
	if !errors.As(wrapped, target.Interface()) || target.Elem().Len() != 5 || wrapped.Error() != "wrapped: error 5" {
		t.Errorf("errors.As of %v", wrapped)
	}
	type many interface {
		Many(a, b, c, d, e, f, g, h, i, j int, x float64, s string, rest ...string) (float64, string)
	}
	for _, m := range []many{v.Interface().(many), v.Elem().Interface().(many)} {
		if f, s := m.Many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.5, "a", "b", "c"); f != 55.5 || s != "abc" {
			t.Errorf("Many: %v %v", f, s)
		}
	}
}

func TestRecursive(t *testing.T) {
	n := NewNamed("main", "Node", reflect.TypeFor[struct {
		V    int
		Next unsafe.Pointer
		Kids []byte
		M    map[int]int
		F    func()
	}]())
	node := n.Type()
	ptr := reflect.PointerTo(node)
	if err := n.Complete(StructOf([]reflect.StructField{
		{Name: "V", Type: reflect.TypeFor[int]()},
		{Name: "Next", Type: ptr},
		{Name: "Kids", Type: reflect.SliceOf(node)},
		{Name: "M", Type: reflect.MapOf(reflect.TypeFor[string](), node)},
		{Name: "F", Type: reflect.FuncOf([]reflect.Type{ptr}, []reflect.Type{node}, false)},
	})); err != nil {
		t.Fatal(err)
	}
	v, p := stringer(node, func(v reflect.Value) string { return fmt.Sprint(v.Field(0)) })
	if err := n.SetMethods([]Method{v}, []Method{p}); err != nil {
		t.Fatal(err)
	}
	x := reflect.New(node)
	x.Elem().Field(0).SetInt(7)
	x.Elem().Field(1).Set(x)
	x.Elem().Field(2).Set(reflect.MakeSlice(reflect.SliceOf(node), 2, 2))
	m := reflect.MakeMap(node.Field(3).Type)
	m.SetMapIndex(reflect.ValueOf("k"), x.Elem())
	x.Elem().Field(3).Set(m)
	if got := fmt.Sprint(x.Elem().Field(1), x.Elem().Field(2), x.Elem().Field(3)); got != "Node 7 [Node 0 Node 0] map[k:Node 7]" {
		t.Error(got)
	}
	for _, kind := range []struct{ layout, under reflect.Type }{
		{reflect.TypeFor[[]byte](), nil},
		{reflect.TypeFor[map[int]int](), nil},
		{reflect.TypeFor[chan int](), nil},
		{reflect.TypeFor[func()](), nil},
		{reflect.TypeFor[*byte](), nil},
	} {
		n := NewNamed("main", "Self", kind.layout)
		self := n.Type()
		switch kind.layout.Kind() {
		case reflect.Slice:
			kind.under = reflect.SliceOf(self)
		case reflect.Map:
			kind.under = reflect.MapOf(reflect.TypeFor[string](), self)
		case reflect.Chan:
			kind.under = reflect.ChanOf(reflect.RecvDir, self)
		case reflect.Func:
			kind.under = reflect.FuncOf([]reflect.Type{self, self}, []reflect.Type{self}, false)
		case reflect.Pointer:
			kind.under = reflect.PointerTo(self)
		}
		if err := n.Complete(kind.under); err != nil {
			t.Fatal(err)
		}
		z := reflect.Zero(self)
		if z.Kind() != kind.layout.Kind() || !z.IsNil() || !reflect.DeepEqual(z.Interface(), z.Interface()) {
			t.Errorf("%s: %v", self, z)
		}
		switch z.Kind() {
		case reflect.Slice:
			z = reflect.Append(z, z, z)
			if z.Index(1).Type() != self || z.Len() != 2 {
				t.Errorf("elements of %s", z.Index(1).Type())
			}
		case reflect.Map:
			z = reflect.MakeMap(self)
			z.SetMapIndex(reflect.ValueOf("x"), z)
			if z.MapIndex(reflect.ValueOf("x")).Pointer() != z.Pointer() {
				t.Error("a map that holds itself")
			}
		case reflect.Func:
			f := reflect.MakeFunc(self, func(a []reflect.Value) []reflect.Value { return a[1:] })
			if out := f.Call([]reflect.Value{z, f}); out[0].Type() != self || out[0].IsNil() {
				t.Error("a func that takes itself")
			}
		}
	}
}

func TestInterfaceOf(t *testing.T) {
	str, num := reflect.TypeFor[func() string](), reflect.TypeFor[func(int) error]()
	a := InterfaceOf("main", []IMethod{{Name: "String", Type: str}, {Name: "Do", Type: num}})
	b := InterfaceOf("other", []IMethod{{Name: "Do", Type: num}, {Name: "String", Type: str}})
	if a != b || a.NumMethod() != 2 || a.Method(0).Name != "Do" || a.Method(1).Type != str || a.Name() != "" || a.String() != "interface { Do(int) error; String() string }" {
		t.Errorf("%s and %s", a, b)
	}
	if InterfaceOf("main", nil) != reflect.TypeFor[any]() {
		t.Error("an interface without methods is not any")
	}
	if c := InterfaceOf("main", []IMethod{{Name: "Compiled", Type: str}}); c != reflect.TypeOf(compiledLiteral).Elem() {
		t.Errorf("%s is not the program's", c)
	}
	one := InterfaceOf("main", []IMethod{{Name: "secret", PkgPath: "main", Type: str}})
	two := InterfaceOf("other", []IMethod{{Name: "secret", PkgPath: "other", Type: str}})
	n := newType(t, "Secret", reflect.TypeFor[int](), func(typ reflect.Type) (value, pointer []Method) {
		v, p := methodOf("secret", str, typ, func(r reflect.Value, _ []reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf("s")} })
		return []Method{v}, []Method{p}
	})
	if one == two || !n.Type().Implements(one) || n.Type().Implements(two) || n.Type().NumMethod() != 0 {
		t.Errorf("implements %t and %t", n.Type().Implements(one), n.Type().Implements(two))
	}
	v := reflect.New(one).Elem()
	v.Set(reflect.New(n.Type()))
	tab, ok := Itab(TypeWord(one), TypeWord(n.Type()))
	if !ok || ItabType(tab) != TypeWord(n.Type()) || ItabFun(tab, 0) == nil {
		t.Error("no itab")
	}
	if _, ok := Itab(TypeWord(two), TypeWord(n.Type())); ok {
		t.Error("an itab of a type without the method")
	}
	named := NewNamed("main", "I", reflect.TypeFor[error]())
	under := InterfaceOf("main", []IMethod{{Name: "Self", Type: reflect.FuncOf(nil, []reflect.Type{named.Type()}, false)}})
	if err := named.Complete(under); err != nil {
		t.Fatal(err)
	}
	if named.Type().Kind() != reflect.Interface || named.Type().Method(0).Type.Out(0) != named.Type() || named.Type().Name() != "I" {
		t.Errorf("%s has %v", named.Type(), named.Type().Method(0))
	}
}

// compiledLiteral makes the compiler describe an interface type without a name.
var compiledLiteral *interface{ Compiled() string }

func TestStructs(t *testing.T) {
	integer, text := reflect.TypeFor[int](), reflect.TypeFor[string]()
	fields := []reflect.StructField{
		{Name: "A", Type: integer, Tag: `json:"a"`},
		{Name: "_", PkgPath: "main", Type: integer},
		{Name: "hidden", PkgPath: "main", Type: text},
		{Name: "_", PkgPath: "main", Type: text},
	}
	s := StructOf(fields)
	if s != StructOf(fields) || s.Field(0).Tag.Get("json") != "a" || s.Field(2).PkgPath != "main" || s.Field(3).Name != "_" {
		t.Errorf("%s", s)
	}
	x, y := reflect.New(s), reflect.New(s)
	*(*int)(unsafe.Add(x.UnsafePointer(), s.Field(1).Offset)) = 5
	*(*string)(unsafe.Add(x.UnsafePointer(), s.Field(3).Offset)) = "blank"
	if x.Elem().Interface() != y.Elem().Interface() {
		t.Error("blank fields are compared")
	}
	if m := map[any]int{x.Elem().Interface(): 1, y.Elem().Interface(): 2}; len(m) != 1 {
		t.Errorf("as keys: %v", m)
	}
	*(*string)(unsafe.Add(x.UnsafePointer(), s.Field(2).Offset)) = "x"
	if x.Elem().Interface() == y.Elem().Interface() {
		t.Error("fields are not compared")
	}
	if a, b := StructOf([]reflect.StructField{{Name: "A", Type: integer, Tag: "x"}}), StructOf([]reflect.StructField{{Name: "A", Type: integer}}); a == b || b != reflect.TypeFor[struct{ A int }]() {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := StructOf([]reflect.StructField{{Name: "x", PkgPath: "p", Type: integer}}), StructOf([]reflect.StructField{{Name: "x", PkgPath: "q", Type: integer}}); a == b {
		t.Error("fields of different packages are the same")
	}
	mixed := StructOf([]reflect.StructField{{Name: "x", PkgPath: "p", Type: integer}, {Name: "y", PkgPath: "q", Type: integer}})
	if mixed.NumField() != 2 {
		t.Errorf("%s", mixed)
	}
	base := newType(t, "Base", integer, func(typ reflect.Type) (value, pointer []Method) {
		v, p := stringer(typ, func(v reflect.Value) string { return fmt.Sprint(v.Int()) })
		return []Method{v}, []Method{p}
	}).Type()
	embedding := []reflect.StructField{{Name: "Base", Type: base, Anonymous: true}, {Name: "error", PkgPath: "main", Type: reflect.TypeFor[error](), Anonymous: true}, {Name: "N", Type: integer}}
	plain := StructOf(embedding)
	if plain.NumMethod() != 0 || !plain.Field(0).Anonymous || plain != StructOf(embedding) || !strings.HasPrefix(plain.String(), "struct { main.Base; error; N int }") {
		t.Errorf("%s: %+v", plain, plain.Field(0))
	}
	st, n := NewStruct(embedding)
	v, p := methodOf("String", reflect.TypeFor[func() string](), st, func(r reflect.Value, _ []reflect.Value) []reflect.Value {
		return r.Field(0).MethodByName("String").Call(nil)
	})
	if err := n.SetMethods([]Method{v}, []Method{p}); err != nil {
		t.Fatal(err)
	}
	z := reflect.New(st)
	z.Elem().Field(0).SetInt(4)
	if got := fmt.Sprint(z.Elem().Interface(), z.Interface()); got != "Base 4 Base 4" || st.Name() != "" {
		t.Errorf("embedding: %s", got)
	}
	if c, n := NewStruct([]reflect.StructField{{Name: "Buffer", Type: reflect.TypeFor[*bytes.Buffer](), Anonymous: true}}); n != nil || c != reflect.TypeOf(embeddingCompiled).Elem() {
		t.Errorf("%s is not the program's", c)
	}
}

var embeddingCompiled = &struct{ *bytes.Buffer }{}

func TestLateMethods(t *testing.T) {
	n := newType(t, "Late", reflect.TypeFor[int](), nil)
	if err := n.SetMethods(nil, nil); err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(5).Convert(n.Type()).Interface()
	asserts := func(v any) bool { _, ok := v.(fmt.Stringer); return ok }
	fails := func(v any) bool { _, ok := v.(error); return ok }
	if asserts(v) || fails(v) || fmt.Sprint(v) != "5" {
		t.Fatal("it has methods already")
	}
	a, b := stringer(n.Type(), plain(reflect.TypeFor[int]()))
	if err := n.SetMethods([]Method{a}, []Method{b}); err != nil {
		t.Fatal(err)
	}
	if !asserts(v) || fails(v) || fmt.Sprint(v) != "Late 5" {
		t.Errorf("a late method is not seen: %t %s", asserts(v), fmt.Sprint(v))
	}
	c, d := methodOf("Error", reflect.TypeFor[func() string](), n.Type(), func(reflect.Value, []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf("late error")}
	})
	if err := n.SetMethods([]Method{a, c}, []Method{b, d}); err != nil {
		t.Fatal(err)
	}
	if !asserts(v) || !fails(v) || fmt.Sprint(v) != "late error" || n.Type().NumMethod() != 2 {
		t.Errorf("another late method is not seen: %s", fmt.Sprint(v))
	}
	str := v.(fmt.Stringer)
	a, b = stringer(n.Type(), func(reflect.Value) string { return "replaced" })
	if err := n.SetMethods([]Method{a, c}, []Method{b, d}); err != nil {
		t.Fatal(err)
	}
	if str.String() != "Late replaced" {
		t.Errorf("a method is not replaced: %s", str)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		layout, under any
		want          string
	}{
		{1, "", "laid out as int, its underlying type string is string"},
		{struct{ A int }{}, struct{ A, B int }{}, "laid out with 8 bytes, the last pointer ending at 0; its underlying type struct { A int; B int } has 16 and 0"},
		{struct{ A *int }{}, struct{ A int }{}, "the last pointer ending at 8"},
		{struct{ A func() }{}, struct{ A *int }{}, "laid out with comparable = false"},
	} {
		err := NewNamed("main", "T", reflect.TypeOf(test.layout)).Complete(reflect.TypeOf(test.under))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%T for %T: got %v, want %s", test.under, test.layout, err, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, v := range []any{1, "s", []int{}, &compiled{}, struct{ P *int }{}, struct{ A, B *int }{}, [1]func(){}, map[int]int{}} {
		typ := reflect.TypeOf(v)
		if TypeOfWord(TypeWord(typ)) != typ || TypeWord(typ) != *(*unsafe.Pointer)(unsafe.Pointer(&v)) {
			t.Errorf("the word of %s", typ)
		}
		direct := map[reflect.Kind]bool{reflect.Pointer: true, reflect.Map: true, reflect.Func: true, reflect.Chan: true, reflect.Array: true}[typ.Kind()] || typ.Size() == 8 && typ.Kind() == reflect.Struct
		if IsDirectIface(TypeWord(typ)) != direct {
			t.Errorf("%s is direct: %t", typ, !direct)
		}
	}
	inner := func([]reflect.Value) []reflect.Value { return nil }
	made := reflect.MakeFunc(reflect.TypeFor[func()](), inner)
	method := reflect.ValueOf(&bytes.Buffer{}).MethodByName("Reset").Interface()
	if w, ok := MakeFuncFn(funcWord(made)); !ok || w != *(*unsafe.Pointer)(unsafe.Pointer(&inner)) {
		t.Error("a func of MakeFunc is not recognised")
	}
	if _, ok := MakeFuncFn(funcWord(reflect.ValueOf(inner))); ok {
		t.Error("another func is taken for one of MakeFunc")
	}
	if !IsThin(funcWord(made)) || !IsThin(funcWord(reflect.ValueOf(method))) || IsThin(funcWord(reflect.ValueOf(inner))) {
		t.Error("thin funcs are not recognised")
	}
	here, there := Goroutine(), make(chan uintptr)
	go func() { there <- Goroutine() }()
	if there := <-there; here == there || here == 0 || here != Goroutine() {
		t.Errorf("goroutines %#x and %#x", here, there)
	}
}

// TestCollector lets the garbage collector work on values that only frames and
// types made at run time refer to.
func TestCollector(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	n := NewNamed("main", "Cell", reflect.TypeFor[struct {
		S    string
		Next unsafe.Pointer
		Any  any
		M    map[int]int
	}]())
	cell := n.Type()
	if err := n.Complete(StructOf([]reflect.StructField{
		{Name: "S", Type: reflect.TypeFor[string]()},
		{Name: "Next", Type: reflect.PointerTo(cell)},
		{Name: "Any", Type: reflect.TypeFor[any]()},
		{Name: "M", Type: reflect.MapOf(reflect.TypeFor[string](), cell)},
	})); err != nil {
		t.Fatal(err)
	}
	v, p := stringer(cell, func(v reflect.Value) string { return v.Field(0).String() })
	if err := n.SetMethods([]Method{v}, []Method{p}); err != nil {
		t.Fatal(err)
	}
	frame := FrameType([]bool{false, true, false, true, true, false})
	if frame != FrameType([]bool{false, true, false, true, true, false}) {
		t.Error("equal frames have different types")
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var frames []unsafe.Pointer
			list := reflect.Zero(reflect.PointerTo(cell))
			for i := range rounds {
				text := fmt.Sprintf("value %d of %d", i, g)
				c := reflect.New(cell)
				c.Elem().Field(0).SetString(text)
				c.Elem().Field(1).Set(list)
				c.Elem().Field(2).Set(reflect.ValueOf(text))
				m := reflect.MakeMap(cell.Field(3).Type)
				m.SetMapIndex(reflect.ValueOf(text), c.Elem())
				c.Elem().Field(3).Set(m)
				list = c
				fr := New(frame)
				*(*uintptr)(fr) = ^uintptr(0) // no pointer
				*(**string)(unsafe.Add(fr, 8)) = &text
				*(*[]byte)(unsafe.Add(fr, 24)) = []byte(text)[:0:0]
				*(*unsafe.Pointer)(unsafe.Add(fr, 32)) = c.UnsafePointer()
				frames = append(frames, fr)
				_ = make([]byte, 1000)
				if i%50 == 0 {
					runtime.GC()
				}
			}
			for i, fr := range frames {
				want := fmt.Sprintf("value %d of %d", i, g)
				c := reflect.NewAt(cell, *(*unsafe.Pointer)(unsafe.Add(fr, 32)))
				if got := **(**string)(unsafe.Add(fr, 8)); got != want || fmt.Sprint(c) != "Cell "+want {
					t.Errorf("got %q and %v, want %q", got, c, want)
					return
				}
				if got := fmt.Sprint(c.Elem().Field(3).MapIndex(reflect.ValueOf(want)), c.Elem().Field(2)); got != "Cell "+want+" "+want {
					t.Errorf("got %q", got)
					return
				}
			}
			for i := rounds - 1; i >= 0; i-- {
				if got, want := list.Elem().Field(0).String(), fmt.Sprintf("value %d of %d", i, g); got != want {
					t.Errorf("got %q in the list, want %q", got, want)
					return
				}
				list = list.Elem().Field(1)
			}
		})
	}
	wg.Wait()
}

// TestParallel makes types, gives them methods and calls these from several
// goroutines.
func TestParallel(t *testing.T) {
	shared := newType(t, "Shared", reflect.TypeFor[int](), nil)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 20 {
				n := newType(t, fmt.Sprintf("T%d_%d", g, i), reflect.TypeFor[int](), func(typ reflect.Type) (value, pointer []Method) {
					v, p := stringer(typ, plain(reflect.TypeFor[int]()))
					return []Method{v}, []Method{p}
				})
				v := reflect.ValueOf(i).Convert(n.Type())
				if got, want := fmt.Sprint(v), fmt.Sprintf("T%d_%d %d", g, i, i); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				a, b := stringer(shared.Type(), plain(reflect.TypeFor[int]()))
				if err := shared.SetMethods([]Method{a}, []Method{b}); err != nil {
					t.Error(err)
				}
				if got := fmt.Sprint(reflect.ValueOf(i).Convert(shared.Type())); got != fmt.Sprint("Shared ", i) {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkCall(b *testing.B) {
	n := newType(b, "T", reflect.TypeFor[int](), func(typ reflect.Type) (value, pointer []Method) {
		out := []reflect.Value{reflect.ValueOf("text")}
		v, p := methodOf("String", reflect.TypeFor[func() string](), typ, func(reflect.Value, []reflect.Value) []reflect.Value { return out })
		return []Method{v}, []Method{p}
	})
	s := reflect.ValueOf(5).Convert(n.Type()).Interface().(fmt.Stringer)
	for b.Loop() {
		_ = s.String()
	}
}
