package check

// This file proposes completions of a cell that is being written.

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// maxItems is the number of completions that are proposed.
const maxItems = 400

// Completion lists what may replace code[Start:End], best first.
type Completion struct {
	Start, End int
	Items      []Item
}

// Item is a proposal.
type Item struct {
	Text      string
	Kind      string // function, method, class, instance, field, constant, module or keyword
	Signature string // its type, "" if it has none
}

// candidate is an Item before sorting.
type candidate struct {
	Item
	rank int // the smaller the nearer
}

// Complete proposes completions of the name that ends at byte offset pos of
// code, which need not compile.
func (s *State) Complete(code string, pos int) Completion {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := []byte(code)
	pos = max(0, min(pos, len(text)))
	start, end := wordAt(text, pos)
	prefix := string(text[start:pos])
	out := Completion{Start: start, End: pos}

	comment, str := inLiteral(text, pos)
	if number := start == pos && pos > 0 && '0' <= text[pos-1] && text[pos-1] <= '9'; comment || number {
		return out
	}
	if str != nil {
		return s.completePath(text, pos, str)
	}
	before := bytes.TrimRight(text[:start], " \t\n")
	selector := bytes.HasSuffix(before, []byte(".")) && !bytes.HasSuffix(before, []byte("..."))

	// The word is replaced by a name that cannot be missed, first in the whole
	// text, and if that cannot be made sense of, in the text before it.
	marked := slices.Concat(text[:start], []byte(placeholder), text[end:])
	c := s.lookAt(marked)
	var at *mark
	if c != nil {
		at = c.findMark()
	}
	if at == nil {
		if c = s.lookAt(closed(slices.Concat(text[:start], []byte(placeholder)))); c != nil {
			at = c.findMark()
		}
	}
	var found []candidate
	switch {
	case at != nil && at.sel != nil:
		found = c.selections(at.sel)
	case selector:
		// Nothing is known of what stands before the dot.
	default:
		found = s.scopeNames(c, at)
	}
	out.Items = choose(found, prefix)
	return out
}

// mark is where the placeholder was found.
type mark struct {
	id  *ast.Ident
	sel *ast.SelectorExpr // whose Sel it is, or nil
	lit *ast.CompositeLit // of which it is an element or a key, or nil
}

// findMark finds the placeholder.
func (c *cell) findMark() *mark {
	var m *mark
	c.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == placeholder {
				m = &mark{id: n.Sel, sel: n}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Key
				}
				if id, ok := e.(*ast.Ident); ok && id.Name == placeholder {
					m = &mark{id: id, lit: n}
				}
			}
		case *ast.Ident:
			if n.Name == placeholder && m == nil {
				m = &mark{id: n}
			}
		}
	})
	return m
}

// selections returns what may stand after the dot of sel.
func (c *cell) selections(sel *ast.SelectorExpr) []candidate {
	var found []candidate
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := c.info.Uses[id].(*types.PkgName); ok {
			scope := p.Imported().Scope()
			for _, name := range scope.Names() {
				if ast.IsExported(name) {
					found = append(found, describe(scope.Lookup(name), 0))
				}
			}
			return found
		}
	}
	tv := c.info.Types[sel.X]
	if tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
		return nil
	}
	for _, m := range membersOf(tv.Type) {
		if _, isMethod := m.(*types.Func); tv.IsType() && !isMethod {
			continue
		}
		found = append(found, describe(m, 0))
	}
	return found
}

// scopeNames returns the names that can be used at a place of the cell. Without
// a cell or a place, it returns what any cell can use.
func (s *State) scopeNames(c *cell, at *mark) []candidate {
	var found []candidate
	if c != nil && at != nil {
		if at.lit != nil {
			if t := c.info.TypeOf(at.lit); t != nil {
				if p, ok := t.Underlying().(*types.Pointer); ok {
					t = p.Elem()
				}
				if st, ok := t.Underlying().(*types.Struct); ok {
					for f := range st.Fields() {
						if f.Exported() || isCell(f) {
							d := describe(f, 0)
							d.Text += ": "
							found = append(found, d)
						}
					}
				}
			}
		}
		rank := 1
		for scope := c.innermost(at.id.Pos()); scope != nil && scope != c.pkg.Scope() && scope != types.Universe; scope = scope.Parent() {
			for _, name := range scope.Names() {
				if obj := scope.Lookup(name); obj.Pos() < at.id.Pos() && name != placeholder {
					found = append(found, describe(obj, rank))
				}
			}
			rank++
		}
	}
	if c != nil {
		for name := range c.declared {
			if obj := c.pkg.Scope().Lookup(name); obj != nil && name != placeholder {
				found = append(found, describe(obj, 10))
			}
		}
		for name, pkg := range c.imports {
			found = append(found, candidate{Item{name, "module", pkg.Path()}, 12})
		}
	}
	for name, b := range s.live {
		if c == nil || !c.declared[name] {
			found = append(found, describe(b.obj, 11))
		}
	}
	for _, name := range types.Universe.Names() {
		found = append(found, describe(types.Universe.Lookup(name), 20))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		if t.IsKeyword() {
			found = append(found, candidate{Item{t.String(), "keyword", ""}, 21})
		}
	}
	for name, p := range s.packageNames() {
		found = append(found, candidate{Item{name, "module", p}, 30})
	}
	return found
}

