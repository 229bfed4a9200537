// This file finds out what the identifiers of the cells stand for.

package gosource

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"cajal/notebooks/syntax"
)

// entity is something that identifiers stand for: what a cell declares at top
// level, or an imported package.
type entity struct {
	name string
	kind token.Token // VAR, FUNC, TYPE, CONST, IMPORT
	cell *cell       // that declares it; nil for imports
	path string      // of an import

	before *entity // what the name stood for until then, if that is a variable too
	shared bool    // a variable that another cell or a function uses
	needed bool    // keeps shared while all are
	typ    types.Type
	final  string // its name in the program
}

// cell is a code cell on its way into the program.
type cell struct {
	number int
	text   []string // the text cells above it
	source *syntax.Cell
	refs   map[*ast.Ident]*entity
	own    map[string]*entity
	fn     string // name of its function, "" if it has no statements

	stmts   []stmtInfo
	results []how // of the statements
}

func (c *cell) fail(n ast.Node, format string, args ...any) error {
	return fmt.Errorf("cell %d, line %d: %w", c.number, c.source.Line(n.Pos()), fmt.Errorf(format, args...))
}

// program is all that is known of the program.
type program struct {
	cfg      Config
	cells    []*cell
	entities []*entity
	imports  map[string]*entity // by path
	words    map[string]bool    // identifiers that stand anywhere, so that new names are new
}

// resolve fills refs of every cell, in their order, as names live on from cell
// to cell.
func (p *program) resolve() error {
	live := map[string]*entity{}
	for _, c := range p.cells {
		p.noteWords(c)
		c.refs, c.own = map[*ast.Ident]*entity{}, map[string]*entity{}
		before := live
		live = cloneMap(live)
		for _, imp := range c.source.Imports {
			switch imp.Name {
			case "_", ".":
				return fmt.Errorf("cell %d: import %s %q has no counterpart: import it by its name", c.number, imp.Name, imp.Path)
			}
			pkg, err := p.cfg.Packages.Import(imp.Path)
			if err != nil {
				return fmt.Errorf("cell %d: %w", c.number, err)
			}
			name := imp.Name
			if name == "" {
				name = pkg.Name()
			}
			e := p.importOf(imp.Path, pkg.Name())
			before = cloneMap(before)
			before[name], live[name] = e, e
		}
		for _, n := range c.source.Names {
			e := &entity{name: n.Name, kind: n.Kind, cell: c}
			if old := live[n.Name]; old != nil && old.kind == token.VAR && n.Kind == token.VAR {
				e.before = old
			}
			if old := live[n.Name]; old != nil && old.kind == token.FUNC && n.Kind == token.FUNC {
				if user := p.caller(old); user != nil {
					return fmt.Errorf("cell %d declares the function %s again, which cell %d calls: a program has it once, so give one of them another name", c.number, n.Name, user.number)
				}
			}
			p.entities = append(p.entities, e)
			c.own[n.Name], live[n.Name] = e, e
		}
		if err := p.resolveCell(c, before); err != nil {
			return err
		}
	}
	return nil
}

func cloneMap(m map[string]*entity) map[string]*entity {
	out := make(map[string]*entity, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}

func (p *program) noteWords(c *cell) {
	note := func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			p.words[id.Name] = true
		}
		return true
	}
	for _, d := range c.source.Decls {
		ast.Inspect(d, note)
	}
	for _, s := range c.source.Stmts {
		ast.Inspect(s, note)
	}
}

// caller returns the cell whose function calls e.
func (p *program) caller(e *entity) *cell {
	for _, c := range p.cells {
		for _, d := range c.source.Decls {
			found := false
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && c.refs[id] == e && id.Pos() != declPos(d) {
					found = true
				}
				return true
			})
			if found {
				return c
			}
		}
	}
	return nil
}

func declPos(d ast.Decl) token.Pos {
	if f, ok := d.(*ast.FuncDecl); ok {
		return f.Name.Pos()
	}
	return token.NoPos
}

func (p *program) importOf(path, name string) *entity {
	e := p.imports[path]
	if e == nil {
		e = &entity{name: name, kind: token.IMPORT, path: path}
		p.imports[path] = e
		p.entities = append(p.entities, e)
	}
	return e
}

// resolveCell resolves the references of a cell. before is what names stand for
// until the cell declares them.
func (p *program) resolveCell(c *cell, before map[string]*entity) error {
	inDecl, literal := c.places()
	for _, r := range c.source.Refs {
		id := r.Ident
		own, old := c.own[id.Name], before[id.Name]
		e := own
		switch {
		case r.Own || inDecl[id] && own != nil:
		case own != nil && (literal[id] == own || old == nil && types.Universe.Lookup(id.Name) == nil):
			// It calls itself, which needs a variable that is there before.
			own.shared = true
		default:
			e = old
		}
		if e == nil {
			if types.Universe.Lookup(id.Name) != nil {
				continue
			}
			path := p.guess(id.Name, c)
			if path == "" {
				return c.fail(id, "undefined: %s", id.Name)
			}
			pkg, err := p.cfg.Packages.Import(path)
			if err != nil {
				return c.fail(id, "%w", err)
			}
			e = p.importOf(path, pkg.Name())
			before[id.Name] = e
		}
		c.refs[id] = e
		if e.kind == token.VAR && (e.cell != c || inDecl[id]) {
			e.shared = true
		}
	}
	return nil
}

