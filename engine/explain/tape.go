// This file puts a model of package nn on a tape.

package explain

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A Layer is a layer of a model on a tape.
type Layer struct {
	nn.LayerInfo
	W, B *grad.Var // weights and biases; nil without
	Sum  *grad.Var // what goes into the activation; nil for layers without one
	Out  *grad.Var // what comes out
}

// A Net is a model on a tape: layers as nn.Model.Layers counts them, the first the
// Input.
type Net struct{ Layers []Layer }

// Score is what goes into the last softmax or sigmoid; for other models it is the
// output.
func (n *Net) Score() *grad.Var {
	last := n.Layers[len(n.Layers)-1]
	if last.Activation == "softmax" || last.Activation == "sigmoid" {
		return last.Sum
	}
	return last.Out
}

// Put puts a model on a tape and runs it on x, examples [n …] of the model's input
// shape that are on the tape already. Weights and biases are copies, and take
// gradients. It fails for a model that has an error, for layers and activations
// that it does not know, and when x does not fit.
func Put(t *grad.Tape, m *nn.Model, x *grad.Var) (*Net, error) {
	p, err := planFor(m, x.Value())
	if err != nil {
		return nil, err
	}
	return p.run(t, x), nil
}

// plan is how to compute a model on a tape.
type plan struct {
	infos   []nn.LayerInfo
	weights []weights
	steps   []step
}

type weights struct{ w, b *tensor.Tensor }

// step computes a layer but for its activation.
type step func(x, w, b *grad.Var) *grad.Var

// run computes the model. Values are named as formulas have them: x goes in, W1
// and b1 are the parameters of the first layer that has some, z1 its sums, h1 its
// outputs.
func (p *plan) run(t *grad.Tape, x *grad.Var) *Net {
	n := &Net{}
	k := 0
	h := x
	for i, info := range p.infos {
		l := Layer{LayerInfo: info, Out: h}
		if i > 0 {
			if w := p.weights[i]; w.w != nil {
				k++
				l.W, l.B = t.Param(fmt.Sprintf("W%d", k), w.w), t.Param(fmt.Sprintf("b%d", k), w.b)
			}
			h = p.steps[i](h, l.W, l.B)
			if l.W == nil {
				h.Named(fmt.Sprintf("%s%d", lower(info.Kind), i))
			} else {
				l.Sum = h.Named(fmt.Sprintf("z%d", k))
				if f := activations[info.Activation]; f != nil {
					h = f(h).Named(fmt.Sprintf("h%d", k))
				}
			}
			l.Out = h
		}
		n.Layers = append(n.Layers, l)
	}
	return n
}

// lower names what a layer without weights gives, such as "pool".
func lower(kind string) string {
	switch kind {
	case "MaxPool2D":
		return "pool"
	case "Flatten":
		return "flat"
	}
	return kind
}

// activations are those that package nn has; the linear one does nothing.
var activations = map[string]func(*grad.Var) *grad.Var{
	"":        nil,
	"linear":  nil,
	"relu":    (*grad.Var).ReLU,
	"sigmoid": (*grad.Var).Sigmoid,
	"tanh":    (*grad.Var).Tanh,
	"softmax": func(x *grad.Var) *grad.Var { return x.Softmax(-1) },
}

// errUnknown is for layers that cannot be put on a tape.
var errUnknown = errors.New("cannot be put on a tape here")

