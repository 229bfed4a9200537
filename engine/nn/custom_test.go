// This file trains layers and losses of one's own and holds them against those of the
// package, and a training loop on the tape against Fit.

package nn

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// ownDense computes what Dense does.
func ownDense(units int, act func(*grad.Var) *grad.Var) Layer {
	return Custom("OwnDense", func(x *grad.Var, w []*grad.Var) *grad.Var {
		z := x.MatMul(w[0]).Add(w[1])
		if act != nil {
			z = act(z)
		}
		return z
	}, Weight{Name: "weights", Shape: []int{-1, units}, L2: 0.01}, Weight{Name: "biases", Shape: []int{units}, Begin: Zeros})
}

// copyWeights makes b begin as a.
func copyWeights(t *testing.T, b, a *Model) {
	t.Helper()
	for i, l := range a.Layers() {
		if l.Params == 0 {
			continue
		}
		ps, err := a.Parameters(i)
		if err != nil {
			t.Fatal(err)
		}
		var values []*tensor.Tensor
		for _, p := range ps {
			values = append(values, p.Values)
		}
		if err := b.SetParameters(i, values...); err != nil {
			t.Fatal(err)
		}
	}
}

// sameWeights compares all parameters within rounding.
func sameWeights(t *testing.T, what string, a, b *Model, within float64) {
	t.Helper()
	for i, n := range a.nodes {
		for k, p := range n.params {
			x, y := p.tensor(p.w), b.nodes[i].params[k].tensor(b.nodes[i].params[k].w)
			largest := float64(x.Abs().Max().Item())
			if d := float64(x.Sub(y).Abs().Max().Item()); !(d <= within*(largest+1)) {
				t.Errorf("%s: the %s of layer %d differ by %v of %v", what, p.name, i, d, largest)
			}
		}
	}
}

