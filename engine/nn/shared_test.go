// This file checks a model that several goroutines, and functions of the user during a
// training, use at the same time.

package nn

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cajal/engine/grad"
)

// TestCallbacksAsk holds that OnBatch and OnEpoch may look at the model as it is after
// the step, and that nothing can change it meanwhile.
func TestCallbacksAsk(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	path := filepath.Join(t.TempDir(), "epoch")
	m := classifier()
	ask := func() error {
		if _, err := m.Predict(d); err != nil {
			return err
		}
		if _, err := m.Evaluate(d); err != nil {
			return err
		}
		if _, err := m.Explain(d.Example(0), 1); err != nil {
			return err
		}
		w, b, err := m.Weights(1)
		if err != nil {
			return err
		}
		for _, change := range []func() error{
			m.Reset,
			func() error { return m.SetWeights(1, w, b) },
			func() error { return m.LoadWeights(path) },
			func() error { _, err := m.Fit(d, Fit{}); return err },
			func() error { _, err := m.FindLearningRate(d, RateSearch{}); return err },
		} {
			if err := change(); !errors.Is(err, errBusy) {
				return fmt.Errorf("a change in a callback gives %v, want %v", err, errBusy)
			}
		}
		return nil
	}
	var losses []float64
	save := func() error {
		if err := m.Save(path); err != nil {
			return err
		}
		r, err := m.Evaluate(d)
		losses = append(losses, r.Loss)
		return err
	}
	if err := save(); err != nil {
		t.Fatal(err)
	}
	losses = nil
	h, err := m.Fit(d, Fit{
		Epochs: 3, Batch: 16, Val: d,
		OnBatch: func(BatchInfo) error { return ask() },
		OnEpoch: func(Epoch) error { return errors.Join(save(), ask()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range h.ValLoss() {
		if losses[i] != l {
			t.Errorf("epoch %d: OnEpoch evaluates to %v, Fit to %v", i+1, losses[i], l)
		}
	}
	quiet := classifier()
	q, err := quiet.Fit(d, Fit{Epochs: 3, Batch: 16, Val: d})
	if err != nil || q.WeightHash != h.WeightHash {
		t.Errorf("weights %s with callbacks that ask, %s without; %v", h.WeightHash, q.WeightHash, err)
	}
}

// TestPanicInCallback holds that a model is usable after a function of the user panicked.
func TestPanicInCallback(t *testing.T) {
	d, m := labelled(t, 40, 3, 7), classifier()
	err := caught(func() {
		m.Fit(d, Fit{OnEpoch: func(Epoch) error { panic("mine") }})
	})
	if err == nil || !strings.Contains(err.Error(), "mine") {
		t.Fatalf("error %v", err)
	}
	if _, err := m.Fit(d, Fit{}); err != nil {
		t.Error(err)
	}
}

// TestManyGoroutines holds that whoever reads a model whose weights others forget and
// train has weights or an error, never a part of them.
func TestManyGoroutines(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	m := classifier()
	var wg sync.WaitGroup
	for _, f := range []func() error{
		func() error { _, err := m.Predict(d); return err },
		func() error { _, err := m.Evaluate(d); return err },
		func() error { _, err := m.Explain(d.Example(0), 1); return err },
		func() error { _, err := m.Parameters(1); return err },
		func() error {
			_, err := m.Fit(d, Fit{Batch: 8, OnBatch: func(BatchInfo) error { return nil }})
			return err
		},
		m.Reset,
		m.Reset,
	} {
		wg.Go(func() {
			for range 200 {
				if err := f(); err != nil && !errors.Is(err, errBusy) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestExplainFails holds that a layer that fails while the gradients are checked is an
// error.
func TestExplainFails(t *testing.T) {
	calls, last := 0, 0
	build := func() *Model {
		calls = 0
		return Sequential(Input(7), Custom("Tired", func(x *grad.Var, w []*grad.Var) *grad.Var {
			if calls++; calls == last {
				panic("tired")
			}
			return x.MatMul(w[0])
		}, Weight{Name: "weights", Shape: []int{-1, 3}}), Dense(3, Softmax))
	}
	d := labelled(t, 1, 3, 7)
	for last = 3; last < 6; last++ { // the model is tried by two calls
		if _, err := build().Explain(d.Example(0), 0); err == nil || !strings.Contains(err.Error(), "tired") {
			t.Errorf("call %d fails: error %v", last, err)
		}
	}
}
