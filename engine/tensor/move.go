// This file takes tensors apart and joins them. Results are copies, but for
// ExpandDims and Squeeze, which share their values.

package tensor

import (
	"fmt"
	"slices"

	"cajal/engine/internal/nd"
)

// ExpandDims returns t (values shared) with a dimension of 1 put in, so that it
// is axis of the result; -1 puts it last.
func (t *Tensor) ExpandDims(axis int) *Tensor {
	shape, _, bad := nd.Expanded(t.array("ExpandDims").Shape, axis)
	if bad != nil {
		fail("ExpandDims", bad, t)
	}
	return &Tensor{Shape: shape, Data: t.Data}
}

// Squeeze returns t (values shared) without dimensions of 1: those named, or
// all.
func (t *Tensor) Squeeze(axes ...int) *Tensor {
	shape, bad := nd.Squeezed(t.array("Squeeze").Shape, axes)
	if bad != nil {
		fail("Squeeze", bad, t)
	}
	return &Tensor{Shape: shape, Data: t.Data}
}

// BroadcastTo returns t with its values repeated to a larger shape.
func (t *Tensor) BroadcastTo(shape ...int) *Tensor {
	a := t.array("BroadcastTo")
	if out, bad := nd.Broadcast(a.Shape, shape); bad != nil {
		fail("BroadcastTo", bad, t)
	} else if !slices.Equal(out, shape) {
		fail("BroadcastTo", &nd.Misfit{Text: fmt.Sprintf("the shape %v is smaller", shape)}, t)
	}
	out := nd.Make[float32](slices.Clone(shape))
	nd.Expand(out, a)
	return wrap(out)
}

// Slice returns indices lo up to, not including, hi of an axis. Negative numbers
// count from the end.
func (t *Tensor) Slice(axis, lo, hi int) *Tensor {
	a := t.array("Slice")
	axis, lo, hi, bad := nd.Sliced(a.Shape, axis, lo, hi)
	if bad != nil {
		fail("Slice", bad, t)
	}
	shape := slices.Clone(a.Shape)
	shape[axis] = hi - lo
	out := nd.Make[float32](shape)
	nd.Slice(out.Data, a.Data, a.Shape, axis, lo, hi-lo)
	return wrap(out)
}

// Take returns the given indices of an axis, in that order and as often as they
// are given: Take(0, []int{2, 2}) is row 2 twice.
func (t *Tensor) Take(axis int, index []int) *Tensor {
	a := t.array("Take")
	axis, bad := nd.Taken(a.Shape, axis, index)
	if bad != nil {
		fail("Take", bad, t)
	}
	shape := slices.Clone(a.Shape)
	shape[axis] = len(index)
	out := nd.Make[float32](shape)
	nd.Take(out.Data, a.Data, a.Shape, axis, index)
	return wrap(out)
}

// Index returns index i of an axis, which is not in the result. A negative index
// counts from the end.
func (t *Tensor) Index(axis, i int) *Tensor {
	a := t.array("Index")
	axis, bad := nd.Axis(axis, len(a.Shape))
	if bad == nil {
		if i < 0 {
			i += a.Shape[axis]
		}
		axis, bad = nd.Taken(a.Shape, axis, []int{i})
	}
	if bad != nil {
		fail("Index", bad, t)
	}
	out := nd.Make[float32](nd.Drop(a.Shape, []int{axis}))
	nd.Slice(out.Data, a.Data, a.Shape, axis, i, 1)
	return wrap(out)
}

// Concat joins tensors one after another along an axis; in every other they must
// agree.
func Concat(axis int, ts ...*Tensor) *Tensor {
	shapes := shapesOf("Concat", ts)
	shape, axis, bad := nd.Joined(axis, shapes)
	if bad != nil {
		fail("Concat", bad, ts...)
	}
	return joined(shape, axis, ts, func(k int) int { return shapes[k][axis] })
}

// Stack joins tensors of one shape side by side along a new axis.
func Stack(axis int, ts ...*Tensor) *Tensor {
	shape, axis, bad := nd.Piled(axis, shapesOf("Stack", ts))
	if bad != nil {
		fail("Stack", bad, ts...)
	}
	return joined(shape, axis, ts, func(int) int { return 1 })
}

func shapesOf(op string, ts []*Tensor) [][]int {
	out := make([][]int, len(ts))
	for k, t := range ts {
		out[k] = t.array(op).Shape
	}
	return out
}

func joined(shape []int, axis int, ts []*Tensor, size func(k int) int) *Tensor {
	out := nd.Make[float32](shape)
	at := 0
	for k, t := range ts {
		nd.Put(out.Data, t.Data, shape, axis, at, size(k))
		at += size(k)
	}
	return wrap(out)
}
