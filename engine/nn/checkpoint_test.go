// This file checks that a training which is broken off and taken up again gives the
// bits of one that was not.

package nn

import (
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/safetensors"
)

// train runs epochs as Fit does, up to and with the last, from a checkpoint if there
// is one, and leaves a checkpoint of every epoch in dir.
func train(t *testing.T, m *Model, d *data.Dataset, f Fit, from string, last int, dir string) *History {
	t.Helper()
	r, p, tr, order := begin(t, m, d, f)
	epoch := 0
	if from != "" {
		var err error
		if epoch, err = r.resume(from, p, tr, order); err != nil {
			t.Fatal(err)
		}
	}
	val := newPlan(m, planSpec{batch: min(evalBatch, r.Val.Len()), set: r.Val, head: r.valHead, metrics: r.Metrics, pool: p.pool})
	for epoch++; epoch <= last; epoch++ {
		if err := r.epoch(p, val, tr, order, epoch); err != nil {
			t.Fatal(err)
		}
		if err := r.checkpoint(filepath.Join(dir, fmt.Sprint(epoch)), p, epoch); err != nil {
			t.Fatal(err)
		}
	}
	tr.finish(m)
	return r.hist
}

func begin(t *testing.T, m *Model, d *data.Dataset, f Fit) (*run, *plan, *track, []int32) {
	t.Helper()
	r, err := f.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	m.initialise(r.Seed)
	pool := par.New(f.Threads)
	t.Cleanup(pool.Close)
	p := newPlan(m, planSpec{batch: r.Batch, set: d, head: r.head, metrics: r.Metrics, opt: r.Optimizer, seed: r.Seed, pool: pool})
	order := make([]int32, d.Len())
	for i := range order {
		order[i] = int32(i)
	}
	return r, p, newTrack(r.hist, nil, (d.Len()+r.Batch-1)/r.Batch), order
}

func TestResumeBitForBit(t *testing.T) {
	build := func() *Model {
		return Sequential(Input(8, 8, 1), Conv2D(3, 3, 3, Same), BatchNorm(), Act(ReLU), MaxPool2D(2), Dropout(0.25), Flatten(), Dense(12, Tanh, L2(1e-3)), Dense(4, Softmax))
	}
	d := labelled(t, 75, 4, 8, 8, 1)
	for _, opt := range []Optimizer{
		SGD{},
		SGD{LR: 0.05, Momentum: 0.9},
		Adam{Schedule: OneCycle{Steps: 4 * 5}},
		AdamW{},
		RMSprop{Momentum: 0.5},
		Adagrad{},
		Lion{LR: 1e-3, Schedule: WarmUp{Steps: 12}},
	} {
		f := Fit{Epochs: 4, Batch: 16, Optimizer: opt, Seed: 3, Val: d.Take(20), Threads: 2}
		dir := t.TempDir()
		whole := train(t, build(), d, f, "", 4, dir)
		for _, cut := range []int{1, 3} {
			f.Threads = 1 // which must not matter
			m := build()
			got := train(t, m, d, f, filepath.Join(dir, fmt.Sprint(cut)), 4, t.TempDir())
			if got.WeightHash != whole.WeightHash || got.Steps != whole.Steps || got.BestEpoch != whole.BestEpoch {
				t.Errorf("%v: taken up after epoch %d: weights %s after %d steps, best epoch %d; want %s, %d, %d", opt, cut, got.WeightHash, got.Steps, got.BestEpoch, whole.WeightHash, whole.Steps, whole.BestEpoch)
			}
			if g, w := figures(got), figures(whole); g != w {
				t.Errorf("%v: taken up after epoch %d: history\n%s\nwant\n%s", opt, cut, g, w)
			}
		}
	}
}

// figures writes a history without what depends on the clock.
func figures(h *History) string {
	s := fmt.Sprintln(h.Points)
	for _, e := range h.Epochs {
		e.Seconds = 0
		s += fmt.Sprintln(e)
	}
	return s
}

// What Load makes of a checkpoint is the model.
func TestLoadCheckpoint(t *testing.T) {
	m := Sequential(Input(5), Dense(4, ReLU), Dense(3, Softmax))
	d := labelled(t, 30, 3, 5)
	dir := t.TempDir()
	h := train(t, m, d, Fit{Epochs: 2, Val: d}, "", 2, dir)
	k, err := Load(filepath.Join(dir, "2"))
	if err != nil || k.hash() != h.WeightHash {
		t.Errorf("%v (%v), want weights %s", k, err, h.WeightHash)
	}
	if err := m.LoadWeights(filepath.Join(dir, "1")); err != nil || m.hash() == h.WeightHash {
		t.Errorf("the weights of epoch 1 are %s (%v)", m.hash(), err)
	}
}

