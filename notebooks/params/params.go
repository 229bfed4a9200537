// This file finds the parameters of a notebook and replaces them.

package params

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/syntax"
)

// Tag is the tag of the cell, as papermill has it.
const Tag = "parameters"

// Parameter is a variable that the tagged cell sets.
type Parameter struct {
	Name  string
	Type  string // as Go writes it; "" if it cannot be told without the packages that it needs
	Value string // the expression that stands there

	t          types.Type // nil if Type is ""
	declared   bool       // the expression does not make the type: var x T = …, const x = …
	start, end int        // where the expression is, in the cell's source
}

// Find lists the parameters of a notebook in the order of their cell. It fails
// if there is no such cell, or it is no Go.
func Find(nb *nbformat.Notebook) ([]Parameter, error) {
	c, err := tagged(nb)
	if err != nil {
		return nil, err
	}
	return read(c.Source)
}

func tagged(nb *nbformat.Notebook) (*nbformat.Cell, error) {
	var found *nbformat.Cell
	for _, c := range nb.Cells {
		if c.Type != nbformat.Code || !c.HasTag(Tag) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("two cells have the tag %q: take it off one of them", Tag)
		}
		found = c
	}
	if found == nil {
		return nil, fmt.Errorf("no cell has the tag %q: give it to the cell that sets the parameters (in JupyterLab: Property Inspector, Cell Tags)", Tag)
	}
	return found, nil
}

// read finds the parameters in the source of a cell.
func read(source string) ([]Parameter, error) {
	c, err := syntax.Parse(source)
	if err != nil {
		return nil, fmt.Errorf("the cell with the tag %q is no Go: %w", Tag, err)
	}
	var all []Parameter
	add := func(name *ast.Ident, value ast.Expr, declared bool) {
		if name.Name == "_" {
			return
		}
		p := Parameter{Name: name.Name, Value: c.Source(value), declared: declared, start: c.Offset(value.Pos()), end: c.Offset(value.End())}
		if t := c.VarType(name); t != nil {
			p.t = t
			p.Type = strings.TrimPrefix(typeName(p.t), "untyped ")
			p.declared = p.declared || p.Type != typeName(p.t)
		}
		all = slices.DeleteFunc(all, func(q Parameter) bool { return q.Name == p.Name }) // the last one counts
		all = append(all, p)
	}
	group := func(d ast.Decl) {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR && g.Tok != token.CONST {
			return
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if len(v.Values) == len(v.Names) {
					add(name, v.Values[i], v.Type != nil)
				}
			}
		}
	}
	for _, d := range c.Decls {
		group(d)
	}
	for _, s := range c.Stmts {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if len(s.Lhs) != len(s.Rhs) {
				break
			}
			for i, l := range s.Lhs {
				if name, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE {
					add(name, s.Rhs[i], false)
				}
			}
		case *ast.DeclStmt:
			group(s.Decl)
		}
	}
	slices.SortFunc(all, func(p, q Parameter) int { return p.start - q.start })
	return all, nil
}

// Value is a value for a parameter: text as it is given on a command line, or
// what encoding/json makes of a file, with json.Number.
type Value struct {
	Name  string
	Value any
}

// Set replaces parameters in nb, in place. It changes nothing if one of the
// values cannot be.
func Set(nb *nbformat.Notebook, values []Value) error {
	if len(values) == 0 {
		return nil
	}
	c, err := tagged(nb)
	if err != nil {
		return err
	}
	all, err := read(c.Source)
	if err != nil {
		return err
	}
	type edit struct {
		start, end int
		text       string
	}
	var edits []edit
	given := map[string]bool{}
	for _, v := range values {
		if given[v.Name] {
			return fmt.Errorf("parameter %s is given twice", v.Name)
		}
		given[v.Name] = true
		i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == v.Name })
		if i < 0 {
			return unknown(v.Name, all)
		}
		text, err := all[i].expression(v.Value)
		if err != nil {
			return err
		}
		edits = append(edits, edit{all[i].start, all[i].end, text})
	}
	slices.SortFunc(edits, func(a, b edit) int { return b.start - a.start })
	for _, e := range edits {
		c.Source = c.Source[:e.start] + e.text + c.Source[e.end:]
	}
	return nil
}

func unknown(name string, all []Parameter) error {
	var list []string
	hint := ""
	for _, p := range all {
		list = append(list, strings.TrimSpace(p.Name+" "+p.Type))
		if strings.EqualFold(p.Name, name) || strings.HasPrefix(p.Name, name) || strings.HasPrefix(name, p.Name) {
			hint = "; did you mean " + p.Name + "?"
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("no parameter %s: the cell with the tag %q sets none", name, Tag)
	}
	return fmt.Errorf("no parameter %s: the notebook has %s%s", name, strings.Join(list, ", "), hint)
}

// expression writes a value as Go for the parameter, or says why it does not
// fit.
func (p *Parameter) expression(v any) (string, error) {
	if p.t == nil {
		text, ok := v.(string)
		if !ok {
			return "", fmt.Errorf("%s = %s needs a value in Go, as a string", p.Name, p.Value)
		}
		if _, err := parser.ParseExpr(text); err != nil {
			return "", fmt.Errorf("%s = %s, got %q, which is no Go expression", p.Name, p.Value, text)
		}
		return text, nil
	}
	text, ok := literal(p.t, v)
	if !ok {
		return "", fmt.Errorf("%s is %s, got %s", p.Name, p.Type, shown(v))
	}
	if p.declared {
		return text, nil
	}
	// The expression must keep the variable's type.
	if tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text); err == nil && types.Identical(types.Default(tv.Type), p.t) {
		return text, nil
	}
	if _, basic := p.t.Underlying().(*types.Basic); basic {
		return p.Type + "(" + text + ")", nil
	}
	return text, nil
}
