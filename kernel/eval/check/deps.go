package check

// This file knows which cell made a value and of what, so that a reader learns of
// values whose inputs come from a cell that has run again since.
//
// What a value was made of is read off the statements, top-level statement by
// statement, with what they change through methods and functions; see changes.go.
// What is changed through other pointers is not seen.

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// execution is a cell that ran.
type execution struct {
	key      string // what stays the same when the cell runs again
	name     string
	turn     int
	declares map[string]bool
	uses     map[string]string // names of other cells, and the cells that set them
}

// made is what is known of the value of a live name.
type made struct {
	by     *execution // the cell that set it last
	turn   int        // when its value or text changed last
	text   string     // of a function, a type or a constant
	inputs []input
}

// input is a name of which a value was made.
type input struct {
	name string
	by   *execution
	turn int
}

// history is what is known of the cells that ran.
type history struct {
	last    map[string]*execution // by key
	made    map[string]*made
	calls   map[string][]string // what the body of a function mentions, by name
	effects map[string]effects  // what it changes, by its funcKey
}

func newHistory() history {
	return history{make(map[string]*execution), make(map[string]*made), make(map[string][]string), make(map[string]effects)}
}

// flow is what a cell reads and sets.
type flow struct {
	reads   []string            // names of earlier cells
	sets    map[string][]string // names that it sets or changes, and names of earlier cells they are made of
	calls   map[string][]string // what the bodies of its functions mention
	effects map[string]effects  // and what they change
}

// flow follows the cell's statements. It adds nothing to s.
func (c *cell) flow() flow {
	c.findEffects()
	f := flow{sets: make(map[string][]string), calls: make(map[string][]string), effects: c.flowing}
	for _, d := range c.funcs {
		fn := d.(*ast.FuncDecl)
		name := fn.Name.Name
		if fn.Recv != nil {
			if base := baseName(fn.Recv.List[0].Type); base != nil {
				name = base.Name
			}
		}
		c.mentioned(fn, func(n string) { f.calls[name] = append(f.calls[name], n) }, nil)
	}
	calls := func(name string) []string {
		if list, ok := f.calls[name]; ok || c.declared[name] {
			return list
		}
		return c.s.past.calls[name]
	}
	var reads []string
	for _, st := range c.layout.steps {
		var names []string
		c.mentioned(st.stmt, func(n string) { names = append(names, n) }, func(lit *ast.FuncLit) {
			for _, id := range st.names {
				c.mentioned(lit.Body, func(n string) { f.calls[id.Name] = append(f.calls[id.Name], n) }, nil)
			}
		})
		// What a function mentions, its caller does.
		var from []string
		seen := make(map[string]bool)
		for len(names) > 0 {
			name := names[0]
			names = names[1:]
			if seen[name] {
				continue
			}
			seen[name] = true
			names = append(names, calls(name)...)
			if made, ok := f.sets[name]; ok {
				from = append(from, made...)
			} else if !c.declared[name] {
				from = append(from, name)
			}
		}
		slices.Sort(from)
		from = slices.Compact(from)
		reads = append(reads, from...)
		declares := make(map[string]bool)
		for _, id := range st.names {
			declares[id.Name] = true
			f.sets[id.Name] = from
		}
		for name := range c.assigned(st.stmt) {
			if !declares[name] {
				f.sets[name] = slices.Concat(f.sets[name], from)
			}
		}
	}
	slices.Sort(reads)
	f.reads = slices.Compact(reads)
	return f
}

// mentioned calls f for the names of cells that a node mentions, and lit, if it is
// not nil, for function literals instead of looking into them; but into those
// which a call is given or calls itself.
func (c *cell) mentioned(n ast.Node, f func(name string), lit func(*ast.FuncLit)) {
	inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if lit != nil {
				lit(n)
				return false
			}
		case *ast.Ident:
			obj := c.info.Uses[n]
			if obj != nil && isTopLevel(obj) && !hidden(obj.Name()) {
				f(obj.Name())
			}
		}
		return true
	})
}

// inspect is ast.Inspect, but of a function literal that a call is given, or
// calls itself, f sees the body alone.
func inspect(n ast.Node, f func(ast.Node) bool) {
	called := make(map[ast.Expr]bool)
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called[ast.Unparen(n.Fun)] = true
			for _, x := range n.Args {
				called[ast.Unparen(x)] = true
			}
		case *ast.FuncLit:
			if called[n] {
				return true
			}
		}
		return f(n)
	})
}

// assigned returns the package variables that a statement sets or changes, or
// parts of them.
func (c *cell) assigned(st ast.Stmt) map[string]bool {
	found := make(map[string]bool)
	add := func(v *types.Var) {
		if v != nil && isTopLevel(v) {
			found[v.Name()] = true
		}
	}
	c.targets(st, func(x ast.Expr) { add(c.root(x)) })
	c.changes(st, add, func(name string) { found[name] = true })
	return found
}

