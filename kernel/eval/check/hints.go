package check

// This file finds what a reader can do about an error.

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// commandPlace is said of a command that stands where none can.
const commandPlace = "commands such as %time and !ls stand at the beginning of a line, outside of blocks; %help lists them"

// syntaxHint adds a hint to a syntax error. s.mu is held.
func (s *State) syntaxHint(src *source, e *Error) {
	if e.Hint != "" {
		return
	}
	line, _ := lineOf(src.text, e.Line)
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(trimmed, "%") || strings.HasPrefix(trimmed, "!"):
		e.Hint = commandPlace
	case strings.HasPrefix(trimmed, "#"):
		e.Hint = "comments begin with //"
	case strings.Contains(e.Msg, "unexpected newline") || strings.Contains(e.Msg, "found newline"):
		e.Hint = "a { or a comma belongs on the same line as what it follows"
	case strings.Contains(e.Msg, "found 'func'") || strings.Contains(e.Msg, "expected '(', found"):
		if strings.Contains(line, "func ") {
			e.Hint = "inside of a block a function is written name := func(…) { … }"
		}
	case strings.HasPrefix(trimmed, "while "):
		e.Hint = "Go's while is for: for condition { … }"
	case forIn().MatchString(trimmed):
		e.Hint = "Go counts with for i := range 10, and goes over values with for i, v := range values"
	case oneLineStruct().MatchString(line) && strings.Contains(e.Msg, "expected ';'"):
		e.Hint = "fields stand on lines of their own, or with ; between them"
	case strings.Contains(e.Msg, "expected ';'"):
		if m := firstWord().FindStringSubmatch(trimmed); m != nil && foreign[m[1]] != "" {
			e.Hint = foreign[m[1]]
		} else if m := bareCall().FindStringSubmatch(trimmed); m != nil && s.callable(m[1]) {
			e.Hint = "arguments stand in parentheses: " + m[1] + "(…)"
		}
	case strings.Contains(e.Msg, "found assignment"):
		e.Hint = "== compares, = assigns"
	case strings.Contains(e.Msg, "rune literal"):
		e.Hint = "strings are written with \" or `; ' is for one character"
	}
}

// Patterns of what is written in other languages.
var (
	forIn         = pattern(`^for \(?[\pL_][\pL\p{Nd}_, ]* in\b`)
	oneLineStruct = pattern(`\bstruct *\{[^;]*$`)
	firstWord     = pattern(`^([\pL_][\pL\p{Nd}_]*)\b`)
	bareCall      = pattern("^([\\pL_][\\pL\\p{Nd}_.]*) +([\"`\\p{Nd}]|[\\pL_][\\pL\\p{Nd}_.]*$)")
)

// callable tells whether a name, perhaps one after the name of a package, is a
// function that cells know.
func (s *State) callable(name string) bool {
	pkg, member, selected := strings.Cut(name, ".")
	if selected {
		if p := s.packageOf(pkg); p != nil {
			_, ok := p.Scope().Lookup(member).(*types.Func)
			return ok
		}
		return false
	}
	if b := s.live[name]; b != nil {
		_, ok := b.obj.Type().Underlying().(*types.Signature)
		return ok
	}
	_, ok := types.Universe.Lookup(name).(*types.Builtin)
	return ok
}

// packageOf returns the package that a name stands for in a cell that declares
// nothing, or nil.
func (s *State) packageOf(name string) *types.Package {
	if b := s.live[name]; b != nil {
		if p, ok := b.obj.(*types.PkgName); ok {
			return p.Imported()
		}
		return nil
	}
	if s.cfg.ByName != nil {
		if paths := s.cfg.ByName(name); len(paths) > 0 {
			if pkg, err := s.cfg.Import.Import(paths[0]); err == nil {
				return pkg
			}
		}
	}
	return nil
}

// Patterns of go/types' messages.
var (
	undefinedName   = pattern(`^undefined: ([\pL_][\pL\p{Nd}_]*)$`)
	undefinedMember = pattern(`^undefined: ([\pL_][\pL\p{Nd}_]*)\.([\pL_][\pL\p{Nd}_]*)$`)
	noMember        = pattern(`\.([\pL_][\pL\p{Nd}_]*) undefined \(type .* has no field or method ([\pL_][\pL\p{Nd}_]*)\)$`)
	sameNames       = pattern(`\(?(?:variable|value|constant|parameter)[^()]* of (?:[a-z]+ )?type \*?([\pL_][\pL\p{Nd}_]*)\) as \*?([\pL_][\pL\p{Nd}_]*) value`)
)

