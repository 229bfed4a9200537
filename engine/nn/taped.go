// This file puts a model on a tape of package grad.

package nn

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"

	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// A TapedLayer is a layer of a model on a tape.
type TapedLayer struct {
	LayerInfo
	Weights []*grad.Var // in the order of Model.Parameters; nil without
	Sum     *grad.Var   // what goes into the activation; nil for layers without one
	Out     *grad.Var   // what comes out, for all examples
}

// A Taped is a model on a tape: layers as Model.Layers counts them, the first the
// Input. The tape has every value and, after a Backward, every gradient.
type Taped struct {
	Layers []TapedLayer
	tape   *grad.Tape
	model  *Model
}

// OnTape puts a model on a tape and runs it on x, examples [n …] of the model's input
// shape that are on the tape already. Weights and biases are copies, and take
// gradients. Layers compute as outside of training: nothing is dropped, and
// normalisation over the batch uses its moving averages. It gives the outputs of
// [Model.Predict] within float32 rounding, far more slowly, and everything on the way:
//
//	t := grad.NewTape()
//	x := t.Param("x", images)
//	net, err := m.OnTape(t, x)
//	t.Backward(net.Score().Index(1, 7).Sum())
//	x.Grad() // what the images' scores for class 7 react to
//
// It fails for a model that has an error, when x does not fit, and when a layer of the
// user's own fails.
func (m *Model) OnTape(t *grad.Tape, x *grad.Var) (*Taped, error) { return m.onTape(t, x, false) }

// onTape does it as in training if train is set, but for Dropout, whose noise belongs
// to a step.
func (m *Model) onTape(t *grad.Tape, x *grad.Var, train bool) (*Taped, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	switch {
	case t == nil || x == nil:
		return nil, fmt.Errorf("nn: OnTape got nil: t := grad.NewTape() makes a tape, t.Data(\"x\", examples) puts examples on it")
	case x.Tape() != t:
		return nil, fmt.Errorf("nn: OnTape: %s is on another tape", nameOf(x, "x"))
	}
	if s := x.Shape(); len(s) < 1 || s[0] < 1 || !slices.Equal(s[1:], m.nodes[0].out) {
		return nil, fmt.Errorf("nn: OnTape: examples have shape %v, but the model wants [n %s]", s, strings.Trim(fmt.Sprint(m.nodes[0].out), "[]"))
	}
	if err := checkWords(m, x.Value()); err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	net := &Taped{tape: t, model: m}
	infos := m.Layers()
	k := 0 // of layers with parameters
	for i, n := range m.nodes {
		l := TapedLayer{LayerInfo: infos[i], Out: x}
		if i > 0 {
			if n.params != nil {
				k++
			}
			var err error
			if l, err = net.layer(n, infos[i], k, train); err != nil {
				return nil, err
			}
		}
		net.Layers = append(net.Layers, l)
	}
	return net, nil
}

func nameOf(v *grad.Var, otherwise string) string {
	if v.Name() == "" {
		return otherwise
	}
	return v.Name()
}

// layer computes a layer and names its values as formulas have them: W1 and b1 are the
// parameters of the first layer that has some, z1 its sums, h1 its outputs.
func (net *Taped) layer(n *node, info LayerInfo, k int, train bool) (TapedLayer, error) {
	l := TapedLayer{LayerInfo: info}
	for _, p := range n.params {
		name, values := fmt.Sprintf("%s%d", symbol(p.name), k), p.tensor(p.w)
		if p.fixed {
			l.Weights = append(l.Weights, net.tape.Data(name, values))
		} else {
			l.Weights = append(l.Weights, net.tape.Param(name, values))
		}
	}
	var in []*grad.Var
	for _, from := range n.from {
		in = append(in, net.Layers[from.index].Out)
	}
	err := caught(func() {
		y := n.onTape(in, l.Weights, train)
		name := fmt.Sprintf("%s%d", short(n.Kind()), n.index)
		if n.params != nil {
			name = fmt.Sprintf("h%d", k)
		}
		act, has := n.activation()
		if !has || y == in[0] { // nothing of its own comes out
			if y != in[0] {
				y.Named(name)
			}
			l.Out = y
			if !has {
				return
			}
		}
		l.Sum, l.Out = y, y
		if act == Linear {
			if n.params != nil {
				y.Named(fmt.Sprintf("z%d", k))
			}
			return
		}
		if n.params != nil {
			y.Named(fmt.Sprintf("z%d", k))
		}
		l.Out = onTape(act, y).Named(name)
	})
	if err != nil {
		return l, fmt.Errorf("nn: layer %d %s%s: %w", n.index, n.Kind(), atOf(n), err)
	}
	return l, nil
}

// atOf writes where a layer was made, in brackets.
func atOf(n *node) string {
	if at := n.common().at; at != "" {
		return " (" + at + ")"
	}
	return ""
}

