package check

// This file finds what a statement changes without an assignment: through
// methods, functions and pointers. Of functions of cells the bodies are read; of
// compiled ones the names tell.

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// effects is what a call of a function of a cell changes.
type effects struct {
	receiver bool
	params   []bool   // by index, the last one for all further arguments
	names    []string // variables of cells
}

// changers begin the names of methods that change their receiver, and of functions
// that change what they are given the address of.
var changers = map[string]bool{
	"Add": true, "Append": true, "Apply": true, "Clear": true, "Compile": true, "Copy": true, "Decode": true, "Delete": true,
	"Exp": true, "Factorize": true, "Fill": true, "Fit": true, "Grow": true, "Init": true, "Insert": true, "Inverse": true,
	"Load": true, "Mul": true, "Outer": true, "Pop": true, "Pow": true, "Product": true, "Push": true, "Put": true,
	"Read": true, "Remove": true, "Reset": true, "Scale": true, "Set": true, "Shuffle": true, "Solve": true, "Sort": true,
	"Step": true, "Store": true, "Sub": true, "Swap": true, "Train": true, "Truncate": true, "Unmarshal": true, "Update": true,
	"Write": true,

	"Fscan": true, "Fscanf": true, "Fscanln": true, "Scan": true, "Scanf": true, "Scanln": true, "Sscan": true, "Sscanf": true, "Sscanln": true,
}

// changing are functions that change what their first argument holds.
var changing = map[string]bool{
	"sort.Ints": true, "sort.Strings": true, "sort.Float64s": true, "sort.Slice": true, "sort.SliceStable": true, "sort.Sort": true, "sort.Stable": true,
	"slices.Sort": true, "slices.SortFunc": true, "slices.SortStableFunc": true, "slices.Reverse": true,
	"container/heap.Init": true, "container/heap.Push": true, "container/heap.Pop": true, "container/heap.Fix": true, "container/heap.Remove": true,
	"maps.Copy": true, "maps.DeleteFunc": true,
}

// changer tells whether the first word of a name is one of changers.
func changer(name string) bool {
	first, size := utf8.DecodeRuneInString(name)
	if !unicode.IsUpper(first) {
		return false
	}
	end := strings.IndexFunc(name[size:], func(r rune) bool { return !unicode.IsLower(r) })
	if end < 0 {
		return changers[name]
	}
	return changers[name[:size+end]]
}

// changes calls f for the variables that calls in n change, or parts of them, and
// name for the variables of cells that functions of cells change by their names.
// Function literals are not looked into, unless a call is given them.
func (c *cell) changes(n ast.Node, f func(v *types.Var), name func(string)) {
	changed := func(x ast.Expr) {
		if v := c.root(x); v != nil {
			f(v)
		}
	}
	inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun := ast.Unparen(call.Fun)
		if x, ok := fun.(*ast.IndexExpr); ok { // of a generic function
			fun = x.X
		}
		var callee types.Object
		var receiver ast.Expr
		switch fun := fun.(type) {
		case *ast.Ident:
			callee = c.info.Uses[fun]
		case *ast.SelectorExpr:
			callee = c.info.Uses[fun.Sel]
			if s := c.info.Selections[fun]; s != nil && s.Kind() == types.MethodVal {
				receiver = fun.X
			}
		}
		switch callee := callee.(type) {
		case *types.Builtin:
			switch callee.Name() {
			case "clear", "copy", "delete":
				changed(call.Args[0])
			}
		case *types.Func:
			if isCell(callee) {
				e := c.effects(callee)
				if e.receiver && receiver != nil {
					changed(receiver)
				}
				for i, x := range call.Args {
					if k := min(i, len(e.params)-1); k >= 0 && e.params[k] {
						changed(x)
					}
				}
				for _, v := range e.names {
					name(v)
				}
				return true
			}
			switch {
			case receiver != nil:
				if _, ok := callee.Signature().Recv().Type().(*types.Pointer); ok && changer(callee.Name()) {
					changed(receiver)
				}
			case len(call.Args) > 0 && callee.Pkg() != nil && changing[callee.Pkg().Path()+"."+callee.Name()]:
				changed(call.Args[0])
			}
			if !changer(callee.Name()) {
				return true
			}
			for _, x := range call.Args {
				if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && u.Op == token.AND {
					changed(u.X)
				}
			}
		}
		return true
	})
}

// root returns the variable that x is, or is a part of; nil if it is of none.
func (c *cell) root(x ast.Expr) *types.Var {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.SliceExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.UnaryExpr:
			if e.Op != token.AND {
				return nil
			}
			x = e.X
		case *ast.Ident:
			v, _ := c.info.Uses[e].(*types.Var)
			return v
		default:
			return nil
		}
	}
}

// funcKey names a function of a cell, or a method.
func funcKey(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			return n.Obj().Name() + "." + fn.Name()
		}
	}
	return fn.Name()
}

// effects returns what a call of fn changes, as far as it is known.
func (c *cell) effects(fn *types.Func) effects {
	key := funcKey(fn.Origin())
	if e, ok := c.flowing[key]; ok {
		return e
	}
	return c.s.past.effects[key]
}

// findEffects fills c.flowing with what calls of the cell's functions change.
func (c *cell) findEffects() {
	c.flowing = make(map[string]effects)
	for range 4 { // functions call each other
		before := maps.Clone(c.flowing)
		for _, d := range c.funcs {
			c.effectsOf(d.(*ast.FuncDecl))
		}
		if maps.EqualFunc(before, c.flowing, func(a, b effects) bool {
			return a.receiver == b.receiver && slices.Equal(a.params, b.params) && slices.Equal(a.names, b.names)
		}) {
			break
		}
	}
}

// effectsOf reads the body of a function.
func (c *cell) effectsOf(fn *ast.FuncDecl) {
	obj, ok := c.info.Defs[fn.Name].(*types.Func)
	if !ok || fn.Body == nil {
		return
	}
	key, sig := funcKey(obj), obj.Signature()
	recv := sig.Recv()
	first := 0
	for _, m := range c.late {
		if m.plain == fn { // its first parameter is the receiver
			key, recv, first = funcKey(m.method), sig.Params().At(0), 1
		}
	}
	e := effects{params: make([]bool, sig.Params().Len()-first)}
	changed := func(v *types.Var) {
		switch v.Type().Underlying().(type) {
		case *types.Pointer, *types.Map, *types.Slice:
		default:
			if !isTopLevel(v) {
				return // a copy
			}
		}
		switch {
		case v == recv:
			e.receiver = true
		case isTopLevel(v):
			e.names = append(e.names, v.Name())
		default:
			for i := range e.params {
				e.params[i] = e.params[i] || v == sig.Params().At(i+first)
			}
		}
	}
	bodies := []ast.Node{fn.Body}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			bodies = append(bodies, lit.Body)
		}
		return true
	})
	for _, b := range bodies {
		c.targets(b, func(x ast.Expr) {
			v := c.root(x)
			if _, whole := ast.Unparen(x).(*ast.Ident); v != nil && (!whole || isTopLevel(v)) {
				changed(v)
			}
		})
		c.changes(b, changed, func(name string) { e.names = append(e.names, name) })
	}
	slices.Sort(e.names)
	e.names = slices.Compact(e.names)
	c.flowing[key] = e
}

// targets calls f for what assignments in n set. Function literals are not looked
// into, unless a call is given them.
func (c *cell) targets(n ast.Node, f func(ast.Expr)) {
	inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				f(x)
			}
		case *ast.IncDecStmt:
			f(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				f(n.Key)
				if n.Value != nil {
					f(n.Value)
				}
			}
		}
		return true
	})
}