// hint adds to a type error what can be done about it, if that is known.
func (c *cell) hint(e *Error) {
	msg := e.Msg
	switch {
	case strings.HasPrefix(msg, "undefined: "):
		if m := undefinedMember().FindStringSubmatch(msg); m != nil {
			e.Hint = didYouMean(m[1]+".", closest(m[2], c.members(m[1])))
			return
		}
		if m := undefinedName().FindStringSubmatch(msg); m != nil {
			c.undefinedHint(e, m[1])
		}
	case noMember().MatchString(msg):
		m := noMember().FindStringSubmatch(msg)
		e.Hint = didYouMean("", closest(m[2], c.selectable(e)))
		if word := foreignMembers[strings.ToLower(m[2])]; e.Hint == "" && word != "" {
			e.Hint = word
		}
		c.shadowHint(e, m[2])
	case strings.Contains(msg, "(no value) used as value"):
		e.Hint = "the function returns nothing"
	case msg == "missing return":
		e.Hint = "every way through the function has to end with return"
	case strings.HasSuffix(msg, "is not an expression"):
		e.Hint = "a type has no value; T{} or T(x) make one"
	case strings.HasPrefix(msg, "use of package ") && strings.HasSuffix(msg, "without selector"):
		e.Hint = "write a name of the package after a dot"
	case strings.Contains(msg, "overflows") || strings.Contains(msg, "truncated"):
		if strings.Contains(msg, "(untyped int constant") && strings.Contains(msg, "as int value") {
			e.Hint = "the number does not fit an int; float64(…) or a big.Int holds it"
		}
	case strings.Contains(msg, "mismatched types") && strings.Contains(msg, "untyped nil"):
		e.Hint = "only pointers, slices, maps, channels, functions and interfaces can be nil"
	case strings.Contains(msg, "mismatched types"):
		e.Hint = "Go does not convert by itself: write T(x), such as float64(n)"
	case strings.HasPrefix(msg, "assignment mismatch"):
		e.Hint = "the number of names and values differs; _ takes what is not wanted"
	case msg == "too many return values":
		e.Hint = "the function declares fewer results: they stand after its parameters"
		if !c.insideFunc(e) {
			e.Hint = "there is nothing to return to at the top of a cell; its last expression is shown"
		}
	case strings.Contains(msg, "non-boolean condition"):
		e.Hint = "a condition has to be true or false, such as x != 0 or p != nil"
	}
	if m := sameNames().FindStringSubmatch(msg); m != nil && m[1] == m[2] {
		e.Hint = fmt.Sprintf("type %s was declared again since: the value still has the earlier type %s; make it anew", m[1], m[1])
	}
}

// undefinedHint explains an unknown name.
func (c *cell) undefinedHint(e *Error, name string) {
	if word, ok := foreign[name]; ok {
		e.Hint = word
		return
	}
	if line, _ := lineOf(c.src.text, e.Line); strings.HasPrefix(strings.TrimSpace(line), "!"+name) {
		e.Hint = commandPlace
		return
	}
	if c.selected(e) {
		if near := closest(name, c.selectables()); len(near) > 0 {
			e.Hint = didYouMean("", near)
			return
		}
	} else {
		if pkg := c.packageWith(name); pkg != "" {
			e.Hint = fmt.Sprintf("did you mean %s.%s?", pkg, name)
			return
		}
		if near := closest(name, c.names()); len(near) > 0 {
			e.Hint = didYouMean("", near)
			return
		}
	}
	if c.s.cfg.ByName != nil {
		if paths := c.s.cfg.ByName(name); len(paths) > 0 {
			e.Hint = fmt.Sprintf("import %q has that name; write one of its members after a dot", paths[0])
			return
		}
	}
	e.Hint = fmt.Sprintf("%s is declared by no cell that has run; %s := … declares it", name, name)
}

// selected tells whether the name where e is stands before a dot.
func (c *cell) selected(e *Error) (yes bool) {
	c.walk(func(n ast.Node) {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			p := c.fset.Position(sel.X.Pos())
			_, name := sel.X.(*ast.Ident)
			yes = yes || name && p.Line == e.Line && p.Column == e.Column
		}
	})
	return yes
}

