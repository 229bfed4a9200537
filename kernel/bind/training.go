package bind

// This file shows a training in the cell that started it, and stops it with the
// cell.

import (
	"cajal/display/live"
	"cajal/engine/nn"
	"cajal/kernel/eval"
)

// training is the nn.Monitor of a cell.
type training struct {
	cell  *eval.Running
	panel *live.Panel // nil if it could not be shown
}

// Begin shows the panel.
func (t *training) Begin(info nn.Info) {
	noteSeed(info.Seed)
	t.panel, _ = live.Begin(live.Info(info))
}

// Step hands the state on to the panel.
func (t *training) Step(s nn.Step) {
	t.panel.Step(live.Step{
		Epoch: s.Epoch, Epochs: s.Epochs, Batch: s.Batch, Batches: s.Batches,
		Loss: s.Loss, Metrics: s.Metrics, EpochDone: s.EpochDone, ValLoss: s.ValLoss, ValMetrics: s.ValMetrics,
		Elapsed: s.Elapsed, ETA: s.ETA, PerSecond: s.PerSecond,
		Points: points(s.Points), Done: epochs(s.Done),
	})
}

// End shows how the training ended.
func (t *training) End(h *nn.History) {
	r := live.Result{
		Epochs: epochs(h.Epochs), Points: points(h.Points), Steps: h.Steps,
		Stopped: h.Stopped, Seconds: h.Seconds, Warnings: h.Warnings,
	}
	// Fit could not say that its panel was not shown, and its figures are in the
	// History anyway, so that errors are of no interest.
	if t.interrupted() {
		go t.panel.End(r) // the reader does not want to wait for a picture
		return
	}
	if h.Stopped {
		r.Failure = "the loss became infinite or NaN"
	}
	_ = t.panel.End(r)
}

// Done is closed when the cell is interrupted.
func (t *training) Done() <-chan struct{} { return t.cell.Done() }

func (t *training) interrupted() bool {
	select {
	case <-t.cell.Done():
		return true
	default:
		return false
	}
}

func points(from []nn.Point) []live.Point {
	out := make([]live.Point, len(from))
	for i, p := range from {
		out[i] = live.Point(p)
	}
	return out
}

func epochs(from []nn.Epoch) []live.Epoch {
	out := make([]live.Epoch, len(from))
	for i, e := range from {
		out[i] = live.Epoch(e)
	}
	return out
}
