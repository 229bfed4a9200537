package check

// This file runs the type checker over a cell, with the live names that the
// cell mentions in its scope.

import (
	"go/ast"
	"go/token"
	"go/types"
)

// attempt is the result of one run of the type checker.
type attempt struct {
	pkg  *types.Package
	info *types.Info
	errs []types.Error
}

// try runs the type checker once over the whole cell.
func (c *cell) try() {
	pkg := types.NewPackage("main", "main")
	scope := pkg.Scope()
	insertPkg := func(name string, imported *types.Package) {
		scope.Insert(types.NewPkgName(token.NoPos, pkg, name, imported))
	}
	for name, imported := range c.imports {
		insertPkg(name, imported)
	}
	for _, imported := range c.dots {
		for _, name := range imported.Scope().Names() {
			if c.src.mentions[name] && !c.declared[name] && ast.IsExported(name) {
				scope.Insert(imported.Scope().Lookup(name))
			}
		}
	}
	for name, imported := range c.auto {
		insertPkg(name, imported)
	}
	for name := range c.src.mentions {
		if c.declared[name] {
			continue
		}
		b := c.s.live[name]
		if b == nil {
			continue
		}
		if p, ok := b.obj.(*types.PkgName); ok {
			if c.imports[name] == nil {
				insertPkg(name, p.Imported())
			}
			continue
		}
		scope.Insert(b.obj)
	}
	for id, name := range c.old {
		if scope.Lookup(id.Name) == nil {
			if obj := oldObject(pkg, id.Name, c.s.live[name].obj); obj != nil {
				scope.Insert(obj)
			}
		}
	}
	if c.wrapped != nil {
		scope.Insert(c.s.hooks.show)
	}
	if c.discards {
		scope.Insert(c.s.hooks.discard)
	}
	if c.src.repeats() {
		scope.Insert(c.s.hooks.more)
		scope.Insert(c.s.hooks.times)
	}
	c.pkg = pkg
	c.errs = nil
	c.info = newInfo()
	if c.scopes {
		c.info.Scopes = make(map[ast.Node]*types.Scope)
	}
	conf := types.Config{
		GoVersion:                goVersion,
		Sizes:                    c.s.sizes,
		DisableUnusedImportCheck: true,
		Error:                    func(err error) { c.errs = append(c.errs, err.(types.Error)) },
	}
	types.NewChecker(&conf, c.fset, pkg, c.info).Files([]*ast.File{c.checked()})
}

// newInfo returns an Info with all that go/ssa asks for.
func newInfo() *types.Info {
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		FileVersions: make(map[*ast.File]string),
	}
}

// checked returns the cell as the type checker sees it.
func (c *cell) checked() *ast.File {
	f := c.file()
	f.Decls = append(f.Decls, c.decls...)
	for _, spec := range c.layout.specs {
		f.Decls = append(f.Decls, &ast.GenDecl{TokPos: spec.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}})
	}
	if c.src.init != nil {
		f.Decls = append(f.Decls, c.initFunc(c.layout.body))
	}
	return f
}

// file returns an empty file of the cell.
func (c *cell) file() *ast.File {
	start := token.NoPos
	switch {
	case c.src.init != nil:
		start = c.src.init.Pos()
	case len(c.src.decls) > 0:
		start = c.src.decls[0].Pos()
	}
	return &ast.File{Package: start, Name: &ast.Ident{NamePos: start, Name: "main"}, FileStart: start, FileEnd: start}
}

// initFunc returns the function that holds the cell's statements.
func (c *cell) initFunc(body []ast.Stmt) *ast.FuncDecl {
	in := c.src.init
	return &ast.FuncDecl{
		Name: in.Name, Type: in.Type,
		Body: &ast.BlockStmt{Lbrace: in.Body.Lbrace, List: body, Rbrace: in.Body.Rbrace},
	}
}

// oldObject returns an object of another name that can be used like obj; nil if
// there is none. Its uses are to be replaced by obj after checking.
func oldObject(pkg *types.Package, name string, obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Var:
		return types.NewVar(token.NoPos, pkg, name, obj.Type())
	case *types.Const:
		return types.NewConst(token.NoPos, pkg, name, obj.Type(), obj.Val())
	case *types.Func:
		return types.NewFunc(token.NoPos, pkg, name, obj.Signature())
	case *types.TypeName:
		return types.NewTypeName(token.NoPos, pkg, name, obj.Type())
	case *types.PkgName:
		return types.NewPkgName(token.NoPos, pkg, name, obj.Imported())
	}
	return nil
}
