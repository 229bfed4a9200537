// Panics, deferred calls, recover and runtime.Goexit.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
)

func try(name string, f func()) {
	defer func() {
		r := recover()
		_, isRuntime := r.(runtime.Error)
		fmt.Printf("%s: %v %t\n", name, r, isRuntime)
	}()
	f()
}

type T struct{ a, b int }

func (T) Value()    {}
func (*T) Pointer() {}

type valuer interface{ Value() }

var zero, minus = 0, -1

func errorsOfRuntime() {
	var (
		p   *T
		m   map[string]int
		s   = []int{1, 2, 3}
		arr [3]int
		i   any
		f   func()
		ch  chan int
		str = "abc"
	)
	try("nil field", func() { fmt.Println(p.b) })
	try("nil store", func() { p.a = 1 })
	try("nil map", func() { m["a"] = 1 })
	try("nil func", func() { f() })
	try("nil interface", func() { i.(valuer).Value() })
	try("index", func() { fmt.Println(s[3+zero]) })
	try("index of array", func() { fmt.Println(arr[minus]) })
	try("index of string", func() { fmt.Println(str[5+zero]) })
	try("slice", func() { fmt.Println(s[2+zero : 1]) })
	try("slice high", func() { fmt.Println(s[:4+zero]) })
	try("slice of string", func() { fmt.Println(str[4+zero:]) })
	try("slice 3", func() { fmt.Println(s[0 : 2+zero : 1]) })
	try("slice of array", func() { fmt.Println(arr[:4+zero]) })
	try("to array", func() { fmt.Println([4]int(s)) })
	try("to array pointer", func() { fmt.Println((*[4]int)(s)) })
	try("division", func() { fmt.Println(1 / zero) })
	try("modulo", func() { fmt.Println(int8(1) % int8(zero)) })
	try("shift", func() { fmt.Println(1 << minus) })
	try("make", func() { fmt.Println(make([]int, minus)) })
	try("make cap", func() { fmt.Println(make([]int, 2, 1+zero)) })
	try("make chan", func() { fmt.Println(make(chan int, minus)) })
	try("close nil", func() { close(ch) })
	try("close twice", func() { ch = make(chan int); close(ch); close(ch) })
	try("send closed", func() { ch <- 1 })
	try("assert", func() { i = 3; fmt.Println(i.(string)) })
	try("assert interface", func() { fmt.Println(i.(fmt.Stringer)) })
	try("assert pointer method", func() { i = T{}; fmt.Println(i.(interface{ Pointer() })) })
	try("assert nil", func() { i = nil; fmt.Println(i.(int)) })
	try("compare", func() { i = []int{}; fmt.Println(i == i) })
	try("compare struct", func() { i = struct{ f func() }{}; fmt.Println(i == i) })
	try("map key", func() { fmt.Println(map[any]int{i: 1}) })
	try("conversion in compiled code", func() { strings.Repeat("x", minus) })
	try("nil error", func() { var e error; fmt.Println(e.Error()) })
	try("panic nil", func() { panic(nil) })
	try("panic error", func() { panic(errors.New("mine")) })
	try("panic value", func() { panic(T{1, 2}) })
	try("none", func() {})
}

func order() (s string) {
	for i := range 3 {
		defer func() { s += fmt.Sprint(i) }()
	}
	defer func(i int) { s += fmt.Sprint("arg", i) }(len(s))
	s = "start "
	return s + "result "
}

func named() (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered %v", r)
			n *= 2
		}
	}()
	n = 21
	panic("stop")
}

func unnamed() int {
	defer func() { recover() }()
	panic(1)
}

func nested() {
	defer func() { fmt.Println("outer", recover()) }()
	defer func() {
		defer func() { fmt.Println("inner", recover()) }()
		panic("second")
	}()
	panic("first")
}

func replaced() {
	defer func() { fmt.Println("replaced by", recover()) }()
	defer func() { panic("two") }()
	panic("one")
}

func helper() any { return recover() }

func tooDeep() {
	defer func() { fmt.Println("direct", recover()) }()
	defer func() { fmt.Println("helper", helper()) }()
	defer func() { func() { fmt.Println("nested call", recover()) }() }()
	panic("deep")
}

type closer struct{ name string }

func (c *closer) Close()    { fmt.Println("close", c.name, recover()) }
func (c closer) Done(n int) { fmt.Println("done", c.name, n, recover()) }

type wrap struct{ *closer }

func methods() {
	c := &closer{"c"}
	w := wrap{c}
	var i interface{ Close() } = w
	func() { defer c.Close(); panic(1) }()
	func() { defer w.Close(); panic(2) }()
	func() { defer i.Close(); panic(3) }()
	func() { f := w.Done; defer f(5); panic(4) }()
	func() { defer w.closer.Done(6); c.name = "later"; panic(5) }()
	func() { defer (*closer).Close(c); panic(6) }()
	func() { defer recover(); defer fmt.Println("deferred recover is no call of a deferred function") }()
}

func again() {
	defer func() { fmt.Println("again", recover()) }()
	defer func() {
		r := recover()
		panic(fmt.Sprint(r, " again"))
	}()
	panic("once")
}