// planFor finds out how to compute a model, and that it comes to the model's own
// outputs for x.
//
// nn tells a layer's kind and shapes but not all settings, such as a window's
// size or the padding. There are few that fit the shapes; the right one gives the
// model's outputs.
func planFor(m *nn.Model, x *tensor.Tensor) (*plan, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if x.Rank() < 1 || x.Len() == 0 || !slices.Equal(x.Shape[1:], m.InputShape()) {
		return nil, fmt.Errorf("explain: examples have shape %v, but the model wants [n %s]", x.Shape, inner(m.InputShape()))
	}
	p := &plan{infos: m.Layers()}
	p.weights, p.steps = make([]weights, len(p.infos)), make([]step, len(p.infos))
	probe := x
	if x.Len() > 2 {
		probe = x.Slice(0, 0, 2)
	}
	h := probe
	for i, info := range p.infos {
		if i == 0 {
			continue
		}
		if _, known := activations[info.Activation]; !known {
			return nil, fmt.Errorf("explain: layer %d %s: activation %s %w", i, info.Kind, info.Activation, errUnknown)
		}
		if info.Params > 0 {
			w, b, err := m.Weights(i)
			if err != nil {
				return nil, err
			}
			p.weights[i] = weights{w, b}
		}
		want, err := m.Outputs(probe, i)
		if err != nil {
			return nil, err
		}
		candidates := stepsFor(info, p.weights[i])
		if candidates == nil {
			return nil, fmt.Errorf("explain: layer %d %s %w", i, info.Kind, errUnknown)
		}
		for _, s := range candidates {
			if agrees(p.one(i, s, h), want) {
				p.steps[i] = s
				break
			}
		}
		if p.steps[i] == nil {
			return nil, fmt.Errorf("explain: layer %d %s %w: it gives other outputs than on the tape", i, info.Kind, errUnknown)
		}
		h = want
	}
	return p, nil
}

func inner(shape []int) string {
	s := fmt.Sprint(shape)
	return s[1 : len(s)-1]
}

// one computes layer i alone.
func (p *plan) one(i int, s step, in *tensor.Tensor) *tensor.Tensor {
	t := grad.NewTape()
	var w, b *grad.Var
	if p.weights[i].w != nil {
		w, b = t.Data("w", p.weights[i].w), t.Data("b", p.weights[i].b)
	}
	out := s(t.Data("x", in), w, b)
	if f := activations[p.infos[i].Activation]; f != nil {
		out = f(out)
	}
	return out.Value()
}

// stepsFor returns the ways in which a layer could compute its outputs.
func stepsFor(info nn.LayerInfo, w weights) []step {
	switch info.Kind {
	case "Dense":
		if w.w == nil {
			return nil
		}
		return []step{func(x, w, b *grad.Var) *grad.Var {
			return x.MatMul(w).Named(x.Name() + w.Name()).Add(b)
		}}
	case "Conv2D":
		if w.w == nil || w.w.Rank() != 4 {
			return nil
		}
		return convSteps(info, w.w.Shape)
	case "MaxPool2D":
		return poolSteps(info)
	case "Flatten":
		return []step{func(x, _, _ *grad.Var) *grad.Var { return x.Flatten() }}
	}
	return nil
}

// convSteps tries strides with and without padding.
func convSteps(info nn.LayerInfo, filter []int) []step {
	var out []step
	for stride := 1; stride <= max(info.In[0], info.In[1]); stride++ {
		for _, same := range []bool{false, true} {
			fits := func(in, k, out int) bool {
				if same {
					return (in+stride-1)/stride == out
				}
				return in >= k && (in-k)/stride+1 == out
			}
			if !fits(info.In[0], filter[0], info.Out[0]) || !fits(info.In[1], filter[1], info.Out[1]) {
				continue
			}
			options := []grad.ConvOption{grad.Stride(stride)}
			if same {
				options = append(options, grad.Same)
			}
			out = append(out, func(x, w, b *grad.Var) *grad.Var {
				return x.Conv2D(w, options...).Named(x.Name() + "*" + w.Name()).Add(b)
			})
		}
	}
	return out
}

// poolSteps tries windows.
func poolSteps(info nn.LayerInfo) []step {
	var out []step
	for size := 1; size <= min(info.In[0], info.In[1]); size++ {
		if info.In[0]/size == info.Out[0] && info.In[1]/size == info.Out[1] {
			out = append(out, func(x, _, _ *grad.Var) *grad.Var { return x.MaxPool2D(size) })
		}
	}
	return out
}

// agrees reports whether two results are the same within float32 rounding.
func agrees(got, want *tensor.Tensor) bool {
	if !slices.Equal(got.Shape, want.Shape) {
		return false
	}
	largest := 0.0
	for _, v := range want.Data {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i, v := range want.Data {
		if !(math.Abs(float64(got.Data[i]-v)) <= 1e-4*(largest+1e-6)) {
			return false
		}
	}
	return true
}
