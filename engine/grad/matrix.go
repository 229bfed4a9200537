// This file has products of matrices, and transposes.

package grad

import "cajal/engine/internal/nd"

// MatMul returns the product of matrices, [m k] by [k n] giving [m n], by NumPy's
// rule: dimensions before the last two are stacks of matrices and broadcast; a
// vector on the left counts as a row, on the right as a column, and that
// dimension is not in the result.
func (a *Var) MatMul(b *Var) *Var { return two("MatMul", a, b, matMul[float32], matMul[float64]) }

func matMul[T nd.Float](op string, a, b *Var) *Var {
	p, bad := nd.NewMatMul(a.shape, b.shape)
	if bad != nil {
		fail(op, bad, a, b)
	}
	y := record[T](op, p.Out, []string{"{g}·{b}ᵀ", "{a}ᵀ·{g}"}, a, b)
	nd.Product(p, val[T](y).Data, val[T](a).Data, val[T](b).Data)
	y.back = func() {
		g := slope[T](y).Data
		if a.needs {
			nd.ProductBackLeft(p, slope[T](a).Data, g, val[T](b).Data)
		}
		if b.needs {
			nd.ProductBackRight(p, slope[T](b).Data, g, val[T](a).Data)
		}
	}
	return y
}

// Transpose returns x with its axes in another order: axis d of the result is
// axis axes[d] of x. Without axes the order is reversed.
func (x *Var) Transpose(axes ...int) *Var {
	perm, bad := nd.Permutation(axes, len(x.shape))
	if bad != nil {
		fail("Transpose", bad, x)
	}
	if x.isExact() {
		return transpose[float64](x, perm)
	}
	return transpose[float32](x, perm)
}

// T returns x with its axes reversed: rows and columns of a matrix exchanged.
func (x *Var) T() *Var { return x.Transpose() }

func transpose[T nd.Float](x *Var, perm []int) *Var {
	y := record[T]("Transpose", nd.Permuted(x.shape, perm), []string{"{g}ᵀ"}, x)
	nd.Permute(val[T](y).Data, val[T](x).Data, x.shape, perm)
	y.back = func() {
		g := nd.Make[T](x.shape)
		nd.Permute(g.Data, slope[T](y).Data, y.shape, nd.Inverse(perm))
		nd.Accumulate(slope[T](x).Data, g.Data)
	}
	return y
}
