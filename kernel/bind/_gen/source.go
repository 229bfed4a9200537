package main

// This file prepares the packages that are run from source: a copy of the
// distribution's files without what an overlay replaces, and the overlay.

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// copied are packages whose files are copied from the distribution; an overlay
// may replace parts of them. Packages that have an overlay and are not listed
// here keep their compiled part, but for "replaced".
var copied = map[string]bool{"cmp": true, "iter": true, "maps": true, "slices": true}

// replaced are packages that are an overlay altogether.
var replaced = map[string]bool{"runtime/cgo": true, "unique": true, "weak": true}

// overlay is a folder of overlay/: source that is given for a package.
type overlay struct {
	files   map[string][]byte // by name, without comments but the licence
	names   map[string]bool   // exported and unexported names that it declares
	drop    map[string]bool   // names that it makes superfluous
	imports map[string]bool
}

// overlays reads dir, by import path.
func overlays(dir string) (map[string]*overlay, error) {
	all := make(map[string]*overlay)
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(rel))
		o := all[pkg]
		if o == nil {
			o = newOverlay()
			all[pkg] = o
		}
		return o.read(file)
	})
	return all, err
}

func newOverlay() *overlay {
	return &overlay{files: map[string][]byte{}, names: map[string]bool{}, drop: map[string]bool{}, imports: map[string]bool{}}
}

// exported returns the exported names that o declares.
func (o *overlay) exported() map[string]bool {
	names := make(map[string]bool)
	for n := range o.names {
		if token.IsExported(n) {
			names[n] = true
		}
	}
	return names
}

// read adds a file of the overlay's folder.
func (o *overlay) read(file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, name := range declared(f) {
		o.names[name] = true
	}
	for _, g := range f.Comments {
		for _, c := range g.List {
			if names, ok := strings.CutPrefix(c.Text, "//bind:drop "); ok {
				for _, n := range strings.Fields(names) {
					o.drop[n] = true
				}
			}
		}
	}
	return o.add(fset, filepath.Base(file), f)
}

// add adds f, stripped of its comments but for the licence.
func (o *overlay) add(fset *token.FileSet, name string, f *ast.File) error {
	for _, s := range f.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return err
		}
		o.imports[p] = true
	}
	var licence string
	for _, g := range f.Comments {
		if g.End() < f.Package && strings.Contains(g.Text(), "BSD-style") {
			for _, c := range g.List {
				licence += c.Text + "\n"
			}
		}
	}
	if licence == "" {
		return fmt.Errorf("%s has no licence header", name)
	}
	bare := *f
	bare.Comments, bare.Doc = nil, nil
	for _, d := range bare.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			d.Doc = nil
		case *ast.GenDecl:
			d.Doc = nil
		}
	}
	var buf bytes.Buffer
	buf.WriteString(licence + "\n")
	if err := format.Node(&buf, fset, &bare); err != nil {
		return err
	}
	buf.WriteByte('\n')
	o.files[name] = buf.Bytes()
	return nil
}

// copy adds the distribution's files of l, without what o replaces.
func (o *overlay) copy(l *listed) error {
	gone := make(map[string]bool)
	for n := range o.names {
		gone[n] = true
	}
	for n := range o.drop {
		gone[n] = true
	}
	for i, name := range l.GoFiles {
		// Parsed again, since the printer wants a file set of its own.
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(l.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f = dropped(f, gone)
		unimport(f)
		if len(f.Decls) == 0 {
			continue
		}
		if o.files[name] != nil {
			return fmt.Errorf("overlay of %s has a file %s, as the distribution has", l.ImportPath, l.GoFiles[i])
		}
		if err := o.add(fset, name, f); err != nil {
			return err
		}
	}
	return nil
}

// unimport removes f's imports that f does not use.
func unimport(f *ast.File) {
	used := make(map[string]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	var decls []ast.Decl
	f.Imports = nil
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			var specs []ast.Spec
			for _, s := range g.Specs {
				s := s.(*ast.ImportSpec)
				p, _ := strconv.Unquote(s.Path.Value)
				if s.Name == nil && used[path.Base(p)] {
					specs = append(specs, s)
					f.Imports = append(f.Imports, s)
				}
			}
			g.Specs = specs
			if len(specs) == 0 {
				continue
			}
		}
		decls = append(decls, d)
	}
	f.Decls = decls
}

// declared returns the names that f declares at top level, but for methods.
func declared(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}
