// This file asks the type checker what types the variables have, and what the
// cells' expressions give.

package gosource

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// check gives the variables their types and says what becomes of the values of
// each cell's statements. It reads a draft of the program in which all variables
// are package variables, each declared by its value.
func (p *program) check() error {
	for _, e := range p.entities {
		e.needed, e.shared = e.shared, true
	}
	p.name()
	src, vars := p.draft()
	defer func() {
		for _, e := range p.entities {
			e.shared = e.needed
		}
		p.share()
	}()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "draft.go", src, parser.SkipObjectResolution)
	if err != nil {
		return p.explain(src, err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	var errs []types.Error
	cfg := types.Config{
		Importer: importFunc(p.cfg.Packages.Import), DisableUnusedImportCheck: true,
		Error: func(err error) { errs = append(errs, err.(types.Error)) },
	}
	pkg, _ := cfg.Check("main", fset, []*ast.File{file}, info)
	for _, e := range errs {
		if e.Soft || strings.HasPrefix(e.Msg, "initialization cycle") || strings.HasPrefix(e.Msg, "\t") || strings.HasSuffix(e.Msg, "is not used") {
			continue // the draft's own fault, or mended below
		}
		return fmt.Errorf("%s: %s", p.place(src, fset.Position(e.Pos).Line), e.Msg)
	}
	for e, name := range vars {
		o := pkg.Scope().Lookup(name)
		if o == nil {
			return fmt.Errorf("cell %d: the variable %s has no type", e.cell.number, e.name)
		}
		e.typ = o.Type()
	}
	functions := map[string]*ast.FuncDecl{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			functions[f.Name.Name] = f
		}
	}
	for _, c := range p.cells {
		if c.fn == "" {
			continue
		}
		list := functions[c.fn].Body.List
		c.results = make([]how, len(c.source.Stmts))
		at := 0
		for i, s := range c.source.Stmts {
			if x, ok := s.(*ast.ExprStmt); ok && at < len(list) {
				c.results[i] = p.judge(c, i, x, list[at], info)
			}
			at += c.stmts[i].parts
		}
	}
	return nil
}

// judge says what becomes of the value of an expression.
func (p *program) judge(c *cell, i int, was *ast.ExprStmt, is ast.Stmt, info *types.Info) how {
	last := i == len(c.source.Stmts)-1 && c.source.Shown
	x, ok := is.(*ast.ExprStmt)
	if !ok { // _ = value
		a, ok := is.(*ast.AssignStmt)
		switch {
		case !ok || len(a.Rhs) != 1:
			return asIs
		case !last:
			return blank
		case isError(info.Types[a.Rhs[0]].Type):
			return must
		}
		return show
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if !ok {
		return asIs
	}
	result := info.Types[x.X].Type
	if tuple, ok := result.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return asIs
		}
		result = tuple.At(tuple.Len() - 1).Type()
	}
	switch {
	case result == nil || info.Types[x.X].IsVoid() || quiet(call, info):
		return asIs
	case last && isError(result):
		return must
	case last:
		return show
	case isError(result):
		return check
	}
	return asIs
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// quiet tells whether a call only prints: nobody looks at what fmt.Println
// returns.
func quiet(call *ast.CallExpr, info *types.Info) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && slices.Contains(strings.Fields("Print Printf Println Fprint Fprintf Fprintln"), f.Name())
}

type importFunc func(string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// mark stands in the draft above what comes from a cell.
const mark = "//cell "

// draft returns the program with package variables declared by their values, as
// no types are known yet, and the names of those variables.
func (p *program) draft() (src string, vars map[*entity]string) {
	var b strings.Builder
	b.WriteString("package main\n" + importDecl(p.used()))
	vars = map[*entity]string{}
	for _, c := range p.cells {
		fmt.Fprintf(&b, "%s%d\n", mark, c.number)
		for _, d := range c.declarations() {
			b.WriteString(d + "\n")
		}
		for _, s := range c.source.Stmts {
			p.inferred(&b, c, s, vars)
		}
		if c.fn != "" {
			fmt.Fprintf(&b, "func %s() {\n%s\n}\n", c.fn, c.body(false, ""))
		}
	}
	return b.String(), vars
}

// inferred declares the shared variables of a statement by their values.
func (p *program) inferred(b *strings.Builder, c *cell, s ast.Stmt, vars map[*entity]string) {
	if l, ok := s.(*ast.LabeledStmt); ok {
		s = l.Stmt
	}
	names := func(list []*ast.Ident) string {
		var all []string
		for _, id := range list {
			e := c.own[id.Name]
			if _, done := vars[e]; id.Name == "_" || e == nil || done || !e.shared {
				all = append(all, "_")
				continue
			}
			vars[e] = e.final
			all = append(all, e.final)
		}
		return strings.Join(all, ", ")
	}
	any := slices.ContainsFunc(defined(s), func(id *ast.Ident) bool { return c.own[id.Name].shared })
	if !any {
		return
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		var ids []*ast.Ident
		for _, l := range s.Lhs {
			ids = append(ids, l.(*ast.Ident))
		}
		fmt.Fprintf(b, "var %s = %s\n", names(ids), c.span(s.Rhs))
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			fmt.Fprintf(b, "var %s", names(v.Names))
			if v.Type != nil {
				b.WriteString(" " + c.textOf(v.Type))
			}
			if len(v.Values) > 0 {
				b.WriteString(" = " + c.span(v.Values))
			}
			b.WriteString("\n")
		}
	}
}

// place says which cell a line of the draft comes from.
func (p *program) place(src string, line int) string {
	lines := strings.Split(src, "\n")
	for i := min(line, len(lines)) - 1; i >= 0; i-- {
		if n, ok := strings.CutPrefix(lines[i], mark); ok {
			return "cell " + n
		}
	}
	return "the notebook"
}

// explain gives an error of the parser the cell that it comes from.
func (p *program) explain(src string, err error) error {
	if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
		return fmt.Errorf("%s: %s", p.place(src, list[0].Pos.Line), list[0].Msg)
	}
	return err
}
