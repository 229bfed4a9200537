package main

// This file finds the symbols that a package has on every platform, and writes
// the table that binds them.

import (
	"bytes"
	"fmt"
	"go/format"
	"go/types"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// table lists the exported names of a package that are bound.
type table struct {
	path, name         string
	funcs, vars, types []string
	instances          map[string]string // instances of generic types: name as in Symbols.Types → Go expression
	uses               map[string]bool   // packages that instances mention
	platform           string            // of which it is, "" for all
}

// forbidden are functions that a cell may not call in the kernel's process;
// those that end it are replaced by bind.Set.
var forbidden = map[string]bool{"syscall.Exit": true, "syscall.ForkExec": true, "syscall.StartProcess": true}

// symbols returns the table of the package at path, with what all platforms
// have.
func symbols(worlds []*world, path string, skip map[string]bool) *table {
	return newTable(worlds[0].types[path], func(name string) bool {
		return !skip[name] && common(worlds, path, name)
	})
}

// ownSymbols returns the table of the package at path with what the platform of w has
// and not all others, such as syscall.Kill; nil if there is nothing.
func ownSymbols(w *world, worlds []*world, path string, skip map[string]bool) *table {
	if w.types[path] == nil {
		return nil
	}
	t := newTable(w.types[path], func(name string) bool {
		return !skip[name] && !common(worlds, path, name)
	})
	if t.empty() {
		return nil
	}
	t.platform = w.platform.String()
	return t
}

// newTable returns the table of what pkg exports and want wants.
func newTable(pkg *types.Package, want func(name string) bool) *table {
	path := pkg.Path()
	t := &table{path: path, name: pkg.Name(), instances: map[string]string{}, uses: map[string]bool{}}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() || forbidden[path+"."+name] || !want(name) {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			if obj.Signature().TypeParams() == nil {
				t.funcs = append(t.funcs, name)
			}
		case *types.Var:
			t.vars = append(t.vars, name)
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok && !obj.IsAlias() && named.TypeParams() == nil && isValueType(named) {
				t.types = append(t.types, name)
			}
		}
	}
	return t
}

// isValueType reports whether values may have type t: it is no constraint.
func isValueType(t *types.Named) bool {
	i, ok := t.Underlying().(*types.Interface)
	return !ok || i.IsMethodSet()
}

// common reports whether every platform has the object, of the same kind and,
// unless it is a type, of the same type.
func common(worlds []*world, path, name string) bool {
	var want string
	for i, w := range worlds {
		pkg := w.types[path]
		if pkg == nil {
			return false
		}
		obj := pkg.Scope().Lookup(name)
		if obj == nil {
			return false
		}
		got := fmt.Sprintf("%T", obj)
		if _, ok := obj.(*types.TypeName); !ok {
			got += types.TypeString(obj.Type(), nil)
		}
		if i == 0 {
			want = got
		} else if got != want {
			return false
		}
	}
	return true
}

// harvest adds to tables the instances of generic types that the exported
// functions, methods, fields and variables of pkg mention.
func harvest(pkg *types.Package, tables map[string]*table) {
	seen := make(map[types.Type]bool)
	var walk func(t types.Type)
	tuple := func(t *types.Tuple) {
		for v := range t.Variables() {
			walk(v.Type())
		}
	}
	walk = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			walk(types.Unalias(t))
		case *types.Named:
			if t.TypeArgs() != nil {
				instance(t, tables)
				return
			}
			if t.Obj().Pkg() != pkg || t.TypeParams() != nil {
				return
			}
			for m := range t.Methods() {
				if m.Exported() {
					walk(m.Type())
				}
			}
			walk(t.Underlying())
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Signature:
			tuple(t.Params())
			tuple(t.Results())
		case *types.Struct:
			for f := range t.Fields() {
				if f.Exported() {
					walk(f.Type())
				}
			}
		case *types.Interface:
			for m := range t.Methods() {
				if m.Exported() {
					walk(m.Type())
				}
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if f, ok := obj.(*types.Func); ok && f.Signature().TypeParams() != nil {
			continue
		}
		if obj.Exported() {
			walk(obj.Type())
		}
	}
}

