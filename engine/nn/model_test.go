// This file checks what a model tells about itself and what it computes outside
// of training.

package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/tensor"
)

// paper returns the two models that the first chapters train.
func paper() (mlp, cnn *Model) {
	mlp = Sequential(Input(784), Dense(10, ReLU), Dense(10, ReLU), Dense(10, Softmax))
	cnn = Sequential(Input(28, 28, 1), Conv2D(32, 3, 3, ReLU), MaxPool2D(2), Conv2D(64, 3, 3, ReLU), MaxPool2D(2), Flatten(), Dense(64, ReLU), Dense(10, Softmax))
	return mlp, cnn
}

func TestSummary(t *testing.T) {
	mlp, cnn := paper()
	want := `layer    kind   activation  output shape  parameters
────────────────────────────────────────────────────
input_0  Input              [784]                  0
dense_1  Dense  relu        [10]               7,850
dense_2  Dense  relu        [10]                 110
dense_3  Dense  softmax     [10]                 110
8,070 parameters (31.5 KiB of float32), 16,080 operations an example`
	if got := mlp.Summary().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = `layer        kind       activation  output shape  parameters
────────────────────────────────────────────────────────────
input_0      Input                  [28 28 1]              0
conv2d_1     Conv2D     relu        [26 26 32]           320
maxpool2d_2  MaxPool2D              [13 13 32]             0
conv2d_3     Conv2D     relu        [11 11 64]        18,496
maxpool2d_4  MaxPool2D              [5 5 64]               0
flatten_5    Flatten                [1600]                 0
dense_6      Dense      relu        [64]             102,464
dense_7      Dense      softmax     [10]                 650
121,930 parameters (476.3 KiB of float32), 5,085,376 operations an example`
	if got := cnn.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	html := cnn.MIMEBundle()["text/html"].(string)
	if strings.Count(html, "<tr>") != 9 || !strings.Contains(html, `<td style="text-align:right">102,464</td>`) || strings.Contains(html, "<script") {
		t.Errorf("table %s", html)
	}
	if mlp.Params() != 8070 || cnn.Params() != 121930 || cnn.line() != "28×28×1 → 26×26×32 → 13×13×32 → 11×11×64 → 5×5×64 → 64 → 10" {
		t.Errorf("%d and %d parameters, %q", mlp.Params(), cnn.Params(), cnn.line())
	}
	named := Sequential(Input(3), Dense(2, Name("<fc>")), Dense(1))
	if l := named.Layers(); l[1].Name != "<fc>" || l[2].Name != "dense_2" || !strings.HasPrefix(l[1].At, "model_test.go:") || l[1].Params != 8 || l[1].Flops != 12 {
		t.Errorf("layers %+v", l)
	}
	if html := named.MIMEBundle()["text/html"].(string); !strings.Contains(html, "&lt;fc&gt;") {
		t.Errorf("a name is not escaped: %s", html)
	}
}

func TestCallerIsAsked(t *testing.T) {
	var skips []int
	SetCaller(func(skip int) string { skips = append(skips, skip); return "cell 4, line 5" })
	defer SetCaller(nil)
	m := Sequential(Input(28, 28, 1), Conv2D(2, 3, 3), MaxPool2D(2), Flatten(), Dense(2), Dense(0))
	if got := m.Err().Error(); !strings.HasPrefix(got, "nn: layer 5 Dense (cell 4, line 5) has 0 units") {
		t.Errorf("got %s", got)
	}
	if !slices.Equal(skips, []int{3, 3, 3, 3, 3, 3}) {
		t.Errorf("asked with skips %v", skips)
	}
}

// refOutputs are the outputs of layers up to and with the last for an example.
func refOutputs(m *Model, x *tensor.Tensor) []float64 {
	y, _ := refForward(m, refOf(m), [][]float64{floats(x.Data)}, false)
	return y[0]
}

