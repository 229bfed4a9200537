// This file checks what a training step promises: no allocation, the same bits
// for any number of threads, and an end soon after it was asked for.

package nn

import (
	"math"
	"sync/atomic"
	"testing"
	"time"

	"cajal/engine/internal/par"
)

// small is a model with every kind of layer.
func small() *Model {
	return Sequential(
		Input(12, 12, 1),
		Conv2D(8, 3, 3, ReLU),
		MaxPool2D(2),
		Conv2D(16, 3, 3, ReLU, Same, L2(1e-4)),
		Flatten(),
		Dense(20, Tanh),
		Dense(10, Softmax),
	)
}

// everything is a graph with what small has not.
func everything() *Model {
	x := In(12, 12, 1)
	h := Conv2D(9, 3, 3, NoBias, Stride(2), Same)(x)
	h = Act(GELU)(BatchNorm()(h))
	h = Add(Conv2D(9, 1, 1)(h), Dropout(0.3)(h))
	h = Concat(AvgPool2D(2)(h), MaxPool2D(2, Stride(2))(Conv2D(5, 3, 3, Same, SELU)(Multiply(h, h))))
	return Graph(x, Dense(10, Softmax)(LayerNorm()(Concat(GlobalAvgPool()(h), GlobalMaxPool()(h)))))
}

func transformer10(x *Value) *Value {
	return Add(x, MultiHeadAttention(2, 5)(LayerNorm()(x)))
}

// again makes a sequence of a vector and reads it.
func again(x *Value) *Value { return SimpleRNN(5)(Reshape(7, 1)(x)) }

func TestStepAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		model *Model
		shape []int
		opt   Optimizer
	}{
		{"mlp, adam", Sequential(Input(784), Dense(10, ReLU), Dense(10, ReLU), Dense(10, Softmax)), []int{784}, Adam{}},
		{"large, adam", Sequential(Input(10), Dense(368, ReLU), Dense(368, ReLU), Dense(10, Softmax)), []int{10}, Adam{}},
		{"cnn, adam", small(), []int{12, 12, 1}, Adam{}},
		{"graph, norms, dropout", everything(), []int{12, 12, 1}, Adam{}},
		{"sequences", sequence(bothWays, transformer10, LSTM(7), again, Dense(10, Softmax)), []int{6, 4}, Adam{}},
		{"cnn, momentum", small(), []int{12, 12, 1}, SGD{Momentum: 0.9}},
		{"cnn, clipped", small(), []int{12, 12, 1}, Clip{Rule: Adam{Schedule: Cosine{}}, GlobalNorm: 0.1}},
		{"cnn, clipped one by one", small(), []int{12, 12, 1}, Clip{Norm: 0.1}},
	} {
		for _, threads := range []int{1, 2} {
			d := labelled(t, 64, 10, c.shape...)
			c.model.initialise(0)
			h, err := SparseCategoricalCrossEntropy{}.resolve(c.model, d)
			if err != nil {
				t.Fatal(err)
			}
			pool := par.New(threads)
			p := newPlan(c.model, planSpec{batch: 32, set: d, head: h, metrics: []Metric{Accuracy{}}, opt: c.opt, pool: pool})
			hist := &History{Planned: 100, MetricNames: []string{"accuracy"}}
			tr := newTrack(hist, 1000)
			tr.begin(1)
			idx := make([]int32, 32)
			for i := range idx {
				idx[i] = int32(2 * i)
			}
			n := testing.AllocsPerRun(50, func() {
				loss, ok := p.step(idx)
				if !ok || loss != loss {
					t.Fatal("the step failed")
				}
				tr.batch(p, loss, len(idx))
			})
			pool.Close()
			if n != 0 {
				t.Errorf("%s, %d threads: %v allocations a step, want 0", c.name, threads, n)
			}
		}
	}
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	// 50 examples, batch 16: the last batch is smaller.
	d := labelled(t, 50, 10, 12, 12, 1)
	for name, make := range map[string]func() *Model{
		"cnn": small,
		"large": func() *Model { // its gradients are late
			return Sequential(Input(12, 12, 1), Flatten(), Dense(1000, ReLU, L2(1e-3)), Dense(400, ReLU), Dense(10, Softmax))
		},
		"graph": everything,
		"wide": func() *Model { // enough work for several chunks and tasks
			return Sequential(Input(12, 12, 1), Conv2D(40, 3, 3, ReLU), Conv2D(40, 3, 3, ReLU), Flatten(), Dense(70, ReLU), Dense(10, Softmax))
		},
	} {
		hashes := map[string][]int{}
		for _, threads := range []int{1, 2, 4} {
			m := make()
			h, err := m.Fit(d, Fit{Epochs: 2, Batch: 16, Seed: 7, Threads: threads, Val: d})
			if err != nil {
				t.Fatal(err)
			}
			hashes[h.WeightHash] = append(hashes[h.WeightHash], threads)
		}
		if len(hashes) != 1 {
			t.Errorf("%s: weights differ by threads: %v", name, hashes)
		}
		other := make()
		h, err := other.Fit(d, Fit{Epochs: 2, Batch: 16, Seed: 8})
		if err != nil {
			t.Fatal(err)
		}
		if _, same := hashes[h.WeightHash]; same {
			t.Errorf("%s: seeds 7 and 8 gave the same weights", name)
		}
	}
}