// outdated returns hints about the names of earlier cells that the cell reads.
func (c *cell) outdated(l *Lowered) []string {
	h := &c.s.past
	var hints []string
	for _, name := range l.flow.reads {
		m := h.made[name]
		if m == nil || m.by.key == l.key {
			continue
		}
		if now := h.last[m.by.key]; now != m.by && !now.declares[name] && m.by.declares[name] {
			hints = append(hints, fmt.Sprintf("hint: %s is left from %s, which has run again as %s and does not declare it any more", name, m.by.name, now.name))
			continue
		}
		if root, again := h.stale(name, make(map[string]bool)); root != nil {
			hints = append(hints, fmt.Sprintf("hint: %s of %s goes back to %s of %s, which has run again since%s; to renew it, run %s again",
				name, m.by.name, root.name, root.by.name, as(root.by, h.last[root.by.key]), strings.Join(again, ", then ")))
		}
	}
	if len(hints) > 3 {
		hints = append(hints[:3], fmt.Sprintf("hint: and %d other names; %%deps shows all", len(hints)-3))
	}
	return hints
}

// as tells what a cell is called since it ran again.
func as(was, now *execution) string {
	if was.name == now.name {
		return ""
	}
	return " as " + now.name
}

// stale returns an input of the value of name, or of one of its inputs, whose cell
// has run again since, and the cells that have to run again; nil if there is none.
func (h *history) stale(name string, visited map[string]bool) (root *input, again []string) {
	m := h.made[name]
	if m == nil || visited[name] {
		return nil, nil
	}
	visited[name] = true
	for i := range m.inputs {
		in := &m.inputs[i]
		now := h.made[in.name]
		if now == m {
			continue // it was changed where it is
		}
		if in.by.key != m.by.key && h.last[in.by.key] != in.by && (now == nil || now.turn > in.turn) {
			return in, []string{m.by.name}
		}
		if root, again := h.stale(in.name, visited); root != nil {
			if again[len(again)-1] != m.by.name {
				again = append(again, m.by.name)
			}
			return root, again
		}
	}
	return nil, nil
}

// note takes a cell that ran; reached tells which variables have their values.
// s.mu is held.
func (s *State) note(l *Lowered, reached func(i int) bool) {
	h := &s.past
	x := &execution{key: l.key, name: l.Name, turn: s.turn, declares: make(map[string]bool), uses: make(map[string]string)}
	for _, name := range l.flow.reads {
		if m := h.made[name]; m != nil {
			x.uses[name] = m.by.name
		}
	}
	inputs := func(name string) (list []input) {
		for _, from := range l.flow.sets[name] {
			if m := h.made[from]; m != nil {
				list = append(list, input{from, m.by, m.turn})
			}
		}
		return list
	}
	values := make(map[string]*made)
	for name := range l.flow.sets {
		values[name] = &made{by: x, turn: s.turn, inputs: inputs(name)}
	}
	for i, v := range l.Vars {
		x.declares[v.Object.Name()] = true
		if !reached(i) {
			delete(values, v.Object.Name())
		}
	}
	for _, obj := range l.decls {
		if !isCell(obj) {
			continue
		}
		name := obj.Name()
		x.declares[name] = true
		m := &made{by: x, turn: s.turn, text: string(l.text[obj].source)}
		if was := h.made[name]; was != nil && was.text != "" && was.text == m.text {
			m.turn = was.turn // it is what it was
		}
		values[name] = m
		delete(h.calls, name)
	}
	maps.Copy(h.made, values)
	for name, list := range l.flow.calls {
		slices.Sort(list)
		h.calls[name] = slices.Compact(list)
	}
	maps.Copy(h.effects, l.flow.effects)
	if l.key != l.Name || len(x.declares) > 0 || len(values) > 0 || len(x.uses) > 0 {
		h.last[l.key] = x
	}
}

// Dependency is what a cell has to do with others.
type Dependency struct {
	Cell     string
	Declares []string
	Uses     map[string][]string // names, by the cells that set them
	Outdated string              // why it would have to run again; "" if it would not
}

// Dependencies lists the cells that declare something or use something of
// others, in the order in which they ran last.
func (s *State) Dependencies() []Dependency {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &s.past
	list := slices.SortedFunc(maps.Values(h.last), func(a, b *execution) int { return cmp.Compare(a.turn, b.turn) })
	var out []Dependency
	for _, x := range list {
		if len(x.declares) == 0 && len(x.uses) == 0 {
			continue
		}
		d := Dependency{Cell: x.name, Declares: slices.Sorted(maps.Keys(x.declares)), Uses: make(map[string][]string)}
		for _, name := range slices.Sorted(maps.Keys(x.uses)) {
			d.Uses[x.uses[name]] = append(d.Uses[x.uses[name]], name)
		}
		for _, name := range d.Declares {
			if m := h.made[name]; m == nil || m.by != x {
				continue
			}
			if root, _ := h.stale(name, make(map[string]bool)); root != nil {
				d.Outdated = fmt.Sprintf("%s goes back to %s of %s, which has run again since%s", name, root.name, root.by.name, as(root.by, h.last[root.by.key]))
				break
			}
		}
		out = append(out, d)
	}
	return out
}
