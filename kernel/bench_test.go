package kernel_test

// This file measures what a cell costs besides what it does.

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"
)

// quietEvaluator returns an evaluator whose events are thrown away.
func quietEvaluator(b testing.TB) *eval.Evaluator {
	b.Helper()
	set := bind.New()
	e, err := eval.New(eval.Config{
		Host:   cell.Host{Emit: func(cell.Event) {}},
		Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths, Render: bind.Render,
	})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func execute(b *testing.B, e *eval.Evaluator, number int, code string) {
	b.Helper()
	if out := e.Execute(context.Background(), cell.Request{ID: cell.ID(number), Number: number, Code: code}); out.Err != nil {
		b.Fatalf("%s:\n%s", code, strings.Join(out.Err.Traceback, "\n"))
	}
}

// BenchmarkCell runs one-line cells after some number of declarations.
func BenchmarkCell(b *testing.B) {
	for _, earlier := range []int{0, 100, 2000} {
		for name, line := range map[string]string{
			"declare": "x := 1 + 1",
			"print":   "x := 1 + 1; fmt.Println(x)",
			"show":    "1 + 1",
		} {
			b.Run(fmt.Sprintf("%s/earlier=%d", name, earlier), func(b *testing.B) {
				e := quietEvaluator(b)
				defer e.Close()
				execute(b, e, 0, "import \"fmt\"\nfmt.Print()")
				for n := 1; n <= earlier; n++ {
					switch n % 3 {
					case 0:
						execute(b, e, n, fmt.Sprintf("v%d := %d", n, n))
					case 1:
						execute(b, e, n, fmt.Sprintf("func f%d(n int) int { return n + %d }", n, n))
					case 2:
						execute(b, e, n, fmt.Sprintf("type T%d struct{ A, B int }", n))
					}
				}
				n := earlier
				for b.Loop() {
					n++
					execute(b, e, n, line)
				}
			})
		}
	}
}

// BenchmarkFirstCell runs the first cell of a session, the making of the
// evaluator included.
func BenchmarkFirstCell(b *testing.B) {
	for b.Loop() {
		e := quietEvaluator(b)
		execute(b, e, 1, "x := 1 + 1; fmt.Println(x)")
		e.Close()
	}
}
