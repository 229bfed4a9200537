// This file keeps the running figures of a training and tells the monitor.

package nn

import (
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
	began   time.Time // the epoch

	every            int // batches a point
	pLoss            float64
	pMetric          [2]float64
	pBatches, pCount int
}

func newTrack(h *History, monitor Monitor, batches int) *track {
	t := &track{h: h, monitor: monitor, batches: batches, start: time.Now(), metrics: make([]float64, 2*len(h.MetricNames))}
	steps := batches * h.Planned
	t.every = max((steps+maxPoints-1)/maxPoints, 1)
	h.Points = make([]Point, 0, min(steps/t.every+h.Planned, 2*maxPoints)+1)
	return t
}

func (t *track) begin(epoch int) {
	t.epoch, t.done, t.seen, t.loss = epoch, 0, 0, 0
	clear(t.metrics)
	t.began = time.Now()
}

// batch notes a finished step of n examples.
func (t *track) batch(p *plan, loss float64, n int) {
	t.done++
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

func (t *track) point() {
	pt := Point{Epoch: float64(t.epoch-1) + float64(t.done)/float64(t.batches), Loss: t.pLoss / float64(t.pCount), Metric: math.NaN()}
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
		Loss: t.loss / float64(max(t.seen, 1)), Metrics: t.means(), Points: slices.Clip(t.h.Points), Done: slices.Clip(t.h.Epochs),
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
func (t *track) end(res *Result) {
	now := time.Now()
	e := Epoch{Epoch: t.epoch, Loss: t.loss / float64(t.seen), Metrics: t.means(), ValLoss: math.NaN(), Seconds: now.Sub(t.began).Seconds()}
	if res != nil {
		e.ValLoss, e.ValMetrics = res.Loss, res.values
	}
	t.h.Epochs = append(t.h.Epochs, e)
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
