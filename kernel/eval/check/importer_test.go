package check_test

// This file tests cells against packages that come as export data and as
// source, as the kernel's own do.

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"
	"testing"

	"cajal/kernel/eval/check"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/ssa"
)

// export returns the export data of a package that imports nothing.
func export(t testing.TB, path, src string) []byte {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{}).Check(path, fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := gcexportdata.Write(&buf, fset, pkg); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// bound returns a state with two packages: lib/num, compiled with a generic
// part in source, and lib/src, all source.
func bound(t testing.TB) *check.State {
	num := export(t, "lib/num", "package num\ntype N int\nfunc (n N) Twice() N { return 2 * n }\nfunc One() N { return 1 }\nvar Count int\nconst Pi = 3.14\ntype pair struct{ A, B int }\nfunc Pair() pair { return pair{} }\n")
	packages := map[string]*check.Package{
		"lib/num": {
			Path: "lib/num", Name: "num",
			Export: func() ([]byte, error) { return num, nil },
			Source: func() (map[string]string, error) {
				return map[string]string{"g.go": "package num\nimport self \"lib/num\"\nvar start = self.One()\nfunc Map[T any](x T) (T, self.N) { return x, start }\n"}, nil
			},
			Doc: func() map[string]string {
				return map[string]string{"": "Package num counts.", "One": "One returns 1.", "N.Twice": "Twice doubles."}
			},
		},
		"lib/src": {
			Path: "lib/src", Name: "src", Imports: []string{"lib/num"},
			Source: func() (map[string]string, error) {
				return map[string]string{"s.go": "package src\nimport \"lib/num\"\nvar X = num.One()\nfunc Id[T any](x T) T { return x }\n"}, nil
			},
		},
		"lib/broken": {Path: "lib/broken", Name: "broken", Export: func() ([]byte, error) { return nil, errors.New("damaged") }},
	}
	fset := token.NewFileSet()
	imp := check.NewImporter(fset, func(path string) (*check.Package, bool) { p, ok := packages[path]; return p, ok })
	imp.Paths = func() []string { return []string{"lib/broken", "lib/num", "lib/src"} }
	return check.NewState(check.Config{
		Fset: fset, Import: imp, Files: imp.Files, Sanity: true,
		ByName: func(name string) []string {
			return map[string][]string{"num": {"lib/broken", "lib/num"}, "src": {"lib/src"}}[name]
		},
	})
}

// initCalls returns the packages whose initialization a cell's Init calls.
func initCalls(low *check.Lowered) []string {
	var out []string
	for _, b := range low.Init.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok {
				if fn := c.Call.StaticCallee(); fn != nil && fn.Name() == "init" {
					out = append(out, fn.Pkg.Pkg.Path())
				}
			}
		}
	}
	return out
}

func TestImporter(t *testing.T) {
	s := bound(t)
	for _, c := range []struct {
		code, err string
		inits     []string
	}{
		{"num.One().Twice()", "", []string{"lib/num"}},
		{"import \"lib/src\"\nsrc.X + num.Pi", "cannot use|truncated", nil},
		{"import \"lib/src\"\nsrc.X", "", []string{"lib/src"}},
		{"num.Map(src.Id(3))", "", nil},
		{"num.Count = 3\nnum.Count", "", nil},
		{"p := num.Pair()\np.A", "", nil},
		{"import \"lib/broken\"", "damaged", nil},
		{"import \"lib/nun\"", `did you mean "lib/num"`, nil},
		{"num.Oen()", "did you mean num.One?", nil},
	} {
		low, errs := s.Check("cell 1", c.code)
		if c.err != "" {
			text := ""
			for _, e := range errs {
				text += strings.Join(e.Traceback(), "\n")
			}
			if !slices.ContainsFunc(strings.Split(c.err, "|"), func(w string) bool { return strings.Contains(text, w) }) {
				t.Errorf("%q: got %q, want %q", c.code, text, c.err)
			}
			continue
		}
		if errs != nil {
			t.Errorf("%q: %v", c.code, errs[0])
			continue
		}
		if got := initCalls(low); !slices.Equal(got, c.inits) {
			t.Errorf("%q: initializes %v, want %v", c.code, got, c.inits)
		}
		s.Commit(low, func(int) bool { return true })
	}
	if got := s.Inspect("num.One()", 5, 0); got == nil || !strings.Contains(got["text/plain"].(string), "One returns 1.") {
		t.Errorf("inspection lacks the documentation: %v", got)
	}
	if got := s.Inspect("num.One().Twice()", 12, 0); got == nil || !strings.Contains(got["text/plain"].(string), "Twice doubles.") {
		t.Errorf("inspection lacks the documentation of a method: %v", got)
	}
	if got := s.Inspect("num", 2, 0); got == nil || !strings.Contains(got["text/plain"].(string), "Package num counts.") {
		t.Errorf("inspection lacks the documentation of a package: %v", got)
	}
	if got := s.Complete("import \"lib/s", 13); len(got.Items) != 1 || got.Items[0].Text != "lib/src" || got.Start != 8 {
		t.Errorf("completion of an import path: %+v", got)
	}
	if got := bound(t).Complete("nu", 2); len(got.Items) != 1 || got.Items[0] != (check.Item{Text: "num", Kind: "module", Signature: "lib/broken"}) {
		t.Errorf("completion of a package that was not imported: %+v", got)
	}
	names := func(c check.Completion) (out []string) {
		for _, it := range c.Items {
			out = append(out, it.Text)
		}
		return out
	}
	if got := names(bound(t).Complete("num.", 4)); !slices.Equal(got, []string{"Count", "Map", "N", "One", "Pair", "Pi"}) {
		t.Errorf("completion of members: %v", got)
	}
}

func TestProgramWithSource(t *testing.T) {
	s := bound(t)
	pkg, errs := s.CheckProgram(map[string]string{"p.go": "package main\nimport \"lib/src\"\nfunc main() { println(src.X) }\n"})
	if errs != nil {
		t.Fatal(errs[0])
	}
	if got := initCalls(&check.Lowered{Init: pkg.Func("init")}); !slices.Contains(got, "lib/src") || !slices.Contains(got, "lib/num") {
		t.Errorf("the program initializes %v", got)
	}
}

// TestTogether asks an editor's questions while cells are checked; it is of use
// with -race.
func TestTogether(t *testing.T) {
	s := written(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 20 {
				s.Complete("pt.", 3)
				s.Inspect("Twice", 2, 1)
				s.IsComplete("for {")
			}
		})
	}
	for range 20 {
		low, errs := s.Check("cell 9", "value := value + 1\ntype Point struct{ X int }\nfunc (p Point) Norm1() int { return p.X }\n")
		if errs != nil {
			t.Fatal(errs[0])
		}
		s.Commit(low, func(int) bool { return true })
	}
	wg.Wait()
}
