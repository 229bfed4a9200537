// This file writes out one forward and backward pass.

package explain

import (
	"fmt"
	"strings"

	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A Line is a value of a forward pass and how it was computed.
type Line struct {
	Layer   string // the layer's name, "loss" at the end
	Formula string // such as "z1 = x W1 + b1"
	Shapes  string // such as "[784] [784 10] + [10] = [10]"
	Values  string // the first numbers
}

// An Explanation has all numbers of one forward and backward pass of one example.
type Explanation struct {
	Loss    float64
	Forward []Line
	Tape    *grad.Tape   // every step with its gradient and rule
	Check   *grad.Report // gradients against central differences
}

// Pass runs one example x through a model and back and writes out what happens,
// with the formulas. y is the truth: an int is a class label; a *tensor.Tensor or
// []float32 are targets. A nil loss is what nn.Fit would choose. For each weight
// matrix and bias the largest gradient and one other are compared with central
// differences.
func Pass(m *nn.Model, x *tensor.Tensor, y any, loss nn.Loss) (*Explanation, error) {
	b, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	var tr truth
	switch y := y.(type) {
	case int:
		tr.labels = []int{y}
	case *tensor.Tensor:
		tr.targets = y
	case []float32:
		if tr.targets, err = tensor.FromSlice(y); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("explain: the truth is a %T; it must be an int, []float32 or *tensor.Tensor", y)
	}
	p, err := planFor(m, b)
	if err != nil {
		return nil, err
	}
	t := grad.NewTape()
	n := p.run(t, t.Data("x", b))
	L, formula, err := lossOn(t, n, loss, tr)
	if err != nil {
		return nil, err
	}
	t.Backward(L)
	e := &Explanation{Loss: L.Item(), Tape: t}
	for i, l := range n.Layers {
		e.Forward = append(e.Forward, forward(n, i, l)...)
	}
	e.Forward = append(e.Forward, Line{Layer: "loss", Formula: formula, Values: fmt.Sprintf("%+.5f", e.Loss)})
	e.Check = grad.CheckSome(func(t *grad.Tape) *grad.Var {
		L, _, err := lossOn(t, p.run(t, t.Data("x", b)), loss, tr)
		if err != nil {
			panic(err) // it went well above
		}
		return L
	}, 2)
	return e, nil
}

// forward writes the lines of a layer.
func forward(n *Net, i int, l Layer) []Line {
	if i == 0 {
		return []Line{{Layer: l.Name, Formula: "x", Shapes: fmt.Sprint(l.LayerInfo.Out), Values: few(l.Out)}}
	}
	in := n.Layers[i-1].Out
	if l.W == nil {
		return []Line{{
			Layer: l.Name, Formula: l.Out.Name() + " = " + l.Kind + "(" + in.Name() + ")",
			Shapes: fmt.Sprintf("%v -> %v", l.In, l.LayerInfo.Out), Values: few(l.Out),
		}}
	}
	times := " "
	if l.Kind == "Conv2D" {
		times = " * "
	}
	lines := []Line{{
		Layer:   l.Name,
		Formula: l.Sum.Name() + " = " + in.Name() + times + l.W.Name() + " + " + l.B.Name(),
		Shapes:  fmt.Sprintf("%v%s%v + %v = %v", l.In, times, l.W.Shape(), l.B.Shape(), l.LayerInfo.Out),
		Values:  few(l.Sum),
	}}
	if l.Out != l.Sum {
		lines = append(lines, Line{
			Layer: l.Name, Formula: l.Out.Name() + " = " + l.Activation + "(" + l.Sum.Name() + ")",
			Shapes: fmt.Sprint(l.LayerInfo.Out), Values: few(l.Out),
		})
	}
	return lines
}

// few writes the first numbers of a value.
func few(v *grad.Var) string {
	const most = 10
	values := v.Value().Data
	var parts []string
	for _, x := range values[:min(most, len(values))] {
		parts = append(parts, fmt.Sprintf("%+.3f", x))
	}
	if len(values) > most {
		parts = append(parts, fmt.Sprintf("… %d more", len(values)-most))
	}
	return strings.Join(parts, " ")
}

func (e *Explanation) rows() [][]string {
	rows := [][]string{{"layer", "formula", "shapes", "values"}}
	for _, l := range e.Forward {
		rows = append(rows, []string{l.Layer, l.Formula, l.Shapes, l.Values})
	}
	return rows
}

// String writes the forward pass, the tape going backward, and the check.
func (e *Explanation) String() string {
	return "forward\n" + textTable(e.rows()) + "\n\nbackward\n" + e.Tape.String() + "\n\n" + e.Check.String()
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
	page := `<div class="cajal-explanation"><div>forward</div>` + htmlTable(e.rows()) +
		"<div>backward</div>" + part(e.Tape) + part(e.Check) + "</div>"
	return map[string]any{"text/plain": e.String(), "text/html": page}
}