// watcher is a Monitor that stops a training after some steps.
type watcher struct {
	began   int
	info    Info
	steps   []Step
	ended   *History
	done    chan struct{}
	stopAt  int
	stopped atomic.Int64 // when, in Unix nanoseconds
}

func (w *watcher) Begin(i Info) { w.began++; w.info = i }
func (w *watcher) Step(s Step) {
	w.steps = append(w.steps, s)
	if len(w.steps) == w.stopAt {
		w.stopped.Store(time.Now().UnixNano())
		close(w.done)
	}
}
func (w *watcher) End(h *History)        { w.ended = h }
func (w *watcher) Done() <-chan struct{} { return w.done }

func TestInterrupt(t *testing.T) {
	d := labelled(t, 256, 10, 20, 20, 1)
	m := Sequential(Input(20, 20, 1), Conv2D(32, 3, 3, ReLU), Conv2D(64, 3, 3, ReLU), Flatten(), Dense(10, Softmax))
	w := &watcher{done: make(chan struct{}), stopAt: 2}
	// One batch is everything, and a step is long: a Fit that looked only between
	// steps would do a third.
	h, err := m.Fit(d, Fit{Epochs: 1000, Batch: 256, Monitor: w})
	late := time.Since(time.Unix(0, w.stopped.Load()))
	if err != nil {
		t.Fatal(err)
	}
	if !h.Stopped || w.ended != h || w.began != 1 {
		t.Errorf("Stopped %v, End got %p, want true and %p", h.Stopped, w.ended, h)
	}
	if len(h.Epochs) != 2 || h.Steps != 2 {
		t.Errorf("history has %d epochs and %d steps, want the 2 that were done", len(h.Epochs), h.Steps)
	}
	t.Logf("stopped after %v", late) // 50 ms is the promise on an idle machine
	again := Sequential(Input(20, 20, 1), Conv2D(32, 3, 3, ReLU), Conv2D(64, 3, 3, ReLU), Flatten(), Dense(10, Softmax))
	h2, err := again.Fit(d, Fit{Epochs: 2, Batch: 256})
	if err != nil {
		t.Fatal(err)
	}
	if h2.WeightHash != h.WeightHash {
		t.Errorf("weights after the interrupt are %s, but after two whole steps %s", h.WeightHash, h2.WeightHash)
	}
	if _, err := m.Evaluate(d); err != nil {
		t.Errorf("the model cannot be used after an interrupt: %v", err)
	}
}

