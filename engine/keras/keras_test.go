package keras

import (
	"archive/zip"
	"bytes"
	"io"
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

// expected is what Keras predicts: testdata/keras_files.py.
func expected(t *testing.T, name string) (x, y *tensor.Tensor) {
	t.Helper()
	arrays, err := npy.ReadZip("testdata/expected.npz")
	if err != nil {
		t.Fatal(err)
	}
	if x, err = arrays[name+"_x"].Float32(); err == nil {
		y, err = arrays[name+"_y"].Float32()
	}
	if err != nil {
		t.Fatal(err)
	}
	return x, y
}

func compare(t *testing.T, m *nn.Model, name string) {
	t.Helper()
	x, want := expected(t, name)
	got, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Shape, want.Shape) {
		t.Fatalf("predicts shape %v, want %v", got.Shape, want.Shape)
	}
	for i, v := range got.Data {
		if w := want.Data[i]; !(math.Abs(float64(v-w)) <= 2e-5*(1+math.Abs(float64(w)))) {
			t.Fatalf("output %d is %v, want Keras' %v", i, v, w)
		}
	}
}

func kindsOf(m *nn.Model) string {
	var parts []string
	for _, l := range m.Layers() {
		s := l.Kind
		if l.Activation != "" && l.Activation != "linear" {
			s += " " + l.Activation
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func TestRead(t *testing.T) {
	for name, want := range map[string]string{
		"mlp":      "Input, Dense relu, Dense relu, Dense softmax",
		"cnn":      "Input, Conv2D relu, MaxPool2D, Conv2D relu, MaxPool2D, Flatten, Dense relu, Dense softmax",
		"old":      "Input, Dense tanh, Dense",
		"trained":  "Input, Dense relu, Dense softmax",
		"chain":    "Input, Conv2D, BatchNorm, Act gelu, AvgPool2D, Dropout, Conv2D elu, LayerNorm, Reshape, Conv1D hard sigmoid, GlobalAvgPool, Dense, Act softmax",
		"deep":     "Input, DepthwiseConv2D relu, DepthwiseConv2D hard silu, Conv2DTranspose squareplus, Conv2DTranspose soft shrink, Conv2DTranspose, GlobalAvgPool, Dense",
		"branches": "Input, Dense, Dense, Add",
		"steps":    "Input, LSTM, SimpleRNN, GRU, LSTM, Dense",
		"gates":    "Input, GRU, Dense",
	} {
		for _, kind := range []string{"keras", "h5"} {
			t.Run(name+"."+kind, func(t *testing.T) {
				m, err := Read("testdata/" + name + "." + kind)
				if err != nil {
					t.Fatal(err)
				}
				if got := kindsOf(m); got != want {
					t.Errorf("layers %s, want %s", got, want)
				}
				compare(t, m, name)
			})
		}
	}
	m, err := Read("testdata/chain.keras")
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Config()
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Layers[1]; l.Name != "first" || l.L2 != 0.01 || !l.NoBias || l.Stride != 2 || l.Padding != nn.Same {
		t.Errorf("the first convolution is %+v", l)
	}
	if l := c.Layers[6]; l.Init == nil || *l.Init != nn.HeNormal {
		t.Errorf("the second convolution is %+v", l)
	}
	if l := c.Layers[11]; l.Name != "last" || math.Abs(l.L1-0.01) > 1e-6 {
		t.Errorf("the dense layer is %+v", l)
	}
}

// here are the same models, made here.
func here() map[string]func() *nn.Model {
	return map[string]func() *nn.Model{
		"mlp": func() *nn.Model {
			return nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
		},
		"cnn": func() *nn.Model {
			return nn.Sequential(nn.Input(12, 12, 1), nn.Conv2D(4, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(6, 3, 3, nn.ReLU), nn.MaxPool2D(2),
				nn.Flatten(), nn.Dense(8, nn.ReLU), nn.Dense(10, nn.Softmax))
		},
		"trained": func() *nn.Model {
			return nn.Sequential(nn.Input(5), nn.Dense(4, nn.ReLU), nn.Dense(3, nn.Softmax))
		},
		"deep": func() *nn.Model {
			return nn.Sequential(nn.Input(7, 6, 3), nn.DepthwiseConv2D(3, 2, nn.Multiplier(2), nn.ReLU), nn.DepthwiseConv2D(2, 2, nn.Stride(2), nn.Same, nn.NoBias, nn.HardSiLU),
				nn.Conv2DTranspose(4, 3, 2, nn.Stride(2), nn.Same, nn.Squareplus), nn.Conv2DTranspose(3, 2, 2, nn.SoftShrink),
				nn.Conv2DTranspose(2, 2, 4, nn.Stride(3), nn.NoBias), nn.GlobalAvgPool(), nn.Dense(2))
		},
		"steps": func() *nn.Model {
			return nn.Sequential(nn.Input(6, 3), nn.LSTM(4, nn.Sequences), nn.SimpleRNN(5, nn.ReLU, nn.Sequences), nn.GRU(3, nn.Sequences), nn.LSTM(4, nn.Backwards), nn.Dense(2))
		},
		"gates": func() *nn.Model { return nn.Sequential(nn.Input(6, 3), nn.GRU(4, nn.Backwards), nn.Dense(2)) },
		"chain": func() *nn.Model {
			return nn.Sequential(nn.Input(7, 8, 2), nn.Conv2D(4, 3, 2, nn.Stride(2), nn.Same, nn.NoBias), nn.BatchNorm(), nn.Act(nn.GELU), nn.AvgPool2D(2, nn.Stride(1)),
				nn.Conv2D(3, 1, 1, nn.ELU), nn.LayerNorm(), nn.Reshape(9, 3), nn.Conv1D(4, 2, nn.HardSigmoid), nn.GlobalAvgPool(), nn.Dense(3, nn.Softmax))
		},
	}
}

func TestReadWeights(t *testing.T) {
	for name, build := range here() {
		for _, kind := range []string{"weights.h5", "h5", "keras"} {
			t.Run(name+"."+kind, func(t *testing.T) {
				m := build()
				if err := ReadWeights("testdata/"+name+"."+kind, m); err != nil {
					t.Fatal(err)
				}
				compare(t, m, name)
			})
		}
	}
}

func TestReadWeightsRefuses(t *testing.T) {
	for _, c := range []struct {
		file string
		m    *nn.Model
		want string
	}{
		{"cnn.weights.h5", here()["mlp"](), "layer 1 Dense has weights of shapes [784 10] and [10], but the file's are [6 8] and [8]"},
		{"mlp.weights.h5", nn.Sequential(nn.Input(784), nn.Dense(10)), `that the model has no layer for, first in "layers/dense_1"`},
		{"mlp.h5", nn.Sequential(nn.Input(784), nn.Dense(10)), "for more layers than the model, first for"},
		{"trained.h5", nn.Sequential(nn.Input(5), nn.Dense(4), nn.Dense(3), nn.Dense(2)), "for fewer layers than the model, none for layer 3 Dense"},
		{"trained.weights.h5", nn.Sequential(nn.Input(5), nn.Dense(4), nn.Dense(3), nn.Dense(2)), `has no "dense_2"`},
		{"trained.weights.h5", nn.Sequential(nn.Input(5), nn.Dense(4, nn.NoBias), nn.Dense(3)), "shapes [5 4], but the file's are [5 4] and [4]"},
		{"trained.weights.h5", nn.Sequential(nn.Input(5, 2), nn.MultiHeadAttention(1, 2), nn.Flatten(), nn.Dense(3)), "layer 1 MultiHeadAttention has weights that are not read"},
		{"trained.weights.h5", nn.Sequential(nn.Input(5, 2), nn.LSTM(4), nn.Dense(3)), `has no "lstm"`},
		{"trained.h5", nn.Sequential(nn.Input(5, 5), nn.LSTM(4), nn.Dense(3)), "layer 1 LSTM: has a variable of shape [4]"},
		{"steps.h5", nn.Sequential(nn.Input(6, 3), nn.GRU(4), nn.Dense(3)), "layer 1 GRU: has biases of shape [16], expected [2 16]"},
		{"gates.h5", nn.Sequential(nn.Input(6, 3), nn.GRU(5), nn.Dense(2)), "but the file's are [3 12] and [4 12] and [12] and [12]"},
		{"trained.weights.h5", nn.Sequential(), "a model needs layers"},
		{"none.h5", nn.Sequential(nn.Input(1), nn.Dense(1)), "keras: open"},
		{"keras_files.py", nn.Sequential(nn.Input(1), nn.Dense(1)), "neither a .keras file nor HDF5"},
	} {
		if err := ReadWeights("testdata/"+c.file, c.m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.file, err, c.want)
		}
	}
}

// changed returns a .keras file whose description has other text.
func changed(t *testing.T, name string, replace ...string) []byte {
	t.Helper()
	r, err := zip.OpenReader("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "config.json" {
			for i := 0; i < len(replace); i += 2 {
				if !strings.Contains(string(b), replace[i]) {
					t.Fatalf("the description has no %s", replace[i])
				}
			}
			b = []byte(strings.NewReplacer(replace...).Replace(string(b)))
		}
		w, err := z.Create(f.Name)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace []string
		want    string
	}{
		{"strange.keras", nil, `layer "up_sampling2d" (UpSampling2D) is a layer that cannot be read`},
		{"cnn.keras", []string{`"channels_last"`, `"channels_first"`}, "channels come last here"},
		{"cnn.keras", []string{`"padding": "valid", "data_format": "channels_last", "dilation_rate": [1, 1]`, `"padding": "causal", "data_format": "channels_last", "dilation_rate": [1, 1]`}, `the padding "causal"`},
		{"cnn.keras", []string{`"strides": [1, 1]`, `"strides": [1, 2]`}, "has strides [1 2], which must be alike"},
		{"cnn.keras", []string{`"dilation_rate": [1, 1]`, `"dilation_rate": [2, 2]`}, "has dilations [2 2]"},
		{"cnn.keras", []string{`"groups": 1`, `"groups": 2`}, "has 2 groups"},
		{"cnn.keras", []string{`"pool_size": [2, 2], "padding": "valid"`, `"pool_size": [2, 2], "padding": "same"`}, "windows stay inside here"},
		{"cnn.keras", []string{`"relu"`, `"glu"`}, `has the activation "glu", which is not known here`},
		{"cnn.keras", []string{`"relu"`, `{"class_name": 3}`}, "an activation that cannot be read"},
		{"cnn.keras", []string{`"filters": 4`, `"filters": 5`}, "takes weights [3 3 1 5] and biases [5]"},
		{"cnn.keras", []string{`[null, 12, 12, 1], "dtype"`, `[null, null, 12, 1], "dtype"`}, "sizes are fixed here"},
		{"cnn.keras", []string{`"class_name": "Sequential"`, `"class_name": "Mine"`}, `the model is a "Mine"`},
		{"cnn.keras", []string{`"units": 8`, `"units": 1e9`}, "settings that cannot be read"},
		{"cnn.keras", []string{`"units": 8`, `"units": 1000000000`}, "weights"},
		{"cnn.keras", []string{`{"module": "keras", "class_name"`, `{"module": "keras" "class_name"`}, "the model's description"},
		{"chain.keras", []string{`"axis": -1, "momentum"`, `"axis": 1, "momentum"`}, "works on axes [1]"},
		{"chain.keras", []string{`"rms_scaling": false`, `"rms_scaling": true`}, "root mean square"},
		{"chain.keras", []string{`"axis": [-1], "epsilon": 0.001`, `"axis": [-1], "epsilon": 0.1`}, "adds 0.1 to variances"},
		{"chain.keras", []string{`"keepdims": false`, `"keepdims": true`}, "keeps dimensions"},
		{"chain.keras", []string{`"keras_history": ["first", 0, 0]`, `"keras_history": ["second", 0, 0]`}, `a layer "second" is read`},
		{"chain.keras", []string{`"keras_history": ["first", 0, 0]`, `"keras_history": ["softmax", 0, 0]`}, "reads what comes of itself"},
		{"chain.keras", []string{`"input_layers": ["pixels", 0, 0]`, `"input_layers": [["pixels", 0, 0], ["b", 0, 0]]`}, "2 inputs and 1 outputs"},
		{"gates.keras", []string{`"reset_after": true`, `"reset_after": false`}, "has reset_after=False"},
		{"gates.keras", []string{`"return_sequences": false`, `"return_sequences": true`}, "in the order in which it is read"},
		{"gates.keras", []string{`"stateful": false`, `"stateful": true`}, "from batch to batch"},
		{"gates.keras", []string{`"recurrent_activation": "sigmoid"`, `"recurrent_activation": "hard_sigmoid"`}, "has the activations tanh and, of its gates, hard sigmoid"},
		{"gates.keras", []string{`"recurrent_dropout": 0.0`, `"recurrent_dropout": 0.5`}, "a dropout of its own"},
		{"steps.keras", []string{`"activation": "relu"`, `"activation": "gelu"`}, "cannot have gelu as its activation"},
		{"chain.keras", []string{`"name": "last"`, `"name": "first"`}, `two layers are called "first"`},
	} {
		if m, err := Decode(changed(t, c.name, c.replace...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v, error %v, want %q", c.name, c.replace, m, err, c.want)
		}
	}
	for name, want := range map[string]string{
		"mlp.weights.h5": "the file has weights only",
		"none.keras":     "keras: open",
		"strange.h5":     "UpSampling2D",
		"keras_files.py": "neither a .keras file nor HDF5",
	} {
		if m, err := Read("testdata/" + name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, error %v, want %q", name, m, err, want)
		}
	}
	if _, err := Decode([]byte("PK\x03\x04")); err == nil || !strings.Contains(err.Error(), "begins as a zip file") {
		t.Errorf("half a zip file: %v", err)
	}
	empty := new(bytes.Buffer)
	if err := zip.NewWriter(empty).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(empty.Bytes()); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("an empty zip file: %v", err)
	}
}

// Settings that mean the same, or that weights make up for.
func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace []string
	}{
		{"cnn", []string{`"kernel_size": [3, 3]`, `"kernel_size": 3`, `"strides": [1, 1]`, `"strides": 1`}},
		{"cnn", []string{`"strides": [2, 2]`, `"strides": null`}},
		{"cnn", []string{`"activation": "relu"`, `"activation": {"class_name": "function", "config": "relu"}`}},
		{"cnn", []string{`"units": 8`, `"units": 8, "new": 1`}},
	} {
		m, err := Decode(changed(t, c.name+".keras", c.replace...))
		if err != nil {
			t.Errorf("%q: %v", c.replace, err)
			continue
		}
		compare(t, m, c.name)
	}
	// The same function in another form: what is added to variances is made up for.
	a, err := Read("testdata/chain.keras")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Decode(changed(t, "chain.keras", `"momentum": 0.99, "epsilon": 0.001`, `"momentum": 0.99, "epsilon": 0.5`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Parameters(2)
	if err != nil {
		t.Fatal(err)
	}
	q, err := b.Parameters(2)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range p[3].Values.Data {
		if d := float64(q[3].Values.Data[i] - v); math.Abs(d-0.499) > 1e-5 {
			t.Errorf("variance %d differs by %v, want 0.499", i, d)
		}
	}
}

// Cut off anywhere there is an error, or the model is whole.
func TestCut(t *testing.T) {
	for _, name := range []string{"old.keras", "old.h5"} {
		whole, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(whole); n += 7 {
			if m, err := Decode(whole[:n]); err == nil {
				compare(t, m, "old")
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"old.keras", "old.h5", "branches.keras", "gates.keras", "gates.h5"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil || m.Summary().Flops > 1<<22 {
			return
		}
		if _, err := m.Predict(tensor.New(append([]int{1}, m.InputShape()...)...)); err != nil {
			t.Fatal(err)
		}
	})
}
