package check

// This file lowers a checked cell to SSA.

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Lowered is a cell that is ready to run: apply Vars' sharing, Redirects and
// LateMethods, call Init, and tell State.Commit what was reached.
type Lowered struct {
	Name    string
	Package *ssa.Package

	// Init runs the cell: variables of packages imported for the first time,
	// the cell's init functions, then its statements in the order of the text.
	// It has no parameters and no results. Calls of the hidden functions of
	// package HooksPath tell what it shows and which variables it reached.
	Init *ssa.Function

	// Vars are the variables that the cell declares, in the order of the text.
	Vars []Var

	// Redirects are functions of earlier cells that have to run other functions
	// from now on.
	Redirects []Redirect

	// LateMethods are methods that types of earlier cells have from now on.
	LateMethods []LateMethod

	// Fresh are the packages run from source that Init initializes, in order.
	Fresh []*types.Package

	// Warnings are lines for the reader.
	Warnings []string

	imports map[string]*types.PkgName
	decls   []types.Object // functions, types and constants
	text    map[types.Object]declText
	uses    map[types.Object][]types.Object
	key     string // Text.Key, or the cell's name
	flow    flow
}

// Var is a variable that a cell declares.
type Var struct {
	Object *types.Var
	Global *ssa.Global

	// Shared is the earlier variable of the same name and an identical type
	// whose storage Global has to share; nil if there is none.
	Shared *ssa.Global
}

// Redirect tells that calls of Old have to run New, which has the same
// parameters and results. A receiver of Old is New's first parameter.
type Redirect struct{ Old, New *ssa.Function }

// LateMethod is a method that was added to a type after its declaration.
type LateMethod struct {
	Type   *types.Named
	Method *types.Func
	Func   *ssa.Function // with the receiver as first parameter
	Stub   *ssa.Function // Method in the program, without a body; among the Redirects too
}

// lower builds the SSA form of a cell without errors.
func (c *cell) lower() *Lowered {
	c.s.adding.Lock()
	defer c.s.adding.Unlock()
	l := &Lowered{
		Name:     c.src.name,
		Warnings: inOrder(append(c.warnings, c.remarks()...)),
		imports:  make(map[string]*types.PkgName),
		text:     make(map[types.Object]declText),
		uses:     make(map[types.Object][]types.Object),
	}
	for id, name := range c.old {
		id.Name = name
		c.info.Uses[id] = c.s.live[name].obj
	}
	used := slices.Concat(c.dots, c.s.renewed)
	c.s.renewed = nil
	for _, set := range []map[string]*types.Package{c.auto, c.imports} {
		for name, pkg := range set {
			l.imports[name] = types.NewPkgName(token.NoPos, c.pkg, name, pkg)
			used = append(used, pkg)
		}
	}
	for _, spec := range c.src.imports {
		if spec.Name != nil && spec.Name.Name == "_" {
			if pkg, err := c.s.cfg.Import.Import(strings.Trim(spec.Path.Value, "\"`")); err == nil {
				used = append(used, pkg)
			}
		}
	}
	l.decls = append(l.decls, c.dotObjects()...)
	l.Fresh = append(c.initAgain(used), c.s.create(used)...)
	c.pkg.SetImports(l.Fresh)

	f := c.file()
	f.Decls = append(f.Decls, c.decls...)
	for _, d := range c.decls {
		c.declare(l, d)
	}
	var body []ast.Stmt
	var globals []ast.Spec
	n := 0
	calls := c.calls()
	for k, st := range c.layout.steps {
		for len(calls) > 0 && calls[0].pos <= st.stmt.Pos() {
			body = append(body, c.call(calls[0]))
			calls = calls[1:]
		}
		run := st.stmt
		if k == len(c.layout.steps)-1 && c.src.last != nil && !c.src.silent {
			run = c.show(run)
		} else {
			run = c.watch(run)
		}
		shared := false
		for _, id := range st.names {
			v := c.info.Defs[id].(*types.Var)
			globals = append(globals, &ast.ValueSpec{Names: []*ast.Ident{id}})
			_, ok := c.sharedWith(v)
			shared = shared || ok
			l.Vars = append(l.Vars, Var{Object: v})
			l.text[v] = declText{source: c.src.textOf(c.fset, st.stmt, c.src.stmtOffset)}
			n++
		}
		if st.zeroing && !shared {
			run = &ast.EmptyStmt{Semicolon: run.Pos(), Implicit: true}
		}
		if st.label != nil {
			run = &ast.LabeledStmt{Label: st.label, Colon: st.label.End(), Stmt: run}
		}
		body = append(body, run)
		if len(st.names) > 0 {
			body = append(body, c.reach(n, st.stmt.Pos()))
		}
	}
	for _, call := range calls {
		body = append(body, c.call(call))
	}
	if len(globals) > 0 {
		f.Decls = append(f.Decls, &ast.GenDecl{TokPos: globals[0].Pos(), Tok: token.VAR, Specs: globals})
	}
	if c.src.init != nil {
		fn := c.initFunc(body)
		f.Decls = append(f.Decls, fn)
	}
	c.info.InitOrder = nil
	c.info.FileVersions[f] = goVersion
	l.Package = c.s.prog.CreatePackage(c.pkg, []*ast.File{f}, c.info, false)
	l.Package.Build()
	c.s.adopt(c)
	l.Init = l.Package.Func("init")
	for i := range l.Vars {
		v := &l.Vars[i]
		v.Global = l.Package.Var(v.Object.Name())
		v.Shared, _ = c.sharedWith(v.Object)
	}
	c.redirect(l)
	c.record(l)
	c.stale(l)
	l.key, l.flow = c.key, c.flow()
	l.Warnings = append(l.Warnings, c.outdated(l)...)
	if fn := l.Package.Func("main"); fn != nil && c.src.init == nil {
		l.Warnings = append(l.Warnings, "warning: main is declared and not called: the statement main() runs it")
	}
	return l
}

