package main

// This file type-checks packages from source for one platform after another,
// without function bodies.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// platform is a GOOS and GOARCH.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// platforms are those that the tables are made for. The first one is the one
// whose documentation and order are taken.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Dir string
	GoFiles               []string
	Imports               []string
	ImportMap             map[string]string
	DepOnly               bool
	Error                 *struct{ Err string }

	files []*ast.File
}

// world holds the packages of one platform.
type world struct {
	platform platform
	fset     *token.FileSet
	listed   map[string]*listed
	types    map[string]*types.Package
}

// list asks the go command for the packages that patterns match, and for their
// dependencies, which come first. A pattern that matches none is no error.
func list(p platform, patterns []string) ([]*listed, error) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-deps", "-json=ImportPath,Name,Dir,GoFiles,Imports,ImportMap,DepOnly,Error", "--"}, patterns...)...)
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list for %s: %w", p, err)
	}
	var all []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		l := new(listed)
		if err := d.Decode(l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", p, err)
		}
		all = append(all, l)
	}
}

// load type-checks the packages that patterns match and all that they need.
// Packages with errors are left out if keepGoing is set.
func load(p platform, patterns []string, keepGoing bool) (*world, error) {
	all, err := list(p, patterns)
	if err != nil {
		return nil, err
	}
	w := &world{
		platform: p,
		fset:     token.NewFileSet(),
		listed:   make(map[string]*listed),
		types:    map[string]*types.Package{"unsafe": types.Unsafe},
	}
	for _, l := range all {
		if l.ImportPath == "unsafe" || l.Name == "" && l.DepOnly {
			continue
		}
		pkg, err := w.loadOne(l)
		switch {
		case err == nil:
			w.listed[l.ImportPath] = l
			w.types[l.ImportPath] = pkg
		case keepGoing:
			fmt.Fprintf(os.Stderr, "%s: left out: %v\n", p, err)
		default:
			return nil, fmt.Errorf("%s: %w", p, err)
		}
	}
	return w, nil
}

func (w *world) loadOne(l *listed) (*types.Package, error) {
	if l.Error != nil {
		return nil, fmt.Errorf("package %s: %s", l.ImportPath, l.Error.Err)
	}
	for _, name := range l.GoFiles {
		f, err := parser.ParseFile(w.fset, filepath.Join(l.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		l.files = append(l.files, f)
	}
	return w.check(l, l.files)
}

// check type-checks files as the package l.
func (w *world) check(l *listed, files []*ast.File) (*types.Package, error) {
	conf := types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Sizes:            types.SizesFor("gc", w.platform.arch),
		Importer: importFunc(func(path string) (*types.Package, error) {
			if to, ok := l.ImportMap[path]; ok {
				path = to
			}
			if pkg := w.types[path]; pkg != nil {
				return pkg, nil
			}
			return nil, fmt.Errorf("%s imports %s, which was not loaded", l.ImportPath, path)
		}),
	}
	return conf.Check(l.ImportPath, w.fset, files, nil)
}

// without type-checks the package at path again as if it did not declare
// names, nor methods of them. Declarations may not refer to them.
func (w *world) without(path string, names map[string]bool) (*types.Package, error) {
	l := w.listed[path]
	var files []*ast.File
	for _, f := range l.files {
		files = append(files, dropped(f, names))
	}
	return w.check(l, files)
}

// dropped returns f without its declarations of names, and of their methods.
func dropped(f *ast.File, names map[string]bool) *ast.File {
	g := *f
	g.Decls = nil
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && names[d.Name.Name] || d.Recv != nil && names[receiver(d)] {
				continue
			}
		case *ast.GenDecl:
			kept := *d
			kept.Specs = nil
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if names[s.Name.Name] {
						continue
					}
				case *ast.ValueSpec:
					if names[s.Names[0].Name] || d.Tok == token.VAR && s.Names[0].Name == "_" {
						continue
					}
				}
				kept.Specs = append(kept.Specs, s)
			}
			if len(kept.Specs) == 0 && len(d.Specs) > 0 {
				continue
			}
			g.Decls = append(g.Decls, &kept)
			continue
		}
		g.Decls = append(g.Decls, d)
	}
	return &g
}

// receiver returns the name of the type whose method d is.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch u := t.(type) {
		case *ast.StarExpr:
			t = u.X
		case *ast.IndexExpr:
			t = u.X
		case *ast.IndexListExpr:
			t = u.X
		case *ast.Ident:
			return u.Name
		default:
			return ""
		}
	}
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }
