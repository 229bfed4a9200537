// This file computes element by element, with broadcasting.
//
// Broadcasting is NumPy's: shapes are aligned at their last dimension, and where
// they differ one of them must be 1 or missing; its values are repeated. So
// [32 10] + [10] adds a row to every row, and [32 10] + [32 1] a number to each.

package tensor

import (
	"math"
	"slices"

	"cajal/engine/internal/nd"
)

// Add returns t + u, with broadcasting.
func (t *Tensor) Add(u *Tensor) *Tensor { return binary("Add", t, u, nd.Add[float32]) }

// Sub returns t - u, with broadcasting.
func (t *Tensor) Sub(u *Tensor) *Tensor { return binary("Sub", t, u, nd.Sub[float32]) }

// Mul returns t · u, number by number, with broadcasting. [Tensor.MatMul] is the
// product of matrices.
func (t *Tensor) Mul(u *Tensor) *Tensor { return binary("Mul", t, u, nd.Mul[float32]) }

// Div returns t / u, with broadcasting. Division by 0 gives an infinity or NaN.
func (t *Tensor) Div(u *Tensor) *Tensor { return binary("Div", t, u, nd.Div[float32]) }

// Maximum returns the larger of t and u, with broadcasting; NaN if one is.
func (t *Tensor) Maximum(u *Tensor) *Tensor { return binary("Maximum", t, u, nd.Maximum[float32]) }

// Minimum returns the smaller of t and u, with broadcasting; NaN if one is.
func (t *Tensor) Minimum(u *Tensor) *Tensor { return binary("Minimum", t, u, nd.Minimum[float32]) }

// Zip returns f of the numbers of t and u in pairs, with broadcasting.
func (t *Tensor) Zip(u *Tensor, f func(x, y float32) float32) *Tensor {
	return binary("Zip", t, u, func(out, a, b nd.Array[float32]) { nd.Zip(out, a, b, f) })
}

func binary(op string, t, u *Tensor, f func(out, a, b nd.Array[float32])) *Tensor {
	a, b := t.array(op), u.array(op)
	shape, bad := nd.Broadcast(a.Shape, b.Shape)
	if bad != nil {
		fail(op, bad, t, u)
	}
	out := nd.Make[float32](shape)
	f(out, a, b)
	return wrap(out)
}

// Scale returns c · t.
func (t *Tensor) Scale(c float64) *Tensor {
	out := t.like("Scale")
	nd.Scale(out.Data, float32(c), t.Data)
	return out
}

// Shift returns t + c.
func (t *Tensor) Shift(c float64) *Tensor {
	return t.each("Shift", func(x float64) float64 { return x + c })
}

// Neg returns -t.
func (t *Tensor) Neg() *Tensor { return t.Scale(-1) }

// Abs returns |t|.
func (t *Tensor) Abs() *Tensor { return t.each("Abs", math.Abs) }

// Exp returns e to the power of t.
func (t *Tensor) Exp() *Tensor { return t.each("Exp", math.Exp) }

// Log returns the natural logarithm: NaN below 0, -Inf at 0.
func (t *Tensor) Log() *Tensor { return t.each("Log", math.Log) }

// Sqrt returns the square root: NaN below 0.
func (t *Tensor) Sqrt() *Tensor { return t.each("Sqrt", math.Sqrt) }

// Square returns t².
func (t *Tensor) Square() *Tensor {
	return t.each("Square", func(x float64) float64 { return x * x })
}

// Pow returns t to the power of p, as math.Pow has it.
func (t *Tensor) Pow(p float64) *Tensor {
	return t.each("Pow", func(x float64) float64 { return math.Pow(x, p) })
}

// Tanh returns the hyperbolic tangent.
func (t *Tensor) Tanh() *Tensor { return t.each("Tanh", math.Tanh) }

// Sigmoid returns 1/(1+e⁻ᵗ).
func (t *Tensor) Sigmoid() *Tensor { return t.each("Sigmoid", nd.Sigmoid) }

// ReLU returns max(0, t).
func (t *Tensor) ReLU() *Tensor {
	return t.each("ReLU", func(x float64) float64 { return max(x, 0) })
}

// Map returns f of every number.
func (t *Tensor) Map(f func(float64) float64) *Tensor { return t.each("Map", f) }

func (t *Tensor) each(op string, f func(float64) float64) *Tensor {
	out := t.like(op)
	nd.Map(out.Data, t.Data, f)
	return out
}

// like returns zeros of the shape of t.
func (t *Tensor) like(op string) *Tensor { return wrap(nd.Make[float32](t.array(op).Shape)) }

// AddScaled adds c · u to t in place and returns t, which must have the shape of
// u: w.AddScaled(-0.1, g) is a step of gradient descent.
func (t *Tensor) AddScaled(c float64, u *Tensor) *Tensor {
	a, b := t.array("AddScaled"), u.array("AddScaled")
	if !slices.Equal(a.Shape, b.Shape) {
		fail("AddScaled", &nd.Misfit{Text: "the shapes differ, and in place nothing is broadcast", Fix: "t.Add(u.Scale(c)) broadcasts into a new tensor"}, t, u)
	}
	nd.AddScaled(t.Data, float32(c), u.Data)
	return t
}
