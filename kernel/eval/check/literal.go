package check

// This file lets cells write T{1, 2} for types of earlier cells that have
// unexported fields.

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// keyLiterals gives keys to the literals that the checker refused: every cell
// is a package of its own, so that fields of an earlier cell's struct count as
// another package's, which only keys by the same path may set.
func (c *cell) keyLiterals() (changed bool) {
	at := make(map[token.Pos]bool)
	for _, e := range c.errs {
		if strings.HasPrefix(e.Msg, "implicit assignment to unexported field") {
			at[e.Pos] = true
		}
	}
	if len(at) == 0 {
		return false
	}
	c.walk(func(n ast.Node) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return
		}
		refused := false
		for _, e := range lit.Elts {
			refused = refused || at[e.Pos()]
			if _, keyed := e.(*ast.KeyValueExpr); keyed {
				return
			}
		}
		if refused && c.keyLiteral(lit) {
			changed = true
		}
	})
	return changed
}

// keyLiteral adds keys to lit if its type is a cell's.
func (c *cell) keyLiteral(lit *ast.CompositeLit) bool {
	t := c.info.Types[lit].Type
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem() // an element of []*T{{1, 2}}
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || st.NumFields() != len(lit.Elts) {
		return false
	}
	for i := range lit.Elts {
		if f := st.Field(i); f.Name() == "_" || f.Pkg() == nil || f.Pkg().Path() != "main" {
			return false
		}
	}
	for i, e := range lit.Elts {
		lit.Elts[i] = &ast.KeyValueExpr{Key: &ast.Ident{NamePos: e.Pos(), Name: st.Field(i).Name()}, Colon: e.Pos(), Value: e}
	}
	return true
}
