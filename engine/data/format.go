// This file writes a dataset as text and as an HTML table.

package data

import (
	"fmt"
	"html"
	"strings"
)

// String tells the number and shape of the examples, the range of their
// numbers and how the labels are spread.
func (d *Dataset) String() string {
	var b strings.Builder
	for i, r := range d.rows() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-9s %s", r[0], r[1])
	}
	return b.String()
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (d *Dataset) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<table class="cajal-dataset">`)
	for _, r := range d.rows() {
		fmt.Fprintf(&b, `<tr><th style="text-align:left">%s</th><td style="text-align:left">%s</td></tr>`, html.EscapeString(r[0]), html.EscapeString(r[1]))
	}
	b.WriteString("</table>")
	return map[string]any{"text/plain": d.String(), "text/html": b.String()}
}

func (d *Dataset) rows() [][2]string {
	name := d.name
	if name == "" {
		name = "unnamed"
	}
	rows := [][2]string{{"dataset", fmt.Sprintf("%s, %d examples of %v", name, d.n, d.shape)}}
	if d.n == 0 {
		return rows
	}
	s := d.Stats()
	kind := "float32"
	if d.bytes != nil {
		kind = "float32, kept as bytes"
	}
	extent := fmt.Sprintf("from %.4g to %.4g", s.Min, s.Max)
	if d.source != nil {
		kind = "float32, read when wanted"
		if d.n > sampleOfSource {
			extent += fmt.Sprintf(" in the first %d", sampleOfSource)
		}
	}
	rows = append(rows, [2]string{"inputs", kind + ", " + extent})
	if d.augment != nil {
		rows = append(rows, [2]string{"augment", d.augment.text})
	}
	if s.BadExample >= 0 {
		rows = append(rows, [2]string{"problem", fmt.Sprintf("NaN or infinite input, first in example %d", s.BadExample)})
	}
	if d.labels != nil {
		rows = append(rows, [2]string{"labels", fmt.Sprintf("from %d to %d%s", s.MinLabel, s.MaxLabel, balance(s.Counts))})
		if len(s.Counts) > 0 && len(s.Counts) <= 20 {
			var parts []string
			for l, n := range s.Counts {
				class := fmt.Sprint(l)
				if l < len(d.classes) {
					class = d.classes[l]
				}
				parts = append(parts, fmt.Sprintf("%s: %d", class, n))
			}
			rows = append(rows, [2]string{"counts", strings.Join(parts, ", ")})
		}
	}
	if d.targets != nil {
		rows = append(rows, [2]string{"targets", fmt.Sprintf("%v, from %.4g to %.4g", d.tshape, s.TargetLo, s.TargetHi)})
	}
	if err := d.Err(); err != nil {
		rows = append(rows, [2]string{"problem", err.Error()})
	}
	for _, n := range d.notes {
		rows = append(rows, [2]string{"note", n})
	}
	return rows
}

// balance tells the share of the rarest and of the commonest class, when they differ.
func balance(counts []int) string {
	lo, hi, total := 0, 0, 0
	for l, n := range counts {
		total += n
		if n < counts[lo] {
			lo = l
		}
		if n > counts[hi] {
			hi = l
		}
	}
	if total == 0 || counts[lo] == counts[hi] {
		return ""
	}
	return fmt.Sprintf(", from %.1f%% to %.1f%% of the examples each", 100*float64(counts[lo])/float64(total), 100*float64(counts[hi])/float64(total))
}

// were counts things, as in "1 line was" and "2 lines were".
func were(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " was"
	}
	return fmt.Sprintf("%d %ss were", n, thing)
}
