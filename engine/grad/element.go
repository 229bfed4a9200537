// This file has the operations element by element.
//
// Broadcasting is NumPy's, as in package tensor. The gradient of a value that was
// repeated is the sum over its repetitions: that is why a bias, added to every
// example, collects from all of them.

package grad

import (
	"math"

	"cajal/engine/internal/nd"
)

// Add returns a + b, with broadcasting.
func (a *Var) Add(b *Var) *Var { return two("Add", a, b, add[float32], add[float64]) }

func add[T nd.Float](op string, a, b *Var) *Var {
	pass := func(g nd.Array[T]) nd.Array[T] { return g }
	return pair(op, a, b, nd.Add[T], pass, pass, "{g}", "{g}")
}

// Sub returns a - b, with broadcasting.
func (a *Var) Sub(b *Var) *Var { return two("Sub", a, b, sub[float32], sub[float64]) }

func sub[T nd.Float](op string, a, b *Var) *Var {
	pass := func(g nd.Array[T]) nd.Array[T] { return g }
	negated := func(g nd.Array[T]) nd.Array[T] {
		d := nd.Make[T](g.Shape)
		nd.Scale(d.Data, -1, g.Data)
		return d
	}
	return pair(op, a, b, nd.Sub[T], pass, negated, "{g}", "-{g}")
}

// Mul returns a · b, number by number, with broadcasting. [Var.MatMul] is the
// product of matrices.
func (a *Var) Mul(b *Var) *Var { return two("Mul", a, b, mul[float32], mul[float64]) }

func mul[T nd.Float](op string, a, b *Var) *Var {
	times := func(v *Var) func(g nd.Array[T]) nd.Array[T] {
		return func(g nd.Array[T]) nd.Array[T] {
			d := nd.Make[T](g.Shape)
			nd.Mul(d, g, val[T](v))
			return d
		}
	}
	return pair(op, a, b, nd.Mul[T], times(b), times(a), "{g}·{b}", "{g}·{a}")
}

// Div returns a / b, with broadcasting.
func (a *Var) Div(b *Var) *Var { return two("Div", a, b, div[float32], div[float64]) }

func div[T nd.Float](op string, a, b *Var) *Var {
	top := func(g nd.Array[T]) nd.Array[T] {
		d := nd.Make[T](g.Shape)
		nd.Div(d, g, val[T](b))
		return d
	}
	bottom := func(g nd.Array[T]) nd.Array[T] {
		d := top(g)
		nd.Mul(d, d, val[T](a))
		nd.Div(d, d, val[T](b))
		nd.Scale(d.Data, -1, d.Data)
		return d
	}
	return pair(op, a, b, nd.Div[T], top, bottom, "{g}/{b}", "-{g}·{a}/{b}²")
}

// Maximum returns the larger of a and b, with broadcasting. Of equals a is taken
// and gets the gradient.
func (a *Var) Maximum(b *Var) *Var { return two("Maximum", a, b, maximum[float32], maximum[float64]) }

func maximum[T nd.Float](op string, a, b *Var) *Var {
	return choose(op, a, b, nd.Maximum[T], func(x, y T) bool { return x >= y }, "{g} where {a}≥{b}", "{g} where {b}>{a}")
}

// Minimum returns the smaller of a and b, with broadcasting. Of equals a is taken
// and gets the gradient.
func (a *Var) Minimum(b *Var) *Var { return two("Minimum", a, b, minimum[float32], minimum[float64]) }

func minimum[T nd.Float](op string, a, b *Var) *Var {
	return choose(op, a, b, nd.Minimum[T], func(x, y T) bool { return x <= y }, "{g} where {a}≤{b}", "{g} where {b}<{a}")
}

func choose[T nd.Float](op string, a, b *Var, f func(out, a, b nd.Array[T]), first func(x, y T) bool, ruleA, ruleB string) *Var {
	where := func(want bool) func(g nd.Array[T]) nd.Array[T] {
		return func(g nd.Array[T]) nd.Array[T] {
			d := nd.Make[T](g.Shape)
			nd.Zip(d, val[T](a), val[T](b), func(x, y T) T {
				if first(x, y) == want {
					return 1
				}
				return 0
			})
			nd.Mul(d, d, g)
			return d
		}
	}
	return pair(op, a, b, f, where(true), where(false), ruleA, ruleB)
}

// pair records an operation on two operands. da and db turn the gradient of the
// result into those of the operands, before what was repeated is summed.
func pair[T nd.Float](op string, a, b *Var, f func(out, a, b nd.Array[T]), da, db func(g nd.Array[T]) nd.Array[T], ruleA, ruleB string) *Var {
	shape, bad := nd.Broadcast(a.shape, b.shape)
	if bad != nil {
		fail(op, bad, a, b)
	}
	y := record[T](op, shape, []string{repeated(ruleA, a.shape, shape), repeated(ruleB, b.shape, shape)}, a, b)
	f(val[T](y), val[T](a), val[T](b))
	y.back = func() {
		g := slope[T](y)
		if a.takes() {
			nd.AddTo(slope[T](a), da(g))
		}
		if b.takes() {
			nd.AddTo(slope[T](b), db(g))
		}
	}
	return y
}

