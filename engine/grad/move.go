// This file takes values apart and joins them. The gradient goes back to where
// each number came from.

package grad

import (
	"fmt"
	"slices"

	"cajal/engine/internal/nd"
	"cajal/engine/tensor"
)

// Reshape returns x with another shape, whose product must be the same. One
// dimension may be -1: it is worked out.
func (x *Var) Reshape(shape ...int) *Var {
	out, bad := nd.Reshape(x.shape, shape)
	if bad != nil {
		fail("Reshape", bad, x)
	}
	return x.reshaped("Reshape", out)
}

// Flatten returns x with every example as one row: [n …] becomes [n m].
func (x *Var) Flatten() *Var {
	if len(x.shape) == 0 {
		fail("Flatten", &nd.Misfit{Text: "a single number has no examples"}, x)
	}
	return x.reshaped("Flatten", []int{x.shape[0], nd.Size(x.shape[1:])})
}

// ExpandDims returns x with a dimension of 1 put in, so that it is axis of the
// result; -1 puts it last.
func (x *Var) ExpandDims(axis int) *Var {
	shape, _, bad := nd.Expanded(x.shape, axis)
	if bad != nil {
		fail("ExpandDims", bad, x)
	}
	return x.reshaped("ExpandDims", shape)
}

// Squeeze returns x without dimensions of 1: those named, or all.
func (x *Var) Squeeze(axes ...int) *Var {
	shape, bad := nd.Squeezed(x.shape, axes)
	if bad != nil {
		fail("Squeeze", bad, x)
	}
	return x.reshaped("Squeeze", shape)
}

func (x *Var) reshaped(op string, shape []int) *Var {
	if x.isExact() {
		return reshape[float64](op, x, shape)
	}
	return reshape[float32](op, x, shape)
}

func reshape[T nd.Float](op string, x *Var, shape []int) *Var {
	y := enter(op, shape, []string{"{g} reshaped"}, x.value, x)
	y.back = func() { nd.Accumulate(slope[T](x).Data, slope[T](y).Data) }
	return y
}

// BroadcastTo returns x with its values repeated to a larger shape.
func (x *Var) BroadcastTo(shape ...int) *Var {
	if out, bad := nd.Broadcast(x.shape, shape); bad != nil {
		fail("BroadcastTo", bad, x)
	} else if !slices.Equal(out, shape) {
		fail("BroadcastTo", &nd.Misfit{Text: fmt.Sprintf("the shape %v is smaller", shape)}, x)
	}
	if x.isExact() {
		return broadcast[float64](x, slices.Clone(shape))
	}
	return broadcast[float32](x, slices.Clone(shape))
}

func broadcast[T nd.Float](x *Var, shape []int) *Var {
	y := record[T]("BroadcastTo", shape, []string{repeated("{g}", x.shape, shape)}, x)
	nd.Expand(val[T](y), val[T](x))
	y.back = func() { nd.AddTo(slope[T](x), slope[T](y)) }
	return y
}

// Slice returns indices lo up to, not including, hi of an axis. Negative numbers
// count from the end.
func (x *Var) Slice(axis, lo, hi int) *Var {
	axis, lo, hi, bad := nd.Sliced(x.shape, axis, lo, hi)
	if bad != nil {
		fail("Slice", bad, x)
	}
	shape := slices.Clone(x.shape)
	shape[axis] = hi - lo
	return x.cut("Slice", shape, axis, lo, hi-lo)
}

// Index returns index i of an axis, which is not in the result. A negative index
// counts from the end.
func (x *Var) Index(axis, i int) *Var {
	axis, bad := nd.Axis(axis, len(x.shape))
	if bad == nil {
		if i < 0 {
			i += x.shape[axis]
		}
		axis, bad = nd.Taken(x.shape, axis, []int{i})
	}
	if bad != nil {
		fail("Index", bad, x)
	}
	return x.cut("Index", nd.Drop(x.shape, []int{axis}), axis, i, 1)
}

func (x *Var) cut(op string, shape []int, axis, lo, count int) *Var {
	if x.isExact() {
		return cut[float64](op, x, shape, axis, lo, count)
	}
	return cut[float32](op, x, shape, axis, lo, count)
}

func cut[T nd.Float](op string, x *Var, shape []int, axis, lo, count int) *Var {
	y := record[T](op, shape, []string{"{g} where it was taken"}, x)
	nd.Slice(val[T](y).Data, val[T](x).Data, x.shape, axis, lo, count)
	y.back = func() { nd.AddSlice(slope[T](x).Data, slope[T](y).Data, x.shape, axis, lo, count) }
	return y
}