func TestMonitorIsTold(t *testing.T) {
	d := labelled(t, 100, 3, 7)
	m := Sequential(Input(7), Dense(3, Softmax))
	w := &watcher{}
	SetMonitor(func() Monitor { return w })
	defer SetMonitor(nil)
	h, err := m.Fit(d, Fit{Epochs: 3, Batch: 32, Val: d, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	if !w.info.Quiet {
		t.Error("the monitor does not hear that nothing is to be shown")
	}
	if w.began != 1 || w.ended != h {
		t.Errorf("Begin %d times, End with %p, want 1 and %p", w.began, w.ended, h)
	}
	if w.info.Batches != 4 || w.info.Epochs != 3 || !w.info.Val || w.info.Metrics[0] != "accuracy" {
		t.Errorf("info %+v", w.info)
	}
	last := w.steps[len(w.steps)-1]
	if !last.EpochDone || last.Epoch != 3 || last.Batch != 4 || last.ETA != 0 || len(last.Done) != 3 {
		t.Errorf("last step %+v", last)
	}
	if last.Loss != h.Epochs[2].Loss || last.ValLoss != h.Epochs[2].ValLoss {
		t.Errorf("last step has loss %v %v, history %v %v", last.Loss, last.ValLoss, h.Epochs[2].Loss, h.Epochs[2].ValLoss)
	}
	if n := len(h.Points); n != 12 || h.Points[n-1].Epoch != 3 {
		t.Errorf("%d points, the last at epoch %v, want 12 and 3", n, h.Points[n-1].Epoch)
	}
	// The mean over the points is the mean over the last epoch's batches, of which
	// the last is smaller.
	sum := 0.0
	for _, p := range h.Points[8:11] {
		sum += 32 * p.Loss
	}
	sum += 4 * h.Points[11].Loss
	if math.Abs(sum/100-h.Epochs[2].Loss) > 1e-9 {
		t.Errorf("points say %v, the epoch %v", sum/100, h.Epochs[2].Loss)
	}
}

func TestFitWhileTraining(t *testing.T) {
	d := labelled(t, 100, 3, 7)
	m := Sequential(Input(7), Dense(3, Softmax))
	var errs []error
	w := probe{func() {
		_, err := m.Fit(d, Fit{})
		errs = append(errs, err)
		_, err = m.Predict(d)
		errs = append(errs, err, m.Reset())
	}}
	if _, err := m.Fit(d, Fit{Monitor: w}); err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if err != errBusy {
			t.Errorf("use %d while training gave %v, want the error that it is busy", i, err)
		}
	}
	if len(errs) == 0 {
		t.Error("the monitor was not called")
	}
}

// probe calls a function within a training.
type probe struct{ f func() }

func (p probe) Begin(Info)            {}
func (p probe) Step(Step)             { p.f() }
func (p probe) End(*History)          {}
func (p probe) Done() <-chan struct{} { return nil }

func TestSecondFitGoesOn(t *testing.T) {
	d := labelled(t, 90, 3, 7)
	m := Sequential(Input(7), Dense(8, Tanh), Dense(3, Softmax))
	a, err := m.Fit(d, Fit{Epochs: 20})
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Fit(d, Fit{Epochs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if b.Epochs[0].Loss > a.Epochs[5].Loss {
		t.Errorf("the second Fit began at loss %v, the first was at %v after 5 epochs", b.Epochs[0].Loss, a.Epochs[5].Loss)
	}
	if err := m.Reset(); err != nil {
		t.Fatal(err)
	}
	c, err := m.Fit(d, Fit{Epochs: 20})
	if err != nil {
		t.Fatal(err)
	}
	if a.WeightHash != c.WeightHash {
		t.Errorf("after Reset the same Fit gave weights %s, not %s", c.WeightHash, a.WeightHash)
	}
}

// A gradient that is found late is the same as one that waits, as it must where its
// length is bounded: here by more than it ever has.
func TestLateGradients(t *testing.T) {
	d := labelled(t, 50, 10, 300)
	hashes := map[string]bool{}
	for _, opt := range []Optimizer{SGD{LR: 0.1}, Clip{Rule: SGD{LR: 0.1}, GlobalNorm: 1e30}} {
		m := Sequential(Input(300), Dense(500, ReLU, L2(1e-3)), Dense(304, ReLU), Dense(500, Tanh, NoBias), Dense(10, Softmax))
		h, err := m.Fit(d, Fit{Epochs: 3, Batch: 16, Seed: 7, Optimizer: opt})
		if err != nil {
			t.Fatal(err)
		}
		hashes[h.WeightHash] = true
	}
	if len(hashes) != 1 {
		t.Errorf("late gradients give other weights: %v", hashes)
	}
}