// places tells of identifiers whether they stand in a declaration, and in which
// variable's function literal.
func (c *cell) places() (inDecl map[*ast.Ident]bool, literal map[*ast.Ident]*entity) {
	inDecl, literal = map[*ast.Ident]bool{}, map[*ast.Ident]*entity{}
	for _, d := range c.source.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				inDecl[id] = true
			}
			return true
		})
	}
	for _, s := range c.source.Stmts {
		for _, name := range defined(s) {
			e := c.own[name.Name]
			ast.Inspect(s, func(n ast.Node) bool {
				f, ok := n.(*ast.FuncLit)
				if !ok {
					return true
				}
				ast.Inspect(f, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok && id.Name == name.Name {
						literal[id] = e
					}
					return true
				})
				return false
			})
		}
	}
	return inDecl, literal
}

// defined returns the variables that a statement declares.
func defined(s ast.Stmt) []*ast.Ident {
	var all []*ast.Ident
	if l, ok := s.(*ast.LabeledStmt); ok {
		s = l.Stmt
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, l := range s.Lhs {
			if id, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE && id.Name != "_" {
				all = append(all, id)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					if id.Name != "_" {
						all = append(all, id)
					}
				}
			}
		}
	}
	return all
}

// guess returns the package that a cell means by a name that it did not import:
// of those of that name the one that has most of the members that are asked for.
func (p *program) guess(name string, c *cell) string {
	var wanted []string
	look := func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == name {
				wanted = append(wanted, sel.Sel.Name)
			}
		}
		return true
	}
	for _, d := range c.source.Decls {
		ast.Inspect(d, look)
	}
	for _, s := range c.source.Stmts {
		ast.Inspect(s, look)
	}
	if len(wanted) == 0 {
		return ""
	}
	best, most := "", -1
	for _, path := range p.cfg.Packages.ByName(name) {
		pkg, err := p.cfg.Packages.Import(path)
		if err != nil {
			continue
		}
		has := 0
		for _, w := range wanted {
			if pkg.Scope().Lookup(w) != nil {
				has++
			}
		}
		if has > most {
			best, most = path, has
		}
	}
	return best
}

// share makes variables shared that must be: those that are one with an earlier
// shared variable, and all of a statement if one of them is, since a statement
// declares all of its variables or none.
func (p *program) share() {
	for changed := true; changed; {
		changed = false
		for _, e := range p.entities {
			if e.kind == token.VAR && !e.shared && e.same() != nil {
				e.shared, changed = true, true
			}
		}
		for _, c := range p.cells {
			for _, s := range c.source.Stmts {
				names := defined(s)
				any := slices.ContainsFunc(names, func(id *ast.Ident) bool { return c.own[id.Name].shared })
				for _, id := range names {
					if e := c.own[id.Name]; any && !e.shared {
						e.shared, changed = true, true
					}
				}
			}
		}
	}
}

// name gives every entity its name in the program. Before the variables have
// types, none of two declarations are one.
func (p *program) name() {
	taken := map[string]bool{"main": true, "init": true, "_": true}
	free := func(name string) string {
		if !taken[name] && !token.IsKeyword(name) {
			return name
		}
		for n := 2; ; n++ {
			try := fmt.Sprintf("%s%d", strings.TrimRight(name, "0123456789"), n)
			if !taken[try] && !p.words[try] {
				return try
			}
		}
	}
	give := func(e *entity, name string) {
		e.final = free(name)
		taken[e.final] = true
	}
	// Functions, types and constants keep their names if they can, then variables,
	// then packages, which are easiest to call otherwise.
	for _, kind := range []token.Token{token.FUNC, token.TYPE, token.CONST, token.VAR, token.IMPORT} {
		for _, e := range p.entities {
			if e.kind != kind {
				continue
			}
			switch {
			case kind == token.VAR && !e.shared:
				e.final = e.name
			case kind == token.VAR && e.same() != nil:
				e.final = e.same().final
			case kind == token.IMPORT && taken[e.name]:
				give(e, strings.ReplaceAll(path.Base(path.Dir(e.path)), "-", "")+e.name)
			default:
				give(e, e.name)
			}
		}
	}
}

// same returns the shared variable that e is, if it was declared before with the
// same type.
func (e *entity) same() *entity {
	for b := e.before; b != nil; b = b.before {
		if b.shared && b.typ != nil && e.typ != nil && types.Identical(b.typ, e.typ) {
			return b
		}
		if b.typ == nil || e.typ == nil || !types.Identical(b.typ, e.typ) {
			return nil // declared with another type between
		}
	}
	return nil
}
