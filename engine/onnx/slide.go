// This file reads operators that move filters or windows over images: convolutions and
// poolings.

package onnx

import (
	"errors"
	"fmt"
	"slices"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// square returns the number that all of a list are, def when there is none.
func square(v []int64, n int, def int64, what string) (int, error) {
	if v == nil {
		return int(def), nil
	}
	for _, d := range v {
		if d != v[0] || d < 1 || d > maxNumbers {
			return 0, fmt.Errorf("has %s %v, but they must be alike and above 0 here", what, v)
		}
	}
	if len(v) != n {
		return 0, fmt.Errorf("has %s %v, but %d dimensions", what, v, n)
	}
	return int(v[0]), nil
}

func conv(im *importer, n *node) (*tracked, error) {
	t, err := im.image(n)
	if err != nil {
		return nil, err
	}
	dims := len(t.shape) - 1
	w, err := im.weights(n, 1, dims+2)
	if err != nil {
		return nil, err
	}
	stride, err := strides(n, dims)
	if err != nil {
		return nil, err
	}
	filters, channels, size := w.Shape[0], w.Shape[1], w.Shape[2:]
	groups := n.int("group", 1)
	deep := groups != 1 && dims == 2 && groups == int64(t.shape[dims]) && channels == 1 && filters%t.shape[dims] == 0
	switch {
	case groups != 1 && !deep:
		return nil, fmt.Errorf("has %d groups for %d channels, but convolutions have one here, or, of images, one for each channel", groups, t.shape[dims])
	case !deep && channels != t.shape[dims], slices.Contains(w.Shape, 0):
		return nil, fmt.Errorf("has weights %v for %d channels", w.Shape, t.shape[dims])
	}
	c := nn.LayerConfig{Kind: fmt.Sprintf("Conv%dD", dims), Filters: filters, Size: slices.Clone(size), Stride: stride}
	shape := make([]int, dims+1)
	if c.Padding, err = im.padding(n, t.shape[:dims], size, stride, shape); err != nil {
		return nil, err
	}
	shape[dims] = filters
	// [out in height width] to [height width in out].
	var perm []int
	for i := range dims {
		perm = append(perm, 2+i)
	}
	if deep {
		c.Kind, c.Filters, c.Multiplier = "DepthwiseConv2D", 0, filters/t.shape[dims]
		w = w.Reshape(t.shape[dims], c.Multiplier, size[0], size[1]).Transpose(2, 3, 0, 1)
	} else {
		w = w.Transpose(append(perm, 1, 0)...)
	}
	return im.withBias(n, c, w, shape, t)
}

// strides checks what all that moves filters has, and returns the stride.
func strides(n *node, dims int) (int, error) {
	if d, err := square(n.ints("dilations"), dims, 1, "dilations"); err != nil || d != 1 {
		return 0, fmt.Errorf("has dilations %v, but convolutions have none here", n.ints("dilations"))
	}
	return square(n.ints("strides"), dims, 1, "strides")
}

// withBias adds a layer of weights w whose biases, if there are any, are input 2.
func (im *importer) withBias(n *node, c nn.LayerConfig, w *tensor.Tensor, shape []int, t *tracked) (*tracked, error) {
	params := []*tensor.Tensor{w}
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		b, err := im.vector(n, 2, shape[len(shape)-1])
		if err != nil {
			return nil, err
		}
		params = append(params, b)
	} else {
		c.NoBias = true
	}
	return im.add(c, shape, params, t)
}

// transposed reads a transposed convolution of images, with weights [in out height
// width].
func transposed(im *importer, n *node) (*tracked, error) {
	t, err := im.image(n)
	if err != nil {
		return nil, err
	}
	if len(t.shape) != 3 {
		return nil, fmt.Errorf("reads a value of shape %v, but here it reads images", t.shape)
	}
	w, err := im.weights(n, 1, 4)
	if err != nil {
		return nil, err
	}
	if g := n.int("group", 1); g != 1 {
		return nil, fmt.Errorf("has %d groups, but transposed convolutions have one here", g)
	}
	stride, err := strides(n, 2)
	if err != nil {
		return nil, err
	}
	if w.Shape[0] != t.shape[2] || slices.Contains(w.Shape, 0) {
		return nil, fmt.Errorf("has weights %v for %d channels", w.Shape, t.shape[2])
	}
	c := nn.LayerConfig{Kind: "Conv2DTranspose", Filters: w.Shape[1], Size: slices.Clone(w.Shape[2:]), Stride: stride}
	shape := []int{0, 0, w.Shape[1]}
	if c.Padding, err = cut(n, t.shape[:2], c.Size, stride, shape); err != nil {
		return nil, err
	}
	return im.withBias(n, c, w.Transpose(2, 3, 1, 0), shape, t)
}

