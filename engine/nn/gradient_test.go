// This file checks the gradient of every layer and loss against finite
// differences of the reference in float64.

package nn

import (
	"fmt"
	"math"
	"testing"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// noise is a tensor of numbers in [-1, 1).
func noise(seed uint64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	src := rng.New(seed, 77)
	src.Uniform(t.Data, 1)
	return t
}

func labelled(t testing.TB, n, classes int, shape ...int) *data.Dataset {
	t.Helper()
	y := make([]int, n)
	for i := range y {
		y[i] = (i*7 + i/3) % classes
	}
	d, err := data.Arrays(noise(5, append([]int{n}, shape...)...), y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// targeted has targets in [0, 1) that add up to 1 an example.
func targeted(t testing.TB, n, outputs int, shape ...int) *data.Dataset {
	t.Helper()
	y := noise(6, n, outputs)
	for i := range n {
		row, sum := y.Row(i).Data, float32(0)
		for j := range row {
			row[j] = (row[j] + 1.01) / 2
			sum += row[j]
		}
		if outputs > 1 {
			for j := range row {
				row[j] /= sum
			}
		}
	}
	d, err := data.Arrays(noise(5, append([]int{n}, shape...)...), y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGradients(t *testing.T) {
	dense := func(layers ...Layer) *Model { return Sequential(append([]Layer{Input(7)}, layers...)...) }
	image := func(h, w, c int, layers ...Layer) *Model {
		return Sequential(append([]Layer{Input(h, w, c)}, layers...)...)
	}
	scce := Loss(SparseCategoricalCrossEntropy{})
	for _, c := range []struct {
		name  string
		model *Model
		loss  Loss
		data  *data.Dataset
	}{
		{"softmax", dense(Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"from logits", dense(Dense(3)), SparseCategoricalCrossEntropy{FromLogits: true}, labelled(t, 5, 3, 7)},
		{"relu", dense(Dense(9, ReLU), Dense(10, ReLU), Dense(3, Softmax)), scce, labelled(t, 33, 3, 7)},
		{"sigmoid", dense(Dense(9, Sigmoid), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"tanh", dense(Dense(17, Tanh), Dense(5, Tanh), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"linear", dense(Dense(20), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"softmax inside", dense(Dense(6, Softmax), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"L2", dense(Dense(9, ReLU, L2(0.1)), Dense(3, Softmax, L2(0.01))), scce, labelled(t, 5, 3, 7)},
		{"categorical", dense(Dense(9, Tanh), Dense(4, Softmax)), CategoricalCrossEntropy{}, targeted(t, 6, 4, 7)},
		{"categorical from logits", dense(Dense(4)), CategoricalCrossEntropy{FromLogits: true}, targeted(t, 6, 4, 7)},
		{"binary, labels", dense(Dense(5, Tanh), Dense(1, Sigmoid)), BinaryCrossEntropy{}, labelled(t, 6, 2, 7)},
		{"binary, targets", dense(Dense(3, Sigmoid)), BinaryCrossEntropy{}, targeted(t, 6, 3, 7)},
		{"binary from logits", dense(Dense(1)), BinaryCrossEntropy{FromLogits: true}, labelled(t, 6, 2, 7)},
		{"MSE", dense(Dense(5, Tanh), Dense(2)), MSE{}, targeted(t, 6, 2, 7)},
		{"MSE of a softmax", dense(Dense(4, Softmax)), MSE{}, targeted(t, 6, 4, 7)},
		{"half MSE", dense(Dense(5, Sigmoid), Dense(2, Tanh)), HalfMSE{}, targeted(t, 6, 2, 7)},
		{"conv", image(6, 5, 1, Conv2D(4, 3, 3, ReLU), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 6, 5, 1)},
		{"conv, three channels, odd filter", image(5, 7, 3, Conv2D(9, 2, 3, Tanh), Conv2D(5, 3, 2, Sigmoid), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 7, 3)},
		{"conv, same", image(5, 4, 2, Conv2D(9, 3, 3, ReLU, Same), Conv2D(3, 2, 2, Tanh, Same), Conv2D(8, 4, 3, Tanh, Same), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 4, 2)},
		{"conv, 1x1, L2", image(4, 4, 2, Conv2D(10, 1, 1, Tanh, L2(0.1)), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 4, 4, 2)},
		{"conv with softmax", image(4, 4, 1, Conv2D(3, 2, 2, Softmax), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 4, 4, 1)},
		{"odd channels into conv", image(8, 8, 1, Conv2D(5, 2, 2, Sigmoid), Conv2D(3, 2, 2, Softmax), Conv2D(7, 2, 2, Sigmoid), MaxPool2D(2), Conv2D(3, 2, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 8, 8, 1)},
		{"pool", image(7, 8, 1, Conv2D(5, 2, 2, Tanh), MaxPool2D(2), Conv2D(6, 2, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 8, 1)},
		{"pool behind conv, window not dividing", image(9, 8, 2, Conv2D(17, 2, 2, ReLU), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 2)},
		{"pool behind conv, same", image(7, 6, 3, Conv2D(33, 3, 3, ReLU, Same), MaxPool2D(2), Conv2D(20, 3, 3, Sigmoid, Same, L2(0.1)), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 6, 3)},
		{"pool behind conv, linear, filter of 5 by 1", image(11, 6, 4, Conv2D(12, 2, 2), Conv2D(9, 5, 1), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 11, 6, 4)},
		{"pool of 1 behind conv", image(5, 5, 1, Conv2D(8, 3, 3, Tanh), MaxPool2D(1), Conv2D(8, 2, 2, ReLU), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 5, 1)},
		{"pool behind softmax", image(5, 5, 1, Conv2D(8, 2, 2, Softmax), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 5, 1)},
		{"pool first", image(7, 8, 3, MaxPool2D(2), Conv2D(6, 2, 2, Tanh), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 8, 3)},
		{"pool of 3", image(9, 9, 1, Conv2D(4, 1, 1, Tanh), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 9, 1)},
		{"the article's shapes, small", image(12, 12, 1, Conv2D(8, 3, 3, ReLU), MaxPool2D(2), Conv2D(16, 3, 3, ReLU), MaxPool2D(1), Flatten(), Dense(8, ReLU), Dense(10, Softmax)), scce, labelled(t, 3, 10, 12, 12, 1)},
	} {
		t.Run(c.name, func(t *testing.T) { checkGradients(t, c.model, c.loss, c.data) })
	}
}

func checkGradients(t *testing.T, m *Model, loss Loss, d *data.Dataset) {
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	m.initialise(3)
	for i, n := range m.nodes { // biases of 0 would hide mistakes
		if n.params != nil {
			src := rng.New(uint64(i), 9)
			src.Uniform(n.params.b[:n.params.cols], 0.3)
		}
	}
	h, err := loss.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	pool := par.New(2)
	defer pool.Close()
	// Several chunks, whatever the size.
	p := newPlan(m, planSpec{batch: d.Len() + 2, set: d, head: h, opt: SGD{LR: 1e-30}, pool: pool, chunk: 2})
	idx := make([]int32, d.Len())
	for i := range idx {
		idx[i] = int32(i)
	}
	got, ok := p.step(idx)
	ws := refOf(m)
	want := refLoss(m, ws, loss, d)
	if !ok || math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("loss %v (%v), want %v", got, ok, want)
	}
	for i, n := range m.nodes {
		if n.params == nil {
			continue
		}
		gw, gb := userGradients(n.params)
		compare(t, fmt.Sprintf("layer %d %s: weights", i, n.Kind()), gw, ws[i].w, func() float64 { return refLoss(m, ws, loss, d) })
		compare(t, fmt.Sprintf("layer %d %s: biases", i, n.Kind()), gb, ws[i].b, func() float64 { return refLoss(m, ws, loss, d) })
		p := n.params
		real := make([]bool, len(p.gw))
		p.each(func(_, stored int) {
			for k := range p.cols {
				real[stored+k] = true
			}
		})
		for k, v := range p.gw {
			if !real[k] && v != 0 {
				t.Fatalf("layer %d %s: the padding has gradient %v at %d", i, n.Kind(), v, k)
			}
		}
	}
}

func userGradients(p *params) (gw, gb []float32) {
	gw = make([]float32, p.blocks*p.inRows*p.cols)
	p.each(func(user, stored int) { copy(gw[user:user+p.cols], p.gw[stored:]) })
	return gw, p.gb[:p.cols]
}

// compare takes central differences of loss over every number of w.
func compare(t *testing.T, what string, got []float32, w []float64, loss func() float64) {
	t.Helper()
	const eps = 1e-5
	if len(got) != len(w) {
		t.Fatalf("%s: %d gradients for %d weights", what, len(got), len(w))
	}
	step := max(len(w)/60, 1) // all of a small layer, a sample of a large one
	worst, scale := 0.0, 1e-6
	var at int
	var wantAt float64
	for k := 0; k < len(w); k += step {
		old := w[k]
		w[k] = old + eps
		up := loss()
		w[k] = old - eps
		down := loss()
		w[k] = old
		want := (up - down) / (2 * eps)
		scale = max(scale, math.Abs(want))
		if e := math.Abs(want - float64(got[k])); e > worst {
			worst, at, wantAt = e, k, want
		}
	}
	if worst > 2e-4*scale+1e-7 {
		t.Errorf("%s: gradient %d is %v, but finite differences give %v (the largest is %v)", what, at, got[at], wantAt, scale)
	}
}
