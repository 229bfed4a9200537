// This file compares networks on the tape with the same in package nn: losses and
// gradients must agree within float32 rounding.

package grad_test

import (
	"fmt"
	"math"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A network is the same layers twice, and its loss.
type network struct {
	name   string
	layers []nn.Layer
	loss   nn.Loss
	tape   func(t *grad.Tape, x *grad.Var, p []*grad.Var, y *tensor.Tensor, labels []int) *grad.Var
	y      *tensor.Tensor // nil: labels
}

func TestParity(t *testing.T) {
	dense := func(x *grad.Var, p []*grad.Var, i int) *grad.Var { return x.MatMul(p[2*i]).Add(p[2*i+1]) }
	conv := func(x *grad.Var, p []*grad.Var, i int, o ...grad.ConvOption) *grad.Var {
		return x.Conv2D(p[2*i], o...).Add(p[2*i+1])
	}
	targets := tensor.Uniform(9, 0, 1, 24, 3)
	for _, c := range []network{
		{
			"the article's network, small",
			[]nn.Layer{nn.Input(20), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(4, nn.Softmax)},
			nn.SparseCategoricalCrossEntropy{},
			func(_ *grad.Tape, x *grad.Var, p []*grad.Var, _ *tensor.Tensor, labels []int) *grad.Var {
				return dense(dense(dense(x, p, 0).ReLU(), p, 1).ReLU(), p, 2).SparseCategoricalCrossEntropy(labels)
			}, nil,
		},
		{
			"tanh and sigmoid, half MSE",
			[]nn.Layer{nn.Input(20), nn.Dense(7, nn.Tanh), nn.Dense(3, nn.Sigmoid)},
			nn.HalfMSE{},
			func(t *grad.Tape, x *grad.Var, p []*grad.Var, y *tensor.Tensor, _ []int) *grad.Var {
				return dense(dense(x, p, 0).Tanh(), p, 1).Sigmoid().HalfMSE(t.Data("y", y))
			}, targets,
		},
		{
			"softmax inside, MSE",
			[]nn.Layer{nn.Input(20), nn.Dense(7, nn.Softmax), nn.Dense(3)},
			nn.MSE{},
			func(t *grad.Tape, x *grad.Var, p []*grad.Var, y *tensor.Tensor, _ []int) *grad.Var {
				return dense(dense(x, p, 0).Softmax(-1), p, 1).MSE(t.Data("y", y))
			}, targets,
		},
		{
			"categorical",
			[]nn.Layer{nn.Input(20), nn.Dense(3, nn.Softmax)},
			nn.CategoricalCrossEntropy{},
			func(t *grad.Tape, x *grad.Var, p []*grad.Var, y *tensor.Tensor, _ []int) *grad.Var {
				return dense(x, p, 0).CategoricalCrossEntropy(t.Data("y", y))
			}, targets,
		},
		{
			"binary",
			[]nn.Layer{nn.Input(20), nn.Dense(3, nn.Sigmoid)},
			nn.BinaryCrossEntropy{},
			func(t *grad.Tape, x *grad.Var, p []*grad.Var, y *tensor.Tensor, _ []int) *grad.Var {
				return dense(x, p, 0).BinaryCrossEntropy(t.Data("y", y))
			}, targets,
		},
		{
			"convolutions",
			[]nn.Layer{
				nn.Input(9, 8, 2), nn.Conv2D(6, 3, 2, nn.ReLU, nn.Same), nn.MaxPool2D(2), nn.Conv2D(5, 2, 2, nn.Tanh), nn.Flatten(), nn.Dense(4, nn.Softmax),
			},
			nn.SparseCategoricalCrossEntropy{},
			func(_ *grad.Tape, x *grad.Var, p []*grad.Var, _ *tensor.Tensor, labels []int) *grad.Var {
				h := conv(x, p, 0, grad.Same).ReLU().MaxPool2D(2)
				h = conv(h, p, 1).Tanh().Flatten()
				return dense(h, p, 2).SparseCategoricalCrossEntropy(labels)
			}, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) { compare(t, c) })
	}
}

func compare(t *testing.T, c network) {
	m := nn.Sequential(c.layers...)
	const n = 24
	x := tensor.Normal(1, 0, 1, append([]int{n}, m.InputShape()...)...)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i * 7 % 4
	}
	var y any = labels
	if c.y != nil {
		y = c.y
	}
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}

	tape := grad.NewTape()
	var p []*grad.Var
	var layers []int
	for i, l := range m.Layers() {
		w, b, err := m.Weights(i)
		if err != nil {
			continue // no weights
		}
		nd := tensor.Normal(int64(i), 0, 0.1, b.Shape...) // biases of 0 would hide mistakes
		if err := m.SetWeights(i, w, nd); err != nil {
			t.Fatal(err)
		}
		layers = append(layers, i)
		p = append(p, tape.Param(fmt.Sprintf("W%d (%s)", i, l.Kind), w), tape.Param(fmt.Sprintf("b%d", i), nd))
	}
	L := c.tape(tape, tape.Data("X", x), p, c.y, labels)
	tape.Backward(L)

	// One step of gradient descent with rate 1 leaves the gradient as the
	// difference of weights.
	h, err := m.Fit(d, nn.Fit{Batch: n, Optimizer: nn.SGD{LR: 1}, Loss: c.loss, Metrics: []nn.Metric{}, InOrder: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := h.Epochs[0].Loss, L.Item(); math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
		t.Errorf("loss of the model %v, on the tape %v", got, want)
	}
	for k, i := range layers {
		w, b, err := m.Weights(i)
		if err != nil {
			t.Fatal(err)
		}
		for j, after := range []*tensor.Tensor{w, b} {
			v := p[2*k+j]
			largest := v.Grad().Abs().Max().Item()
			if largest == 0 {
				t.Errorf("%s: the gradient is 0, which shows nothing", v.Name())
			}
			diff := v.Value().Sub(after).Sub(v.Grad()).Abs().Max().Item()
			if diff > 3e-6*largest+3e-7 {
				t.Errorf("%s: gradients differ by %v, the largest is %v", v.Name(), diff, largest)
			}
		}
	}
}
