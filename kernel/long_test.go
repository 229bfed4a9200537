package kernel_test

// This file runs long sessions: what nothing reaches any more must go, and what
// something reaches must not.

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/eval"
)

// everyday are the cells of a long session; each # is the number of the cell, and
// those of failing are to fail.
var everyday = []string{
	"x := #",
	"func f(n int) int { return n + # }",
	"type T struct { A int; B string }\nfunc (t T) String() string { return fmt.Sprint(t.A, #) }\nt := T{A: #}\nfmt.Println(t)",
	"type Changing struct { F# int }\n_ = Changing{#}",
	"g := func() int { return x + f(#) }\ng()",
	"fmt.Println(x, #)",
	"display.HTML(\"<b>#</b>\")",
	"import \"strings\"\nstrings.Repeat(\"ab\", #%7)",
	"m := map[string]int{}\nfor i := range 10 { m[fmt.Sprint(i)] += # }\nm",
	"slices.SortFunc([]int{3, 1, 2}, func(a, b int) int { return a - b + 0*# })",
	"ch := make(chan int)\ngo func() { ch <- # }()\n<-ch",
	"func Several[E any](e E) []E { return []E{e} }\nSeveral(#)",
	"type S interface { M() int }\ntype R struct{ v int }\nfunc (r *R) M() int { return r.v + # }\nvar s S = &R{1}\nh := s.M\nh()",
	"defer func() { recover() }()\nvar err error = fmt.Errorf(\"%d\", #)\nerrors.Is(err, io.EOF)",
	"json.Marshal(struct{ A int; B []string }{#, nil})",
	"%time x += #",
}

var failing = []string{
	"undefinedName + #",
	"x +",
	"var a []int\n_ = a[#]",
	"panic(#)",
}

// live runs the cells of a session that have the numbers from and up to to.
func live(t testing.TB, e *eval.Evaluator, from, to int) {
	t.Helper()
	all := append(everyday[:len(everyday):len(everyday)], failing...)
	for i := from; i < to; i++ {
		n := i % len(all)
		code := strings.ReplaceAll(all[n], "#", fmt.Sprint(i))
		out := e.Execute(context.Background(), cell.Request{ID: cell.ID(i + 1), Number: i + 1, Code: code})
		if fails := n >= len(everyday); fails != (out.Err != nil) {
			t.Fatalf("cell %d:\n%s\nended with %+v", i, code, out.Err)
		}
	}
}

// heap returns the bytes and the objects that live.
func heap() (bytes, objects uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.HeapObjects
}

// TestSessionGrowth runs cells that replace what earlier ones did. Of each there
// remain its text, its place in the file set and what it depended on: about a kilobyte,
// and six of a new type.
func TestSessionGrowth(t *testing.T) {
	e := quietEvaluator(t)
	defer e.Close()
	const warm, more = 400, 800
	live(t, e, 0, warm)
	before, _ := heap()
	live(t, e, warm, warm+more)
	after, _ := heap()
	if grown := (int64(after) - int64(before)) / more; grown > 3000 {
		t.Errorf("%d bytes live on of each cell, from %d to %d", grown, before, after)
	}
}

// TestForgottenCells keeps func values, goroutines and variables of cells whose names
// are gone, and uses them when those cells were forgotten.
func TestForgottenCells(t *testing.T) {
	e, host := newEvaluator(t)
	n := 0
	do := func(code string) string {
		n++
		return run(t, e, host, n, code)
	}
	pass := func() { // enough cells to forget some
		for i := range 200 {
			do(fmt.Sprintf("x := %d\nfunc filler(n int) int { return n + %d }\nfiller(x)", i, i))
		}
	}
	do("var kept []func() int")
	do("func f() int { return 1 }\nfunc viaF() int { return 10 * f() }")
	do("kept = append(kept, func() int { return f() }, viaF)")
	do("count := 0\nkept = append(kept, func() int { count++; return count })")
	do("func only() int { return later() + 5 }\nfunc later() int { return 100 }\nkept = append(kept, only)\nanswer, ask := make(chan int), make(chan bool)\ngo func() { for range ask { answer <- only() } }()")
	do("type Shape interface{ Area() float64 }\ntype Square struct{ Side float64 }\nfunc (s Square) Area() float64 { return s.Side * scale() }\nfunc scale() float64 { return 2 }\nvar any1 any = Square{3}")
	do("func box[E any](e E) func() E { return func() E { return e } }\nkept = append(kept, box(7))")
	do("func (s Square) Twice() float64 { return 2 * s.Area() }")
	pass()
	// What they are called from now on means something else.
	do("func f() int { return 2 }")
	do("count := \"text\"\ntype only int\ntype Square struct{}\nfunc viaF() string { return \"\" }\nbox := 1")
	pass()
	do("func f() int { return 3 }\nfunc later() int { return 200 }\nfunc scale() float64 { return 4 }")
	pass()
	for _, c := range []struct{ code, want string }{
		{"kept[0]()", "3\n"},
		{"kept[1]()", "30\n"},
		{"kept[2]() + kept[2]()", "3\n"},
		{"count", "\"text\"\n"},
		{"kept[3]()", "205\n"},
		{"ask <- true; <-answer", "205\n"},
		{"kept[4]()", "7\n"},
		{"any1.(Shape).Area()", "12\n"},
		{"any1.(interface{ Twice() float64 }).Twice()", "24\n"},
		{"fmt.Printf(\"%T\", any1)", "main.Square\n"},
	} {
		if got := do(c.code); got != c.want {
			t.Errorf("%s: got %q, want %q", c.code, got, c.want)
		}
	}
}

// BenchmarkSession tells what a long session takes, and how long its cells do:
//
//	go test ./kernel -run - -bench Session$ -benchtime 1x
func BenchmarkSession(b *testing.B) {
	for b.Loop() {
		e := quietEvaluator(b)
		begun, last := time.Now(), 0
		for _, n := range []int{100, 1000, 2000, 5000, 10000} {
			live(b, e, last, n)
			took := time.Since(begun) / time.Duration(n-last)
			bytes, objects := heap()
			b.Logf("%5d cells: %5.1f MB of heap, %6d objects, %4.0f MB resident, %d goroutines, %v a cell since the line before",
				n, float64(bytes)/1e6, objects, resident(), runtime.NumGoroutine(), took.Round(time.Microsecond))
			begun, last = time.Now(), n
		}
		e.Close()
	}
}

// resident returns the megabytes of memory that the process has, where Linux tells.
func resident() float64 {
	var size, pages float64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		fmt.Sscan(string(text), &size, &pages)
	}
	return pages * float64(os.Getpagesize()) / 1e6
}
