// This file finds what makes a notebook's outputs doubtful.

// Package review looks at a notebook as it was saved and finds what a second
// run may not repeat: cells that were not run in their order, names that are
// used above their declaration, and data or random numbers that nothing pins
// down.
//
// It runs nothing and is not a linter: it does not judge style, and what it
// cannot know (a file whose name is computed) it does not guess.
package review

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/syntax"
)

// Kind says what was found.
type Kind string

// The kinds of findings.
const (
	Order    Kind = "order"    // cells were run out of their order
	Early    Kind = "early"    // a name is used above its declaration
	Unpinned Kind = "unpinned" // what comes in may be another thing tomorrow
)

// Finding is one thing that was found.
type Finding struct {
	Kind   Kind
	Cell   int    // index in the notebook's cells
	Number int    // of the code cell, from 1, as a run counts them
	Line   int    // in the cell, 0 if it is about the whole cell
	Name   string // for Early: the name
	Text   string
}

func (f Finding) String() string {
	where := fmt.Sprintf("cell %d", f.Number)
	if f.Line > 0 {
		where += fmt.Sprintf(", line %d", f.Line)
	}
	return where + ": " + f.Text
}

// code is a code cell with text in it.
type code struct {
	index, number int
	cell          *nbformat.Cell
	syntax        *syntax.Cell // nil if it is no Go
}

func codes(nb *nbformat.Notebook) []code {
	var all []code
	for i, c := range nb.Cells {
		if c.Type != nbformat.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		s, err := syntax.Parse(c.Source)
		if err != nil {
			s = nil
		}
		all = append(all, code{i, len(all) + 1, c, s})
	}
	return all
}

// Notebook returns all findings, in the order of the cells.
func Notebook(nb *nbformat.Notebook) []Finding {
	cells := codes(nb)
	all := order(cells)
	all = append(all, early(cells)...)
	all = append(all, unpinned(cells, provenance.Load(nb))...)
	slices.SortStableFunc(all, func(a, b Finding) int { return a.Cell - b.Cell })
	return all
}

// order finds cells whose number is not above that of the cell before.
func order(cells []code) []Finding {
	var all []Finding
	last, lastCell := 0, 0
	for _, c := range cells {
		n := c.cell.ExecutionCount
		if n == nil {
			continue
		}
		if *n <= last {
			all = append(all, Finding{Kind: Order, Cell: c.index, Number: c.number, Text: fmt.Sprintf("it was run as [%d], and cell %d above it as [%d]: the outputs are not those of a run from top to bottom", *n, lastCell, last)})
		}
		last, lastCell = max(last, *n), c.number
	}
	return all
}

// early finds names that no cell up to the one that uses them declares, but a
// later one does.
func early(cells []code) []Finding {
	var all []Finding
	known := map[string]bool{}
	for i, c := range cells {
		if c.syntax == nil {
			continue
		}
		for _, imp := range c.syntax.Imports {
			known[importName(imp)] = true
		}
		for _, n := range c.syntax.Names {
			known[n.Name] = true
		}
		told := map[string]bool{}
		for _, r := range c.syntax.Refs {
			name := r.Ident.Name
			if r.Own || known[name] || told[name] {
				continue
			}
			if at, ok := declared(cells[i+1:], name); ok {
				told[name] = true
				all = append(all, Finding{Kind: Early, Cell: c.index, Number: c.number, Line: c.syntax.Line(r.Ident.Pos()), Name: name, Text: fmt.Sprintf("%s is used here, and declared only in cell %d", name, at)})
			}
		}
	}
	return all
}

func importName(imp syntax.Import) string {
	if imp.Name != "" {
		return imp.Name
	}
	base := path.Base(imp.Path)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(imp.Path)) // …/rand/v2
	}
	return base
}

func declared(cells []code, name string) (number int, ok bool) {
	for _, c := range cells {
		if c.syntax != nil && slices.ContainsFunc(c.syntax.Names, func(n syntax.Name) bool { return n.Name == name }) {
			return c.number, true
		}
	}
	return 0, false
}

// readers are functions that take something in from outside, by package and
// name; what they read is named by their first argument.
var readers = map[string]string{
	"http.Get": "asks a server, whose answer may change", "http.Post": "asks a server, whose answer may change", "http.Head": "asks a server, whose answer may change",
	"http.PostForm": "asks a server, whose answer may change", "http.NewRequest": "asks a server, whose answer may change",
	"net.Dial": "talks to another machine", "exec.Command": "runs another program, whose output may change",
	"os.ReadFile": "", "os.Open": "", "ioutil.ReadFile": "", // files
}

// drawers are functions of math/rand that need no seed from their caller.
var drawers = strings.Fields("ExpFloat64 Float32 Float64 Int Int31 Int31n Int63 Int63n IntN Intn Int32 Int32N Int64 Int64N N NormFloat64 Perm Shuffle Uint32 Uint32N Uint64 Uint64N Uint UintN")

func unpinned(cells []code, record *provenance.Record) []Finding {
	var all []Finding
	seeded := false // rand.Seed pins what follows
	written := map[string]bool{}
	for _, c := range cells {
		if c.syntax == nil {
			continue
		}
		own := map[*ast.Ident]bool{}
		for _, r := range c.syntax.Refs {
			own[r.Ident] = r.Own
		}
		find := func(n ast.Node, text string) {
			all = append(all, Finding{Kind: Unpinned, Cell: c.index, Number: c.number, Line: c.syntax.Line(n.Pos()), Text: text})
		}
		look := func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && !own[id] && id.Name+"."+sel.Sel.Name == "nn.RandomSeed" {
					find(n, "nn.RandomSeed gives another result each time: a number as the seed gives the same")
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := sel.X.(*ast.Ident)
			if !ok || own[id] {
				return true
			}
			name := id.Name + "." + sel.Sel.Name
			switch text, reads := readers[name]; {
			case name == "rand.Seed":
				seeded = true
			case (name == "os.WriteFile" || name == "os.Create") && len(call.Args) > 0:
				written[literal(call.Args[0])] = true
			case id.Name == "rand" && slices.Contains(drawers, sel.Sel.Name) && !seeded:
				find(call, name+" draws without a seed: rand.New(rand.NewPCG(1, 2)) gives the same numbers each time")
			case reads && text != "":
				find(call, name+" "+text+": nothing pins it down")
			case reads && len(call.Args) > 0:
				if file := literal(call.Args[0]); file != "" && !written[file] && !recorded(record, file) {
					find(call, fmt.Sprintf("%s reads %s, whose content nothing records: cajal freeze notes its hash", name, file))
				}
			}
			return true
		}
		for _, d := range c.syntax.Decls {
			ast.Inspect(d, look)
		}
		for _, s := range c.syntax.Stmts {
			ast.Inspect(s, look)
		}
	}
	return all
}

// literal returns the text of a string literal, "" for any other expression.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

func recorded(r *provenance.Record, file string) bool {
	return r != nil && slices.ContainsFunc(r.Data, func(f provenance.File) bool { return path.Clean(f.Name) == path.Clean(file) })
}
