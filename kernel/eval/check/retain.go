package check

// This file keeps types as they are when their cell runs again unchanged, so
// that values made before stay usable.

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
)

// keepTypes finds the types of the cell whose declarations are, to the letter,
// those of the live types of the same names, and mean the same. Their methods
// become late methods, which replace those that the types have.
func (c *cell) keepTypes() {
	specs := make(map[string]*ast.TypeSpec)
	for _, d := range c.src.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			spec := spec.(*ast.TypeSpec)
			b := c.s.live[spec.Name.Name]
			if b == nil || spec.TypeParams != nil || spec.Assign.IsValid() {
				continue
			}
			tn, ok := b.obj.(*types.TypeName)
			if !ok || !isCell(tn) || tn.IsAlias() {
				continue
			}
			node := ast.Node(spec)
			if len(g.Specs) == 1 {
				node = g
			}
			if bytes.Equal(b.decl.source, c.src.textOf(c.fset, node, c.src.declOffset)) {
				specs[spec.Name.Name] = spec
			}
		}
	}
	// A type that mentions something that changed is another type, and so is
	// one that mentions such a type.
	for changed := true; changed; {
		changed = false
		for name, spec := range specs {
			if c.changed(spec, name, specs) {
				delete(specs, name)
				changed = true
			}
		}
	}
	for name := range specs {
		if c.kept == nil {
			c.kept = make(map[string]bool)
		}
		c.kept[name] = true
		delete(c.declared, name)
	}
}

// changed tells whether a name that spec mentions stands for something else
// than it did when the live type was declared.
func (c *cell) changed(spec *ast.TypeSpec, name string, kept map[string]*ast.TypeSpec) (changed bool) {
	ast.Inspect(spec.Type, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Name == name || kept[id.Name] != nil {
			return true
		}
		if b := c.s.live[id.Name]; c.declared[id.Name] || b != nil && b.turn > c.s.live[name].turn {
			changed = true
		}
		return true
	})
	for _, imp := range c.src.imports {
		changed = changed || imp.Name != nil // which may give a package's name to another
	}
	return changed
}

// withoutKept returns a declaration without the types that are kept; nil if
// nothing is left of it.
func (c *cell) withoutKept(d ast.Decl) ast.Decl {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.TYPE || len(c.kept) == 0 {
		return d
	}
	out := *g
	out.Specs = nil
	for _, spec := range g.Specs {
		if !c.kept[spec.(*ast.TypeSpec).Name.Name] {
			out.Specs = append(out.Specs, spec)
		}
	}
	if len(out.Specs) == 0 {
		return nil
	}
	return &out
}
