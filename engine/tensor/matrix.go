// This file multiplies and transposes.

package tensor

import "cajal/engine/internal/nd"

// MatMul returns the product of matrices, [m k] by [k n] giving [m n], by NumPy's
// rule: dimensions before the last two are stacks of matrices and broadcast; a
// vector on the left counts as a row, on the right as a column, and that
// dimension is not in the result.
func (t *Tensor) MatMul(u *Tensor) *Tensor {
	a, b := t.array("MatMul"), u.array("MatMul")
	p, bad := nd.NewMatMul(a.Shape, b.Shape)
	if bad != nil {
		fail("MatMul", bad, t, u)
	}
	out := nd.Make[float32](p.Out)
	nd.Product(p, out.Data, a.Data, b.Data)
	return wrap(out)
}

// Transpose returns a copy with the axes in another order: axis d of the result
// is axis axes[d] of t. Without axes the order is reversed.
func (t *Tensor) Transpose(axes ...int) *Tensor {
	a := t.array("Transpose")
	perm, bad := nd.Permutation(axes, len(a.Shape))
	if bad != nil {
		fail("Transpose", bad, t)
	}
	out := nd.Make[float32](nd.Permuted(a.Shape, perm))
	nd.Permute(out.Data, a.Data, a.Shape, perm)
	return wrap(out)
}

// T returns a copy with the axes reversed: rows and columns of a matrix
// exchanged.
func (t *Tensor) T() *Tensor { return t.Transpose() }