// initAgain returns the packages that an earlier cell failed to initialize and that
// this one needs.
func (c *cell) initAgain(used []*types.Package) (now []*types.Package) {
	if len(c.s.again) == 0 {
		return nil
	}
	needed := make(map[*types.Package]bool)
	var need func(p *types.Package)
	need = func(p *types.Package) {
		if !needed[p] {
			needed[p] = true
			for _, dep := range p.Imports() {
				need(dep)
			}
		}
	}
	for _, p := range used {
		need(p)
	}
	for _, obj := range c.info.Uses {
		if p, ok := obj.(*types.PkgName); ok {
			need(p.Imported())
		}
	}
	var later []*types.Package
	for _, p := range c.s.again {
		if needed[p] {
			now = append(now, p)
		} else {
			later = append(later, p)
		}
	}
	c.s.again = later
	return now
}

// dotObjects returns what the cell used of the packages that it imported with
// a dot; only that lives on, as the whole would hide later names.
func (c *cell) dotObjects() []types.Object {
	var out []types.Object
	for _, pkg := range c.dots {
		for _, name := range pkg.Scope().Names() {
			if ast.IsExported(name) && !c.declared[name] {
				out = append(out, pkg.Scope().Lookup(name))
			}
		}
	}
	return out
}

// sharedWith returns the earlier variable whose storage v shares.
func (c *cell) sharedWith(v *types.Var) (*ssa.Global, bool) {
	b := c.s.live[v.Name()]
	if b == nil {
		return nil, false
	}
	old, ok := b.obj.(*types.Var)
	if !ok || !isCell(old) || !types.Identical(old.Type(), v.Type()) {
		return nil, false
	}
	pkg := c.s.prog.Package(old.Pkg())
	if pkg == nil || pkg.Var(old.Name()) == nil {
		return nil, false
	}
	return pkg.Var(old.Name()), true
}

// declare notes what a declaration declares.
func (c *cell) declare(l *Lowered, d ast.Decl) {
	add := func(id *ast.Ident, n ast.Node, doc *ast.CommentGroup) {
		obj := c.info.Defs[id]
		if obj == nil || id.Name == "_" || hidden(id.Name) {
			return
		}
		l.decls = append(l.decls, obj)
		l.text[obj] = declText{c.src.textOf(c.fset, n, c.src.declOffset), doc.Text()}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "init" {
			add(d.Name, d, d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				doc, n := spec.Doc, ast.Node(spec)
				if len(d.Specs) == 1 {
					n = d
					if doc == nil {
						doc = d.Doc
					}
				}
				add(spec.Name, n, doc)
			case *ast.ValueSpec:
				doc, n := spec.Doc, ast.Node(spec)
				if len(d.Specs) == 1 {
					n = d
					if doc == nil {
						doc = d.Doc
					}
				}
				for _, id := range spec.Names {
					add(id, n, doc)
				}
			}
		}
	}
}

