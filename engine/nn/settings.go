// This file fills in the defaults of a Fit and refuses what cannot work.

package nn

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"

	"cajal/engine/data"
	"cajal/engine/optim"
)

// run is one training: the settings, with defaults filled in.
type run struct {
	Fit
	train   *data.Dataset
	head    head
	valHead head
	weights []float64 // of the classes
	hist    *History
	rule    Optimizer // Optimizer, told how many steps there will be
	early   *keeper   // does nothing without EarlyStop
	plateau *plateau  // nor without ReduceLR
	best    watched   // what a Checkpoint with BestOnly follows
}

// mostEpochs bounds a training, so that its steps can be counted.
const mostEpochs = 1 << 30

// resolve fills in the defaults and refuses what cannot work.
func (f Fit) resolve(m *Model, train *data.Dataset) (*run, error) {
	if f.Epochs < 0 || f.Epochs > mostEpochs {
		return nil, fmt.Errorf("nn: Fit.Epochs is %d, but must be from 0 to %d", f.Epochs, mostEpochs)
	}
	if f.Batch < 0 {
		return nil, fmt.Errorf("nn: Fit.Batch is %d, but must not be negative", f.Batch)
	}
	if f.Threads < 0 || f.Threads > 1024 {
		return nil, fmt.Errorf("nn: Fit.Threads is %d, but must be from 0 to 1024", f.Threads)
	}
	if err := checkData(m, train, "the training set"); err != nil {
		return nil, err
	}
	if err := f.chooseSeed(); err != nil {
		return nil, err
	}
	var notes []string
	if f.ValSplit != 0 {
		rest, err := f.split(train)
		if err != nil {
			return nil, err
		}
		notes = append(notes, fmt.Sprintf("%d of %d examples were set aside for validation", f.Val.Len(), train.Len()))
		train = rest
	}
	if a := train.Augmented(); a != "" {
		notes = append(notes, "the examples were augmented anew each epoch: "+a)
	}
	if f.Epochs == 0 {
		f.Epochs = 1
	}
	if f.Batch == 0 {
		f.Batch = 32
	}
	f.Batch = min(f.Batch, train.Len())
	if f.Threads == 0 {
		f.Threads = runtime.GOMAXPROCS(0)
	}
	if f.Optimizer == nil {
		f.Optimizer = optim.Adam{}
	}
	if err := f.Optimizer.Check(); err != nil {
		return nil, fmt.Errorf("nn: Fit.Optimizer: %w", err)
	}
	if f.Loss == nil {
		f.Loss = inferLoss(m, train)
	}
	if f.Metrics == nil {
		f.Metrics = defaultMetrics(f.Loss, m, train)
	}
	for i, mt := range f.Metrics {
		if mt == nil {
			return nil, fmt.Errorf("nn: Fit.Metrics[%d] is nil", i)
		}
	}
	r := &run{Fit: f, train: train}
	var err error
	if r.head, err = f.Loss.resolve(m, train); err != nil {
		return nil, err
	}
	if r.weights, err = f.classWeights(m, train); err != nil {
		return nil, err
	}
	if f.Val != nil {
		if err := checkData(m, f.Val, "the validation set"); err != nil {
			return nil, fmt.Errorf("%w (this is Fit.Val)", err)
		}
		if r.valHead, err = f.Loss.resolve(m, f.Val); err != nil {
			return nil, fmt.Errorf("%w (this is Fit.Val)", err)
		}
	}
	r.rule = optim.Over(r.Optimizer, r.batches()*r.Epochs)
	if err := r.callbacks(m); err != nil {
		return nil, err
	}
	r.hist = r.history(m)
	r.hist.Notes = notes
	return r, nil
}

// batches is how many there are an epoch.
func (r *run) batches() int { return (r.train.Len() + r.Batch - 1) / r.Batch }

// callbacks prepares what looks at a training between its epochs.
func (r *run) callbacks(m *Model) (err error) {
	r.early, r.plateau = &keeper{rule: r.EarlyStop, m: m}, &plateau{rule: r.ReduceLR, factor: 1}
	if e := r.EarlyStop; e != nil {
		if e.Patience < 0 || !(e.MinDelta >= 0) {
			return fmt.Errorf("nn: Fit.EarlyStop has Patience %d and MinDelta %v, but neither may be negative", e.Patience, e.MinDelta)
		}
		if r.early.watched, err = r.watch("EarlyStop", e.Metric, e.MinDelta); err != nil {
			return err
		}
	}
	if e := r.ReduceLR; e != nil {
		if err := e.check(r.Optimizer); err != nil {
			return err
		}
		if r.plateau.watched, err = r.watch("ReduceLR", e.Metric, e.delta()); err != nil {
			return err
		}
	}
	if c := r.Checkpoint; c != nil {
		if err := c.check(m); err != nil {
			return err
		}
		if r.best, err = r.watch("Checkpoint", c.Metric, 0); err != nil {
			return err
		}
	}
	return nil
}

