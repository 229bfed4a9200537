// This file has the reductions over axes, and softmax.
//
// The axes named are not in the result; naming none reduces all, to a single
// number. x.Sub(x.Mean(1).ExpandDims(1)) takes the mean of every row away.

package grad

import (
	"cajal/engine/internal/nd"
)

// Sum returns the sum over axes.
func (x *Var) Sum(axes ...int) *Var { return x.reduced("Sum", axes, sum[float32], sum[float64]) }

func sum[T nd.Float](op string, x *Var, axes []int) *Var { return total[T](op, x, axes, 1, "{g}") }

// Mean returns the mean over axes; NaN over nothing.
func (x *Var) Mean(axes ...int) *Var { return x.reduced("Mean", axes, mean[float32], mean[float64]) }

func mean[T nd.Float](op string, x *Var, axes []int) *Var {
	n := nd.Count(x.shape, axes)
	return total[T](op, x, axes, 1/float64(n), "{g}"+over(n))
}

// total is a sum times a factor.
func total[T nd.Float](op string, x *Var, axes []int, factor float64, rule string) *Var {
	y := record[T](op, nd.Drop(x.shape, axes), []string{rule}, x)
	out := val[T](y).Data
	nd.Sum(out, val[T](x), axes)
	if factor != 1 {
		nd.Map(out, out, func(s float64) float64 { return s * factor })
	}
	y.back = func() {
		g := nd.Array[T]{Shape: keptShape(x.shape, axes), Data: slope[T](y).Data}
		wide := nd.Make[T](x.shape)
		nd.Expand(wide, g)
		nd.AddScaled(slope[T](x).Data, T(factor), wide.Data)
	}
	return y
}

// keptShape returns shape with the axes as 1, so that what was reduced broadcasts
// back.
func keptShape(shape, axes []int) []int {
	out := append([]int{}, shape...)
	for _, a := range axes {
		out[a] = 1
	}
	return out
}

// Max returns the largest number over axes; of equals the first is taken and gets
// the gradient.
func (x *Var) Max(axes ...int) *Var {
	return x.reduced("Max", axes, largest[float32], largest[float64])
}

// Min returns the smallest number over axes; of equals the first is taken and
// gets the gradient.
func (x *Var) Min(axes ...int) *Var { return x.Neg().Max(axes...).Neg() }

func largest[T nd.Float](op string, x *Var, axes []int) *Var {
	r := nd.RowsOf(x.shape, axes)
	if r.Len == 0 && r.N > 0 {
		fail(op, &nd.Misfit{Text: "there is no largest of no numbers"}, x)
	}
	y := record[T](op, nd.Drop(x.shape, axes), []string{"{g} where {a} is largest"}, x)
	won := make([]int32, r.N)
	nd.Max(val[T](y).Data, won, nd.Gather(r, val[T](x).Data), r.Len)
	y.back = func() {
		rows := make([]T, nd.Size(x.shape))
		for i, g := range slope[T](y).Data {
			rows[i*r.Len+int(won[i])] = g
		}
		nd.Accumulate(slope[T](x).Data, nd.Scatter(r, rows))
	}
	return y
}

// Variance returns the mean square of the distance from the mean over axes (with
// n, not n-1, below).
func (x *Var) Variance(axes ...int) *Var {
	sorted, bad := nd.Axes(axes, len(x.shape))
	if bad != nil {
		fail("Variance", bad, x)
	}
	mean := x.Mean(sorted...)
	if len(sorted) == 0 { // a single number
		return x.Sub(mean).Square()
	}
	return x.Sub(mean.Reshape(keptShape(x.shape, sorted)...)).Square().Mean(sorted...)
}

// LogSumExp returns log Σ eˣ over axes, without overflow.
func (x *Var) LogSumExp(axes ...int) *Var {
	return x.reduced("LogSumExp", axes, logSumExp[float32], logSumExp[float64])
}

func logSumExp[T nd.Float](op string, x *Var, axes []int) *Var {
	r := nd.RowsOf(x.shape, axes)
	y := record[T](op, nd.Drop(x.shape, axes), []string{"{g}·softmax({a})"}, x)
	nd.LogSumExp(val[T](y).Data, nd.Gather(r, val[T](x).Data), r.Len)
	y.back = func() {
		rows := make([]T, nd.Size(x.shape))
		nd.Softmax(rows, nd.Gather(r, val[T](x).Data), r.Len)
		for i, g := range slope[T](y).Data {
			row := rows[i*r.Len : (i+1)*r.Len]
			nd.Scale(row, g, row)
		}
		nd.Accumulate(slope[T](x).Data, nd.Scatter(r, rows))
	}
	return y
}

// Softmax returns eˣ / Σ eˣ along an axis: positive numbers that add up to 1. For
// a loss use the cross-entropies, which take what goes into the softmax.
func (x *Var) Softmax(axis int) *Var {
	return x.reduced("Softmax", []int{axis}, softmax[float32], softmax[float64])
}

func softmax[T nd.Float](op string, x *Var, axes []int) *Var {
	r := nd.RowsOf(x.shape, axes)
	p := make([]T, nd.Size(x.shape))
	nd.Softmax(p, nd.Gather(r, val[T](x).Data), r.Len)
	y := enter(op, x.shape, []string{"{y}·({g} - Σ {g}·{y})"}, nd.Scatter(r, p), x)
	y.back = func() {
		g := nd.Gather(r, slope[T](y).Data)
		d := make([]T, len(p))
		for i := range r.N {
			lo, hi := i*r.Len, (i+1)*r.Len
			dot := T(0)
			for k := lo; k < hi; k++ {
				dot += g[k] * p[k]
			}
			for k := lo; k < hi; k++ {
				d[k] = p[k] * (g[k] - dot)
			}
		}
		nd.Accumulate(slope[T](x).Data, nd.Scatter(r, d))
	}
	return y
}

// LogSoftmax returns the logarithm of [Var.Softmax], computed as x - log Σ eˣ so
// that it is exact where probabilities are tiny.
func (x *Var) LogSoftmax(axis int) *Var {
	return x.reduced("LogSoftmax", []int{axis}, logSoftmax[float32], logSoftmax[float64])
}

func logSoftmax[T nd.Float](op string, x *Var, axes []int) *Var {
	r := nd.RowsOf(x.shape, axes)
	rows := nd.Gather(r, val[T](x).Data)
	out := make([]T, len(rows))
	nd.LogSoftmax(out, rows, r.Len)
	y := enter(op, x.shape, []string{"{g} - softmax({a})·Σ {g}"}, nd.Scatter(r, out), x)
	y.back = func() {
		g := nd.Gather(r, slope[T](y).Data)
		d := make([]T, len(rows))
		nd.Softmax(d, rows, r.Len)
		for i := range r.N {
			lo, hi := i*r.Len, (i+1)*r.Len
			sum := T(0)
			for _, v := range g[lo:hi] {
				sum += v
			}
			for k := lo; k < hi; k++ {
				d[k] = g[k] - d[k]*sum
			}
		}
		nd.Accumulate(slope[T](x).Data, nd.Scatter(r, d))
	}
	return y
}

// reduced checks axes and calls the form that the type needs.
func (x *Var) reduced(op string, axes []int, single, double func(op string, x *Var, axes []int) *Var) *Var {
	axes, bad := nd.Axes(axes, len(x.shape))
	if bad != nil {
		fail(op, bad, x)
	}
	if x.isExact() {
		return double(op, x, axes)
	}
	return single(op, x, axes)
}