func TestCustomLayerIsDense(t *testing.T) {
	d := labelled(t, 70, 4, 9)
	fit := Fit{Epochs: 3, Batch: 16, Seed: 5, Optimizer: Adam{LR: 0.01}, Metrics: []Metric{Accuracy{}}, Val: labelled(t, 30, 4, 9)}
	own := Sequential(Input(9), ownDense(7, (*grad.Var).ReLU), ownDense(6, (*grad.Var).Tanh), Dense(4, Softmax))
	usual := Sequential(Input(9), Dense(7, ReLU, L2(0.01)), Dense(6, Tanh, L2(0.01)), Dense(4, Softmax))
	usual.initialise(5)
	copyWeights(t, own, usual)
	got, err := own.Fit(d, fit)
	if err != nil {
		t.Fatal(err)
	}
	want, err := usual.Fit(d, fit)
	if err != nil {
		t.Fatal(err)
	}
	sameWeights(t, "after three epochs", own, usual, 2e-5)
	for i, e := range got.Epochs {
		if w := want.Epochs[i]; math.Abs(e.Loss-w.Loss) > 1e-5 || math.Abs(e.ValLoss-w.ValLoss) > 1e-5 {
			t.Errorf("epoch %d: losses %v and %v, want %v and %v", i+1, e.Loss, e.ValLoss, w.Loss, w.ValLoss)
		}
	}
	if own.Params() != usual.Params() {
		t.Errorf("%d parameters, want %d", own.Params(), usual.Params())
	}
	a, err := own.Predict(d)
	if err != nil {
		t.Fatal(err)
	}
	b, err := usual.Predict(d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := a.Sub(b).Abs().Max().Item(); diff > 1e-5 {
		t.Errorf("predictions differ by %v", diff)
	}
	// Any number of threads gives the same bits, and so does a second run.
	var hash string
	for _, threads := range []int{1, 2, 4} {
		m := Sequential(Input(9), ownDense(7, (*grad.Var).ReLU), Dense(4, Softmax))
		fit.Threads = threads
		h, err := m.Fit(d, fit)
		if err != nil {
			t.Fatal(err)
		}
		if hash != "" && h.WeightHash != hash {
			t.Errorf("%d threads: weights %s, want %s", threads, h.WeightHash, hash)
		}
		hash = h.WeightHash
	}
}

// normalised is a layer of images that has no weight, in a branch, before layers whose
// channels are padded.
func normalised(x *Value) *Value {
	own := Custom("PixelNorm", func(x *grad.Var, w []*grad.Var) *grad.Var {
		return x.Div(x.Square().Mean(3).Shift(0.1).Sqrt().ExpandDims(-1)).Mul(w[0])
	}, Weight{Name: "gain", Begin: Ones})
	return Add(own(Conv2D(5, 3, 3, ReLU, Same)(x)), Conv2D(5, 1, 1)(x))
}

func TestCustomGradients(t *testing.T) {
	d := labelled(t, 6, 3, 5, 4, 2)
	m := Sequential(Input(5, 4, 2), normalised, Conv2D(3, 2, 2, Tanh), Flatten(), ownDense(3, nil))
	m.initialise(3)
	h, err := SparseCategoricalCrossEntropy{FromLogits: true}.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlan(m, planSpec{batch: 8, set: d, head: h, opt: SGD{LR: 1e-30}, pool: testPool(t), chunk: 2})
	loss, ok := p.step([]int32{0, 1, 2, 3, 4, 5})
	if !ok {
		t.Fatal(p.failure())
	}
	compareTape(t, m, SparseCategoricalCrossEntropy{FromLogits: true}, d, loss)
}

func TestCustomLoss(t *testing.T) {
	d := labelled(t, 50, 3, 6)
	each := CustomLoss("own", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Pick(y.Labels).Log().Neg() })
	whole := CustomLoss("own", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Pick(y.Labels).Log().Neg().Mean() })
	targets := targeted(t, 50, 3, 6)
	square := CustomLoss("square", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Sub(y.Like(ŷ)).Square().Mean(1) })
	for _, c := range []struct {
		name        string
		own, usual  Loss
		d           *data.Dataset
		act         Activation
		weights     map[int]float64
		conv, joins bool
	}{
		{"numbers of examples", each, SparseCategoricalCrossEntropy{}, d, Softmax, nil, false, false},
		{"class weights", each, SparseCategoricalCrossEntropy{}, d, Softmax, map[int]float64{0: 3, 2: 0.5}, false, false},
		{"one number", whole, SparseCategoricalCrossEntropy{}, d, Softmax, nil, false, true},
		{"targets", square, MSE{}, targets, Tanh, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ms [2]*Model
			var hs [2]*History
			for k, loss := range []Loss{c.own, c.usual} {
				layers := []Layer{Input(6), Dense(8, ReLU)}
				if c.joins {
					layers = append(layers, BatchNorm())
				}
				ms[k] = Sequential(append(layers, Dense(3, c.act, L2(0.01)))...)
				var err error
				hs[k], err = ms[k].Fit(c.d, Fit{Epochs: 3, Batch: 16, Seed: 2, Loss: loss, ClassWeights: c.weights, Optimizer: SGD{LR: 0.1}, Metrics: []Metric{Accuracy{}}, Val: c.d})
				if err != nil {
					t.Fatal(err)
				}
			}
			sameWeights(t, c.name, ms[0], ms[1], 2e-5)
			for i := range hs[0].Epochs {
				a, b := hs[0].Epochs[i], hs[1].Epochs[i]
				if math.Abs(a.Loss-b.Loss) > 1e-5 || math.Abs(a.ValLoss-b.ValLoss) > 1e-5 || a.Metrics[0] != b.Metrics[0] {
					t.Errorf("epoch %d: %+v, want %+v", i+1, a, b)
				}
			}
			if hs[0].LossName != c.own.Name() {
				t.Errorf("the history calls the loss %q", hs[0].LossName)
			}
			a, err := ms[0].Evaluate(c.d)
			if err != nil {
				t.Fatal(err)
			}
			b, err := ms[1].Evaluate(c.d)
			if err != nil || math.Abs(a.Loss-b.Loss) > 1e-5 {
				t.Errorf("evaluates to %v (%v), want %v", a, err, b)
			}
		})
	}
}

// A user's metric is an interface already.
type within struct{ d float64 }

func (w within) Name() string { return "within" }
func (w within) Score(pred []float32, label int, target []float32) float64 {
	return choose(math.Abs(float64(pred[0]-target[0])) < w.d, 1, 0)
}

