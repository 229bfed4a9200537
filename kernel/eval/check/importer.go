package check

// This file imports compiled packages for the type checker, from the export
// data and the sources that came with the kernel.

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/ssa"
)

// GoVersion is the version of the language.
const GoVersion = "1.26"

const goVersion = "go" + GoVersion

// Importer loads compiled packages when they are first imported. A package and
// all that it mentions is loaded once, so that a type is the same wherever it
// is met. Its methods may be called from several goroutines.
//
// What it has returned never changes again, so that it may be read without a
// lock.
type Importer struct {
	fset   *token.FileSet
	lookup func(path string) (*Package, bool)

	// Paths lists the packages that can be imported, for suggestions when one
	// is not found. It may be nil, and must be set before the first Import.
	Paths func() []string

	// Absent tells why a package that lookup does not find cannot be had, nil if it
	// has nothing to say. It may be nil, and must be set before the first Import.
	Absent func(path string) error

	mu      sync.Mutex
	types   map[string]*types.Package // all packages seen, complete or only mentioned
	state   map[string]error          // packages whose loading has begun: nil when done, errLoading
	sources map[string]*Source
	order   []*types.Package // packages as they are to be created in a Program
}

// errLoading marks a package whose imports are being loaded.
var errLoading = errors.New("import cycle")

// Source is the part of a package that is run from source. Its Package is the
// one that cells import, or, if that has compiled parts, another of the same
// path whose exported names cells find there.
type Source struct {
	Package *types.Package
	Files   []*ast.File
	Info    *types.Info
}

// NewImporter returns an importer of the packages that lookup finds.
func NewImporter(fset *token.FileSet, lookup func(path string) (*Package, bool)) *Importer {
	return &Importer{
		fset:    fset,
		lookup:  lookup,
		types:   map[string]*types.Package{"unsafe": types.Unsafe},
		state:   make(map[string]error),
		sources: make(map[string]*Source),
	}
}

// Import returns the types of the package at path. It fails if there is none,
// naming those with similar names, or if a cell may not import it.
func (im *Importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	p, ok := im.lookup(path)
	if !ok {
		return nil, im.unknown(path)
	}
	if p.Hidden {
		return nil, fmt.Errorf("use of internal package %s not allowed", path)
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.load(path)
}

// Files returns the syntax of the part of a package that is run from source,
// for go/ssa to build; nil if it is all compiled or was not imported.
func (im *Importer) Files(path string) ([]*ast.File, *types.Info) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if s := im.sources[path]; s != nil {
		return s.Files, s.Info
	}
	return nil, nil
}

// Source returns the part of a package that is run from source; nil if it is
// all compiled or was not imported.
func (im *Importer) Source(path string) *Source {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.sources[path]
}

// Create creates in prog the packages that were imported since the last call,
// and builds those that have source. Calls for one prog must not overlap with
// each other, nor with the building of prog's other packages.
func (im *Importer) Create(prog *ssa.Program) {
	im.mu.Lock()
	order := slices.Clone(im.order)
	sources := maps.Clone(im.sources)
	im.mu.Unlock()
	if prog.Package(types.Unsafe) == nil {
		prog.CreatePackage(types.Unsafe, nil, nil, true) // source may import it
	}
	var built []*ssa.Package
	for _, pkg := range order {
		if prog.Package(pkg) != nil {
			continue
		}
		if s := sources[pkg.Path()]; s != nil && s.Package == pkg {
			built = append(built, prog.CreatePackage(pkg, s.Files, s.Info, true))
			continue
		}
		prog.CreatePackage(pkg, nil, nil, sources[pkg.Path()] == nil)
	}
	for _, p := range built {
		p.Build()
	}
}

// load returns the package at path, which is known. im.mu is held.
func (im *Importer) load(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if err, ok := im.state[path]; ok {
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", path, err)
		}
		return im.types[path], nil
	}
	p, ok := im.lookup(path)
	if !ok {
		return nil, im.unknown(path)
	}
	im.state[path] = errLoading
	err := im.read(p)
	im.state[path] = err
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", path, err)
	}
	return im.types[path], nil
}

// read loads p after the packages that it mentions.
func (im *Importer) read(p *Package) error {
	for _, dep := range p.Imports {
		if dep == p.Path {
			continue
		}
		if _, err := im.load(dep); err != nil {
			return err
		}
	}
	var pkg *types.Package
	if p.Export != nil {
		data, err := p.Export()
		if err != nil {
			return err
		}
		pkg, err = gcexportdata.Read(bytes.NewReader(data), im.fset, im.types, p.Path)
		if err != nil {
			return err
		}
		im.order = append(im.order, pkg)
	}
	if p.Source == nil {
		if pkg == nil {
			return errors.New("it has neither export data nor source")
		}
		return nil
	}
	s, err := im.check(p, pkg)
	if err != nil {
		return err
	}
	im.sources[p.Path] = s
	im.order = append(im.order, s.Package)
	if pkg == nil {
		im.types[p.Path] = s.Package
		return nil
	}
	for _, name := range s.Package.Scope().Names() {
		obj := s.Package.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		if alt := pkg.Scope().Insert(obj); alt != nil {
			return fmt.Errorf("%s is declared both in its export data and in its source", name)
		}
	}
	return nil
}

