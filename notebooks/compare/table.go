// This file compares HTML: the text, and tables cell by cell.

package compare

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cajal/notebooks/pattern"
)

// timeColumn are headings of columns whose numbers are durations or rates.
var timeColumn = pattern.New(`(?i)^(seconds|secs?|s|ms|µs|time|duration|elapsed|[\pL]+/s|[\pL]+ (a|per) second|.*\((s|ms|µs)\)|秒|用时|时间|耗时)$`)

// grid is a table: rows of cells.
type grid [][]string

// read returns the tables of a piece of HTML, and the text outside of them,
// line by line.
func read(source string) (tables []grid, text string, err error) {
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil, "", err
	}
	var b strings.Builder
	var walk func(n *html.Node, g *grid)
	walk = func(n *html.Node, g *grid) {
		switch {
		case n.Type == html.TextNode && g == nil:
			b.WriteString(n.Data)
			return
		case n.Type != html.ElementNode:
			return
		}
		switch n.DataAtom {
		case atom.Style, atom.Script:
			return
		case atom.Table:
			if g == nil {
				tables = append(tables, nil)
				own := grid{}
				for c := n.FirstChild; c != nil; c = c.NextSibling {
					walk(c, &own)
				}
				tables[len(tables)-1] = own
				return
			}
		case atom.Tr:
			if g != nil {
				*g = append(*g, nil)
			}
		case atom.Td, atom.Th:
			if g != nil && len(*g) > 0 {
				last := len(*g) - 1
				(*g)[last] = append((*g)[last], strings.Join(strings.Fields(content(n)), " "))
				return
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, g)
		}
		switch n.DataAtom {
		case atom.Div, atom.P, atom.Br, atom.Li, atom.H1, atom.H2, atom.H3, atom.Pre, atom.Figcaption:
			b.WriteString("\n")
		}
	}
	for _, n := range nodes {
		walk(n, nil)
	}
	return tables, b.String(), nil
}

func content(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(content(c))
	}
	return b.String()
}

// hypertexts compares two pieces of HTML by what they say.
func hypertexts(where, was, is string, r Rule) []Difference {
	if was == is {
		return nil
	}
	ta, xa, err1 := read(was)
	tb, xb, err2 := read(is)
	if err1 != nil || err2 != nil {
		return Texts(where, was, is, r)
	}
	all := Texts(where+", text", strings.TrimSpace(xa), strings.TrimSpace(xb), r)
	if len(ta) != len(tb) {
		return append(all, Difference{Where: where, Old: fmt.Sprintf("%d tables", len(ta)), New: fmt.Sprintf("%d tables", len(tb))})
	}
	for i := range ta {
		name := "table"
		if len(ta) > 1 {
			name = fmt.Sprintf("table %d", i+1)
		}
		all = append(all, grids(name, ta[i], tb[i], r)...)
	}
	return all
}

func grids(where string, a, b grid, r Rule) []Difference {
	size := func(g grid) string {
		columns := 0
		for _, row := range g {
			columns = max(columns, len(row))
		}
		return fmt.Sprintf("%d rows of %d columns", len(g), columns)
	}
	if len(a) != len(b) {
		return []Difference{{Where: where, Old: size(a), New: size(b)}}
	}
	var all []Difference
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return append(all, Difference{Where: fmt.Sprintf("%s, row %d", where, i), Old: size(a[i : i+1]), New: size(b[i : i+1])})
		}
		for j := range a[i] {
			heading := ""
			if i > 0 && j < len(a[0]) {
				heading = a[0][j]
			}
			if timeColumn().MatchString(heading) && !r.Bare {
				continue
			}
			if heading == "" {
				heading = fmt.Sprintf("column %d", j+1)
			}
			all = append(all, Texts(fmt.Sprintf("%s, row %d, %s", where, i, heading), a[i][j], b[i][j], r)...)
			if len(all) >= most {
				return all
			}
		}
	}
	return all
}
