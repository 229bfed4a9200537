// This file parses the parts of a cell.

package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// Cell is a cell that was read.
type Cell struct {
	Text    string
	Imports []Import
	Decls   []ast.Decl // functions, types and constants
	Stmts   []ast.Stmt // all else, as the body of one function
	Shown   bool       // the last statement is an expression whose value is shown: no semicolon follows

	// Names are what the cell declares at top level, in the order of the text. A
	// variable that is declared twice is in it once.
	Names []Name

	// Refs are the identifiers that stand for something at top level, of this
	// cell or another, in the order of the text. Members behind a dot, keys of
	// literals of unknown types and predeclared names are not among them.
	Refs []Ref

	fset *token.FileSet
	info *types.Info
}

// Ref is an identifier that stands for something at top level.
type Ref struct {
	Ident *ast.Ident
	Own   bool // for something that this cell declares; in a statement: has declared before it
	Decl  bool // here it is declared
}

// Import is an imported package.
type Import struct {
	Name string // "" if none is written
	Path string
}

// Name is a name that a cell declares at top level.
type Name struct {
	Name  string
	Kind  token.Token // VAR, FUNC, TYPE, CONST
	Ident *ast.Ident
}

// prefixes are of one length, so that an offset in any of the files is that in
// the text plus the same number.
const (
	bodyPrefix = "package p;func _(){"
	declPrefix = "package p;         "
)

// Parse reads a cell; its commands are passed over. It fails if the text is no Go
// otherwise; the error has line and column.
func Parse(text string) (*Cell, error) {
	c := &Cell{Text: text, fset: token.NewFileSet()}
	source := blankCommands(bytes.ReplaceAll([]byte(text), []byte("\r\n"), []byte(" \n")))
	chunks, err := split(source)
	if err != nil {
		return nil, err
	}
	parse := func(prefix string, k kind, suffix string) (*ast.File, error) {
		f, err := parser.ParseFile(c.fset, "", slices.Concat([]byte(prefix), only(source, chunks, k), []byte(suffix)), parser.SkipObjectResolution)
		if err != nil {
			return nil, c.explain(err)
		}
		return f, nil
	}
	f, err := parse(declPrefix, imports, "")
	if err != nil {
		return nil, err
	}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imp := Import{Path: path}
		if spec.Name != nil {
			imp.Name = spec.Name.Name
		}
		c.Imports = append(c.Imports, imp)
	}
	decls, err := parse(declPrefix, declaration, "")
	if err != nil {
		return nil, err
	}
	body, err := parse(bodyPrefix, statement, "\n}")
	if err != nil {
		return nil, err
	}
	c.Decls = decls.Decls
	if len(body.Decls) != 1 {
		return nil, errors.New("a closing brace has no partner")
	}
	c.Stmts = body.Decls[0].(*ast.FuncDecl).Body.List
	c.names()
	c.refs(decls, body)
	for _, ch := range chunks {
		if ch.kind == statement {
			_, isExpr := c.Stmts[len(c.Stmts)-1].(*ast.ExprStmt)
			c.Shown = isExpr && !ch.semicolon
		}
	}
	return c, nil
}

// explain gives a parser's error the position that it has in the cell.
func (c *Cell) explain(err error) error {
	list, ok := errors.AsType[scanner.ErrorList](err)
	if !ok || len(list) == 0 {
		return err
	}
	e := list[0]
	col := e.Pos.Column
	if e.Pos.Line == 1 {
		col = max(1, col-len(bodyPrefix))
	}
	return fmt.Errorf("line %d, column %d: %s", e.Pos.Line, col, e.Msg)
}

// Offset returns where a position is in the cell's text.
func (c *Cell) Offset(p token.Pos) int {
	return max(0, min(c.fset.Position(p).Offset-len(bodyPrefix), len(c.Text)))
}

// Line returns the line of a position, from 1.
func (c *Cell) Line(p token.Pos) int { return c.fset.Position(p).Line }

// Source returns the text of a node.
func (c *Cell) Source(n ast.Node) string { return c.Text[c.Offset(n.Pos()):c.Offset(n.End())] }

// VarType returns the type of a variable or constant where it is declared, nil if
// it cannot be told without packages or other cells.
func (c *Cell) VarType(id *ast.Ident) types.Type {
	o := c.info.Defs[id]
	if o == nil || o.Type() == nil || strings.Contains(o.Type().String(), "invalid type") {
		return nil
	}
	return o.Type()
}

// names fills Names.
func (c *Cell) names() {
	have := map[string]bool{}
	add := func(id *ast.Ident, kind token.Token) {
		if id.Name == "_" {
			return
		}
		if !have[id.Name] {
			have[id.Name] = true
			c.Names = append(c.Names, Name{id.Name, kind, id})
		}
	}
	for _, s := range c.Stmts {
		if l, ok := s.(*ast.LabeledStmt); ok {
			s = l.Stmt
		}
		switch s := s.(type) {
		case *ast.AssignStmt:
			for _, l := range s.Lhs {
				if id, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE {
					add(id, token.VAR)
				}
			}
		case *ast.DeclStmt:
			for _, spec := range s.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						add(id, token.VAR)
					}
				}
			}
		}
	}
	for _, d := range c.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				add(d.Name, token.FUNC)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name, token.TYPE)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						add(id, token.CONST)
					}
				}
			}
		}
	}
	slices.SortFunc(c.Names, func(a, b Name) int { return c.Offset(a.Ident.Pos()) - c.Offset(b.Ident.Pos()) })
}

// refs fills Refs: go/types knows the scopes, though it finds no packages and
// nothing of other cells.
func (c *Cell) refs(decls, body *ast.File) {
	c.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}
	info := c.info
	cfg := types.Config{Error: func(error) {}}
	pkg, _ := cfg.Check("p", c.fset, []*ast.File{decls, body}, info)
	main := body.Decls[0].(*ast.FuncDecl)
	top := []*types.Scope{pkg.Scope(), info.Scopes[main.Type]}
	isTop := func(o types.Object) bool { return slices.Contains(top, o.Parent()) }
	skip := map[*ast.Ident]bool{decls.Name: true, body.Name: true, main.Name: true}
	for _, f := range []*ast.File{decls, body} {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				skip[n.Sel] = true
			case *ast.CompositeLit:
				switch t := info.Types[n].Type; {
				case t == nil || t == types.Typ[types.Invalid] || isStruct(t): // most are structs
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok {
							if id, ok := kv.Key.(*ast.Ident); ok {
								skip[id] = true
							}
						}
					}
				}
			case *ast.Ident:
				if skip[n] || n.Name == "_" {
					break
				}
				def, use := info.Defs[n], info.Uses[n]
				switch {
				case def != nil:
					if _, label := def.(*types.Label); !label && isTop(def) {
						c.Refs = append(c.Refs, Ref{n, true, true})
					}
				case use != nil:
					if _, label := use.(*types.Label); !label && isTop(use) {
						c.Refs = append(c.Refs, Ref{n, true, false})
					}
				default:
					if _, known := info.Defs[n]; !known { // a known nil is a symbolic variable of a type switch
						c.Refs = append(c.Refs, Ref{n, false, false})
					}
				}
			}
			return true
		})
	}
	slices.SortFunc(c.Refs, func(a, b Ref) int { return c.Offset(a.Ident.Pos()) - c.Offset(b.Ident.Pos()) })
}

func isStruct(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem() // an element of []*T{{…}}
	}
	_, ok := t.Underlying().(*types.Struct)
	return ok
}
