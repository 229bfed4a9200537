package check

// This file tells what is expected where a name is being written: a value of a
// type, a type, a label, or the start of a statement.

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// mark is where the placeholder was found.
type mark struct {
	id   *ast.Ident
	path []ast.Node        // from the declaration or statement down to id
	sel  *ast.SelectorExpr // whose Sel it is, or nil
	lit  *ast.CompositeLit // of which it is an element or a key, or nil
	at   *step             // the statement of the cell that it is in, or nil
}

// findMark finds the placeholder.
func (c *cell) findMark() *mark {
	var m *mark
	look := func(root ast.Node, outer ...ast.Node) {
		path := outer
		ast.Inspect(root, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, n)
			if id, ok := n.(*ast.Ident); ok && id.Name == placeholder && m == nil {
				m = &mark{id: id, path: slices.Clone(path)}
			}
			return true
		})
	}
	for _, d := range c.decls {
		look(d)
	}
	for _, spec := range c.layout.specs {
		if v := spec.(*ast.ValueSpec); v.Type != nil {
			look(v.Type, v)
		}
	}
	for i := range c.layout.steps {
		st := &c.layout.steps[i]
		if look(st.stmt); m != nil && m.at == nil {
			if slices.Contains(m.path, ast.Node(st.stmt)) {
				m.at = st
			}
		}
	}
	if m == nil {
		return nil
	}
	switch p := m.parent(1).(type) {
	case *ast.SelectorExpr:
		if p.Sel == m.id {
			m.sel = p
		}
	case *ast.CompositeLit:
		if p.Type != m.id {
			m.lit = p
		}
	case *ast.KeyValueExpr:
		if lit, ok := m.parent(2).(*ast.CompositeLit); ok && p.Key == m.id {
			m.lit = lit
		}
	}
	return m
}

// parent returns the node that is n levels above the placeholder, or nil.
func (m *mark) parent(n int) ast.Node {
	if i := len(m.path) - 1 - n; i >= 0 {
		return m.path[i]
	}
	return nil
}

// begins tells whether a statement begins with the name.
func (m *mark) begins(c *cell) bool {
	switch p := m.parent(1).(type) {
	case nil, *ast.ExprStmt:
		return true
	case *ast.CallExpr:
		return p == c.wrapped // show·(name)
	}
	return false
}

// inConst tells whether the name stands in a declaration of constants.
func (m *mark) inConst() bool {
	return slices.ContainsFunc(m.path, func(n ast.Node) bool {
		g, ok := n.(*ast.GenDecl)
		return ok && g.Tok == token.CONST
	})
}

// labels returns the labels that the name may be, if it is one.
func (m *mark) labels(c *cell) (names []string, ok bool) {
	branch, ok := m.parent(1).(*ast.BranchStmt)
	if !ok {
		return nil, false
	}
	if branch.Tok == token.GOTO {
		var in ast.Node // the function
		for _, n := range m.path {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				in = n
			}
		}
		add := func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return n == in
			case *ast.LabeledStmt:
				names = append(names, n.Label.Name)
			}
			return true
		}
		if in != nil {
			ast.Inspect(in, add)
			return names, true
		}
		for _, st := range c.layout.steps {
			ast.Inspect(st.stmt, add)
		}
		return names, true
	}
	for _, n := range m.path {
		switch n := n.(type) {
		case *ast.FuncLit:
			names = nil
		case *ast.LabeledStmt:
			names = append(names, n.Label.Name)
		}
	}
	slices.Reverse(names) // the innermost first
	return names, true
}