func TestResumeRefuses(t *testing.T) {
	build := func() *Model { return Sequential(Input(5), Dense(4, ReLU), Dense(3, Softmax)) }
	d := labelled(t, 30, 3, 5)
	f := Fit{Epochs: 3, Batch: 8, Seed: 1, Val: d}
	dir := t.TempDir()
	train(t, build(), d, f, "", 2, dir)
	path := filepath.Join(dir, "2")

	for want, change := range map[string]func(f *Fit){
		"Fit.Seed is 2, but the checkpoint's training had 1": func(f *Fit) { f.Seed = 2 },
		"Fit.Batch is 16":                                        func(f *Fit) { f.Batch = 16 },
		"Fit.InOrder is true":                                    func(f *Fit) { f.InOrder = true },
		"Fit.Optimizer is SGD{LR: 0.01}, but":                    func(f *Fit) { f.Optimizer = SGD{} },
		"has no tensor \"training/epochs\" with rows of 3":       func(f *Fit) { f.Metrics = []Metric{} },
		"Fit.Loss is categorical cross-entropy, but":             func(f *Fit) { f.Loss = CategoricalCrossEntropy{} },
		"the training set has 20 examples, but the checkpoint's": nil,
	} {
		g, set := f, d
		switch {
		case change == nil:
			set = d.Take(20)
		case strings.Contains(want, "categorical"):
			var err error
			if set, err = d.OneHot(3); err != nil {
				t.Fatal(err)
			}
			g.Val = nil
			fallthrough
		default:
			change(&g)
		}
		m := build()
		r, p, tr, order := begin(t, m, set, g)
		before := m.hash()
		if _, err := r.resume(path, p, tr, order); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if m.hash() != before || len(r.hist.Epochs) != 0 || p.steps != 0 {
			t.Errorf("%s: something changed", want)
		}
	}

	good, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(f *safetensors.File){
		"is no checkpoint":         func(f *safetensors.File) { delete(f.Metadata, keyProgress) },
		"the progress in the file": func(f *safetensors.File) { f.Metadata[keyProgress] = "[]" },
		"is of 8 steps, but 9 epochs": func(f *safetensors.File) {
			f.Metadata[keyProgress] = strings.Replace(f.Metadata[keyProgress], `"epoch":2`, `"epoch":9`, 1)
		},
		"is of epoch -1": func(f *safetensors.File) {
			f.Metadata[keyProgress] = strings.Replace(f.Metadata[keyProgress], `"epoch":2`, `"epoch":-1`, 1)
		},
		`no tensor "training/state 1/dense_2.biases" of shape [3]`: func(f *safetensors.File) { f.Lookup("training/state 1/dense_2.biases").Name = "training/x" },
		`no tensor "dense_1.weights" of shape [5 4]`:               func(f *safetensors.File) { f.Lookup("dense_1.weights").Name = "training/x" },
		`no tensor "training/points"`:                              func(f *safetensors.File) { f.Lookup("training/points").Shape = []int{3} },
		"epoch 2, but tells of 1": func(f *safetensors.File) {
			e := f.Lookup("training/epochs")
			e.Shape, e.Data = []int{1, e.Shape[1]}, e.Data[:8*e.Shape[1]]
		},
		"ends early": func(f *safetensors.File) { f.Lookup("training/points").Shape[0] = math.MaxInt / 8 },
	} {
		bad := &safetensors.File{Metadata: map[string]string{}}
		for k, v := range good.Metadata {
			bad.Metadata[k] = v
		}
		for _, e := range good.Tensors {
			e.Shape = append([]int{}, e.Shape...)
			bad.Tensors = append(bad.Tensors, e)
		}
		spoil(bad)
		m := build()
		r, p, tr, order := begin(t, m, d, f)
		before, first := m.hash(), append([]int32{}, order...)
		if _, err := r.restore(bad, p, tr, order); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if m.hash() != before || p.steps != 0 || !reflect.DeepEqual(order, first) {
			t.Errorf("%s: something changed", want)
		}
	}
}
