package check

// This file type-checks a cell: it tries, repairs what ordinary Go would
// refuse but a notebook needs, and tries again.

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// maxAttempts is how often a cell is checked again after repairs.
const maxAttempts = 12

// oldSuffix marks identifiers that stand for an object of an earlier cell
// although this cell declares the name.
const oldSuffix = "·old"

// cell is a cell on its way through the checker.
type cell struct {
	s    *State
	src  *source
	fset *token.FileSet

	layout *layout
	decls  []ast.Decl
	funcs  []ast.Decl // functions among decls, and late methods
	late   []*lateMethod
	kept   map[string]bool // types of earlier cells that are declared again as they are

	declared map[string]bool           // names that the cell declares at top level
	imports  map[string]*types.Package // names that its imports declare
	dots     []*types.Package          // packages imported with a dot
	auto     map[string]*types.Package // packages that imported themselves
	old      map[*ast.Ident]string     // identifiers renamed to name·old
	warnings []remark
	key      string        // Text.Key, or the cell's name
	scopes   bool          // the scopes of functions are wanted
	wrapped  *ast.CallExpr // show·(last), if it was wrapped before checking
	flowing  map[string]effects
	unused   []remark // warnings about expressions that stand alone
	discards bool     // there are some

	attempt
}

// Text is the text of a cell.
type Text struct {
	Name  string // what readers call the cell: "cell 3"
	Key   string // what stays the same when the cell runs again; "" for the name
	Go    string // its Go, with blanks for what is not Go
	Shown string // the text as the reader wrote it, of the same length; "" if it is Go
	Calls []Call // what else it does
}

// Call asks for calls of hidden functions, between or around statements, with
// the index of this Call in Text.Calls; see HooksPath.
type Call struct {
	Kind   CallKind
	Offset int // in Text.Go; for Around and Repeat, where a statement begins
}

// CallKind says what a Call asks for.
type CallKind uint8

// The kinds of calls.
const (
	Before    CallKind = iota // a call before the first statement at or after Offset
	Around                    // a call before the statement at Offset, and one after it
	Repeat                    // the statement at Offset is repeated
	RepeatAll                 // all statements are repeated together
	Nothing                   // none
)

// Check is CheckText of a cell that is all Go.
func (s *State) Check(name, code string) (*Lowered, []*Error) {
	return s.CheckText(Text{Name: name, Go: code})
}

// CheckText type-checks a cell and lowers it. Either the result or the errors, at
// most ten in the order of the text, are nil. What lives does not change; see
// Commit.
func (s *State) CheckText(t Text) (low *Lowered, errs []*Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, text := t.Name, []byte(Clean(t.Go))
	shown := text
	if t.Shown != "" {
		shown = []byte(Clean(t.Shown))
	}
	defer func() {
		if r := recover(); r != nil {
			low, errs = nil, []*Error{{
				Name: name, Line: 1, Column: 1, Kind: InternalError, Msg: fmt.Sprintf("cajal could not check this cell: %v", r),
				Hint: "this is a fault of cajal; a smaller cell may work. " + faultAt(debug.Stack()),
			}}
		}
		if errs != nil {
			errs = finish(errs, func(n string) []byte {
				if n == name {
					return shown
				}
				return s.text(n)
			})
		}
	}()
	src, errs := parse(s.cfg.Fset, name, text, t.Calls)
	if len(errs) > 0 {
		for _, e := range errs {
			s.syntaxHint(src, e)
		}
		src.drop(s.cfg.Fset)
		return nil, errs
	}
	c := s.newCell(src, s.cfg.Fset, true)
	errs = c.check()
	if len(errs) > 0 && len(c.kept) > 0 {
		// Something is wrong, and perhaps only because a type stayed the same.
		if again, wrong := parse(s.cfg.Fset, name, text, t.Calls); len(wrong) == 0 {
			src.drop(s.cfg.Fset)
			src, c = again, s.newCell(again, s.cfg.Fset, false)
			errs = c.check()
		}
	}
	if len(errs) > 0 {
		src.drop(s.cfg.Fset)
		return nil, errs
	}
	s.texts[name] = shown
	c.key = cmp.Or(t.Key, t.Name)
	return c.lower(), nil
}

// faultAt returns where a panic arose.
func faultAt(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "panic(") && i+3 < len(lines) {
			return strings.TrimSpace(lines[i+2]) + " " + strings.TrimSpace(lines[i+3])
		}
	}
	return ""
}

// newCell prepares a parsed cell for checking; keep tells whether types that
// the cell declares as they are stay the same types.
func (s *State) newCell(src *source, fset *token.FileSet, keep bool) *cell {
	c := &cell{
		s: s, src: src, fset: fset,
		declared: make(map[string]bool),
		imports:  make(map[string]*types.Package),
		auto:     make(map[string]*types.Package),
		old:      make(map[*ast.Ident]string),
	}
	var list []ast.Stmt
	if src.init != nil {
		list = s.repeated(src)
		switch {
		case src.last == nil || isCall(src.last):
			// A call may have no value, so that it is looked at after checking.
		case src.silent:
			list = slices.Clone(list)
			list[len(list)-1] = &ast.AssignStmt{
				Lhs: []ast.Expr{&ast.Ident{NamePos: src.last.Pos(), Name: "_"}}, TokPos: src.last.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{src.last},
			}
		default:
			c.wrapped = &ast.CallExpr{
				Fun:    &ast.Ident{NamePos: src.last.Pos(), Name: HookShow},
				Lparen: src.last.Pos(), Args: []ast.Expr{src.last}, Rparen: src.last.End(),
			}
			list = slices.Clone(list)
			list[len(list)-1] = &ast.ExprStmt{X: c.wrapped}
		}
	}
	c.layout = arrange(list)
	for name := range c.layout.declares {
		c.declared[name] = true
	}
	for _, d := range src.decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				c.declared[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					c.declared[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						c.declared[id.Name] = true
					}
				}
			}
		}
	}
	if keep {
		c.keepTypes()
	}
	for _, d := range src.decls {
		if d = c.withoutKept(d); d == nil {
			continue
		}
		if fn, ok := d.(*ast.FuncDecl); ok {
			if m := c.lateMethod(fn); m != nil {
				c.late = append(c.late, m)
				d = m.plain
			}
			c.funcs = append(c.funcs, d)
		}
		c.decls = append(c.decls, d)
	}
	return c
}