// cut finds out which of the two ways here a transposed convolution leaves out pixels
// at the border, and fills in the shape behind.
func cut(n *node, in, k []int, stride int, out []int) (nn.Padding, error) {
	if n.ints("output_shape") != nil {
		return 0, errors.New("has an output_shape, but here it follows from the stride and the padding")
	}
	pads, more := n.ints("pads"), n.ints("output_padding")
	if pads == nil {
		pads = make([]int64, 4)
	}
	if more == nil {
		more = make([]int64, 2)
	}
	if len(pads) != 4 || len(more) != 2 {
		return 0, fmt.Errorf("has pads %v and output_padding %v for 2 dimensions", pads, more)
	}
	auto := n.text("auto_pad")
	valid, same := true, true
	for i := range 2 {
		out[i] = in[i]*stride + max(k[i]-stride, 0)
		b, a := cutPads(k[i], stride)
		fill := int64(max(stride-k[i], 0)) // what filters do not reach
		valid = valid && pads[i] == 0 && pads[2+i] == 0 && more[i] == fill
		same = same && pads[i] == int64(b) && pads[2+i] == int64(a) && more[i] == fill
	}
	switch auto {
	case "", "NOTSET":
	case "SAME_UPPER":
		valid, same = false, true
	default:
		return 0, fmt.Errorf("has auto_pad %s, which is not read here", auto)
	}
	switch {
	case valid:
		return nn.Valid, nil
	case same:
		for i := range 2 {
			out[i] = in[i] * stride
		}
		return nn.Same, nil
	}
	return 0, fmt.Errorf("has pads %v and output_padding %v, which is neither nn.Valid nor nn.Same", pads, more)
}

// padding finds out which of the two ways here the zeros around an image are, and
// fills in the shape behind.
func (im *importer) padding(n *node, in, k []int, stride int, out []int) (nn.Padding, error) {
	pads := n.ints("pads")
	if pads == nil {
		pads = make([]int64, 2*len(in))
	}
	if len(pads) != 2*len(in) {
		return 0, fmt.Errorf("has pads %v for %d dimensions", pads, len(in))
	}
	valid, same := true, true
	want := make([]int64, 2*len(in))
	for i := range in {
		b, a := samePads(in[i], k[i], stride)
		want[i], want[len(in)+i] = int64(b), int64(a)
	}
	switch auto := n.text("auto_pad"); auto {
	case "", "NOTSET":
		for i, p := range pads {
			valid = valid && p == 0
			same = same && p == want[i]
		}
	case "VALID":
		same = false
	case "SAME_UPPER":
		valid = false
	default:
		return 0, fmt.Errorf("has auto_pad %s, but zeros stand behind rather than before here: SAME_UPPER", auto)
	}
	for i := range in {
		switch {
		case valid && in[i] < k[i]:
			return 0, fmt.Errorf("has a filter of %v on an image of %v", k, in)
		case valid:
			out[i] = (in[i]-k[i])/stride + 1
		default:
			out[i] = (in[i] + stride - 1) / stride
		}
	}
	switch {
	case valid:
		return nn.Valid, nil
	case same:
		return nn.Same, nil
	}
	return 0, fmt.Errorf("has pads %v on an image of %v: here there are none (nn.Valid), or %v (nn.Same)", pads, in, want)
}

func pool(im *importer, n *node) (*tracked, error) {
	t, err := im.image(n)
	if err != nil {
		return nil, err
	}
	dims := len(t.shape) - 1
	k, err := square(n.ints("kernel_shape"), dims, 0, "windows")
	if err != nil {
		return nil, err
	}
	stride, err := square(n.ints("strides"), dims, 1, "strides")
	if err != nil {
		return nil, err
	}
	if d, err := square(n.ints("dilations"), dims, 1, "dilations"); err != nil || d != 1 {
		return nil, fmt.Errorf("has dilations %v, but there are none here", n.ints("dilations"))
	}
	for _, p := range n.ints("pads") {
		if p != 0 {
			return nil, fmt.Errorf("has pads %v, but windows stay inside here", n.ints("pads"))
		}
	}
	if auto := n.text("auto_pad"); auto != "" && auto != "NOTSET" && auto != "VALID" {
		return nil, fmt.Errorf("has auto_pad %s, but windows stay inside here", auto)
	}
	shape := slices.Clone(t.shape)
	for i := range dims {
		if k < 1 || shape[i] < k {
			return nil, fmt.Errorf("has windows of %d on an image of %v", k, t.shape[:dims])
		}
		if n.int("ceil_mode", 0) != 0 && (shape[i]-k)%stride != 0 {
			return nil, fmt.Errorf("has windows of %d that reach beyond the border of %v, but they stay inside here", k, t.shape[:dims])
		}
		shape[i] = (shape[i]-k)/stride + 1
	}
	kind := map[string]string{"MaxPool": "MaxPool", "AveragePool": "AvgPool"}[n.op]
	return im.add(nn.LayerConfig{Kind: fmt.Sprintf("%s%dD", kind, dims), Size: []int{k}, Stride: stride}, shape, nil, t)
}
