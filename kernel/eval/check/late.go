package check

// This file adds methods to types of earlier cells.

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// lateMethod is a method that is declared on a type of an earlier cell.
//
// go/types panics when it meets one. It is checked as a hidden plain function
// whose first parameter is the receiver; then the type gets a method without a
// body, which the executor is told to replace by the plain function.
type lateMethod struct {
	decl    *ast.FuncDecl
	plain   *ast.FuncDecl // func Name·Type(receiver, parameters)
	named   *types.Named
	problem string      // why there cannot be such a method
	method  *types.Func // what the type has: new, or declared before
}

// lateMethod returns what is needed to check fn as a late method, or nil if it
// is no method of an earlier cell's type.
func (c *cell) lateMethod(fn *ast.FuncDecl) *lateMethod {
	if fn.Recv == nil || len(fn.Recv.List) != 1 {
		return nil
	}
	base := baseName(fn.Recv.List[0].Type)
	if base == nil || c.declared[base.Name] {
		return nil
	}
	b := c.s.live[base.Name]
	if b == nil {
		return nil
	}
	tn, ok := b.obj.(*types.TypeName)
	if !ok {
		return nil
	}
	m := &lateMethod{decl: fn}
	m.named, _ = types.Unalias(tn.Type()).(*types.Named)
	switch {
	case m.named == nil || !isCell(m.named.Obj()):
		m.problem = fmt.Sprintf("cannot define a method on %s, which is no type of this notebook", base.Name)
	case m.named.TypeParams().Len() > 0:
		m.problem = fmt.Sprintf("methods of the generic type %s have to be declared in the cell that declares it", base.Name)
	default:
		switch m.named.Underlying().(type) {
		case *types.Pointer, *types.Interface:
			m.problem = fmt.Sprintf("invalid receiver type %s (pointer or interface type)", base.Name)
		}
	}
	params := &ast.FieldList{Opening: fn.Type.Params.Opening, Closing: fn.Type.Params.Closing}
	for _, f := range append([]*ast.Field{fn.Recv.List[0]}, fn.Type.Params.List...) {
		g := *f
		if len(g.Names) == 0 {
			g.Names = []*ast.Ident{{NamePos: f.Type.Pos(), Name: "_"}}
		}
		params.List = append(params.List, &g)
	}
	m.plain = &ast.FuncDecl{
		Doc:  fn.Doc,
		Name: &ast.Ident{NamePos: fn.Name.Pos(), Name: fn.Name.Name + "·" + base.Name},
		Type: &ast.FuncType{Func: fn.Type.Func, TypeParams: fn.Type.TypeParams, Params: params, Results: fn.Type.Results},
		Body: fn.Body,
	}
	return m
}

// baseName returns the name of a receiver's type.
func baseName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

// addLate adds the cell's late methods to their types, if nothing else is wrong
// with the cell: a type cannot lose a method again. It returns whether the cell
// has to be checked again, or the errors that are left, if there are any that
// have nothing to do with late methods.
func (c *cell) addLate(errs []*Error) (again bool, left []*Error) {
	var problems []*Error
	for _, m := range c.late {
		if m.problem != "" {
			problems = append(problems, place(c.fset, m.decl.Name.Pos(), TypeError, m.problem))
		}
	}
	if len(problems) > 0 {
		return false, problems
	}
	for _, e := range errs {
		if !c.mentionsLate(e.Msg) {
			left = append(left, e)
		}
	}
	if len(left) > 0 {
		return false, left
	}
	for _, m := range c.late {
		if m.method != nil {
			continue
		}
		fn, ok := c.pkg.Scope().Lookup(m.plain.Name.Name).(*types.Func)
		if !ok {
			continue
		}
		name := m.decl.Name.Name
		sig := fn.Signature()
		recv := types.NewVar(m.decl.Name.Pos(), m.named.Obj().Pkg(), sig.Params().At(0).Name(), sig.Params().At(0).Type())
		rest := make([]*types.Var, 0, sig.Params().Len())
		for i := 1; i < sig.Params().Len(); i++ {
			rest = append(rest, sig.Params().At(i))
		}
		msig := types.NewSignatureType(recv, nil, nil, types.NewTuple(rest...), sig.Results(), sig.Variadic())
		if had := methodOf(m.named, name); had != nil {
			_, wasPtr := had.Signature().Recv().Type().(*types.Pointer)
			_, isPtr := recv.Type().(*types.Pointer)
			if !types.Identical(had.Signature(), msig) || wasPtr != isPtr {
				e := place(c.fset, m.decl.Name.Pos(), TypeError, fmt.Sprintf("method %s.%s has another signature already: %s",
					m.named.Obj().Name(), name, shown(types.TypeString(had.Signature(), shortNames))))
				e.Hint = fmt.Sprintf("declare %s again together with its methods, or give the method another name", m.named.Obj().Name())
				left = append(left, e)
				continue
			}
			m.method = had
			continue
		}
		if field, _, _ := types.LookupFieldOrMethod(m.named, true, m.named.Obj().Pkg(), name); field != nil {
			if v, ok := field.(*types.Var); ok && v.IsField() && isOwnField(m.named, v) {
				left = append(left, place(c.fset, m.decl.Name.Pos(), TypeError, fmt.Sprintf("field and method with the same name %s", name)))
				continue
			}
		}
		m.method = types.NewFunc(m.decl.Name.Pos(), m.named.Obj().Pkg(), name, msig)
		m.named.AddMethod(m.method)
		c.s.orphans[m.method] = true
		again = true
	}
	if len(left) > 0 {
		return false, left
	}
	return again && len(errs) > 0, nil
}

// mentionsLate tells whether a message is about the lack of a late method that
// was not added yet.
func (c *cell) mentionsLate(msg string) bool {
	for _, m := range c.late {
		if m.method != nil {
			continue
		}
		name := m.decl.Name.Name
		if strings.Contains(msg, "method "+name) || strings.Contains(msg, "."+name+" undefined") {
			return true
		}
	}
	return false
}

// methodOf returns the method of that name that named has itself, or nil.
func methodOf(named *types.Named, name string) *types.Func {
	for m := range named.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

// isOwnField tells whether v is a field of named itself, not of what it embeds.
func isOwnField(named *types.Named, v *types.Var) bool {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f == v {
			return true
		}
	}
	return false
}

// orphanUses finds uses of methods that were added to a type by a cell that did
// not compile after all.
func (c *cell) orphanUses() []*Error {
	if len(c.s.orphans) == 0 {
		return nil
	}
	for _, m := range c.late {
		delete(c.s.orphans, m.method)
	}
	var errs []*Error
	for sel, s := range c.info.Selections {
		if fn, ok := s.Obj().(*types.Func); ok && c.s.orphans[fn] {
			e := place(c.fset, sel.Sel.Pos(), TypeError, fmt.Sprintf("method %s is not declared: its cell did not compile", fn.Name()))
			errs = append(errs, e)
		}
	}
	return errs
}

// shortNames qualifies names of packages as messages show them.
func shortNames(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}

// receiverOf returns the type whose method set has m as declared.
func receiverOf(m *types.Func) types.Type { return m.Signature().Recv().Type() }