func loop() {
	for i := range 3 {
		func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Print("loop ", r, "; ")
				}
			}()
			if i%2 == 0 {
				panic(i)
			}
		}()
	}
	fmt.Println()
}

func goexit() {
	done := make(chan string)
	go func() {
		defer func() { done <- fmt.Sprint("goexit ", recover()) }()
		defer func() {
			defer func() { fmt.Println("recovered in goexit:", recover()) }()
			panic("while exiting")
		}()
		func() {
			defer fmt.Println("inner deferred")
			runtime.Goexit()
		}()
		fmt.Println("not reached")
	}()
	fmt.Println(<-done)
}

func throughCompiled() {
	x := []int{3, 2, 1}
	func() {
		defer func() { fmt.Println("through sort:", recover()) }()
		sort.Slice(x, func(i, j int) bool { panic("in less") })
	}()
	fmt.Println(strings.Map(func(r rune) (out rune) {
		defer func() {
			if recover() != nil {
				out = '?'
			}
		}()
		if r == 'b' {
			panic("b")
		}
		return r + 1
	}, "abc"))
	fmt.Printf("%v %s\n", panicking{}, panicking{})
}

type panicking struct{}

func (panicking) String() string { panic("no text") }

func big(n int) (sum int) {
	defer func() {
		if recover() != nil {
			sum = n
		}
	}()
	if n == 0 {
		panic("bottom")
	}
	return big(n-1) + 1
}

func deferLoop(n int) (out []int) {
	for i := 0; i < n; i++ {
		defer func() { out = append(out, i) }()
	}
	return nil
}

func evaluated() {
	x := 1
	f := func(s string) func() { fmt.Println("evaluated", s); return func() { fmt.Println("run", s, x) } }
	defer f("a")()
	defer fmt.Println("x was", x)
	x = 2
	var nilFunc func()
	defer func() { fmt.Println(recover()) }()
	defer nilFunc()
	fmt.Println("before")
}

func main() {
	errorsOfRuntime()
	fmt.Println(order())
	fmt.Println(named())
	fmt.Println(unnamed())
	nested()
	replaced()
	tooDeep()
	methods()
	again()
	loop()
	goexit()
	throughCompiled()
	fmt.Println(big(1000), deferLoop(4))
	evaluated()
	defer fmt.Println("exit runs no deferred calls")
	os.Exit(0)
}

// Output:
// nil field: runtime error: invalid memory address or nil pointer dereference true
// nil store: runtime error: invalid memory address or nil pointer dereference true
// nil map: assignment to entry in nil map true
// nil func: runtime error: invalid memory address or nil pointer dereference true
// nil interface: interface conversion: interface is nil, not main.valuer true
// index: runtime error: index out of range [3] with length 3 true
// index of array: runtime error: index out of range [-1] true
// index of string: runtime error: index out of range [5] with length 3 true
// slice: runtime error: slice bounds out of range [2:1] true
// slice high: runtime error: slice bounds out of range [:4] with capacity 3 true
// slice of string: runtime error: slice bounds out of range [4:3] true
// slice 3: runtime error: slice bounds out of range [:2:1] true
// slice of array: runtime error: slice bounds out of range [:4] with length 3 true
// to array: runtime error: cannot convert slice with length 3 to array or pointer to array with length 4 true
// to array pointer: runtime error: cannot convert slice with length 3 to array or pointer to array with length 4 true
// division: runtime error: integer divide by zero true
// modulo: runtime error: integer divide by zero true
// shift: runtime error: negative shift amount true
// make: runtime error: makeslice: len out of range true
// make cap: runtime error: makeslice: cap out of range true
// make chan: makechan: size out of range true
// close nil: close of nil channel true
// close twice: close of closed channel true
// send closed: send on closed channel true
// assert: interface conversion: interface {} is int, not string true
// assert interface: interface conversion: int is not fmt.Stringer: missing method String true
// assert pointer method: interface conversion: main.T is not interface { Pointer() }: missing method Pointer true
// assert nil: interface conversion: interface {} is nil, not int true
// compare: runtime error: comparing uncomparable type []int true
// compare struct: runtime error: comparing uncomparable type struct { f func() } true
// map key: runtime error: hash of unhashable type struct { f func() } true
// conversion in compiled code: strings: negative Repeat count false
// nil error: runtime error: invalid memory address or nil pointer dereference true
// panic nil: panic called with nil argument true
// panic error: mine false
// panic value: {1 2} false
// none: <nil> false
// start result arg0210
// 42 recovered stop
// 0
// inner second
// outer first
// replaced by two
// nested call <nil>
// helper <nil>
// direct deep
// close c 1
// close c 2
// close c 3
// done c 5 4
// done c 6 5
// close later 6
// deferred recover is no call of a deferred function
// again once again
// loop 0; loop 2;
// inner deferred
// recovered in goexit: while exiting
// goexit <nil>
// through sort: in less
// b?d
// %!v(PANIC=String method: no text) %!s(PANIC=String method: no text)
// 1000 [3 2 1 0]
// evaluated a
// before
// runtime error: invalid memory address or nil pointer dereference
// x was 1
// run a 2
