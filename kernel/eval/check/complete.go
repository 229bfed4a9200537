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

	// InString tells that the place is inside of a string, which is no import path.
	InString bool
}

// Item is a proposal.
type Item struct {
	Text      string
	Kind      string // function, method, class, instance, field, constant, module, keyword or label
	Signature string // its type, "" if it has none
}

// candidate is an Item before sorting.
type candidate struct {
	Item
	obj  types.Object // nil for keywords, labels and packages
	rank int          // the smaller the nearer
	wish int          // the smaller the better it is of the type that is expected
}

// How well a candidate is of the type that is expected.
const (
	wishExact = iota
	wishFits
	wishLiteral // a literal of the type fits
	wishCalled  // its result fits
	wishNot
)

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

	c, at := s.markedAt(text, start, end)
	var found []candidate
	switch {
	case at != nil && at.sel != nil:
		found = c.selections(at)
	case selector:
		// Nothing is known of what stands before the dot.
	default:
		found = s.scopeNames(c, at)
	}
	out.Items = choose(found, prefix)
	return out
}

// markedAt makes sense of text[:start] followed by a name: it is replaced by one
// that cannot be missed, first in the whole text, and if that cannot be understood,
// in the text before it. After go and defer a call has to stand.
func (s *State) markedAt(text []byte, start, end int) (c *cell, at *mark) {
	const call = "()"
	before := slices.Concat(text[:start], []byte(placeholder))
	for i := range 5 {
		var try []byte
		switch i {
		case 0:
			try = matched(slices.Concat(before, text[end:]))
		case 1:
			try = closed(matched(before))
		case 2:
			try = matched(slices.Concat(before, []byte(call), text[end:]))
		case 3:
			try = closed(matched(append(slices.Clip(before), call...)))
		case 4:
			try = append(closed(matched(before)), call...)
		}
		look := s.lookAt(try)
		if look == nil {
			continue
		}
		if m := look.findMark(); m != nil {
			if at == nil {
				c, at = look, m
			}
			if m.sel == nil || look.known(m.sel.X) {
				return look, m
			}
		}
	}
	return c, at
}

// known tells whether it is clear what an expression before a dot is.
func (c *cell) known(x ast.Expr) bool {
	if id, ok := x.(*ast.Ident); ok {
		if _, ok := c.info.Uses[id].(*types.PkgName); ok {
			return true
		}
	}
	t := c.info.TypeOf(x)
	return t != nil && t != types.Typ[types.Invalid]
}

// selections returns what may stand after a dot.
func (c *cell) selections(at *mark) []candidate {
	var found []candidate
	sel := at.sel
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := c.info.Uses[id].(*types.PkgName); ok {
			scope, typesOnly := p.Imported().Scope(), at.isType(c)
			for _, name := range scope.Names() {
				obj := scope.Lookup(name)
				if _, isType := obj.(*types.TypeName); obj.Exported() && (isType || !typesOnly) {
					found = append(found, describe(obj, 0))
				}
			}
			return fitting(found, at.expected(c))
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
		_, index, _ := types.LookupFieldOrMethod(tv.Type, true, m.Pkg(), m.Name())
		found = append(found, describe(m, max(0, len(index)-1)))
	}
	return fitting(found, at.expected(c))
}

// fitting notes which candidates are of type want; nil for any.
func fitting(found []candidate, want types.Type) []candidate {
	for i := range found {
		found[i].wish = wishNot
		if want != nil && found[i].obj != nil {
			found[i].wish = wishOf(found[i].obj, want)
		}
	}
	return found
}

// wishOf tells how well obj is of type want.
func wishOf(obj types.Object, want types.Type) int {
	t := obj.Type()
	if t == nil || t == types.Typ[types.Invalid] {
		return wishNot
	}
	switch obj.(type) {
	case *types.Var, *types.Const, *types.Func:
	case *types.TypeName:
		// One whose literal can stand there.
		st, ok := t.Underlying().(*types.Struct)
		composite := ok && (st.NumFields() == 0 || hasOpenField(st))
		if composite && types.AssignableTo(t, want) || composite && types.AssignableTo(types.NewPointer(t), want) {
			return wishLiteral
		}
		return wishNot
	default:
		return wishNot
	}
	if types.Identical(t, want) {
		return wishExact
	}
	if types.AssignableTo(t, want) {
		return wishFits
	}
	if sig, ok := t.(*types.Signature); ok && sig.Results().Len() == 1 && sig.TypeParams().Len() == 0 && types.AssignableTo(sig.Results().At(0).Type(), want) {
		return wishCalled
	}
	return wishNot
}

