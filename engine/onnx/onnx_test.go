package onnx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cajal/engine/nn"
	"cajal/engine/npy"
	"cajal/engine/tensor"
)

// close compares two tensors within rounding.
func closeTo(t *testing.T, name string, got, want *tensor.Tensor) {
	t.Helper()
	if !slices.Equal(got.Shape, want.Shape) {
		t.Errorf("%s: shape %v, want %v", name, got.Shape, want.Shape)
		return
	}
	for i, v := range got.Data {
		if w := want.Data[i]; v != w && !(math.Abs(float64(v-w)) <= 2e-5*(1+math.Abs(float64(w)))) {
			t.Errorf("%s: number %d is %v, want %v", name, i, v, w)
			return
		}
	}
}

// kindsOf are the layers of a model, with activations, in one line.
func kindsOf(m *nn.Model) string {
	var parts []string
	for _, l := range m.Layers()[1:] {
		s := l.Kind
		if l.Activation != "" && l.Activation != "linear" {
			s += " " + l.Activation
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

// The files, and what onnxruntime makes of them, are by testdata/models.py.
func TestReadOthers(t *testing.T) {
	arrays, err := npy.ReadZip("testdata/expected.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		first  bool // channels
		layers string
	}{
		"torch_mlp":   {false, "Dense relu, Dense tanh, Dense softmax"},
		"torch_cnn":   {true, "Conv2D relu, MaxPool2D, Conv2D sigmoid, AvgPool2D, Flatten, Dense gelu, Dense log softmax"},
		"torch_norm":  {true, "Conv2D, Act silu, Flatten, BatchNorm, Dense"},
		"torch_pool":  {true, "Conv2D relu6, GlobalAvgPool, Dense"},
		"torch_text":  {true, "Conv1D tanh, MaxPool1D, Flatten, Dense"},
		"torch_graph": {true, "Conv2D, Conv2D relu, Add, Multiply, Concat, Flatten, Dense"},
		"keras_mlp":   {false, "Dense relu, Dense relu, Dense softmax"},
		"keras_cnn":   {false, "Conv2D relu, MaxPool2D, Conv2D relu, MaxPool2D, Flatten, Dense relu, Dense softmax"},
		"last":        {false, "Conv2D relu, MaxPool2D, Flatten, Dense softmax"},
		"mixed":       {false, "Dense, Act elu, Multiply, Act sigmoid, Act relu"},
		"reduce":      {true, "Conv2D, GlobalAvgPool, GlobalMaxPool, Concat, Act hard sigmoid"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Read("testdata/" + name + ".onnx")
			if err != nil {
				t.Fatal(err)
			}
			if got := kindsOf(m); got != want.layers {
				t.Errorf("layers %s, want %s", got, want.layers)
			}
			x, err := arrays[name+"_x"].Float32()
			if err != nil {
				t.Fatal(err)
			}
			y, err := arrays[name+"_y"].Float32()
			if err != nil {
				t.Fatal(err)
			}
			if want.first {
				axes := []int{0}
				for i := 2; i < len(x.Shape); i++ {
					axes = append(axes, i)
				}
				x = x.Transpose(append(axes, 1)...)
			}
			got, err := m.Predict(x)
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, name, got, y)
			again(t, m, x)
		})
	}
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) != 11 {
		t.Errorf("%d files (%v), want 11", len(files), err)
	}
}

// again writes a model, reads it and compares.
func again(t *testing.T, m *nn.Model, x *tensor.Tensor) *nn.Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := Write(path, m); err != nil {
		t.Fatal(err)
	}
	k, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "read again", got, want)
	return k
}

// severalOps are the activations that are written, but not read.
var severalOps = []nn.Activation{nn.LogSigmoid, nn.TanhShrink, nn.SparsePlus, nn.Squareplus}