// packageNames returns the names of packages that can be imported and the
// likeliest path of each.
func (s *State) packageNames() map[string]string {
	im, ok := s.cfg.Import.(*Importer)
	if !ok || im.Paths == nil {
		return nil
	}
	names := make(map[string]string)
	for _, p := range im.Paths() {
		name := path.Base(p)
		if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(p))
		}
		if was, ok := names[name]; !ok || len(p) < len(was) {
			names[name] = p
		}
	}
	if s.cfg.ByName != nil {
		for name := range names {
			if paths := s.cfg.ByName(name); len(paths) > 0 {
				names[name] = paths[0]
			}
		}
	}
	return names
}

// completePath completes an import path whose text up to pos, with its quote,
// is str.
func (s *State) completePath(text []byte, pos int, str []byte) Completion {
	start := pos - len(str) + 1
	out := Completion{Start: start, End: pos}
	im, ok := s.cfg.Import.(*Importer)
	p, _ := split(text[:start-1])
	if !ok || im.Paths == nil || len(p.chunks) == 0 || p.chunks[len(p.chunks)-1].kind != chunkImport {
		return out
	}
	for _, path := range im.Paths() {
		if strings.HasPrefix(path, string(str[1:])) {
			out.Items = append(out.Items, Item{Text: path, Kind: "module"})
		}
	}
	return out
}

// describe returns a candidate for obj.
func describe(obj types.Object, rank int) candidate {
	c := candidate{Item: Item{Text: obj.Name()}, rank: rank}
	if t := obj.Type(); t != nil && t != types.Typ[types.Invalid] {
		c.Signature = types.TypeString(t, shortNames)
	}
	switch obj := obj.(type) {
	case *types.Func:
		c.Kind = "function"
		if obj.Signature().Recv() != nil {
			c.Kind = "method"
		}
	case *types.Builtin:
		c.Kind, c.Signature = "function", ""
	case *types.TypeName:
		c.Kind, c.Signature = "class", kindOfType(obj.Type())
	case *types.Var:
		c.Kind = "instance"
		if obj.IsField() {
			c.Kind = "field"
		}
	case *types.Const, *types.Nil:
		c.Kind = "constant"
	case *types.PkgName:
		c.Kind, c.Signature = "module", obj.Imported().Path()
	}
	return c
}

// kindOfType words what kind of type t is.
func kindOfType(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return types.TypeString(u, shortNames)
	}
}

// choose returns the candidates that fit prefix, best first: those that begin
// with it, then those that do but for case, then those that contain it.
func choose(found []candidate, prefix string) []Item {
	type scored struct {
		candidate
		fit int
	}
	lower := strings.ToLower(prefix)
	best := make(map[string]scored)
	for _, c := range found {
		if hidden(c.Text) || c.Text == "_" || c.Text == placeholder {
			continue
		}
		fit := 0
		switch l := strings.ToLower(c.Text); {
		case strings.HasPrefix(c.Text, prefix):
		case strings.HasPrefix(l, lower):
			fit = 1
		case len(prefix) >= 3 && strings.Contains(l, lower):
			fit = 2
		default:
			continue
		}
		if was, ok := best[c.Text]; !ok || c.rank < was.rank {
			best[c.Text] = scored{c, fit}
		}
	}
	list := make([]scored, 0, len(best))
	for _, c := range best {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(a.fit-b.fit, a.rank-b.rank, strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
	})
	if len(list) > maxItems {
		list = list[:maxItems]
	}
	items := make([]Item, len(list))
	for i, c := range list {
		items[i] = c.Item
	}
	return items
}
