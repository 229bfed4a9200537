// This file keeps the running figures of a training and tells the monitor.

package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// track follows one training. It allocates only when it tells the monitor.
type track struct {
	h       *History
	monitor Monitor
	batches int // an epoch
	start   time.Time
	told    time.Time // when the monitor last heard

	epoch   int
	done    int // batches of this epoch
	seen    int // examples of this epoch
	total   int // examples of all epochs
	loss    float64
	metrics []float64 // part and whole of each, over this epoch
	rate    float64   // the learning rate of the last batch
	last    []float64 // metrics of the last batch
	began   time.Time // the epoch

	every            int // batches a point
	pLoss            float64
	pMetric          [2]float64
	pBatches, pCount int
}

func newTrack(h *History, batches int) *track {
	n := len(h.MetricNames)
	t := &track{h: h, batches: batches, metrics: make([]float64, 2*n), last: make([]float64, n)}
	steps := batches * h.Planned
	t.every = max((steps+maxPoints-1)/maxPoints, 1)
	h.Points = make([]Point, 0, min(steps/t.every+h.Planned, 2*maxPoints)+1)
	return t
}

// begun notes that the training begins, or goes on after some epochs.
func (t *track) begun() {
	t.start = time.Now()
	for _, e := range t.h.Epochs { // so that speed and the time that is left come out right
		t.start = t.start.Add(-time.Duration(min(max(e.Seconds, 0), 1e8) * float64(time.Second)))
	}
}

func (t *track) begin(epoch int) {
	t.epoch, t.done, t.seen, t.loss = epoch, 0, 0, 0
	clear(t.metrics)
	t.began = time.Now()
}

// batch notes a finished step of n examples.
func (t *track) batch(p *plan, loss float64, n int) {
	t.done++
	t.rate = p.coef.Rate
	t.seen += n
	t.total += n
	t.loss += loss * float64(n)
	for k := range t.metrics {
		t.metrics[k] += p.sum(k + 1)
	}
	t.pLoss += loss * float64(n)
	t.pCount += n
	if len(t.metrics) > 0 {
		t.pMetric[0] += p.sum(1)
		t.pMetric[1] += p.sum(2)
	}
	if t.pBatches++; t.pBatches >= t.every || t.done == t.batches {
		t.point()
	}
	if t.monitor == nil || t.done == t.batches {
		return // the last batch is told with the end of the epoch
	}
	if now := time.Now(); now.Sub(t.told) >= stepsBetween {
		t.told = now
		t.monitor.Step(t.step(now))
	}
}

// batchInfo describes the step that batch has noted.
func (t *track) batchInfo(p *plan, loss float64) BatchInfo {
	for k := range t.last {
		t.last[k] = p.sum(2*k+1) / p.sum(2*k+2)
	}
	return BatchInfo{
		Epoch: t.epoch, Epochs: t.h.Planned, Batch: t.done, Batches: t.batches, Step: (t.epoch-1)*t.batches + t.done,
		Loss: loss, Metrics: t.last, LearningRate: t.rate,
	}
}

// broken notes a step that was not done, since its loss is no number, and returns the
// error that tells.
func (t *track) broken(p *plan, loss float64) error {
	if t.pBatches > 0 {
		t.point()
	}
	step := (t.epoch-1)*t.batches + t.done + 1
	rate := p.opt.Prepare(p.steps + 1).Rate
	pt := Point{Epoch: float64(t.epoch-1) + float64(t.done+1)/float64(t.batches), Loss: loss, Metric: math.NaN(), LearningRate: rate}
	if len(t.metrics) > 0 {
		pt.Metric = p.sum(1) / p.sum(2)
	}
	t.h.Points = append(t.h.Points, pt)
	t.h.Failure = fmt.Sprintf("%s became %v at step %s", p.broken, loss, thousands(step))
	text := fmt.Sprintf("nn: the %s became %v in epoch %d at batch %d of %d, step %d of the training", p.broken, loss, t.epoch, t.done+1, t.batches, step)
	if rate != 0 {
		text += fmt.Sprintf(", at a learning rate of %.3g", rate)
	}
	for k, name := range t.h.MetricNames {
		text += fmt.Sprintf(", %s %.3g", name, p.sum(2*k+1)/p.sum(2*k+2))
	}
	if p.steps == 0 {
		return errors.New(text + ": before any update\n      fix        inputs and targets scaled to about 1, or smaller first weights")
	}
	return fmt.Errorf("%s: the weights, which are those of the step before, have grown out of bounds"+
		"\n      fix        a smaller learning rate than %v (Model.FindLearningRate looks for one), nn.Clip{Rule: …, GlobalNorm: 1}, or inputs scaled to about 1; Model.Reset() begins anew", text, p.opt)
}