// isType tells whether the name has to be one of a type, or part of one.
func (m *mark) isType(c *cell) bool {
	for i := 1; ; i++ {
		n, below := m.parent(i), m.parent(i-1)
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.ParenExpr, *ast.StarExpr:
			continue // *T, or *p
		case *ast.ArrayType:
			return n.Elt == below
		case *ast.MapType, *ast.ChanType, *ast.Ellipsis, *ast.Field:
			return true
		case *ast.ValueSpec:
			return n.Type == below
		case *ast.TypeSpec:
			return n.Type == below
		case *ast.TypeAssertExpr:
			return n.Type == below
		case *ast.CompositeLit:
			return n.Type == below
		case *ast.CaseClause:
			_, ok := m.parent(i + 2).(*ast.TypeSwitchStmt)
			return ok && slices.Contains(n.List, asExpr(below))
		case *ast.IndexExpr:
			return n.Index == below && c.isGeneric(n.X)
		case *ast.IndexListExpr:
			return n.X != below
		case *ast.CallExpr:
			fun, ok := n.Fun.(*ast.Ident)
			return ok && len(n.Args) > 0 && n.Args[0] == below && (fun.Name == "new" || fun.Name == "make")
		}
		return false
	}
}

func asExpr(n ast.Node) ast.Expr {
	e, _ := n.(ast.Expr)
	return e
}

// isGeneric tells whether an expression is a generic type or function.
func (c *cell) isGeneric(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if sel, isSel := ast.Unparen(x).(*ast.SelectorExpr); isSel {
		id, ok = sel.Sel, true
	}
	if !ok {
		return false
	}
	switch obj := c.info.Uses[id].(type) {
	case *types.TypeName:
		t, ok := obj.Type().(interface{ TypeParams() *types.TypeParamList })
		return ok && t.TypeParams().Len() > 0
	case *types.Func:
		return obj.Signature().TypeParams().Len() > 0
	}
	return false
}

// expected returns the type of the value that has to stand where the name is; nil
// if that is not known, or any.
func (m *mark) expected(c *cell) types.Type {
	t := m.wanted(c)
	if t == nil || t == types.Typ[types.Invalid] {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		if u.NumMethods() == 0 {
			return nil
		}
	case *types.Basic:
		if u.Info()&types.IsUntyped != 0 {
			return types.Default(t)
		}
	}
	return t
}

func (m *mark) wanted(c *cell) types.Type {
	for i := 1; ; i++ {
		n, below := m.parent(i), asExpr(m.parent(i-1))
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel != below {
				return nil
			}
			continue
		case *ast.ParenExpr:
			continue
		case *ast.UnaryExpr:
			switch n.Op {
			case token.NOT:
				return types.Typ[types.Bool]
			case token.AND:
				up := *m
				up.path = m.path[:len(m.path)-i]
				if p, ok := under[*types.Pointer](up.wanted(c)); ok {
					return p.Elem()
				}
				return nil
			case token.ARROW:
				return nil
			}
			continue
		case *ast.BinaryExpr:
			other := n.X
			switch {
			case n.Op == token.LAND || n.Op == token.LOR:
				return types.Typ[types.Bool]
			case n.X == below:
				other = n.Y
			case n.Op == token.SHL || n.Op == token.SHR:
				return types.Typ[types.Int]
			}
			if tv := c.info.Types[other]; !tv.IsNil() {
				return tv.Type
			}
			return nil
		case *ast.CallExpr:
			return c.argument(n, below)
		case *ast.CompositeLit:
			return c.element(n, below)
		case *ast.KeyValueExpr:
			lit, ok := m.parent(i + 1).(*ast.CompositeLit)
			if !ok {
				return nil
			}
			if n.Value == below {
				return c.element(lit, n)
			}
			if t, ok := under[*types.Map](c.info.TypeOf(lit)); ok {
				return t.Key()
			}
			return nil
		case *ast.AssignStmt:
			if k := slices.Index(n.Rhs, below); k >= 0 && len(n.Lhs) == len(n.Rhs) {
				return c.info.TypeOf(n.Lhs[k])
			}
			return nil
		case *ast.ValueSpec:
			if n.Type != nil && n.Type != below {
				return c.info.TypeOf(n.Type)
			}
			return nil
		case *ast.ReturnStmt:
			if sig := c.function(m.path[:len(m.path)-i]); sig != nil {
				if k := slices.Index(n.Results, below); k >= 0 && k < sig.Results().Len() {
					return sig.Results().At(k).Type()
				}
			}
			return nil
		case *ast.SendStmt:
			if ch, ok := under[*types.Chan](c.info.TypeOf(n.Chan)); ok && n.Value == below {
				return ch.Elem()
			}
			return nil
		case *ast.IndexExpr:
			if n.Index != below {
				return nil
			}
			if t, ok := under[*types.Map](c.info.TypeOf(n.X)); ok {
				return t.Key()
			}
			return types.Typ[types.Int]
		case *ast.SliceExpr:
			if n.X != below {
				return types.Typ[types.Int]
			}
			return nil
		case *ast.IfStmt, *ast.ForStmt:
			return types.Typ[types.Bool]
		case *ast.CaseClause:
			sw, ok := m.parent(i + 2).(*ast.SwitchStmt)
			switch {
			case !ok || !slices.Contains(n.List, below):
				return nil
			case sw.Tag == nil:
				return types.Typ[types.Bool]
			}
			return c.info.TypeOf(sw.Tag)
		default:
			return nil
		}
	}
}

