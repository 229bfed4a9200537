// This file has the reductions: sum, largest, log-sum-exp, softmax.

package nd

import "math"

// Sum fills out, whose shape is that of a without axes, with sums over them. The
// axes rise.
func Sum[T Float](out []T, a Array[T], axes []int) {
	if outer, red, inner, ok := block(a.Shape, axes); ok && inner > 1 {
		sumBlocks(out, a.Data, outer, red, inner)
		return
	}
	r := RowsOf(a.Shape, axes)
	rows := Gather(r, a.Data)
	for i := range out {
		s := 0.0
		for _, v := range rows[i*r.Len : (i+1)*r.Len] {
			s += float64(v)
		}
		out[i] = T(s)
	}
}

// sumBlocks sums over the middle one of three dimensions.
func sumBlocks[T Float](out, a []T, outer, red, inner int) {
	sums := make([]float64, inner)
	for o := range outer {
		clear(sums)
		for k := range red {
			row := a[(o*red+k)*inner : (o*red+k+1)*inner]
			for j := range sums {
				sums[j] += float64(row[j])
			}
		}
		Convert(out[o*inner:(o+1)*inner], sums)
	}
}

// block reports whether axes are neighbours, and the sizes before, of and after
// them.
func block(shape, axes []int) (outer, red, inner int, ok bool) {
	if len(axes) == 0 || axes[len(axes)-1]-axes[0] != len(axes)-1 {
		return 0, 0, 0, false
	}
	lo, hi := axes[0], axes[len(axes)-1]+1
	return Size(shape[:lo]), Size(shape[lo:hi]), Size(shape[hi:]), true
}

// Rows tells how to see an array as N rows of Len numbers, one row for every
// result of a reduction.
type Rows struct {
	N, Len      int
	shape, perm []int // perm is nil where the rows lie in place
}

// RowsOf returns the rows of a reduction over axes, which rise.
func RowsOf(shape, axes []int) Rows {
	r := Rows{Len: Count(shape, axes), N: Size(Drop(shape, axes)), shape: shape}
	if len(axes) == 0 || axes[0] == len(shape)-len(axes) {
		return r
	}
	next := 0
	for d := range shape {
		if next < len(axes) && axes[next] == d {
			next++
			continue
		}
		r.perm = append(r.perm, d)
	}
	r.perm = append(r.perm, axes...)
	return r
}

// Gather returns the rows of an array: itself where they lie in place.
func Gather[T Float](r Rows, data []T) []T {
	if r.perm == nil {
		return data
	}
	rows := make([]T, len(data))
	Permute(rows, data, r.shape, r.perm)
	return rows
}

// Scatter brings rows back into the order of the array: as they are where they
// lie in place.
func Scatter[T Float](r Rows, rows []T) []T {
	if r.perm == nil {
		return rows
	}
	data := make([]T, len(rows))
	Permute(data, rows, Permuted(r.shape, r.perm), Inverse(r.perm))
	return data
}

// Max fills out with the largest number of every row and won with where it
// stands, the first of equals. A NaN counts as larger than all. Rows must not be
// empty.
func Max[T Float](out []T, won []int32, rows []T, n int) {
	for i := range out {
		row := rows[i*n : (i+1)*n]
		top, at := row[0], 0
		for k, v := range row {
			if v > top || v != v && top == top {
				top, at = v, k
			}
		}
		out[i] = top
		if won != nil {
			won[i] = int32(at)
		}
	}
}

// LogSumExp fills out with log Σ exp of every row, the largest taken out first so
// that nothing overflows.
func LogSumExp[T Float](out, rows []T, n int) {
	for i := range out {
		out[i] = T(logSumExp(rows[i*n : (i+1)*n]))
	}
}

func logSumExp[T Float](row []T) float64 {
	top := math.Inf(-1)
	for _, v := range row {
		top = max(top, float64(v))
	}
	if math.IsInf(top, 0) {
		return top
	}
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

// Softmax fills p with exp(row - log Σ exp row): positive numbers that add up to
// 1 in every row.
func Softmax[T Float](p, rows []T, n int) {
	for ; len(rows) >= n && n > 0; p, rows = p[n:], rows[n:] {
		l := logSumExp(rows[:n])
		for k, v := range rows[:n] {
			p[k] = T(math.Exp(float64(v) - l))
		}
	}
}

// LogSoftmax fills out with row - log Σ exp row.
func LogSoftmax[T Float](out, rows []T, n int) {
	for ; len(rows) >= n && n > 0; out, rows = out[n:], rows[n:] {
		l := logSumExp(rows[:n])
		for k, v := range rows[:n] {
			out[k] = T(float64(v) - l)
		}
	}
}