// selectables returns the names that could stand before a dot: packages, and
// what is no function, constant or predeclared name.
func (c *cell) selectables() []string {
	var out []string
	for name := range c.s.packageNames() {
		out = append(out, name)
	}
	for _, name := range c.names() {
		obj := c.pkg.Scope().Lookup(name)
		if b := c.s.live[name]; obj == nil && b != nil {
			obj = b.obj
		}
		switch obj.(type) {
		case *types.Func, *types.Const:
		case nil:
			if c.imports[name] != nil || types.Universe.Lookup(name) == nil {
				out = append(out, name)
			}
		default:
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wellKnown are the packages whose members are most often written without them.
var wellKnown = []string{"fmt", "math", "strings", "sort", "strconv", "errors", "time", "os"}

// packageWith returns the name of a package that exports a name: one that a
// cell has imported, or a well-known one. It is empty if there is none.
func (c *cell) packageWith(name string) string {
	if !ast.IsExported(name) {
		return ""
	}
	var known []string
	for n := range c.imports {
		known = append(known, n)
	}
	for n, b := range c.s.live {
		if _, ok := b.obj.(*types.PkgName); ok {
			known = append(known, n)
		}
	}
	slices.Sort(known)
	for _, n := range append(known, wellKnown...) {
		pkg := c.imports[n]
		if pkg == nil {
			pkg = c.s.packageOf(n)
		}
		if pkg != nil && pkg.Scope().Lookup(name) != nil {
			return n
		}
	}
	return ""
}

// foreign are names of other languages.
var foreign = map[string]string{
	"None": "Go's word is nil", "null": "Go's word is nil", "NULL": "Go's word is nil", "True": "Go's word is true", "False": "Go's word is false",
	"print_": "fmt.Println prints", "str": "Go's type is string; fmt.Sprint makes a string of any value", "float": "Go's types are float64 and float32",
	"double": "Go's type is float64", "def": "functions are written func name(parameters) result { … }", "elif": "Go writes else if",
	"self": "the receiver has the name that the method gives it: func (s T) …", "this": "the receiver has the name that the method gives it: func (s T) …",
	"range_": "for i := range n counts", "char": "Go's types are byte and rune", "let": "Go writes x := value", "while": "Go's while is for: for condition { … }",
}

// foreignMembers are fields and methods of other languages.
var foreignMembers = map[string]string{
	"append": "slices grow with append: s = append(s, v)", "push": "slices grow with append: s = append(s, v)",
	"length": "len(v) is the length", "len": "len(v) is the length", "size": "len(v) is the length",
	"upper": "strings.ToUpper does that", "lower": "strings.ToLower does that", "strip": "strings.TrimSpace does that",
	"split": "strings.Split and strings.Fields do that", "join": "strings.Join does that", "replace": "strings.ReplaceAll does that",
	"contains": "slices.Contains and strings.Contains do that", "sort": "slices.Sort does that",
	"keys": "for k := range m goes over the keys; maps.Keys gives them", "values": "for _, v := range m goes over the values; maps.Values gives them",
	"items": "for k, v := range m goes over a map",
}

// shadowHint explains a member that is missing because a variable has the name
// of the package that has it.
func (c *cell) shadowHint(e *Error, member string) {
	c.walk(func(n ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		id, ok := sel.X.(*ast.Ident)
		if p := c.fset.Position(sel.Sel.Pos()); !ok || c.s.cfg.ByName == nil || p.Line != e.Line || p.Column != e.Column {
			return
		}
		for _, path := range c.s.cfg.ByName(id.Name) {
			pkg, err := c.s.cfg.Import.Import(path)
			if err != nil || !ast.IsExported(member) || pkg.Scope().Lookup(member) == nil {
				continue
			}
			by := "this cell"
			if b := c.s.live[id.Name]; b != nil && !c.declared[id.Name] {
				by = b.cell
			}
			e.Hint = fmt.Sprintf("%s declared a %s of its own; import %q makes it the package again", by, id.Name, path)
			return
		}
	})
}

// insideFunc tells whether e is inside of a function that the cell declares.
func (c *cell) insideFunc(e *Error) (inside bool) {
	at := func(p token.Pos) int {
		q := c.fset.Position(p)
		return q.Line<<16 + q.Column
	}
	pos := e.Line<<16 + e.Column
	c.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			inside = inside || n.Body != nil && n != c.src.init && n.Name.Name != "init" && at(n.Body.Pos()) <= pos && pos <= at(n.Body.End())
		case *ast.FuncLit:
			inside = inside || at(n.Body.Pos()) <= pos && pos <= at(n.Body.End())
		}
	})
	return inside
}

