package check_test

// This file checks the notebooks of testdata: a file "3.go" is a cell, an
// // ERROR comment a pattern of the message that its line must cause, "3.out"
// what the cell declares, redirects, shows and warns of.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"cajal/kernel/eval/check"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata")

// The tests import a few packages of the distribution from their source, once.
var (
	testFset = token.NewFileSet()
	std      = &locked{imp: importer.ForCompiler(testFset, "source", nil)}
)

// locked is an importer that several tests may use.
type locked struct {
	mu  sync.Mutex
	imp types.Importer
}

func (l *locked) Import(path string) (*types.Package, error) {
	if !slices.Contains([]string{"fmt", "math", "strings", "errors", "math/rand", "math/rand/v2", "sort"}, path) {
		return nil, errors.New("no package " + path)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.imp.Import(path)
}

func newState() *check.State {
	return check.NewState(check.Config{
		Fset: testFset, Import: std, Sanity: true,
		ByName: func(name string) []string {
			return map[string][]string{
				"fmt": {"fmt"}, "math": {"math"}, "strings": {"strings"}, "errors": {"errors"},
				"rand": {"math/rand/v2", "math/rand"}, "sort": {"sort"},
			}[name]
		},
	})
}

func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := make(map[string]string)
			for _, f := range ar.Files {
				want[f.Name] = string(f.Data)
			}
			out := &txtar.Archive{Comment: ar.Comment}
			s := newState()
			for _, f := range ar.Files {
				number, ok := strings.CutSuffix(f.Name, ".go")
				if !ok {
					continue
				}
				got := runCell(t, s, file, number, string(f.Data))
				if !*update && got != want[number+".out"] {
					t.Errorf("%s: cell %s: (-want +got)\n%s", file, number, cmp.Diff(want[number+".out"], got))
				}
				out.Files = append(out.Files, f)
				if got != "" {
					out.Files = append(out.Files, txtar.File{Name: number + ".out", Data: []byte(got)})
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

var errorComment = regexp.MustCompile(`// ERROR "(.*)"$`)

// runCell checks a cell and its ERROR comments, commits it and returns what it
// does. A variable named unreached… counts as not reached.
func runCell(t *testing.T, s *check.State, file, number, code string) string {
	low, errs := s.Check("cell "+number, code)
	wanted := make(map[int]*regexp.Regexp)
	for i, line := range strings.Split(code, "\n") {
		if m := errorComment.FindStringSubmatch(line); m != nil {
			wanted[i+1] = regexp.MustCompile(m[1])
		}
	}
	for _, e := range errs {
		text := strings.Join(e.Traceback(), "\n")
		if re := wanted[e.Line]; re == nil {
			t.Errorf("%s: cell %s: unexpected error:\n%s", file, number, text)
		} else if !re.MatchString(text) {
			t.Errorf("%s: cell %s: error does not match %q:\n%s", file, number, re, text)
		}
	}
	for line, re := range wanted {
		if !slices.ContainsFunc(errs, func(e *check.Error) bool { return e.Line == line }) {
			t.Errorf("%s: cell %s: no error at line %d that matches %q", file, number, line, re)
		}
	}
	if low == nil {
		if len(errs) == 0 {
			t.Errorf("%s: cell %s: neither errors nor a result", file, number)
		}
		return ""
	}
	var b strings.Builder
	for _, v := range low.Vars {
		shared := ""
		if v.Shared != nil {
			shared = " shared"
		}
		fmt.Fprintf(&b, "var %s %s%s\n", v.Object.Name(), types.TypeString(v.Object.Type(), func(p *types.Package) string { return p.Name() }), shared)
		if v.Global == nil || v.Global.Object() != v.Object {
			t.Errorf("%s: cell %s: %s has global %v", file, number, v.Object.Name(), v.Global)
		}
	}
	for _, r := range low.Redirects {
		if r.Old == nil || r.New == nil || r.New.Blocks == nil {
			t.Errorf("%s: cell %s: bad redirect %v", file, number, r)
			continue
		}
		fmt.Fprintf(&b, "redirect %s\n", r.Old.Name())
	}
	for _, m := range low.LateMethods {
		fmt.Fprintf(&b, "method %s.%s\n", m.Type.Obj().Name(), m.Method.Name())
	}
	for _, call := range calls(low) {
		fmt.Fprintln(&b, call)
	}
	for _, w := range low.Warnings {
		fmt.Fprintln(&b, w)
	}
	s.Commit(low, func(i int) bool { return !strings.HasPrefix(low.Vars[i].Object.Name(), "unreached") })
	return b.String()
}

// calls lists the calls of a cell's statements in order, hidden ones among
// them.
func calls(low *check.Lowered) []string {
	var out []string
	names := slices.Sorted(maps.Keys(low.Package.Members))
	for _, name := range names {
		fn, ok := low.Package.Members[name].(*ssa.Function)
		if !ok || !strings.HasPrefix(name, "init#") {
			continue
		}
		for _, b := range fn.Blocks {
			for _, in := range b.Instrs {
				c, ok := in.(ssa.CallInstruction)
				if !ok {
					continue
				}
				text := "call " + strings.TrimPrefix(c.Common().Value.Name(), "command-line-arguments.")
				if c.Common().Value.Name() == check.HookReach {
					text = "reach " + strings.TrimSuffix(c.Common().Args[0].Name(), ":int")
				}
				if f, ok := c.Common().Value.(*ssa.Function); ok && f.Pkg != nil && f.Pkg.Pkg.Path() == check.HooksPath && f.Name() != check.HookReach {
					text = strings.TrimSuffix(f.Name(), "·")
				}
				out = append(out, text)
			}
		}
	}
	return out
}

func TestProgram(t *testing.T) {
	s := newState()
	pkg, errs := s.CheckProgram(map[string]string{
		"a.go": "package main\n\nimport \"fmt\"\n\nvar a = b + 1\nvar b = 2\n\nfunc main() { fmt.Println(a, c()) }\n",
		"b.go": "package main\n\nfunc c() int { return a }\n",
	})
	if errs != nil {
		t.Fatal(errs[0])
	}
	if pkg.Func("main").Blocks == nil || pkg.Func("init").Blocks == nil {
		t.Error("main or init was not built")
	}
	var buf bytes.Buffer
	ssa.WriteFunction(&buf, pkg.Func("init"))
	text := buf.String()
	if strings.Index(text, "*b = 2") > strings.Index(text, "*a = ") {
		t.Errorf("a was initialized before b:\n%s", text)
	}
	for _, c := range []struct{ src, want string }{
		{"package main\nimport \"fmt\"\nfunc main() {}\n", `p.go:2:8: "fmt" imported and not used`},
		{"package main\nfunc main() { x := 1 }\n", `p.go:2:15: declared and not used: x`},
		{"package p\nfunc main() {}\n", "p.go:1:9: package p is not a main package"},
		{"package main\nfunc f() {}\n", "p.go:1:9: function main is undeclared in the main package"},
		{"package main\nfunc main() { f( }\n", "p.go:2:18: expected operand, found '}'"},
		{"", "p.go:1:1: expected 'package', found 'EOF'"},
	} {
		_, errs := s.CheckProgram(map[string]string{"p.go": c.src})
		if len(errs) == 0 || errs[0].Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.src, errs, c.want)
		}
	}
}
