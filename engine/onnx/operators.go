// This file makes layers of operators.

package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// readers make a value of an operator.
var readers map[string]func(im *importer, n *node) (*tracked, error)

func init() {
	readers = map[string]func(im *importer, n *node) (*tracked, error){
		"Identity": alias, "Cast": alias, "Dropout": dropout,
		"Gemm": gemm, "MatMul": matMul, "Conv": conv, "ConvTranspose": transposed,
		"MaxPool": pool, "AveragePool": pool, "GlobalMaxPool": global, "GlobalAveragePool": global, "ReduceMean": reduce, "ReduceMax": reduce,
		"Flatten": flatten, "Reshape": reshape, "Transpose": transpose, "Squeeze": squeeze,
		"BatchNormalization": batchNorm, "LayerNormalization": layerNorm,
		"Gather": gather, "RNN": recurrent, "LSTM": recurrent, "GRU": recurrent,
		"Add": add, "Mul": mul, "Concat": concat,
		"LeakyRelu": leaky, "Elu": elu, "Selu": selu, "HardSigmoid": hardSigmoid, "Clip": clip, "Shrink": shrink, "Gelu": gelu, "Softmax": softmax, "LogSoftmax": softmax,
	}
	for a, op := range activationOps {
		if readers[op] == nil {
			readers[op] = func(im *importer, n *node) (*tracked, error) { return im.activate(n, a) }
		}
	}
}

// alias gives its input another name.
func alias(im *importer, n *node) (*tracked, error) {
	t, err := im.any(n, 0)
	if err != nil {
		return nil, err
	}
	out := im.again(n, t)
	if n.op != "Cast" {
		return out, nil
	}
	switch to := n.int("to", elemFloat); {
	case (to == elemInt32 || to == elemInt64) && (t.form == ofWords || t.form == byExample && t.layer == 0):
		out.form = ofWords
	case t.form != ofWords && (to == elemFloat || to == 10 || to == 11):
	default:
		return nil, fmt.Errorf("changes to elements of type %d, but numbers are floats here, but for an input of the numbers of words", to)
	}
	return out, nil
}

// again is a value that lies otherwise, or has another name, but is of the same layer.
func (im *importer) again(n *node, t *tracked) *tracked {
	c := *t
	c.shared = t.shared || im.uses[n.inputs[0]] > 1
	return &c
}

func dropout(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	rate := n.float("ratio", 0.5)
	if c, err := im.constant(n, 1); err != nil {
		return nil, err
	} else if c != nil {
		if v := c.float32(); len(v.Data) == 1 {
			rate = v.Data[0]
		}
	}
	if !(rate > 0) {
		return im.again(n, t), nil
	}
	return im.add(nn.LayerConfig{Kind: "Dropout", Rate: float64(rate)}, t.shape, nil, t)
}

// gemm is alpha·A·B + beta·C.
func gemm(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	w, err := im.weights(n, 1, 2)
	if err != nil {
		return nil, err
	}
	if n.int("transA", 0) != 0 {
		return nil, errors.New("turns round its input, examples and all")
	}
	if n.int("transB", 0) != 0 {
		w = w.Transpose()
	}
	scale(w, n.float("alpha", 1))
	var bias *tensor.Tensor
	if c, err := im.constant(n, 2); err != nil {
		return nil, err
	} else if c != nil {
		if bias, err = c.alongLast(w.Shape[1]); err != nil {
			return nil, err
		}
		scale(bias, n.float("beta", 1))
	}
	return im.dense(t, w, bias)
}

func scale(t *tensor.Tensor, by float32) {
	if by != 1 {
		for i := range t.Data {
			t.Data[i] *= by
		}
	}
}

// alongLast returns the constant as a vector of n numbers along the last axis.
func (c *constant) alongLast(n int) (*tensor.Tensor, error) {
	v := c.float32()
	if len(v.Data) == 1 && n > 1 {
		return tensor.Full(v.Data[0], n), nil
	}
	if len(v.Data) != n || len(c.dims) > 0 && c.dims[len(c.dims)-1] != n {
		return nil, fmt.Errorf("adds %q of shape %v, expected [%d]", c.name, c.dims, n)
	}
	v.Shape = []int{n}
	return v, nil
}

