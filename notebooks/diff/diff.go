// This file compares notebooks.

// Package diff says in words what differs between two notebooks: cells that
// came, went, moved or changed, their outputs, and the metadata.
//
// It is not a patch that could be applied, and not git's three-way merge.
//
//	Notebooks   compares
//	Options     what may differ
//	Change      what differs in one place; Text and Page tell it
package diff

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
)

// Change is what differs in one cell, or in the notebook around the cells.
type Change struct {
	Where  string         // "cell 3 (training)", "metadata"
	What   []string       // "code changed", "outputs changed", "added", …
	A, B   *nbformat.Cell // nil where there is none
	Source []Line         // nil if the source is the same
	Output []compare.Difference
}

// Options says how outputs are compared.
type Options struct {
	Rule compare.Rule // not at all if its Skip is set
	Tags bool         // the tags of a cell soften the rule, see [compare.For]
}

// Notebooks returns the changes from a to b in the order of b.
func Notebooks(a, b *nbformat.Notebook, opt Options) []Change {
	var all []Change
	if what := metadata("", a.Metadata, b.Metadata); len(what) > 0 {
		all = append(all, Change{Where: "metadata", What: what})
	}
	if ra, rb := provenance.Load(a), provenance.Load(b); ra != nil && rb != nil {
		if what := provenance.Changes(ra, rb); len(what) > 0 {
			all = append(all, Change{Where: "environment", What: what})
		}
	}
	na, nb := numbers(a), numbers(b)
	for _, p := range pairs(a.Cells, b.Cells) {
		var c Change
		switch {
		case p.b < 0:
			c = Change{Where: name(a.Cells[p.a], na[p.a]), What: []string{"removed"}, A: a.Cells[p.a]}
		case p.a < 0:
			c = Change{Where: name(b.Cells[p.b], nb[p.b]), What: []string{"added"}, B: b.Cells[p.b]}
		default:
			c = cells(a.Cells[p.a], b.Cells[p.b], opt)
			c.Where = name(b.Cells[p.b], nb[p.b])
			if na[p.a] != nb[p.b] && p.moved {
				c.What = append([]string{fmt.Sprintf("moved, was %s", name(a.Cells[p.a], na[p.a]))}, c.What...)
			}
		}
		if len(c.What) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// numbers counts the cells of each type from 1, as a reader does.
func numbers(nb *nbformat.Notebook) []int {
	count := map[nbformat.CellType]int{}
	out := make([]int, len(nb.Cells))
	for i, c := range nb.Cells {
		count[c.Type]++
		out[i] = count[c.Type]
	}
	return out
}

func name(c *nbformat.Cell, n int) string {
	kind := "cell"
	if c.Type != nbformat.Code {
		kind = string(c.Type) + " cell"
	}
	if c.ID == "" {
		return fmt.Sprintf("%s %d", kind, n)
	}
	return fmt.Sprintf("%s %d (%s)", kind, n, c.ID)
}

type cellPair struct {
	pair
	moved bool
}

// pairs finds for each cell its counterpart: the one with the same id, else in
// the same order the one with the same or a similar source.
func pairs(a, b []*nbformat.Cell) []cellPair {
	byID := map[string]int{}
	for i, c := range a {
		if c.ID != "" {
			byID[c.ID] = i
		}
	}
	counterpart := make([]int, len(b))
	taken := map[int]bool{}
	for j, c := range b {
		counterpart[j] = -1
		if i, ok := byID[c.ID]; ok && !taken[i] && a[i].Type == c.Type {
			counterpart[j] = i
			taken[i] = true
		}
	}
	// What is left is matched in its order.
	var restA, restB []int
	for i := range a {
		if !taken[i] {
			restA = append(restA, i)
		}
	}
	for j := range b {
		if counterpart[j] < 0 {
			restB = append(restB, j)
		}
	}
	if len(restA) <= maxLines && len(restB) <= maxLines {
		for _, p := range match(len(restA), len(restB), func(i, j int) bool { return similar(a[restA[i]], b[restB[j]]) }) {
			if p.a >= 0 && p.b >= 0 {
				counterpart[restB[p.b]] = restA[p.a]
				taken[restA[p.a]] = true
			}
		}
	}
	// Those that keep their order have not moved.
	var inOrder []int
	for _, i := range counterpart {
		if i >= 0 {
			inOrder = append(inOrder, i)
		}
	}
	still := map[int]bool{}
	sorted := slices.Sorted(slices.Values(inOrder))
	if len(inOrder) <= maxLines {
		for _, p := range match(len(inOrder), len(sorted), func(i, j int) bool { return inOrder[i] == sorted[j] }) {
			if p.a >= 0 && p.b >= 0 {
				still[inOrder[p.a]] = true
			}
		}
	}
	var out []cellPair
	next := 0 // of a: removed cells are told where they were
	removed := func(upto int) {
		for ; next < upto; next++ {
			if !taken[next] {
				out = append(out, cellPair{pair{next, -1}, false})
			}
		}
	}
	for j, i := range counterpart {
		switch {
		case i >= 0 && still[i]:
			removed(i)
			next = max(next, i+1)
		case i < 0:
			for next < len(a) && !taken[next] {
				removed(next + 1)
			}
		}
		out = append(out, cellPair{pair{i, j}, i >= 0 && !still[i]})
	}
	removed(len(a))
	return out
}

// similar tells whether a cell may have become another: most lines are the same.
func similar(a, b *nbformat.Cell) bool {
	if a.Type != b.Type {
		return false
	}
	if a.Source == b.Source {
		return true
	}
	same, all := 0, 0
	for _, l := range Lines(a.Source, b.Source) {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		all++
		if l.Op == ' ' {
			same++
		}
	}
	return same*2 >= all && same > 0
}

func cells(a, b *nbformat.Cell, opt Options) Change {
	c := Change{A: a, B: b}
	r := opt.Rule
	if opt.Tags {
		if softer, err := compare.For(b, r); err == nil { // compare.Check tells of errors
			r = softer
		}
	}
	if a.Source != b.Source {
		c.Source = Lines(a.Source, b.Source)
		what := "text changed"
		if b.Type == nbformat.Code {
			what = "code changed"
		}
		plus, minus := 0, 0
		for _, l := range c.Source {
			switch l.Op {
			case '+':
				plus++
			case '-':
				minus++
			}
		}
		c.What = append(c.What, fmt.Sprintf("%s (+%d −%d lines)", what, plus, minus))
	}
	if b.Type == nbformat.Code && !r.Skip {
		switch {
		case len(a.Outputs) > 0 && len(b.Outputs) == 0:
			c.What = append(c.What, "outputs removed")
		case len(a.Outputs) == 0 && len(b.Outputs) > 0:
			c.What = append(c.What, "outputs added")
		default:
			if c.Output = compare.Outputs(a.Outputs, b.Outputs, r); len(c.Output) > 0 {
				c.What = append(c.What, "outputs changed")
			}
		}
	}
	c.What = append(c.What, metadata("metadata.", a.Metadata, b.Metadata)...)
	if !reflect.DeepEqual(a.Attachments, b.Attachments) {
		c.What = append(c.What, "attachments changed")
	}
	return c
}

// passing are fields of metadata that say when something ran, not what.
var passing = []string{"execution", "cajal"}

// metadata tells the fields that differ.
func metadata(prefix string, a, b map[string]any) []string {
	keys := maps.Clone(a)
	if keys == nil {
		keys = map[string]any{}
	}
	maps.Copy(keys, b)
	var all []string
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(passing, k) {
			continue
		}
		va, inA := a[k]
		vb, inB := b[k]
		switch {
		case !inA:
			all = append(all, fmt.Sprintf("%s%s is new: %s", prefix, k, brief(vb)))
		case !inB:
			all = append(all, fmt.Sprintf("%s%s is gone, was %s", prefix, k, brief(va)))
		case !reflect.DeepEqual(va, vb):
			ma, ok1 := va.(map[string]any)
			mb, ok2 := vb.(map[string]any)
			if ok1 && ok2 {
				all = append(all, metadata(prefix+k+".", ma, mb)...)
				continue
			}
			all = append(all, fmt.Sprintf("%s%s is %s, was %s", prefix, k, brief(vb), brief(va)))
		}
	}
	return all
}

func brief(v any) string {
	s := []rune(fmt.Sprint(v))
	if text, ok := v.(string); ok {
		s = []rune(fmt.Sprintf("%q", text))
	}
	if len(s) > 60 {
		s = append(s[:59], '…')
	}
	return string(s)
}
