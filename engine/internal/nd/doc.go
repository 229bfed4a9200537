// This file is the page of the package: what it is for, and where things are.

// Package nd computes on arrays of any number of dimensions, in float32 for use
// and in float64 for checking: every routine is written once for both.
//
// It does not differentiate, allocates results only where it says so, and
// starts no goroutine that outlives a call. It is not safe against wrong shapes:
// callers ask a shape rule first (the functions that return a *Misfit), say what
// is wrong in their own words, and then compute. engine/tensor and engine/grad
// are the callers.
//
//	shape rules       shape.go      broadcasting, axes, reshape, concat
//	element by element element.go   with broadcasting, and sums back from it
//	reductions        reduce.go     over any axes; softmax
//	movement          move.go       transpose, slice, take, scatter
//	products          matmul.go     matrices and stacks of them
//	images            conv.go, depthwise.go, pool.go
//
// Arrays lie row by row, the last index fastest. Sums of a reduction accumulate
// in float64; products in the type of their operands, as internal/f32 does. No
// sum is split between goroutines, so results do not depend on their number.
package nd

// Float is what arrays are made of.
type Float interface{ float32 | float64 }

// An Array is a block of numbers with a shape. A shape without dimensions is
// that of one number.
type Array[T Float] struct {
	Shape []int
	Data  []T
}

// Make returns an array of zeros.
func Make[T Float](shape []int) Array[T] {
	return Array[T]{Shape: shape, Data: make([]T, Size(shape))}
}
