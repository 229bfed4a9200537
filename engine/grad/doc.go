// This file is the page of the package: what it is for, and where things are.

// Package grad differentiates: it writes down what is computed, step by step, on
// a tape, and goes over the tape backwards to find how the result depends on
// every input.
//
//	t := grad.NewTape()
//	w, x, b, y := t.Var("w", 0.8), t.Var("x", 1.5), t.Var("b", -0.3), t.Var("y", 1)
//	z := t.Add("z", t.Mul("wx", w, x), b)
//	L := t.HalfSq("L", y, t.Sigmoid("ŷ", z))
//	t.Backward(L)
//	t // shows every step with its value, its gradient and the rule
//
// The same with matrices is a layer, and its gradients train it:
//
//	z := t.Data("X", x).MatMul(W).Add(b)
//	L := z.SparseCategoricalCrossEntropy(labels)
//	t.Backward(L)
//	weights.AddScaled(-0.1, W.Grad())
//
// It is for layers, losses and training loops of one's own, and for teaching. It
// is not for second derivatives, and not the fast way to train a model of the
// usual layers: engine/nn does that without a tape, with the same result within
// float32 rounding.
//
//	Tape, Var, Backward   tape.go     the whole method, on a page
//	precision             number.go   float32 and float64 on one tape
//	Add, Exp, …           element.go  element by element, with broadcasting
//	MatMul, Transpose     matrix.go
//	Slice, Take, Concat   move.go
//	Sum, Max, Softmax     reduce.go
//	Conv2D, MaxPool2D, …  image.go    convolutions and pooling
//	LayerNorm, Dropout    norm.go
//	MSE, cross-entropies  loss.go
//	t.Add("z", a, b), …   named.go    the same with names, for teaching
//	tables                show.go     what a tape looks like
//	Check                 check.go    comparison with central differences
//
// A number made by [Tape.Var] is kept in float64, so that figures worked out by
// hand agree in all digits shown; tensors are float32 as in the whole engine;
// where both meet, the result is float32. [Check] computes everything in float64.
//
// A mistake, such as shapes that do not fit, panics with a *tensor.OpError that
// names the operation, the operands and the fix; package tensor tells why.
package grad