func (t *track) point() {
	pt := Point{Epoch: float64(t.epoch-1) + float64(t.done)/float64(t.batches), Loss: t.pLoss / float64(t.pCount), Metric: math.NaN(), LearningRate: t.rate}
	if len(t.metrics) > 0 {
		pt.Metric = t.pMetric[0] / t.pMetric[1]
	}
	t.h.Points = append(t.h.Points, pt)
	t.pLoss, t.pMetric, t.pBatches, t.pCount = 0, [2]float64{}, 0, 0
}

// step describes the present moment. Slices are cut to their length, so that
// what is appended later does not show.
func (t *track) step(now time.Time) Step {
	s := Step{
		Epoch: t.epoch, Epochs: t.h.Planned, Batch: t.done, Batches: t.batches, Elapsed: now.Sub(t.start),
		Loss: t.loss / float64(max(t.seen, 1)), Metrics: t.means(), LearningRate: t.rate, Points: slices.Clip(t.h.Points), Done: slices.Clip(t.h.Epochs),
	}
	all := float64(t.h.Planned * t.batches)
	if done := float64((t.epoch-1)*t.batches + t.done); done > 0 {
		s.ETA = time.Duration(float64(s.Elapsed) * (all - done) / done)
	}
	if sec := s.Elapsed.Seconds(); sec > 0 {
		s.PerSecond = float64(t.total) / sec
	}
	return s
}

func (t *track) means() []float64 {
	out := make([]float64, len(t.metrics)/2)
	for k := range out {
		out[k] = t.metrics[2*k] / t.metrics[2*k+1]
	}
	return out
}

// end notes a finished epoch and its validation, nil without.
func (t *track) end(p *plan, res *Result) {
	now := time.Now()
	e := Epoch{Epoch: t.epoch, Loss: t.loss / float64(t.seen), Metrics: t.means(), ValLoss: math.NaN(), Seconds: now.Sub(t.began).Seconds(), LearningRate: t.rate}
	if res != nil {
		e.ValLoss, e.ValMetrics = res.Loss, res.values
	}
	t.h.Epochs = append(t.h.Epochs, e)
	t.h.Layers = p.layerStats(t.h.Layers)
	if t.h.BestEpoch == 0 || t.h.figure(e) < t.h.figure(t.h.Epochs[t.h.BestEpoch-1]) {
		t.h.BestEpoch = t.epoch
	}
	if t.monitor != nil {
		s := t.step(now)
		s.EpochDone, s.ValLoss, s.ValMetrics = true, e.ValLoss, e.ValMetrics
		t.told = now
		t.monitor.Step(s)
	}
}

func (t *track) finish(m *Model) {
	if t.pBatches > 0 {
		t.point()
	}
	t.h.Seconds = time.Since(t.start).Seconds()
	t.h.Steps = len(t.h.Epochs)*t.batches + t.partial()
	t.h.WeightHash = m.hash()
}

// partial is how many batches of an unfinished epoch were done.
func (t *track) partial() int {
	if len(t.h.Epochs) == t.epoch {
		return 0
	}
	return t.done
}
