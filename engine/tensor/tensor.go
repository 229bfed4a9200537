// This file defines Tensor: a shape and its values, row by row.

// Package tensor has the value that the engine takes in and gives out: a
// block of float32 numbers with a shape.
//
// It is not for computing: there are no operators, views or broadcasting here.
// What a layer computes is in engine/nn, and what you compute yourself you do on
// Data, a plain slice.
package tensor

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Tensor is a block of float32 numbers. The last index runs fastest (row
// major): element [i j] of a tensor of shape [2 3] is Data[i*3+j].
//
// The zero value is an empty tensor of rank 1. Shape and Data may be read and
// Data written at will; whoever changes Shape keeps the product equal to
// len(Data), which [Tensor.Check] verifies.
type Tensor struct {
	Shape []int
	Data  []float32
}

// New returns a tensor of zeros. A negative dimension gives an empty tensor.
func New(shape ...int) *Tensor {
	n := size(shape)
	if n < 0 {
		return &Tensor{Shape: []int{0}}
	}
	return &Tensor{Shape: slices.Clone(shape), Data: make([]float32, n)}
}

// FromSlice returns a tensor that uses values (no copy) with the given shape;
// without a shape it is a vector. It fails when the product of the shape is
// not len(values).
func FromSlice(values []float32, shape ...int) (*Tensor, error) {
	if len(shape) == 0 {
		shape = []int{len(values)}
	}
	t := &Tensor{Shape: slices.Clone(shape), Data: values}
	return t, t.Check()
}

// Check reports whether the shape and the number of values agree.
func (t *Tensor) Check() error {
	if n := size(t.Shape); n != len(t.Data) {
		return fmt.Errorf("tensor: shape %v has room for %d values, found %d", t.Shape, max(n, 0), len(t.Data))
	}
	return nil
}

// size returns the product of shape, 0 for rank 0 without values, and -1 when
// a dimension is negative or the product too large.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/4/d {
			return -1
		}
		n *= d
	}
	if len(shape) == 0 {
		return 0
	}
	return n
}

// Rank returns the number of dimensions.
func (t *Tensor) Rank() int { return len(t.Shape) }

// Size returns the number of values.
func (t *Tensor) Size() int { return len(t.Data) }

// Len returns the first dimension: the number of examples of a batch. It is 0
// for an empty tensor.
func (t *Tensor) Len() int {
	if len(t.Shape) == 0 {
		return 0
	}
	return t.Shape[0]
}

// ExampleShape returns the shape without its first dimension; [1] for a
// vector, whose examples are single numbers.
func (t *Tensor) ExampleShape() []int {
	if len(t.Shape) < 2 {
		return []int{1}
	}
	return slices.Clone(t.Shape[1:])
}

// ReadRows copies examples lo, lo+1, … into dst, as many as fit, and returns
// how many those were.
func (t *Tensor) ReadRows(dst []float32, lo int) int {
	n := t.Len()
	if n == 0 || lo < 0 || lo >= n {
		return 0
	}
	row := len(t.Data) / n
	if row == 0 {
		return 0
	}
	k := min(len(dst)/row, n-lo)
	copy(dst, t.Data[lo*row:(lo+k)*row])
	return k
}

// At returns the value at an index for every dimension. It panics, as a slice
// does, when the index is out of range or has the wrong length.
func (t *Tensor) At(index ...int) float32 { return t.Data[t.offset(index)] }

// Set stores v at an index for every dimension. It panics as [Tensor.At] does.
func (t *Tensor) Set(v float32, index ...int) { t.Data[t.offset(index)] = v }

func (t *Tensor) offset(index []int) int {
	if len(index) != len(t.Shape) {
		panic(fmt.Sprintf("tensor: index %v has %d numbers, shape %v needs %d", index, len(index), t.Shape, len(t.Shape)))
	}
	o := 0
	for d, i := range index {
		if i < 0 || i >= t.Shape[d] {
			panic(fmt.Sprintf("tensor: index %v is out of range for shape %v", index, t.Shape))
		}
		o = o*t.Shape[d] + i
	}
	return o
}

// Row returns example i as a tensor that shares its values with t. It panics
// when there is no such example.
func (t *Tensor) Row(i int) *Tensor {
	if i < 0 || i >= t.Len() {
		panic(fmt.Sprintf("tensor: row %d is out of range for shape %v", i, t.Shape))
	}
	row := len(t.Data) / t.Len()
	return &Tensor{Shape: t.ExampleShape(), Data: t.Data[i*row : (i+1)*row : (i+1)*row]}
}

// Reshape returns a tensor with the same values (shared) and another shape,
// whose product must be the same.
func (t *Tensor) Reshape(shape ...int) (*Tensor, error) {
	if size(shape) != len(t.Data) {
		return nil, fmt.Errorf("tensor: cannot reshape %v (%d values) to %v (%d values)", t.Shape, len(t.Data), shape, max(size(shape), 0))
	}
	return &Tensor{Shape: slices.Clone(shape), Data: t.Data}, nil
}

// Clone returns a copy that shares nothing with t.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Shape: slices.Clone(t.Shape), Data: slices.Clone(t.Data)}
}

// Transpose returns a copy with rows and columns exchanged. It fails unless
// the rank is 2.
func (t *Tensor) Transpose() (*Tensor, error) {
	if len(t.Shape) != 2 {
		return nil, fmt.Errorf("tensor: cannot transpose shape %v: it has rank %d, not 2", t.Shape, len(t.Shape))
	}
	r, c := t.Shape[0], t.Shape[1]
	u := New(c, r)
	for i := range r {
		for j := range c {
			u.Data[j*r+i] = t.Data[i*c+j]
		}
	}
	return u, nil
}

// Argmax returns, for every row of a matrix, the column of its largest value
// (the first of equals): the predicted classes. A vector is one row.
func (t *Tensor) Argmax() []int {
	if len(t.Data) == 0 {
		return nil
	}
	cols := t.Shape[len(t.Shape)-1]
	out := make([]int, len(t.Data)/cols)
	for i := range out {
		row := t.Data[i*cols : (i+1)*cols]
		for j, v := range row {
			if v > row[out[i]] {
				out[i] = j
			}
		}
	}
	return out
}

// Stats are the figures that the header of a printed tensor shows. Min, Max
// and Mean are over the finite values; Bad counts NaN and infinities.
type Stats struct {
	Min, Max, Mean float64
	Bad            int
}

// Stats returns the range and mean of the values.
func (t *Tensor) Stats() Stats {
	s := Stats{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, v := range t.Data {
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			s.Bad++
			continue
		}
		s.Min, s.Max = min(s.Min, f), max(s.Max, f)
		s.Mean += f
	}
	if n := len(t.Data) - s.Bad; n > 0 {
		s.Mean /= float64(n)
	} else {
		s.Min, s.Max = 0, 0
	}
	return s
}

func shapeString(shape []int) string {
	return strings.Trim(fmt.Sprint(shape), "[]")
}
