package exec_test

// This file calls functions of many signatures from compiled code in interpreted
// code and the other way round, while the garbage collector is at work.

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// Types whose values travel in every way: in parts of a register, in several, in
// those for floats, in memory. Each name is of the program below; the value has
// the same type here.
var crossing = []struct {
	typ   string
	value any
}{
	{"int", -5},
	{"bool", true},
	{"int8", int8(-7)},
	{"uint16", uint16(65500)},
	{"int32", int32(-70000)},
	{"float32", float32(1.5)},
	{"float64", -2.25},
	{"complex64", complex64(complex(1, -2))},
	{"complex128", complex(3, 4)},
	{"string", "text"},
	{"[]int", []int{1, 2, 3}},
	{"*int", new(int)},
	{"any", any("boxed")},
	{"error", errors.New("mistake")},
	{"map[string]int", map[string]int{"a": 1}},
	{"struct{ A int8; B string }", struct {
		A int8
		B string
	}{-3, "field"}},
	{"struct{ X, Y float32; N *int }", struct {
		X, Y float32
		N    *int
	}{1, 2, new(int)}},
	{"struct{}", struct{}{}},
	{"[1]string", [1]string{"one"}},
	{"[2]string", [2]string{"one", "two"}},
	{"struct{ A, B, C, D, E, F int }", struct{ A, B, C, D, E, F int }{1, 2, 3, 4, 5, 6}},
}

func TestCrossing(t *testing.T) {
	var src strings.Builder
	src.WriteString("package main\n")
	for i, a := range crossing {
		for j, b := range crossing {
			fmt.Fprintf(&src, `
type F%[1]d_%[2]d = func(a %[3]s, b %[4]s) (%[4]s, %[3]s)
func swap%[1]d_%[2]d(a %[3]s, b %[4]s) (%[4]s, %[3]s) { return b, a }
func get%[1]d_%[2]d(n int) F%[1]d_%[2]d { return func(a %[3]s, b %[4]s) (%[4]s, %[3]s) { calls += n; return swap%[1]d_%[2]d(a, b) } }
func call%[1]d_%[2]d(f F%[1]d_%[2]d, a %[3]s, b %[4]s) (%[4]s, %[3]s) { return f(a, b) }
func drop%[1]d_%[2]d(f F%[1]d_%[2]d, a %[3]s, b %[4]s) { f(a, b) }
`, i, j, a.typ, b.typ)
		}
	}
	src.WriteString("var calls int\nfunc count() int { return calls }\n")
	pkg, m := load(t, "crossing", src.String())
	run := m.NewRun(nil)
	run.Call(pkg.Func("init"))
	defer collect()()
	call := func(name string, args ...reflect.Value) []reflect.Value {
		t.Helper()
		out, failed := run.Call(pkg.Func(name), args...)
		if failed != nil {
			t.Fatalf("%s: %v", name, failed.Value)
		}
		return out
	}
	boxed := func(f reflect.Type, i int, v any) reflect.Value {
		p := reflect.New(f.In(i)).Elem()
		p.Set(reflect.ValueOf(v))
		return p
	}
	times := 0
	for i, a := range crossing {
		for j, b := range crossing {
			name := fmt.Sprintf("%d_%d", i, j)
			f := call("get"+name, reflect.ValueOf(3))[0]
			x, y := boxed(f.Type(), 0, a.value), boxed(f.Type(), 1, b.value)
			check := func(what string, out []reflect.Value) {
				t.Helper()
				if !reflect.DeepEqual(out[0].Interface(), b.value) || !reflect.DeepEqual(out[1].Interface(), a.value) {
					t.Errorf("%s, %s: swapped %v and %v, got %v and %v", f.Type(), what, a.value, b.value, out[0], out[1])
				}
			}
			check("interpreted", f.Call([]reflect.Value{x, y}))
			times += 3
			called := 0
			compiled := reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
				called++
				runtime.Gosched()
				return []reflect.Value{args[1], args[0]}
			})
			check("compiled", call("call"+name, compiled, x, y))
			call("drop"+name, compiled, x, y)
			if called != 2 {
				t.Errorf("%s: the compiled function was called %d times, not twice", f.Type(), called)
			}
		}
	}
	if n := call("count")[0].Int(); n != int64(times) {
		t.Errorf("the closures have counted %d, not %d", n, times)
	}
}

// collect runs the garbage collector until what it returns is called.
func collect() (stop func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			default:
				runtime.GC()
			}
		}
	}()
	return func() { close(over); <-ended }
}

// Functions that the compiler made, which put registers into the memory that their
// caller keeps for that; its neighbours must not change.
func TestCrossingCompiled(t *testing.T) {
	pkg, m := load(t, "compiled", `package main
func two(a, b int) bool { return a < b }
func short(a byte, b bool) bool { return b && a == 7 }
func letter(r rune) bool { return r == 'x' }
func text(s string, n int) (string, error) { if n < 0 { return "", bad{s} }; return s[n:], nil }
func half(x float64) float64 { return x / 2 }
func first(x, y float32) float32 { return x }
type bad struct{ s string }
func (b bad) Error() string { return "bad " + b.s }
func funcs() (func(int, int) bool, func(byte, bool) bool, func(rune) bool, func(string, int) (string, error), func(float64) float64, func(float32, float32) float32) {
	return two, short, letter, text, half, first
}
`)
	run := m.NewRun(nil)
	run.Call(pkg.Func("init"))
	out, failed := run.Call(pkg.Func("funcs"))
	if failed != nil {
		t.Fatal(failed.Value)
	}
	defer collect()()
	two := out[0].Interface().(func(int, int) bool)
	short := out[1].Interface().(func(byte, bool) bool)
	letter := out[2].Interface().(func(rune) bool)
	text := out[3].Interface().(func(string, int) (string, error))
	half := out[4].Interface().(func(float64) float64)
	first := out[5].Interface().(func(float32, float32) float32)
	if name := runtime.FuncForPC(reflect.ValueOf(two).Pointer()).Name(); !strings.Contains(name, "exec.entry2[") {
		t.Errorf("compiled code calls an interpreted function through %s, not through an entry", name)
	}
	for i := range 2000 {
		s := fmt.Sprint("text ", i)
		if got := strings.FieldsFunc("axbxc", letter); len(got) != 3 {
			t.Fatalf("FieldsFunc: %q", got)
		}
		tail, err := text(s, 5)
		_, bad := text(s, -1)
		if !two(i, i+1) || two(i, i) || !short(7, true) || short(7, false) || tail != fmt.Sprint(i) || err != nil || bad.Error() != "bad "+s || half(3) != 1.5 || first(1, 2) != 1 {
			t.Fatalf("round %d: %q, %v, %v", i, tail, err, bad)
		}
	}
}
