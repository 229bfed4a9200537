package main

// This file writes the index of packages, and collects their documentation.

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeIndex writes the table of all packages, sorted by path.
func writeIndex(dir string, paths []string, tables map[string]*table, a *archives) error {
	all := append(slices.Clone(paths), a.hidden...)
	slices.Sort(all)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\npackage bind\n\n// This file lists the packages that can be loaded, sorted by path.\n\nvar index = [...]entry{\n", header)
	for _, path := range all {
		fmt.Fprintf(&b, "\t{path: %q", path)
		if t := tables[path]; t != nil {
			fmt.Fprintf(&b, ", name: %q", t.name)
			if !t.empty() {
				fmt.Fprintf(&b, ", table: %s", t.fn())
			}
		} else {
			b.WriteString(", hidden: true")
		}
		if !copied[path] && !replaced[path] {
			b.WriteString(", export: true")
		}
		var files []string
		for name := range a.shared {
			if f, ok := strings.CutPrefix(name, path+"/src/"); ok && !strings.Contains(f, "/") {
				files = append(files, f)
			}
		}
		slices.Sort(files)
		if len(files) > 0 {
			fmt.Fprintf(&b, ", source: %q", strings.Join(files, " "))
		}
		if deps := a.imports[path]; len(deps) > 0 {
			fmt.Fprintf(&b, ", imports: %q", strings.Join(deps, " "))
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	src, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "z_index.go"), src, 0o644)
}

// documentation returns what the package's exported names say of themselves: those
// of its functions, variables, constants and types, and of methods and fields as
// "Type.Name".
func documentation(w *world, path string) map[string]string {
	l := w.listed[path]
	// doc.NewFromFiles takes the syntax apart; it is not needed afterwards.
	p, err := doc.NewFromFiles(w.fset, slices.Clone(l.files), path)
	if err != nil {
		return nil
	}
	out := make(map[string]string)
	set := func(name, text string) {
		if text = strings.TrimSpace(text); text != "" {
			out[name] = text
		}
	}
	set("", firstParagraph(p.Doc))
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			for _, name := range v.Names {
				if !token.IsExported(name) {
					continue
				}
				text := v.Doc
				for _, s := range v.Decl.Specs {
					s := s.(*ast.ValueSpec)
					for _, n := range s.Names {
						if n.Name == name && s.Doc != nil {
							text = s.Doc.Text()
						} else if n.Name == name && s.Comment != nil {
							text = s.Comment.Text()
						}
					}
				}
				set(name, text)
			}
		}
	}
	funcs := func(prefix string, fs []*doc.Func) {
		for _, f := range fs {
			set(prefix+f.Name, f.Doc)
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs("", p.Funcs)
	for _, t := range p.Types {
		set(t.Name, t.Doc)
		values(t.Consts)
		values(t.Vars)
		funcs("", t.Funcs)
		funcs(t.Name+".", t.Methods)
		for _, spec := range t.Decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.Name == t.Name {
				parts(spec.Type, func(name, text string) { set(t.Name+"."+name, text) })
			}
		}
	}
	return out
}

// parts calls set for the fields of a struct type, or the methods of an interface
// type.
func parts(x ast.Expr, set func(name, text string)) {
	var list *ast.FieldList
	switch x := x.(type) {
	case *ast.StructType:
		list = x.Fields
	case *ast.InterfaceType:
		list = x.Methods
	default:
		return
	}
	for _, f := range list.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, n := range f.Names {
			set(n.Name, text)
		}
	}
}

// firstParagraph returns the beginning of a text, which is enough of a package: the
// rest is a manual.
func firstParagraph(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n\n")
	return text
}
