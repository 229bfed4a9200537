// This file holds models against what Save and Load make of them.

package nn

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/safetensors"
	"cajal/engine/tensor"
)

// models have every kind of layer, and all settings of each.
func models() map[string]*Model {
	x := In(6, 6, 2)
	h := Conv2D(3, 3, 3, Same, ReLU, Name("first"))(x)
	h = BatchNorm()(h)
	h = Concat(h, Add(Conv2D(3, 1, 1, NoBias)(x), h), Multiply(h, h))
	words := In(4)
	steps := Embedding(7, 3)(words)
	return map[string]*Model{
		"dense": Sequential(Input(5), Dense(4, Tanh, Name("a"), L1(0.1), L2(0.25), NoBias, HeNormal), Dropout(0.5), Dense(3, Softmax)),
		"images": Sequential(Input(9, 9, 2), Conv2D(4, 3, 2, ReLU, Same, Stride(2), HeUniform, L2(1e-3)), MaxPool2D(2), AvgPool2D(2, Stride(1)),
			LayerNorm(), Act(GELU), Flatten(), Dense(2, Sigmoid)),
		"new images": Sequential(Input(5, 5, 2), DepthwiseConv2D(3, 2, ReLU, Same, Stride(2), Multiplier(3), Orthogonal, L1(1e-3), Name("deep")), DepthwiseConv2D(2, 2, NoBias),
			Conv2DTranspose(4, 3, 2, Same, Stride(2), Tanh, TruncatedNormal), Conv2DTranspose(2, 2, 2, NoBias), GlobalMaxPool()),
		"sequence":  Sequential(Input(12), Embedding(7, 3, LecunNormal), Conv1D(4, 3, Stride(2)), MaxPool1D(2), AvgPool1D(2), Reshape(4), Dense(2)),
		"recurrent": Sequential(Input(4), Embedding(7, 3), SimpleRNN(3, ReLU, Sequences), GRU(2, Sequences, Backwards), LSTM(2, HeNormal), Dense(1)),
		"attention": Graph(words, GlobalAvgPool()(Attend(MultiHeadAttention(2, 3, Causal)(steps), steps, 1, 2, HeNormal))),
		"words":     Sequential(Input(4), Embedding(7, 3), GlobalMaxPool(), Dense(1)),
		"graph":     Graph(x, Dense(3, Softmax)(GlobalAvgPool()(h))),
	}
}

// inputs are examples for a model, which whole numbers of words are too.
func inputs(m *Model) *tensor.Tensor {
	t := tensor.New(append([]int{5}, m.InputShape()...)...)
	for i := range t.Data {
		t.Data[i] = float32(i % 7)
	}
	return t
}

func TestConfigRoundTrip(t *testing.T) {
	seen := map[string]bool{}
	for name, m := range models() {
		c, err := m.Config()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var d Config
		if err := decode(string(text), &d); err != nil {
			t.Fatalf("%s: %v in %s", name, err, text)
		}
		n := FromConfig(d)
		if err := n.Err(); err != nil {
			t.Errorf("%s: %v in %s", name, err, text)
			continue
		}
		e, err := n.Config()
		if err != nil || !reflect.DeepEqual(c, e) {
			t.Errorf("%s: %+v came back as %+v (%v)", name, c, e, err)
		}
		for i, l := range m.Layers() {
			seen[l.Kind] = true
			l.At = ""
			if got := n.Layers()[i]; !reflect.DeepEqual(got, l) {
				t.Errorf("%s: layer %+v came back as %+v", name, l, got)
			}
		}
		// The same first weights too.
		want, err := m.Predict(inputs(m))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.Predict(inputs(m)); err != nil || !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: the model of the settings predicts %v (%v), want %v", name, got, err, want)
		}
	}
	for k := range kinds {
		if !seen[k] {
			t.Errorf("no model here has a %s", k)
		}
	}
}

