// This file compares gradients with central differences.

package grad

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"cajal/engine/internal/nd"
	"cajal/engine/tensor"
)

// checkTolerance is the relative error from which on a gradient counts as wrong.
// A wrong rule gives errors near 1, rounding about 1e-9.
const checkTolerance = 1e-5

// A Report says how the gradients of a function compare with central differences.
type Report struct {
	Loss   float64
	Inputs []InputReport // in the order in which f put them on the tape
	fault  string        // why nothing could be compared
}

// An InputReport is about one input that takes a gradient. It names the number
// where the two disagree most.
type InputReport struct {
	Name       string
	Shape      []int
	Checked    int     // numbers compared
	Kinks      int     // of them, how many stand where the function has no slope
	Index      []int   // where the disagreement is worst; empty for a number
	Tape       float64 // the gradient that the tape found there
	Difference float64 // the central difference there
	RelErr     float64 // |Tape - Difference| by the larger of the two
	root       string
}

// Check computes f and its gradients on a tape, all in float64, and compares
// every gradient with the central difference (f(x+h) - f(x-h))/2h, h about 6e-6
// of the number's size. f puts its inputs on the tape it is given and returns L;
// it is called many times and must do the same each time. Of large inputs 200
// numbers are compared, as [CheckSome] picks them.
//
// Where f has a kink, as max(0, x) at 0, there is no slope: a gradient between
// those of the two sides is taken to be right, and counted.
func Check(f func(t *Tape) *Var) *Report { return CheckSome(f, 200) }

// CheckSome is Check with at most n numbers of every input compared: half of them
// those with the largest gradients, half spread evenly. Each takes two calls of f.
func CheckSome(f func(t *Tape) *Var, n int) *Report {
	t := &Tape{exact: true}
	L := f(t)
	t.Backward(L)
	c := checker{f: f, limit: n, base: L.Item(), inputs: len(t.given)}
	r := &Report{Loss: c.base}
	if again, ok := c.at(nil); !ok || again != c.base {
		r.fault = fmt.Sprintf("f gives %v the first time and %v the second; with random numbers in it, give them a fixed seed", c.base, again)
		return r
	}
	if math.IsNaN(c.base) || math.IsInf(c.base, 0) {
		r.fault = fmt.Sprintf("f gives %v", c.base)
		return r
	}
	for i, v := range t.given {
		if v.takes() {
			r.Inputs = append(r.Inputs, c.input(t, i, v))
		}
	}
	return r
}

// checker evaluates a function with one number changed.
type checker struct {
	f      func(*Tape) *Var
	limit  int
	base   float64
	inputs int
}

func (c *checker) at(n *nudge) (float64, bool) {
	t := &Tape{exact: true, shift: n}
	L := c.f(t)
	return L.Item(), len(t.given) == c.inputs
}

func (c *checker) input(t *Tape, i int, v *Var) InputReport {
	x, g := v.value.([]float64), slope[float64](v).Data
	r := InputReport{Name: v.label(), Shape: v.Shape(), root: t.label(t.root), RelErr: -1}
	// Differences of numbers as large as L have noise of 1e-11 L: what is much
	// smaller than that cannot be compared.
	floor := 1e-4 * math.Abs(c.base)
	for _, s := range g {
		floor = max(floor, 1e-3*math.Abs(s))
	}
	floor = max(floor, 1e-12)
	worst := 0
	for _, k := range picks(g, c.limit) {
		h := math.Cbrt(0x1p-52) * max(1, math.Abs(x[k]))
		up, _ := c.at(&nudge{i, k, h})
		down, _ := c.at(&nudge{i, k, -h})
		central := (up - down) / (2 * h)
		e := relative(g[k], central, floor)
		if !(e < checkTolerance) {
			right, left := (up-c.base)/h, (c.base-down)/h
			if kink(g[k], left, right, floor) {
				r.Kinks++
				e = 0
			}
		}
		if !(e <= r.RelErr) {
			worst = k
			r.Tape, r.Difference, r.RelErr = g[k], central, e
		}
		r.Checked++
	}
	r.RelErr = max(r.RelErr, 0)
	if len(v.shape) > 0 {
		for _, s := range nd.Strides(v.shape) {
			r.Index = append(r.Index, worst/s)
			worst %= s
		}
	}
	return r
}