func matMul(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	w, err := im.weights(n, 1, 2)
	if err != nil {
		return nil, err
	}
	return im.dense(t, w, nil)
}

// dense adds a dense layer with weights [in out], whose rows are put into the layer's
// order.
func (im *importer) dense(t *tracked, w, bias *tensor.Tensor) (*tracked, error) {
	if len(t.shape) != 1 || t.ones != 0 {
		return nil, fmt.Errorf("reads a value of shape %v, but nn.Dense takes one row an example", t.shape)
	}
	in, units := w.Shape[0], w.Shape[1]
	if in != t.shape[0] {
		return nil, fmt.Errorf("has weights %v for %d inputs", w.Shape, t.shape[0])
	}
	if t.flat != nil {
		turned := tensor.New(in, units)
		for k := range in {
			copy(turned.Data[t.place(k)*units:][:units], w.Data[k*units:])
		}
		w = turned
	}
	c := nn.LayerConfig{Kind: "Dense", Units: units, NoBias: bias == nil}
	params := []*tensor.Tensor{w}
	if bias != nil {
		params = append(params, bias)
	}
	out, err := im.add(c, []int{units}, params, t)
	if err == nil {
		out.flat = nil
	}
	return out, err
}

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

func batchNorm(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	if t.ones != 0 || t.channelAxis() != 1 {
		return nil, fmt.Errorf("reads a value of shape %v whose channels are not axis 1", t.shape)
	}
	if n.int("training_mode", 0) != 0 {
		return nil, errors.New("is in training mode")
	}
	channels := t.shape[len(t.shape)-1]
	var params []*tensor.Tensor
	for i := 1; i <= 4; i++ {
		v, err := im.vector(n, i, channels)
		if err != nil {
			return nil, err
		}
		if t.flat != nil {
			turned := tensor.New(channels)
			for k, x := range v.Data {
				turned.Data[t.place(k)] = x
			}
			v = turned
		}
		params = append(params, v)
	}
	// What is added to a variance is fixed here; the variances make up for another.
	for i, v := range params[3].Data {
		params[3].Data[i] = float32(float64(v) + float64(n.float("epsilon", 1e-5)) - normEps)
	}
	return im.add(nn.LayerConfig{Kind: "BatchNorm"}, t.shape, params, t)
}

func layerNorm(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	if a, err := t.axis(n.int("axis", -1)); err != nil || a != t.rank()-1 || !t.straight() {
		return nil, errors.New("is over other axes than the last, or over channels that come first")
	}
	if eps := n.float("epsilon", 1e-5); math.Abs(float64(eps)-normEps) > 1e-6 {
		return nil, fmt.Errorf("adds %g to variances, but nn.LayerNorm adds %g", eps, normEps)
	}
	width := t.shape[len(t.shape)-1]
	gain, err := im.vector(n, 1, width)
	if err != nil {
		return nil, err
	}
	shift := tensor.New(width)
	if len(n.inputs) > 2 {
		if shift, err = im.vector(n, 2, width); err != nil {
			return nil, err
		}
	}
	return im.add(nn.LayerConfig{Kind: "LayerNorm"}, t.shape, []*tensor.Tensor{gain, shift}, t)
}

// add is a bias when one side is a constant, else a sum of values.
func add(im *importer, n *node) (*tracked, error) {
	if len(n.inputs) != 2 {
		return nil, fmt.Errorf("has %d inputs", len(n.inputs))
	}
	for i, name := range n.inputs {
		if c := im.constants[name]; c != nil {
			t, err := im.value(n, 1-i)
			if err != nil {
				return nil, err
			}
			return im.bias(n, n.inputs[1-i], t, c)
		}
	}
	return im.merge(n, "Add")
}