// Every layer of the package can be saved: kinds has what each constructor makes.
func TestEveryLayerHasSettings(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
				continue
			}
			switch types := fn.Type.Results.List[0].Type.(type) {
			case *ast.Ident:
				if types.Name != "Layer" {
					continue
				}
			case *ast.StarExpr:
				if id, ok := types.X.(*ast.Ident); !ok || id.Name != "Value" {
					continue
				}
			default:
				continue
			}
			kind := fn.Name.Name
			if kind == "Custom" { // its function cannot be written down: TestCustomSaved
				continue
			}
			found++
			if other := map[string]string{"In": "Input", "Attend": "MultiHeadAttention"}[kind]; other != "" {
				kind = other
			}
			if kinds[kind] == nil {
				t.Errorf("%s: %s makes a layer that config.go cannot describe: models with it cannot be saved", name, fn.Name.Name)
			}
		}
	}
	if found < len(kinds) {
		t.Errorf("%d constructors found for %d kinds", found, len(kinds))
	}
}

func TestConfigText(t *testing.T) {
	c, err := Sequential(Input(784), Dense(10, ReLU), Dense(10, Softmax, L2(0.5), HeNormal, Name("last"))).Config()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(c)
	want := `{"layers":[{"kind":"Input","shape":[784]},{"kind":"Dense","units":10,"activation":"relu"},` +
		`{"kind":"Dense","name":"last","units":10,"activation":"softmax","init":"he normal","l2":0.5}]}`
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
	// What stands for a default may be written out.
	var d Config
	if err := decode(`{"layers":[{"kind":"Input","shape":[8,8,1]},{"kind":"Conv2D","filters":2,"size":[3,3],"stride":1,"init":"glorot uniform","padding":"valid","activation":"linear","from":[0]},
		{"kind":"MaxPool2D","size":[2],"stride":2}]}`, &d); err != nil {
		t.Fatal(err)
	}
	if err := FromConfig(d).Err(); err != nil {
		t.Error(err)
	}
}

// The order of layers is that of the settings, not the one in which a graph is walked.
func TestConfigOrder(t *testing.T) {
	c := Config{Layers: []LayerConfig{
		{Kind: "Input", Shape: []int{3}}, {Kind: "Dense", Units: 2, Name: "b"}, {Kind: "Dense", Units: 2, Name: "a", From: []int{0}}, {Kind: "Concat", From: []int{2, 1}}, {Kind: "Dense", Units: 1},
	}}
	m := FromConfig(c)
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	if got := m.Layers(); got[1].Name != "b" || got[2].Name != "a" || got[2].Index != 2 || !slices.Equal(got[3].From, []int{2, 1}) {
		t.Errorf("layers %+v", got)
	}
	if d, err := m.Config(); err != nil || !reflect.DeepEqual(d, c) {
		t.Errorf("came back as %+v (%v)", d, err)
	}
	a, _, err := m.Weights(2)
	if err != nil {
		t.Fatal(err)
	}
	x := inputs(m)
	whole, err := m.Outputs(x, 3)
	if err != nil {
		t.Fatal(err)
	}
	if want := x.MatMul(a); math.Abs(float64(whole.At(1, 0)-want.At(1, 0))) > 1e-5 {
		t.Errorf("the first of the joined numbers is %v, want that of a, %v", whole.At(1, 0), want.At(1, 0))
	}
}

func TestFromConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                            "a configuration of 0 layers",
		`{"layers":[{"kind":"Input"}]}`: "layer 0 Input has no shape",
		`{"layers":[{"kind":"Input","shape":[3]}]}`:                                                                             "needs a layer behind its Input",
		`{"layers":[{"kind":"Dense","units":3}]}`:                                                                               "comes first",
		`{"layers":[{"kind":"LSTN"}]}`:                                                                                          `layer 0 "LSTN" is a kind of layer that is not known`,
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":-1}]}`:                                                 "has the setting -1",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense"}]}`:                                                            "has 0 units",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1,"rate":0.5}]}`:                                       "settings that it does not take",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1,"from":[1]}]}`:                                       "reads layer 1, which does not come before it",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1},{"kind":"Input","shape":[3]}]}`:                     "is in the middle",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1},{"kind":"Dense","units":1,"from":[0]}]}`:            "has 3 layers, of which the last needs only 2",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1,"from":[0,0]}]}`:                                     "reads 2 values, but takes at most 1",
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1,"activation":"swish"}]}`:                             `"swish" is no activation: they are ["linear" "relu"`,
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","units":1,"init":"x"}]}`:                                       `"x" is no initialisation`,
		`{"layers":[{"kind":"Input","shape":[3]},{"kind":"Dense","width":1}]}`:                                                  "unknown field",
		`{"layers":[{"kind":"Input","shape":[3,3,1]},{"kind":"Conv2D","filters":1,"size":[3]}]}`:                                "settings that it does not take",
		`{"layers":[{"kind":"Input","shape":[3,3,1]},{"kind":"Conv2D","filters":1,"size":[3,3],"padding":"full"}]}`:             `"full" is no padding`,
		`{"layers":[{"kind":"Input","shape":[3,3,1]},{"kind":"Conv2D","filters":1,"size":[1073741824,1073741824]}]}`:            "which is too large",
		`{"layers":[{"kind":"Input","shape":[1073741824]},{"kind":"Dense","units":1073741824}]}`:                                "has 1.153e+18 weights",
		`{"layers":[{"kind":"Input","shape":[1073741824,1073741824,1073741824]},{"kind":"Flatten"}]}`:                           "puts out",
		`{"layers":[{"kind":"Input","shape":[9]},{"kind":"Dropout","rate":1}]}`:                                                 "layer 1 Dropout",
		`{"layers":[{"kind":"Input","shape":[9]},{"kind":"Dense","units":1,"name":"a"},{"kind":"Dense","units":1,"name":"a"}]}`: `is called "a", as layer 1 is`,
	} {
		var c Config
		err := decode(text, &c)
		if err == nil {
			err = FromConfig(c).Err()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want %q", text, err, want)
		}
	}
	if _, err := Sequential().Config(); err == nil {
		t.Error("a broken model gave its settings")
	}
	if err := FromConfig(Config{Layers: make([]LayerConfig, maxLayers+1)}).Err(); err == nil {
		t.Error("no error for too many layers")
	}
}

func TestSaveLoad(t *testing.T) {
	for name, m := range models() {
		t.Run(name, func(t *testing.T) {
			x := inputs(m)
			n := product(m.OutputShape())
			d, err := data.Arrays(x, tensor.Full(0.25, 5, n))
			if err != nil {
				t.Fatal(err)
			}
			h, err := m.Fit(d, Fit{Epochs: 2, Loss: HalfMSE{}, Metrics: []Metric{MAE{}, mine{}}, Seed: 5})
			if _, softmax := m.last().activation(); err != nil && !softmax {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "m.safetensors")
			if err := m.Save(path); err != nil {
				t.Fatal(err)
			}
			k, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := k.hash(); got != h.WeightHash {
				t.Errorf("weights %s, want %s", got, h.WeightHash)
			}
			want, err := m.Predict(x)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := k.Predict(x); err != nil || !slices.Equal(got.Data, want.Data) {
				t.Errorf("predicts %v (%v), want %v", got, err, want)
			}
			we, err := m.Evaluate(d)
			if err != nil {
				t.Fatal(err)
			}
			ge, err := k.Evaluate(d)
			if err != nil || ge.Loss != we.Loss || !slices.Equal(ge.Names, []string{"mean absolute error"}) || ge.Metric("mean absolute error") != we.Metric("mean absolute error") {
				t.Errorf("evaluates to %v (%v), want %v without my metric", ge, err, we)
			}
			// Weights alone, into a model that has others.
			c, err := m.Config()
			if err != nil {
				t.Fatal(err)
			}
			o := FromConfig(c)
			if _, err := o.Predict(x); err != nil {
				t.Fatal(err)
			}
			if err := o.LoadWeights(path); err != nil {
				t.Fatal(err)
			}
			if got := o.hash(); got != h.WeightHash {
				t.Errorf("LoadWeights: weights %s, want %s", got, h.WeightHash)
			}
		})
	}
}

// mine is a metric that no file can name.
type mine struct{}

func (mine) Name() string                                  { return "mine" }
func (mine) Score(_ []float32, _ int, _ []float32) float64 { return 1 }

func TestSavedRecipe(t *testing.T) {
	for _, l := range append(slices.Clone(losses), SparseCategoricalCrossEntropy{FromLogits: true}) {
		r := &recipe{loss: l, metrics: []Metric{Accuracy{}}}
		b, err := json.Marshal(r.describe())
		if err != nil {
			t.Fatal(err)
		}
		var s savedRecipe
		if err := decode(string(b), &s); err != nil {
			t.Fatal(err)
		}
		if got, err := s.recipe(); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s came back as %+v (%v), want %+v", b, got, err, r)
		}
	}
}