// picks returns which of some gradients are compared, at most n.
func picks(g []float64, n int) []int {
	all := make([]int, len(g))
	for i := range all {
		all[i] = i
	}
	if len(g) <= n {
		return all
	}
	length := func(i int) float64 {
		if math.IsNaN(g[i]) {
			return math.Inf(1)
		}
		return math.Abs(g[i])
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(length(b), length(a)) })
	out := slices.Clone(all[:(n+1)/2])
	rest := all[(n+1)/2:]
	slices.Sort(rest)
	for k := range n / 2 {
		out = append(out, rest[k*len(rest)/(n/2)])
	}
	slices.Sort(out)
	return out
}

// kink reports whether the slopes of the two sides differ far more than those of
// a smooth function would, and g lies between them.
func kink(g, left, right, floor float64) bool {
	lo, hi := min(left, right), max(left, right)
	near := checkTolerance * max(math.Abs(lo), math.Abs(hi), floor)
	return hi-lo > 100*near && g >= lo-near && g <= hi+near
}

func relative(a, b, floor float64) float64 {
	return math.Abs(a-b) / max(math.Abs(a), math.Abs(b), floor)
}

// Worst returns the input with the largest disagreement, nil when there was
// none to compare.
func (r *Report) Worst() *InputReport {
	var w *InputReport
	for i := range r.Inputs {
		if in := &r.Inputs[i]; w == nil || !(in.RelErr <= w.RelErr) {
			w = in
		}
	}
	return w
}

// Err returns an error that names the worst disagreement when there is one beyond
// 1e-5, or why nothing could be compared; else nil.
func (r *Report) Err() error {
	if r.fault != "" {
		return &tensor.OpError{Op: "grad.Check", Text: r.fault}
	}
	if w := r.Worst(); w != nil && !(w.RelErr < checkTolerance) {
		return &tensor.OpError{
			Op:   "grad.Check",
			Text: fmt.Sprintf("the gradient of %s%s is %.8g, but the central difference is %.8g", w.Name, w.place(), w.Tape, w.Difference),
			Fix:  "compare the derivative in the code with the formula: the rule of an operation on the way from there is wrong",
		}
	}
	return nil
}

// place is the index as in "[3 7]", "" for a number.
func (r *InputReport) place() string {
	if len(r.Index) == 0 {
		return ""
	}
	return fmt.Sprint(r.Index)
}

// String writes the comparison in one line.
func (r *InputReport) String() string {
	s := fmt.Sprintf("gradient check ∂%s/∂%s%s: tape %.8f  central difference %.8f  rel.err %.1e", r.root, r.Name, r.place(), r.Tape, r.Difference, r.RelErr)
	if n := size(r.Shape); len(r.Shape) > 0 {
		s += fmt.Sprintf("  (worst of %d", r.Checked)
		if r.Checked < n {
			s += fmt.Sprintf(" out of %d", n)
		}
		s += ")"
	}
	if r.Kinks > 0 {
		s += fmt.Sprintf("  %d at a kink", r.Kinks)
	}
	return s
}

// String writes one line an input, and the error if there is one.
func (r *Report) String() string {
	var lines []string
	for i := range r.Inputs {
		lines = append(lines, r.Inputs[i].String())
	}
	if err := r.Err(); err != nil {
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "\n")
}

// MIMEBundle returns the report as text/plain and, as a table, text/html.
func (r *Report) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<div class="cajal-gradient-check"><table><thead><tr>`)
	for _, h := range []string{"gradient", "where", "tape", "central difference", "rel. error", "compared"} {
		b.WriteString(`<th style="text-align:left">` + h + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for i := range r.Inputs {
		in := &r.Inputs[i]
		b.WriteString("<tr>")
		for _, c := range []string{
			"∂" + in.root + "/∂" + in.Name, in.place(), fmt.Sprintf("%.8f", in.Tape), fmt.Sprintf("%.8f", in.Difference),
			fmt.Sprintf("%.1e", in.RelErr), fmt.Sprintf("%d of %d", in.Checked, size(in.Shape)),
		} {
			b.WriteString("<td>" + html.EscapeString(c) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	if err := r.Err(); err != nil {
		b.WriteString(`<pre class="cajal-error">` + html.EscapeString(err.Error()) + "</pre>")
	}
	b.WriteString("</div>")
	return map[string]any{"text/plain": r.String(), "text/html": b.String()}
}
