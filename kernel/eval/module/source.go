package module

// This file reads the files of a package that belong to this system, and finds
// what in them cannot run without a compiler.

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/version"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Module is a module of a Session.
type Module struct {
	Path    string
	Version string // "" for one in a folder
	Sum     string // of its files, as in go.sum; "" for one in a folder
}

// Package is a package of a module, as source.
type Package struct {
	Path     string
	Name     string
	Module   Module
	Folder   string            // what positions call its folder: PATH@VERSION, or where it is
	Language string            // "go1.21", which its go.mod asks for
	Imports  []string          // what its files import, sorted
	Files    map[string]string // those of this system, by name
	Embeds   []Embed

	dir      string
	places   map[string]string // where it imports what
	assembly []string          // names of its assembly files
	leftOut  []string          // names of its files that need cgo
}

// tags are the build tags of packages, beside those of the system: none of their
// functions is assembly if they can do without.
var tags = []string{"purego"}

// read reads the package in a folder of module m, which is at root.
func (l *loader) read(pkg, dir, root string, m module.Version) (*Package, error) {
	s, err := l.summary(l.ctx, m)
	if err != nil {
		return nil, err
	}
	if version.Compare(version.Lang(s.language), version.Lang("go"+l.s.cfg.GoVersion)) > 0 {
		return nil, failf("an older version of it may do: %get "+m.Path+"@VERSION", "%s needs %s, and this kernel is of go%s", m, s.language, l.s.cfg.GoVersion)
	}
	ctx := build.Context{
		GOOS: build.Default.GOOS, GOARCH: build.Default.GOARCH, Compiler: "gc",
		ToolTags: build.Default.ToolTags, ReleaseTags: build.Default.ReleaseTags, BuildTags: slices.Concat(tags, l.f.env.tags()),
	}
	found, err := ctx.ImportDir(dir, build.ImportComment)
	p := &Package{Path: pkg, Module: Module{Path: m.Path, Version: m.Version}, Language: s.language, dir: dir, places: make(map[string]string)}
	p.Folder = dir
	if m.Version != "" {
		p.Folder = m.String() + strings.TrimPrefix(pkg, m.Path)
		if m.Path == pkg {
			p.Folder = m.String()
		}
		p.Module.Sum = l.f.sum(l.actual(m))
	}
	if found != nil {
		p.assembly = found.SFiles
		p.leftOut = needCgo(dir, found.IgnoredGoFiles)
	}
	if err != nil {
		return nil, p.unreadable(err)
	}
	if found.Name == "main" {
		return nil, failf("", "%s is a program, which cannot be imported", pkg)
	}
	p.Name = found.Name
	for _, imp := range found.Imports {
		if imp != "unsafe" {
			p.Imports = append(p.Imports, imp)
		}
		if at := found.ImportPos[imp]; len(at) > 0 {
			p.places[imp] = fmt.Sprintf("%s:%d", path.Join(p.Folder, filepath.Base(at[0].Filename)), at[0].Line)
		}
	}
	p.Files = make(map[string]string, len(found.GoFiles))
	for _, name := range found.GoFiles {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		p.Files[name] = string(text)
	}
	if err := p.foreignVariable(); err != nil {
		return nil, err
	}
	if len(found.EmbedPatterns) > 0 {
		p.Embeds, err = p.embeds(root)
	}
	return p, err
}

// linknames lists what the //go:linkname lines of a file take from elsewhere.
func linknames(text string) (all [][2]string) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "//go:linkname "); ok {
			if f := strings.Fields(rest); len(f) == 2 {
				all = append(all, [2]string{f[0], f[1]})
			}
		}
	}
	return all
}

