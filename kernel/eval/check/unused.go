package check

// This file finds what a cell computes and nobody takes: results that are not
// used, and variables that hide the one that was meant. Both are no errors.

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// discard gives expressions that stand alone to a hidden function, as Go refuses
// them; the cell's last one is shown. It notes a warning of each.
func (c *cell) discard() (changed bool) {
	unused := make(map[token.Pos]bool)
	for _, e := range c.errs {
		if strings.HasSuffix(e.Msg, " is not used") && (c.src.last == nil || c.wrapped != nil || !c.isLast(e.Pos)) {
			unused[e.Pos] = true
		}
	}
	if len(unused) == 0 {
		return false
	}
	top := make(map[ast.Stmt]bool)
	for _, st := range c.layout.steps {
		top[st.stmt] = true
	}
	c.walk(func(n ast.Node) {
		st, ok := n.(*ast.ExprStmt)
		if !ok || !unused[st.X.Pos()] && !unused[ast.Unparen(st.X).Pos()] {
			return
		}
		c.discards, changed = true, true
		if !c.src.measured(st) {
			c.unused = append(c.unused, c.remark(st.X.Pos(), "warning", types.ExprString(st.X)+" is not used"+keepText(st.X, top[st])))
		}
		st.X = &ast.CallExpr{
			Fun:    &ast.Ident{NamePos: st.X.Pos(), Name: HookDiscard},
			Lparen: st.X.Pos(), Args: []ast.Expr{st.X}, Rparen: st.X.End(),
		}
	})
	return changed
}

// keepText says what may have been meant with an expression that is not used.
func keepText(x ast.Expr, top bool) string {
	switch x := ast.Unparen(x).(type) {
	case *ast.CallExpr:
		if id, ok := x.Fun.(*ast.Ident); ok && id.Name == "append" && len(x.Args) > 0 {
			return fmt.Sprintf("; %s = append(…) keeps it", types.ExprString(x.Args[0]))
		}
	case *ast.BinaryExpr:
		if x.Op == token.EQL {
			return "; = assigns"
		}
	}
	if top {
		return "; only the last expression of a cell is shown"
	}
	return ""
}

// remark is a line about a place of the cell.
type remark struct {
	pos  token.Pos
	text string
}

func (c *cell) remark(pos token.Pos, kind, text string) remark {
	p := c.fset.Position(pos)
	return remark{pos, fmt.Sprintf("%s:%d:%d: %s: %s", p.Filename, p.Line, p.Column, kind, short(text))}
}

// inOrder returns the lines of remarks in the order of the text.
func inOrder(list []remark) []string {
	slices.SortStableFunc(list, func(a, b remark) int { return cmp.Compare(a.pos, b.pos) })
	var out []string
	for _, r := range list {
		out = append(out, r.text)
	}
	return out
}

// hides words that the variable declared at pos hides another one; it is empty if
// it does not.
func (c *cell) hides(pos token.Pos) string {
	for id, obj := range c.info.Defs {
		if v, ok := obj.(*types.Var); ok && id.Pos() == pos {
			if outer := c.hiddenBy(v); outer != nil {
				return fmt.Sprintf("; it hides %s, which %s = … sets", c.where(outer), v.Name())
			}
		}
	}
	return ""
}

// where names a variable by its place.
func (c *cell) where(v *types.Var) string {
	p := c.fset.Position(v.Pos())
	if p.Filename != c.src.name {
		return fmt.Sprintf("the %s of %s", v.Name(), p.Filename)
	}
	return fmt.Sprintf("the %s of line %d", v.Name(), p.Line)
}

// hiddenBy returns the variable of the same type that the local variable v hides;
// nil if there is none.
func (c *cell) hiddenBy(v *types.Var) *types.Var {
	scope := v.Parent()
	if scope == nil || scope == c.pkg.Scope() || scope.Parent() == nil {
		return nil
	}
	_, obj := scope.Parent().LookupParent(v.Name(), v.Pos())
	outer, ok := obj.(*types.Var)
	if !ok || !types.Identical(outer.Type(), v.Type()) {
		return nil
	}
	return outer
}

// noCalls are packages whose functions do nothing but compute a result.
var noCalls = map[string]bool{
	"bytes": true, "cmp": true, "errors": true, "fmt": true, "maps": true, "math": true, "math/bits": true, "math/cmplx": true,
	"path": true, "slices": true, "strconv": true, "strings": true, "unicode": true, "unicode/utf8": true,
}