// split sets examples aside for validation and returns the others.
func (f *Fit) split(train *data.Dataset) (*data.Dataset, error) {
	if f.Val != nil {
		return nil, fmt.Errorf("nn: Fit has both Val and ValSplit, but can use only one of them")
	}
	if !(f.ValSplit > 0 && f.ValSplit < 1) {
		return nil, fmt.Errorf("nn: Fit.ValSplit is %v, but must be between 0 and 1", f.ValSplit)
	}
	val, rest, err := train.Split(f.ValSplit, f.Seed)
	if err != nil {
		return nil, fmt.Errorf("nn: Fit.ValSplit: %w", err)
	}
	f.Val = val
	return rest, nil
}

// chooseSeed chooses a seed where nobody did, so that the History can tell it. A
// training that goes on has one already.
func (f *Fit) chooseSeed() (err error) {
	switch {
	case f.Seed != RandomSeed:
	case f.Resume != "":
		f.Seed, err = seedOf(f.Resume)
	default:
		var b [8]byte
		rand.Read(b[:]) // never fails: see crypto/rand
		f.Seed = int64(binary.LittleEndian.Uint64(b[:]) >> 1)
	}
	return err
}

// maxWeighed bounds the classes that can have a weight.
const maxWeighed = 1 << 20

// classWeights returns a weight for every class, nil when all are 1.
func (f *Fit) classWeights(m *Model, train *data.Dataset) ([]float64, error) {
	if len(f.ClassWeights) == 0 {
		return nil, nil
	}
	if !train.HasLabels() {
		return nil, fmt.Errorf("nn: Fit.ClassWeights needs a dataset with class labels")
	}
	s := train.Stats()
	for _, end := range []struct{ label, at int }{{s.MinLabel, s.MinAt}, {s.MaxLabel, s.MaxAt}} {
		if end.label < 0 || end.label >= maxWeighed {
			return nil, problem(train, "has label %d at example %d, but Fit.ClassWeights is for classes 0 to %d", end.label, end.at, maxWeighed-1)
		}
	}
	classes := max(product(m.last().out), 2, s.MaxLabel+1) // some losses compare one output with any label
	out := make([]float64, classes)
	for c := range out {
		out[c] = 1
	}
	for c, w := range f.ClassWeights {
		if c < 0 || c >= classes {
			return nil, fmt.Errorf("nn: Fit.ClassWeights has class %d, but the model knows classes 0 to %d", c, classes-1)
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("nn: Fit.ClassWeights gives class %d the weight %v, but it must be a number from 0", c, w)
		}
		out[c] = w
	}
	return out, nil
}

// defaultMetrics is accuracy where there are classes. Several outputs of yes or no, as
// pixels are, are none.
func defaultMetrics(l Loss, m *Model, d *data.Dataset) []Metric {
	switch l.(type) {
	case MSE, HalfMSE, MAE, Huber, LogCosh, *customLoss:
		return []Metric{}
	case BinaryCrossEntropy:
		if !d.HasLabels() && product(m.last().out) > 1 {
			return []Metric{}
		}
	}
	return []Metric{Accuracy{}}
}

func metricNames(ms []Metric) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Name())
	}
	return out
}

func (r *run) history(m *Model) *History {
	h := &History{
		Model: m.line(), Params: m.Params(), Examples: r.train.Len(), Batch: r.Batch, Planned: r.Epochs,
		LossName: r.Loss.Name(), Optimizer: r.rule.String(), MetricNames: metricNames(r.Metrics),
		Seed: r.Seed, Threads: r.Threads, HasVal: r.Val != nil, BestEpoch: 0,
	}
	h.Warnings = warnings(r.train)
	if r.Val != nil {
		for _, w := range warnings(r.Val) {
			h.Warnings = append(h.Warnings, "Fit.Val: "+w)
		}
	}
	var f Findings
	f.balance(r.train)
	if r.Val != nil && (r.train.Len()+r.Val.Len())*r.train.ExampleSize() <= overlapNumbers {
		f.duplicates(r.train, r.Val, false)
	}
	for _, l := range f.List {
		h.Warnings = append(h.Warnings, l.String())
	}
	return h
}
