package bind

// This file holds the tables against the export data beside them.

import (
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/kernel/eval/check"
	"cajal/kernel/eval/exec"

	"golang.org/x/tools/go/ssa"
)

// symbols finds values in the tables of a Set.
type symbols struct{ set *Set }

func (s symbols) of(path string) check.Symbols {
	if p, ok := s.set.Lookup(path); ok && p.Symbols != nil {
		return p.Symbols()
	}
	return check.Symbols{}
}

func (s symbols) Func(path, name string) reflect.Value { return value(s.of(path).Funcs[name]) }
func (s symbols) Var(path, name string) reflect.Value  { return value(s.of(path).Vars[name]) }
func (s symbols) Type(path, name string) reflect.Type  { return s.of(path).Types[name] }

func value(v any) reflect.Value {
	if v == nil {
		return reflect.Value{}
	}
	return reflect.ValueOf(v)
}

// TestTables loads every package and compares each function, variable and type
// of the tables with what the type checker believes it to be.
func TestTables(t *testing.T) {
	set := New()
	fset := token.NewFileSet()
	imp := check.NewImporter(fset, set.Lookup)
	state := check.NewState(check.Config{Fset: fset, Import: imp})
	m, err := exec.New(state.Program(), symbols{set})
	if err != nil {
		t.Fatal(err)
	}
	bound := 0
	for _, path := range set.Paths() {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Errorf("import %q: %v", path, err)
			continue
		}
		have := symbols{set}.of(path)
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() || obj.Pkg() != pkg || fromSource(imp, obj) {
				continue
			}
			var got reflect.Type
			switch obj := obj.(type) {
			case *types.Func:
				if obj.Signature().TypeParams() != nil || mentionsHidden(set, obj.Type()) {
					continue
				}
				got = reflect.TypeOf(have.Funcs[name])
			case *types.Var:
				if got = reflect.TypeOf(have.Vars[name]); got != nil {
					got = got.Elem()
				}
			case *types.TypeName:
				if n, ok := obj.Type().(*types.Named); !ok || obj.IsAlias() || n.TypeParams() != nil || !isValue(n) {
					continue
				}
				if got = have.Types[name]; got != nil && (got.Name() != name || got.PkgPath() != path) {
					t.Errorf("%s.%s is bound to %s", path, name, got)
				}
			default:
				continue
			}
			if got == nil {
				if path != "syscall" || name != "ForkExec" && name != "StartProcess" { // left out on purpose
					t.Errorf("%s.%s is not bound", path, name)
				}
				continue
			}
			if want := m.TypeOf(obj.Type()); got != want {
				t.Errorf("%s.%s is bound to a %s, and is a %s", path, name, got, want)
			}
			bound++
		}
	}
	if bound < 4000 {
		t.Errorf("%d symbols were compared", bound)
	}
	// What runs from source must build, too.
	prog := ssa.NewProgram(fset, ssa.SanityCheckFunctions)
	imp.Create(prog)
}

// fromSource tells whether obj is declared by the source of its package.
func fromSource(imp *check.Importer, obj types.Object) bool {
	s := imp.Source(obj.Pkg().Path())
	return s != nil && s.Package.Scope().Lookup(obj.Name()) != nil
}

// isValue tells whether values may have type n.
func isValue(n *types.Named) bool {
	i, ok := n.Underlying().(*types.Interface)
	return !ok || i.IsMethodSet()
}

// mentionsHidden tells whether the type of a function mentions a type of a
// package that cells cannot import; such functions can be called only if it has
// no name, or is not used.
func mentionsHidden(set *Set, t types.Type) bool {
	hidden := false
	types.TypeString(t, func(p *types.Package) string {
		if b, ok := set.Lookup(p.Path()); p != types.Unsafe && (!ok || b.Hidden) {
			hidden = true
		}
		return ""
	})
	return hidden
}

// TestReplacements holds that what is replaced exists under that name, and that
// what takes its place has the same type.
func TestReplacements(t *testing.T) {
	set := New()
	for path, values := range set.replaced {
		e, ok := find(path)
		if !ok {
			t.Errorf("package %s, of which something is replaced, is not bound", path)
			continue
		}
		var have check.Symbols
		if e.table != nil {
			have = e.table().symbols()
		}
		for name, v := range values {
			got := reflect.TypeOf(v)
			if typ, method, ok := strings.Cut(strings.TrimPrefix(name, "("), ")."); ok {
				recv := have.Types[strings.TrimPrefix(typ, "*")]
				if typ[0] == '*' {
					recv = reflect.PointerTo(recv)
				}
				m, found := recv.MethodByName(method)
				if !found || m.Type != got {
					t.Errorf("%s.%s is replaced by a %s, and is a %v", path, name, got, m.Type)
				}
				continue
			}
			was := have.Funcs[name]
			if was == nil {
				was = have.Vars[name]
			}
			if was == nil {
				if e.source == "" && path+"."+name != "syscall.Exit" { // which no table has
					t.Errorf("%s.%s is replaced, and does not exist", path, name)
				}
				continue // a body for a function of an overlay
			}
			if want := reflect.TypeOf(was); got != want {
				t.Errorf("%s.%s is replaced by a %s, and is a %s", path, name, got, want)
			}
		}
	}
}

// TestFlags holds that all functions of package flag act on a cell's own
// command line.
func TestFlags(t *testing.T) {
	set := New()
	e, _ := find("flag")
	for _, f := range e.table().funcs {
		switch f.name {
		case "UnquoteUsage": // acts on nothing
			continue
		}
		if set.replaced["flag"][f.name] == nil {
			t.Errorf("flag.%s acts on the command line of the process", f.name)
		}
	}
}

func TestLookup(t *testing.T) {
	set := New()
	p, ok := set.Lookup("fmt")
	if !ok || p.Name != "fmt" || p.Hidden {
		t.Fatalf("fmt is %+v, %t", p, ok)
	}
	if doc := p.Doc()["Println"]; !strings.HasPrefix(doc, "Println formats using the default formats") {
		t.Errorf("the documentation of fmt.Println is %q", doc)
	}
	if _, ok := set.Lookup("no/such/package"); ok {
		t.Error("a package that does not exist is found")
	}
	if p, ok := set.Lookup("internal/poll"); !ok || !p.Hidden {
		t.Error("a package that others mention is not found, or is not hidden")
	}
	if !slices.IsSorted(set.Paths()) || slices.Contains(set.Paths(), "internal/poll") {
		t.Error("the paths are not sorted, or hold hidden ones")
	}
	for name, want := range map[string]string{
		"rand": "math/rand/v2", "template": "text/template", "nn": "cajal/engine/nn", "mat": "gonum.org/v1/gonum/mat",
		"draw": "image/draw", "scanner": "text/scanner", "display": "cajal/display", "path": "path",
	} {
		if got := set.ByName(name); len(got) == 0 || got[0] != want {
			t.Errorf("packages named %s: %q, want %q first", name, got, want)
		}
	}
	if got := set.ByName("nothing"); len(got) != 0 {
		t.Errorf("packages named nothing: %q", got)
	}
}

func TestDownloadText(t *testing.T) {
	d := &download{what: "MNIST", total: 10e6, done: 5e6}
	if got, want := d.text(), "MNIST "+strings.Repeat("█", 15)+strings.Repeat("░", 15)+"  50 % of 10.0 MB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.total = -1
	if got, want := d.text(), "MNIST: 5.0 MB"; got != want {
		t.Errorf("with an unknown size: got %q, want %q", got, want)
	}
}
