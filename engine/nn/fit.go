// This file trains a model.

package nn

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
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
	Quiet     bool          // show nothing, as suits one of many trainings; what the History tells is the same

	ClassWeights map[int]float64       // what an example of a class counts in the training loss; those left out count 1
	EarlyStop    *EarlyStop            // ends the training when it no longer helps; nil means never
	ReduceLR     *ReduceLROnPlateau    // lowers the learning rate when it no longer helps; nil means never
	Checkpoint   *Checkpoint           // writes the training to a file between epochs; nil means never
	Resume       string                // a file that Checkpoint wrote, from which the training goes on; "" begins one
	OnBatch      func(BatchInfo) error // called after every step; ErrStop ends the training there, any other error ends it with that error. It may ask the model, as by Predict or Save
	OnEpoch      func(Epoch) error     // the same after every epoch
}

// BatchInfo tells of one step. Loss and Metrics are those of its batch, with the
// weights before the step; Metrics may be read during the call only.
type BatchInfo struct {
	Epoch, Epochs  int // the present one, from 1
	Batch, Batches int // of this epoch, from 1
	Step           int // of all epochs, from 1
	Loss           float64
	Metrics        []float64 // as in History.MetricNames
	LearningRate   float64   // 0 when the optimizer has none
}

// ErrStop is what Fit.OnBatch and Fit.OnEpoch return to end a training that went well.
var ErrStop = errors.New("stop")

// RandomSeed, as Fit.Seed, asks for a seed that nobody chose; the History tells
// which it was. With Fit.Resume it is that of the training that goes on.
const RandomSeed int64 = -1

// purposeEpoch begins the random streams of the shuffles; those below belong to
// the layers.
const purposeEpoch = 1 << 20

// Fit trains the model on train. It returns what happened, also when it was
// stopped by its monitor (then Stopped is set and err is nil) and when the loss
// became NaN (then err tells, and the weights are those of the step before); the
// History is nil only if nothing was begun, because of the model, the data or the
// settings.
//
// Training begins with the weights as they are: a second Fit goes on, with a new
// state of the optimizer. With Resume everything goes on as if there had been no break.
// The same seed, data and settings give the same bits on one kind of processor, whatever
// the number of threads.
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
	had := m.ready
	switch {
	case !had || r.Resume != "":
	case m.begun == nil:
		r.hist.Notes = append(r.hist.Notes, "the model had weights already, and the training went on from them; Reset begins anew")
	case *m.begun != r.hist.Seed:
		r.hist.Notes = append(r.hist.Notes, fmt.Sprintf("the model had weights already, of seed %d, which it was given when it was first asked something; Reset begins anew", *m.begun))
	}
	m.initialise(r.hist.Seed)
	m.begun = nil
	defer m.dropGradients()
	h, err := r.run(m)
	if h == nil && !had {
		m.forget()
	}
	return h, err
}

func (m *Model) dropGradients() {
	for _, n := range m.nodes {
		for _, p := range n.params {
			p.g = nil
		}
	}
}

// stepsBetween is how often a monitor hears of a running epoch.
const stepsBetween = 50 * time.Millisecond

// maxPoints bounds the curve of a training.
const maxPoints = 2000

func (r *run) run(m *Model) (*History, error) {
	h := r.hist
	pool := par.New(r.Threads)
	defer pool.Close()
	var stop atomic.Bool
	p := newPlan(m, planSpec{batch: r.Batch, set: r.train, head: r.head, metrics: r.Metrics, opt: r.rule, seed: r.Seed, weights: r.weights, pool: pool, stop: &stop})
	var val *plan
	if r.Val != nil {
		val = newPlan(m, planSpec{batch: min(evalBatch, r.Val.Len()), set: r.Val, head: r.valHead, metrics: r.Metrics, pool: pool, stop: &stop})
	}
	t := newTrack(h, r.batches())
	order := make([]int32, r.train.Len())
	for i := range order {
		order[i] = int32(i)
	}
	done, over := 0, false
	if r.Resume != "" {
		var err error
		if done, over, err = r.resume(r.Resume, p, t, order); err != nil {
			return nil, err
		}
	}
	m.trained = &recipe{loss: r.Loss, metrics: r.Metrics}

	t.monitor = monitorFor(r.Monitor)
	if t.monitor != nil {
		t.monitor.Begin(r.info())
		defer func() { t.monitor.End(h) }()
		defer stopWhen(t.monitor.Done(), &stop)()
	}
	t.begun()
	var err error
	for epoch := done + 1; epoch <= r.Epochs && err == nil && !over; epoch++ {
		if err = r.epoch(p, val, t, order, epoch); err != nil || h.Stopped {
			break
		}
		over, err = r.between(p, epoch)
	}
	if over {
		h.Stopped = h.Stopped || len(h.Epochs) < r.Epochs
		h.Notes = append(h.Notes, fmt.Sprintf("stopped early: no improvement since epoch %d", r.early.epoch))
	}
	r.early.restore(h)
	if err != nil {
		h.Stopped = true
		if errors.Is(err, ErrStop) {
			err = nil
		} else if h.Failure == "" {
			h.Failure, _, _ = strings.Cut(err.Error(), "\n")
		}
	}
	t.finish(m)
	if err == nil {
		h.Findings = layerFindings(h.Layers)
		if !stop.Load() { // which wants an end now
			h.Findings = append(m.units(r.train, m.affordable(r.train), pool, &stop), h.Findings...)
		}
	}
	return h, err
}

