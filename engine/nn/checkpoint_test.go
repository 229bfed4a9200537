// This file checks that a training which is broken off and taken up again gives the
// bits of one that was not.

package nn

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/safetensors"
)

// broken is a training that is broken off in an epoch after the last, between two
// batches; it leaves a checkpoint of the last in dir.
func broken(t *testing.T, m *Model, d *data.Dataset, f Fit, last int, dir string) (path string, h *History) {
	t.Helper()
	path = filepath.Join(dir, fmt.Sprint(last))
	f.Checkpoint = &Checkpoint{Path: path}
	f.OnBatch = func(b BatchInfo) error {
		if b.Epoch == last+1 && b.Batch == 2 {
			return ErrStop
		}
		return nil
	}
	h, err := m.Fit(d, f)
	if err != nil || len(h.Epochs) != last {
		t.Fatalf("broken off after %d epochs, want %d: %v", len(h.Epochs), last, err)
	}
	return path, h
}

// begin is what Fit does before the first epoch.
func begin(t testing.TB, m *Model, d *data.Dataset, f Fit) (*run, *plan, *track, []int32) {
	t.Helper()
	r, err := f.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	m.initialise(r.Seed)
	pool := par.New(f.Threads)
	t.Cleanup(pool.Close)
	p := newPlan(m, planSpec{batch: r.Batch, set: r.train, head: r.head, metrics: r.Metrics, opt: r.rule, seed: r.Seed, pool: pool})
	order := make([]int32, r.train.Len())
	for i := range order {
		order[i] = int32(i)
	}
	return r, p, newTrack(r.hist, r.batches()), order
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
		f := Fit{Epochs: 5, Batch: 16, Optimizer: opt, Seed: 3, Val: d.Take(20), Threads: 2}
		whole, err := build().Fit(d, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{1, 2, 4} {
			path, _ := broken(t, build(), d, f, cut, t.TempDir())
			g := f
			g.Threads, g.Resume = 1, path // threads must not matter
			got, err := build().Fit(d, g)
			if err != nil {
				t.Fatal(err)
			}
			if got.WeightHash != whole.WeightHash || got.Steps != whole.Steps || got.BestEpoch != whole.BestEpoch {
				t.Errorf("%v: taken up after epoch %d: weights %s after %d steps, best epoch %d; want %s, %d, %d", opt, cut, got.WeightHash, got.Steps, got.BestEpoch, whole.WeightHash, whole.Steps, whole.BestEpoch)
			}
			if g, w := figures(got), figures(whole); g != w {
				t.Errorf("%v: taken up after epoch %d: history\n%s\nwant\n%s", opt, cut, g, w)
			}
		}
	}
}

// What looks at the epochs goes on too: the patience of EarlyStop and its best weights,
// and the learning rate that a plateau has lowered.
func TestResumeGoesOnWatching(t *testing.T) {
	d, val := overfit(t)
	build := func() *Model { return Sequential(Input(7), Dense(20, Tanh), Dense(3, Softmax)) }
	f := Fit{
		Epochs: 400, Batch: 40, Val: val, Optimizer: Clip{Rule: Adam{LR: 0.03}, GlobalNorm: 1},
		EarlyStop: &EarlyStop{Patience: 9}, ReduceLR: &ReduceLROnPlateau{Patience: 2, Factor: 0.5, Cooldown: 1},
	}
	whole, err := build().Fit(d, f)
	if err != nil {
		t.Fatal(err)
	}
	last, best := len(whole.Epochs), whole.BestEpoch
	if last == 400 || whole.Epochs[last-1].LearningRate >= 0.03 {
		t.Fatalf("nothing to be tested: %v", whole)
	}
	for _, cut := range []int{best - 1, best, best + 1, best + 5, last} {
		g := f
		path := filepath.Join(t.TempDir(), "run")
		if g.Checkpoint = (&Checkpoint{Path: path}); cut < last {
			g.OnEpoch = func(e Epoch) error {
				if e.Epoch == cut {
					return ErrStop
				}
				return nil
			}
		}
		if _, err := build().Fit(d, g); err != nil {
			t.Fatal(err)
		}
		g = f
		g.Resume = path
		got, err := build().Fit(d, g)
		if err != nil {
			t.Fatal(err)
		}
		if got.WeightHash != whole.WeightHash || figures(got) != figures(whole) || !got.Stopped {
			t.Errorf("taken up after epoch %d of %d, the best being %d: weights %s, want %s, history\n%s\nwant\n%s", cut, last, best, got.WeightHash, whole.WeightHash, figures(got), figures(whole))
		}
	}
}

