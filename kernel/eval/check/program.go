package check

// This file checks whole programs, by Go's own rules.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/types"
	"maps"
	"runtime/debug"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// CheckProgram type-checks and lowers the files of a package main, given by
// name. Unused variables and imports are errors, and package variables are
// initialized in Go's order. Nothing of it is live in cells. Either the result
// or the errors are nil.
func (s *State) CheckProgram(files map[string]string) (pkg *ssa.Package, errs []*Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := func(name string) []byte { return []byte(files[name]) }
	defer func() {
		if r := recover(); r != nil {
			pkg, errs = nil, []*Error{{Name: "program", Line: 1, Column: 1, Kind: InternalError, Msg: fmt.Sprintf("cajal could not check this program: %v", r), Hint: faultAt(debug.Stack())}}
		}
		if errs != nil {
			errs = finish(errs, text)
		}
	}()
	fset := s.cfg.Fset
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution|parser.ParseComments)
		if list, ok := err.(scanner.ErrorList); ok {
			list.RemoveMultiples()
			for _, e := range list {
				errs = append(errs, &Error{Name: name, Line: e.Pos.Line, Column: e.Pos.Column, Kind: SyntaxError, Msg: e.Msg})
			}
			continue
		}
		if f.Name.Name != "main" {
			e := place(fset, f.Name.Pos(), TypeError, fmt.Sprintf("package %s is not a main package", f.Name.Name))
			e.Hint = "a program that can be run is package main"
			errs = append(errs, e)
		}
		parsed = append(parsed, f)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if len(parsed) == 0 {
		return nil, []*Error{{Name: "program", Kind: SyntaxError, Msg: "there are no Go files"}}
	}
	info := newInfo()
	var list []types.Error
	conf := types.Config{
		GoVersion: goVersion,
		Sizes:     s.sizes,
		Importer:  s.cfg.Import,
		Error:     func(err error) { list = append(list, err.(types.Error)) },
	}
	tpkg := types.NewPackage("main", "main")
	types.NewChecker(&conf, fset, tpkg, info).Files(parsed)
	errs = typeErrors(fset, list)
	for _, f := range parsed {
		errs = append(errs, bodyless(fset, f.Decls)...)
	}
	if _, ok := tpkg.Scope().Lookup("main").(*types.Func); !ok && len(errs) == 0 {
		errs = append(errs, place(fset, parsed[0].Name.Pos(), TypeError, "function main is undeclared in the main package"))
	}
	if len(errs) > 0 {
		return nil, errs
	}
	s.adding.Lock()
	defer s.adding.Unlock()
	fresh := s.create(tpkg.Imports())
	// Parts of packages that run from source are initialized first.
	tpkg.SetImports(append(fresh, tpkg.Imports()...))
	pkg = s.prog.CreatePackage(tpkg, parsed, info, false)
	pkg.Build()
	return pkg, nil
}