// bias makes a constant the bias of the layer before.
func (im *importer) bias(n *node, name string, t *tracked, c *constant) (*tracked, error) {
	if !im.sums(t.layer) || !im.layers[t.layer].NoBias || !im.joined(name, t) || t.ones != 0 {
		return nil, fmt.Errorf("adds the constant %q to what is not a layer without biases", c.name)
	}
	channels := t.shape[len(t.shape)-1]
	// Dimensions count from the end, and all but that of the channels are 1.
	behind := t.rank() - 1 - t.channelAxis()
	v := c.float32()
	for i, d := range c.dims {
		if want := len(c.dims) - 1 - i; d != 1 && want != behind {
			return nil, fmt.Errorf("adds %q of shape %v, which are not one number for each of %d channels", c.name, c.dims, channels)
		}
	}
	if len(v.Data) == 1 {
		v = tensor.Full(v.Data[0], channels)
	}
	if len(v.Data) != channels {
		return nil, fmt.Errorf("adds %q of shape %v, which are not one number for each of %d channels", c.name, c.dims, channels)
	}
	v.Shape = []int{channels}
	im.layers[t.layer].NoBias = false
	im.params[t.layer] = append(im.params[t.layer], v)
	out := *t
	return &out, nil
}

// mul is a product of values, or x·sigmoid(x).
func mul(im *importer, n *node) (*tracked, error) {
	if len(n.inputs) == 2 {
		for i := range 2 {
			x, gate := im.values[n.inputs[1-i]], im.values[n.inputs[i]]
			if x == nil || gate == nil || x.form != byExample || gate.form != byExample || gate.layer != len(im.layers)-1 || !im.joined(n.inputs[i], gate) {
				continue
			}
			if c := &im.layers[gate.layer]; c.Kind == "Act" && c.Activation == nn.Sigmoid && c.From[0] == x.layer && slices.Equal(gate.axes, x.axes) {
				c.Activation = nn.SiLU
				return gate, nil
			}
		}
	}
	return im.merge(n, "Multiply")
}

// inputs returns all inputs, which must lie alike.
func (im *importer) inputs(n *node) ([]*tracked, error) {
	var in []*tracked
	for i := range n.inputs {
		t, err := im.value(n, i)
		if err != nil {
			return nil, err
		}
		if t.ones != 0 || t.flat != nil || i > 0 && (len(t.shape) != len(in[0].shape) || !slices.Equal(t.axes, in[0].axes)) {
			return nil, errors.New("reads values of which some have channels first and some last, or other numbers of dimensions")
		}
		in = append(in, t)
	}
	if len(in) == 0 {
		return nil, errors.New("has no inputs")
	}
	return in, nil
}

func (im *importer) merge(n *node, kind string) (*tracked, error) {
	in, err := im.inputs(n)
	if err != nil {
		return nil, err
	}
	for _, t := range in[1:] {
		if !slices.Equal(t.shape, in[0].shape) {
			return nil, fmt.Errorf("reads values of shapes %v and %v, which must be the same here", in[0].shape, t.shape)
		}
	}
	return im.add(nn.LayerConfig{Kind: kind}, in[0].shape, nil, in...)
}

func concat(im *importer, n *node) (*tracked, error) {
	in, err := im.inputs(n)
	if err != nil {
		return nil, err
	}
	if a, err := in[0].axis(n.int("axis", 0)); err != nil || a != in[0].channelAxis() {
		return nil, fmt.Errorf("joins along axis %d, which is not that of the channels", n.int("axis", 0))
	}
	shape := slices.Clone(in[0].shape)
	last := len(shape) - 1
	for _, t := range in[1:] {
		if !slices.Equal(t.shape[:last], shape[:last]) {
			return nil, fmt.Errorf("joins values of shapes %v and %v", in[0].shape, t.shape)
		}
		shape[last] += t.shape[last]
	}
	return im.add(nn.LayerConfig{Kind: "Concat"}, shape, nil, in...)
}