// written are models of all layers and activations that are written.
func written() map[string]*nn.Model {
	models := map[string]*nn.Model{
		"mlp":  nn.Sequential(nn.Input(7), nn.Dense(5, nn.ReLU), nn.Dropout(0.3), nn.Dense(4, nn.NoBias), nn.BatchNorm(), nn.LayerNorm(), nn.Dense(3, nn.Softmax)),
		"cnn":  nn.Sequential(nn.Input(9, 8, 2), nn.Conv2D(3, 3, 2, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(4, 2, 3, nn.Same, nn.Softmax), nn.BatchNorm(), nn.Flatten(), nn.Dense(2, nn.LogSoftmax)),
		"same": nn.Sequential(nn.Input(7, 8, 1), nn.Conv2D(3, 4, 3, nn.Same, nn.Stride(2), nn.NoBias), nn.AvgPool2D(2, nn.Stride(1)), nn.GlobalMaxPool(), nn.Dense(2)),
		"deep": nn.Sequential(nn.Input(9, 8, 3), nn.DepthwiseConv2D(3, 2, nn.ReLU, nn.Multiplier(2)), nn.DepthwiseConv2D(2, 3, nn.Same, nn.Stride(2), nn.NoBias),
			nn.Conv2D(4, 1, 1), nn.Flatten(), nn.Dense(2)),
		"up": nn.Sequential(nn.Input(3, 4, 3), nn.Conv2DTranspose(4, 3, 2, nn.Stride(2), nn.ReLU), nn.Conv2DTranspose(2, 4, 3, nn.Same, nn.Stride(2), nn.NoBias),
			nn.Conv2DTranspose(3, 2, 1, nn.Stride(3)), nn.Conv2DTranspose(2, 2, 2, nn.Stride(3), nn.Same), nn.GlobalAvgPool(), nn.Dense(2)),
		"full": nn.Sequential(nn.Input(5, 6, 2), nn.Conv2D(3, 2, 2, nn.Tanh)),
		"row":  nn.Sequential(nn.Input(12), nn.Reshape(2, 2, 3), nn.LayerNorm(), nn.Conv2D(2, 1, 2), nn.GlobalAvgPool()),
		"rnn":  nn.Sequential(nn.Input(5, 3), nn.SimpleRNN(4, nn.Sequences), nn.SimpleRNN(3, nn.ReLU, nn.Backwards), nn.Dense(2)),
		"lstm": nn.Sequential(nn.Input(5, 3), nn.LSTM(4, nn.Sequences, nn.Backwards), nn.LSTM(3), nn.Dense(2)),
		"gru":  nn.Sequential(nn.Input(5, 3), nn.Conv1D(4, 2), nn.GRU(3, nn.Sequences), nn.MaxPool1D(2), nn.GRU(4, nn.Backwards), nn.Dense(2)),
		"both": nn.Sequential(nn.Input(5, 3), func(x *nn.Value) *nn.Value {
			return nn.Concat(nn.LSTM(4, nn.Sequences)(x), nn.GRU(2, nn.Sequences, nn.Backwards)(x))
		}, nn.GlobalMaxPool()),
		"words": nn.Sequential(nn.Input(5), nn.Embedding(7, 4), nn.GRU(3), nn.Dense(2)),
		"bag":   nn.Sequential(nn.Input(5), nn.Embedding(7, 4), nn.GlobalAvgPool(), nn.Dense(2)),
		"text":  nn.Sequential(nn.Input(9, 2), nn.Conv1D(3, 3, nn.Stride(2)), nn.BatchNorm(), nn.MaxPool1D(2), nn.AvgPool1D(2), nn.Flatten(), nn.Dense(2, nn.Sigmoid)),
	}
	for a := nn.Linear; a < nn.Sparsemax; a++ {
		if slices.Contains(severalOps, a) {
			continue
		}
		models[a.String()] = nn.Sequential(nn.Input(4, 4, 2), nn.Conv2D(3, 2, 2, a), nn.Act(a), nn.Flatten(), nn.Dense(5, a), nn.Act(a))
	}
	x := nn.In(6, 6, 2)
	h := nn.Conv2D(2, 3, 3, nn.Same)(x)
	h = nn.Concat(nn.Add(x, h, h), nn.Multiply(h, x), nn.Add(h))
	models["graph"] = nn.Graph(x, nn.Dense(3)(nn.GlobalAvgPool()(nn.Add(h, h))))
	return models
}

// spread gives a model numbers other than those that training begins with.
func spread(t *testing.T, m *nn.Model) *tensor.Tensor {
	t.Helper()
	for _, l := range m.Layers() {
		if l.Params == 0 {
			continue
		}
		ps, err := m.Parameters(l.Index)
		if err != nil {
			t.Fatal(err)
		}
		var values []*tensor.Tensor
		for k, p := range ps {
			v := tensor.Uniform(int64(10*l.Index+k), -0.5, 0.5, p.Values.Shape...)
			if p.Name == "moving variances" {
				v = tensor.Uniform(int64(k), 0.1, 2, p.Values.Shape...)
			}
			values = append(values, v)
		}
		if err := m.SetParameters(l.Index, values...); err != nil {
			t.Fatal(err)
		}
	}
	x := tensor.Uniform(1, -2, 2, append([]int{3}, m.InputShape()...)...)
	if m.Layers()[1].Kind == "Embedding" {
		for i := range x.Data {
			x.Data[i] = float32(i * i % 7)
		}
	}
	return x
}

func TestRoundTrip(t *testing.T) {
	for name, m := range written() {
		t.Run(name, func(t *testing.T) {
			x := spread(t, m)
			k := again(t, m, x)
			if got, want := k.Params(), m.Params(); got != want {
				t.Errorf("%d parameters, want %d", got, want)
			}
		})
	}
	// The article's networks come back with the same layers.
	cnn := nn.Sequential(nn.Input(28, 28, 1), nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax))
	k := again(t, cnn, spread(t, cnn))
	if got, want := kindsOf(k), kindsOf(cnn); got != want || k.Params() != 121930 {
		t.Errorf("layers %s and %d parameters, want %s", got, k.Params(), want)
	}
}

