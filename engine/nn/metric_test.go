// This file checks the metrics that are more than a mean, and losses far out.

package nn

import (
	"math"
	"testing"

	"cajal/engine/data"
	"cajal/engine/tensor"
)

func TestTopK(t *testing.T) {
	for _, c := range []struct {
		k     int
		pred  []float32
		label int
		want  float64
	}{
		{1, []float32{0.1, 0.7, 0.2}, 1, 1},
		{1, []float32{0.1, 0.7, 0.2}, 2, 0},
		{2, []float32{0.1, 0.7, 0.2}, 2, 1},
		{2, []float32{0.1, 0.7, 0.2}, 0, 0},
		{3, []float32{0.1, 0.7, 0.2}, 0, 1},
		{0, []float32{6, 5, 4, 3, 2, 1}, 4, 1},
		{0, []float32{6, 5, 4, 3, 2, 1}, 5, 0},
		{1, []float32{0.5, 0.5}, 0, 1}, // the first of equals
		{1, []float32{0.5, 0.5}, 1, 0},
		{2, []float32{float32(math.NaN()), 1}, 0, 0},
	} {
		if got := (TopK{c.k}).Score(c.pred, c.label, nil); got != c.want {
			t.Errorf("top %d of %v with label %d scores %v, want %v", c.k, c.pred, c.label, got, c.want)
		}
	}
	if got := (TopK{}).Name(); got != "top 5 accuracy" {
		t.Errorf("named %q", got)
	}
}

// The counts are written out: which class, how many are taken for it, and so on.
func TestRatioMetrics(t *testing.T) {
	// A model whose prediction is its input: class c where x[c] is 1.
	m := Sequential(Input(3), Dense(3, Softmax))
	w := tensor.New(3, 3)
	for i := range 3 {
		w.Set(9, i, i)
	}
	if err := m.SetWeights(1, w, tensor.New(3)); err != nil {
		t.Fatal(err)
	}
	said := []int{0, 0, 1, 1, 1, 2, 0, 1}
	is := []int{0, 1, 1, 1, 0, 1, 0, 1}
	x := tensor.New(len(said), 3)
	for i, c := range said {
		x.Set(1, i, c)
	}
	d, err := data.Arrays(x, is)
	if err != nil {
		t.Fatal(err)
	}
	metrics := []Metric{Precision{Class: 1}, Recall{Class: 1}, F1{Class: 1}, Precision{Class: 2}, Recall{Class: 2}, Accuracy{}}
	m.trained = &recipe{loss: SparseCategoricalCrossEntropy{}, metrics: metrics}
	r, err := m.Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	// Of class 1: taken for it 4, of those 3 right; 5 are of it.
	want := []float64{3.0 / 4, 3.0 / 5, 2 * 3.0 / 9, 0, math.NaN(), 5.0 / 8}
	for k, mt := range metrics {
		if got := r.Metric(mt.Name()); math.Abs(got-want[k]) > 1e-12 && !(math.IsNaN(got) && math.IsNaN(want[k])) {
			t.Errorf("%s is %v, want %v", mt.Name(), got, want[k])
		}
	}
	// While training they are ratios over the epoch, not means of ratios of batches.
	h, err := m.Fit(d, Fit{Batch: 3, InOrder: true, Optimizer: SGD{LR: 1e-30}, Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	for k, mt := range metrics {
		if got := h.Metric(mt.Name())[0]; math.Abs(got-want[k]) > 1e-12 && !(math.IsNaN(got) && math.IsNaN(want[k])) {
			t.Errorf("while training %s is %v, want %v", mt.Name(), got, want[k])
		}
	}
	if got := (F1{1}).Score([]float32{0, 1}, 1, nil); got != 1 {
		t.Errorf("F1 of one example %v", got)
	}
	if got := (Recall{1}).Score([]float32{0.9}, -1, []float32{1}); got != 1 {
		t.Errorf("recall of yes %v", got)
	}
}

func TestLossesFarOut(t *testing.T) {
	for _, c := range []struct {
		h           head
		d           float64
		value, step float64
	}{
		{head{kind: squares}, -3, 9, -6},
		{head{kind: sizes}, -3, 3, -1},
		{head{kind: sizes}, 0, 0, 0},
		{head{kind: hubers, delta: 2}, 2, 2, 2},
		{head{kind: hubers, delta: 2}, -5, 8, -2},
		{head{kind: logCoshes}, 1000, 1000 - math.Ln2, 1},
		{head{kind: logCoshes}, -1e30, 1e30, -1},
		{head{kind: logCoshes}, 0, 0, 0},
	} {
		if v, g := c.h.error(c.d); math.Abs(v-c.value) > 1e-12*(1+math.Abs(c.value)) || math.Abs(g-c.step) > 1e-12 {
			t.Errorf("kind %d, error %v: %v and %v, want %v and %v", c.h.kind, c.d, v, g, c.value, c.step)
		}
	}
	m := Sequential(Input(7), Dense(2))
	if _, err := m.Fit(targeted(t, 6, 2, 7), Fit{Loss: Huber{Delta: -1}}); err == nil {
		t.Error("a negative Delta gave no error")
	}
}
