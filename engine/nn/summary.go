// This file describes a model: its summary, its one line, and tables as text and
// HTML.

package nn

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// A Summary is the table of a model's layers.
type Summary struct {
	Layers []LayerInfo
	Params int
	Flops  int // multiplications and additions an example, going forward
	Err    error
}

// Summary describes the model; for one that has an error, as far as it goes.
func (m *Model) Summary() *Summary {
	s := &Summary{Layers: m.Layers(), Params: m.Params(), Err: m.Err()}
	for _, l := range s.Layers {
		s.Flops += l.Flops
	}
	return s
}

// chain reports whether every layer reads the one before.
func chain(layers []LayerInfo) bool {
	for i, l := range layers {
		if i > 0 && (len(l.From) != 1 || l.From[0] != i-1) {
			return false
		}
	}
	return true
}

// table returns the header and the rows; what a layer reads is told where it is not
// the one before.
func (s *Summary) table() (header []string, rows [][]string) {
	header = []string{"layer", "kind", "activation", "output shape", "parameters"}
	isChain := chain(s.Layers)
	if !isChain {
		header = append(header, "reads")
	}
	for _, l := range s.Layers {
		row := []string{l.Name, l.Kind, l.Activation, fmt.Sprint(l.Out), thousands(l.Params)}
		if !isChain {
			var from []string
			for _, i := range l.From {
				from = append(from, s.Layers[i].Name)
			}
			row = append(row, strings.Join(from, ", "))
		}
		rows = append(rows, row)
	}
	return header, rows
}

func (s *Summary) footer() string {
	return fmt.Sprintf("%s parameters (%s of float32), %s operations an example", thousands(s.Params), bytes(4*s.Params), thousands(s.Flops))
}

// String writes the layers as a table.
func (s *Summary) String() string {
	if s.Err != nil {
		return s.Err.Error()
	}
	header, rows := s.table()
	return textTable(header, rows) + s.footer()
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (s *Summary) MIMEBundle() map[string]any {
	text := s.String()
	if s.Err != nil {
		return map[string]any{"text/plain": text, "text/html": `<pre class="cajal-error">` + html.EscapeString(text) + "</pre>"}
	}
	header, rows := s.table()
	return map[string]any{
		"text/plain": text,
		"text/html":  `<div class="cajal-summary">` + htmlTable(header, rows, 3) + "<div>" + html.EscapeString(s.footer()) + "</div></div>",
	}
}

// String returns the summary, or the error when the model has one.
func (m *Model) String() string { return m.Summary().String() }

// MIMEBundle returns the summary as text/plain and text/html.
func (m *Model) MIMEBundle() map[string]any { return m.Summary().MIMEBundle() }

// line writes the model in one line of shapes, such as "784 → 10 → 10".
func (m *Model) line() string {
	shape := func(n *node) string {
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(n.out), "[]"), " ", "×")
	}
	if !chain(m.Layers()) {
		return fmt.Sprintf("%s → … → %s, a graph of %d layers", shape(m.nodes[0]), shape(m.last()), len(m.nodes))
	}
	var parts []string
	for _, n := range m.nodes {
		if n.Kind() == "Flatten" {
			continue
		}
		parts = append(parts, shape(n))
	}
	return strings.Join(parts, " → ")
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func bytes(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// textTable writes a table whose numbers stand to the right, a rule under the
// header, and a newline after every row.
func textTable(header []string, rows [][]string) string {
	width := make([]int, len(header))
	for _, r := range append([][]string{header}, rows...) {
		for i, c := range r {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	line := func(r []string) {
		var s strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i > 0 {
				s.WriteString("  ")
			}
			if numeric(rows, i) {
				s.WriteString(pad + c)
			} else {
				s.WriteString(c + pad)
			}
		}
		b.WriteString(strings.TrimRight(s.String(), " ") + "\n")
	}
	line(header)
	total := 2 * (len(header) - 1)
	for _, w := range width {
		total += w
	}
	b.WriteString(strings.Repeat("─", total) + "\n")
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

// numeric reports whether a column has numbers only.
func numeric(rows [][]string, col int) bool {
	for _, r := range rows {
		if c := r[col]; c != "" && (c[0] < '0' || c[0] > '9') && c[0] != '-' && c != "NaN" {
			return false
		}
	}
	return true
}

// htmlTable writes a table without script or style sheet; the first left columns
// stand to the left.
func htmlTable(header []string, rows [][]string, left int) string {
	var b strings.Builder
	cell := func(tag string, i int, s string) {
		align := "right"
		if i < left {
			align = "left"
		}
		fmt.Fprintf(&b, `<%s style="text-align:%s">%s</%s>`, tag, align, html.EscapeString(s), tag)
	}
	b.WriteString("<table><thead><tr>")
	for i, h := range header {
		cell("th", i, h)
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range rows {
		b.WriteString("<tr>")
		for i, c := range r {
			cell("td", i, c)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}