// Attention is written, for others to run; here its operators are no layers.
func TestEncodeAttention(t *testing.T) {
	m := nn.Sequential(nn.Input(5, 4), nn.MultiHeadAttention(2, 3, nn.Causal), nn.Flatten(), nn.Dense(2))
	b, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "nn.Dense takes one row an example") {
		t.Errorf("error %v", err)
	}
	f, err := decodeModel(b)
	if err != nil {
		t.Fatal(err)
	}
	weights := 0
	for _, c := range f.graph.initializers {
		if strings.HasSuffix(c.name, ".weights") || strings.HasSuffix(c.name, ".biases") {
			weights += size(c.dims)
		}
	}
	if weights != m.Params() {
		t.Errorf("%d weights are written, the model has %d", weights, m.Params())
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		m    *nn.Model
		want string
	}{
		{nn.Sequential(), "onnx: nn: a model needs layers"},
		{nn.Sequential(nn.Input(4), nn.Dense(3, nn.Sparsemax)), "onnx: layer 1 Dense: the activation sparsemax has no operator here"},
		{nn.Sequential(nn.Input(4, 2), nn.SimpleRNN(3, nn.Linear)), "onnx: layer 1 SimpleRNN: the activation linear has no operator here"},
	} {
		if _, err := Encode(c.m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		if err := Write(filepath.Join(t.TempDir(), "m"), c.m); err == nil {
			t.Error("written all the same")
		}
	}
	if err := Write(filepath.Join(t.TempDir(), "none", "m"), nn.Sequential(nn.Input(1), nn.Dense(1))); err == nil || !strings.Contains(err.Error(), "onnx: open") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := Read("testdata/none"); err == nil || !strings.Contains(err.Error(), "onnx: open") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// graphOf is a file of one input and a few operators, of which the last gives y.
func graphOf(opset int64, in []int, weights []*constant, nodes ...*node) []byte {
	m := &model{ir: 8, opset: opset, graph: graph{name: "g", nodes: nodes, initializers: weights, inputs: []value{{"x", elemFloat, append([]int{-1}, in...)}}, outputs: []value{{"y", elemFloat, []int{-1}}}}}
	return m.encode()
}

func op(op, inputs, output string, attrs ...attribute) *node {
	return &node{name: "n", op: op, inputs: strings.Fields(inputs), outputs: []string{output}, attrs: attrs}
}

func numbers(name string, dims ...int) *constant {
	x := &exporter{}
	x.weight(name, tensor.Uniform(1, -1, 1, dims...))
	return x.out.graph.initializers[0]
}

func whole(name string, v ...int) *constant {
	x := &exporter{}
	x.shape(name, v...)
	return x.out.graph.initializers[0]
}

// steps is a file of operators on "a", a sequence of 4 steps of 5 numbers with its steps
// first, and weights of an LSTM of 2 units.
func steps(nodes ...*node) []byte {
	nodes = append([]*node{op("Transpose", "x", "a", attrs("perm", 1, 0, 2))}, nodes...)
	return graphOf(17, []int{4, 5}, []*constant{numbers("w", 1, 8, 5), numbers("u", 1, 8, 2), numbers("b", 1, 16)}, nodes...)
}

func TestDecodeRefuses(t *testing.T) {
	w := func(dims ...int) []*constant { return []*constant{numbers("w", dims...)} }
	image := []int{2, 5, 5}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, "no ONNX file: has no graph"},
		{[]byte("\x89HDF\r\n\x1a\n"), "no ONNX file"},
		{[]byte{0x3a, 0x50}, "ends inside a field"},
		{graphOf(17, []int{4}, nil), `nothing gives the output "y"`},
		{graphOf(17, []int{4}, nil, op("Sin", "x", "y")), `node 0 Sin "n" is an operator that no layer here computes`},
		{graphOf(17, []int{4}, nil, &node{op: "Relu", domain: "com.microsoft", inputs: []string{"x"}, outputs: []string{"y"}}), `is an operator of "com.microsoft"`},
		{graphOf(17, []int{4}, nil, &node{op: "Relu", inputs: []string{"x"}}), "gives nothing"},
		{graphOf(17, []int{4}, nil, op("Relu", "z", "y")), `reads "z", which nothing before it gives`},
		{graphOf(17, []int{4}, nil, op("Relu", "", "y")), "has no input 0"},
		{graphOf(17, []int{4}, w(3), op("Relu", "w", "y")), `the constant "w"`},
		{graphOf(17, []int{-1}, nil, op("Relu", "x", "y")), "of which one is not fixed"},
		{graphOf(17, nil, nil, op("Relu", "x", "y")), "must have the batch"},
		{graphOf(17, []int{1 << 30, 1 << 30}, nil, op("Relu", "x", "y")), "which is too large"},
		{graphOf(17, []int{4}, w(3, 2), op("MatMul", "x w", "y")), "has weights [3 2] for 4 inputs"},
		{graphOf(17, []int{4}, w(4), op("MatMul", "x w", "y")), "expected 2 dimensions"},
		{graphOf(17, []int{4}, w(4, 2), op("Gemm", "x w", "y", attrI("transA", 1))), "turns round its input"},
		{graphOf(17, []int{4}, w(4, 0), op("MatMul", "x w", "y")), "too large or empty"},
		{graphOf(17, []int{3, 4}, w(4, 2), op("MatMul", "x w", "y")), "nn.Dense takes one row"},
		{graphOf(17, image, w(3, 1, 2, 2), op("Conv", "x w", "y", attrI("group", 2))), "has 2 groups for 2 channels"},
		{graphOf(17, image, w(3, 2, 2, 2), op("Conv", "x w", "y", attrs("dilations", 2, 2))), "has dilations [2 2]"},
		{graphOf(17, image, w(3, 2, 2, 2), op("Conv", "x w", "y", attrs("strides", 1, 2))), "has strides [1 2]"},
		{graphOf(17, image, w(3, 2, 2, 2), op("Conv", "x w", "y", attrs("strides", 1, -1))), "has strides"},
		{graphOf(17, image, w(3, 2, 2, 2), op("Conv", "x w", "y", attrs("pads", 1, 1, 1, 1))), "has pads [1 1 1 1]"},
		{graphOf(17, image, w(3, 2, 2, 2), op("Conv", "x w", "y", attrs("pads", 1))), "has pads [1] for 2 dimensions"},
		{graphOf(17, image, w(3, 2, 6, 2), op("Conv", "x w", "y")), "has a filter of [6 2] on an image of [5 5]"},
		{graphOf(17, image, w(3, 1, 2, 2), op("Conv", "x w", "y")), "for 2 channels"},
		{graphOf(17, []int{4}, w(3, 1, 2, 2), op("Conv", "x w", "y")), "wants [channels height width]"},
		{graphOf(17, image, w(2, 3, 2, 2), op("ConvTranspose", "x w", "y", attrI("group", 2))), "has 2 groups"},
		{graphOf(17, image, w(2, 3, 2, 2), op("ConvTranspose", "x w", "y", attrs("pads", 1, 0, 0, 0))), "has pads [1 0 0 0]"},
		{graphOf(17, image, w(2, 3, 2, 2), op("ConvTranspose", "x w", "y", attrs("strides", 3, 3))), "output_padding [0 0]"},
		{graphOf(17, image, w(2, 3, 2, 2), op("ConvTranspose", "x w", "y", attrs("output_shape", 9, 9))), "has an output_shape"},
		{graphOf(17, image, w(3, 3, 2, 2), op("ConvTranspose", "x w", "y")), "has weights [3 3 2 2] for 2 channels"},
		{graphOf(17, []int{4}, nil, op("Shrink", "x", "y", attrF("lambd", 1))), "has lambd 1"},
		{graphOf(17, image, nil, op("MaxPool", "x", "y")), "has windows of 0"},
		{graphOf(17, image, nil, op("MaxPool", "x", "y", attrs("kernel_shape", 2, 2), attrs("strides", 2, 2), attrI("ceil_mode", 1))), "beyond the border"},
		{graphOf(17, image, nil, op("MaxPool", "x", "y", attrs("kernel_shape", 2, 2), attrs("pads", 1, 0, 0, 0))), "windows stay inside"},
		{graphOf(17, image, nil, op("MaxPool", "x", "y", attrs("kernel_shape", 9, 9))), "has windows of 9"},
		{graphOf(17, image, nil, op("MaxPool", "x", "a", attrs("kernel_shape", 2, 2)), op("Flatten", "a", "y")), "image in one row with its channels first"},
		{graphOf(17, image, nil, op("Flatten", "x", "y", attrI("axis", 2))), "begins at axis 2"},
		{graphOf(17, image, []*constant{whole("s", -1, 5, 10)}, op("MaxPool", "x", "a", attrs("kernel_shape", 1, 1)), op("Reshape", "a s", "y")), "with channels first"},
		{graphOf(17, image, []*constant{whole("s", -1, 7)}, op("Reshape", "x s", "y")), "gives the shape [7] to [2 5 5]"},
		{graphOf(17, image, []*constant{whole("s", 50)}, op("Reshape", "x s", "y")), "whose first number is not the batch"},
		{graphOf(17, image, nil, op("Shape", "x", "s"), op("Gather", "s s", "i"), op("Reshape", "x i", "y")), "takes dimension"},
		{graphOf(17, image, nil, op("Shape", "x", "s"), op("Mul", "s s", "i"), op("Reshape", "x i", "y")), "computes with dimensions"},
		{graphOf(17, image, nil, op("Transpose", "x", "y", attrs("perm", 1, 0, 2, 3))), "examples come first"},
		{graphOf(17, image, nil, op("Transpose", "x", "y", attrs("perm", 0, 1, 1, 2))), "has the order [0 1 1 2]"},
		{graphOf(17, image, nil, op("Softmax", "x", "y", attrI("axis", 1))), "is over axis 1 of 4"},
		{graphOf(12, image, nil, op("Softmax", "x", "y", attrI("axis", 3))), "is over axis 3"},
		{graphOf(17, image, nil, op("Softmax", "x", "y", attrI("axis", 9))), "axis 9 is none of 4"},
		{graphOf(17, []int{4}, nil, op("LeakyRelu", "x", "y")), "has a slope of 0.01"},
		{graphOf(17, []int{4}, nil, op("HardSigmoid", "x", "y")), "is 0.2·x"},
		{graphOf(17, []int{4}, nil, op("Clip", "x", "y")), "keeps numbers from -Inf"},
		{graphOf(17, []int{4}, w(4), op("Add", "x w", "y")), "adds the constant \"w\" to what is not a layer without biases"},
		{graphOf(17, []int{4}, []*constant{numbers("w", 4, 2), numbers("b", 3)}, op("MatMul", "x w", "a"), op("Add", "a b", "y")), "one number for each of 2 channels"},
		{graphOf(17, []int{4}, w(4), op("Mul", "x w", "y")), `the constant "w"`},
		{graphOf(17, image, nil, op("Transpose", "x", "a", attrs("perm", 0, 2, 3, 1)), op("Add", "x a", "y")), "some have channels first"},
		{graphOf(17, []int{4}, []*constant{numbers("w", 4, 2)}, op("MatMul", "x w", "a"), op("Add", "x a", "y")), "shapes [4] and [2]"},
		{graphOf(17, image, nil, op("Concat", "x x", "y", attrI("axis", 1))), "is not that of the channels"},
		{graphOf(17, []int{4}, w(3), op("BatchNormalization", "x w w w w", "y")), "3 numbers as its input 1, expected 4"},
		{graphOf(17, []int{4}, w(4), op("LayerNormalization", "x w w", "y")), "adds 1e-05 to variances"},
		{graphOf(17, image, nil, op("ReduceMean", "x", "y", attrs("axes", 1))), "is over axes [1]"},
		{graphOf(17, image, nil, op("Squeeze", "x", "y", attrs("axes", 1))), "takes away axes [1]"},
		{graphOf(17, []int{4}, nil, op("Cast", "x", "y", attrI("to", 9))), "elements of type 9"},
		{graphOf(17, []int{4}, nil, op("Cast", "x", "y", attrI("to", 7))), "the output has its steps first, or is of whole numbers"},
		{graphOf(17, []int{4}, nil, op("Cast", "x", "a", attrI("to", 7)), op("Relu", "a", "y")), "of whole numbers, which only operators of sequences"},
		{graphOf(17, []int{4}, nil, op("Relu", "x", "a"), op("Cast", "a", "y", attrI("to", 7))), "elements of type 7"},
		{graphOf(17, []int{4}, w(3, 2), op("Gather", "w x", "y")), "nn.Embedding takes rows, by the whole numbers of the input"},
		{graphOf(17, []int{4}, w(3, 2), op("Cast", "x", "a", attrI("to", 6)), op("Gather", "w a", "y", attrI("axis", 1))), "takes along axis 1"},
		{graphOf(17, []int{4, 5}, nil, op("Transpose", "x", "y", attrs("perm", 1, 0, 2))), "the output has its steps first"},
		{graphOf(17, []int{4, 5}, nil, op("Transpose", "x", "a", attrs("perm", 1, 0, 2)), op("Relu", "a", "y")), "which only operators of sequences"},
		{graphOf(17, []int{4, 5}, nil, op("Transpose", "x", "a", attrs("perm", 1, 0, 2)), op("Transpose", "a", "y", attrs("perm", 2, 0, 1))), "or behind the steps"},
		{graphOf(17, []int{4, 5}, nil, op("LSTM", "x", "y")), "wants [steps batch features]"},
		{steps(op("LSTM", "a", "y")), "has a hidden_size of 0"},
		{steps(op("LSTM", "a w u", "y", attrI("hidden_size", 1<<40))), "has a hidden_size"},
		{steps(op("LSTM", "a w u", "y", attrI("hidden_size", 2), attrS("direction", "bidirectional"))), "the direction bidirectional"},
		{steps(op("LSTM", "a w u", "y", attrI("hidden_size", 2), attrI("layout", 1))), "has a layout"},
		{steps(op("GRU", "a w u", "y", attrI("hidden_size", 2))), "has linear_before_reset 0"},
		{steps(op("RNN", "a w u", "y", attrI("hidden_size", 8), attribute{name: "activations", typ: attrStrings, strings: [][]byte{[]byte("Softsign")}})), "has the activations [Softsign], but here they are [Tanh]"},
		{steps(op("LSTM", "a w u", "y", attrI("hidden_size", 3))), "has weights [1 8 5] and [1 8 2], expected [1 12 5] and [1 12 3]"},
		{steps(op("LSTM", "a w u w", "y", attrI("hidden_size", 2))), "expected 2 dimensions"},
		{steps(op("LSTM", "a w u b w", "y", attrI("hidden_size", 2))), "all sequences are of one length"},
		{steps(op("LSTM", "a w u", "y", attrI("hidden_size", 2))), "the output has its steps first"},
		{steps(op("LSTM", "a w u", "l", attrI("hidden_size", 2)), op("Squeeze", "l", "y", attrs("axes", 0))), "takes away axes [0] of what a recurrent operator gives"},
	} {
		m, err := Decode(c.b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, error %v, want %q", m, err, c.want)
		}
	}
	// Of every file, no beginning is taken for a whole.
	whole, err := os.ReadFile("testdata/torch_mlp.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if m, err := Decode(whole[:n]); err == nil && m.Params() != 12*10+10+10*7+7+7*3+3 {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(whole), m)
		}
	}
}