// hasOpenField tells whether a cell can set a field of st.
func hasOpenField(st *types.Struct) bool {
	for f := range st.Fields() {
		if f.Exported() || isCell(f) {
			return true
		}
	}
	return false
}

// scopeNames returns the names that can be used at a place of the cell. Without
// a cell or a place, it returns what any cell can use.
func (s *State) scopeNames(c *cell, at *mark) []candidate {
	var found, fields []candidate
	typesOnly, statement, inConst := false, true, false
	var want types.Type
	var own []string // what the statement declares, which does not exist yet
	if c != nil && at != nil {
		if labels, ok := at.labels(c); ok {
			for i, name := range labels {
				found = append(found, candidate{Item: Item{Text: name, Kind: "label"}, rank: i})
			}
			return found
		}
		typesOnly, statement, inConst = at.isType(c), at.begins(c), at.inConst()
		want = at.expected(c)
		if at.lit != nil {
			var alone bool
			if fields, alone = c.missingFields(at); alone {
				return fields
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
		own = at.declared()
	}
	if c != nil {
		for name := range c.declared {
			if obj := c.pkg.Scope().Lookup(name); obj != nil && name != placeholder && !slices.Contains(own, name) {
				found = append(found, describe(obj, 10))
			}
		}
		for name, pkg := range c.imports {
			found = append(found, module(name, pkg.Path(), 12))
		}
		for _, pkg := range c.dots {
			for _, name := range pkg.Scope().Names() {
				if ast.IsExported(name) {
					found = append(found, describe(pkg.Scope().Lookup(name), 12))
				}
			}
		}
	}
	for name, b := range s.live {
		if c == nil || !c.declared[name] || slices.Contains(own, name) {
			found = append(found, describe(b.obj, 11))
		}
	}
	for _, name := range types.Universe.Names() {
		if name == "iota" && !inConst {
			continue
		}
		found = append(found, describe(types.Universe.Lookup(name), 20))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		if t.IsKeyword() && (statement || inExpressions[t]) {
			found = append(found, candidate{Item: Item{Text: t.String(), Kind: "keyword"}, rank: 21})
		}
	}
	for name, p := range s.packageNames() {
		found = append(found, module(name, p, 30))
	}
	found = append(fitting(found, want), fields...)
	if typesOnly {
		found = slices.DeleteFunc(found, func(d candidate) bool { return d.Kind != "class" && d.Kind != "module" && d.Kind != "keyword" })
	}
	if want != nil {
		found = append(found, s.ofItsPackage(c, want)...)
	}
	return found
}

// inExpressions are the keywords that expressions and types begin with.
var inExpressions = map[token.Token]bool{
	token.FUNC: true, token.STRUCT: true, token.MAP: true, token.CHAN: true, token.INTERFACE: true, token.RANGE: true,
}

// declared returns the names that the statement declares in which the name stands,
// unless that is inside of a function literal, which may use them.
func (m *mark) declared() (names []string) {
	if m.at == nil {
		return nil
	}
	for _, n := range m.path {
		if _, ok := n.(*ast.FuncLit); ok {
			return nil
		}
	}
	for _, id := range m.at.names {
		names = append(names, id.Name)
	}
	return names
}

// missingFields returns the fields that a struct literal does not set yet, if the
// name may be that of one; alone tells that it can be nothing else.
func (c *cell) missingFields(at *mark) (fields []candidate, alone bool) {
	t := c.info.TypeOf(at.lit)
	if p, ok := under[*types.Pointer](t); ok {
		t = p.Elem()
	}
	st, ok := under[*types.Struct](t)
	if !ok {
		return nil, false
	}
	set := make(map[string]bool)
	for _, e := range at.lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); !ok {
			if e != at.id {
				return nil, false // one by one
			}
		} else if key, ok := kv.Key.(*ast.Ident); ok && key != at.id {
			set[key.Name] = true
		}
	}
	for f := range st.Fields() {
		if (f.Exported() || isCell(f)) && !set[f.Name()] {
			d := describe(f, 0)
			d.Text += ": "
			d.wish = wishExact
			fields = append(fields, d)
		}
	}
	return fields, len(set) > 0
}

