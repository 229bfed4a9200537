// This file keeps what is known of the values of a graph while it is read.

package onnx

import (
	"errors"
	"fmt"
	"slices"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// tracked is a value of the graph: which layer gives it, and how it lies compared with
// what the layer gives.
type tracked struct {
	layer int
	shape []int // of an example, as the layer gives it
	// axes[k] is the layer's axis that is axis k+1 in the graph, behind the batch; nil
	// when they are the same.
	axes []int
	// flat is the value of which this one is the numbers in one row, when the graph has
	// them in another order than the layer.
	flat *tracked
	// ones is how many axes of 1 the graph has behind, which the layer has not.
	ones int
	form form
	// shared says that others read the layer's output too, under another name.
	shared bool
}

// channelsFirst are the axes of an image or sequence of the given rank whose channels
// come first.
func channelsFirst(rank int) []int {
	axes := []int{rank - 1}
	for i := range rank - 1 {
		axes = append(axes, i)
	}
	return axes
}

// straight reports whether the value lies as the layer gives it.
func (t *tracked) straight() bool { return t.axes == nil && t.flat == nil && t.ones == 0 }

// place returns where number k of the row that the graph has is in the layer's.
func (t *tracked) place(k int) int {
	v := t.flat
	if v == nil {
		return k
	}
	index := make([]int, len(v.shape)) // along the layer's axes
	for i := len(v.axes) - 1; i >= 0; i-- {
		n := v.shape[v.axes[i]]
		index[v.axes[i]] = k % n
		k /= n
	}
	at := 0
	for i, n := range v.shape {
		at = at*n + index[i]
	}
	return at
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// channelAxis is the graph's axis of the channels, the batch being 0.
func (t *tracked) channelAxis() int {
	last := len(t.shape) - 1
	if t.axes == nil {
		return last + 1
	}
	return slices.Index(t.axes, last) + 1
}

// rank is how many axes the graph's value has, with the batch.
func (t *tracked) rank() int { return 1 + len(t.shape) + t.ones }

// axis returns an axis counted from 0, which may be counted from the end.
func (t *tracked) axis(a int64) (int, error) {
	if a < 0 {
		a += int64(t.rank())
	}
	if a < 0 || a >= int64(t.rank()) {
		return 0, fmt.Errorf("axis %d is none of %d", a, t.rank())
	}
	return int(a), nil
}

// importer makes layers, one operator after the other.
type importer struct {
	opset     int64
	constants map[string]*constant
	values    map[string]*tracked
	sizes     map[string][]int64 // lists of dimensions, as Shape gives them
	uses      map[string]int     // how often a name is read
	left      int                // how many numbers of constants may still be copied
	layers    []nn.LayerConfig
	params    [][]*tensor.Tensor // of the layers, in the order of Model.Parameters
}

// freeNumbers is how many numbers of constants may be copied beside two for each byte of
// the file: a small file could ask for one large constant again and again.
const freeNumbers = 1 << 24

// float32 returns a copy of the numbers of a constant.
func (im *importer) float32(c *constant) (*tensor.Tensor, error) {
	if im.left -= size(c.dims); im.left < 0 {
		return nil, fmt.Errorf("reads the constant %q of shape %v again, after more numbers of constants than the file can need", c.name, c.dims)
	}
	return c.float32(), nil
}

// maxNumbers bounds the value of an example. What package nn takes is no larger.
const maxNumbers = 1 << 30

// add adds a layer that reads from, and returns its value, which lies as from[0] does
// if that is possible.
func (im *importer) add(c nn.LayerConfig, shape []int, params []*tensor.Tensor, from ...*tracked) (*tracked, error) {
	n := 1
	for _, d := range shape {
		if d < 1 || n > maxNumbers/d {
			return nil, fmt.Errorf("gives a value of shape %v, which is too large or empty", shape)
		}
		n *= d
	}
	t := &tracked{layer: len(im.layers), shape: shape}
	for _, f := range from {
		c.From = append(c.From, f.layer)
	}
	if len(from) > 0 && len(from[0].shape) == len(shape) {
		t.axes, t.flat, t.ones = from[0].axes, from[0].flat, from[0].ones
	}
	im.layers = append(im.layers, c)
	im.params = append(im.params, params)
	return t, nil
}

// value returns what an operator reads as input i, which must be computed and have the
// examples first.
func (im *importer) value(n *node, i int) (*tracked, error) {
	t, err := im.any(n, i)
	if err == nil && t.form != byExample {
		return nil, errors.New("reads a value that has its steps first, or is of whole numbers, which only operators of sequences do here")
	}
	return t, err
}

// any is value for values of all forms.
func (im *importer) any(n *node, i int) (*tracked, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return nil, fmt.Errorf("has no input %d", i)
	}
	name := n.inputs[i]
	if t := im.values[name]; t != nil {
		return t, nil
	}
	if im.constants[name] != nil {
		return nil, fmt.Errorf("computes with the constant %q as its input %d: only weights may be constants", name, i)
	}
	return nil, fmt.Errorf("reads %q, which nothing before it gives", name)
}

// image returns input 0 when it is an image or sequence with channels first.
func (im *importer) image(n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	if r := len(t.shape); t.ones != 0 || r != 2 && r != 3 || !slices.Equal(t.axes, channelsFirst(r)) {
		return nil, fmt.Errorf("reads a value of shape %v, with channels last, but wants [channels height width] or [channels steps]", t.shape)
	}
	return t, nil
}

// constant returns input i as a constant, nil when there is none.
func (im *importer) constant(n *node, i int) (*constant, error) {
	if i >= len(n.inputs) || n.inputs[i] == "" {
		return nil, nil
	}
	if c := im.constants[n.inputs[i]]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("has %q as its input %d, which must be a constant", n.inputs[i], i)
}

// weights returns input i as a tensor of the given rank.
func (im *importer) weights(n *node, i, rank int) (*tensor.Tensor, error) {
	c, err := im.constant(n, i)
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, fmt.Errorf("has no input %d", i)
	case len(c.dims) != rank:
		return nil, fmt.Errorf("has weights %q of shape %v, expected %d dimensions", c.name, c.dims, rank)
	}
	return im.float32(c)
}

