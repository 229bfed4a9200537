package check

// This file mends what go/types refuses in a cell but a notebook allows: names
// that stand for what an earlier cell declared, and packages that nobody
// imported.

import (
	"go/ast"
	"go/types"
	"strings"
)

// use is an identifier that stands before the declaration of its variable.
type use struct {
	id   *ast.Ident
	v    *types.Var
	step int // that declares v
}

// earlyUses returns the identifiers of statements that refer to a variable of
// this cell before its declaration has ended, but for those inside of a
// function literal of the declaration itself, which may call itself.
func (c *cell) earlyUses() []use {
	if len(c.layout.declares) == 0 {
		return nil
	}
	where := make(map[types.Object]int)
	for name, k := range c.layout.declares {
		if v, ok := c.pkg.Scope().Lookup(name).(*types.Var); ok {
			where[v] = k
		}
	}
	var found []use
	for k, st := range c.layout.steps {
		literals := 0
		var stack []ast.Node
		ast.Inspect(st.stmt, func(n ast.Node) bool {
			if n == nil {
				if _, ok := stack[len(stack)-1].(*ast.FuncLit); ok {
					literals--
				}
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			switch n := n.(type) {
			case *ast.FuncLit:
				literals++
			case *ast.Ident:
				v, ok := c.info.Uses[n].(*types.Var)
				if !ok {
					break
				}
				if d, ok := where[v]; ok && (d > k || d == k && literals == 0) {
					found = append(found, use{n, v, d})
				}
			}
			return true
		})
	}
	return found
}

// renameOld makes early uses refer to the live object of that name.
func (c *cell) renameOld(early []use) (changed bool) {
	for _, u := range early {
		name := u.v.Name()
		if b := c.s.live[name]; b != nil {
			c.old[u.id] = name
			u.id.Name = name + oldSuffix
			changed = true
		}
	}
	return changed
}

// autoImport imports the packages that the cell uses without declaring them.
func (c *cell) autoImport() (changed bool) {
	if c.s.cfg.ByName == nil {
		return false
	}
	missing := make(map[string]bool)
	for _, e := range c.errs {
		if name, ok := strings.CutPrefix(e.Msg, "undefined: "); ok && c.auto[name] == nil && c.imports[name] == nil && !c.declared[name] {
			missing[name] = true
		}
	}
	if len(missing) == 0 {
		return false
	}
	members := make(map[string][]string)
	c.walk(func(n ast.Node) {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && missing[id.Name] && c.info.Uses[id] == nil {
				members[id.Name] = append(members[id.Name], sel.Sel.Name)
			}
		}
	})
	for name, wanted := range members {
		if pkg := c.s.likely(name, wanted); pkg != nil {
			c.auto[name] = pkg
			changed = true
		}
	}
	return changed
}

// likely returns the package of that name that has the most of the wanted
// members; nil if none can be imported.
func (s *State) likely(name string, wanted []string) *types.Package {
	var best *types.Package
	most := -1
	for _, path := range s.cfg.ByName(name) {
		pkg, err := s.cfg.Import.Import(path)
		if err != nil {
			continue
		}
		has := 0
		for _, w := range wanted {
			if w == placeholder {
				has++ // whatever it will be
			} else if pkg.Scope().Lookup(w) != nil {
				has++
			}
		}
		if has > most {
			best, most = pkg, has
		}
		if has == len(wanted) {
			break
		}
	}
	return best
}

// walk calls f for every node of the cell.
func (c *cell) walk(f func(ast.Node)) {
	visit := func(n ast.Node) bool {
		if n != nil {
			f(n)
		}
		return true
	}
	for _, d := range c.decls {
		ast.Inspect(d, visit)
	}
	for _, st := range c.layout.steps {
		ast.Inspect(st.stmt, visit)
	}
	for _, spec := range c.layout.specs {
		if v := spec.(*ast.ValueSpec); v.Type != nil {
			ast.Inspect(v.Type, visit)
		}
	}
}
