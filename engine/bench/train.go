// This file trains a model with this engine and notes what it took.

package main

import (
	"fmt"
	"time"

	"cajal/engine/data"
	"cajal/engine/nn"
)

func train(s settings) (*figures, error) {
	train, test, err := data.MNIST()
	if err != nil {
		return nil, err
	}
	if s.limit > 0 {
		train = train.Take(s.limit)
	}
	var m *nn.Model
	switch s.model {
	case "mlp":
		m = nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
	case "cnn":
		m = nn.Sequential(
			nn.Input(28, 28, 1),
			nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Flatten(),
			nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax),
		)
	default:
		return nil, fmt.Errorf("no model %q: there are mlp and cnn", s.model)
	}
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
