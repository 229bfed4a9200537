// This file reads operators that move or join numbers, or take their means: what has
// to do with axes.

package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cajal/engine/nn"
)

func global(im *importer, n *node) (*tracked, error) {
	t, err := im.image(n)
	if err != nil {
		return nil, err
	}
	return im.global(t, n.op == "GlobalMaxPool", true)
}

// global adds a pooling over all places; keep leaves axes of 1 in the graph.
func (im *importer) global(t *tracked, largest, keep bool) (*tracked, error) {
	last := len(t.shape) - 1
	kind := "GlobalAvgPool"
	if largest {
		kind = "GlobalMaxPool"
	}
	out, err := im.add(nn.LayerConfig{Kind: kind}, []int{t.shape[last]}, nil, t)
	if err == nil && keep {
		out.ones = last
	}
	return out, err
}

// reduce is a pooling over all places when its axes are those.
func reduce(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	axes, seen, err := im.axes(n, t)
	if err != nil {
		return nil, err
	}
	if t.ones != 0 || len(t.shape) < 2 || len(seen) != len(t.shape)-1 || seen[0] || seen[t.channelAxis()] {
		return nil, fmt.Errorf("is over axes %v of %d, but here it is over all but the examples and channels", axes, t.rank())
	}
	keep := n.int("keepdims", 1) != 0
	if keep && t.channelAxis() != 1 {
		return nil, errors.New("keeps axes of 1 before the channels, which are not tracked here")
	}
	return im.global(t, n.op == "ReduceMax", keep)
}

func flatten(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	if a, err := t.axis(n.int("axis", 1)); err != nil || a != 1 {
		return nil, fmt.Errorf("begins at axis %d, but examples are kept apart here: axis 1", n.int("axis", 1))
	}
	return im.flatten(n, t)
}

func (im *importer) flatten(n *node, t *tracked) (*tracked, error) {
	if len(t.shape) == 1 {
		c := im.again(n, t)
		c.ones = 0
		return c, nil
	}
	out, err := im.add(nn.LayerConfig{Kind: "Flatten"}, []int{size(t.shape)}, nil, t)
	if err == nil && t.axes != nil {
		out.flat = t
	}
	return out, err
}

func reshape(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	to, err := im.list(n, 1)
	if err != nil {
		return nil, err
	}
	if len(to) < 2 || to[0] != 0 && to[0] != -1 && to[0] != 1 && to[0] != batchSize {
		return nil, fmt.Errorf("gives the shape %v, whose first number is not the batch", to)
	}
	// What the graph has, behind the batch.
	var from []int
	for k := range t.shape {
		a := k
		if t.axes != nil {
			a = t.axes[k]
		}
		from = append(from, t.shape[a])
	}
	from = append(from, repeat(1, t.ones)...)
	to = slices.Clone(to[1:])
	for i, d := range to {
		if d == 0 && i < len(from) {
			to[i] = int64(from[i])
		}
	}
	shape, err := reshaped(from, to)
	switch {
	case err != nil:
		return nil, err
	case len(shape) == 1:
		return im.flatten(n, t)
	case !t.straight():
		return nil, fmt.Errorf("gives the shape %v to a value with channels first, which is not tracked here", shape)
	}
	return im.add(nn.LayerConfig{Kind: "Reshape", Shape: shape}, shape, nil, t)
}

func transpose(im *importer, n *node) (*tracked, error) {
	t, err := im.any(n, 0)
	if err != nil {
		return nil, err
	}
	perm, err := permutation(n.ints("perm"), t.rank())
	if err != nil {
		return nil, err
	}
	if t.form == bySteps || t.form == byExample && slices.Equal(perm, []int{1, 0, 2}) {
		return im.bySteps(n, t, perm)
	}
	if perm[0] != 0 || t.ones != 0 || t.form != byExample {
		return nil, fmt.Errorf("has the order %v, but examples come first here", perm)
	}
	out := im.again(n, t)
	out.axes = nil
	plain := true
	for k, a := range perm[1:] {
		a--
		if t.axes != nil {
			a = t.axes[a]
		}
		out.axes = append(out.axes, a)
		plain = plain && a == k
	}
	if plain {
		out.axes = nil
	}
	return out, nil
}

