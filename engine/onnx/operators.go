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
		if bias, err = im.alongLast(c, w.Shape[1]); err != nil {
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
func (im *importer) alongLast(c *constant, n int) (*tensor.Tensor, error) {
	v, err := im.float32(c)
	if err != nil {
		return nil, err
	}
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
	if len(n.inputs) > 2 && n.inputs[2] != "" {
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
	v, err := im.float32(c)
	if err != nil {
		return nil, err
	}
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
