package exec_test

// This file stops runs in the middle of everything that can take long.

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"cajal/kernel/eval/exec"
)

// endless are bodies of main that do not end by themselves. They call started
// when they are under way.
var endless = map[string]string{
	"loop":               `started(); for {}`,
	"nested loops":       `started(); for { for range 3 {} }`,
	"goto":               `started(); again: goto again`,
	"recursion":          `started(); deep(60)`,
	"mutual recursion":   `started(); for even(1000) {}`,
	"closure":            `started(); f := func() {}; for { f() }`,
	"loop with defer":    `started(); for { func() { defer func() {}() }() }`,
	"recovering":         `started(); for { func() { defer func() { recover() }(); for {} }() }`,
	"panicking":          `started(); for { func() { defer func() { recover() }(); panic(1) }() }`,
	"range over func":    `started(); for range func(yield func(int) bool) { for yield(1) {} } {}`,
	"receive":            `c := make(chan int); started(); <-c`,
	"receive from nil":   `var c chan int; started(); <-c`,
	"send":               `c := make(chan int); started(); c <- 1`,
	"send to nil":        `var c chan int; started(); c <- 1`,
	"range over chan":    `c := make(chan int); started(); for range c {}`,
	"select":             `c := make(chan int); started(); select { case <-c: case c <- 1: }`,
	"empty select":       `started(); select {}`,
	"busy select":        `c := make(chan int); started(); for { select { case <-c: default: } }`,
	"ping-pong":          `a, b := make(chan int), make(chan int); go func() { for v := range a { b <- v } }(); started(); for { a <- 1; <-b }`,
	"mutex":              `var m sync.Mutex; m.Lock(); started(); m.Lock()`,
	"locker":             `var m sync.Locker = new(sync.Mutex); m.Lock(); started(); m.Lock()`,
	"rwmutex":            `var m sync.RWMutex; m.RLock(); started(); m.Lock()`,
	"rwmutex to read":    `var m sync.RWMutex; m.Lock(); started(); m.RLock()`,
	"embedded mutex":     `var m struct { sync.Mutex }; m.Lock(); started(); m.Lock()`,
	"wait group":         `var wg sync.WaitGroup; wg.Add(1); started(); wg.Wait()`,
	"cond":               `var m sync.Mutex; c := sync.NewCond(&m); m.Lock(); started(); c.Wait()`,
	"deferred wait":      `c := make(chan int); defer func() { started(); <-c }()`,
	"deferred on stop":   `defer func() { for {} }(); started(); for {}`,
	"deferred unlock":    `var m sync.Mutex; m.Lock(); defer m.Unlock(); started(); for {}`,
	"in compiled code":   `started(); for { sort.Slice(make([]int, 100), func(i, j int) bool { return i < j }) }`,
	"compiled goroutine": `var wg sync.WaitGroup; wg.Go(func() { started(); for {} }); wg.Wait()`,
	"method of compiled": `sort.Sort(slow{})`,
	"goroutines":         `for range 10 { go func() { for {} }() }; started(); for {}`,
	"string":             `s := ""; started(); for { s = string([]byte(s)) }`,
	"map":                `m := map[int]int{}; started(); for { for k := range m { m[k]++ }; m[1]++ }`,
}

const endlessPackage = `package main
import ("sort"; "sync")
func started()
func deep(n int) int { if n < 2 { return n }; return deep(n-1) + deep(n-2) }
func even(n int) bool { return n == 0 || odd(n-1) }
func odd(n int) bool { return n != 0 && even(n-1) }
type slow struct{}
func (slow) Len() int { return 10 }
func (slow) Less(i, j int) bool { started(); for {} }
func (slow) Swap(i, j int) {}
var _ sync.Mutex
var _ = sort.Sort
func main() { `

