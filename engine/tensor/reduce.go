// This file reduces tensors over all axes or some.
//
// The axes named are not in the result; naming none reduces all, to a single
// number. x.Sub(x.Mean(1).ExpandDims(1)) takes the mean of every row away.

package tensor

import (
	"math"

	"cajal/engine/internal/nd"
)

// Sum returns the sum over axes, accumulated in float64.
func (t *Tensor) Sum(axes ...int) *Tensor {
	out, _ := t.sum("Sum", axes)
	return out
}

// Mean returns the mean over axes; NaN over none.
func (t *Tensor) Mean(axes ...int) *Tensor {
	out, n := t.sum("Mean", axes)
	nd.Map(out.Data, out.Data, func(s float64) float64 { return s / float64(n) })
	return out
}

// sum returns the sum over axes and how many numbers are in each.
func (t *Tensor) sum(op string, axes []int) (*Tensor, int) {
	a, axes := t.axes(op, axes)
	out := nd.Make[float32](nd.Drop(a.Shape, axes))
	nd.Sum(out.Data, a, axes)
	return wrap(out), nd.Count(a.Shape, axes)
}

func (t *Tensor) axes(op string, axes []int) (nd.Array[float32], []int) {
	a := t.array(op)
	axes, bad := nd.Axes(axes, len(a.Shape))
	if bad != nil {
		fail(op, bad, t)
	}
	return a, axes
}

// Variance returns the mean square of the distance from the mean over axes (with
// n, not n-1, below).
func (t *Tensor) Variance(axes ...int) *Tensor { return t.rows("Variance", axes, variance) }

// Std returns the standard deviation over axes, the root of [Tensor.Variance].
func (t *Tensor) Std(axes ...int) *Tensor {
	return t.rows("Std", axes, func(row []float32) float64 { return math.Sqrt(variance(row)) })
}

// variance goes over the row twice, since the difference of two large sums would
// lose digits.
func variance(row []float32) float64 {
	n, sum, squares := float64(len(row)), 0.0, 0.0
	for _, v := range row {
		sum += float64(v)
	}
	for _, v := range row {
		d := float64(v) - sum/n
		squares += d * d
	}
	return squares / n
}

// rows returns f of the numbers that every result of a reduction takes together.
func (t *Tensor) rows(op string, axes []int, f func(row []float32) float64) *Tensor {
	a, axes := t.axes(op, axes)
	r := nd.RowsOf(a.Shape, axes)
	rows := nd.Gather(r, a.Data)
	out := nd.Make[float32](nd.Drop(a.Shape, axes))
	for i := range out.Data {
		out.Data[i] = float32(f(rows[i*r.Len : (i+1)*r.Len]))
	}
	return wrap(out)
}

// Max returns the largest number over axes, NaN if there is one. Over nothing it
// panics.
func (t *Tensor) Max(axes ...int) *Tensor {
	out, _ := t.largest("Max", axes)
	return out
}

// Min returns the smallest number over axes, NaN if there is one. Over nothing
// it panics.
func (t *Tensor) Min(axes ...int) *Tensor {
	out, _ := t.Neg().largest("Min", axes)
	return out.Neg()
}

// ArgmaxAxis returns where along an axis the largest number stands, the first of
// equals, for every place of the other axes, row by row: of a matrix [n m], axis
// 1 gives n columns and axis 0 gives m rows. See [Tensor.Argmax] for predicted
// classes.
func (t *Tensor) ArgmaxAxis(axis int) []int {
	_, won := t.largest("ArgmaxAxis", []int{axis})
	out := make([]int, len(won))
	for i, k := range won {
		out[i] = int(k)
	}
	return out
}

func (t *Tensor) largest(op string, axes []int) (*Tensor, []int32) {
	a, axes := t.axes(op, axes)
	r := nd.RowsOf(a.Shape, axes)
	if r.Len == 0 && r.N > 0 {
		fail(op, &nd.Misfit{Text: "there is no largest of no numbers"}, t)
	}
	out := nd.Make[float32](nd.Drop(a.Shape, axes))
	won := make([]int32, len(out.Data))
	nd.Max(out.Data, won, nd.Gather(r, a.Data), r.Len)
	return wrap(out), won
}

// LogSumExp returns log Σ eᵗ over axes, without overflow; -Inf over none.
func (t *Tensor) LogSumExp(axes ...int) *Tensor {
	a, axes := t.axes("LogSumExp", axes)
	r := nd.RowsOf(a.Shape, axes)
	out := nd.Make[float32](nd.Drop(a.Shape, axes))
	nd.LogSumExp(out.Data, nd.Gather(r, a.Data), r.Len)
	return wrap(out)
}

// Softmax returns eᵗ / Σ eᵗ along an axis: positive numbers that add up to 1.
func (t *Tensor) Softmax(axis int) *Tensor { return t.along("Softmax", axis, nd.Softmax[float32]) }

// LogSoftmax returns the logarithm of [Tensor.Softmax], computed as t - log Σ eᵗ
// so that it is exact where probabilities are tiny.
func (t *Tensor) LogSoftmax(axis int) *Tensor {
	return t.along("LogSoftmax", axis, nd.LogSoftmax[float32])
}

func (t *Tensor) along(op string, axis int, f func(out, rows []float32, n int)) *Tensor {
	a, axes := t.axes(op, []int{axis})
	r := nd.RowsOf(a.Shape, axes)
	rows := make([]float32, len(a.Data))
	f(rows, nd.Gather(r, a.Data), r.Len)
	return wrap(nd.Array[float32]{Shape: a.Shape, Data: nd.Scatter(r, rows)})
}
