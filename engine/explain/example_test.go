// This file shows what asks a model why.

package explain_test

import (
	"fmt"

	"cajal/engine/data"
	"cajal/engine/explain"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A model that learned to compare two of its four inputs says which they are.
func Example() {
	x := tensor.Uniform(1, -1, 1, 400, 4)
	labels := make([]int, x.Len())
	for i := range labels {
		if x.At(i, 1) > x.At(i, 3) {
			labels[i] = 1
		}
	}
	set, err := data.Arrays(x, labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	m := nn.Sequential(nn.Input(4), nn.Dense(8, nn.Tanh), nn.Dense(2, nn.Softmax))
	if _, err := m.Fit(set, nn.Fit{Epochs: 60, Optimizer: nn.Adam{LR: 0.01}}); err != nil {
		fmt.Println(err)
		return
	}
	example, _ := tensor.FromSlice([]float32{0.9, 0.8, -0.9, -0.7})
	a, err := explain.IntegratedGradients(m, example, 1, nil, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, v := range a.Values.Scale(1 / (a.Score - a.Baseline)).Data {
		fmt.Printf("input %d: more than a quarter of the score: %v\n", i, v > 0.25)
	}
	// Output:
	// input 0: more than a quarter of the score: false
	// input 1: more than a quarter of the score: true
	// input 2: more than a quarter of the score: false
	// input 3: more than a quarter of the score: true
}

// One example through a small network and back, with all numbers.
func ExamplePass() {
	m := nn.Sequential(nn.Input(2), nn.Dense(1))
	w, _ := tensor.FromRows([][]float32{{2}, {-1}})
	b, _ := tensor.FromSlice([]float32{0.5})
	if err := m.SetWeights(1, w, b); err != nil {
		fmt.Println(err)
		return
	}
	x, _ := tensor.FromSlice([]float32{1, 3})
	e, err := explain.Pass(m, x, []float32{1}, nn.HalfMSE{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range e.Forward {
		fmt.Printf("%s, %s: %s\n", l.Layer, l.Formula, l.Values)
	}
	fmt.Println(e.Tape)
	// Output:
	// input_0, x: +1.000 +3.000
	// dense_1, z1 = x W1 + b1: -0.500
	// loss, L = 1/(2n) Σ (y - z1)²: +1.12500
	// step  node  value                ∂L/∂node               rule used going backward
	//   0   L     +1.12500             +1.000000              ∂L/∂z1 += (z1-y)
	//   1   y     [+1.00000]           data
	//   2   z1    [-0.50000]           [-1.500000]            ∂L/∂xW1 += ∂L/∂z1, ∂L/∂b1 += ∂L/∂z1
	//   3   xW1   [-1.00000]           [-1.500000]            ∂L/∂W1 += xᵀ·∂L/∂xW1
	//   4   b1    [+0.50000]           [-1.500000]
	//   5   W1    [+2.00000 -1.00000]  [-1.500000 -4.500000]
	//   6   x     [+1.00000 +3.00000]  data
}
