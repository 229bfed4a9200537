package exec_test

// This file runs the programs of testdata, which print with println alone, and
// compares what they print with the comment "Output:" at their end.

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/eval/exec"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// symbols are the compiled packages of the tests.
type symbols struct{}

var funcs = map[string]any{
	"fmt.Println": fmt.Println, "fmt.Sprint": fmt.Sprint, "fmt.Sprintf": fmt.Sprintf, "fmt.Errorf": fmt.Errorf,
	"errors.New": errors.New, "errors.Is": errors.Is, "errors.As": errors.As,
	"math.Sqrt": math.Sqrt, "math.Inf": math.Inf, "sort.Sort": sort.Sort, "sort.Slice": sort.Slice,
	"strings.Repeat": strings.Repeat, "strings.Map": strings.Map, "runtime.Gosched": runtime.Gosched,
	"runtime.GC": runtime.GC, "runtime.Goexit": runtime.Goexit, "time.Sleep": time.Sleep,
}

var goTypes = map[string]reflect.Type{
	"sync.WaitGroup": reflect.TypeFor[sync.WaitGroup](), "sync.Mutex": reflect.TypeFor[sync.Mutex](),
	"strings.Builder": reflect.TypeFor[strings.Builder](), "fmt.Stringer": reflect.TypeFor[fmt.Stringer](),
	"sort.Interface": reflect.TypeFor[sort.Interface](), "time.Duration": reflect.TypeFor[time.Duration](),
	"runtime.Error": reflect.TypeFor[runtime.Error](),
}

func (symbols) Func(pkg, name string) reflect.Value {
	if f, ok := funcs[pkg+"."+name]; ok {
		return reflect.ValueOf(f)
	}
	return reflect.Value{}
}

func (symbols) Var(pkg, name string) reflect.Value { return reflect.Value{} }
func (symbols) Type(pkg, name string) reflect.Type { return goTypes[pkg+"."+name] }

// load builds the program src.
func load(t testing.TB, name, src string) (*ssa.Package, *exec.Machine) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
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
			if got != want {
				t.Errorf("go run kernel/eval/exec/%s prints what is wanted:\n%s\ngot:\n%s", file, want, got)
			}
		})
	}
}