// Take returns the given indices of an axis, in that order and as often as they
// are given: W.Take(0, words) looks words up in an embedding W [vocabulary width].
func (x *Var) Take(axis int, index []int) *Var {
	axis, bad := nd.Taken(x.shape, axis, index)
	if bad != nil {
		fail("Take", bad, x)
	}
	index = slices.Clone(index)
	if x.isExact() {
		return take[float64](x, axis, index)
	}
	return take[float32](x, axis, index)
}

func take[T nd.Float](x *Var, axis int, index []int) *Var {
	shape := slices.Clone(x.shape)
	shape[axis] = len(index)
	y := record[T]("Take", shape, []string{"{g} where it was taken"}, x)
	nd.Take(val[T](y).Data, val[T](x).Data, x.shape, axis, index)
	y.back = func() { nd.AddTake(slope[T](x).Data, slope[T](y).Data, x.shape, axis, index) }
	return y
}

// Pick returns one number of every row of the last axis, number index[i] of row i,
// counted over all other axes: from log-probabilities [n classes] and labels it
// picks those of the right classes [n].
func (x *Var) Pick(index []int) *Var {
	checkLabels("Pick", x, index)
	flat := make([]int, len(index))
	classes := x.shape[len(x.shape)-1]
	for i, l := range index {
		flat[i] = i*classes + l
	}
	y := x.reshaped("Reshape", []int{size(x.shape)}).Take(0, flat)
	return y.Reshape(x.shape[:len(x.shape)-1]...)
}

// checkLabels panics unless there is one label for every row of the last axis,
// and each is within it.
func checkLabels(op string, x *Var, labels []int) {
	if len(x.shape) == 0 {
		fail(op, &nd.Misfit{Text: "a single number has no classes", Fix: "the last axis holds one number a class: [n classes]"}, x)
	}
	rows, classes := nd.Size(x.shape[:len(x.shape)-1]), x.shape[len(x.shape)-1]
	if len(labels) != rows {
		fail(op, &nd.Misfit{
			Text: fmt.Sprintf("there are %d labels for %d rows", len(labels), rows),
			Fix:  "one label for every example: the last axis holds one number a class",
		}, x)
	}
	for i, l := range labels {
		if l < 0 || l >= classes {
			panic(&tensor.OpError{
				Op: "grad." + op, Text: fmt.Sprintf("label %d of example %d is not one of %d classes", l, i, classes),
				Got: x.described(), Fix: fmt.Sprintf("labels are 0 to %d", classes-1),
			})
		}
	}
}

// Concat joins values one after another along an axis; in every other they must
// agree.
func Concat(axis int, vs ...*Var) *Var {
	vs = operands("Concat", vs)
	shape, axis, bad := nd.Joined(axis, shapesOf(vs))
	if bad != nil {
		fail("Concat", bad, vs...)
	}
	sizes := make([]int, len(vs))
	for k, v := range vs {
		sizes[k] = v.shape[axis]
	}
	return joined("Concat", vs, shape, axis, sizes)
}

// Stack joins values of one shape side by side along a new axis.
func Stack(axis int, vs ...*Var) *Var {
	vs = operands("Stack", vs)
	shape, axis, bad := nd.Piled(axis, shapesOf(vs))
	if bad != nil {
		fail("Stack", bad, vs...)
	}
	sizes := make([]int, len(vs))
	for k := range sizes {
		sizes[k] = 1
	}
	return joined("Stack", vs, shape, axis, sizes)
}

func operands(op string, vs []*Var) []*Var {
	if len(vs) == 0 {
		fail(op, &nd.Misfit{Text: "there is nothing to join"})
	}
	return meet(op, vs...)
}

func shapesOf(vs []*Var) [][]int {
	shapes := make([][]int, len(vs))
	for k, v := range vs {
		shapes[k] = v.shape
	}
	return shapes
}

func joined(op string, vs []*Var, shape []int, axis int, sizes []int) *Var {
	if vs[0].isExact() {
		return join[float64](op, vs, shape, axis, sizes)
	}
	return join[float32](op, vs, shape, axis, sizes)
}

func join[T nd.Float](op string, vs []*Var, shape []int, axis int, sizes []int) *Var {
	rules := make([]string, len(vs))
	at := make([]int, len(vs))
	next := 0
	for k := range vs {
		rules[k], at[k] = fmt.Sprintf("{g}, part %d", k), next
		next += sizes[k]
	}
	y := record[T](op, shape, rules, vs...)
	for k, v := range vs {
		nd.Put(val[T](y).Data, val[T](v).Data, shape, axis, at[k], sizes[k])
	}
	y.back = func() {
		for k, v := range vs {
			if !v.needs {
				continue
			}
			g := make([]T, nd.Size(v.shape))
			nd.Slice(g, slope[T](y).Data, shape, axis, at[k], sizes[k])
			nd.Accumulate(slope[T](v).Data, g)
		}
	}
	return y
}