// remarks returns hints about results that come to nothing. It looks at a cell
// without errors.
func (c *cell) remarks() []remark {
	var out []remark
	var defines []*ast.AssignStmt // short declarations in blocks
	plain := make(map[ast.Stmt]bool)
	c.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IfStmt:
			plain[n.Init] = true
		case *ast.ForStmt:
			plain[n.Init] = true
		case *ast.SwitchStmt:
			plain[n.Init] = true
		case *ast.TypeSwitchStmt:
			plain[n.Init], plain[n.Assign] = true, true
		case *ast.CommClause:
			plain[n.Comm] = true
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE && !plain[n] {
				defines = append(defines, n)
			}
		case *ast.ExprStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && n.X != c.src.last && !c.src.measured(n) {
				if name := c.resultOnly(call); name != "" {
					out = append(out, c.remark(n.Pos(), "hint", "the result of "+name+" is not used, and it does nothing else"))
				}
			}
		}
	})
	if len(defines) > 0 {
		out = append(out, c.shadows(defines)...)
	}
	return out
}

// resultOnly returns the name of the function that is called if its result is all
// that it is for; it is empty if that is not so.
func (c *cell) resultOnly(call *ast.CallExpr) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Signature().Results().Len() == 0 {
		return ""
	}
	for _, x := range call.Args {
		if _, ok := ast.Unparen(x).(*ast.FuncLit); ok {
			return "" // which may do something
		}
	}
	pkg, name := fn.Pkg().Path(), fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		n, ok := recv.Type().(*types.Named)
		if !ok || pkg != "time" || n.Obj().Name() != "Time" && n.Obj().Name() != "Duration" {
			return ""
		}
		return name
	}
	if !noCalls[pkg] || pkg == "fmt" && !strings.HasPrefix(name, "Sprint") && name != "Errorf" || name == "As" {
		return ""
	}
	return path.Base(pkg) + "." + name
}

// shadows returns hints about variables that hide one which is read later, where
// the hiding one is read in conditions at most: its value seems to be meant for
// the other.
func (c *cell) shadows(defines []*ast.AssignStmt) []remark {
	var funcs []ast.Node
	uses := make(map[types.Object][]*ast.Ident)
	conditions := make(map[*ast.Ident]bool) // mentions in conditions of if
	writes := make(map[*ast.Ident]bool)     // mentions as what is set
	write := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			writes[id] = true
		}
	}
	c.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			funcs = append(funcs, n)
		case *ast.Ident:
			if obj := c.info.Uses[n]; obj != nil {
				uses[obj] = append(uses[obj], n)
			}
		case *ast.IfStmt:
			ast.Inspect(n.Cond, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					conditions[id] = true
				}
				return true
			})
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				write(x)
			}
		case *ast.IncDecStmt:
			write(n.X)
		}
	})
	innermost := func(pos token.Pos) (found ast.Node) {
		for _, f := range funcs { // outer ones come first
			if f.Pos() <= pos && pos < f.End() {
				found = f
			}
		}
		return found
	}
	var out []remark
	for _, d := range defines {
		for _, x := range d.Lhs {
			id, ok := x.(*ast.Ident)
			if !ok {
				continue
			}
			v, ok := c.info.Defs[id].(*types.Var)
			if !ok {
				continue
			}
			outer := c.hiddenBy(v)
			if outer == nil || slices.ContainsFunc(uses[v], func(id *ast.Ident) bool { return !writes[id] && !conditions[id] }) || len(uses[v]) == 0 {
				continue
			}
			in := innermost(id.Pos())
			if global := outer.Parent() == outer.Pkg().Scope(); global && in != nil || !global && innermost(outer.Pos()) != in {
				continue
			}
			if line := c.readAfter(uses[outer], writes, v.Parent().End()); line > 0 && !c.leaves(v) {
				out = append(out, c.remark(id.Pos(), "hint", fmt.Sprintf("this %s is another variable than %s, which is read at line %d; %s = … sets that one", id.Name, c.where(outer), line, id.Name)))
			}
		}
	}
	return out
}

// readAfter returns the line of the first of ids behind pos, 0 if there is none or
// it is written to.
func (c *cell) readAfter(ids []*ast.Ident, writes map[*ast.Ident]bool, pos token.Pos) int {
	var first *ast.Ident
	for _, id := range ids {
		if id.Pos() > pos && (first == nil || id.Pos() < first.Pos()) {
			first = id
		}
	}
	if first == nil || writes[first] {
		return 0
	}
	return c.fset.Position(first.Pos()).Line
}

// leaves tells whether a condition with v leads out of the function.
func (c *cell) leaves(v *types.Var) (yes bool) {
	c.walk(func(n ast.Node) {
		st, ok := n.(*ast.IfStmt)
		if !ok || len(st.Body.List) == 0 {
			return
		}
		mentioned := false
		ast.Inspect(st.Cond, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && c.info.Uses[id] == v {
				mentioned = true
			}
			return true
		})
		if !mentioned {
			return
		}
		switch last := st.Body.List[len(st.Body.List)-1].(type) {
		case *ast.ReturnStmt:
			yes = true
		case *ast.ExprStmt:
			if call, ok := last.X.(*ast.CallExpr); ok {
				name := types.ExprString(call.Fun)
				yes = yes || name == "panic" || strings.HasPrefix(name, "log.") || name == "os.Exit"
			}
		}
	})
	return yes
}
