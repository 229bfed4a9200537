package display

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

type (
	base struct{ ID int }
	city struct {
		base
		Name   string
		Weight float64
		hidden int
		Note   any
	}
	wide struct{ A, B []int }
)

func TestTables(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"structs", []city{{base{7}, "Köln", 1.25, 1, nil}, {base{10}, "北京", 100, 2, "big"}}, `
2 × display.city
 ID  Name     Weight  Note
int  string  float64  any
  7  Köln       1.25  nil
 10  北京     100     big`},
		{"pointers", []*city{nil, {Name: "a\nb"}}, `
2 × *display.city
ID   Name     Weight  Note
int  string  float64  any
nil
0    a b           0  nil`},
		{"fields of slices", [1]wide{{A: []int{1, 2}}}, `
1 × display.wide
A      B
[]int  []int
[1 2]  nil`},
		{"maps", []map[string]int{{"b": 2}, {"a": 1, "b": 3}, nil}, `
3 × map[string]int
a  b
   2
1  3
`},
		{"map", map[string]float64{"two": 2, "one": 1}, `
map[string]float64, 2 entries
key  value
one      1
two      2`},
		{"rows", [][]float64{{1, 2.123456}, {3}}, `
2 × []float64
   0       1
0  1  2.1235
1  3`},
		{"pointer to rows", &[2][1]int{{1}, {2}}, `
2 × [1]int
   0
0  1
1  2`},
		{"matrix", mat.NewSymDense(2, []float64{1, 0.5, 0.5, 1}), `
2×2 *mat.SymDense
     0    1
0  1    0.5
1  0.5  1`},
		{"points", [][]float64{{1, 22.75, 1e-9, math.NaN()}, {10.5, -3, 2.5, 1e20}, {100, 0.125, -12, 7}}, `
3×4 [][]float64
       0       1        2        3
0    1    22.75     1e-09  NaN
1   10.5  -3        2.5      1e+20
2  100     0.125  -12        7`},
		{"without a name", []struct{ A, B int }{{1, 2}}, `
1 row
  A    B
int  int
  1    2`},
		{"texts", []string{"a", "b"}, `
["a" "b"]`},
		{"nothing to see", []struct{ a int }{{1}}, `
[struct { a int }{a: 1}]`},
		{"empty", []city{}, `
[]`},
		{"empty rows", [][]int{{}, {}}, `
[[] []]`},
		{"bytes", [][]byte{[]byte("x")}, `
[[120]]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.Trim(tt.want, "\n")
			if got := plain(t, tt.v); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestLongTables(t *testing.T) {
	text := plain(t, make([][100]int, 1000))
	lines := strings.Split(text, "\n")
	if len(lines) != 2*endRows+4 || strings.Count(text, "⋮") != 2*endColumns+2 {
		t.Errorf("%d lines of\n%s", len(lines), text)
	}
	if want := "980 rows left out, 84 columns left out"; lines[len(lines)-1] != want {
		t.Errorf("no %q at the end of\n%s", want, text)
	}
	if !strings.HasPrefix(lines[len(lines)-2], "999  0  ") || !strings.HasSuffix(lines[1], "…  92  93  94  95  96  97  98  99") {
		t.Errorf("the ends are not\n%s", text)
	}
	// Structs and maps are cut as well, and what is not too long is whole.
	for _, v := range []any{make([]city, maxRows+1), make([]map[string]int, maxRows+1), numbered(maxRows + 1)} {
		text := plain(t, v)
		if m, ok := v.([]map[string]int); ok {
			for i := range m {
				m[i] = map[string]int{"a": i}
			}
			text = plain(t, v)
		}
		if !strings.Contains(text, "⋮") || !strings.HasSuffix(text, "21 rows left out") {
			t.Errorf("%T is not cut:\n%s", v, text)
		}
	}
	if text := plain(t, numbered(maxRows)); strings.Contains(text, "⋮") || strings.Count(text, "\n") != maxRows+1 {
		t.Errorf("cut:\n%s", text)
	}
}

func numbered(n int) map[int]int {
	m := map[int]int{}
	for i := range n {
		m[i] = -i
	}
	return m
}

func TestTableHTML(t *testing.T) {
	data, _ := Of([]struct {
		Name string
		N    int
	}{{"<script>", 1}})
	got := data["text/html"].(string)
	want := `<td style="text-align:left">&lt;script&gt;</td><td style="text-align:right">1</td>`
	if !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
	if strings.Contains(got, "<script>") {
		t.Errorf("not escaped:\n%s", got)
	}
}