// instance adds t to the table of its package, if all of it has a name there.
func instance(t *types.Named, tables map[string]*table) {
	obj := t.Obj()
	to := tables[obj.Pkg().Path()]
	if to == nil || !obj.Exported() {
		return
	}
	uses := make(map[string]bool)
	nameable := true
	expr := types.TypeString(t, func(p *types.Package) string {
		if p.Path() != to.path {
			uses[p.Path()] = true
		}
		if tables[p.Path()] == nil {
			nameable = false
		}
		return p.Name()
	})
	if !nameable || hasTypeParam(t) || strings.Contains(expr, "struct{") {
		return
	}
	var args []string
	for a := range t.TypeArgs().Types() {
		if n, ok := types.Unalias(a).(*types.Named); ok && n.Obj().Pkg() != nil && !n.Obj().Exported() {
			return
		}
		args = append(args, types.TypeString(a, func(p *types.Package) string { return p.Path() }))
	}
	to.instances[obj.Name()+"["+strings.Join(args, ",")+"]"] = expr
	for u := range uses {
		to.uses[u] = true
	}
}

// hasTypeParam reports whether an argument of t is a type parameter.
func hasTypeParam(t *types.Named) bool {
	for a := range t.TypeArgs().Types() {
		if strings.Contains(fmt.Sprintf("%T", a), "TypeParam") {
			return true
		}
		if n, ok := types.Unalias(a).(*types.Named); ok && n.TypeArgs() != nil && hasTypeParam(n) {
			return true
		}
		if p, ok := a.(*types.Pointer); ok && strings.Contains(fmt.Sprintf("%T", p.Elem()), "TypeParam") {
			return true
		}
	}
	return false
}

// empty reports whether nothing is bound.
func (t *table) empty() bool {
	return len(t.funcs)+len(t.vars)+len(t.types)+len(t.instances) == 0
}

// fn returns the name of the generated function.
func (t *table) fn() string {
	var b strings.Builder
	b.WriteString("z")
	for part := range strings.FieldsFuncSeq(t.path, func(r rune) bool { return r == '/' || r == '.' || r == '-' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	if t.platform != "" {
		b.WriteString("Own")
	}
	return b.String()
}

// file returns the name of the generated file.
func (t *table) file() string {
	short := strings.TrimPrefix(strings.TrimPrefix(t.path, "gonum.org/v1/"), "cajal/")
	end := "_tab.go" // a trailing element such as "js" or "arm64" would be taken for a platform
	if t.platform != "" {
		end = "_" + t.platform + ".go"
	}
	return "z_" + strings.NewReplacer("/", "_", ".", "_").Replace(short) + end
}

// what words what is bound.
func (t *table) what() string {
	if t.platform != "" {
		return "what package " + t.path + " has on this platform only"
	}
	return "package " + t.path
}

// write writes the table's file to dir.
func (t *table) write(dir string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\npackage bind\n\n// This file binds %s.\n\nimport (\n", header, t.what())
	imports := []string{t.path}
	for u := range t.uses {
		imports = append(imports, u)
	}
	sort.Strings(imports)
	for _, i := range imports {
		fmt.Fprintf(&b, "\t%q\n", i)
	}
	fmt.Fprintf(&b, ")\n\nfunc %s() table {\n\treturn table{\n", t.fn())
	section := func(name string, names []string, format string) {
		if len(names) == 0 {
			return
		}
		fmt.Fprintf(&b, "\t\t%s: []symbol{\n", name)
		for _, n := range names {
			fmt.Fprintf(&b, format, n, t.name+"."+n)
		}
		b.WriteString("\t\t},\n")
	}
	section("funcs", t.funcs, "{%q, %s},\n")
	section("vars", t.vars, "{%q, &%s},\n")
	if len(t.types)+len(t.instances) > 0 {
		b.WriteString("\t\ttypes: []symbol{\n")
		for _, n := range t.types {
			fmt.Fprintf(&b, "{%q, (*%s.%s)(nil)},\n", n, t.name, n)
		}
		names := make([]string, 0, len(t.instances))
		for n := range t.instances {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			fmt.Fprintf(&b, "{%q, (*%s)(nil)},\n", n, t.instances[n])
		}
		b.WriteString("\t\t},\n")
	}
	b.WriteString("\t}\n}\n")
	src, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("table of %s: %w", t.path, err)
	}
	return os.WriteFile(filepath.Join(dir, t.file()), src, 0o644)
}
