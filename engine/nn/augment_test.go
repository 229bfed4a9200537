// This file checks trainings on augmented examples, and on examples from a source.

package nn

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
)

func augmented(t *testing.T, as ...data.Augmentation) *data.Dataset {
	t.Helper()
	x, y := make([][][]uint8, 50), make([]int, 50)
	for i := range x {
		y[i] = i % 2
		x[i] = make([][]uint8, 6)
		for r := range x[i] {
			x[i][r] = make([]uint8, 6)
			for c := range x[i][r] {
				x[i][r][c] = uint8(i*r + c*c + 90*y[i])
			}
		}
	}
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Scale(1.0/255).Reshape(6, 6, 1); err != nil {
		t.Fatal(err)
	}
	if len(as) > 0 {
		if d, err = d.Augment(as...); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func smallCNN() *Model {
	return Sequential(Input(6, 6, 1), Conv2D(4, 3, 3, ReLU), Flatten(), Dense(2, Softmax))
}

func TestAugmentedTraining(t *testing.T) {
	train := augmented(t, data.FlipHorizontal(), data.Rotate(20), data.Shift(1), data.Noise(0.05))
	fit := func(d *data.Dataset, threads int, seed int64) string {
		m := smallCNN()
		h, err := m.Fit(d, Fit{Epochs: 3, Batch: 16, Threads: threads, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return h.WeightHash
	}
	want := fit(train, 1, 7)
	for _, threads := range []int{2, 4} {
		if got := fit(train, threads, 7); got != want {
			t.Errorf("%d threads: weights %s, but one thread gives %s", threads, got, want)
		}
	}
	if fit(augmented(t), 1, 7) == want {
		t.Error("augmentation changed nothing")
	}

	// Epoch after epoch the examples differ: what Distort sees tells.
	seen := map[float32]bool{}
	spy, err := augmented(t).Take(1).Augment(data.Brightness(0.5), data.Distort(func(x []float32, _ *data.Random) { seen[x[0]] = true }))
	if err != nil {
		t.Fatal(err)
	}
	m := smallCNN()
	h, err := m.Fit(spy, Fit{Epochs: 5, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(h.Notes, func(s string) bool { return strings.Contains(s, "Brightness(0.5), Distort(f)") }) {
		t.Errorf("the history does not tell of the augmentation: %q", h.Notes)
	}
	if len(seen) != 5 {
		t.Errorf("%d forms of the example in 5 epochs", len(seen))
	}
	// Evaluation sees the examples as they are.
	a, err := m.Evaluate(spy)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Evaluate(augmented(t).Take(1))
	if err != nil || a.Loss != b.Loss || len(seen) != 5 {
		t.Errorf("loss %v on the augmented set, %v on the plain one (%v); %d forms", a.Loss, b.Loss, err, len(seen))
	}
}

// TestResumeAugmented: a training taken up again goes on with the examples of the epoch
// that it has come to.
func TestResumeAugmented(t *testing.T) {
	train := augmented(t, data.Shift(2), data.Noise(0.1))
	path := filepath.Join(t.TempDir(), "x")
	whole, err := smallCNN().Fit(train, Fit{Epochs: 4})
	if err != nil {
		t.Fatal(err)
	}
	stop := func(e Epoch) error {
		if e.Epoch == 2 {
			return ErrStop
		}
		return nil
	}
	if _, err := smallCNN().Fit(train, Fit{Epochs: 4, Checkpoint: &Checkpoint{Path: path}, OnEpoch: stop}); err != nil {
		t.Fatal(err)
	}
	got, err := smallCNN().Fit(train, Fit{Epochs: 4, Resume: path})
	if err != nil || got.WeightHash != whole.WeightHash || len(got.Epochs) != 4 {
		t.Errorf("taken up again: %v (%v), want weights %s", got, err, whole.WeightHash)
	}
}

func TestAugmentedStepAllocatesNothing(t *testing.T) {
	train := augmented(t, data.FlipHorizontal(), data.Rotate(20), data.Zoom(0.1), data.Noise(0.1), data.Erase(2))
	dst, idx := make([]float32, 8*36), []int32{0, 3, 5, 7, 9, 11, 13, 15}
	epoch := 0
	if n := testing.AllocsPerRun(100, func() { epoch++; train.GatherDrawn(dst, idx, 1, epoch) }); n > 0.5 { // a collection may empty the pool
		t.Errorf("%v allocations for %d examples", n, len(idx))
	}
}

// worn is a source that fails at one example.
type worn struct {
	d   *data.Dataset
	bad int
}

var errWorn = errors.New("the tape is worn")

func (w worn) Len() int            { return w.d.Len() }
func (w worn) ExampleShape() []int { return w.d.ExampleShape() }
func (w worn) Read(dst []float32, i int) error {
	if i == w.bad {
		return errWorn
	}
	w.d.Gather(dst, []int32{int32(i)})
	return nil
}

func TestTrainingFromSource(t *testing.T) {
	plain := augmented(t)
	good, err := data.From(worn{plain, -1}, plain.Labels())
	if err != nil {
		t.Fatal(err)
	}
	a, b := smallCNN(), smallCNN()
	if _, err := a.Fit(plain, Fit{Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Fit(good, Fit{Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	if a.hash() != b.hash() {
		t.Errorf("weights %s from memory, %s from a source", a.hash(), b.hash())
	}
	x, err := a.Predict(plain)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := b.Predict(good); err != nil || !slices.Equal(x.Data, y.Data) {
		t.Errorf("other predictions from a source (%v)", err)
	}
	for name, f := range map[string]func(d *data.Dataset) error{
		"Fit":      func(d *data.Dataset) error { _, err := smallCNN().Fit(d, Fit{}); return err },
		"Evaluate": func(d *data.Dataset) error { _, err := a.Evaluate(d); return err },
		"Predict":  func(d *data.Dataset) error { _, err := a.Predict(d); return err },
	} {
		bad, err := data.From(worn{plain, 40}, plain.Labels())
		if err != nil {
			t.Fatal(err)
		}
		if err := f(bad); !errors.Is(err, errWorn) || !strings.Contains(err.Error(), "example 40") {
			t.Errorf("%s: error %v, want that of the source", name, err)
		}
	}
}
