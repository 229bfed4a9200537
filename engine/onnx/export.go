// This file makes operators of layers.

package onnx

import (
	"errors"
	"fmt"
	"slices"

	"cajal/engine/internal/scalar"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// Of ONNX itself and of its operators, the versions that are written: old enough for
// most readers. Two activations came later.
const (
	irVersion = 8
	opset     = 17
	opsetMish = 18
	opsetGelu = 20
)

// Encode returns the bytes of a file with the model.
func Encode(m *nn.Model) ([]byte, error) {
	c, err := m.Config()
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	x := &exporter{m: m, out: model{ir: irVersion, opset: opset, producer: "cajal"}}
	x.out.graph.name = "model"
	layers := m.Layers()
	for i, l := range c.Layers {
		if err := x.layer(i, l, layers[i]); err != nil {
			return nil, fmt.Errorf("onnx: layer %d %s: %w", i, l.Kind, err)
		}
	}
	last := x.last(x.values[len(x.values)-1])
	x.node("Identity", []string{last.name}, "output")
	x.out.graph.outputs = []value{{"output", elemFloat, append([]int{-1}, m.OutputShape()...)}}
	return x.out.encode(), nil
}

// exporter makes the graph, one layer after the other.
type exporter struct {
	m      *nn.Model
	out    model
	values []exported // of the layers
	turned map[string]string
}

// exported is a value of the graph: its name, the shape of an example, channels last,
// and whether the graph has them first.
type exported struct {
	name  string
	shape []int
	first bool
}

// node adds an operator and returns the name of its output.
func (x *exporter) node(op string, inputs []string, output string, attrs ...attribute) string {
	x.out.graph.nodes = append(x.out.graph.nodes, &node{name: output, op: op, inputs: inputs, outputs: []string{output}, attrs: attrs})
	return output
}

// weight adds a constant and returns its name.
func (x *exporter) weight(name string, t *tensor.Tensor) string {
	x.out.graph.initializers = append(x.out.graph.initializers, &constant{name: name, dims: t.Shape, typ: scalar.Float32, data: scalar.Append(nil, t.Data)})
	return name
}

func (x *exporter) number(name string, v float32) string { return x.weight(name, tensor.Scalar(v)) }

func (x *exporter) shape(name string, dims ...int) string {
	v := make([]int64, len(dims))
	for i, d := range dims {
		v[i] = int64(d)
	}
	x.out.graph.initializers = append(x.out.graph.initializers, &constant{name: name, dims: []int{len(v)}, typ: scalar.Int64, data: scalar.Append(nil, v)})
	return name
}

func attrI(name string, v int) attribute { return attribute{name: name, typ: attrInt, i: int64(v)} }

func attrS(name, v string) attribute {
	return attribute{name: name, typ: attrString, s: []byte(v)}
}

func attrF(name string, v float32) attribute {
	return attribute{name: name, typ: attrFloat, f: v}
}

func attrs(name string, v ...int) attribute {
	a := attribute{name: name, typ: attrInts}
	for _, n := range v {
		a.ints = append(a.ints, int64(n))
	}
	return a
}

// repeat returns n numbers v.
func repeat(v, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// turn returns v with channels first or last. Every value is turned once.
func (x *exporter) turn(v exported, first bool) exported {
	n := len(v.shape)
	if v.first == first || n < 2 {
		return v
	}
	to, perm := "_last", []int{0}
	if first {
		to, perm = "_first", []int{0, n}
		for i := 1; i < n; i++ {
			perm = append(perm, i)
		}
	} else {
		for i := 2; i <= n; i++ {
			perm = append(perm, i)
		}
		perm = append(perm, 1)
	}
	name, done := x.turned[v.name]
	if !done {
		name = x.node("Transpose", []string{v.name}, v.name+to, attrs("perm", perm...))
		if x.turned == nil {
			x.turned = map[string]string{}
		}
		x.turned[v.name] = name
	}
	return exported{name, v.shape, first}
}

func (x *exporter) first(v exported) exported { return x.turn(v, true) }
func (x *exporter) last(v exported) exported  { return x.turn(v, false) }

// layer adds layer i.
func (x *exporter) layer(i int, c nn.LayerConfig, l nn.LayerInfo) error {
	if i == 0 {
		x.out.graph.inputs = []value{{"input", elemFloat, append([]int{-1}, l.Out...)}}
		x.values = append(x.values, exported{"input", l.Out, false})
		return nil
	}
	var in []exported
	for _, j := range l.From {
		in = append(in, x.values[j])
	}
	name := fmt.Sprintf("%d_%s", i, l.Name) // names that were given may be any
	var params []nn.Parameter
	if l.Params > 0 {
		var err error
		if params, err = x.m.Parameters(i); err != nil {
			return err
		}
	}
	if c.Activation == nn.Sparsemax {
		return fmt.Errorf("the activation %s has no operator here", c.Activation)
	}
	out, err := x.operators(name, c, l, in, params)
	if err != nil {
		return err
	}
	out.shape = l.Out
	x.values = append(x.values, out)
	return nil
}

// operators adds those of one layer and returns its value, without the shape.
func (x *exporter) operators(name string, c nn.LayerConfig, l nn.LayerInfo, in []exported, params []nn.Parameter) (exported, error) {
	v := in[0]
	switch c.Kind {
	case "Dense":
		inputs := []string{x.last(v).name, x.weight(name+".weights", params[0].Values)}
		op := "MatMul"
		if len(params) > 1 {
			op, inputs = "Gemm", append(inputs, x.weight(name+".biases", params[1].Values))
		}
		return x.activation(name, c.Activation, exported{name: x.node(op, inputs, name), shape: l.Out}), nil
	case "Conv1D", "Conv2D":
		return x.activation(name, c.Activation, x.conv(name, c, l, x.first(v), params)), nil
	case "DepthwiseConv2D":
		return x.activation(name, c.Activation, x.depthwise(name, c, l, x.first(v), params)), nil
	case "Conv2DTranspose":
		return x.activation(name, c.Activation, x.transposed(name, c, l, x.first(v), params)), nil
	case "MaxPool1D", "MaxPool2D", "AvgPool1D", "AvgPool2D":
		n := len(l.In) - 1
		stride := c.Stride
		if stride == 0 {
			stride = c.Size[0]
		}
		op := map[string]string{"Max": "MaxPool", "Avg": "AveragePool"}[c.Kind[:3]]
		return exported{name: x.node(op, []string{x.first(v).name}, name, attrs("kernel_shape", repeat(c.Size[0], n)...), attrs("strides", repeat(stride, n)...)), first: true}, nil
	case "GlobalMaxPool", "GlobalAvgPool":
		op := map[string]string{"GlobalMaxPool": "GlobalMaxPool", "GlobalAvgPool": "GlobalAveragePool"}[c.Kind]
		return exported{name: x.node("Flatten", []string{x.node(op, []string{x.first(v).name}, name+"_pool")}, name, attrI("axis", 1))}, nil
	case "Flatten":
		if len(l.In) == 1 {
			return v, nil
		}
		return exported{name: x.node("Flatten", []string{x.last(v).name}, name, attrI("axis", 1))}, nil
	case "Reshape":
		return exported{name: x.node("Reshape", []string{x.last(v).name, x.shape(name+".shape", append([]int{-1}, c.Shape...)...)}, name)}, nil
	case "Dropout":
		return v, nil
	case "Act":
		return x.activation(name+"_act", c.Activation, v), nil
	case "BatchNorm":
		f := x.first(v)
		inputs := []string{f.name}
		for k, part := range []string{"gains", "shifts", "means", "variances"} {
			inputs = append(inputs, x.weight(name+"."+part, params[k].Values))
		}
		return exported{name: x.node("BatchNormalization", inputs, name, attrF("epsilon", normEps)), first: f.first}, nil
	case "LayerNorm":
		inputs := []string{x.last(v).name, x.weight(name+".gains", params[0].Values), x.weight(name+".shifts", params[1].Values)}
		return exported{name: x.node("LayerNormalization", inputs, name, attrI("axis", -1), attrF("epsilon", normEps))}, nil
	case "Add", "Multiply", "Concat":
		return x.join(name, c.Kind, in), nil
	case "Embedding":
		return x.embedding(name, v, params), nil
	case "SimpleRNN", "LSTM", "GRU":
		return x.recurrent(name, c, v, params)
	case "MultiHeadAttention":
		return x.attention(name, c, in, params), nil
	}
	return v, errors.New("has no operator here")
}

// normEps is what both normalisations of package nn add to a variance.
const normEps = 1e-3

// conv adds a convolution, with weights [height width in out] turned to [out in height
// width].
func (x *exporter) conv(name string, c nn.LayerConfig, l nn.LayerInfo, v exported, params []nn.Parameter) exported {
	n := len(c.Size)
	perm := []int{n + 1, n}
	for i := range n {
		perm = append(perm, i)
	}
	return x.slide("Conv", name, c, l, v, params[0].Values.Transpose(perm...), params, func(i, k, stride int) (int, int) { return samePads(l.In[i], k, stride) })
}

// depthwise adds a convolution with a group for each channel, its weights [height
// width in multiplier] turned to [in·multiplier 1 height width].
func (x *exporter) depthwise(name string, c nn.LayerConfig, l nn.LayerInfo, v exported, params []nn.Parameter) exported {
	w := params[0].Values.Transpose(2, 3, 0, 1)
	w = w.Reshape(w.Shape[0]*w.Shape[1], 1, w.Shape[2], w.Shape[3])
	pads := func(i, k, stride int) (int, int) { return samePads(l.In[i], k, stride) }
	return x.slide("Conv", name, c, l, v, w, params, pads, attrI("group", l.In[2]))
}

// transposed adds a transposed convolution, its weights [height width out in] turned
// to [in out height width].
func (x *exporter) transposed(name string, c nn.LayerConfig, l nn.LayerInfo, v exported, params []nn.Parameter) exported {
	pads := func(_, k, stride int) (int, int) { return cutPads(k, stride) }
	// Where filters do not reach the last pixels, those are asked for.
	more := make([]int, len(c.Size))
	for i, k := range c.Size {
		more[i] = max(max(c.Stride, 1)-k, 0)
	}
	return x.slide("ConvTranspose", name, c, l, v, params[0].Values.Transpose(3, 2, 0, 1), params, pads, attrs("output_padding", more...))
}

// cutPads is how much a transposed convolution leaves out before and behind a side with
// nn.Same, for filters of k.
func cutPads(k, stride int) (before, after int) {
	all := max(k-stride, 0)
	return all / 2, all - all/2
}

// slide adds an operator that moves filters over v, with weights in ONNX's order; pads
// is what nn.Same puts before and behind a side.
func (x *exporter) slide(op, name string, c nn.LayerConfig, l nn.LayerInfo, v exported, w *tensor.Tensor, params []nn.Parameter, pads func(i, k, stride int) (before, after int), more ...attribute) exported {
	inputs := []string{v.name, x.weight(name+".weights", w)}
	if len(params) > 1 {
		inputs = append(inputs, x.weight(name+".biases", params[1].Values))
	}
	stride := max(c.Stride, 1)
	var before, after []int
	for i, k := range c.Size {
		b, a := 0, 0
		if c.Padding == nn.Same {
			b, a = pads(i, k, stride)
		}
		before, after = append(before, b), append(after, a)
	}
	more = append(more, attrs("kernel_shape", c.Size...), attrs("strides", repeat(stride, len(c.Size))...), attrs("pads", append(before, after...)...))
	return exported{name: x.node(op, inputs, name, more...), shape: l.Out, first: true}
}

// samePads is how many zeros nn.Same puts before and behind n pixels, for filters of k.
func samePads(n, k, stride int) (before, after int) {
	all := max(((n+stride-1)/stride-1)*stride+k-n, 0)
	return all / 2, all - all/2
}

// join adds what makes one value of several: channels first when all have them so.
func (x *exporter) join(name, kind string, in []exported) exported {
	first := !slices.ContainsFunc(in, func(v exported) bool { return !v.first })
	var names []string
	for _, v := range in {
		names = append(names, x.turn(v, first).name)
	}
	if kind == "Concat" {
		axis := -1
		if first {
			axis = 1
		}
		return exported{name: x.node("Concat", names, name, attrI("axis", axis)), first: first}
	}
	if len(names) == 1 {
		return exported{name: names[0], first: first}
	}
	op := map[string]string{"Add": "Add", "Multiply": "Mul"}[kind]
	sum := names[0]
	for i, n := range names[1:] {
		to := name
		if i < len(names)-2 {
			to = fmt.Sprintf("%s_%d", name, i)
		}
		sum = x.node(op, []string{sum, n}, to)
	}
	return exported{name: sum, first: first}
}

// activation adds one behind v, nothing for nn.Linear.
func (x *exporter) activation(name string, a nn.Activation, v exported) exported {
	if a == nn.Linear {
		return v
	}
	to, in := name+"_"+opName(a), []string{v.name}
	switch a {
	case nn.Softmax, nn.LogSoftmax:
		axis := -1
		if v.first {
			axis = 1
		}
		x.node(activationOps[a], in, to, attrI("axis", axis))
	case nn.LeakyReLU:
		x.node("LeakyRelu", in, to, attrF("alpha", 0.2))
	case nn.HardSigmoid:
		x.node("HardSigmoid", in, to, attrF("alpha", 1.0/6), attrF("beta", 0.5))
	case nn.ReLU6:
		x.node("Clip", append(in, x.number(to+".lowest", 0), x.number(to+".largest", 6)), to)
	case nn.HardTanh:
		x.node("Clip", append(in, x.number(to+".lowest", -1), x.number(to+".largest", 1)), to)
	case nn.SparseSigmoid:
		x.node("HardSigmoid", in, to, attrF("alpha", 0.5), attrF("beta", 0.5))
	case nn.SoftShrink:
		x.node("Shrink", in, to, attrF("lambd", 0.5), attrF("bias", 0.5))
	case nn.HardShrink:
		x.node("Shrink", in, to, attrF("lambd", 0.5), attrF("bias", 0))
	case nn.TanhShrink:
		x.node("Sub", append(in, x.node("Tanh", in, to+"_tanh")), to)
	case nn.LogSigmoid: // without the logarithm of 0
		x.node("Neg", []string{x.node("Softplus", []string{x.node("Neg", in, to+"_turned")}, to+"_plus")}, to)
	case nn.SparsePlus: // (max(x, -1)+1)²/4 up to 1, where it goes on in a straight line
		low := x.node("Clip", append(in, x.number(to+".lowest", -1), x.number(to+".largest", 1)), to+"_low")
		up := x.node("Add", []string{low, x.number(to+".one", 1)}, to+"_up")
		square := x.node("Mul", []string{x.node("Mul", []string{up, up}, to+"_square"), x.number(to+".quarter", 0.25)}, to+"_part")
		x.node("Add", []string{square, x.node("Relu", []string{x.node("Sub", append(in, x.number(to+".top", 1)), to+"_over")}, to+"_rest")}, to)
	case nn.Squareplus:
		square := x.node("Add", []string{x.node("Mul", append(in, in...), to+"_square"), x.number(to+".four", 4)}, to+"_sum")
		x.node("Mul", []string{x.node("Add", append(in, x.node("Sqrt", []string{square}, to+"_root")), to+"_twice"), x.number(to+".half", 0.5)}, to)
	case nn.SiLU:
		x.node("Mul", append(in, x.node("Sigmoid", in, to+"_gate")), to)
	default:
		switch a {
		case nn.Mish:
			x.out.opset = max(x.out.opset, opsetMish)
		case nn.GELU:
			x.out.opset = max(x.out.opset, opsetGelu)
		}
		x.node(activationOps[a], in, to)
	}
	return exported{to, v.shape, v.first}
}

// activationOps are the activations that are one operator each.
var activationOps = map[nn.Activation]string{
	nn.ReLU: "Relu", nn.Sigmoid: "Sigmoid", nn.Tanh: "Tanh", nn.Softmax: "Softmax", nn.LogSoftmax: "LogSoftmax", nn.ELU: "Elu", nn.SELU: "Selu",
	nn.GELU: "Gelu", nn.Mish: "Mish", nn.Softplus: "Softplus", nn.Softsign: "Softsign", nn.Exp: "Exp",
	nn.HardSiLU: "HardSwish",
}

func opName(a nn.Activation) string {
	if op, ok := activationOps[a]; ok {
		return op
	}
	return "act"
}
