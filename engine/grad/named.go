// This file has operations that give their result a name, for teaching: the tape
// then speaks of the quantities as the formulas do.

package grad

import "cajal/engine/tensor"

// Add returns a + b under a name.
func (t *Tape) Add(name string, a, b *Var) *Var { return t.named("Add", name, a.Add(b)) }

// Sub returns a - b under a name.
func (t *Tape) Sub(name string, a, b *Var) *Var { return t.named("Sub", name, a.Sub(b)) }

// Mul returns a · b, number by number, under a name.
func (t *Tape) Mul(name string, a, b *Var) *Var { return t.named("Mul", name, a.Mul(b)) }

// Div returns a / b under a name.
func (t *Tape) Div(name string, a, b *Var) *Var { return t.named("Div", name, a.Div(b)) }

// MatMul returns the product of matrices under a name.
func (t *Tape) MatMul(name string, a, b *Var) *Var { return t.named("MatMul", name, a.MatMul(b)) }

// Neg returns -x under a name.
func (t *Tape) Neg(name string, x *Var) *Var { return t.named("Neg", name, x.Neg()) }

// Square returns x² under a name.
func (t *Tape) Square(name string, x *Var) *Var { return t.named("Square", name, x.Square()) }

// Exp returns e to the power of x under a name.
func (t *Tape) Exp(name string, x *Var) *Var { return t.named("Exp", name, x.Exp()) }

// Log returns the natural logarithm under a name.
func (t *Tape) Log(name string, x *Var) *Var { return t.named("Log", name, x.Log()) }

// Tanh returns the hyperbolic tangent under a name.
func (t *Tape) Tanh(name string, x *Var) *Var { return t.named("Tanh", name, x.Tanh()) }

// Sigmoid returns 1/(1+e⁻ˣ) under a name.
func (t *Tape) Sigmoid(name string, x *Var) *Var { return t.named("Sigmoid", name, x.Sigmoid()) }

// ReLU returns max(0, x) under a name.
func (t *Tape) ReLU(name string, x *Var) *Var { return t.named("ReLU", name, x.ReLU()) }

// Sum returns the sum of all numbers under a name.
func (t *Tape) Sum(name string, x *Var) *Var { return t.named("Sum", name, x.Sum()) }

// Mean returns the mean of all numbers under a name.
func (t *Tape) Mean(name string, x *Var) *Var { return t.named("Mean", name, x.Mean()) }

// HalfSq returns half the squared distance of a prediction ŷ from the truth y,
// under a name: 1/(2n) Σ (y-ŷ)² as in [Var.HalfMSE], ½(y-ŷ)² for numbers.
func (t *Tape) HalfSq(name string, y, ŷ *Var) *Var { return t.named("HalfSq", name, ŷ.HalfMSE(y)) }

func (t *Tape) named(op, name string, v *Var) *Var {
	if v.tape != t {
		panic(&tensor.OpError{Op: "grad." + op, Text: v.from[0].label() + " is on another tape", Fix: "call " + op + " of the tape that its operands were put on"})
	}
	return v.Named(name)
}
