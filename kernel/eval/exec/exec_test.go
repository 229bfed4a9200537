package exec_test

// This file runs the programs of testdata and compares what they print with the
// comment "Output:" at their end, which is what go run prints.

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cajal/kernel/eval/exec"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// The packages that programs import are type-checked once.
var (
	loading sync.Mutex
	fset    = token.NewFileSet()
	source  = importer.ForCompiler(fset, "source", nil)
)

// load builds the program src.
func load(t testing.TB, name, src string) (*ssa.Package, *exec.Machine) {
	t.Helper()
	loading.Lock()
	defer loading.Unlock()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &types.Config{Importer: source}
	pkg, _, err := ssautil.BuildPackage(cfg, fset, types.NewPackage("main", ""), []*ast.File{f}, ssa.InstantiateGenerics|ssa.SanityCheckFunctions)
	if err != nil {
		t.Fatal(err)
	}
	m, err := exec.New(pkg.Prog, symbols{})
	if err != nil {
		t.Fatal(err)
	}
	return pkg, m
}

// runMain runs src and returns what it prints; a panic ends the text.
func runMain(t testing.TB, name, src string) string {
	t.Helper()
	pkg, m := load(t, name, src)
	var mu sync.Mutex
	var out strings.Builder
	run := m.NewRun(nil)
	run.Print = func(s string) { mu.Lock(); defer mu.Unlock(); out.WriteString(s) }
	run.Fatal = func(v any, trace []exec.Frame) { run.Print(fmt.Sprintf("goroutine panic: %v\n", v)) }
	for _, fn := range []string{"init", "main"} {
		if _, p := run.Call(pkg.Func(fn)); p != nil {
			if x, ok := p.Value.(exec.Exit); ok && x.Code == 0 {
				break
			}
			run.Print(fmt.Sprintf("panic: %v\n", p.Value))
			for _, f := range p.Trace {
				if !f.Synthetic {
					run.Print(fmt.Sprintf("\t%s:%d\n", f.Func, f.Pos.Line))
				}
			}
			break
		}
	}
	run.Stop()
	mu.Lock()
	defer mu.Unlock()
	return out.String()
}

func TestPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(src), "// Output:\n")
			if !ok {
				t.Fatal("no // Output: at the end")
			}
			want = strings.ReplaceAll(strings.ReplaceAll(want, "// ", ""), "//\n", "\n")
			// gofmt takes blanks from the ends of comments.
			got := strings.ReplaceAll(runMain(t, filepath.Base(file), text), " \n", "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("go run kernel/eval/exec/%s prints what is wanted (-), not what was got (+):\n%s", file, diff)
			}
		})
	}
}
