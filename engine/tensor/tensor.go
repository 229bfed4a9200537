// This file defines Tensor: a shape and its values, row by row.

// Package tensor has the value that the engine takes in and gives out, a block
// of float32 numbers with a shape, and what can be computed with it.
//
// It is not for training: nothing here is differentiated (engine/grad does that,
// with the same operations) and a model's layers do not use it (engine/nn has
// routines of its own). It has no strided views and no other type of number.
//
//	Tensor         tensor.go   shape and values; At, Row, Reshape
//	New, Full, …   make.go     tensors from numbers, rows, seeds
//	Add, Exp, …    element.go  element by element, with NumPy's broadcasting
//	MatMul         matrix.go   products and transposes
//	Slice, Take, … move.go     parts of tensors, and tensors joined
//	Sum, Max, …    reduce.go   over all axes or some
//	OpError        operr.go    what a mistake in shapes looks like
//
// # Operations panic
//
// An operation whose operands do not fit panics with an [*OpError], which names
// the operation, the shapes and the fix. The reason is the notebook: operations
// are chained, x.Sub(mean).Div(std).MatMul(w), which leaves no room for a second
// result, and the mistake is one of the program, as an index out of range is. A
// panic stops the cell at the line of the mistake, and cannot be overlooked; a
// remembered error would leave a training loop running that learns nothing.
// gonum/mat decides the same way. engine/grad follows the same rule. What depends
// on data from outside, such as [FromSlice], returns an error. [Catch] turns a
// panic into an error where one is wanted.
package tensor

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cajal/engine/internal/nd"
)

// A Tensor is a block of float32 numbers. The last index runs fastest (row
// major): element [i j] of a tensor of shape [2 3] is Data[i*3+j].
//
// A tensor without dimensions is a single number, or nothing, which the zero
// value is. Shape and Data may be read and Data written at will; whoever changes
// Shape keeps the product equal to len(Data), which [Tensor.Check] verifies.
type Tensor struct {
	Shape []int
	Data  []float32
}

// New returns a tensor of zeros. A negative dimension, or none at all, gives an
// empty tensor; [Scalar] makes a single number.
func New(shape ...int) *Tensor {
	n, ok := nd.Checked(shape)
	if !ok {
		return &Tensor{Shape: []int{0}}
	}
	if len(shape) == 0 {
		n = 0
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
	if len(t.Shape) == 0 && len(t.Data) == 0 {
		return nil
	}
	if n, ok := nd.Checked(t.Shape); !ok || n != len(t.Data) {
		return fmt.Errorf("tensor: shape %v has room for %d values, found %d", t.Shape, n, len(t.Data))
	}
	return nil
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
func (t *Tensor) At(index ...int) float32 { return t.Data[t.offset("At", index)] }

// Set stores v at an index for every dimension. It panics as [Tensor.At] does.
func (t *Tensor) Set(v float32, index ...int) { t.Data[t.offset("Set", index)] = v }

// Item returns the one value of a tensor of size 1, whatever its rank.
func (t *Tensor) Item() float32 {
	if len(t.Data) != 1 {
		fail("Item", &nd.Misfit{Text: fmt.Sprintf("there are %d values, not 1", len(t.Data)), Fix: "At(index...) returns one of many; Sum or Mean makes one of them"}, t)
	}
	return t.Data[0]
}

func (t *Tensor) offset(op string, index []int) int {
	if len(index) != len(t.Shape) {
		fail(op, &nd.Misfit{Text: fmt.Sprintf("index %v has %d numbers, but there are %d dimensions", index, len(index), len(t.Shape))}, t)
	}
	o := 0
	for d, i := range index {
		if i < 0 || i >= t.Shape[d] {
			fail(op, &nd.Misfit{Text: fmt.Sprintf("index %v is out of range", index)}, t)
		}
		o = o*t.Shape[d] + i
	}
	return o
}

// Row returns example i as a tensor that shares its values with t. It panics
// when there is no such example.
func (t *Tensor) Row(i int) *Tensor {
	if i < 0 || i >= t.Len() {
		fail("Row", &nd.Misfit{Text: fmt.Sprintf("row %d is out of range", i)}, t)
	}
	row := len(t.Data) / t.Len()
	return &Tensor{Shape: t.ExampleShape(), Data: t.Data[i*row : (i+1)*row : (i+1)*row]}
}

// Reshape returns a tensor with the same values (shared) and another shape,
// whose product must be the same. One dimension may be -1: it is worked out.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	out, bad := nd.Reshape(t.array("Reshape").Shape, shape)
	if bad != nil {
		fail("Reshape", bad, t)
	}
	return &Tensor{Shape: out, Data: t.Data}
}

// Clone returns a copy that shares nothing with t.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Shape: slices.Clone(t.Shape), Data: slices.Clone(t.Data)}
}

// Argmax returns, for every row of a matrix, the column of its largest value
// (the first of equals): the predicted classes. A vector is one row. For other
// axes see [Tensor.ArgmaxAxis].
func (t *Tensor) Argmax() []int {
	if len(t.Data) == 0 {
		return nil
	}
	cols := 1
	if len(t.Shape) > 0 {
		cols = t.Shape[len(t.Shape)-1]
	}
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