// TestLoopOnTape trains a network in a loop of one's own, on the tape alone, and gets
// Fit's weights.
func TestLoopOnTape(t *testing.T) {
	const rate, batch = 0.2, 8
	x, y := noise(1, 40, 5), noise(2, 40, 1)
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	m := Sequential(Input(5), Dense(6, Tanh), Dense(1))
	m.initialise(4)
	var ws []*tensor.Tensor
	for _, i := range []int{1, 2} {
		ps, err := m.Parameters(i)
		if err != nil {
			t.Fatal(err)
		}
		ws = append(ws, ps[0].Values, ps[1].Values)
	}
	for range 3 {
		for lo := 0; lo < 40; lo += batch {
			tape := grad.NewTape()
			var p []*grad.Var
			for k, w := range ws {
				p = append(p, tape.Param(fmt.Sprintf("w%d", k), w))
			}
			h := tape.Data("X", x.Slice(0, lo, lo+batch)).MatMul(p[0]).Add(p[1]).Tanh()
			tape.Backward(h.MatMul(p[2]).Add(p[3]).MSE(tape.Data("Y", y.Slice(0, lo, lo+batch))))
			for k, w := range ws {
				w.AddScaled(-rate, p[k].Grad())
			}
		}
	}
	h, err := m.Fit(d, Fit{Epochs: 3, Batch: batch, Loss: MSE{}, Optimizer: SGD{LR: rate}, InOrder: true, Metrics: []Metric{within{0.5}}, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if v := h.Epochs[2].Metrics[0]; !(v > 0 && v <= 1) {
		t.Errorf("the metric of one's own is %v", v)
	}
	for k, w := range ws {
		ps, err := m.Parameters(1 + k/2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := w.Sub(ps[k%2].Values).Abs().Max().Item(); diff > 3e-6 {
			t.Errorf("weight %d differs by %v from Fit's", k, diff)
		}
	}
}

func TestCustomSaved(t *testing.T) {
	build := func() *Model { return Sequential(Input(4), ownDense(3, (*grad.Var).Sigmoid), Dense(2, Softmax)) }
	m := build()
	if _, err := m.Fit(labelled(t, 20, 2, 4), Fit{Loss: CustomLoss("", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Pick(y.Labels).Log().Neg() })}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	n := build()
	if err := n.LoadWeights(path); err != nil {
		t.Fatal(err)
	}
	sameWeights(t, "loaded", m, n, 0)
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "read its weights with LoadWeights") || !strings.Contains(err.Error(), "layer 1 OwnDense is a layer of one's own") {
		t.Errorf("loaded without the function: %v", err)
	}
	c, err := m.Config()
	if err != nil || !slices.Equal(c.Layers[1].Custom, []string{"weights [-1 3]", "biases [3]"}) {
		t.Errorf("%+v, %v", c, err)
	}
	if s := m.Summary().String(); !strings.Contains(s, "OwnDense") {
		t.Errorf("summary\n%s", s)
	}
	// An interrupted or failed training leaves a model that can be asked.
	if _, err := m.Predict(noise(1, 3, 4)); err != nil {
		t.Error(err)
	}
}

// A training with a layer and a loss of one's own goes on from a checkpoint bit for bit.
func TestCustomResumes(t *testing.T) {
	d := labelled(t, 40, 3, 5)
	fit := Fit{
		Epochs: 4, Batch: 8, Seed: 3, Optimizer: Adam{LR: 0.01},
		Loss: CustomLoss("own", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Pick(y.Labels).Log().Neg() }),
	}
	build := func() *Model {
		return Sequential(Input(5), ownDense(6, (*grad.Var).Tanh), Dropout(0.2), Dense(3, Softmax))
	}
	whole, err := build().Fit(d, fit)
	if err != nil {
		t.Fatal(err)
	}
	first := fit
	first.Checkpoint = &Checkpoint{Path: filepath.Join(t.TempDir(), "run.safetensors")}
	first.OnEpoch = func(e Epoch) error {
		if e.Epoch == 2 {
			return ErrStop
		}
		return nil
	}
	if _, err := build().Fit(d, first); err != nil {
		t.Fatal(err)
	}
	fit.Resume = first.Checkpoint.Path
	rest, err := build().Fit(d, fit)
	if err != nil {
		t.Fatal(err)
	}
	if rest.WeightHash != whole.WeightHash || len(rest.Epochs) != 4 || rest.Epochs[3].Loss != whole.Epochs[3].Loss {
		t.Errorf("weights %s and losses %v, want %s and %v", rest.WeightHash, rest.Epochs, whole.WeightHash, whole.Epochs)
	}
}

func TestCustomMistakes(t *testing.T) {
	id := func(x *grad.Var, w []*grad.Var) *grad.Var { return x }
	for _, c := range []struct {
		layer Layer
		want  []string
	}{
		{Custom("Mine", nil), []string{"layer 1 Mine (custom_test.go:", "has no function"}},
		{Custom("Dense", id), []string{"has the name of a layer of this package"}},
		{Custom("Mine", id, Weight{Shape: []int{2}}), []string{"a weight without a name"}},
		{Custom("Mine", id, Weight{Name: "w", Shape: []int{0}}), []string{`weight "w" of shape [0]`, "-1 for the 3"}},
		{Custom("Mine", id, Weight{Name: "w", Shape: []int{1 << 20, 1 << 20}}), []string{"too large"}},
		{Custom("Mine", id, Weight{Name: "w"}, Weight{Name: "w"}), []string{`two weights called "w"`}},
		{Custom("Mine", id, Weight{Name: "w", Begin: Init(99)}), []string{"unknown initialisation"}},
		{Custom("Mine", id, Weight{Name: "w", L2: -1}), []string{"nn.L2(-1)"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.MatMul(w[0]) }, Weight{Name: "w", Shape: []int{4, 2}}), []string{"fails on examples of shape [3 3]", "grad.MatMul"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.Mul(w[1]) }), []string{"index out of range", "custom_test.go:"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return nil }), []string{"returned nil"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.Sum() }), []string{"must return a value [3 …]", "got", "[]"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.T() }), []string{"must return a value [1 …] for 1 examples"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.Sub(x.Mean(0)) }), []string{"something else for an example when others are beside it"}},
		{Custom("Mine", func(x *grad.Var, w []*grad.Var) *grad.Var { return grad.NewTape().Data("", x.Value()) }), []string{"another tape"}},
	} {
		err := Sequential(Input(3), c.layer, Dense(2)).Err()
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	}
	d := labelled(t, 20, 2, 3)
	for _, c := range []struct {
		loss    Loss
		weights map[int]float64
		want    string
	}{
		{CustomLoss("mine", nil), nil, "has no function"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.MSE(y.Like(ŷ)) }), nil, "grad.MSE"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ }), nil, "one number for each of 2 examples"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var { return nil }), nil, "returned nil"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var { return grad.NewTape().Var("", 1) }), nil, "another tape"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Mean() }), map[int]float64{1: 2}, "class weights cannot be used"},
		{CustomLoss("mine", func(ŷ *grad.Var, y Truth) *grad.Var {
			if ŷ.Shape()[0] > 2 {
				panic("too many")
			}
			return ŷ.Mean()
		}), nil, "nn: the loss mine: panic: too many (custom_test.go:"},
	} {
		m := Sequential(Input(3), Dense(2, Softmax))
		if _, err := m.Fit(d, Fit{Loss: c.loss, ClassWeights: c.weights}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	// A function that fails later stops the training with an error, and Predict too.
	fails := false
	m := Sequential(Input(3), Custom("Late", func(x *grad.Var, w []*grad.Var) *grad.Var {
		if fails {
			panic("too late")
		}
		return x.MatMul(w[0])
	}, Weight{Name: "w", Shape: []int{-1, 2}}), Act(Softmax))
	fails = true
	const want = "nn: layer Late (custom_test.go:"
	if _, err := m.Fit(d, Fit{Loss: MSE{}}); err == nil {
		t.Error("labels of two classes for MSE")
	}
	if _, err := m.Fit(targeted(t, 9, 2, 3), Fit{Loss: MSE{}}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "panic: too late") {
		t.Errorf("Fit: %v", err)
	}
	if _, err := m.Predict(noise(1, 2, 3)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Predict: %v", err)
	}
	if _, err := m.Evaluate(targeted(t, 9, 2, 3)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Evaluate: %v", err)
	}
	if _, err := m.OnTape(grad.NewTape(), nil); err == nil {
		t.Error("nil on a tape")
	}
	tape := grad.NewTape()
	if _, err := m.OnTape(tape, tape.Data("x", noise(1, 2, 3))); err == nil || !strings.Contains(err.Error(), "panic: too late") {
		t.Errorf("OnTape: %v", err)
	}
}
