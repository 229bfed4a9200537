// This file checks what Fit offers beside the training itself.

package nn

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/optim"
	"cajal/engine/tensor"
)

func classifier() *Model { return Sequential(Input(7), Dense(3, Softmax)) }

func TestClassWeights(t *testing.T) {
	d := labelled(t, 30, 3, 7)
	weights := map[int]float64{0: 3, 2: 0.5}
	m := classifier()
	h, err := m.Fit(d, Fit{Batch: 30, ClassWeights: weights, Optimizer: SGD{LR: 1e-30}})
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	ws := refOf(m)
	for i := range d.Len() {
		y, _ := refForward(m, ws, [][]float64{floats(d.Example(i).Data)}, false)
		w, ok := weights[d.Label(i)]
		if !ok {
			w = 1
		}
		want -= w * math.Log(y[0][d.Label(i)]) / 30
	}
	if got := h.Epochs[0].Loss; math.Abs(got-want) > 1e-5 {
		t.Errorf("loss %v, want %v", got, want)
	}
	// A weight of 2 is the same as having the examples twice, with the mean over both.
	twice := d
	var index []int
	for i := range d.Len() {
		index = append(index, i)
		if d.Label(i) == 1 {
			index = append(index, i)
		}
	}
	if twice, err = d.Pick(index...); err != nil {
		t.Fatal(err)
	}
	a, b := classifier(), classifier()
	n := float64(len(index))
	if _, err := a.Fit(d, Fit{Batch: 30, ClassWeights: map[int]float64{0: 30 / n, 1: 60 / n, 2: 30 / n}, Optimizer: SGD{LR: 0.5}, InOrder: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Fit(twice, Fit{Batch: len(index), Optimizer: SGD{LR: 0.5}, InOrder: true}); err != nil {
		t.Fatal(err)
	}
	wa, _, _ := a.Weights(1)
	wb, _, _ := b.Weights(1)
	for i, v := range wa.Data {
		if math.Abs(float64(v-wb.Data[i])) > 1e-6 {
			t.Fatalf("weight %d is %v with class weights, %v with examples twice", i, v, wb.Data[i])
		}
	}
	// Evaluate knows no class weights.
	r, err := m.Evaluate(d)
	if err != nil || math.Abs(r.Loss-refLoss(m, refOf(m), SparseCategoricalCrossEntropy{}, d, false)) > 1e-5 {
		t.Errorf("evaluated loss %v, %v", r, err)
	}
}

func TestValSplit(t *testing.T) {
	d := labelled(t, 100, 3, 7)
	h, err := classifier().Fit(d, Fit{Epochs: 2, ValSplit: 0.2, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if h.Examples != 80 || !h.HasVal || math.IsNaN(h.Epochs[1].ValLoss) || !strings.Contains(h.String(), "note: 20 of 100 examples were set aside for validation") {
		t.Errorf("history %+v", h)
	}
	again, err := classifier().Fit(d, Fit{Epochs: 2, ValSplit: 0.2, Seed: 3})
	if err != nil || again.WeightHash != h.WeightHash || again.Epochs[1].ValLoss != h.Epochs[1].ValLoss {
		t.Errorf("the same seed sets other examples aside: %v", err)
	}
	a, err := classifier().Fit(d, Fit{ValSplit: 0.2, Seed: RandomSeed})
	if err != nil {
		t.Fatal(err)
	}
	b, err := classifier().Fit(d, Fit{ValSplit: 0.2, Seed: a.Seed})
	if err != nil || a.WeightHash != b.WeightHash || a.Epochs[0].ValLoss != b.Epochs[0].ValLoss {
		t.Errorf("seed %d does not give the same again: %v", a.Seed, err)
	}
}

// overfit is a training whose validation loss falls and then rises: the labels of the
// validation set are those of the training set, moved by one class for a quarter of it.
func overfit(t *testing.T) (train, val *data.Dataset) {
	t.Helper()
	train = labelled(t, 40, 3, 7)
	y := train.Labels()
	for i := range y {
		if i%4 == 0 {
			y[i] = (y[i] + 1) % 3
		}
	}
	val, err := data.Arrays(train.Inputs(), y)
	if err != nil {
		t.Fatal(err)
	}
	return train, val
}

func TestEarlyStop(t *testing.T) {
	train, val := overfit(t)
	model := func() *Model { return Sequential(Input(7), Dense(20, Tanh), Dense(3, Softmax)) }
	f := Fit{Epochs: 400, Batch: 40, Val: val, EarlyStop: &EarlyStop{Patience: 3}, Optimizer: Adam{LR: 0.03}}
	m := model()
	h, err := m.Fit(train, f)
	if err != nil {
		t.Fatal(err)
	}
	n := len(h.Epochs)
	if n == 400 || h.BestEpoch < 2 || !h.Stopped || h.BestEpoch != n-3 || !strings.Contains(h.String(), "stopped early: no improvement since epoch") {
		t.Fatalf("%d epochs, the best %d:\n%v", n, h.BestEpoch, h)
	}
	// The weights are those of the best epoch: the same training of that length has
	// them too.
	short := model()
	f2 := f
	f2.Epochs, f2.EarlyStop = h.BestEpoch, nil
	h2, err := short.Fit(train, f2)
	if err != nil || h2.WeightHash != h.WeightHash {
		t.Errorf("weights %s, want those after %d epochs, %s, %v", h.WeightHash, h.BestEpoch, h2.WeightHash, err)
	}
	f.EarlyStop = &EarlyStop{Patience: 3, KeepLast: true}
	last := model()
	h3, err := last.Fit(train, f)
	f2.Epochs = len(h3.Epochs)
	again := model()
	h4, err2 := again.Fit(train, f2)
	if err != nil || err2 != nil || h3.WeightHash != h4.WeightHash || h3.WeightHash == h.WeightHash {
		t.Errorf("KeepLast has weights %s, want %s; %v, %v", h3.WeightHash, h4.WeightHash, err, err2)
	}
	// A fall that is too small is no improvement.
	f.EarlyStop = &EarlyStop{Patience: 2, MinDelta: 100}
	if h, err := model().Fit(train, f); err != nil || len(h.Epochs) != 3 {
		t.Errorf("%d epochs with a MinDelta that nothing reaches, want 3; %v", len(h.Epochs), err)
	}
}

func TestOnEpoch(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	boom := errors.New("boom")
	for _, c := range []struct {
		err, want error
	}{{ErrStop, nil}, {boom, boom}} {
		var seen []int
		h, err := classifier().Fit(d, Fit{Epochs: 9, OnEpoch: func(e Epoch) error {
			seen = append(seen, e.Epoch)
			if e.Epoch == 3 {
				return c.err
			}
			return nil
		}})
		if !errors.Is(err, c.want) || len(seen) != 3 || seen[2] != 3 || len(h.Epochs) != 3 || !h.Stopped {
			t.Errorf("%v: error %v, epochs %v, history %v", c.err, err, seen, h)
		}
	}
}

// counts are two examples whose labels are numbers, 0 and one more, rather than classes.
func counts(t *testing.T, label int) *data.Dataset {
	d, err := data.Arrays([][]float32{{0, 1}, {1, 0}}, []int{0, label})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCountWeights holds that labels beyond the outputs, which some losses compare with,
// can have weights.
func TestCountWeights(t *testing.T) {
	own := CustomLoss("own", func(ŷ *grad.Var, y Truth) *grad.Var { return ŷ.Sub(y.Like(ŷ)).Square().Mean(1) })
	var losses []float64
	for _, l := range []Loss{MSE{}, own} {
		m := Sequential(Input(2), Dense(1, Zeros))
		h, err := m.Fit(counts(t, 4), Fit{Loss: l, ClassWeights: map[int]float64{4: 3}})
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, h.Epochs[0].Loss)
	}
	if losses[0] != 24 || losses[1] != 24 { // 3·4²/2
		t.Errorf("losses %v, want 24", losses)
	}
}

// TestNoAccuracy holds that outputs of yes or no for every pixel get no accuracy, of
// which they have none, unless it is asked for.
func TestNoAccuracy(t *testing.T) {
	x := tensor.Uniform(1, 0, 1, 8, 6)
	d, err := data.Arrays(x, x)
	if err != nil {
		t.Fatal(err)
	}
	m := Sequential(Input(6), Dense(6, Sigmoid))
	r, err := m.Evaluate(d)
	if err != nil || len(r.Names) != 0 {
		t.Errorf("evaluated with %v, %v", r, err)
	}
	h, err := m.Fit(d, Fit{})
	if err != nil || len(h.MetricNames) != 0 {
		t.Errorf("trained with %v, %v", h, err)
	}
	if h, err = m.Fit(d, Fit{Metrics: []Metric{Accuracy{}}}); err != nil || len(h.MetricNames) != 1 {
		t.Errorf("trained with %v, %v", h, err)
	}
	if h, err = Sequential(Input(7), Dense(1, Sigmoid)).Fit(labelled(t, 9, 2, 7), Fit{}); err != nil || len(h.MetricNames) != 1 {
		t.Errorf("trained for yes or no with %v, %v", h, err)
	}
}

func TestFitSettings(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	targets := targeted(t, 6, 3, 7)
	for _, c := range []struct {
		name string
		d    *data.Dataset
		f    Fit
		want string
	}{
		{"negative epochs", d, Fit{Epochs: -1}, "Fit.Epochs is -1, but must be from 0 to"},
		{"more epochs than can be counted", d, Fit{Batch: 1, Epochs: math.MaxInt / 7}, "but must be from 0 to"},
		{"two validations", d, Fit{Val: d, ValSplit: 0.1}, "both Val and ValSplit"},
		{"a share of 1", d, Fit{ValSplit: 1}, "Fit.ValSplit is 1, but must be between 0 and 1"},
		{"a share of NaN", d, Fit{ValSplit: math.NaN()}, "Fit.ValSplit is NaN"},
		{"a share of nothing", d, Fit{ValSplit: 0.001}, "leaves no example on one side"},
		{"weight of class 3", d, Fit{ClassWeights: map[int]float64{3: 1}}, "has class 3, but the model knows classes 0 to 2"},
		{"negative weight", d, Fit{ClassWeights: map[int]float64{1: -1}}, "gives class 1 the weight -1"},
		{"weights of no classes", counts(t, -1), Fit{Loss: MSE{}, ClassWeights: map[int]float64{1: 2}}, "has label -1 at example 1, but Fit.ClassWeights is for classes 0 to"},
		{"weights of too many classes", counts(t, 1<<30), Fit{Loss: MSE{}, ClassWeights: map[int]float64{1: 2}}, "has label 1073741824 at example 1"},
		{"weights without labels", targets, Fit{ClassWeights: map[int]float64{1: 2}}, "needs a dataset with class labels"},
		{"a factor of 1", d, Fit{ReduceLR: &ReduceLROnPlateau{Factor: 1}}, "Fit.ReduceLR.Factor is 1, but must be between 0 and 1"},
		{"a negative cooldown", d, Fit{ReduceLR: &ReduceLROnPlateau{Cooldown: -1}}, "Cooldown -1"},
		{"a metric that is not there", d, Fit{EarlyStop: &EarlyStop{Metric: "f1"}}, "Fit.EarlyStop.Metric is \"f1\", but the training's metrics are: accuracy"},
		{"negative patience", d, Fit{EarlyStop: &EarlyStop{Patience: -1}}, "Patience -1"},
	} {
		m := classifier()
		if c.d.ExampleSize() == 2 {
			m = Sequential(Input(2), Dense(1))
		}
		h, err := m.Fit(c.d, c.f)
		if err == nil || !strings.Contains(err.Error(), c.want) || h != nil {
			t.Errorf("%s: %v, %v, want %q", c.name, h, err, c.want)
		}
	}
}

func TestOnBatch(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	boom := errors.New("boom")
	for _, c := range []struct {
		err, want error
	}{{ErrStop, nil}, {boom, boom}} {
		var seen []BatchInfo
		var sum float64
		h, err := classifier().Fit(d, Fit{Epochs: 9, Batch: 16, Optimizer: SGD{LR: 0.5}, OnBatch: func(b BatchInfo) error {
			if seen = append(seen, b); b.Epoch == 1 {
				sum += b.Loss * float64(min(16, 40-16*(b.Batch-1)))
			}
			if m := b.Metrics[0]; len(b.Metrics) != 1 || m < 0 || m > 1 {
				t.Errorf("metrics %v", b.Metrics)
			}
			if b.Step == 5 {
				return c.err
			}
			return nil
		}})
		if !errors.Is(err, c.want) || len(h.Epochs) != 1 || !h.Stopped || h.Steps != 5 {
			t.Fatalf("%v: error %v, history %v", c.err, err, h)
		}
		last := seen[len(seen)-1]
		last.Metrics = nil
		if want := (BatchInfo{Epoch: 2, Epochs: 9, Batch: 2, Batches: 3, Step: 5, Loss: last.Loss, LearningRate: 0.5}); len(seen) != 5 || !reflect.DeepEqual(last, want) {
			t.Errorf("%d calls, the last with %+v, want %+v", len(seen), last, want)
		}
		if math.Abs(sum/40-h.Epochs[0].Loss) > 1e-9 {
			t.Errorf("the batches of epoch 1 have a mean loss of %v, the epoch %v", sum/40, h.Epochs[0].Loss)
		}
		if (c.want == nil) != (h.Failure == "") {
			t.Errorf("%v: failure %q", c.err, h.Failure)
		}
	}
}

// TestReduceLR compares with what Keras' callback does with such losses: patience 2,
// factor 0.5, cooldown 1.
func TestReduceLR(t *testing.T) {
	rule := &ReduceLROnPlateau{Patience: 2, Factor: 0.5, Cooldown: 1, MinLR: 0.2}
	p := &plateau{rule: rule, factor: 1, watched: watched{metric: -1, sign: 1, delta: rule.delta()}}
	h := &History{}
	var got []float64
	for i, loss := range []float64{5, 4, 4, 4, 4, 4, 4, 3.99995, 3, 3, math.NaN(), 3, 3, 3, 3} {
		p.lower(h, Epoch{Epoch: i + 1, Loss: loss}, SGD{LR: 1})
		lr, _ := p.of(SGD{LR: 1}).(SGD).Rate()
		got = append(got, lr)
	}
	want := []float64{1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2}
	if !slices.Equal(got, want) {
		t.Errorf("rates %v, want %v", got, want)
	}

	// In a training the rate falls, and History and OnBatch tell.
	d, val := overfit(t)
	var rates []float64
	hist, err := classifier().Fit(d, Fit{Epochs: 30, Val: val, Batch: 40, Optimizer: Clip{Rule: SGD{LR: 0.5, Momentum: 0.9, Schedule: StepDecay{Every: 1000}}, Value: 1}, ReduceLR: &ReduceLROnPlateau{Patience: 1, MinDelta: 100}, OnBatch: func(b BatchInfo) error {
		rates = append(rates, b.LearningRate)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rates, hist.LearningRate()) || rates[0] != 0.5 || rates[1] != 0.5 || math.Abs(rates[2]-0.05) > 1e-12 || math.Abs(rates[3]-0.005) > 1e-12 {
		t.Errorf("rates %v, the history has %v", rates[:5], hist.LearningRate()[:5])
	}
	if text := hist.String(); !strings.Contains(text, "learning rate  seconds") || !strings.Contains(text, "note: no improvement since epoch 1: the learning rate is 0.1 of what it was from epoch 3 on") {
		t.Error(text)
	}
}

// A schedule without a length ends with the training.
func TestScheduleOfTheWholeTraining(t *testing.T) {
	d := labelled(t, 40, 3, 7)
	var rates []float64
	h, err := classifier().Fit(d, Fit{Epochs: 4, Batch: 16, Optimizer: Adam{LR: 0.1, Schedule: WarmUp{Steps: 2, Then: Cosine{}}}, OnBatch: func(b BatchInfo) error {
		rates = append(rates, b.LearningRate)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := optim.WarmUp{Steps: 2, Then: optim.Cosine{Steps: 10}}
	for i, got := range rates {
		if want := 0.1 * s.At(i+1); got != want {
			t.Errorf("step %d has a rate of %v, want %v", i+1, got, want)
		}
	}
	if h.Optimizer != "Adam{LR: 0.1, Schedule: WarmUp{Steps: 2, Then: Cosine{Steps: 10}}}" {
		t.Error(h.Optimizer)
	}
	for i, e := range h.Epochs {
		if e.LearningRate != rates[3*i+2] || h.Points[3*i+2].LearningRate != rates[3*i+2] {
			t.Errorf("epoch %d has a rate of %v and %v, want %v", i+1, e.LearningRate, h.Points[3*i+2].LearningRate, rates[3*i+2])
		}
	}
}

func TestEarlyStopOnMetric(t *testing.T) {
	train, val := overfit(t)
	h, err := Sequential(Input(7), Dense(20, Tanh), Dense(3, Softmax)).Fit(train, Fit{
		Epochs: 400, Batch: 40, Val: val, Optimizer: Adam{LR: 0.03}, EarlyStop: &EarlyStop{Patience: 4, Metric: "accuracy"},
	})
	if err != nil {
		t.Fatal(err)
	}
	best, most := 0, -1.0
	for i, v := range h.ValMetric("accuracy") {
		if v > most {
			best, most = i+1, v
		}
	}
	if n := len(h.Epochs); n == 400 || n-best != 4 || !strings.Contains(h.String(), fmt.Sprintf("no improvement since epoch %d", best)) {
		t.Errorf("%d epochs, the most accurate was %d:\n%v", n, best, h)
	}
}
