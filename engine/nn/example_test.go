// This file shows layers, losses and training loops of one's own.

package nn_test

import (
	"fmt"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// larger has examples of four numbers: class 1 where the second is larger than the last.
func larger() *data.Dataset {
	x := tensor.Uniform(1, -1, 1, 600, 4)
	labels := make([]int, x.Len())
	for i := range labels {
		if x.At(i, 1) > x.At(i, 3) {
			labels[i] = 1
		}
	}
	d, err := data.Arrays(x, labels)
	if err != nil {
		panic(err)
	}
	return d
}

// A layer of one's own is a function on a tape; it is trained as any other.
func ExampleCustom() {
	scaled := func(units int) nn.Layer {
		return nn.Custom("Scaled", func(x *grad.Var, w []*grad.Var) *grad.Var {
			return x.MatMul(w[0]).Add(w[1]).Tanh().Mul(w[2])
		},
			nn.Weight{Name: "weights", Shape: []int{-1, units}},
			nn.Weight{Name: "biases", Shape: []int{units}, Begin: nn.Zeros},
			nn.Weight{Name: "gain", Begin: nn.Ones})
	}
	m := nn.Sequential(nn.Input(4), scaled(8), nn.Dense(2, nn.Softmax))
	fmt.Println(m)
	set := larger()
	if _, err := m.Fit(set, nn.Fit{Epochs: 20, Optimizer: nn.Adam{LR: 0.02}}); err != nil {
		fmt.Println(err)
		return
	}
	r, err := m.Evaluate(set)
	fmt.Println("learnt:", err == nil && r.Accuracy > 0.97)
	// Output:
	// layer     kind    activation  output shape  parameters
	// ──────────────────────────────────────────────────────
	// input_0   Input               [4]                    0
	// scaled_1  Scaled  linear      [8]                   41
	// dense_2   Dense   softmax     [2]                   18
	// 59 parameters (236 bytes of float32), 126 operations an example
	// learnt: true
}

// A loss of one's own is a function on a tape too: here one that counts less what is
// right already (Lin and others, 2017).
func ExampleCustomLoss() {
	focal := nn.CustomLoss("focal", func(ŷ *grad.Var, y nn.Truth) *grad.Var {
		p := ŷ.Pick(y.Labels) // probabilities of the right classes, [n]
		return p.Neg().Shift(1).Square().Mul(p.Log()).Neg()
	})
	m := nn.Sequential(nn.Input(4), nn.Dense(8, nn.Tanh), nn.Dense(2, nn.Softmax))
	h, err := m.Fit(larger(), nn.Fit{Epochs: 20, Loss: focal, Metrics: []nn.Metric{nn.Accuracy{}}, Optimizer: nn.Adam{LR: 0.02}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.LossName, h.Epochs[19].Loss < h.Epochs[0].Loss/4, h.Epochs[19].Metrics[0] > 0.97)
	// Output: focal true true
}

// A training loop of one's own: the model's layers on a tape, a step of gradient
// descent, and the weights back into the model.
func ExampleModel_OnTape() {
	m := nn.Sequential(nn.Input(4), nn.Dense(8, nn.Tanh), nn.Dense(2, nn.Softmax))
	set := larger()
	var first, last float64
	for epoch := range 60 {
		t := grad.NewTape()
		net, err := m.OnTape(t, t.Data("x", set.Inputs()))
		if err != nil {
			fmt.Println(err)
			return
		}
		L, formula, err := net.Loss(nil, nn.TruthOf(set))
		if err != nil {
			fmt.Println(err)
			return
		}
		t.Backward(L)
		for i, l := range net.Layers {
			var weights []*tensor.Tensor
			for _, w := range l.Weights {
				w.Value().AddScaled(-0.5, w.Grad())
				weights = append(weights, w.Value())
			}
			if weights != nil {
				if err := m.SetParameters(i, weights...); err != nil {
					fmt.Println(err)
					return
				}
			}
		}
		if epoch == 0 {
			first = L.Item()
			fmt.Println(formula)
		}
		last = L.Item()
	}
	fmt.Println(last < first/2)
	// Output:
	// L = -log softmax(z2)[label]
	// true
}
