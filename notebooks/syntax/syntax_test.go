// This file tests the reading of cells.

package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cajal/kernel/eval/magic"

	"github.com/google/go-cmp/cmp"
)

// marked returns the text of a cell with every reference marked: «x» of its
// own, ‹x› of others, and +«x» where it is declared.
func marked(c *Cell) string {
	text := c.Text
	for i := len(c.Refs) - 1; i >= 0; i-- {
		r := c.Refs[i]
		at := c.Offset(r.Ident.Pos())
		mark := "‹" + r.Ident.Name + "›"
		if r.Own {
			mark = "«" + r.Ident.Name + "»"
		}
		if r.Decl {
			mark = "+" + mark
		}
		text = text[:at] + mark + text[at+len(r.Ident.Name):]
	}
	return text
}

func TestRefs(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"variables", "x := 1\ny := x + z", "+«x» := 1\n+«y» := «x» + ‹z›"},
		{"an older one before", "print(x)\nx := x + 1\nprint(x)", "print(‹x›)\n+«x» := ‹x› + 1\nprint(«x»)"},
		{"declared twice", "x, a := 1, 2\nx, b := 3, 4", "+«x», +«a» := 1, 2\n«x», +«b» := 3, 4"},
		{"var", "var a, b int = f()\nvar c T", "var +«a», +«b» int = ‹f›()\nvar +«c» ‹T›"},
		{"inner scopes", "for i := range n {\n\tx := i\n\tx++\n}\nif x := f(); x > 0 {\n}", "for i := range ‹n› {\n\tx := i\n\tx++\n}\nif x := ‹f›(); x > 0 {\n}"},
		{"functions", "func f(x int) int { return g(x) + y }\nfunc g(x int) int { return f(x) }", "func +«f»(x int) int { return «g»(x) + ‹y› }\nfunc +«g»(x int) int { return «f»(x) }"},
		{"a function and a variable of the cell", "n := 0\nfunc f() { n++ }\nf()", "+«n» := 0\nfunc +«f»() { ‹n›++ }\n«f»()"},
		{"packages and members", "m := nn.Sequential(nn.Input(3))\nm.Fit(data.X, nn.Fit{Epochs: n})", "+«m» := ‹nn›.Sequential(‹nn›.Input(3))\n«m».Fit(‹data›.X, ‹nn›.Fit{Epochs: ‹n›})"},
		{"fields of own and other types", "type T struct{ A U }\nt := T{A: a}\nu := V{B: b}\nm := map[string]int{k: v}", "type +«T» struct{ A ‹U› }\n+«t» := «T»{A: ‹a›}\n+«u» := ‹V›{B: ‹b›}\n+«m» := map[string]int{‹k›: ‹v›}"},
		{"methods", "func (t *T) M(u int) int { return t.x + u + v }", "func (t *‹T›) M(u int) int { return t.x + u + ‹v› }"},
		{"function literals", "f := func(a int) int { return a + b }\nfunc() { c() }()", "+«f» := func(a int) int { return a + ‹b› }\nfunc() { ‹c›() }()"},
		{"labels and goto", "loop:\n\tfor {\n\t\tbreak loop\n\t}", "loop:\n\tfor {\n\t\tbreak loop\n\t}"},
		{"type switch", "switch v := x.(type) {\ncase int:\n\tprint(v)\n}", "switch v := ‹x›.(type) {\ncase int:\n\tprint(v)\n}"},
		{"generics", "func Map[T any](s []T) []T { return s }\nMap([]int{1})", "func +«Map»[T any](s []T) []T { return s }\n«Map»([]int{1})"},
		{"constants and iota", "const (\n\tA = iota\n\tB\n)\nB", "const (\n\t+«A» = iota\n\t+«B»\n)\n«B»"},
		{"imports are not in the way", "import (\n\t\"fmt\"\n\tm \"math\"\n)\nfmt.Println(m.Pi)", "import (\n\t\"fmt\"\n\tm \"math\"\n)\n‹fmt›.Println(‹m›.Pi)"},
		{"struct tags and fields", "var s struct{ x int }\ns.x = x", "var +«s» struct{ x int }\n«s».x = ‹x›"},
		{"Windows", "x := 1\r\nx", "+«x» := 1\r\n«x»"},
		{"statements in a line", "x := 1; y := x; y", "+«x» := 1; +«y» := «x»; «y»"},
		{"semicolons in headers", "for i := 0; i < n; i++ { f(i) }; x := 1", "for i := 0; i < ‹n›; i++ { ‹f›(i) }; +«x» := 1"},
		{"range over a literal", "for _, v := range []int{1, 2} { f(v) }", "for _, v := range []int{1, 2} { ‹f›(v) }"},
		{"else", "if a {\n\tb()\n} else if c {\n\td()\n} else {\n\te()\n}", "if ‹a› {\n\t‹b›()\n} else if ‹c› {\n\t‹d›()\n} else {\n\t‹e›()\n}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse(test.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := marked(c); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestCell(t *testing.T) {
	c, err := Parse("import \"fmt\"\nimport m \"math\"\n\nx, err := f()\nfunc g() {}\ntype T int\nconst k = 1\nvar x, z = 1, 2\nx")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range c.Names {
		names = append(names, fmt.Sprint(n.Name, " ", n.Kind, " ", c.Line(n.Ident.Pos())))
	}
	if d := cmp.Diff([]string{"x var 4", "err var 4", "g func 5", "T type 6", "k const 7", "z var 8"}, names); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]Import{{"", "fmt"}, {"m", "math"}}, c.Imports); d != "" {
		t.Errorf("imports (-want +got):\n%s", d)
	}
	if !c.Shown || len(c.Decls) != 3 || len(c.Stmts) != 3 || c.Source(c.Stmts[1]) != "var x, z = 1, 2" {
		t.Errorf("shown %v, %d declarations, %d statements", c.Shown, len(c.Decls), len(c.Stmts))
	}
	for source, shown := range map[string]bool{"x": true, "x;": false, "x ; // quiet": false, "f()": true, "x = 1": false, "": false, "func f() {}": false, "x\nfunc f() {}": true, "x;\n": false} {
		if c, err := Parse(source); err != nil || c.Shown != shown {
			t.Errorf("%q: shown %v, error %v", source, c.Shown, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		"x := := 1":      "line 1, column 6: ",
		"a\n\nb b":       "line 3, column 3: ",
		"}":              "",
		"func f() {":     "",
		"/* x":           "",
		"import fmt":     "line 1, column 11: ",
		"x }; func () {": "",
		"%matplotlib":    "line 1, column 1: ",
	} {
		if _, err := Parse(source); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s…", source, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("x := 1\nfunc f() { x++ }\nif x { y } else { z };")
	f.Add("func (t T) M() {}\nfunc() {}()\nswitch x := y.(type) { case int: }")
	f.Add("}; func _(){")
	f.Add("(0")
	f.Fuzz(func(t *testing.T, source string) {
		c, err := Parse(source)
		if err != nil {
			return
		}
		for _, r := range c.Refs {
			at := c.Offset(r.Ident.Pos())
			if !strings.HasPrefix(source[at:], r.Ident.Name) {
				t.Fatalf("%s is not at %d of %q", r.Ident.Name, at, source)
			}
		}
	})
}

func TestCommands(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"none", "x := 5 % 3\ny := !true", "x := 5 % 3\ny := !true"},
		{"get", "%get a.b/c@v1 d.e/f\nimport \"a.b/c\"\nc.F()", "// %get a.b/c@v1 d.e/f\nimport \"a.b/c\"\nc.F()"},
		{"time", "x := 1\n%time f(x)\ng()", "x := 1\n/* %time */ f(x)\ng()"},
		{"timeit", "%timeit f(1)\ng()", "// %timeit f(1)\ng()"},
		{"shell", "!ls -l \\\n  *.go\ng()", "// !ls -l \\\n//   *.go\ng()"},
		{"not", "done := true\n!done", "done := true\n!done"},
		{"block", "if x {\n\ty(5\n%3)\n}", "if x {\n\ty(5\n%3)\n}"},
		{"string", "s := `\n%time x\n`", "s := `\n%time x\n`"},
		{"cell of text", "// why\n%%bash\necho hi\n\nls\n", "// // why\n// %%bash\n// echo hi\n//\n// ls"},
		{"cell of Go", "%%time\nf()\n", "// %%time\nf()\n"},
	}
	for _, test := range tests {
		if got := WithoutCommands(test.text, nil); got != test.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", test.name, test.text, got, test.want)
		}
		if test.name == "block" {
			continue
		}
		if _, err := Parse(test.text); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	c, err := Parse("x := 1\n%time y := f(x)")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Names) != 2 || c.Names[1].Name != "y" || c.Text[c.Offset(c.Names[1].Ident.Pos())] != 'y' {
		t.Errorf("names of a timed statement: %v", c.Names)
	}
}

// TestCommandNames compares the names with the evaluator's.
func TestCommandNames(t *testing.T) {
	_, all, _ := magic.Items("%", 1, func(string) bool { return false })
	for _, item := range all {
		if !slices.Contains(names, item.Text) {
			t.Errorf("%s is a command of cells and unknown here", item.Text)
		}
	}
	if len(names) != len(all)+1 { // %% alone
		t.Errorf("%d names, the evaluator has %d and %%%%", len(names), len(all))
	}
}