// foreignVariable tells of a variable that //go:linkname takes from another
// package: it would be one of its own, and silently zero.
func (p *Package) foreignVariable() error {
	for _, file := range slices.Sorted(maps.Keys(p.Files)) {
		for _, link := range linknames(p.Files[file]) {
			if strings.Contains(p.Files[file], "\nvar "+link[0]+" ") {
				return failf("", "%s takes the variable %s by go:linkname (%s), which interpreted code cannot", p.Path, link[1], path.Join(p.Folder, file))
			}
		}
	}
	return nil
}

// unreadable words why a folder is no package for this system.
func (p *Package) unreadable(err error) error {
	switch e := err.(type) {
	case *build.NoGoError:
		if len(p.leftOut) > 0 {
			return failf("a package that is all Go may do the same", "%s needs cgo (%s imports \"C\"), and cajal has no C compiler", p.Path, path.Join(p.Folder, p.leftOut[0]))
		}
		return failf("", "%s has no Go files for %s/%s", p.Path, build.Default.GOOS, build.Default.GOARCH)
	case *build.MultiplePackageError:
		return failf("", "%s holds two packages, %s (%s) and %s (%s)", p.Folder, e.Packages[0], e.Files[0], e.Packages[1], e.Files[1])
	}
	if list, ok := errors.AsType[scanner.ErrorList](err); ok && len(list) > 0 {
		return failf("", "%s:%d:%d: %s", path.Join(p.Folder, filepath.Base(list[0].Pos.Filename)), list[0].Pos.Line, list[0].Pos.Column, list[0].Msg)
	}
	return &Error{Msg: p.Path + " cannot be read", Err: err}
}

// needCgo returns those of the files that import "C".
func needCgo(dir string, files []string) (all []string) {
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.ImportsOnly)
		if err == nil && slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"C"` }) {
			all = append(all, name)
		}
	}
	return all
}

// Note returns what a reader should know of a package that does not type-check:
// which of its files were left out.
func (p *Package) Note() string {
	if len(p.leftOut) == 0 {
		return ""
	}
	return fmt.Sprintf("without its files that need cgo (%s)", strings.Join(p.leftOut, ", "))
}

// Missing tells why a function has no body, for whoever calls it.
func (p *Package) Missing(name string) string {
	at := func(file string) string { return path.Join(p.Folder, file) }
	for _, file := range slices.Sorted(maps.Keys(p.Files)) {
		for _, link := range linknames(p.Files[file]) {
			if link[0] == name {
				return fmt.Sprintf("%s.%s is the function %s, taken by go:linkname (%s): interpreted code cannot reach into compiled packages", p.Path, name, link[1], at(file))
			}
		}
	}
	for _, file := range p.assembly {
		text, err := os.ReadFile(filepath.Join(p.dir, file))
		if err == nil && (strings.Contains(string(text), "·"+name+"(SB)") || strings.Contains(string(text), "·"+name+"<ABIInternal>(SB)")) {
			return fmt.Sprintf("%s.%s is written in assembly (%s), which an interpreter of Go cannot run", p.Path, name, at(file))
		}
	}
	return fmt.Sprintf("%s.%s has no body: it is not written in Go", p.Path, name)
}

// Doc returns the documentation of the package's exported names; a method is
// "Type.Method", the package itself is "".
func (p *Package) Doc() map[string]string {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		f, err := parser.ParseFile(fset, name, p.Files[name], parser.ParseComments|parser.SkipObjectResolution)
		if err == nil {
			files = append(files, f)
		}
	}
	d, err := doc.NewFromFiles(fset, files, p.Path)
	if err != nil {
		return nil
	}
	all := map[string]string{"": d.Doc}
	funcs := func(prefix string, list []*doc.Func) {
		for _, f := range list {
			all[prefix+f.Name] = f.Doc
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				all[name] = v.Doc
			}
		}
	}
	funcs("", d.Funcs)
	values(d.Consts)
	values(d.Vars)
	for _, t := range d.Types {
		all[t.Name] = t.Doc
		funcs("", t.Funcs)
		funcs(t.Name+".", t.Methods)
		values(t.Consts)
		values(t.Vars)
	}
	return all
}
