package display

import (
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
ID  Name  Weight  Note
 7  Köln    1.25  nil
10  北京     100  big`},
		{"pointers", []*city{nil, {Name: "a\nb"}}, `
2 × *display.city
ID   Name  Weight  Note
nil
0    a b        0  nil`},
		{"fields of slices", [1]wide{{A: []int{1, 2}}}, `
1 × display.wide
A      B
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
2×2 matrix
     0    1
0    1  0.5
1  0.5    1`},
		{"without a name", []struct{ A, B int }{{1, 2}}, `
1 row
A  B
1  2`},
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
	if n := strings.Count(text, "\n"); n != maxRows+2 {
		t.Errorf("%d lines", n)
	}
	if want := "\n… 960 more rows, … 76 more columns"; !strings.HasSuffix(text, want) {
		t.Errorf("no %q at the end of\n%s", want, text)
	}
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