// vector returns input i as a vector of n numbers.
func (im *importer) vector(nd *node, i, n int) (*tensor.Tensor, error) {
	t, err := im.weights(nd, i, 1)
	if err == nil && len(t.Data) != n {
		err = fmt.Errorf("has %d numbers as its input %d, expected %d", len(t.Data), i, n)
	}
	return t, err
}

// joined reports whether what comes behind the operator that reads name may be made
// part of its layer, t: nobody else reads it.
func (im *importer) joined(name string, t *tracked) bool { return im.uses[name] == 1 && !t.shared }

// sums reports whether a layer is one of sums without an activation yet.
func (im *importer) sums(layer int) bool {
	c := &im.layers[layer]
	switch c.Kind {
	case "Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose":
		return c.Activation == nn.Linear
	}
	return false
}

// model makes the model whose output is a value: the layers that it needs.
func (im *importer) model(out *tracked) (*nn.Model, error) {
	if out.flat != nil {
		return nil, errors.New("onnx: the output is an image in one row with its channels first, which no layer here gives")
	}
	needed := make([]bool, len(im.layers))
	needed[out.layer] = true
	place := make([]int, len(im.layers))
	for i := len(im.layers) - 1; i >= 0; i-- {
		if needed[i] {
			for _, j := range im.layers[i].From {
				needed[j] = true
			}
		}
	}
	var c nn.Config
	var params [][]*tensor.Tensor
	for i, l := range im.layers {
		if !needed[i] {
			continue
		}
		place[i] = len(c.Layers)
		l.From = slices.Clone(l.From)
		for k, j := range l.From {
			l.From[k] = place[j]
		}
		c.Layers = append(c.Layers, l)
		params = append(params, im.params[i])
	}
	m := nn.FromConfig(c)
	if err := m.Err(); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	for i, p := range params {
		if len(p) == 0 {
			continue
		}
		if err := m.SetParameters(i, p...); err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
	}
	return m, nil
}
