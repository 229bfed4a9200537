// This file trains a model.

package nn

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
	"cajal/engine/optim"
)

// Fit says how to train. Its zero value works; what it stands for is in the
// History.
type Fit struct {
	Epochs    int           // passes over the training set; 0 means 1
	Batch     int           // examples a step; 0 means 32
	Optimizer Optimizer     // nil means Adam{}
	Loss      Loss          // nil means what suits the last layer and the labels
	Metrics   []Metric      // nil means Accuracy for classes; empty means none
	Val       *data.Dataset // evaluated after every epoch; nil means none
	ValSplit  float64       // instead of Val: this share of the training set is set aside for it, chosen at random from Seed
	Seed      int64         // of first weights and shuffles; 0 is a seed like any other, RandomSeed asks for a new one
	InOrder   bool          // do not shuffle the examples
	Threads   int           // goroutines; 0 means as many as there are processors. It does not change the result
	Monitor   Monitor       // nil means what SetMonitor's function gives

	ClassWeights map[int]float64   // what an example of a class counts in the training loss; those left out count 1
	EarlyStop    *EarlyStop        // ends the training when it no longer helps; nil means never
	OnEpoch      func(Epoch) error // called after every epoch; ErrStop ends the training, any other error ends it with that error
}

// An EarlyStop ends a training when the validation loss, or without validation the
// training loss, has not fallen for some epochs. The model then has the weights of the
// best epoch.
type EarlyStop struct {
	Patience int     // epochs without improvement that are borne; 0 means 5
	MinDelta float64 // what counts as improvement: a fall by more than this
	KeepLast bool    // keep the last weights instead of the best
}

// ErrStop is what Fit.OnEpoch returns to end a training that went well.
var ErrStop = errors.New("stop")

// RandomSeed, as Fit.Seed, asks for a seed that nobody chose; the History tells
// which it was.
const RandomSeed int64 = -1

// purposeEpoch begins the random streams of the shuffles; those below belong to
// the layers.
const purposeEpoch = 1 << 20

// Fit trains the model on train. It returns what happened, also when it was
// stopped by its monitor (then Stopped is set and err is nil) and when the loss
// became NaN (then err tells); the History is nil only if nothing was begun,
// because of the model, the data or the settings.
//
// Training begins with the weights as they are: a second Fit goes on, with a new
// state of the optimizer. The same seed, data and settings give the same bits on
// one kind of processor, whatever the number of threads.
func (m *Model) Fit(train *data.Dataset, f Fit) (*History, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	r, err := f.resolve(m, train)
	if err != nil {
		return nil, err
	}
	if !m.training.CompareAndSwap(false, true) {
		return nil, errBusy
	}
	defer m.training.Store(false)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ready {
		r.hist.Notes = append(r.hist.Notes, "the model had weights already and was trained on; Reset begins anew")
	}
	m.initialise(r.hist.Seed)
	defer m.dropGradients()
	return r.run(m)
}

func (m *Model) dropGradients() {
	for _, n := range m.nodes {
		for _, p := range n.params {
			p.g = nil
		}
	}
}

// run is one training: the settings, with defaults filled in.
type run struct {
	Fit
	train   *data.Dataset
	head    head
	valHead head
	weights []float64 // of the classes
	hist    *History
}