// figures writes a history without what depends on the clock.
func figures(h *History) string {
	s := fmt.Sprintln(h.Points, h.Layers)
	for _, e := range h.Epochs {
		e.Seconds = 0
		s += fmt.Sprintln(e)
	}
	return s
}

// What Load makes of a checkpoint is the model, and what Evaluate tells is the same.
func TestLoadCheckpoint(t *testing.T) {
	m := Sequential(Input(5), Dense(4, ReLU), Dense(3, Softmax))
	d := labelled(t, 30, 3, 5)
	path := filepath.Join(t.TempDir(), "run")
	h, err := m.Fit(d, Fit{Epochs: 3, Val: d, Loss: SparseCategoricalCrossEntropy{}, Metrics: []Metric{TopK{2}}, Checkpoint: &Checkpoint{Path: path, Every: 2}})
	if err != nil {
		t.Fatal(err)
	}
	k, err := Load(path)
	if err != nil || k.hash() != h.WeightHash {
		t.Fatalf("%v (%v), want weights %s", k, err, h.WeightHash)
	}
	a, err := m.Evaluate(d)
	b, err2 := k.Evaluate(d)
	if err != nil || err2 != nil || a.String() != b.String() {
		t.Errorf("%v and %v; %v, %v", a, b, err, err2)
	}
	if err := Sequential(Input(5), Dense(4, ReLU), Dense(3, Softmax)).LoadWeights(path); err != nil {
		t.Error(err)
	}
}

