// This file trains a model with this engine and notes what it took.

package main

import (
	"sync"
	"sync/atomic"
	"time"

	"cajal/engine/internal/f32"
	"cajal/engine/nn"
)

func train(s settings) (*figures, error) {
	t, err := findTask(s.model)
	if err != nil {
		return nil, err
	}
	train, test, err := t.data(s.limit, s.seed)
	if err != nil {
		return nil, err
	}
	m := t.model()
	w := &watch{figures: &figures{Engine: "cajal"}}
	h, err := m.Fit(train, nn.Fit{Epochs: s.epochs, Batch: s.batch, Seed: s.seed, Threads: s.threads, Monitor: w})
	if err != nil {
		return nil, err
	}
	for _, e := range h.Epochs {
		w.Epochs = append(w.Epochs, e.Seconds)
	}
	r, err := m.Evaluate(test)
	if err != nil {
		return nil, err
	}
	w.Accuracy = r.Accuracy
	w.RSS = peakMB()
	// One epoch more, whose work is counted.
	work := f32.CountWork()
	if _, err := m.Fit(train, nn.Fit{Batch: s.batch, Seed: s.seed, Threads: s.threads, Monitor: &watch{figures: &figures{}}}); err != nil {
		return nil, err
	}
	w.Work = float64(work())
	w.Peak = peak(h.Threads)
	return w.figures, nil
}

// peak returns the most floating point operations that threads do in a second of
// processor time, while as many run as in the training.
func peak(threads int) float64 {
	const rounds, calls = 200_000, 20
	best := 0.0
	for range 10 {
		var wg sync.WaitGroup
		var done atomic.Int64
		start := cpuTime()
		for range threads {
			wg.Go(func() {
				for range calls {
					done.Add(int64(f32.MultiplyAdd(rounds)))
				}
			})
		}
		wg.Wait()
		best = max(best, float64(done.Load())/(cpuTime()-start).Seconds())
	}
	return best
}

// watch notes when the first step is done, and the processor time of epochs.
type watch struct {
	*figures
	cpu time.Duration
}

func (w *watch) Begin(nn.Info) { w.cpu = cpuTime() }

func (w *watch) Step(s nn.Step) {
	if w.Startup == 0 {
		w.Startup = sinceStart().Seconds()
	}
	if s.EpochDone {
		now := cpuTime()
		w.CPU = append(w.CPU, (now - w.cpu).Seconds())
		w.cpu = now
	}
}

func (w *watch) End(*nn.History)       {}
func (w *watch) Done() <-chan struct{} { return nil }