// names returns all names that could have been meant.
func (c *cell) names() []string {
	var out []string
	for name := range c.s.live {
		out = append(out, name)
	}
	for name := range c.declared {
		out = append(out, name)
	}
	for name := range c.imports {
		out = append(out, name)
	}
	out = append(out, types.Universe.Names()...)
	for _, obj := range c.info.Defs {
		if obj != nil && obj.Name() != "_" {
			out = append(out, obj.Name())
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, hidden)
}

// members returns the exported names of the package that a name stands for.
func (c *cell) members(name string) []string {
	pkg := c.imports[name]
	if pkg == nil {
		pkg = c.auto[name]
	}
	if pkg == nil {
		if b := c.s.live[name]; b != nil {
			if p, ok := b.obj.(*types.PkgName); ok {
				pkg = p.Imported()
			}
		}
	}
	if pkg == nil {
		return nil
	}
	return slices.DeleteFunc(pkg.Scope().Names(), func(n string) bool { return !ast.IsExported(n) })
}

// selectable returns the fields and methods of the operand whose selector is
// where e is.
func (c *cell) selectable(e *Error) []string {
	var out []string
	c.walk(func(n ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if p := c.fset.Position(sel.Sel.Pos()); p.Line != e.Line || p.Column != e.Column {
			return
		}
		if t := c.info.TypeOf(sel.X); t != nil {
			for _, m := range membersOf(t) {
				out = append(out, m.Name())
			}
		}
	})
	return out
}

// closest returns the candidates that a reader who wrote name may have meant.
func closest(name string, candidates []string) []string {
	type match struct {
		name string
		cost int
	}
	limit := max(1, len(name)/3)
	var found []match
	for _, c := range candidates {
		a, b := strings.ToLower(name), strings.ToLower(c)
		if c == name || len(c) == 1 && len(name) == 1 && a != b {
			continue
		}
		cost := distance(a, b)
		if cost == 2 && swapped(a, b) {
			cost = 1
		}
		if cost <= limit && cost < len(name) {
			found = append(found, match{c, cost})
		}
	}
	if len(found) == 0 {
		// ToUpperCase for ToUpper, Print for Println
		for _, c := range candidates {
			if short := min(len(c), len(name)); short >= 3 && strings.EqualFold(c[:short], name[:short]) {
				found = append(found, match{c, max(len(c), len(name)) - short})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return a.cost - b.cost })
	var out []string
	for i, m := range found {
		if i == 3 || m.cost > found[0].cost {
			break
		}
		out = append(out, m.name)
	}
	return out
}

// swapped tells whether a and b differ by two adjacent bytes that changed places.
func swapped(a, b string) bool {
	for i := 0; i+1 < len(a) && len(a) == len(b); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// didYouMean words a suggestion.
func didYouMean(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "did you mean " + prefix + strings.Join(names, " or "+prefix) + "?"
}

// membersOf returns the fields and methods that can be selected from a value
// of type t that can be addressed, the nearest first.
func membersOf(t types.Type) []types.Object {
	seen := make(map[string]bool)
	var out []types.Object
	visited := make(map[types.Type]bool)
	level := []types.Type{t}
	for depth := 0; len(level) > 0 && depth < 8; depth++ {
		var next []types.Type
		for _, t := range level {
			if p, ok := types.Unalias(t).(*types.Pointer); ok {
				t = p.Elem()
			}
			t = types.Unalias(t)
			if visited[t] {
				continue
			}
			visited[t] = true
			add := func(obj types.Object) {
				if !seen[obj.Name()] && (obj.Exported() || isCell(obj)) {
					seen[obj.Name()] = true
					out = append(out, obj)
				}
			}
			if named, ok := t.(*types.Named); ok {
				for m := range named.Methods() {
					add(m)
				}
			}
			switch u := t.Underlying().(type) {
			case *types.Struct:
				for f := range u.Fields() {
					add(f)
					if f.Embedded() {
						next = append(next, f.Type())
					}
				}
			case *types.Interface:
				for m := range u.Methods() {
					add(m)
				}
			}
		}
		level = next
	}
	return out
}