// symbol is the letter of a parameter in formulas.
func symbol(name string) string {
	switch name {
	case "weights":
		return "W"
	case "biases":
		return "b"
	case "recurrent weights":
		return "U"
	case "recurrent biases":
		return "c"
	case "gains":
		return "γ"
	case "shifts":
		return "β"
	case "moving means":
		return "μ"
	case "moving variances":
		return "σ²"
	}
	var b strings.Builder // query weights: Wquery
	what, kind, _ := strings.Cut(name, " ")
	switch kind {
	case "weights":
		b.WriteString("W")
	case "biases":
		b.WriteString("b")
	default:
		return name
	}
	b.WriteString(what)
	return b.String()
}

// short names what a layer without parameters gives.
func short(kind string) string {
	switch kind {
	case "MaxPool1D", "MaxPool2D", "AvgPool1D", "AvgPool2D", "GlobalAvgPool", "GlobalMaxPool":
		return "pool"
	case "Flatten":
		return "flat"
	case "Act":
		return "a"
	case "Add":
		return "sum"
	case "Multiply":
		return "product"
	}
	return strings.ToLower(kind)
}

// caught calls f and returns what it panicked with as an error: a mistake of package
// grad as it is, anything else with the place.
func caught(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *tensor.OpError:
			err = e
		default:
			err = fmt.Errorf("panic: %v%s", e, panicPlace())
		}
	}()
	f()
	return nil
}

// panicPlace finds the line that panicked in the stack of the goroutine: the first
// behind the runtime's own. Of a program that is interpreted, whose lines are not on
// the stack, it is not told.
func panicPlace() string {
	if callerResolver.Load() != nil {
		return ""
	}
	lines := strings.Split(string(debug.Stack()), "\n")
	at := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "panic(") })
	for ; at >= 0 && at < len(lines); at++ {
		file, ok := strings.CutPrefix(lines[at], "\t")
		if !ok || strings.Contains(file, "/runtime/") {
			continue
		}
		if i := strings.LastIndexByte(file, '/'); i >= 0 {
			file = file[i+1:]
		}
		file, _, _ = strings.Cut(file, " ")
		return " (" + file + ")"
	}
	return ""
}

// Score is what goes into the last softmax or sigmoid, [n outputs…]; for other models
// it is the output. Probabilities hardly move where a model is sure; this does.
func (net *Taped) Score() *grad.Var {
	last := net.Layers[len(net.Layers)-1]
	if last.Activation == Softmax.String() || last.Activation == Sigmoid.String() {
		return last.Sum
	}
	return last.Out
}

// Out is what comes out of the model.
func (net *Taped) Out() *grad.Var { return net.Layers[len(net.Layers)-1].Out }

// onTape applies an activation.
func onTape(a Activation, z *grad.Var) *grad.Var {
	switch a {
	case Linear:
		return z
	case ReLU:
		return z.ReLU()
	case Sigmoid:
		return z.Sigmoid()
	case Tanh:
		return z.Tanh()
	case Softmax:
		return z.Softmax(-1)
	case LogSoftmax:
		return z.LogSoftmax(-1)
	case Softplus:
		return z.Softplus()
	case Exp:
		return z.Exp()
	case Sparsemax:
		// τ is the mean of the numbers that stay, less 1/count of them; which stay is
		// not differentiated.
		stays, counts := sparsemaxMask(z.Value())
		t := z.Tape()
		m := t.Data("stays", stays)
		tau := z.Mul(m).Sum(len(z.Shape()) - 1).Shift(-1).Div(t.Data("count", counts))
		return z.Sub(tau.ExpandDims(-1)).Mul(m)
	}
	f := activations[a]
	return z.Map(a.String(), f.f, f.d)
}

// sparsemaxMask returns 1 for the numbers that are above 0 behind Sparsemax, and how
// many they are in every row.
func sparsemaxMask(z *tensor.Tensor) (stays, counts *tensor.Tensor) {
	last := len(z.Shape) - 1
	stays, counts = tensor.New(z.Shape...), tensor.New(z.Shape[:last]...)
	n := z.Shape[last]
	for i := range counts.Data {
		row := stays.Data[i*n : (i+1)*n]
		sparsemax(z.Data[i*n:(i+1)*n], row)
		for k, v := range row {
			row[k] = 0
			if v > 0 {
				row[k] = 1
				counts.Data[i]++
			}
		}
	}
	return stays, counts
}

// penalty adds those of the parameters to a loss.
func (net *Taped) penalty(L *grad.Var) *grad.Var {
	for i, n := range net.model.nodes {
		for k, p := range n.params {
			w := net.Layers[i].Weights[k]
			if p.l1 != 0 {
				L = L.Add(w.Abs().Sum().Scale(p.l1))
			}
			if p.l2 != 0 {
				L = L.Add(w.Square().Sum().Scale(p.l2))
			}
		}
	}
	return L
}

// The numbers of a batch normalisation that are not learnt.
func scaleOf(variance *grad.Var) *grad.Var { return variance.Shift(normEps).Pow(-0.5) }

// causalMask is 0 where a step may look, and as good as -∞ where it may not.
func causalMask(steps, seen int) *tensor.Tensor {
	m := tensor.New(steps, seen)
	for t := range steps {
		for s := t + 1; s < seen; s++ {
			m.Set(-math.MaxFloat32/4, t, s)
		}
	}
	return m
}