func TestPredict(t *testing.T) {
	models := map[string]*Model{
		"dense":  Sequential(Input(12), Dense(9, ReLU), Dense(3, Softmax)),
		"image":  Sequential(Input(6, 6, 2), Conv2D(5, 3, 3, Tanh), MaxPool2D(2), Conv2D(3, 2, 2, Sigmoid, Same)),
		"pool":   Sequential(Input(6, 6, 3), MaxPool2D(3)),
		"rnn":    sequence(SimpleRNN(5, Sequences), LSTM(3, Sequences, Backwards), GRU(9)),
		"attend": sequence(transformer, MultiHeadAttention(1, 3, Causal)),
		"norms":  Sequential(Input(6, 5, 2), Conv2D(5, 2, 2, Stride(2)), BatchNorm(), Act(GELU), LayerNorm(), Dropout(0.5)),
		"flat":   Sequential(Input(3, 3, 2), Conv2D(3, 1, 1), Flatten()),
	}
	for name, m := range models {
		n := 2*evalBatch + 13
		x := noise(1, append([]int{n}, m.InputShape()...)...)
		y, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		if want := append([]int{n}, m.OutputShape()...); !slices.Equal(y.Shape, want) {
			t.Errorf("%s: shape %v, want %v", name, y.Shape, want)
		}
		for _, i := range []int{0, 1, evalBatch - 1, evalBatch, n - 1} {
			for j, want := range refOutputs(m, x.Row(i)) {
				if got := y.Row(i).Data[j]; math.Abs(float64(got)-want) > 1e-5 {
					t.Fatalf("%s: example %d, output %d is %v, want %v", name, i, j, got, want)
				}
			}
		}
		// A dataset gives the same, and so does every batch size.
		d, err := data.Arrays(x, nil)
		if err != nil {
			t.Fatal(err)
		}
		part, err := m.Predict(d.Slice(evalBatch-1, evalBatch+1))
		if err != nil {
			t.Fatal(err)
		}
		if w := y.Size() / n; !slices.Equal(part.Data, y.Data[(evalBatch-1)*w:(evalBatch+1)*w]) {
			t.Errorf("%s: two examples alone give other bits", name)
		}
		none, err := m.Predict(d.Take(0))
		if err != nil || none.Len() != 0 {
			t.Errorf("%s: no examples gave %v, %v", name, none, err)
		}
	}
}

func TestOutputs(t *testing.T) {
	m := Sequential(Input(6, 6, 1), Conv2D(5, 3, 3, ReLU), MaxPool2D(2), Flatten(), Dense(3, Softmax))
	x := noise(2, 4, 6, 6, 1)
	for i, n := range m.nodes {
		got, err := m.Outputs(x, i)
		if err != nil {
			t.Fatal(err)
		}
		part := m.upTo(i)
		part.ready = true
		for e := range 4 {
			want := refOutputs(part, x.Row(e))
			for j, v := range want {
				if math.Abs(float64(got.Row(e).Data[j])-v) > 1e-5 {
					t.Fatalf("layer %d %s, example %d, number %d: %v, want %v", i, n.Kind(), e, j, got.Row(e).Data[j], v)
				}
			}
		}
	}
}

func TestWeightsThereAndBack(t *testing.T) {
	a := Sequential(Input(5, 5, 3), Conv2D(9, 2, 3, ReLU), Flatten(), Dense(3, Softmax))
	b := Sequential(Input(5, 5, 3), Conv2D(9, 2, 3, ReLU), Flatten(), Dense(3, Softmax))
	if _, err := a.Fit(labelled(t, 20, 3, 5, 5, 3), Fit{Seed: 4}); err != nil {
		t.Fatal(err)
	}
	for i, shape := range map[int][]int{1: {2, 3, 3, 9}, 3: {108, 3}} {
		w, bias, err := a.Weights(i)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(w.Shape, shape) || !slices.Equal(bias.Shape, shape[len(shape)-1:]) {
			t.Errorf("layer %d has weights %v and %v, want %v", i, w.Shape, bias.Shape, shape)
		}
		if err := b.SetWeights(i, w, bias); err != nil {
			t.Fatal(err)
		}
		clear(w.Data) // a copy
	}
	x := noise(3, 7, 5, 5, 3)
	ya, err := a.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	yb, err := b.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ya.Data, yb.Data) {
		t.Error("a model with the weights of another gives other outputs")
	}
}