// quiet are functions of package fmt whose results nobody wants to see.
var quiet = map[string]bool{
	"Print": true, "Printf": true, "Println": true, "Fprint": true, "Fprintf": true, "Fprintln": true,
}

// show returns the last statement of a cell so that it shows its values; the
// type checker has seen it already.
func (c *cell) show(stmt ast.Stmt) ast.Stmt {
	e := c.src.last
	hook := c.s.hooks.show
	if c.wrapped != nil {
		if isError(c.info.TypeOf(e)) {
			hook = c.s.hooks.showError
		}
		c.info.Uses[c.wrapped.Fun.(*ast.Ident)] = hook
		return stmt
	}
	call := ast.Unparen(e).(*ast.CallExpr)
	tv := c.info.Types[e]
	last := lastResult(tv.Type)
	if last == nil || c.isQuiet(call) {
		return stmt
	}
	if isError(last) {
		hook = c.s.hooks.showError
	}
	if b, ok := last.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		// A constant such as min(1, 2).
		tv.Type = types.Default(last)
		for x := e; ; x = x.(*ast.ParenExpr).X {
			c.info.Types[x] = tv
			if _, ok := x.(*ast.ParenExpr); !ok {
				break
			}
		}
	}
	return &ast.ExprStmt{X: c.hookCall(hook, e, e.Pos(), e.End())}
}

// watch returns a statement so that an error is noticed that it drops: one that
// a call returns whose results nobody takes.
func (c *cell) watch(stmt ast.Stmt) ast.Stmt {
	x, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return stmt
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if !ok || !isError(lastResult(c.info.Types[x.X].Type)) || c.isQuiet(call) {
		return stmt
	}
	return &ast.ExprStmt{X: c.hookCall(c.s.hooks.dropped, x.X, x.Pos(), x.End())}
}

// lastResult returns the type of the last value of an expression; nil if it has
// none.
func lastResult(t types.Type) types.Type {
	if tuple, ok := t.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return nil
		}
		return tuple.At(tuple.Len() - 1).Type()
	}
	return t
}

// isQuiet tells whether call is one whose results nobody wants to see.
func (c *cell) isQuiet(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	return ok && fn.Pkg() != nil && fn.Pkg().Path() == "fmt" && quiet[fn.Name()]
}

// isError tells whether t is the type error.
func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// reach returns a call that tells that the first n variables have values.
func (c *cell) reach(n int, pos token.Pos) ast.Stmt { return c.hookStmt(c.s.hooks.reach, n, pos) }

// hookStmt returns a call of a hidden function with a number.
func (c *cell) hookStmt(hook *types.Func, n int, pos token.Pos) ast.Stmt {
	lit := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: fmt.Sprint(n)}
	c.info.Types[lit] = types.TypeAndValue{Type: types.Typ[types.Int], Value: constant.MakeInt64(int64(n))}
	return &ast.ExprStmt{X: c.hookCall(hook, lit, pos, pos)}
}

// hookCall returns a call of a hidden function, with the facts that the type
// checker would have recorded.
func (c *cell) hookCall(hook *types.Func, arg ast.Expr, pos, end token.Pos) *ast.CallExpr {
	fun := &ast.Ident{NamePos: pos, Name: hook.Name()}
	call := &ast.CallExpr{Fun: fun, Lparen: pos, Args: []ast.Expr{arg}, Rparen: end}
	c.info.Uses[fun] = hook
	c.info.Types[fun] = types.TypeAndValue{Type: hook.Type()}
	c.info.Types[call] = types.TypeAndValue{Type: (*types.Tuple)(nil)}
	return call
}

