// This file writes cells as functions, by changing their text where a program
// needs it otherwise; all else, comments too, stays as it was written.

package gosource

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"cajal/notebooks/syntax"
)

// edit puts text in the place of source[start:end].
type edit struct {
	start, end int
	text       string
}

// apply carries out edits; of two that overlap the first one counts. What is
// only put in stands before what takes the place of something.
func apply(source string, from, to int, edits []edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(a.start-b.start, min(1, a.end-a.start)-min(1, b.end-b.start))
	})
	var b strings.Builder
	at := from
	for _, e := range edits {
		if e.start < at || e.end > to {
			continue
		}
		b.WriteString(source[at:e.start] + e.text)
		at = e.end
	}
	b.WriteString(source[at:to])
	return b.String()
}

// renames returns the edits that give every identifier its name in the program.
func (c *cell) renames() []edit {
	var all []edit
	for _, r := range c.source.Refs {
		e := c.refs[r.Ident]
		if e == nil || e.final == r.Ident.Name {
			continue
		}
		at := c.source.Offset(r.Ident.Pos())
		all = append(all, edit{at, at + len(r.Ident.Name), e.final})
	}
	return all
}

// source returns the text of a node, renamed.
func (c *cell) textOf(n ast.Node) string {
	return apply(c.source.Text, c.source.Offset(n.Pos()), c.source.Offset(n.End()), c.renames())
}

// declarations returns the functions, types and constants of a cell, each with
// the comment above it.
func (c *cell) declarations() []string {
	var all []string
	for _, d := range c.source.Decls {
		start := c.above(c.source.Offset(d.Pos()))
		all = append(all, apply(c.source.Text, start, c.source.Offset(d.End()), c.renames()))
	}
	return all
}

// above returns where the comment begins that stands directly above a
// declaration, or where the declaration does.
func (c *cell) above(at int) int {
	text := c.source.Text
	start := strings.LastIndexByte(text[:at], '\n') + 1
	if strings.TrimSpace(text[start:at]) != "" {
		return at
	}
	for start > 0 {
		line := strings.LastIndexByte(text[:start-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimSpace(text[line:start]), "//") {
			break
		}
		start = line
	}
	return start
}

// stmtInfo is what is known of a top-level statement.
type stmtInfo struct {
	parts int // statements that stand for it in the program
}

// how says what becomes of the value of a statement that is an expression.
type how uint8

const (
	asIs  how = iota
	show      // its value is shown
	must      // its last value is an error, which stops; the others are shown
	check     // its last value is an error, which stops
	blank     // it is no statement: _ = value
)

// body returns the statements of a cell. With final the values of expressions
// are shown; without, the text is for the type checker, which wants to see
// calls as they are.
func (c *cell) body(final bool, helper string) string {
	edits := c.renames()
	text := c.source.Text
	for _, d := range c.source.Decls {
		edits = without(edits, c.above(c.source.Offset(d.Pos())), c.source.Offset(d.End()), "")
	}
	for _, span := range c.importSpans() {
		edits = without(edits, span[0], span[1], "")
	}
	c.stmts = make([]stmtInfo, len(c.source.Stmts))
	declared := map[*entity]bool{}
	for i, s := range c.source.Stmts {
		c.stmts[i] = stmtInfo{parts: 1}
		inner := s
		if l, ok := s.(*ast.LabeledStmt); ok {
			inner = l.Stmt
		}
		start, end := c.source.Offset(inner.Pos()), c.source.Offset(inner.End())
		switch s := inner.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE && !c.defines(s, declared) {
				at := c.source.Offset(s.TokPos)
				edits = append(edits, edit{at, at + len(":="), "="})
			}
		case *ast.DeclStmt:
			if new, n, ok := c.variables(s, declared); ok {
				edits = without(edits, start, end, new)
				c.stmts[i].parts = n
			}
		case *ast.ExprStmt:
			last := i == len(c.source.Stmts)-1 && c.source.Shown
			_, call := ast.Unparen(s.X).(*ast.CallExpr)
			wrap := func(before string) { edits = append(edits, edit{start, start, before + "("}, edit{end, end, ")"}) }
			switch r := c.result(i); {
			case !final && !call || r == blank:
				edits = append(edits, edit{start, start, "_ = "})
			case !final:
			case r == show && (last || !call):
				wrap(helper + ".Show")
			case r == must:
				wrap(helper + ".Must")
			case r == check:
				wrap(helper + ".Check")
			}
		}
	}
	return strings.Trim(apply(text, 0, len(text), edits), "\n")
}

// result is filled by the type checker.
func (c *cell) result(i int) how {
	if i < len(c.results) {
		return c.results[i]
	}
	return asIs
}

// without replaces source[start:end] and drops the edits inside of it.
func without(edits []edit, start, end int, text string) []edit {
	edits = slices.DeleteFunc(edits, func(e edit) bool { return e.start >= start && e.end <= end })
	return append(edits, edit{start, end, text})
}

// defines tells whether := still declares something, and notes what.
func (c *cell) defines(s *ast.AssignStmt, declared map[*entity]bool) bool {
	fresh := false
	for _, l := range s.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" {
			continue
		}
		e := c.own[id.Name]
		if e.shared {
			return false
		}
		fresh = fresh || !declared[e]
		declared[e] = true
	}
	return fresh
}

// variables returns the assignments that stand for a declaration of shared
// variables, and how many they are; ok is false if it can stay a declaration.
func (c *cell) variables(s *ast.DeclStmt, declared map[*entity]bool) (text string, n int, ok bool) {
	g, isVar := s.Decl.(*ast.GenDecl)
	if !isVar || g.Tok != token.VAR {
		return "", 0, false
	}
	again := false
	shared := false
	for _, id := range defined(s) {
		e := c.own[id.Name]
		again = again || declared[e]
		shared = shared || e.shared
		declared[e] = true
	}
	if !shared && !again {
		return "", 0, false
	}
	var lines []string
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		var names []string
		for _, id := range v.Names {
			name := id.Name
			if e := c.own[name]; e != nil && name != "_" {
				name = e.final
			}
			names = append(names, name)
		}
		switch {
		case len(v.Values) > 0 && v.Type == nil:
			lines = append(lines, strings.Join(names, ", ")+" = "+c.span(v.Values))
		case len(v.Values) > 0:
			// The type decides on constants and interfaces.
			lines = append(lines, strings.Join(names, ", ")+" = "+c.span(v.Values))
		default:
			for i, name := range names {
				// It may live already, with another value.
				if e := c.own[v.Names[i].Name]; e != nil && (e.same() != nil || again) {
					lines = append(lines, fmt.Sprintf("%s = *new(%s)", name, c.textOf(v.Type)))
				}
			}
		}
	}
	return strings.Join(lines, "\n"), len(lines), true
}

// span returns the text from the first to the last of several expressions.
func (c *cell) span(list []ast.Expr) string {
	return apply(c.source.Text, c.source.Offset(list[0].Pos()), c.source.Offset(list[len(list)-1].End()), c.renames())
}

// importSpans finds the import declarations in the text.
func (c *cell) importSpans() [][2]int { return syntax.ImportSpans(c.source.Text) }

// comment writes text as a comment.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		b.WriteString(strings.TrimRight("// "+strings.TrimRight(line, " \t\r"), " ") + "\n")
	}
	return b.String()
}