func TestFirstWeights(t *testing.T) {
	m := Sequential(Input(100), Dense(200), Dense(3))
	w, b, err := m.Weights(1)
	if err != nil {
		t.Fatal(err)
	}
	limit := math.Sqrt(6.0 / 300)
	sum, square := 0.0, 0.0
	for _, v := range w.Data {
		if math.Abs(float64(v)) > limit {
			t.Fatalf("weight %v is beyond Glorot's limit %v", v, limit)
		}
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	n := float64(len(w.Data))
	if mean, sd := sum/n, math.Sqrt(square/n); math.Abs(mean) > 0.003 || math.Abs(sd-limit/math.Sqrt(3)) > 0.002 {
		t.Errorf("mean %v and deviation %v, want 0 and %v", mean, sd, limit/math.Sqrt(3))
	}
	if slices.ContainsFunc(b.Data, func(v float32) bool { return v != 0 }) {
		t.Errorf("biases %v, want 0", b.Data)
	}
}

func TestEvaluate(t *testing.T) {
	d := labelled(t, 2*evalBatch+5, 3, 7).Named("some")
	m := Sequential(Input(7), Dense(5, Tanh, L2(0.01)), Dense(3, Softmax))
	r, err := m.Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	if want := refLoss(m, refOf(m), SparseCategoricalCrossEntropy{}, d, false); math.Abs(r.Loss-want) > 1e-5 {
		t.Errorf("loss %v, want %v", r.Loss, want)
	}
	p, err := m.Predict(d)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, c := range p.Argmax() {
		if c == d.Label(i) {
			right++
		}
	}
	want := float64(right) / float64(d.Len())
	if math.Abs(r.Accuracy-want) > 1e-12 || r.Metric("accuracy") != r.Accuracy || !math.IsNaN(r.Metric("no such")) {
		t.Errorf("accuracy %v, want %v", r.Accuracy, want)
	}
	if r.Examples != d.Len() || !strings.HasSuffix(r.String(), "on 517 examples of some") {
		t.Errorf("shown as %v", r)
	}
	// After a Fit, its loss and metrics are taken over.
	n := targeted(t, 20, 2, 7)
	m2 := Sequential(Input(7), Dense(2))
	if _, err := m2.Fit(n, Fit{Loss: HalfMSE{}, Metrics: []Metric{MAE{}}}); err != nil {
		t.Fatal(err)
	}
	r, err = m2.Evaluate(n)
	if err != nil {
		t.Fatal(err)
	}
	if want := refLoss(m2, refOf(m2), HalfMSE{}, n, false); math.Abs(r.Loss-want) > 1e-5 || !math.IsNaN(r.Accuracy) {
		t.Errorf("loss %v, accuracy %v; want %v and none", r.Loss, r.Accuracy, want)
	}
	y, err := m2.Predict(n)
	if err != nil {
		t.Fatal(err)
	}
	mae := 0.0
	for i, v := range y.Data {
		mae += math.Abs(float64(v-n.Targets().Data[i])) / float64(len(y.Data))
	}
	if got := r.Metric("mean absolute error"); math.Abs(got-mae) > 1e-6 {
		t.Errorf("mean absolute error %v, want %v", got, mae)
	}
}

func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		pred   []float32
		label  int
		target []float32
		want   float64
	}{
		{[]float32{0.1, 0.7, 0.2}, 1, nil, 1},
		{[]float32{0.1, 0.7, 0.2}, 2, nil, 0},
		{[]float32{0.5, 0.5}, 0, nil, 1}, // the first of equals
		{[]float32{0.5, 0.5}, 1, nil, 0},
		{[]float32{0.51}, 1, nil, 1},
		{[]float32{0.5}, 1, nil, 0},
		{[]float32{0.2}, 0, nil, 1},
		{[]float32{0.1, 0.9}, -1, []float32{0, 1}, 1},
		{[]float32{0.1, 0.9}, -1, []float32{1, 0}, 0},
	} {
		if got := (Accuracy{}).Score(c.pred, c.label, c.target); got != c.want {
			t.Errorf("prediction %v for %d %v scores %v, want %v", c.pred, c.label, c.target, got, c.want)
		}
	}
}

