package check

// This file puts calls between the statements of a cell, and repeats statements,
// for commands that are not Go.

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// findTargets finds the statements that the cell's calls are for.
func (src *source) findTargets(fset *token.FileSet) []*Error {
	var errs []*Error
	src.targets = make([]ast.Stmt, len(src.calls))
	for i, call := range src.calls {
		if call.Kind != Around && call.Kind != Repeat {
			continue
		}
		if k := slices.IndexFunc(src.init.Body.List, func(s ast.Stmt) bool { return s.Pos() == src.posOf(fset, call.Offset) }); k >= 0 {
			src.targets[i] = src.init.Body.List[k]
			continue
		}
		line, column := lineColumn(src.text, call.Offset)
		errs = append(errs, &Error{
			Name: src.name, Line: line, Column: column, Kind: SyntaxError, Msg: "no statement to measure",
			Hint: "a declaration of a type, a constant or a function does nothing that takes time",
		})
	}
	return errs
}

// posOf returns the position of an offset of the text among the statements.
func (src *source) posOf(fset *token.FileSet, offset int) token.Pos {
	return fset.File(src.init.Pos()).Pos(src.stmtOffset + offset)
}

// repeats tells whether statements of the cell are repeated.
func (src *source) repeats() bool {
	return slices.ContainsFunc(src.calls, func(c Call) bool { return c.Kind == Repeat || c.Kind == RepeatAll })
}

// measured tells whether a statement is repeated for its time, and its result for nobody.
func (src *source) measured(st ast.Stmt) bool {
	for i, c := range src.calls {
		if c.Kind == RepeatAll || c.Kind == Repeat && src.targets[i] == st {
			return true
		}
	}
	return false
}

// repeated returns the cell's statements, of which some have become the bodies of
// loops.
func (s *State) repeated(src *source) []ast.Stmt {
	list := src.init.Body.List
	for i, call := range src.calls {
		switch call.Kind {
		case Repeat:
			list = slices.Clone(list)
			k := slices.Index(list, src.targets[i])
			list[k] = repeat(list[k:k+1], i)
			if k == len(list)-1 {
				src.last = nil
			}
		case RepeatAll:
			if len(list) > 0 {
				list = []ast.Stmt{repeat(list, i)}
				src.last = nil
			}
		}
	}
	return list
}

// repeat returns
//
//	for more·(n) { for range times·(n) { list } }
//
// in which what the statements declare is theirs, and need not be used.
func repeat(list []ast.Stmt, n int) ast.Stmt {
	pos := list[0].Pos()
	ask := func(hook string) ast.Expr {
		lit := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.Itoa(n)}
		return &ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: hook}, Lparen: pos, Args: []ast.Expr{lit}, Rparen: pos}
	}
	list = slices.Clone(list)
	for i, st := range list {
		if i == len(list)-1 {
			st = unused(st)
		}
		list[i] = st
	}
	end := list[len(list)-1].End()
	inner := &ast.RangeStmt{For: pos, TokPos: pos, Range: pos, X: ask(HookTimes), Body: &ast.BlockStmt{Lbrace: pos, List: list, Rbrace: end}}
	return &ast.ForStmt{For: pos, Cond: ask(HookMore), Body: &ast.BlockStmt{Lbrace: pos, List: []ast.Stmt{inner}, Rbrace: end}}
}

// unused returns a statement whose values nobody takes: an expression, or what
// it declares.
func unused(st ast.Stmt) ast.Stmt {
	switch st := st.(type) {
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(st.X).(*ast.CallExpr); ok {
			id, ok := call.Fun.(*ast.Ident)
			if !ok || types.Universe.Lookup(id.Name) == nil || slices.Contains([]string{"print", "println", "panic", "close", "clear", "delete", "copy", "recover"}, id.Name) {
				return st
			}
		}
		if x, ok := ast.Unparen(st.X).(*ast.UnaryExpr); ok && x.Op == token.ARROW {
			return st
		}
		return &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{NamePos: st.Pos(), Name: "_"}}, TokPos: st.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{st.X}}
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE {
			blank := *st
			blank.Tok, blank.Lhs = token.ASSIGN, nil
			for _, x := range st.Lhs {
				blank.Lhs = append(blank.Lhs, &ast.Ident{NamePos: x.Pos(), Name: "_"})
			}
			return &blank
		}
	}
	return st
}

// placed is a call of HookCommand at a place among the statements.
type placed struct {
	pos token.Pos
	n   int
}

// calls returns the cell's calls of HookCommand in the order of the text.
func (c *cell) calls() []placed {
	var out []placed
	for i, call := range c.src.calls {
		switch call.Kind {
		case Before:
			out = append(out, placed{c.src.posOf(c.fset, call.Offset), i})
		case Around:
			out = append(out, placed{c.src.targets[i].Pos(), i}, placed{c.src.targets[i].End(), i})
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int { return int(a.pos - b.pos) })
	return out
}

// call returns the statement that makes a call.
func (c *cell) call(p placed) ast.Stmt { return c.hookStmt(c.s.hooks.command, p.n, p.pos) }
