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
	t.panel.Step(stepOf(s))
}

// End shows how the training ended.
func (t *training) End(h *nn.History) {
	r := resultOf(h)
	// Fit could not say that its panel was not shown, and its figures are in the
	// History anyway, so that errors are of no interest.
	if t.interrupted() {
		go t.panel.End(r) // the reader does not want to wait for a picture
		return
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

// stepOf and resultOf convert field by field: the types in the slices differ.

func stepOf(s nn.Step) live.Step {
	return live.Step{
		Epoch: s.Epoch, Epochs: s.Epochs, Batch: s.Batch, Batches: s.Batches,
		Loss: s.Loss, Metrics: s.Metrics, EpochDone: s.EpochDone, ValLoss: s.ValLoss, ValMetrics: s.ValMetrics,
		Elapsed: s.Elapsed, ETA: s.ETA, PerSecond: s.PerSecond, LearningRate: s.LearningRate,
		Points: points(s.Points), Done: epochs(s.Done),
	}
}

func resultOf(h *nn.History) live.Result {
	r := live.Result{
		Epochs: epochs(h.Epochs), Points: points(h.Points), Steps: h.Steps,
		Stopped: h.Stopped, Failure: h.Failure, Seconds: h.Seconds, Warnings: h.Warnings,
	}
	for _, f := range h.Findings {
		r.Warnings = append(r.Warnings[:len(r.Warnings):len(r.Warnings)], f.String())
	}
	return r
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