// ofItsPackage returns what the package of a type has of that type, with the
// package's name, if it can be named: nn.ReLU where an option of a layer may stand.
func (s *State) ofItsPackage(c *cell, want types.Type) (found []candidate) {
	t := want
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	obj := types.Object(nil)
	switch t := t.(type) {
	case *types.Alias:
		obj = t.Obj() // nn.Optimizer, which is optim.Optimizer
	case *types.Named:
		obj = t.Obj()
	}
	if obj == nil || obj.Pkg() == nil || isCell(obj) {
		return nil
	}
	pkg := obj.Pkg()
	name := s.nameOf(c, pkg)
	if name == "" {
		return nil
	}
	for _, n := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(n)
		if !obj.Exported() || wishOf(obj, want) == wishNot {
			continue
		}
		d := describe(obj, 13)
		d.Text, d.wish = name+"."+n, wishFits
		switch obj := obj.(type) {
		case *types.Func:
			d.rank = 14
		case *types.TypeName:
			if !types.AssignableTo(obj.Type(), want) {
				d.Text = "&" + d.Text
			}
		}
		found = append(found, d)
	}
	return found
}

// nameOf returns the name that stands for a package in a cell; "" if there is none.
func (s *State) nameOf(c *cell, pkg *types.Package) string {
	for name, p := range c.imports {
		if p == pkg {
			return name
		}
	}
	for name, p := range c.auto {
		if p == pkg {
			return name
		}
	}
	name := pkg.Name()
	if c.declared[name] || c.imports[name] != nil {
		return ""
	}
	if b := s.live[name]; b != nil {
		if p, ok := b.obj.(*types.PkgName); !ok || p.Imported() != pkg {
			return ""
		}
		return name
	}
	if s.cfg.ByName != nil {
		if paths := s.cfg.ByName(name); len(paths) > 0 && paths[0] == pkg.Path() {
			return name
		}
	}
	return ""
}

// module returns the candidate for a package.
func module(name, path string, rank int) candidate {
	return candidate{Item: Item{name, "module", path}, rank: rank}
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
	if len(p.chunks) == 0 || p.chunks[len(p.chunks)-1].kind != chunkImport {
		out.InString = true
		return out
	}
	if !ok || im.Paths == nil {
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
	c := candidate{Item: Item{Text: obj.Name()}, obj: obj, rank: rank, wish: wishNot}
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

// choose returns the candidates that fit prefix, best first: those that begin with
// it, then those that do but for case, then those that contain it, or, if there are
// none of all these, those that have its letters in order. What is of the expected
// type comes before what is nearer.
func choose(found []candidate, prefix string) []Item {
	type scored struct {
		candidate
		fit int
	}
	lower := strings.ToLower(prefix)
	order := func(a, b *scored) int {
		return cmp.Or(a.fit-b.fit, min(a.wish, wishCalled)-min(b.wish, wishCalled), a.rank-b.rank, a.wish-b.wish)
	}
	best := make(map[string]scored)
	for _, c := range found {
		if hidden(c.Text) || c.Text == "_" || c.Text == placeholder {
			continue
		}
		word := c.Text[strings.LastIndexByte(c.Text, '.')+1:]
		fit := 0
		switch l := strings.ToLower(c.Text); {
		case strings.HasPrefix(c.Text, prefix), strings.HasPrefix(word, prefix):
		case strings.HasPrefix(l, lower), strings.HasPrefix(strings.ToLower(word), lower):
			fit = 1
		case len(prefix) >= 3 && strings.Contains(l, lower):
			fit = 2
		case len(prefix) >= 2 && lettersOf(l, lower):
			fit = 3
		default:
			continue
		}
		now := scored{c, fit}
		if was, ok := best[c.Text]; !ok || order(&now, &was) < 0 {
			best[c.Text] = now
		}
	}
	list := make([]scored, 0, len(best))
	far := true
	for _, c := range best {
		list = append(list, c)
		far = far && c.fit == 3
	}
	if !far {
		list = slices.DeleteFunc(list, func(c scored) bool { return c.fit == 3 })
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(order(&a, &b), strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
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

// lettersOf tells whether word has the letters in order, beginning with the first.
func lettersOf(word, letters string) bool {
	if word[0] != letters[0] {
		return false
	}
	for i := range len(letters) {
		k := strings.IndexByte(word, letters[i])
		if k < 0 {
			return false
		}
		word = word[k+1:]
	}
	return true
}