// A constant that is asked for again and again must not fill the memory.
func TestDecodeManyCopies(t *testing.T) {
	weights := []*constant{numbers("w", 512, 512)}
	turned, dense := []*node{op("Relu", "x", "y")}, []*node(nil)
	at := "x"
	for i := range 80 {
		turned = append(turned, op("Transpose", "w", fmt.Sprint("t", i)))
		next := fmt.Sprint("d", i)
		dense = append(dense, op("MatMul", at+" w", next))
		at = next
	}
	dense = append(dense, op("Relu", at, "y"))
	for what, nodes := range map[string][]*node{"turned": turned, "layers": dense} {
		if _, err := Decode(graphOf(17, []int{512}, weights, nodes...)); err == nil || !strings.Contains(err.Error(), `reads the constant "w" of shape [512 512] again`) {
			t.Errorf("%s: error %v", what, err)
		}
		if _, err := Decode(graphOf(17, []int{512}, weights, append(slices.Clone(nodes[:40]), op("Relu", nodes[39].outputs[0], "y"))...)); what == "layers" && err != nil {
			t.Errorf("%s, not as often: %v", what, err)
		}
	}
}

// An input without a name is one that is left out.
func TestDecodeLayerNormWithoutShift(t *testing.T) {
	n := &node{op: "LayerNormalization", inputs: []string{"x", "w", ""}, outputs: []string{"y"}, attrs: []attribute{attrF("epsilon", 1e-3)}}
	m, err := Decode(graphOf(17, []int{4}, []*constant{numbers("w", 4)}, n))
	if err != nil {
		t.Fatal(err)
	}
	if ps, err := m.Parameters(1); err != nil || slices.ContainsFunc(ps[1].Values.Data, func(v float32) bool { return v != 0 }) {
		t.Errorf("parameters %v, %v", ps, err)
	}
}

