package check

// This file rewrites the top-level statements of a cell in two ways: as the
// type checker is to see them, with package variables, and as they are to run,
// in one function.

import (
	"go/ast"
	"go/token"
	"strconv"
)

// step is a top-level statement as it runs.
type step struct {
	stmt    ast.Stmt     // an assignment, if variables are declared
	label   *ast.Ident   // its label, or nil
	names   []*ast.Ident // the new variables that it declares; never blank
	zeroing bool         // sets a variable to its zero value: var x T
}

// layout is a cell's statements after rewriting.
type layout struct {
	steps []step

	// specs are the package variables as the type checker sees them, with their
	// initial values; body are the other statements.
	specs []ast.Spec
	body  []ast.Stmt

	// declares are the names of the cell's variables and the step that declares
	// each.
	declares map[string]int
}

// arrange rewrites the statements of a cell.
//
// A step x := e is checked as the package variable var x = e and run as x = e.
// If a step declares some names and assigns to others that the cell has
// declared already, the latter are checked as assignments. A step that cannot
// be a declaration stays what it is, for the type checker to explain.
func arrange(list []ast.Stmt) *layout {
	l := &layout{declares: make(map[string]int)}
	for _, s := range list {
		var label *ast.LabeledStmt
		inner := s
		if ls, ok := s.(*ast.LabeledStmt); ok {
			label, inner = ls, ls.Stmt
		}
		before := len(l.steps)
		done := false
		switch d := inner.(type) {
		case *ast.AssignStmt:
			done = d.Tok == token.DEFINE && l.define(d)
		case *ast.DeclStmt:
			if g, ok := d.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					l.variables(spec.(*ast.ValueSpec))
				}
				done = true
			}
		}
		switch {
		case !done:
			l.steps = append(l.steps, step{stmt: s})
			l.body = append(l.body, s)
		case label != nil:
			// Both views need the label.
			l.body = append(l.body, &ast.LabeledStmt{Label: label.Label, Colon: label.Colon, Stmt: &ast.EmptyStmt{Semicolon: label.Colon, Implicit: true}})
			if before < len(l.steps) {
				l.steps[before].label = label.Label
			}
		}
	}
	return l
}

// define rewrites d, a short variable declaration.
func (l *layout) define(d *ast.AssignStmt) bool {
	var fresh []*ast.Ident
	blank := 0
	seen := make(map[string]bool)
	for _, lhs := range d.Lhs {
		id, ok := lhs.(*ast.Ident)
		if !ok || id.Name != "_" && seen[id.Name] {
			return false
		}
		seen[id.Name] = true
		switch _, old := l.declares[id.Name]; {
		case id.Name == "_":
			blank++
		case !old:
			fresh = append(fresh, id)
		}
	}
	if blank == len(d.Lhs) || len(d.Rhs) != len(d.Lhs) && len(d.Rhs) != 1 {
		return false
	}
	run := &ast.AssignStmt{Lhs: d.Lhs, TokPos: d.TokPos, Tok: token.ASSIGN, Rhs: d.Rhs}
	switch {
	case len(fresh) == 0:
		l.body = append(l.body, run)
	case len(d.Lhs) == len(d.Rhs):
		for i, lhs := range d.Lhs {
			id := lhs.(*ast.Ident)
			if _, old := l.declares[id.Name]; old {
				l.body = append(l.body, &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: d.TokPos, Tok: token.ASSIGN, Rhs: d.Rhs[i : i+1]})
				continue
			}
			l.specs = append(l.specs, &ast.ValueSpec{Names: []*ast.Ident{id}, Values: d.Rhs[i : i+1]})
		}
	default:
		spec := &ast.ValueSpec{Values: d.Rhs}
		for i, lhs := range d.Lhs {
			id := lhs.(*ast.Ident)
			if _, old := l.declares[id.Name]; old {
				part := id.Name + "·" + strconv.Itoa(len(l.steps)) + "_" + strconv.Itoa(i)
				spec.Names = append(spec.Names, &ast.Ident{NamePos: id.NamePos, Name: part})
				l.body = append(l.body, &ast.AssignStmt{
					Lhs: []ast.Expr{id}, TokPos: d.TokPos, Tok: token.ASSIGN,
					Rhs: []ast.Expr{&ast.Ident{NamePos: id.NamePos, Name: part}},
				})
				continue
			}
			spec.Names = append(spec.Names, id)
		}
		l.specs = append(l.specs, spec)
	}
	l.add(step{stmt: run, names: fresh})
	return true
}

// variables rewrites a variable declaration.
func (l *layout) variables(spec *ast.ValueSpec) {
	l.specs = append(l.specs, spec)
	var names []*ast.Ident
	var lhs []ast.Expr
	for _, id := range spec.Names {
		lhs = append(lhs, id)
		if id.Name != "_" {
			names = append(names, id)
		}
	}
	if len(spec.Values) > 0 {
		l.add(step{stmt: &ast.AssignStmt{Lhs: lhs, TokPos: spec.Pos(), Tok: token.ASSIGN, Rhs: spec.Values}, names: names})
		return
	}
	// var x T: x = *new(T), which is left out unless x lives already.
	for _, id := range names {
		zero := &ast.StarExpr{Star: id.Pos(), X: &ast.CallExpr{
			Fun: &ast.Ident{NamePos: id.Pos(), Name: "new"}, Lparen: id.Pos(), Args: []ast.Expr{spec.Type}, Rparen: id.Pos(),
		}}
		run := &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: id.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{zero}}
		use := &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{NamePos: id.Pos(), Name: id.Name}}, TokPos: id.Pos(), Tok: token.ASSIGN, Rhs: run.Rhs}
		l.body = append(l.body, use)
		l.add(step{stmt: run, names: []*ast.Ident{id}, zeroing: true})
	}
}

// add appends a step that declares variables.
func (l *layout) add(s step) {
	for _, id := range s.names {
		if _, old := l.declares[id.Name]; !old {
			l.declares[id.Name] = len(l.steps)
		}
	}
	l.steps = append(l.steps, s)
}
