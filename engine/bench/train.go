// This file trains a model with this engine and notes what it took.

package main

import (
	"time"

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
	return w.figures, nil
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