// squeeze takes away axes of 1 that a pooling left.
func squeeze(im *importer, n *node) (*tracked, error) {
	t, err := im.any(n, 0)
	if err != nil {
		return nil, err
	}
	if t.form == states || t.form == state {
		axes, err := im.axisList(n)
		if err != nil {
			return nil, err
		}
		return im.oneDirection(n, t, axes)
	}
	axes, gone, err := im.axes(n, t)
	switch {
	case err != nil:
		return nil, err
	case len(gone) == 0:
		return nil, errors.New("names no axes")
	}
	for k := range gone {
		if k <= len(t.shape) || t.form != byExample {
			return nil, fmt.Errorf("takes away axes %v, of which one is not of 1 here", axes)
		}
	}
	out := im.again(n, t)
	out.ones -= len(gone)
	return out, nil
}

// batchSize stands for the number of examples in a list of dimensions.
const batchSize = math.MinInt64

// list returns input i as whole numbers: a constant, or dimensions.
func (im *importer) list(n *node, i int) ([]int64, error) {
	if i < len(n.inputs) {
		if v, ok := im.sizes[n.inputs[i]]; ok {
			return v, nil
		}
	}
	c, err := im.constant(n, i)
	if err != nil {
		return nil, err
	}
	return c.ints()
}

// axes returns the axes that an operator on t names, and the same counted from 0.
func (im *importer) axes(n *node, t *tracked) (named []int64, set map[int]bool, err error) {
	if named, err = im.axisList(n); err != nil {
		return nil, nil, err
	}
	set = map[int]bool{}
	for _, a := range named {
		k, err := t.axis(a)
		if err != nil {
			return nil, nil, err
		}
		set[k] = true
	}
	return named, set, nil
}

// axisList are an attribute in older files, and an input in newer ones.
func (im *importer) axisList(n *node) ([]int64, error) {
	if axes := n.ints("axes"); axes != nil {
		return axes, nil
	}
	return im.list(n, 1)
}

// dimensions computes operators on lists of dimensions, which exporters use to tell
// Reshape the number of examples, and reports whether it did.
func (im *importer) dimensions(n *node) (bool, error) {
	if n.op == "Shape" && len(n.inputs) == 1 && im.values[n.inputs[0]] != nil && (im.values[n.inputs[0]].form == byExample || im.values[n.inputs[0]].form == ofWords) && n.attrs == nil {
		t := im.values[n.inputs[0]]
		dims := []int64{batchSize}
		for k := range t.shape {
			a := k
			if t.axes != nil {
				a = t.axes[k]
			}
			dims = append(dims, int64(t.shape[a]))
		}
		for range t.ones {
			dims = append(dims, 1)
		}
		im.sizes[n.outputs[0]] = dims
		return true, nil
	}
	any := false
	for _, name := range n.inputs {
		any = any || im.sizes[name] != nil
	}
	if !any || n.op == "Reshape" && im.sizes[n.inputs[0]] == nil {
		return false, nil
	}
	var out []int64
	switch n.op {
	case "Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape": // a number and a list of one are the same here
		out = im.sizes[n.inputs[0]]
	case "Concat":
		for i := range n.inputs {
			v, err := im.list(n, i)
			if err != nil {
				return false, err
			}
			if out = append(out, v...); len(out) > 64 {
				return false, errors.New("makes a list of more than 64 dimensions")
			}
		}
	case "Gather":
		from, err := im.list(n, 0)
		if err != nil {
			return false, err
		}
		at, err := im.list(n, 1)
		if err != nil {
			return false, err
		}
		if len(at) > 64 {
			return false, errors.New("makes a list of more than 64 dimensions")
		}
		for _, i := range at {
			if i < 0 {
				i += int64(len(from))
			}
			if i < 0 || i >= int64(len(from)) {
				return false, fmt.Errorf("takes dimension %d of %d", i, len(from))
			}
			out = append(out, from[i])
		}
	default:
		return false, errors.New("computes with dimensions, which is not done here")
	}
	if out == nil {
		return false, errors.New("computes with dimensions, which is not done here")
	}
	im.sizes[n.outputs[0]] = out
	return true, nil
}