func TestConstants(t *testing.T) {
	// Numbers in fields of their own instead of raw bytes, packed and one by one.
	var f message
	f.int(1, 2)
	f.int(2, 1)
	f.float(4, 1.5)
	f.float(4, -2)
	f.text(8, "f")
	c, err := decodeConstant(f.b)
	if err != nil || !slices.Equal(c.float32().Data, []float32{1.5, -2}) {
		t.Errorf("floats %v (%v)", c, err)
	}
	for elem, want := range map[int64]float32{7: -3, 6: -3, 3: -3, 2: 253, 9: 1} {
		var i message
		i.int(1, 1)
		i.int(2, elem)
		i.int(map[bool]int{true: 7, false: 5}[elem == 7], -3)
		c, err := decodeConstant(i.b)
		if err != nil || c.float32().Data[0] != want {
			t.Errorf("type %d: %v (%v), want %v", elem, c, err, want)
		}
	}
	for want, m := range map[string]func(m *message){
		"in another file":            func(m *message) { m.int(2, 1); m.int(14, 1) },
		"elements of type 8":         func(m *message) { m.int(2, 8) },
		"not shape [3]":              func(m *message) { m.int(1, 3); m.int(2, 1); m.bytes(9, make([]byte, 8)) },
		"a dimension of -1":          func(m *message) { m.int(1, -1); m.int(2, 1) },
		"not shape [1073741824 1073": func(m *message) { m.int(1, 1<<30); m.int(1, 1<<30); m.int(2, 1); m.bytes(9, make([]byte, 8)) },
	} {
		var b message
		m(&b)
		if c, err := decodeConstant(b.b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, error %v, want %q", c, err, want)
		}
	}
}

// Whatever a file says, a model that comes of it can be asked.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 3000 {
			f.Add(b)
		}
	}
	for _, m := range written() {
		b, err := Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 3000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil || m.Summary().Flops > 1<<22 {
			return
		}
		for _, l := range m.Layers() {
			if size(l.Out) > 1<<16 {
				return
			}
		}
		if _, err := m.Predict(tensor.New(append([]int{2}, m.InputShape()...)...)); err != nil {
			t.Fatal(fmt.Sprint(err))
		}
	})
}