// A name that somebody gave may be the one that another layer would get.
func TestNamesInFile(t *testing.T) {
	m := Sequential(Input(3), Dense(2, Name("dense_2")), Dense(2), BatchNorm())
	f, err := m.file()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range f.Tensors {
		names = append(names, e.Name)
	}
	want := []string{"dense_2.weights", "dense_2.biases", "dense_2_2.weights", "dense_2_2.biases", "batchnorm_3.gains", "batchnorm_3.shifts", "batchnorm_3.moving_means", "batchnorm_3.moving_variances"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	if k, err := fromFile(f); err != nil || k.hash() != m.hash() {
		t.Errorf("came back as %v (%v)", k, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	base := func() *safetensors.File {
		f, err := Sequential(Input(3), Dense(2)).file()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for want, spoil := range map[string]func(f *safetensors.File){
		`its format is ""`:                   func(f *safetensors.File) { f.Metadata = nil },
		`its format is "pt"`:                 func(f *safetensors.File) { f.Metadata["format"] = "pt" },
		"the settings in the file":           func(f *safetensors.File) { f.Metadata["config"] = "{" },
		"more than one value":                func(f *safetensors.File) { f.Metadata["config"] += "{}" },
		"a configuration of 0 layers":        func(f *safetensors.File) { f.Metadata["config"] = "{}" },
		"the loss in the file":               func(f *safetensors.File) { f.Metadata["training"] = "3" },
		`names "X", which is not known here`: func(f *safetensors.File) { f.Metadata["training"] = `{"loss":{"kind":"X"}}` },
		"the settings of MSE in the file":    func(f *safetensors.File) { f.Metadata["training"] = `{"loss":{"kind":"MSE","settings":{"a":1}}}` },
		`names "Y"`:                          func(f *safetensors.File) { f.Metadata["training"] = `{"loss":{"kind":"MSE"},"metrics":[{"kind":"Y"}]}` },
		`has no tensor "dense_1.biases" of shape [2]; it has "dense_1.weights"`: func(f *safetensors.File) { f.Tensors = f.Tensors[:1] },
		`"dense_1.weights" has shape [2 3], but the model's has [3 2]`:          func(f *safetensors.File) { f.Tensors[0].Shape = []int{2, 3} },
		`has a tensor "x" of shape [1], which the model has not`: func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.FromInt64s("x", []int64{1}))
		},
	} {
		f := base()
		spoil(f)
		if _, err := fromFile(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "nn: safetensors: open") {
		t.Errorf("missing file: %v", err)
	}
	m := Sequential(Input(3), Dense(2))
	if err := m.Save(filepath.Join(dir, "none", "x")); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if err := Sequential().Save(filepath.Join(dir, "x")); err == nil {
		t.Error("a broken model was saved")
	}
	if err := Sequential().LoadWeights(filepath.Join(dir, "x")); err == nil {
		t.Error("a broken model got weights")
	}
	path := filepath.Join(dir, "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if err := Sequential(Input(3), Dense(4)).LoadWeights(path); err == nil || !strings.Contains(err.Error(), "but the model's has [3 4]") {
		t.Errorf("weights of another shape: %v", err)
	}
	// Cut off anywhere, there is an error.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if k, err := Load(path); err == nil {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(whole), k)
		}
	}
}

// Whatever a file says, a model that comes of it can be asked.
func FuzzLoad(f *testing.F) {
	for _, m := range models() {
		file, err := m.file()
		if err != nil {
			f.Fatal(err)
		}
		var b strings.Builder
		if err := file.Encode(&b); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(b.String()))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := safetensors.Decode(b)
		if err != nil {
			return
		}
		m, err := fromFile(file)
		if err != nil {
			return
		}
		if product(m.InputShape()) > 1<<16 || m.Summary().Flops > 1<<26 {
			return
		}
		if y, err := m.Predict(inputs(m)); err != nil && !strings.Contains(fmt.Sprint(err), "nn: ") {
			t.Fatal(y, err)
		}
	})
}