func TestZeroFit(t *testing.T) {
	d := labelled(t, 70, 3, 7)
	m := Sequential(Input(7), Dense(3, Softmax))
	h, err := m.Fit(d, Fit{})
	if err != nil {
		t.Fatal(err)
	}
	if h.Planned != 1 || h.Batch != 32 || h.Steps != 3 || h.Seed != 0 || h.Optimizer != "Adam{LR: 0.001}" || h.LossName != "sparse categorical cross-entropy" ||
		!slices.Equal(h.MetricNames, []string{"accuracy"}) || h.HasVal || h.Stopped || h.Examples != 70 || h.Params != 24 || h.BestEpoch != 1 {
		t.Errorf("history %+v", h)
	}
	for _, want := range []string{"7 → 3 · 1 of 1 epochs", "sparse categorical cross-entropy · Adam{LR: 0.001} · 70 examples, batch 32 · seed 0 · weights " + h.WeightHash} {
		if !strings.Contains(h.String(), want) {
			t.Errorf("%v\ndoes not have %q", h, want)
		}
	}
	for _, c := range []struct {
		last DenseOption
		y    any
		want string
	}{
		{Softmax, []int{0, 1}, "sparse categorical cross-entropy"},
		{Softmax, [][]float32{{0, 1}, {1, 0}}, "categorical cross-entropy"},
		{Linear, []int{0, 1}, "sparse categorical cross-entropy"},
		{Linear, [][]float32{{0, 1}, {1, 0}}, "mean squared error"},
		{Sigmoid, [][]float32{{0, 1}, {1, 0}}, "binary cross-entropy"},
	} {
		d, err := data.Arrays(noise(1, 2, 7), c.y)
		if err != nil {
			t.Fatal(err)
		}
		h, err := Sequential(Input(7), Dense(2, c.last)).Fit(d, Fit{})
		if err != nil || h.LossName != c.want {
			t.Errorf("%v, %v: loss %v, %v; want %s", c.last, c.y, h, err, c.want)
		}
	}
	// A seed that nobody chose is told, and gives the training again.
	a, err := Sequential(Input(7), Dense(3, Softmax)).Fit(labelled(t, 70, 3, 7), Fit{Seed: RandomSeed})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Sequential(Input(7), Dense(3, Softmax)).Fit(labelled(t, 70, 3, 7), Fit{Seed: a.Seed})
	if err != nil || a.Seed < 0 || a.WeightHash != b.WeightHash || a.WeightHash == h.WeightHash {
		t.Errorf("seed %d gave weights %s, then %s (%v); seed 0 %s", a.Seed, a.WeightHash, b.WeightHash, err, h.WeightHash)
	}
}

func TestHistory(t *testing.T) {
	d := labelled(t, 70, 3, 7)
	m := Sequential(Input(7), Dense(3, Softmax))
	h, err := m.Fit(d, Fit{Epochs: 3, Val: d})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Epochs) != 3 || len(h.Loss()) != 3 || len(h.ValLoss()) != 3 || len(h.Metric("accuracy")) != 3 || len(h.ValMetric("accuracy")) != 3 || h.Metric("no such") != nil || h.ValMetric("no such") != nil {
		t.Errorf("columns of %+v", h)
	}
	r, err := m.Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	if h.ValLoss()[2] != r.Loss || h.ValMetric("accuracy")[2] != r.Accuracy {
		t.Errorf("the last validation was %v %v, but Evaluate says %v %v", h.ValLoss()[2], h.ValMetric("accuracy")[2], r.Loss, r.Accuracy)
	}
	best := 1
	for i, v := range h.ValLoss() {
		if v < h.ValLoss()[best-1] {
			best = i + 1
		}
	}
	if h.BestEpoch != best {
		t.Errorf("best epoch %d, want %d", h.BestEpoch, best)
	}
	if again, err := m.Fit(d, Fit{}); err != nil || len(again.Notes) != 1 || !strings.Contains(again.String(), "note: the model had weights already") {
		t.Errorf("a second Fit notes %v, %v", again, err)
	}
	for seed, notes := range map[int64]int{0: 0, 5: 1} {
		asked := Sequential(Input(7), Dense(3, Softmax))
		if _, _, err := asked.Weights(1); err != nil { // which makes those of seed 0
			t.Fatal(err)
		}
		if h, err := asked.Fit(d, Fit{Seed: seed}); err != nil || len(h.Notes) != notes || notes > 0 && !strings.Contains(h.Notes[0], "already, of seed 0") {
			t.Errorf("with seed %d, after a look at the weights: %v, %v", seed, h.Notes, err)
		}
	}
	b := h.MIMEBundle()
	if b["text/plain"] != h.String() || strings.Count(b["text/html"].(string), "<tr>") != 4 {
		t.Errorf("bundle %v", b)
	}
}