// under returns what t is, under its name, if it is of that kind.
func under[T types.Type](t types.Type) (T, bool) {
	if t == nil {
		var none T
		return none, false
	}
	u, ok := t.Underlying().(T)
	return u, ok
}

// argument returns the type of the parameter that the argument arg of a call is for.
func (c *cell) argument(call *ast.CallExpr, arg ast.Expr) types.Type {
	k := slices.Index(call.Args, arg)
	if k < 0 {
		return nil
	}
	if id, ok := call.Fun.(*ast.Ident); ok {
		if _, ok := c.info.Uses[id].(*types.Builtin); ok {
			return c.builtinArgument(id.Name, call.Args, k)
		}
	}
	sig, ok := under[*types.Signature](c.info.TypeOf(call.Fun))
	if !ok {
		return nil
	}
	params := sig.Params()
	switch {
	case sig.Variadic() && k >= params.Len()-1:
		last := params.At(params.Len() - 1).Type()
		if s, ok := under[*types.Slice](last); ok && !call.Ellipsis.IsValid() {
			last = s.Elem()
		}
		return concrete(last)
	case k < params.Len():
		return concrete(params.At(k).Type())
	}
	return nil
}

// builtinArgument returns the type of the k-th argument of a predeclared function.
func (c *cell) builtinArgument(name string, args []ast.Expr, k int) types.Type {
	if k == 0 {
		return nil
	}
	t := c.info.TypeOf(args[0])
	switch name {
	case "append":
		if s, ok := under[*types.Slice](t); ok {
			return s.Elem()
		}
	case "delete":
		if m, ok := under[*types.Map](t); ok {
			return m.Key()
		}
	case "make":
		return types.Typ[types.Int]
	case "copy", "min", "max":
		return t
	}
	return nil
}

// concrete returns t, or nil if it is a type parameter.
func concrete(t types.Type) types.Type {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return nil
	}
	return t
}

// element returns the type of an element of a composite literal.
func (c *cell) element(lit *ast.CompositeLit, e ast.Expr) types.Type {
	t := c.info.TypeOf(lit)
	if p, ok := under[*types.Pointer](t); ok {
		t = p.Elem()
	}
	if t == nil {
		return nil
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Map:
		if _, ok := e.(*ast.KeyValueExpr); ok {
			return t.Elem()
		}
		return t.Key()
	case *types.Struct:
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			key, _ := kv.Key.(*ast.Ident)
			for f := range t.Fields() {
				if key != nil && f.Name() == key.Name {
					return f.Type()
				}
			}
			return nil
		}
		if k := slices.Index(lit.Elts, e); k >= 0 && k < t.NumFields() {
			return t.Field(k).Type()
		}
	}
	return nil
}

// function returns the signature of the innermost function on a path, or nil.
func (c *cell) function(path []ast.Node) *types.Signature {
	for _, n := range slices.Backward(path) {
		switch n := n.(type) {
		case *ast.FuncLit:
			sig, _ := c.info.TypeOf(n).(*types.Signature)
			return sig
		case *ast.FuncDecl:
			if fn, ok := c.info.Defs[n.Name].(*types.Func); ok {
				return fn.Signature()
			}
			return nil
		}
	}
	return nil
}
