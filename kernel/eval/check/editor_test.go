package check_test

// This file tests what an editor asks: completions, descriptions, and whether a
// cell is complete. A | in the text is the cursor.

import (
	"slices"
	"strings"
	"testing"

	"cajal/kernel/eval/check"
)

// written returns a state after a few cells.
func written(t testing.TB) *check.State {
	t.Helper()
	s := newState()
	for _, code := range []string{
		"import \"strings\"\nvalue := 1\nvalid := true\n",
		"// Point is a place in the plane.\ntype Point struct{ X, Y int; name string }\n// Norm1 is the sum of the coordinates.\nfunc (p Point) Norm1() int { return p.X + p.Y }\nfunc (p *Point) Move(dx int) { p.X += dx }\npt := Point{}\n",
		"// Twice doubles n.\nfunc Twice(n int) int {\n\treturn 2 * n\n}\nconst Limit = 10\n",
	} {
		low, errs := s.Check("cell 1", code)
		if errs != nil {
			t.Fatal(errs[0])
		}
		s.Commit(low, func(int) bool { return true })
	}
	return s
}

// cursor returns text without its | and where that was.
func cursor(text string) (string, int) {
	i := strings.IndexByte(text, '|')
	return text[:i] + text[i+1:], i
}

func TestComplete(t *testing.T) {
	s := written(t)
	for _, c := range []struct{ text, want, not string }{
		{"val|", "valid value", "Point"},
		{"VAL|", "valid value", "Point"},
		{"strings.ToU|", "ToUpper ToUpperSpecial", "Title"},
		{"strings.|", "Builder Contains", "value"},
		{"fmt.Printl|", "Println", "Sprint"},
		{"math.Sq|", "Sqrt", ""},
		{"pt.|", "X Y name Norm1 Move", "value"},
		{"pt.N|", "Norm1 name", "X"},
		{"fmt.Println(pt.|", "X Y Move", "value"},
		{"if pt.|", "X Y", "value"},
		{"for _, x := range []int{pt.|\n", "X Y", "value"},
		{"x := pt.\n|", "X Y Norm1", "value"},
		{"func f(p *Point) {\n\tlocal := p\n\tloc|\n}", "local", "value"},
		{"func f(p *Point) {\n\tlocal := p\n\tlocal.|\n}\ng := 1", "X Y Move", "value"},
		{"func f(par int) {\n\tif pa|", "par", "value"},
		{"early|\nearly1 := 1", "early1", ""},
		{"Point{Y|", "Y: ", "X: "},
		{"q := Point{X: 1}\nq.X + q.|", "X Y Norm1", ""},
		{"T|", "Twice", ""},
		{"str|", "string strings struct", ""},
		{"rang|", "range", ""},
		{"x := func() { va|", "value valid var", ""},
		{"strings.ToUpper(\"a\").|", "", "ToUpper value"},
		{"nothing.|", "", "value X"},
		{"\"val|\"", "", "value"},
		{"// val|", "", "value"},
		{"1.5|", "", "value"},
		{"a := } pt.|", "", "value"},
		{"|", "value Point fmt_no", "X"},
		{"strings.NewReader(\"x\").Re|", "Read ReadAt ReadByte", "value"},
		{"var p Point; p.Mo|", "Move", ""},
		{"type Sq struct{ Point; side int }\nvar s Sq\ns.|", "side Point X Norm1", "value"},
	} {
		text, pos := cursor(c.text)
		got := s.Complete(text, pos)
		var names []string
		for _, it := range got.Items {
			names = append(names, it.Text)
		}
		for _, w := range strings.Fields(strings.ReplaceAll(c.want, ": ", ":")) {
			w = strings.ReplaceAll(w, ":", ": ")
			if w == "fmt_no" {
				continue
			}
			if !slices.Contains(names, w) {
				t.Errorf("%q: %s is missing in %.300v", c.text, w, names)
			}
		}
		for _, w := range strings.Fields(c.not) {
			if slices.Contains(names, w) {
				t.Errorf("%q: %s does not belong in %.300v", c.text, w, names)
			}
		}
		if got.Start > got.End || got.End != pos {
			t.Errorf("%q: replaces %d:%d, cursor at %d", c.text, got.Start, got.End, pos)
		}
	}
	text, pos := cursor("pt.Norm|")
	got := s.Complete(text, pos)
	if want := (check.Item{Text: "Norm1", Kind: "method", Signature: "func() int"}); len(got.Items) != 1 || got.Items[0] != want || got.Start != 3 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestCompleteBroken completes in cells that the parser cannot make sense of as they
// are.
func TestCompleteBroken(t *testing.T) {
	s := written(t)
	for _, text := range []string{
		"go func() { pt.|",
		"defer pt.|",
		"go pt.|\nx := 1",
		"func() {\n\tdefer pt.|\n\tfor {\n",
		"foo)\npt.|",
		"func f() { fmt.Println(1 }\npt.|",
		"x := []int{1, 2)\npt.|\n]",
		"if pt.|\nfmt.Println(2)",
		"func f() {\n\tswitch {\n\tcase pt.|",
		"y := []int{1, pt.|",
		"func (p Point) Foo() { p.|",
		"func g(a Point) {\n\ta.|\n\tfmt.Println(\n}",
		"func h() {\n\tpts := []Point{{}}\n\tfor _, p := range pts {\n\t\tp.|",
		"f := func(p Point) int { return p.|",
		"m := map[string]*Point{}\nm[\"a\"].|\nfor {",
	} {
		code, pos := cursor(text)
		var names []string
		for _, it := range s.Complete(code, pos).Items {
			names = append(names, it.Text)
		}
		slices.Sort(names)
		if want := []string{"Move", "Norm1", "X", "Y", "name"}; !slices.Equal(names, want) {
			t.Errorf("%q: got %v, want %v", text, names, want)
		}
	}
}

// TestCompleteOrder compares what comes first, which is what is expected there.
func TestCompleteOrder(t *testing.T) {
	s := written(t)
	for _, c := range []string{
		"var half float64\nhalf = 1\nlow, err := \"s\", error(nil)\nkinds := map[string]bool{}\nch := make(chan Point)\nfunc area(w, h float64) float64 { return w * h }\ntype Kind int\nconst (Big Kind = iota; Small)\nvar kind Kind\nfunc each[T any](xs []T, f func(T) bool) {}\ntype Shape interface{ Norm1() int }\nfunc takes(s Shape, opts ...Kind) {}",
	} {
		low, errs := s.Check("cell 2", c)
		if errs != nil {
			t.Fatal(errs[0])
		}
		s.Commit(low, func(int) bool { return true })
	}
	for _, c := range []struct{ text, want, not string }{
		{"area(|", "half", ""},
		{"area(1, h|", "half", ""},
		{"var n int = |", "value Limit", "n"},
		{"n := |", "area Big ch", "n"},
		{"pt.X = |", "value Limit", ""},
		{"if low == |", "low", ""},
		{"low == |", "low", ""},
		{"kinds[|", "low", ""},
		{"ch <- |", "pt", ""},
		{"func f() (int, string) { return 1, | }", "low", ""},
		{"if |{\n}", "valid false true", ""},
		{"if !|{\n}", "valid false true", ""},
		{"switch kind {\ncase |", "Big kind Small", ""},
		{"takes(|", "pt", ""},
		{"takes(pt, |", "Big kind Small", ""},
		{"takes(pt, Big, |", "Big kind Small", ""},
		{"p := &pt\np = &|", "pt", "break"},
		{"Point{|", "name:_ X:_ Y:_", ""},
		{"Point{X: |", "value Limit", "X: "},
		{"Point{X: 1, |", "name:_ Y:_", "X: value"},
		{"[]Point{{X: 1, |", "name:_ Y:_", "X: value"},
		{"map[string]Point{\"a\": {Y: 1, |", "name:_ X:_", "Y: value"},
		{"Point{1, |", "value Limit", "Y:_"},
		{"var p |", "", "value Twice break"},
		{"func f(p |", "", "value Twice break"},
		{"type S struct {\n\tp |\n}", "", "value Twice break"},
		{"any(pt).(|", "", "value Twice break"},
		{"switch any(pt).(type) {\ncase |", "", "value Twice break"},
		{"each[|", "", "value Twice break"},
		{"make(|", "", "value Twice break"},
		{"var x strings.|", "Builder Reader Replacer", "ToUpper"},
		{"outer:\nfor {\n\tbreak |\n}", "outer", "value break"},
		{"func f() {\nouter:\n\tfor {\n\tinner:\n\t\tfor {\n\t\t\tcontinue |", "inner outer", "value break"},
		{"func f() {\n\tgoto |\nend:\n}", "end", "value"},
		{"tw|", "Twice", ""},
		{"Twc|", "Twice", ""},
		{"strings.tupr|", "ToUpper", "Title"},
		{"import . \"strings\"\nToU|", "ToUpper", ""},
		{"x := ret|", "", "return"},
		{"ret|", "return", ""},
		{"value := |", "", "iota"},
		{"const c = io|", "iota", ""},
		{"value := val|", "valid value", ""}, // of the cell before
		{"fresh := func() { fre|", "fresh", ""},
	} {
		text, pos := cursor(c.text)
		var names []string
		for _, it := range s.Complete(text, pos).Items {
			names = append(names, strings.ReplaceAll(it.Text, " ", "_"))
		}
		want := strings.Fields(c.want)
		if got := names[:min(len(names), len(want))]; !slices.Equal(got, want) {
			t.Errorf("%q: %v come first, want %v", c.text, got, want)
		}
		for _, w := range strings.Fields(c.not) {
			if slices.Contains(names, w) {
				t.Errorf("%q: %s does not belong in %.300v", c.text, w, names)
			}
		}
	}
}

func TestInspect(t *testing.T) {
	s := written(t)
	for _, c := range []struct {
		text   string
		detail int
		want   []string
	}{
		{"Twi|ce(3)", 0, []string{"func Twice(n int) int", "Twice doubles n.", "declared by cell 1"}},
		{"Twice(|3)", 1, []string{"func Twice(n int) int", "return 2 * n"}},
		{"x := Twice(1, (2), |", 0, []string{"func Twice(n int) int"}},
		{"Point|", 0, []string{"type Point struct {", "\tX int", "func (p *Point) Move(dx int)", "Point is a place"}},
		{"pt.Norm1|()", 0, []string{"func (p Point) Norm1() int"}},
		{"pt|", 0, []string{"var pt Point"}},
		{"Limit|", 0, []string{"const Limit untyped int = 10"}},
		{"strings.ToUpper|", 0, []string{"func strings.ToUpper(s string) string"}},
		{"math.Sqrt|(2)", 0, []string{"func math.Sqrt(x float64) float64"}},
		{"strings|.ToUpper", 0, []string{`package strings // import "strings"`}},
		{"append|", 0, []string{"func append(slice []Type, elems ...Type) []Type"}},
		{"for i, c := range \"x\" { c| }", 0, []string{"var c rune"}},
		{"local := 1.5\nlocal|", 0, []string{"var local float64", "declared by this cell"}},
		{"value := value + |value", 0, []string{"var value int"}},
		{"1 + |", 0, nil},
		{"unknown|", 0, nil},
	} {
		text, pos := cursor(c.text)
		got := s.Inspect(text, pos, c.detail)
		if c.want == nil {
			if got != nil {
				t.Errorf("%q: got %v, want nothing", c.text, got)
			}
			continue
		}
		for _, w := range c.want {
			for _, mime := range []string{"text/plain", "text/markdown"} {
				if text, _ := got[mime].(string); !strings.Contains(text, w) {
					t.Errorf("%q: %s lacks %q:\n%s", c.text, mime, w, text)
				}
			}
		}
	}
}

func TestIsComplete(t *testing.T) {
	s := newState()
	for _, c := range []struct{ text, status, indent string }{
		{"", check.Complete, ""},
		{"x := 1", check.Complete, ""},
		{"fmt.Println(\"hello\")", check.Complete, ""},
		{"// only a comment", check.Complete, ""},
		{"for i := range 3 {\n\tfmt.Println(i)\n}", check.Complete, ""},
		{"undefined(1)", check.Complete, ""},
		{"for i := range 3 {", check.Incomplete, "\t"},
		{"func f() {\n\tif x {", check.Incomplete, "\t\t"},
		{"func f() {\n\tx := 1", check.Incomplete, "\t"},
		{"fmt.Println(\"hello\"", check.Incomplete, ""},
		{"fmt.Println(", check.Incomplete, "\t"},
		{"x :=", check.Incomplete, ""},
		{"x := 1 +", check.Incomplete, ""},
		{"s := `raw", check.Incomplete, ""},
		{"/* comment", check.Incomplete, ""},
		{"type T struct {\n\tA int\n", check.Incomplete, "\t"},
		{"x = = 2", check.Invalid, ""},
		{"foo)", check.Invalid, ""},
		{"(]", check.Invalid, ""},
		{"s := \"no end", check.Invalid, ""},
		{"import fmt", check.Incomplete, ""},
		{"import 5", check.Invalid, ""},
		{"x := } {", check.Invalid, ""},
	} {
		if status, indent := s.IsComplete(c.text); status != c.status || indent != c.indent {
			t.Errorf("%q: got %s %q, want %s %q", c.text, status, indent, c.status, c.indent)
		}
	}
}