// redirect lists what earlier functions have to run from now on.
func (c *cell) redirect(l *Lowered) {
	for _, obj := range l.decls {
		fn, ok := obj.(*types.Func)
		if !ok || fn.Pkg() != c.pkg {
			continue
		}
		if old := c.sameFunc(fn); old != nil {
			l.Redirects = append(l.Redirects, Redirect{Old: c.s.prog.FuncValue(old), New: c.s.prog.FuncValue(fn)})
		}
	}
	for _, m := range c.late {
		recv := receiverOf(m.method)
		sel := types.NewMethodSet(recv).Lookup(m.named.Obj().Pkg(), m.method.Name())
		stub := c.s.prog.MethodValue(sel)
		fn := l.Package.Func(m.plain.Name.Name)
		l.Redirects = append(l.Redirects, Redirect{Old: stub, New: fn})
		l.LateMethods = append(l.LateMethods, LateMethod{Type: m.named, Method: m.method, Func: fn, Stub: stub})
	}
}

// sameFunc returns the live function that fn replaces for its callers, or nil.
func (c *cell) sameFunc(fn *types.Func) *types.Func {
	b := c.s.live[fn.Name()]
	if b == nil {
		return nil
	}
	old, ok := b.obj.(*types.Func)
	if !ok || !isCell(old) || fn.Signature().TypeParams().Len() > 0 || old.Signature().TypeParams().Len() > 0 ||
		!types.Identical(old.Type(), fn.Type()) {
		return nil
	}
	return old
}

// record notes which functions and function variables of the cell use which
// objects of cells.
func (c *cell) record(l *Lowered) {
	note := func(user types.Object, n ast.Node) {
		if user == nil {
			return
		}
		seen := make(map[types.Object]bool)
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := c.info.Uses[id]; obj != nil && obj != user && !seen[obj] && isTopLevel(obj) {
					seen[obj] = true
					l.uses[obj] = append(l.uses[obj], user)
				}
			}
			return true
		})
	}
	for _, d := range c.funcs {
		fn := d.(*ast.FuncDecl)
		user := c.info.Defs[fn.Name]
		if fn.Recv != nil {
			user = nil
			if base := baseName(fn.Recv.List[0].Type); base != nil {
				user = c.info.Uses[base]
			}
		}
		note(user, fn)
	}
	for _, st := range c.layout.steps {
		if len(st.names) > 0 {
			ast.Inspect(st.stmt, func(n ast.Node) bool {
				lit, ok := n.(*ast.FuncLit)
				if ok {
					note(c.info.Defs[st.names[0]], lit)
				}
				return !ok
			})
		}
	}
}

// stale warns of functions that go on using what this cell replaces.
func (c *cell) stale(l *Lowered) {
	for _, obj := range l.decls {
		if fn, ok := obj.(*types.Func); !ok || c.sameFunc(fn) == nil {
			c.warnStale(l, obj)
		}
	}
	for _, v := range l.Vars {
		if v.Shared == nil {
			c.warnStale(l, v.Object)
		}
	}
}

func (c *cell) warnStale(l *Lowered, obj types.Object) {
	b := c.s.live[obj.Name()]
	if b == nil || !isCell(b.obj) || !isCell(obj) {
		return
	}
	if was, ok := b.obj.(*types.Const); ok {
		if now, ok := obj.(*types.Const); ok && types.Identical(was.Type(), now.Type()) && constant.Compare(was.Val(), token.EQL, now.Val()) {
			return
		}
	}
	var names []string
	for _, user := range c.s.users[b.obj] {
		if u := c.s.live[user.Name()]; u != nil && u.obj == user && !c.declared[user.Name()] && !slices.Contains(names, user.Name()) {
			names = append(names, user.Name())
		}
	}
	if len(names) == 0 {
		return
	}
	what := "is declared anew"
	switch obj.(type) {
	case *types.Func:
		what = "has another signature now"
	case *types.Var:
		what = "has another type now"
	case *types.TypeName:
		what = "is a new type now"
	case *types.Const:
		what = "is a new constant now"
	}
	verb, cells := "uses", "its cell"
	if len(names) > 1 {
		verb, cells = "use", "their cells"
	}
	if len(names) > 4 {
		names = append(names[:3], fmt.Sprintf("%d others", len(names)-3))
	}
	l.Warnings = append(l.Warnings, fmt.Sprintf("warning: %s %s; %s still %s the old one until %s run again",
		obj.Name(), what, strings.Join(names, ", "), verb, map[bool]string{true: cells + " is", false: cells + " are"}[len(names) == 1]))
}