// With BestOnly the file has the best epoch, without the last, or that of Every.
func TestCheckpointWhen(t *testing.T) {
	d, val := overfit(t)
	for _, c := range []struct {
		name string
		set  Checkpoint
		want func(h *History, n int) int // the epoch in the file
	}{
		{"all", Checkpoint{}, func(_ *History, n int) int { return n }},
		{"every 7", Checkpoint{Every: 7}, func(_ *History, n int) int { return n / 7 * 7 }},
		{"best", Checkpoint{BestOnly: true}, func(h *History, _ int) int { return h.BestEpoch }},
		{"best accuracy", Checkpoint{BestOnly: true, Metric: "accuracy"}, func(h *History, _ int) int {
			best, most := 0, -1.0
			for i, v := range h.ValMetric("accuracy") {
				if v > most {
					best, most = i+1, v
				}
			}
			return best
		}},
	} {
		c.set.Path = filepath.Join(t.TempDir(), "run")
		h, err := Sequential(Input(7), Dense(20, Tanh), Dense(3, Softmax)).Fit(d, Fit{
			Epochs: 100, Batch: 40, Val: val, Optimizer: Adam{LR: 0.03}, Checkpoint: &c.set,
			OnEpoch: func(e Epoch) error {
				if e.Epoch == 60 {
					return ErrStop
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Read(c.set.Path)
		if err != nil {
			t.Fatal(err)
		}
		want := c.want(h, 60)
		if got := f.Metadata[keyProgress]; !strings.Contains(got, fmt.Sprintf(`"epoch":%d,`, want)) {
			t.Errorf("%s: %s, want epoch %d", c.name, got, want)
		}
	}
}

// A checkpoint that cannot be written ends the training and leaves the last one.
func TestCheckpointFails(t *testing.T) {
	d := labelled(t, 30, 3, 5)
	m := Sequential(Input(5), Dense(3, Softmax))
	dir := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(dir, "run")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	h, err := m.Fit(d, Fit{Epochs: 5, Checkpoint: &Checkpoint{Path: path}, OnBatch: func(b BatchInfo) error {
		if b.Epoch == 3 {
			return os.RemoveAll(dir)
		}
		return nil
	}})
	if err == nil || !strings.HasPrefix(err.Error(), "nn: ") || h == nil || !h.Stopped || len(h.Epochs) != 3 || !strings.Contains(err.Error(), h.Failure) {
		t.Errorf("error %v, history %v", err, h)
	}
	for want, c := range map[string]Checkpoint{
		"has no Path":                       {},
		"Every is -1":                       {Path: "x", Every: -1},
		"there is no folder":                {Path: filepath.Join(dir, "x")},
		`Fit.Checkpoint.Metric is "recall"`: {Path: "x", Metric: "recall"},
	} {
		if h, err := m.Fit(d, Fit{Checkpoint: &c}); err == nil || !strings.Contains(err.Error(), want) || h != nil {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
}

func TestResumeRefuses(t *testing.T) {
	build := func() *Model { return Sequential(Input(5), Dense(4, ReLU), Dense(3, Softmax)) }
	d := labelled(t, 30, 3, 5)
	f := Fit{Epochs: 3, Batch: 8, Seed: 1, Val: d}
	path, _ := broken(t, build(), d, f, 2, t.TempDir())

	for want, change := range map[string]func(f *Fit){
		"Fit.Seed is 2, but the checkpoint's training had 1": func(f *Fit) { f.Seed = 2 },
		"Fit.Batch is 16":                     func(f *Fit) { f.Batch = 16 },
		"Fit.InOrder is true":                 func(f *Fit) { f.InOrder = true },
		"Fit.Optimizer is SGD{LR: 0.01}, but": func(f *Fit) { f.Optimizer = SGD{} },
		"Fit.Metrics is , but the checkpoint's training had accuracy":               func(f *Fit) { f.Metrics = []Metric{} },
		"Fit.EarlyStop is {Patience:3":                                              func(f *Fit) { f.EarlyStop = &EarlyStop{Patience: 3} },
		"Fit.ReduceLR is {Factor:0.5":                                               func(f *Fit) { f.ReduceLR = &ReduceLROnPlateau{Factor: 0.5} },
		"Fit.ClassWeights is map[1:2]":                                              func(f *Fit) { f.ClassWeights = map[int]float64{1: 2} },
		"there are 0 examples for validation, but the checkpoint's training had 30": func(f *Fit) { f.Val = nil },
		"Fit.Loss is categorical cross-entropy, but":                                func(f *Fit) { f.Loss = CategoricalCrossEntropy{} },
		"the training set has 20 examples, but the checkpoint's":                    nil,
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
		if _, _, err := r.resume(path, p, tr, order); err == nil || !strings.Contains(err.Error(), want) {
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
		`no tensor "training/layers" with rows of 4`:               func(f *safetensors.File) { f.Lookup("training/layers").Name = "training/y" },
		`no tensor "training/points"`:                              func(f *safetensors.File) { f.Lookup("training/points").Shape = []int{3} },
		"epoch 2, but tells of 1": func(f *safetensors.File) {
			e := f.Lookup("training/epochs")
			e.Shape, e.Data = []int{1, e.Shape[1]}, e.Data[:8*e.Shape[1]]
		},
		"ends early":  func(f *safetensors.File) { f.Lookup("training/points").Shape[0] = math.MaxInt / 8 },
		"ends early ": func(f *safetensors.File) { f.Lookup("training/points").Shape[0]++ },
		"layers in 1": func(f *safetensors.File) {
			e := f.Lookup("training/layers")
			e.Shape, e.Data = []int{1, 4}, e.Data[:32]
		},
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
		if _, _, err := r.restore(bad, p, tr, order); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("error %v, want %q", err, want)
		}
		if m.hash() != before || p.steps != 0 || !reflect.DeepEqual(order, first) {
			t.Errorf("%s: something changed", want)
		}
	}
}

// A Resume that fails leaves a model as it was, be it new or trained.
func TestResumeFails(t *testing.T) {
	d := labelled(t, 30, 3, 5)
	path := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(path, []byte("no checkpoint"), 0o666); err != nil {
		t.Fatal(err)
	}
	m := Sequential(Input(5), Dense(3, Softmax))
	for _, p := range []string{path, path + "x"} {
		if h, err := m.Fit(d, Fit{Seed: 9, Resume: p}); err == nil || h != nil || m.ready || m.trained != nil {
			t.Errorf("new: %v, %v, weights %v", h, err, m.ready)
		}
	}
	if _, err := m.Fit(d, Fit{Loss: SparseCategoricalCrossEntropy{}}); err != nil {
		t.Fatal(err)
	}
	before, recipe := m.hash(), m.trained
	w := &watcher{}
	if h, err := m.Fit(d, Fit{Resume: path, Metrics: []Metric{}, Monitor: w}); err == nil || h != nil || m.hash() != before || m.trained != recipe || w.began != 0 {
		t.Errorf("trained: %v, %v", h, err)
	}
}

// FuzzResume holds that a file can only be taken up or refused, and that refusing
// changes nothing.
func FuzzResume(f *testing.F) {
	build := func() *Model { return Sequential(Input(3), Dense(2, Softmax)) }
	d, err := data.Arrays([][]float32{{1, 2, 3}, {3, 2, 1}, {1, 1, 1}}, []int{0, 1, 0})
	if err != nil {
		f.Fatal(err)
	}
	fit := Fit{Epochs: 4, Batch: 2, Threads: 1, Val: d, EarlyStop: &EarlyStop{Patience: 1, MinDelta: 1}}
	path := filepath.Join(f.TempDir(), "run")
	g := fit
	g.Checkpoint = &Checkpoint{Path: path}
	if _, err := build().Fit(d, g); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-9])
	f.Add(good[:len(good)/2])
	f.Add([]byte(strings.Replace(string(good), `"F64"`, `"F32"`, 1)))
	f.Add([]byte(strings.Replace(string(good), `\"epoch\":2`, `\"epoch\":9`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := safetensors.Decode(b)
		if err != nil {
			return
		}
		m := build()
		r, p, tr, order := begin(t, m, d, fit)
		before := m.hash()
		epoch, _, err := r.restore(file, p, tr, order)
		if err != nil && (m.hash() != before || p.steps != 0 || len(r.hist.Epochs) != 0 || r.early.epoch != 0) {
			t.Error("something changed")
		}
		if err == nil && len(r.hist.Epochs) != epoch {
			t.Errorf("%d epochs, but a history of %d", epoch, len(r.hist.Epochs))
		}
	})
}

// TestRandomSeedResumes holds that a training with a seed that nobody chose goes on with
// that one.
func TestRandomSeedResumes(t *testing.T) {
	d, path := labelled(t, 40, 3, 7), filepath.Join(t.TempDir(), "run")
	f := Fit{Epochs: 4, Batch: 16, ValSplit: 0.25, Seed: RandomSeed, Checkpoint: &Checkpoint{Path: path}}
	first := f
	first.OnEpoch = func(e Epoch) error {
		if e.Epoch == 2 {
			return ErrStop
		}
		return nil
	}
	a, err := classifier().Fit(d, first)
	if err != nil {
		t.Fatal(err)
	}
	f.Resume = path
	b, err := classifier().Fit(d, f)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := classifier().Fit(d, Fit{Epochs: 4, Batch: 16, ValSplit: 0.25, Seed: a.Seed})
	if err != nil || b.Seed != a.Seed || b.WeightHash != whole.WeightHash {
		t.Errorf("seed %d and weights %s, want %d and %s; %v", b.Seed, b.WeightHash, a.Seed, whole.WeightHash, err)
	}
	f.Resume = path + "2"
	if h, err := classifier().Fit(d, f); h != nil || err == nil || !strings.Contains(err.Error(), "Fit.Resume") {
		t.Errorf("a file that is not there: %v, %v", h, err)
	}
}