// isCall tells whether e is a call, in parentheses or not.
func isCall(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok
}

// check runs the type checker until nothing is left to repair.
func (c *cell) check() []*Error {
	if errs := append(c.doImports(), bodyless(c.fset, c.src.decls)...); len(errs) > 0 {
		return errs
	}
	for range maxAttempts {
		c.try()
		early := c.earlyUses()
		if c.renameOld(early) || c.autoImport() || c.keyLiterals() || c.discard() {
			continue
		}
		errs := c.errors(early)
		if again, late := c.addLate(errs); again {
			continue
		} else if late != nil {
			return late
		}
		if len(errs) == 0 {
			errs = c.orphanUses()
		}
		return errs
	}
	return c.errors(nil)
}

// doImports imports what the cell's import declarations name.
func (c *cell) doImports() []*Error {
	var errs []*Error
	for _, spec := range c.src.imports {
		fail := func(msg, hint string) {
			e := place(c.fset, spec.Path.Pos(), TypeError, msg)
			e.Hint = hint
			errs = append(errs, e)
		}
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			fail("invalid import path "+spec.Path.Value, "")
			continue
		}
		if path == "C" {
			fail(`import "C": cgo needs a C compiler, which cajal does not use`, "")
			continue
		}
		pkg, err := c.s.cfg.Import.Import(path)
		if err != nil {
			hint := ""
			if e, ok := err.(interface{ Hint() string }); ok {
				hint = e.Hint()
			}
			fail(err.Error(), hint)
			continue
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			c.dots = append(c.dots, pkg)
		default:
			if c.declared[name] {
				fail(fmt.Sprintf("%s is declared both by an import and by this cell", name), "give the package another name: import other "+spec.Path.Value)
				continue
			}
			if other := c.imports[name]; other != nil && other != pkg {
				fail(fmt.Sprintf("%s redeclared: it is already package %q", name, other.Path()), "give one of them another name: import other "+spec.Path.Value)
				continue
			}
			c.imports[name] = pkg
		}
	}
	return errs
}

// errors returns what is wrong with the cell after the last attempt.
func (c *cell) errors(early []use) []*Error {
	var errs []*Error
	undefined := make(map[string]bool)
	for _, u := range early {
		if c.old[u.id] != "" {
			continue
		}
		undefined[u.v.Name()] = true
		e := place(c.fset, u.id.Pos(), TypeError, "undefined: "+u.v.Name())
		if line := c.fset.Position(u.v.Pos()).Line; line == e.Line {
			e.Hint = fmt.Sprintf("%s exists only after this statement", u.v.Name())
		} else {
			e.Hint = fmt.Sprintf("%s is declared later, at line %d; statements run from top to bottom", u.v.Name(), line)
		}
		errs = append(errs, e)
	}
	var hard, cycles []types.Error
	c.warnings = slices.Clone(c.unused)
	for _, e := range c.errs {
		switch {
		case e.Soft && (strings.HasPrefix(e.Msg, "declared and not used: ") || strings.HasSuffix(e.Msg, "declared and not used")):
			c.warnings = append(c.warnings, c.remark(e.Pos, "warning", e.Msg+c.hides(e.Pos)))
		case strings.HasPrefix(e.Msg, "initialization cycle"), strings.HasPrefix(e.Msg, "invalid cycle in declaration"):
			cycles = append(cycles, e)
		case strings.HasPrefix(e.Msg, "\t") && len(cycles) > 0 && strings.Contains(e.Msg, " refers to "):
			cycles = append(cycles, e)
		case c.src.last != nil && c.wrapped == nil && strings.HasSuffix(e.Msg, "is not used") && c.isLast(e.Pos):
			// It is shown.
		default:
			hard = append(hard, e)
		}
	}
	errs = append(errs, typeErrors(c.fset, hard)...)
	if len(errs) == 0 && len(cycles) > 0 && c.invalid() {
		errs = typeErrors(c.fset, cycles)
	}
	for _, e := range errs {
		if e.Hint == "" {
			c.hint(e)
		}
	}
	return errs
}

// isLast tells whether pos is where the error "is not used" of the cell's last
// expression is reported.
func (c *cell) isLast(pos token.Pos) bool {
	return pos == c.src.last.Pos() || pos == ast.Unparen(c.src.last).Pos()
}

// invalid tells whether a variable of the cell has no type.
func (c *cell) invalid() bool {
	for name := range c.layout.declares {
		obj := c.pkg.Scope().Lookup(name)
		if obj == nil || obj.Type() == nil || obj.Type() == types.Typ[types.Invalid] {
			return true
		}
	}
	return false
}
