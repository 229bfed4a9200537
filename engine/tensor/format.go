// This file writes a tensor as text and as an HTML table.

package tensor

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// Numbers shown at most: rows and columns beyond them are cut in the middle.
const (
	maxRows  = 10
	maxCols  = 12
	maxSlabs = 2
)

// String returns the shape, the range and the values, cut in the middle where
// they are many.
func (t *Tensor) String() string {
	var b strings.Builder
	b.WriteString(t.header())
	if len(t.Data) == 0 || t.Check() != nil {
		return b.String()
	}
	for _, s := range t.slabs() {
		b.WriteByte('\n')
		if s.label != "" {
			b.WriteString(s.label + "\n")
		}
		width := 0
		for _, row := range s.cells {
			for _, c := range row {
				width = max(width, len([]rune(c)))
			}
		}
		for i, row := range s.cells {
			if i > 0 {
				b.WriteByte('\n')
			}
			for j, c := range row {
				if j > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(strings.Repeat(" ", width-len([]rune(c))) + c)
			}
		}
	}
	return b.String()
}

// MIMEBundle returns the tensor as text/plain and, as a table, text/html.
func (t *Tensor) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<div class="cajal-tensor"><div>` + html.EscapeString(t.header()) + "</div>")
	if len(t.Data) > 0 && t.Check() == nil {
		for _, s := range t.slabs() {
			if s.label != "" {
				b.WriteString("<div>" + html.EscapeString(s.label) + "</div>")
			}
			b.WriteString("<table>")
			for _, row := range s.cells {
				b.WriteString("<tr>")
				for _, c := range row {
					b.WriteString(`<td style="text-align:right">` + html.EscapeString(c) + "</td>")
				}
				b.WriteString("</tr>")
			}
			b.WriteString("</table>")
		}
	}
	b.WriteString("</div>")
	return map[string]any{"text/plain": t.String(), "text/html": b.String()}
}

func (t *Tensor) header() string {
	if err := t.Check(); err != nil {
		return err.Error()
	}
	h := "tensor [" + shapeString(t.Shape) + "]"
	if len(t.Data) == 0 {
		return h + " empty"
	}
	s := t.Stats()
	if s.Bad < len(t.Data) {
		h += fmt.Sprintf(" · min %s max %s mean %s", number(s.Min), number(s.Max), number(s.Mean))
	}
	if s.Bad > 0 {
		h += fmt.Sprintf(" · %d NaN or infinite", s.Bad)
	}
	return h
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// slab is one matrix of a tensor as text.
type slab struct {
	label string
	cells [][]string
}

// slabs cuts t into matrices of its last two dimensions, of which the first
// few are formatted.
func (t *Tensor) slabs() []slab {
	rows, cols := 1, 1
	if len(t.Shape) > 0 {
		cols = t.Shape[len(t.Shape)-1]
	}
	if len(t.Shape) >= 2 {
		rows = t.Shape[len(t.Shape)-2]
	}
	count := len(t.Data) / (rows * cols)
	var out []slab
	for s := range min(count, maxSlabs) {
		sl := slab{cells: matrix(t.Data[s*rows*cols:(s+1)*rows*cols], rows, cols)}
		if count > 1 {
			sl.label = t.slabLabel(s)
		}
		out = append(out, sl)
	}
	if count > maxSlabs {
		out[len(out)-1].cells = append(out[len(out)-1].cells, []string{fmt.Sprintf("… %d more", count-maxSlabs)})
	}
	return out
}

// slabLabel writes the leading indices of matrix s, as in "[0 2 : :]".
func (t *Tensor) slabLabel(s int) string {
	lead := t.Shape[:len(t.Shape)-2]
	index := make([]string, len(lead))
	for d := len(lead) - 1; d >= 0; d-- {
		index[d] = strconv.Itoa(s % lead[d])
		s /= lead[d]
	}
	return "[" + strings.Join(index, " ") + " : :]"
}

func matrix(data []float32, rows, cols int) [][]string {
	var out [][]string
	for _, i := range cut(rows, maxRows) {
		var line []string
		for _, j := range cut(cols, maxCols) {
			switch {
			case i < 0 && j < 0:
				line = append(line, "⋱")
			case i < 0:
				line = append(line, "⋮")
			case j < 0:
				line = append(line, "…")
			default:
				line = append(line, strconv.FormatFloat(float64(data[i*cols+j]), 'g', 4, 32))
			}
		}
		out = append(out, line)
	}
	return out
}

// cut returns 0..n-1, with -1 in place of the middle when n exceeds limit.
func cut(n, limit int) []int {
	var out []int
	if n <= limit {
		for i := range n {
			out = append(out, i)
		}
		return out
	}
	for i := range limit / 2 {
		out = append(out, i)
	}
	out = append(out, -1)
	for i := n - limit/2 + 1; i < n; i++ {
		out = append(out, i)
	}
	return out
}