func TestStop(t *testing.T) {
	for name, body := range endless {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			pkg, m := load(t, "endless.go", endlessPackage+body+"}")
			started := make(chan struct{}, 100)
			m.Bind(pkg.Func("started"), func() {
				select {
				case started <- struct{}{}:
				default:
				}
			})
			before := runtime.NumGoroutine()
			run := m.NewRun(nil)
			run.Fatal = func(v any, _ []exec.Frame) { t.Errorf("a goroutine panics with %v", v) }
			ended := make(chan *exec.Panic, 1)
			go func() {
				_, p := run.Call(pkg.Func("init"))
				if p == nil {
					_, p = run.Call(pkg.Func("main"))
				}
				ended <- p
			}()
			select {
			case <-started:
			case p := <-ended:
				t.Fatalf("main ended by itself: %+v", p)
			}
			time.Sleep(time.Millisecond) // so that most of them wait already
			at := time.Now()
			run.Stop()
			p := <-ended
			t.Logf("stopped after %v", time.Since(at).Round(time.Microsecond))
			var stopped exec.Interrupted
			if p == nil {
				t.Fatal("main returned")
			}
			if err, ok := p.Value.(error); !ok || !errors.As(err, &stopped) || stopped.Run != run {
				t.Fatalf("main panics with %v, want Interrupted", p.Value)
			}
			// Its goroutines end, too, but for those that wait in its place in
			// the runtime.
			for range 1000 {
				if runtime.NumGoroutine() <= before+2 {
					return
				}
				time.Sleep(time.Millisecond)
			}
			t.Errorf("%d goroutines were left behind", runtime.NumGoroutine()-before)
		})
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"recursion", `f()`, "stack overflow"},
		{"recursion with defer", `d()`, "stack overflow"},
		{"recursion of deferred calls", `p()`, "stack overflow"},
		{"recursion through an interface", `var s interface{ m(int) } = t{}; s.m(0)`, "stack overflow"},
		{"recursion of a closure", `var f func(); f = func() { f() }; f()`, "stack overflow"},
		{"recursion through compiled code", `c()`, "stack overflow"},
		{"make", `n := 1 << 40; _ = make([]int, n)`, "out of memory"},
		{"make of a constant", `_ = make([]int, 1<<40)`, "out of memory"},
		{"make with capacity", `n := 1 << 40; _ = make([]byte, 0, n)`, "out of memory"},
		{"make of a channel", `n := 1 << 40; _ = make(chan int, n)`, "out of memory"},
		{"make of a map", `n := 1 << 40; _ = make(map[int]int, n)`, "out of memory"},
		{"new", `x := new([1<<40]byte); x[n]++`, "out of memory"},
		{"variable", `var x [1<<40]byte; x[n]++`, "out of memory"},
		{"append", `s := make([]string, 1<<20); for { s = append(s, s...) }`, "out of memory"},
		{"append of bytes", `s := make([]byte, 1<<20); for { s = append(s, s...) }`, "out of memory"},
		{"append of structs", `s := make([][3]int, 1<<20); for { s = append(s, s...) }`, "out of memory"},
		{"string", `s := "x"; for { s += s }`, "out of memory"},
		{"array value", `x := new([1<<32]byte); y := *x; y[n]++; f2(y)`, "out of memory"},
		{"literal", `x := []byte{1<<40: 1}; x[n]++`, "out of memory"},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) {
			pkg, m := load(t, "limits.go", `package main
import "sort"
func f2(x [1<<32]byte) {}
func f() int { return f() + 1 }
func d() int { defer func() {}(); return d() + 1 }
func p() { defer p(); panic(1) }
func c() { sort.Slice(make([]int, 2), func(i, j int) bool { c(); return true }) }
type t struct{}
func (t) m(n int) { var s interface{ m(int) } = t{}; s.m(n + 1) }
var n int
func main() { `+test.body+` }`)
			m.MemoryLimit = 1 << 26
			run := m.NewRun(nil)
			run.Call(pkg.Func("init"))
			_, p := run.Call(pkg.Func("main"))
			if p == nil {
				t.Fatal("main returned")
			}
			err, ok := p.Value.(runtime.Error)
			if !ok || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("main panics with %v, want %s", p.Value, test.want)
			}
			if _, p := run.Call(pkg.Func("init")); p != nil {
				t.Errorf("afterwards, init panics with %v", p.Value)
			}
		})
	}
}