// stopWhen sets stop when done is closed, until the function that it returns is called.
func stopWhen(done <-chan struct{}, stop *atomic.Bool) (end func()) {
	ended := make(chan struct{})
	if done != nil {
		go func() {
			select {
			case <-done:
				stop.Store(true)
			case <-ended:
			}
		}()
	}
	return func() { close(ended) }
}

// between does what is to be done after an epoch; over says that EarlyStop ends the
// training.
func (r *run) between(p *plan, epoch int) (over bool, err error) {
	h := r.hist
	e := h.Epochs[len(h.Epochs)-1]
	over = r.early.enough(h, e)
	if r.plateau.lower(h, e, r.rule) {
		p.opt = r.plateau.of(r.rule)
		h.Notes = append(h.Notes, fmt.Sprintf("no improvement since epoch %d: the learning rate is %.3g of what it was from epoch %d on", r.plateau.epoch, r.plateau.factor, epoch+1))
	}
	if err := r.save(p, epoch, over || epoch == r.Epochs); err != nil {
		return over, err
	}
	if r.OnEpoch != nil {
		err = p.m.rest(func() error { return r.OnEpoch(e) })
	}
	return over, err
}

// epoch runs one pass over the examples and, if asked for, the validation.
func (r *run) epoch(p, val *plan, t *track, order []int32, epoch int) error {
	if !r.InOrder {
		src := rng.New(uint64(r.Seed), purposeEpoch+uint64(epoch))
		src.Shuffle(order)
	}
	t.begin(epoch)
	p.epoch = epoch
	for lo := 0; lo < len(order); lo += r.Batch {
		hi := min(lo+r.Batch, len(order))
		p.next = order[hi:min(hi+r.Batch, len(order))]
		p.measure = hi-lo == r.Batch && len(order)-hi < r.Batch
		loss, ok := p.step(order[lo:hi])
		if err := r.train.Err(); err != nil {
			t.h.Stopped = true
			return fmt.Errorf("nn: %w", err)
		}
		if !ok {
			t.h.Stopped = true
			return p.failure()
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return t.broken(p, loss)
		}
		t.batch(p, loss, hi-lo)
		if r.OnBatch != nil {
			b := t.batchInfo(p, loss)
			if err := p.m.rest(func() error { return r.OnBatch(b) }); err != nil {
				return err
			}
		}
	}
	var res *Result
	if val != nil {
		var ok bool
		if res, ok = val.evaluate(r.Val); !ok {
			t.h.Stopped = true
			if err := val.failure(); err != nil {
				return err
			}
		}
		if err := r.Val.Err(); err != nil {
			t.h.Stopped = true
			return fmt.Errorf("nn: %w (this is Fit.Val)", err)
		}
	}
	t.end(p, res)
	return nil
}

func (r *run) info() Info {
	h := r.hist
	return Info{
		Model: h.Model, Params: h.Params, Examples: h.Examples, Epochs: h.Planned, Batch: h.Batch,
		Batches: (h.Examples + h.Batch - 1) / h.Batch, Loss: h.LossName, Optimizer: h.Optimizer, Metrics: h.MetricNames,
		Val: h.HasVal, Seed: h.Seed, Warnings: h.Warnings, Quiet: r.Quiet,
	}
}
