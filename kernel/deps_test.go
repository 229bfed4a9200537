package kernel_test

// This file tests the hints about values whose inputs come from a cell that has
// run again since.

import (
	"context"
	"strings"
	"testing"

	"cajal/kernel/cell"
)

// step is an execution: the front end's name of the cell, its text, and what the
// reader is told on standard error.
type step struct{ key, code, hint string }

// model is a cell with a type whose methods change it, or do not.
const model = `type M struct{ w []int; n int }
func (m *M) Learn(xs []int) { m.w = append(m.w, xs...) }
func (m *M) More(xs []int) { m.Learn(xs) }
func (m M) Show(xs []int) { fmt.Println(m.n, xs) }
func (m *M) Count(xs []int) int { return m.n + len(xs) }
m := &M{}`

func TestOutdated(t *testing.T) {
	for name, steps := range map[string][]step{
		"in order":                             {{"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"c", "y", ""}, {"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"c", "y", ""}},
		"run again":                            {{"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"a", "x := 5", ""}, {"c", "y", "y of cell 2 goes back to x of cell 1, which has run again since as cell 3; to renew it, run cell 2 again"}},
		"itself":                               {{"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"a", "x := 5", ""}, {"b", "y := x + 2", ""}, {"c", "y", ""}},
		"far":                                  {{"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"c", "z := y", ""}, {"a", "x := 5", ""}, {"d", "z", "run cell 2, then cell 3 again"}},
		"another cell":                         {{"a", "x := 1", ""}, {"b", "y := x + 1", ""}, {"c", "x = y * 2", ""}, {"d", "y", ""}},
		"other values":                         {{"a", "x := 1\nw := 2", ""}, {"b", "y := x\nz := w", ""}, {"a", "x := 5", ""}, {"c", "z", ""}, {"d", "y", "y of cell 2"}},
		"left":                                 {{"a", "x := 1", ""}, {"a", "xx := 1", ""}, {"b", "x", "x is left from cell 1, which has run again as cell 2 and does not declare it any more"}},
		"function":                             {{"a", "func f() int { return 1 }", ""}, {"b", "y := f()", ""}, {"a", "func f() int { return 2 }", ""}, {"c", "y", "goes back to f of cell 1"}},
		"same function":                        {{"a", "func f() int { return 1 }", ""}, {"b", "y := f()", ""}, {"a", "func f() int { return 1 }", ""}, {"c", "y", ""}},
		"through function":                     {{"a", "k := 2", ""}, {"b", "func f() int { return k }", ""}, {"c", "y := f()", ""}, {"a", "k := 3", ""}, {"d", "f()", ""}, {"e", "y", "goes back to k of cell 1"}},
		"through closure":                      {{"a", "k := 2", ""}, {"b", "f := func() int { return k }", ""}, {"c", "y := f()", ""}, {"a", "k := 3", ""}, {"d", "f()", ""}, {"e", "y", "goes back to k of cell 1"}},
		"set in a loop":                        {{"a", "n := 2", ""}, {"b", "s := 0", ""}, {"c", "for i := range n {\n\ts += i\n}", ""}, {"a", "n := 3", ""}, {"d", "s", "s of cell 3 goes back to n of cell 1"}},
		"element":                              {{"a", "n := 2", ""}, {"b", "s := make([]int, 3)", ""}, {"c", "s[1] = n", ""}, {"a", "n := 3", ""}, {"d", "s", "goes back to n"}},
		"method":                               {{"a", "xs := []int{1}", ""}, {"b", model, ""}, {"c", "m.Learn(xs)", ""}, {"a", "xs := []int{2}", ""}, {"d", "m", "m of cell 3 goes back to xs of cell 1, which has run again since as cell 4; to renew it, run cell 3 again"}},
		"method of method":                     {{"a", "xs := []int{1}", ""}, {"b", model, ""}, {"c", "m.More(xs)", ""}, {"a", "xs := []int{2}", ""}, {"d", "m", "m of cell 3"}},
		"method, trained again":                {{"a", "xs := []int{1}", ""}, {"b", model, ""}, {"c", "m.Learn(xs)", ""}, {"a", "xs := []int{2}", ""}, {"c", "m.Learn(xs)", ""}, {"d", "m", ""}},
		"method, made again":                   {{"a", "xs := []int{1}", ""}, {"b", model, ""}, {"c", "m.Learn(xs)", ""}, {"b", "m := &M{}", ""}, {"d", "m", ""}, {"c", "m.Learn(xs)", ""}, {"d", "m", ""}},
		"what it made":                         {{"b", model, ""}, {"c", "m.Learn([]int{1})", ""}, {"d", "y := m.Count(nil)", ""}, {"c", "m.Learn([]int{1})", ""}, {"e", "y", "y of cell 3 goes back to m of cell 2, which has run again since as cell 4"}},
		"method that changes nothing":          {{"a", "xs := []int{1}", ""}, {"b", model, ""}, {"c", "m.Show(xs)\nm.Count(xs)", ""}, {"a", "xs := []int{2}", ""}, {"d", "m", ""}},
		"compiled method":                      {{"a", "s := \"x\"", ""}, {"b", "var b strings.Builder", ""}, {"c", "b.WriteString(s)", ""}, {"a", "s := \"y\"", ""}, {"d", "b.String()", "b of cell 3 goes back to s of cell 1"}},
		"compiled method that changes nothing": {{"a", "n := 1", ""}, {"b", "b := bytes.NewBufferString(\"abc\")", ""}, {"c", "fmt.Println(b.Len() + n)", ""}, {"a", "n := 2", ""}, {"d", "b.Len()", ""}},
		"printed":                              {{"a", "n := 1", ""}, {"b", "x := 2", ""}, {"c", "fmt.Println(&x != nil, n)", ""}, {"a", "n := 2", ""}, {"d", "x", ""}},
		"address":                              {{"a", "s := `[1]`", ""}, {"b", "var xs []int", ""}, {"c", "json.Unmarshal([]byte(s), &xs)", ""}, {"a", "s := `[2]`", ""}, {"d", "xs", "xs of cell 3 goes back to s of cell 1"}},
		"sorted":                               {{"a", "k := 1", ""}, {"b", "xs := []int{2, 1}", ""}, {"c", "slices.SortFunc(xs, func(a, b int) int { return k * (a - b) })", ""}, {"a", "k := -1", ""}, {"d", "xs", "xs of cell 3 goes back to k of cell 1"}},
		"argument":                             {{"a", "n := 1", ""}, {"b", "func fill(xs []int, v int) { for i := range xs { xs[i] = v } }\nxs := make([]int, 3)", ""}, {"c", "fill(xs, n)", ""}, {"a", "n := 2", ""}, {"d", "xs", "xs of cell 3 goes back to n of cell 1"}},
		"argument that is read":                {{"a", "n := 1", ""}, {"b", "func sum(xs []int, v int) (s int) { for _, x := range xs { s += x * v }; return }\nxs := make([]int, 3)", ""}, {"c", "sum(xs, n)", ""}, {"a", "n := 2", ""}, {"d", "xs", ""}},
		"variable of a function":               {{"a", "n := 1", ""}, {"b", "total := 0\nfunc add(v int) { total += v }", ""}, {"c", "add(n)", ""}, {"a", "n := 2", ""}, {"d", "total", "total of cell 3 goes back to n of cell 1"}},
		"late method":                          {{"a", "n := 1", ""}, {"b", "type T struct{ v int }\nt := &T{}", ""}, {"b2", "func (t *T) Put(n int) { t.v = n }", ""}, {"c", "t.Put(n)", ""}, {"a", "n := 2", ""}, {"d", "t", "t of cell 4 goes back to n of cell 1"}},
		"map method":                           {{"a", "n := 1", ""}, {"b", "type S map[int]bool\nfunc (s S) Put(n int) { s[n] = true }\ns := S{}", ""}, {"c", "s.Put(n)", ""}, {"a", "n := 2", ""}, {"d", "s", "s of cell 3 goes back to n of cell 1"}},
		"without names":                        {{"", "x := 1", ""}, {"", "y := x", ""}, {"", "x := 2", ""}, {"", "y", ""}},
		"not reached":                          {{"a", "x := 1", ""}, {"b", "y := x", ""}, {"a", "panic(1)\nx := 2", ""}, {"c", "y", ""}},
		"reset":                                {{"a", "x := 1", ""}, {"b", "y := x", ""}, {"a", "x := 2\n%reset", ""}, {"c", "y := 1", ""}, {"d", "y", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			e, host := newEvaluator(t)
			for i, s := range steps {
				id := cell.ID(i + 1)
				e.Execute(context.Background(), cell.Request{ID: id, Number: i + 1, Code: s.code, Key: s.key})
				told := sections(host.of(id), nil)["stderr"]
				if s.hint == "" && told != "" || !strings.Contains(told, s.hint) {
					t.Errorf("cell %d, %s: told %q, want %q", i+1, s.code, told, s.hint)
				}
			}
		})
	}
}

func TestDeps(t *testing.T) {
	e, host := newEvaluator(t)
	for i, s := range []step{{"a", "x := 1\nfunc f(n int) int { return n }", ""}, {"b", "y := f(x)", ""}, {"c", "fmt.Sprint(x, y)", ""}, {"d", "1 + 1", ""}, {"a", "x := 2\nfunc f(n int) int { return n }", ""}} {
		if out := e.Execute(context.Background(), cell.Request{ID: cell.ID(i + 1), Number: i + 1, Code: s.code, Key: s.key}); out.Err != nil {
			t.Fatal(out.Err)
		}
	}
	got := run(t, e, host, 6, "%deps")
	want := `cell 2 declares y
    uses f, x of cell 1
    is outdated: y goes back to x of cell 1, which has run again since as cell 5
cell 3
    uses x of cell 1
    uses y of cell 2
cell 5 declares f, x
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