// resolve fills in the defaults and refuses what cannot work.
func (f Fit) resolve(m *Model, train *data.Dataset) (*run, error) {
	if f.Epochs < 0 {
		return nil, fmt.Errorf("nn: Fit.Epochs is %d, but must not be negative", f.Epochs)
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
	var notes []string
	if f.ValSplit != 0 {
		rest, err := f.split(train)
		if err != nil {
			return nil, err
		}
		notes = append(notes, fmt.Sprintf("%d of %d examples were set aside for validation", f.Val.Len(), train.Len()))
		train = rest
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
		f.Metrics = defaultMetrics(f.Loss)
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
	if e := f.EarlyStop; e != nil && (e.Patience < 0 || !(e.MinDelta >= 0)) {
		return nil, fmt.Errorf("nn: Fit.EarlyStop has Patience %d and MinDelta %v, but neither may be negative", e.Patience, e.MinDelta)
	}
	if f.Val != nil {
		if err := checkData(m, f.Val, "the validation set"); err != nil {
			return nil, fmt.Errorf("%w (this is Fit.Val)", err)
		}
		if r.valHead, err = f.Loss.resolve(m, f.Val); err != nil {
			return nil, fmt.Errorf("%w (this is Fit.Val)", err)
		}
	}
	r.chooseSeed()
	r.hist = r.history(m)
	r.hist.Notes = notes
	return r, nil
}

// split sets examples aside for validation and returns the others.
func (f *Fit) split(train *data.Dataset) (*data.Dataset, error) {
	if f.Val != nil {
		return nil, fmt.Errorf("nn: Fit has both Val and ValSplit, but can use only one of them")
	}
	if !(f.ValSplit > 0 && f.ValSplit < 1) {
		return nil, fmt.Errorf("nn: Fit.ValSplit is %v, but must be between 0 and 1", f.ValSplit)
	}
	// A seed that nobody chose is chosen here, so that the History can tell it.
	f.chooseSeed()
	val, rest, err := train.Split(f.ValSplit, f.Seed)
	if err != nil {
		return nil, fmt.Errorf("nn: Fit.ValSplit: %w", err)
	}
	f.Val = val
	return rest, nil
}

func (f *Fit) chooseSeed() {
	if f.Seed == RandomSeed {
		var b [8]byte
		rand.Read(b[:]) // never fails: see crypto/rand
		f.Seed = int64(binary.LittleEndian.Uint64(b[:]) >> 1)
	}
}

// classWeights returns a weight for every class, nil when all are 1.
func (f *Fit) classWeights(m *Model, train *data.Dataset) ([]float64, error) {
	if len(f.ClassWeights) == 0 {
		return nil, nil
	}
	if !train.HasLabels() {
		return nil, fmt.Errorf("nn: Fit.ClassWeights needs a dataset with class labels")
	}
	classes := max(product(m.last().out), 2)
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

// defaultMetrics is accuracy where there are classes.
func defaultMetrics(l Loss) []Metric {
	switch l.(type) {
	case MSE, HalfMSE, MAE, Huber, LogCosh:
		return []Metric{}
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
		LossName: r.Loss.Name(), Optimizer: r.Optimizer.String(), MetricNames: metricNames(r.Metrics),
		Seed: r.Seed, Threads: r.Threads, HasVal: r.Val != nil, BestEpoch: 0,
	}
	h.Warnings = warnings(r.train)
	if r.Val != nil {
		for _, w := range warnings(r.Val) {
			h.Warnings = append(h.Warnings, "Fit.Val: "+w)
		}
	}
	return h
}

// stepsBetween is how often a monitor hears of a running epoch.
const stepsBetween = 50 * time.Millisecond

// maxPoints bounds the curve of a training.
const maxPoints = 2000

func (r *run) run(m *Model) (*History, error) {
	h := r.hist
	monitor := monitorFor(r.Monitor)
	pool := par.New(r.Threads)
	defer pool.Close()
	var stop atomic.Bool
	over := make(chan struct{})
	defer close(over)
	if monitor != nil {
		monitor.Begin(r.info())
		defer func() { monitor.End(h) }()
		if done := monitor.Done(); done != nil {
			go func() {
				select {
				case <-done:
					stop.Store(true)
				case <-over:
				}
			}()
		}
	}
	p := newPlan(m, planSpec{batch: r.Batch, set: r.train, head: r.head, metrics: r.Metrics, opt: r.Optimizer, seed: r.Seed, weights: r.weights, pool: pool, stop: &stop})
	var val *plan
	if r.Val != nil {
		val = newPlan(m, planSpec{batch: min(evalBatch, r.Val.Len()), set: r.Val, head: r.valHead, metrics: r.Metrics, pool: pool, stop: &stop})
	}
	t := newTrack(h, monitor, (r.train.Len()+r.Batch-1)/r.Batch)
	order := make([]int32, r.train.Len())
	for i := range order {
		order[i] = int32(i)
	}
	var err error
	best := &keeper{rule: r.EarlyStop, m: m}
	for epoch := 1; epoch <= r.Epochs && err == nil && !h.Stopped; epoch++ {
		if err = r.epoch(p, val, t, order, epoch); err != nil || h.Stopped {
			break
		}
		if r.OnEpoch != nil {
			if err = r.OnEpoch(h.Epochs[len(h.Epochs)-1]); err != nil {
				h.Stopped = true
				if errors.Is(err, ErrStop) {
					err = nil
				}
			}
		}
		if best.enough(h) {
			h.Stopped = h.Stopped || epoch < r.Epochs
			h.Notes = append(h.Notes, fmt.Sprintf("stopped early: no improvement since epoch %d", best.epoch))
			break
		}
	}
	if best.restore() {
		h.Notes = append(h.Notes, fmt.Sprintf("the weights are those of epoch %d", best.epoch))
	}
	t.finish(m)
	m.trained = &recipe{loss: r.Loss, metrics: r.Metrics}
	return h, err
}

// epoch runs one pass over the examples and, if asked for, the validation.
func (r *run) epoch(p, val *plan, t *track, order []int32, epoch int) error {
	if !r.InOrder {
		src := rng.New(uint64(r.Seed), purposeEpoch+uint64(epoch))
		src.Shuffle(order)
	}
	t.begin(epoch)
	for lo := 0; lo < len(order); lo += r.Batch {
		hi := min(lo+r.Batch, len(order))
		p.next = order[hi:min(hi+r.Batch, len(order))]
		loss, ok := p.step(order[lo:hi])
		if !ok {
			t.h.Stopped = true
			return nil
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			t.h.Stopped = true
			return fmt.Errorf("nn: the loss became %v in epoch %d at batch %d of %d: the weights have grown out of bounds\n      fix        a smaller learning rate than %s, or inputs scaled to about 1; Model.Reset() begins anew",
				loss, epoch, lo/r.Batch+1, t.batches, r.Optimizer)
		}
		t.batch(p, loss, hi-lo)
	}
	var res *Result
	if val != nil {
		var ok bool
		if res, ok = val.evaluate(r.Val); !ok {
			t.h.Stopped = true
		}
	}
	t.end(res)
	return nil
}

func (r *run) info() Info {
	h := r.hist
	return Info{
		Model: h.Model, Params: h.Params, Examples: h.Examples, Epochs: h.Planned, Batch: h.Batch,
		Batches: (h.Examples + h.Batch - 1) / h.Batch, Loss: h.LossName, Optimizer: h.Optimizer, Metrics: h.MetricNames,
		Val: h.HasVal, Seed: h.Seed, Warnings: h.Warnings,
	}
}
