// This file checks what batch normalisation keeps from step to step.

package nn

import (
	"math"
	"slices"
	"testing"
)

func TestMovingAverages(t *testing.T) {
	const n = 60
	d := labelled(t, n, 3, 5)
	m := Sequential(Input(5), BatchNorm(), Dense(3, Softmax))
	if _, err := m.Fit(d, Fit{Epochs: 3, Batch: n}); err != nil {
		t.Fatal(err)
	}
	ps, err := m.Parameters(1)
	if err != nil {
		t.Fatal(err)
	}
	x := d.Inputs()
	for c := range 5 {
		mean, variance := 0.0, 0.0
		for i := range n {
			mean += float64(x.At(i, c)) / n
		}
		for i := range n {
			variance += (float64(x.At(i, c)) - mean) * (float64(x.At(i, c)) - mean) / n
		}
		// Three steps over the whole set, from 0 and 1.
		stays := math.Pow(0.99, 3)
		if got, want := float64(ps[2].Values.At(c)), mean*(1-stays); math.Abs(got-want) > 1e-6 {
			t.Errorf("channel %d: moving mean %v, want %v", c, got, want)
		}
		if got, want := float64(ps[3].Values.At(c)), variance*(1-stays)+stays; math.Abs(got-want) > 1e-5 {
			t.Errorf("channel %d: moving variance %v, want %v", c, got, want)
		}
	}
	if ps[0].Trained != true || ps[2].Trained || ps[3].Trained {
		t.Errorf("trained: %v %v %v", ps[0].Trained, ps[2].Trained, ps[3].Trained)
	}
	// Predictions use them, whatever else is in the batch.
	all, err := m.Predict(d)
	if err != nil {
		t.Fatal(err)
	}
	one, err := m.Predict(d.Slice(7, 8))
	if err != nil || !slices.Equal(one.Data, all.Row(7).Data) {
		t.Errorf("alone %v, among others %v, %v", one, all.Row(7), err)
	}
}

// A step that is stopped, or whose loss is NaN, moves nothing.
func TestMovingAveragesOfAStoppedStep(t *testing.T) {
	d := labelled(t, 64, 3, 5)
	m := Sequential(Input(5), BatchNorm(), Dense(3, Softmax))
	w := &watcher{done: make(chan struct{}), stopAt: 1}
	h, err := m.Fit(d, Fit{Epochs: 1 << 20, Batch: 64, Monitor: w})
	if err != nil {
		t.Fatal(err)
	}
	again := Sequential(Input(5), BatchNorm(), Dense(3, Softmax))
	h2, err := again.Fit(d, Fit{Epochs: h.Steps, Batch: 64})
	if err != nil || h.WeightHash != h2.WeightHash {
		t.Errorf("after %d steps and an interrupt weights %s, without one %s, %v", h.Steps, h.WeightHash, h2.WeightHash, err)
	}
}

func TestNormalised(t *testing.T) {
	m := Sequential(Input(6, 5, 4), LayerNorm())
	x := noise(3, 2, 6, 5, 4)
	y, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	moments := func(v []float32) (mean, variance float64) {
		for _, f := range v {
			mean += float64(f) / 4
		}
		for _, f := range v {
			variance += (float64(f) - mean) * (float64(f) - mean) / 4
		}
		return mean, variance
	}
	for at := 0; at < len(y.Data); at += 4 {
		_, before := moments(x.Data[at : at+4])
		mean, variance := moments(y.Data[at : at+4])
		if want := before / (before + 1e-3); math.Abs(mean) > 1e-6 || math.Abs(variance-want) > 1e-5 {
			t.Fatalf("place %d has mean %v and variance %v, want 0 and %v", at/4, mean, variance, want)
		}
	}
}
