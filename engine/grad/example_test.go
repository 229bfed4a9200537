// This file shows the tape.

package grad_test

import (
	"fmt"
	"math"

	"cajal/engine/grad"
	"cajal/engine/optim"
	"cajal/engine/tensor"
)

// Back-propagation through one neuron, step by step.
func Example() {
	t := grad.NewTape()
	w, x, b, y := t.Var("w", 0.8), t.Var("x", 1.5), t.Var("b", -0.3), t.Var("y", 1)
	z := t.Add("z", t.Mul("wx", w, x), b)
	L := t.HalfSq("L", y, t.Sigmoid("ŷ", z))
	t.Backward(L)
	fmt.Println(t)
	// Output:
	// step  node  value     ∂L/∂node   rule used going backward
	//   0   L     +0.04178  +1.000000  ∂L/∂ŷ += (ŷ-y)
	//   1   ŷ     +0.71095  -0.289050  ∂L/∂z += ∂L/∂ŷ·ŷ(1-ŷ)
	//   2   z     +0.90000  -0.059400  ∂L/∂wx += ∂L/∂z, ∂L/∂b += ∂L/∂z
	//   3   wx    +1.20000  -0.059400  ∂L/∂w += ∂L/∂wx·x, ∂L/∂x += ∂L/∂wx·w
	//   4   y     +1.00000  data
	//   5   b     -0.30000  -0.059400
	//   6   x     +1.50000  -0.047520
	//   7   w     +0.80000  -0.089100
}

// The same with matrices is a layer.
func Example_layer() {
	t := grad.NewTape()
	X := t.Data("X", tensor.Full(1, 4, 3))
	W := t.Param("W", tensor.Full(0.5, 3, 2))
	b := t.Param("b", tensor.Full(-2, 2))
	z := X.MatMul(W).Add(b).Named("z")
	L := z.Sigmoid().Named("ŷ").HalfMSE(t.Data("y", tensor.Full(1, 4, 2))).Named("L")
	t.Backward(L)
	fmt.Println(t)
	// Output:
	// step  node  value                ∂L/∂node               rule used going backward
	//   0   L     +0.38746             +1.000000              ∂L/∂ŷ += (ŷ-y)/4
	//   1   y     [4 2] length 2.8284  data
	//   2   ŷ     [4 2] length 1.0678  [4 2] length 0.44015   ∂L/∂z += ∂L/∂ŷ·ŷ(1-ŷ)
	//   3   z     [4 2] length 1.4142  [4 2] length 0.10344   ∂L/∂v3 += ∂L/∂z, ∂L/∂b += Σ ∂L/∂z
	//   4   v3    [4 2] length 4.2426  [4 2] length 0.10344   ∂L/∂W += Xᵀ·∂L/∂v3
	//   5   b     [-2.00000 -2.00000]  [-0.146280 -0.146280]
	//   6   W     [3 2] length 1.2247  [3 2] length 0.35831
	//   7   X     [4 3] length 3.4641  data
}

// Two layers, trained on a loop written by hand: is a point inside a circle?
func Example_training() {
	points := tensor.Uniform(1, -1, 1, 200, 2)
	labels := make([]int, 200)
	for i := range labels {
		if x, y := points.At(i, 0), points.At(i, 1); x*x+y*y < 0.5 {
			labels[i] = 1
		}
	}
	w1, b1 := tensor.Uniform(2, -0.6, 0.6, 2, 16), tensor.New(16)
	w2, b2 := tensor.Uniform(3, -0.6, 0.6, 16, 2), tensor.New(2)

	for step := range 401 {
		t := grad.NewTape()
		X := t.Data("X", points)
		W1, B1, W2, B2 := t.Param("W1", w1), t.Param("b1", b1), t.Param("W2", w2), t.Param("b2", b2)
		logits := X.MatMul(W1).Add(B1).Tanh().MatMul(W2).Add(B2)
		L := logits.SparseCategoricalCrossEntropy(labels)
		t.Backward(L)
		for _, p := range []*grad.Var{W1, B1, W2, B2} {
			p.Value().AddScaled(-0.5, p.Grad())
		}
		if step%200 == 0 {
			right := 0
			for i, c := range logits.Value().Argmax() {
				if c == labels[i] {
					right++
				}
			}
			fmt.Printf("step %3d: loss %.1f, nine of ten right: %v\n", step, L.Item(), right > 180)
		}
	}
	// Output:
	// step   0: loss 0.8, nine of ten right: false
	// step 200: loss 0.3, nine of ten right: true
	// step 400: loss 0.2, nine of ten right: true
}

// An optimizer of package optim in a loop of one's own.
func Example_optimizer() {
	w := tensor.Full(4, 1)
	m, v := make([]float32, 1), make([]float32, 1)
	adam := optim.Adam{LR: 0.1}
	for step := 1; step <= 200; step++ {
		t := grad.NewTape()
		W := t.Param("w", w)
		t.Backward(W.Shift(-1).Square().Sum())
		s := adam.Prepare(step)
		adam.Update(&s, w.Data, W.Grad().Data, m, v)
	}
	fmt.Printf("w = %.2f\n", w.Item())
	// Output:
	// w = 1.00
}

// A layer and a loss of one's own: they are functions of values.
func Example_ownLayer() {
	// gated multiplies what comes in by a gate that depends on it.
	gated := func(x, w, gate *grad.Var) *grad.Var { return x.MatMul(w).Mul(x.MatMul(gate).Sigmoid()) }
	// focal makes easy examples count less than hard ones.
	focal := func(logits *grad.Var, labels []int) *grad.Var {
		logp := logits.LogSoftmax(-1).Pick(labels)
		return logp.Exp().Neg().Shift(1).Square().Mul(logp).Mean().Neg()
	}
	r := grad.Check(func(t *grad.Tape) *grad.Var {
		x := t.Data("x", tensor.Normal(1, 0, 1, 5, 4))
		w, g := t.Param("w", tensor.Normal(2, 0, 1, 4, 3)), t.Param("g", tensor.Normal(3, 0, 1, 4, 3))
		return focal(gated(x, w, g), []int{0, 2, 1, 0, 2})
	})
	fmt.Println(r.Err(), len(r.Inputs))
	// Output:
	// <nil> 2
}

// Check tells which derivative is wrong, and where.
func ExampleCheck() {
	r := grad.Check(func(t *grad.Tape) *grad.Var {
		x := t.Param("x", tensor.Linspace(1, 3, 3))
		return x.Map("sin", math.Sin, func(x, _ float64) float64 { return -math.Cos(x) }).Sum()
	})
	fmt.Println(r.Err())
	// Output:
	// grad.Check: the gradient of x[1] is 0.41614684, but the central difference is -0.41614684
	//       fix        compare the derivative in the code with the formula: the rule of an operation on the way from there is wrong
}
