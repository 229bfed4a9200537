// This file shows a tape: its steps as a table, with the rules in words.
//
// A rule is a template: {g} is the gradient that came in, {y} the value itself,
// {a} and {b} its operands.

package grad

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Step is a line of a tape's table. After Backward, steps count from L back to
// the inputs; before, from the inputs on, and Gradient and Rule are empty.
type Step struct {
	Step     int
	Node     string // the name, or v and the place on the tape
	Value    string // a number, or a shape with the length √Σx² of a tensor
	Gradient string // the same; "data" for what takes none
	Formula  string // how the value was computed; "" for inputs
	Rule     string // how its gradient went to its operands; "" for inputs
}

// Steps returns the lines of the table.
func (t *Tape) Steps() []Step {
	var out []Step
	shown := t.vars
	if t.root != nil {
		shown = slices.Clone(t.vars[:t.root.index+1])
		slices.Reverse(shown)
	}
	for _, v := range shown {
		if v.cast {
			continue
		}
		s := Step{Step: len(out), Node: t.label(v), Value: figures(v.shape, v.value, "%+.5f"), Formula: t.formula(v)}
		if t.root != nil {
			s.Gradient, s.Rule = t.gradient(v), t.rule(v)
		}
		out = append(out, s)
	}
	return out
}

// label is L for the root, when it has no name.
func (t *Tape) label(v *Var) string {
	if v == t.root && v.name == "" {
		return "L"
	}
	return v.label()
}

// gradient writes the gradient of a value, or why there is none.
func (t *Tape) gradient(v *Var) string {
	switch {
	case !v.takes():
		return "data"
	case v.grad == nil:
		return "not used"
	}
	return figures(v.shape, v.grad, "%+.6f")
}

// slope writes ∂L/∂v.
func (t *Tape) slope(v *Var) string { return "∂" + t.label(t.root) + "/∂" + t.label(v) }

// formula writes how a value was computed, as in "mul(w, x)".
func (t *Tape) formula(v *Var) string {
	if len(v.from) == 0 {
		return ""
	}
	args := make([]string, len(v.from))
	for i, f := range v.from {
		args[i] = t.label(f)
	}
	return strings.ToLower(v.op[:1]) + v.op[1:] + "(" + strings.Join(args, ", ") + ")"
}

// rule writes what Backward did when it came to v.
func (t *Tape) rule(v *Var) string {
	if v.grad == nil {
		return ""
	}
	var parts []string
	for i, f := range v.from {
		if !f.takes() || i >= len(v.rules) {
			continue
		}
		r := v.rules[i]
		if v == t.root { // its gradient is 1
			r = strings.ReplaceAll(r, "{g}·", "")
			r = strings.ReplaceAll(r, "{g}", "1")
		}
		names := []string{"{g}", t.slope(v), "{y}", bracketed(t.label(v))}
		for k, key := range []string{"{a}", "{b}"} {
			if k < len(v.from) {
				names = append(names, key, bracketed(t.label(v.from[k])))
			}
		}
		parts = append(parts, t.slope(f)+" += "+strings.NewReplacer(names...).Replace(r))
	}
	return strings.Join(parts, ", ")
}

// bracketed puts a name that is a formula into brackets.
func bracketed(name string) string {
	if strings.ContainsAny(name, " +-*/·") {
		return "(" + name + ")"
	}
	return name
}

// figures writes a number, a few numbers, or the shape and length of many.
func figures(shape []int, numbers any, format string) string {
	n := size(shape)
	if len(shape) == 0 {
		return figure(number(numbers, 0), format)
	}
	if n <= 3 {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = figure(number(numbers, i), format)
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	sum := 0.0
	for i := range n {
		v := number(numbers, i)
		sum += v * v
	}
	return fmt.Sprintf("%v length %s", shape, short(math.Sqrt(sum)))
}

// figure writes a number with a fixed number of places where those tell enough.
func figure(v float64, format string) string {
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e6) {
		return fmt.Sprintf("%+.4e", v)
	}
	return fmt.Sprintf(format, v)
}

// short writes a number in few digits.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// commas writes a shape as arguments.
func commas(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ", ")
}

// table returns the header and the cells.
func (t *Tape) table() (header []string, rows [][]string) {
	if t.root == nil {
		header = []string{"step", "node", "value", "formula"}
	} else {
		header = []string{"step", "node", "value", "∂" + t.label(t.root) + "/∂node", "rule used going backward"}
	}
	for _, s := range t.Steps() {
		row := []string{fmt.Sprintf("%3d", s.Step), s.Node, s.Value}
		if t.root == nil {
			row = append(row, s.Formula)
		} else {
			row = append(row, s.Gradient, s.Rule)
		}
		rows = append(rows, row)
	}
	return header, rows
}

// String writes the steps as a table: after Backward from L back to the inputs,
// with every gradient and the rule that passed it on.
func (t *Tape) String() string {
	header, rows := t.table()
	wide := make([]int, len(header))
	for _, r := range append([][]string{header}, rows...) {
		for i, c := range r {
			wide[i] = max(wide[i], width(c))
		}
	}
	var b strings.Builder
	for k, r := range append([][]string{header}, rows...) {
		var line strings.Builder
		for i, c := range r {
			line.WriteString(c + strings.Repeat(" ", wide[i]-width(c)+2))
		}
		if k > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
	}
	return b.String()
}

// width is how many columns a text takes: a mark above a letter takes none.
func width(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

// MIMEBundle returns the table as text/plain and text/html.
func (t *Tape) MIMEBundle() map[string]any {
	header, rows := t.table()
	var b strings.Builder
	b.WriteString(`<div class="cajal-tape"><table><thead><tr>`)
	for _, h := range header {
		b.WriteString(`<th style="text-align:left">` + html.EscapeString(h) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range rows {
		b.WriteString("<tr>")
		for i, c := range r {
			align := "left"
			if i == 0 || i == 2 || i == 3 && len(r) == 5 {
				align = "right"
			}
			b.WriteString(`<td style="text-align:` + align + `">` + html.EscapeString(strings.TrimSpace(c)) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table></div>")
	return map[string]any{"text/plain": t.String(), "text/html": b.String()}
}

// String describes a value in one line: its name, its value and, after Backward,
// its gradient.
func (v *Var) String() string {
	s := v.label() + " = " + figures(v.shape, v.value, "%+.5f")
	if t := v.tape; t.root != nil && v.takes() && v.grad != nil {
		s += ", " + t.slope(v) + " = " + figures(v.shape, v.grad, "%+.6f")
	}
	return s
}
