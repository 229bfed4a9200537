package kernel_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// policy says what each folder of the module may import from the module, and
// with a leading "+" which other modules. A folder is ruled by its longest
// prefix here. Subfolders of one rule may import each other.
//
// It is a statement of policy. DO NOT CHANGE THIS DATA TO FIX BUILDS.
var policy = map[string]string{
	".":                  "install notebooks notebooks/command display display/live engine/nn engine/data kernel/cell kernel/wire kernel/session kernel/eval kernel/bind +github.com/alecthomas/kong +golang.org/x/term +github.com/schollz/progressbar",
	"kernel":             "",
	"kernel/cell":        "",
	"kernel/wire":        "+github.com/go-zeromq/zmq4 +golang.org/x/sys",
	"kernel/session":     "kernel/cell kernel/wire",
	"kernel/eval":        "kernel/cell kernel/eval/check kernel/eval/exec kernel/eval/module kernel/eval/rtype +golang.org/x/tools",
	"kernel/eval/check":  "+golang.org/x/tools",
	"kernel/eval/exec":   "kernel/eval/rtype +golang.org/x/tools",
	"kernel/eval/module": "+golang.org/x/mod",
	"kernel/eval/rtype":  "",
	"kernel/bind":        "kernel/eval engine display +gonum.org/v1/gonum +gonum.org/v1/plot +golang.org/x/tools",
	"engine":             "engine/internal +golang.org/x/sys +golang.org/x/mod",
	// What engine/blas32 is for: the engine's products in the form that gonum wants.
	"engine/blas32":      "engine/internal +gonum.org/v1/gonum",
	"display":            "+gonum.org/v1/plot +gonum.org/v1/gonum +golang.org/x/image",
	"notebooks":          "kernel/cell display +golang.org/x/net +github.com/yuin/goldmark +golang.org/x/term +github.com/schollz/progressbar +golang.org/x/sync",
	"install":            "",
	"engine/internal":    "engine/internal +golang.org/x/sys",
	"notebooks/testdata": "",
}

// testOnly may be imported by every _test.go file; a test may also import any
// package of the module, but for the engine's and the evaluator's.
var testOnly = []string{"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "golang.org/x/tools", "github.com/go-zeromq/zmq4"}

func TestImports(t *testing.T) {
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" || name == "out") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		files++
		rel, _ := filepath.Rel(root, path)
		folder := filepath.ToSlash(filepath.Dir(rel))
		rule, ok := ruleOf(folder)
		if !ok {
			t.Errorf("%s: no rule of the policy covers folder %s", rel, folder)
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		test := strings.HasSuffix(name, "_test.go")
		for _, spec := range f.Imports {
			to, _ := strconv.Unquote(spec.Path.Value)
			if !allowed(rule, to, test) {
				pos := fset.Position(spec.Pos())
				t.Errorf("%s:%d:%d: %s may not import %s", filepath.ToSlash(rel), pos.Line, pos.Column, folder, strings.TrimPrefix(to, "cajal/"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 2 {
		t.Fatalf("looked at %d files of %s: the policy checked nothing", files, root)
	}
}

// ruleOf returns the longest prefix of folder that has a rule.
func ruleOf(folder string) (string, bool) {
	for f := folder; ; f = pathDir(f) {
		if _, ok := policy[f]; ok && (f != "." || folder == ".") {
			return f, true
		}
		if f == "." {
			return "", false
		}
	}
}

func pathDir(f string) string {
	if i := strings.LastIndexByte(f, '/'); i >= 0 {
		return f[:i]
	}
	return "."
}

func allowed(rule, to string, test bool) bool {
	in := func(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }
	local, isLocal := strings.CutPrefix(to, "cajal/")
	if !isLocal && !strings.Contains(strings.SplitN(to, "/", 2)[0], ".") {
		return to != "C" // the standard library, never cgo
	}
	if test {
		for _, p := range testOnly {
			if in(to, p) {
				return true
			}
		}
		isolated := in(rule, "engine") || in(rule, "kernel/eval") || in(rule, "display")
		if isLocal && !isolated {
			return true
		}
	}
	if isLocal {
		if r, ok := ruleOf(local); ok && r == rule {
			return true
		}
	}
	for _, p := range strings.Fields(policy[rule]) {
		ext, isExt := strings.CutPrefix(p, "+")
		switch {
		case isExt && !isLocal && in(to, ext):
			return true
		case !isExt && isLocal && (local == p || in(local, p) && rule != "kernel/eval" && rule != "."):
			return true
		}
	}
	return false
}
