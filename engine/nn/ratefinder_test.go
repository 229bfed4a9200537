// This file checks the search for a learning rate.

package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/optim"
)

func TestFindLearningRate(t *testing.T) {
	d := labelled(t, 300, 3, 7)
	build := func() *Model { return Sequential(Input(7), Dense(20, Tanh), BatchNorm(), Dense(3, Softmax)) }
	m := build()
	c, err := m.FindLearningRate(d, RateSearch{Fit: Fit{Optimizer: SGD{Momentum: 0.9}, Loss: SparseCategoricalCrossEntropy{}}, To: 1e4})
	if err != nil {
		t.Fatal(err)
	}
	if m.ready || m.trained != nil {
		t.Error("a new model has weights afterwards")
	}
	if !c.Exploded || c.Stopped || len(c.Rates) == 100 || len(c.Losses) != len(c.Rates) || len(c.Smooth) != len(c.Rates) {
		t.Errorf("%+v", c)
	}
	if c.Suggestion < 1e-3 || c.Suggestion > 1 {
		t.Errorf("suggestion %v", c.Suggestion)
	}
	for i, r := range c.Rates {
		if want := 1e-6 * math.Pow(1e10, float64(i)/99); math.Abs(r-want) > 1e-9*want {
			t.Fatalf("rate %d is %v, want %v", i, r, want)
		}
	}
	// The losses are those of such a training.
	var losses []float64
	opt := SGD{LR: 1e-6, Momentum: 0.9, Schedule: optim.Exponential{Every: 99, Factor: 1e10}}
	if _, err := build().Fit(d, Fit{Epochs: 20, Optimizer: opt, OnBatch: func(b BatchInfo) error {
		if losses = append(losses, b.Loss); len(losses) == len(c.Losses) {
			return ErrStop
		}
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(losses, c.Losses) {
		t.Error("a Fit with the same rates has other losses")
	}

	// With weights, they are the same afterwards, moving averages too, and a training goes
	// on as if nothing had been.
	if _, err := m.Fit(d, Fit{Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	before, recipe := m.hash(), m.trained
	if _, err := m.FindLearningRate(d, RateSearch{}); err != nil {
		t.Fatal(err)
	}
	if m.hash() != before || m.trained != recipe {
		t.Error("the model is not as it was")
	}
	if text := c.String(); !strings.HasPrefix(text, "learning rate 0.") || !strings.Contains(text, "SGD{LR: 0.01, Momentum: 0.9}") || !strings.Contains(text, "until the loss exploded") || !strings.Contains(c.MIMEBundle()["text/html"].(string), "<td") {
		t.Error(text)
	}
}

func TestFindLearningRateStops(t *testing.T) {
	d := labelled(t, 300, 3, 7)
	w := &watcher{done: make(chan struct{})}
	close(w.done)
	c, err := Sequential(Input(7), Dense(3, Softmax)).FindLearningRate(d, RateSearch{Fit: Fit{Monitor: w}, Steps: 1 << 30})
	if err != nil || !c.Stopped || w.began != 0 || !strings.Contains(c.String(), "until it was interrupted") {
		t.Errorf("%v, %v", c, err)
	}
}

// unrated has no learning rate that others could set.
type unrated struct{ Optimizer }

func TestFindLearningRateRefuses(t *testing.T) {
	d := labelled(t, 30, 3, 7)
	m := Sequential(Input(7), Dense(3, Softmax))
	for want, s := range map[string]RateSearch{
		"goes from 1 to 0.1 in 100 steps":           {From: 1, To: 0.1},
		"goes from -1 to":                           {From: -1},
		"in 1 steps":                                {Steps: 1},
		"has no learning rate that could be set":    {Fit: Fit{Optimizer: unrated{SGD{}}}},
		"Value: 1} has no learning rate":            {Fit: Fit{Optimizer: Clip{Rule: unrated{SGD{}}, Value: 1}}},
		"Fit.Batch is -1":                           {Fit: Fit{Batch: -1}},
		"the training set is nil":                   {From: math.SmallestNonzeroFloat64},
		"nn.CategoricalCrossEntropy wants a target": {Fit: Fit{Loss: CategoricalCrossEntropy{}}},
	} {
		set := d
		if strings.Contains(want, "nil") {
			set = nil
		}
		if c, err := m.FindLearningRate(set, s); err == nil || c != nil || !strings.HasPrefix(err.Error(), "nn: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v, want %q", c, err, want)
		}
	}
	if _, err := m.Fit(d, Fit{ReduceLR: &ReduceLROnPlateau{}, Optimizer: unrated{SGD{}}}); err == nil || !strings.Contains(err.Error(), "cannot lower the learning rate") {
		t.Error(err)
	}
}