// check type-checks the source of p, whose compiled part is own, or nil.
func (im *Importer) check(p *Package, own *types.Package) (*Source, error) {
	text, err := p.Source()
	if err != nil {
		return nil, err
	}
	s := &Source{
		Info: &types.Info{
			Types:        make(map[ast.Expr]types.TypeAndValue),
			Instances:    make(map[*ast.Ident]types.Instance),
			Defs:         make(map[*ast.Ident]types.Object),
			Uses:         make(map[*ast.Ident]types.Object),
			Implicits:    make(map[ast.Node]types.Object),
			Selections:   make(map[*ast.SelectorExpr]*types.Selection),
			Scopes:       make(map[ast.Node]*types.Scope),
			FileVersions: make(map[*ast.File]string),
		},
	}
	for _, name := range slices.Sorted(maps.Keys(text)) {
		f, err := parser.ParseFile(im.fset, path.Join(cmp.Or(p.Folder, p.Path), name), text[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if p.Missing != nil {
			fillBodies(f, p)
		}
		s.Files = append(s.Files, f)
	}
	conf := types.Config{
		GoVersion: cmp.Or(p.Language, goVersion),
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
		Importer: importFunc(func(path string) (*types.Package, error) {
			if path == p.Path {
				return own, nil
			}
			return im.load(path)
		}),
	}
	s.Package, err = conf.Check(p.Path, im.fset, s.Files, s.Info)
	if err != nil && p.Note != "" {
		err = fmt.Errorf("%w (%s)", err, p.Note)
	}
	return s, err
}

// fillBodies gives the functions of p that have no body, nor are compiled, one
// that panics with the reason.
func fillBodies(f *ast.File, p *Package) {
	var have map[string]any
	if p.Symbols != nil {
		have = p.Symbols().Funcs
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body != nil || fn.Recv == nil && have[fn.Name.Name] != nil {
			continue
		}
		at := fn.End()
		why := &ast.BasicLit{ValuePos: at, Kind: token.STRING, Value: strconv.Quote(p.Missing(fn.Name.Name))}
		call := &ast.CallExpr{Fun: &ast.Ident{NamePos: at, Name: "panic"}, Lparen: at, Args: []ast.Expr{why}, Rparen: at}
		fn.Body = &ast.BlockStmt{Lbrace: at, List: []ast.Stmt{&ast.ExprStmt{X: call}}, Rbrace: at}
	}
}

// Forget drops packages that were loaded from source, so that they are read
// again when they are next imported. Who has them keeps them as they are.
func (im *Importer) Forget(paths []string) {
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, path := range paths {
		if old := im.types[path]; old != nil {
			im.order = slices.DeleteFunc(im.order, func(p *types.Package) bool { return p == old })
		}
		delete(im.types, path)
		delete(im.state, path)
		delete(im.sources, path)
	}
}

// importFunc is a types.Importer.
type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// unknown explains that there is no package at path.
func (im *Importer) unknown(path string) error {
	if im.Absent != nil {
		if err := im.Absent(path); err != nil {
			return err
		}
	}
	err := unknown(fmt.Sprintf("package %q is not built into this kernel", path))
	if im.Paths == nil {
		return err
	}
	near := Near(path, im.Paths())
	if len(near) == 0 {
		return err
	}
	for i, n := range near {
		near[i] = fmt.Sprintf("%q", n)
	}
	return unknown(fmt.Sprintf("%s (did you mean %s?)", err, strings.Join(near, " or ")))
}

// unknown is the error of a path at which there is no package.
type unknown string

func (u unknown) Error() string { return string(u) }

// Hint returns what there is to do.
func (u unknown) Hint() string {
	return "cells can import the standard library, gonum, cajal's own packages, and modules by paths that begin with a host"
}

// Near returns up to three of the known import paths that a reader who wrote
// path may have meant, best first.
func Near(path string, known []string) []string {
	type match struct {
		path string
		cost int
	}
	var found []match
	base := path[strings.LastIndexByte(path, '/')+1:]
	for _, k := range known {
		cost := distance(strings.ToLower(path), strings.ToLower(k))
		limit := 1 + len(path)/4
		if kb := k[strings.LastIndexByte(k, '/')+1:]; kb == base && k != path {
			cost = min(cost, 1) // the last element alone, or in another folder
		}
		if cost <= limit {
			found = append(found, match{k, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		return strings.Compare(a.path, b.path)
	})
	var paths []string
	for i := 0; i < len(found) && i < 3; i++ {
		paths = append(paths, found[i].path)
	}
	return paths
}

// distance returns the number of bytes to insert, remove or replace to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
