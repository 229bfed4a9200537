// This file writes out one forward and backward pass: its numbers, with the formulas.
// formula.go has what is said of each kind of layer.

package nn

import (
	"fmt"
	"html"
	"math"
	"strings"

	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// A Line is a value of a pass and how it was computed.
type Line struct {
	Layer   string // the layer's name, "loss" at the end
	Formula string // such as "z1 = x W1 + b1"
	Shapes  string // such as "[784] [784 10] + [10] = [10]"
	Values  string // the first numbers
	Number  string // one of them written out, such as "z1[0] = +0.500·+1.000 + +0.250 = +0.750"
}

// An Explanation has all numbers of one forward and backward pass of one example.
type Explanation struct {
	Loss     float64
	LossName string
	Forward  []Line
	Backward []Line       // from the loss to the first layer
	Tape     *grad.Tape   // every step with its gradient and rule
	Check    *grad.Report // gradients against central differences
}

// Explain runs one example x through the model and back and writes out what happens
// there, with the formulas and one number of every layer in full. x has the model's
// input shape, or a first dimension of 1 before it. y is the truth: an int is a class
// label; a *tensor.Tensor or []float32 are targets. The loss may be given; otherwise it
// is that of the last Fit, if it suits y, or what Fit would choose. Layers compute as
// outside of training. For each weight matrix and bias the largest gradient and one
// other are compared with central differences, in float64.
func (m *Model) Explain(x *tensor.Tensor, y any, loss ...Loss) (*Explanation, error) {
	b, err := m.one(x)
	if err != nil {
		return nil, err
	}
	truth, err := truthFrom(y)
	if err != nil {
		return nil, err
	}
	if len(loss) > 1 {
		return nil, fmt.Errorf("nn: Explain got %d losses, but a pass has one", len(loss))
	}
	var l Loss
	if len(loss) == 1 {
		l = loss[0]
	}
	t := grad.NewTape()
	net, err := m.OnTape(t, t.Data("x", b))
	if err != nil {
		return nil, err
	}
	var L *grad.Var
	var formula string
	if l == nil {
		l = m.trainedLoss()
		if L, formula, err = net.Loss(l, truth); l != nil && err != nil {
			l = nil // of the last Fit, for another truth
		}
	}
	if L == nil {
		if L, formula, err = net.Loss(l, truth); err != nil {
			return nil, err
		}
	}
	l = net.chosen(l, truth)
	t.Backward(L)
	e := &Explanation{Loss: L.Item(), Tape: t, LossName: l.Name()}
	for i := range net.Layers {
		e.Forward = append(e.Forward, net.forwardLines(i)...)
	}
	e.Forward = append(e.Forward, Line{Layer: "loss", Formula: formula, Values: fmt.Sprintf("%+.5f", e.Loss)})
	for i := len(net.Layers) - 1; i > 0; i-- {
		e.Backward = append(e.Backward, net.backwardLines(i, l)...)
	}
	var failed error // it went well above, but a Fit may have begun meanwhile
	again := func(t *grad.Tape) *grad.Var {
		var L *grad.Var
		net, err := m.OnTape(t, t.Data("x", b))
		if err == nil {
			L, _, err = net.Loss(l, truth)
		}
		if err != nil {
			failed = err
			panic(err)
		}
		return L
	}
	err = caught(func() { e.Check = grad.CheckSome(again, 2) })
	if failed != nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// trainedLoss is that of the last Fit, nil without.
func (m *Model) trainedLoss() Loss {
	if m.ensure() != nil {
		return nil
	}
	defer m.mu.RUnlock()
	if m.trained == nil {
		return nil
	}
	return m.trained.loss
}

// one returns an example as a batch of 1.
func (m *Model) one(x *tensor.Tensor) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	want := m.nodes[0].out
	single := append([]int{1}, want...)
	if x == nil || x.Check() != nil || !equalShapes(x.Shape, want) && !equalShapes(x.Shape, single) {
		var got any = "nothing"
		if x != nil {
			got = x.Shape
		}
		return nil, fmt.Errorf("nn: one example has shape %v, found %v", want, got)
	}
	return x.Reshape(single...), nil
}

func truthFrom(y any) (Truth, error) {
	switch y := y.(type) {
	case int:
		return Truth{Labels: []int{y}}, nil
	case *tensor.Tensor:
		if y == nil {
			break
		}
		return Truth{Targets: y}, y.Check()
	case []float32:
		t, err := tensor.FromSlice(y)
		return Truth{Targets: t}, err
	case Truth:
		return y, nil
	}
	return Truth{}, fmt.Errorf("nn: the truth is a %T; it must be an int, []float32, *tensor.Tensor or nn.Truth", y)
}

// forwardLines writes the lines of a layer.
func (net *Taped) forwardLines(i int) []Line {
	l, n := &net.Layers[i], net.model.nodes[i]
	if i == 0 {
		return []Line{{Layer: l.Name, Formula: nameOf(l.Out, "x"), Shapes: fmt.Sprint(l.LayerInfo.Out), Values: few(l.Out.Value())}}
	}
	var lines []Line
	s := net.speak(i)
	if s.out != s.in[0] { // an activation layer has no other line
		lines = append(lines, Line{
			Layer: l.Name, Formula: s.name + " = " + s.say(formulas[kindOf(n)].forward),
			Shapes: s.shapes(), Values: few(s.out.Value()), Number: s.number(),
		})
	}
	if l.Sum != nil && l.Out != l.Sum {
		lines = append(lines, Line{
			Layer: l.Name, Formula: l.Out.Name() + " = " + l.Activation + "(" + l.Sum.Name() + ")",
			Shapes: fmt.Sprint(l.LayerInfo.Out), Values: few(l.Out.Value()), Number: activated(l),
		})
	}
	if lines == nil { // it gives what it reads
		lines = []Line{{Layer: l.Name, Formula: s.say(formulas[kindOf(n)].forward), Shapes: s.shapes(), Values: few(l.Out.Value())}}
	}
	return lines
}

// backwardLines writes how the gradient passes a layer: its activation, what it learns,
// and what it reads.
func (net *Taped) backwardLines(i int, loss Loss) []Line {
	l, n := &net.Layers[i], net.model.nodes[i]
	s := net.speak(i)
	var lines []Line
	line := func(v *grad.Var, shape []int, formula, number string) {
		if g := v.Grad(); g != nil {
			lines = append(lines, Line{Layer: l.Name, Formula: slopeOf(v) + " = " + formula, Shapes: fmt.Sprint(shape), Values: few(g), Number: number})
		}
	}
	add := func(v *grad.Var, formula string) { line(v, v.Shape()[1:], formula, "") }
	last := i == len(net.Layers)-1
	switch {
	case last && l.Sum != nil && net.Score() == l.Sum && isZero(l.Out.Grad()):
		add(l.Sum, slopeOfLoss(loss, l.Sum.Name(), product(n.out)))
	case last:
		add(l.Out, slopeOfLoss(loss, l.Out.Name(), product(n.out)))
	}
	if l.Sum != nil && l.Out != l.Sum && !isZero(l.Out.Grad()) {
		act := slopeOf(l.Out) + "·" + l.Activation + "′(" + l.Sum.Name() + ")"
		if a, _ := n.activation(); a == Softmax || a == LogSoftmax || a == Sparsemax {
			act = slopeOf(l.Out) + " times the Jacobian of " + l.Activation + " at " + l.Sum.Name()
		}
		add(l.Sum, act)
	}
	if s.out == s.in[0] {
		return lines
	}
	f := formulas[kindOf(n)]
	for k, p := range l.Weights {
		text := f.params
		if k > 0 && f.others != "" {
			text = f.others
		}
		line(p, p.Shape(), s.say(text), s.paramNumber(k))
	}
	seen := map[*grad.Var]bool{}
	for _, in := range s.in {
		if !seen[in] {
			seen[in] = true
			add(in, s.say(f.inputs)+others(n, in, net))
		}
	}
	return lines
}

// others says that a value that a layer reads is read by others too.
func others(n *node, v *grad.Var, net *Taped) string {
	for _, from := range n.from {
		if net.Layers[from.index].Out == v && from.users > 1 {
			return ", and what comes from its other readers"
		}
	}
	return ""
}

func isZero(g *tensor.Tensor) bool {
	if g == nil {
		return true
	}
	for _, v := range g.Data {
		if v != 0 {
			return false
		}
	}
	return true
}

func slopeOf(v *grad.Var) string { return "∂L/∂" + v.Name() }

// few writes the first numbers of a value.
func few(v *tensor.Tensor) string {
	const most = 10
	var parts []string
	for _, x := range v.Data[:min(most, len(v.Data))] {
		parts = append(parts, signed(float64(x)))
	}
	if len(v.Data) > most {
		parts = append(parts, fmt.Sprintf("… %d more", len(v.Data)-most))
	}
	return strings.Join(parts, " ")
}

// signed writes a number with its sign, and of a small one, as the gradients of a model
// that is sure, its first digits.
func signed(v float64) string {
	if small := math.Abs(v) < 0.01 && v != 0; small {
		return fmt.Sprintf("%+.2g", v)
	}
	return fmt.Sprintf("%+.3f", v+0) // a zero has no sign of its own
}

// table returns the header and rows of some lines.
func lineTable(lines []Line) (header []string, rows [][]string) {
	for _, l := range lines {
		rows = append(rows, []string{l.Layer, l.Formula, l.Shapes, l.Values})
	}
	return []string{"layer", "formula", "shapes", "values"}, rows
}

// numbers are the lines' numbers in full, one below the other.
func numbersOf(lines []Line) []string {
	var out []string
	for _, l := range lines {
		if l.Number != "" {
			out = append(out, l.Number)
		}
	}
	return out
}

// String writes the pass forward and backward, one number of every layer in full, every
// step of the tape, and the check.
func (e *Explanation) String() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		lines []Line
	}{{"forward", e.Forward}, {"backward", e.Backward}} {
		b.WriteString(part.title + "\n" + textTable(lineTable(part.lines)))
		if numbers := numbersOf(part.lines); numbers != nil {
			b.WriteString("in numbers\n  " + strings.Join(numbers, "\n  ") + "\n")
		}
		b.WriteString("\n")
	}
	return b.String() + "step by step\n" + e.Tape.String() + "\n\n" + e.Check.String()
}

// MIMEBundle returns the same as text/plain and, as tables, text/html.
func (e *Explanation) MIMEBundle() map[string]any {
	part := func(v interface{ MIMEBundle() map[string]any }) string {
		s, ok := v.MIMEBundle()["text/html"].(string)
		if !ok {
			return ""
		}
		return s
	}
	var b strings.Builder
	b.WriteString(`<div class="cajal-explanation">`)
	for _, p := range []struct {
		title string
		lines []Line
	}{{"forward", e.Forward}, {"backward", e.Backward}} {
		header, rows := lineTable(p.lines)
		b.WriteString("<div>" + p.title + "</div>" + htmlTable(header, rows, len(header)))
		if numbers := numbersOf(p.lines); numbers != nil {
			b.WriteString("<pre>" + html.EscapeString(strings.Join(numbers, "\n")) + "</pre>")
		}
	}
	b.WriteString("<div>step by step</div>" + part(e.Tape) + part(e.Check) + "</div>")
	return map[string]any{"text/plain": e.String(), "text/html": b.String()}
}