// repeated marks a rule whose operand was broadcast.
func repeated(rule string, shape, out []int) string {
	if size(shape) == size(out) {
		return rule
	}
	return "Σ " + rule
}

// Neg returns -x.
func (x *Var) Neg() *Var {
	return x.each("Neg", func(x float64) float64 { return -x }, func(_, _ float64) float64 { return -1 }, "-{g}")
}

// Scale returns c · x for a fixed c.
func (x *Var) Scale(c float64) *Var {
	return x.each("Scale", func(x float64) float64 { return c * x }, func(_, _ float64) float64 { return c }, "{g}·"+short(c))
}

// Shift returns x + c for a fixed c.
func (x *Var) Shift(c float64) *Var {
	return x.each("Shift", func(x float64) float64 { return x + c }, func(_, _ float64) float64 { return 1 }, "{g}")
}

// Square returns x².
func (x *Var) Square() *Var {
	return x.each("Square", func(x float64) float64 { return x * x }, func(x, _ float64) float64 { return 2 * x }, "{g}·2{a}")
}

// Pow returns x to the power of a fixed p.
func (x *Var) Pow(p float64) *Var {
	return x.each("Pow", func(x float64) float64 { return math.Pow(x, p) }, func(x, _ float64) float64 { return p * math.Pow(x, p-1) }, "{g}·"+short(p)+"{a}^"+short(p-1))
}

// Exp returns e to the power of x.
func (x *Var) Exp() *Var {
	return x.each("Exp", math.Exp, func(_, y float64) float64 { return y }, "{g}·{y}")
}

// Log returns the natural logarithm.
func (x *Var) Log() *Var {
	return x.each("Log", math.Log, func(x, _ float64) float64 { return 1 / x }, "{g}/{a}")
}

// Sqrt returns the square root. Its gradient is infinite at 0.
func (x *Var) Sqrt() *Var {
	return x.each("Sqrt", math.Sqrt, func(_, y float64) float64 { return 0.5 / y }, "{g}/2{y}")
}

// Abs returns |x|. The gradient at 0 is taken to be 0.
func (x *Var) Abs() *Var {
	return x.each("Abs", math.Abs, func(x, _ float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	}, "{g}·sign({a})")
}

// Tanh returns the hyperbolic tangent.
func (x *Var) Tanh() *Var {
	return x.each("Tanh", math.Tanh, func(_, y float64) float64 { return 1 - y*y }, "{g}·(1-{y}²)")
}

// Sigmoid returns 1/(1+e⁻ˣ).
func (x *Var) Sigmoid() *Var {
	return x.each("Sigmoid", nd.Sigmoid, func(_, y float64) float64 { return y * (1 - y) }, "{g}·{y}(1-{y})")
}

// Softplus returns log(1+eˣ), a smooth ReLU.
func (x *Var) Softplus() *Var {
	return x.each("Softplus", nd.Softplus, func(x, _ float64) float64 { return nd.Sigmoid(x) }, "{g}·sigmoid({a})")
}

// ReLU returns max(0, x). The gradient at 0 is taken to be 0.
func (x *Var) ReLU() *Var {
	if x.isExact() {
		return relu[float64](x)
	}
	return relu[float32](x)
}

// relu has loops of its own: it is on the way of every number of most networks.
func relu[T nd.Float](x *Var) *Var {
	y := record[T]("ReLU", x.shape, []string{"{g}·[{a}>0]"}, x)
	in, out := val[T](x).Data, val[T](y).Data
	for i, v := range in {
		out[i] = max(v, 0)
	}
	y.back = func() {
		into, g := slope[T](x).Data, slope[T](y).Data
		for i, v := range in {
			if v > 0 {
				into[i] += g[i]
			}
		}
	}
	return y
}

// Map returns f(x) for a function of one's own and its derivative df, which is
// given x and f(x). name is what tables call it. [Check] tells whether df is
// right.
func (x *Var) Map(name string, f func(x float64) float64, df func(x, y float64) float64) *Var {
	return x.each(name, f, df, "{g}·"+name+"′({a})")
}

func (x *Var) each(op string, f func(float64) float64, df func(x, y float64) float64, rule string) *Var {
	if x.isExact() {
		return each[float64](op, x, f, df, rule)
	}
	return each[float32](op, x, f, df, rule)
}

func each[T nd.Float](op string, x *Var, f func(float64) float64, df func(x, y float64) float64, rule string) *Var {
	y := record[T](op, x.shape, []string{rule}, x)
	nd.Map(val[T](y).Data, val[T](x).Data, f)
	y.back = func() {
		in, out := val[T](x).Data, val[T](y).Data
		into := slope[T](x).Data
		for i, g := range slope[T](y).Data {
			into[i] += g * T(df(float64(in[i]), float64(out[i])))
		}
	}
	return y
}
