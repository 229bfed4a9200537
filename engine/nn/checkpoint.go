// This file writes what a training is between two epochs, and takes it up again.

package nn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cajal/engine/internal/rng"
	"cajal/engine/safetensors"
)

// A checkpoint is a file of Save with more in it, under names that begin so: what the
// optimizer keeps beside each weight, and the history.
const (
	trainingPrefix = "training/"
	epochsName     = trainingPrefix + "epochs"
	pointsName     = trainingPrefix + "points"
	keyProgress    = "progress"
)

// progress is how far a training is, and what must be the same when it goes on.
type progress struct {
	Epoch     int    `json:"epoch"` // finished ones
	Steps     int    `json:"steps"`
	Seed      int64  `json:"seed"`
	Batch     int    `json:"batch"`
	Examples  int    `json:"examples"`
	InOrder   bool   `json:"inOrder"`
	Optimizer string `json:"optimizer"`
	Loss      string `json:"loss"`
	Val       bool   `json:"val"`
	Best      int    `json:"best"`
}

func (r *run) progress(p *plan, epoch int) progress {
	return progress{
		Epoch: epoch, Steps: p.steps, Seed: r.Seed, Batch: r.Batch, Examples: r.train.Len(), InOrder: r.InOrder,
		Optimizer: r.Optimizer.String(), Loss: r.Loss.Name(), Val: r.Val != nil, Best: r.hist.BestEpoch,
	}
}

// withoutTraining returns a file without what only a checkpoint has.
func withoutTraining(f *safetensors.File) *safetensors.File {
	g := &safetensors.File{Metadata: f.Metadata}
	for _, t := range f.Tensors {
		if !strings.HasPrefix(t.Name, trainingPrefix) {
			g.Tensors = append(g.Tensors, t)
		}
	}
	return g
}

// checkpoint writes the training as it is after an epoch. The caller trains, and so
// holds the model's lock.
func (r *run) checkpoint(path string, p *plan, epoch int) error {
	c, err := p.m.Config()
	if err != nil {
		return err
	}
	f, err := p.m.contents(c)
	if err != nil {
		return err
	}
	text, err := json.Marshal(r.progress(p, epoch))
	if err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	f.Metadata[keyProgress] = string(text)
	states := p.states()
	p.m.eachParam(func(name string, q *param) error {
		for s, v := range states[q] {
			f.Tensors = append(f.Tensors, safetensors.FromFloat32(stateName(s, name), q.tensor(v)))
		}
		return nil
	})
	f.Tensors = append(f.Tensors, table(epochsName, r.hist.epochRows()), table(pointsName, pointRows(r.hist.Points)))
	if err := f.Write(path); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	return nil
}

func stateName(slot int, name string) string {
	return fmt.Sprintf("%sstate %d/%s", trainingPrefix, slot, name)
}

// states returns what the optimizer keeps of each parameter, one slice a slot, laid
// out as the weights are.
func (p *plan) states() map[*param][][]float32 {
	out := map[*param][][]float32{}
	for _, task := range p.updates {
		for _, u := range task.rows { // of each parameter, from the first row to the last
			if out[u.p] == nil {
				out[u.p] = make([][]float32, p.opt.Slots())
			}
			for s := range out[u.p] {
				out[u.p][s] = append(out[u.p][s], u.state[s]...)
			}
		}
	}
	return out
}

// resume takes up the training that a checkpoint tells of: weights, what the optimizer
// keeps, steps, history and the order of the examples, which the next shuffle goes on
// from. It returns the epochs that are done. When it fails, nothing has changed.
func (r *run) resume(path string, p *plan, t *track, order []int32) (epoch int, err error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return 0, fmt.Errorf("nn: %w", err)
	}
	if epoch, err = r.restore(f, p, t, order); err != nil {
		return 0, fmt.Errorf("%w (%s)", err, path)
	}
	return epoch, nil
}

func (r *run) restore(f *safetensors.File, p *plan, t *track, order []int32) (epoch int, err error) {
	text, ok := f.Metadata[keyProgress]
	if !ok {
		return 0, fmt.Errorf("nn: the file is no checkpoint")
	}
	var was progress
	if err := decode(text, &was); err != nil {
		return 0, fmt.Errorf("nn: the progress in the file: %w", err)
	}
	if err := r.same(p, was); err != nil {
		return 0, err
	}
	values, err := p.m.values(withoutTraining(f))
	if err != nil {
		return 0, err
	}
	// What the optimizer keeps, in the layout of the weights.
	states := p.states()
	err = p.m.eachParam(func(name string, q *param) error {
		for s, v := range states[q] {
			e := f.Lookup(stateName(s, name))
			if e == nil || !slices.Equal(e.Shape, q.shape) {
				return fmt.Errorf("nn: the file has no tensor %q of shape %v", stateName(s, name), q.shape)
			}
			x, err := e.Float32()
			if err != nil {
				return fmt.Errorf("nn: %w", err)
			}
			q.each(func(user, stored, n int) { copy(v[stored:stored+n], x.Data[user:]) })
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	epochs, points, err := historyOf(f, was, len(r.hist.MetricNames))
	if err != nil {
		return 0, err
	}

	p.m.put(values)
	for i := range p.updates {
		for _, u := range p.updates[i].rows {
			for s, v := range states[u.p] {
				copy(u.state[s], v[u.lo*u.p.ldCol:])
			}
			u.op.refresh(u.p, u.lo, u.hi)
		}
	}
	p.steps = was.Steps
	for e := 1; e <= was.Epoch && !r.InOrder; e++ {
		src := rng.New(uint64(r.Seed), purposeEpoch+uint64(e))
		src.Shuffle(order)
	}
	t.h.Epochs, t.h.Points, t.h.BestEpoch = epochs, append(t.h.Points, points...), was.Best
	t.total, t.epoch = was.Epoch*was.Examples, was.Epoch
	for _, e := range epochs { // so that speed and the time that is left come out right
		t.start = t.start.Add(-time.Duration(min(max(e.Seconds, 0), 1e8) * float64(time.Second)))
	}
	return was.Epoch, nil
}

// maxEpochs bounds what a checkpoint may claim to have behind it.
const maxEpochs = 1 << 20

// same compares the settings of a checkpoint with those of this training.
func (r *run) same(p *plan, was progress) error {
	now := r.progress(p, was.Epoch)
	for _, c := range []struct {
		field    string
		was, now any
	}{
		{"Seed", was.Seed, now.Seed},
		{"Batch", was.Batch, now.Batch},
		{"InOrder", was.InOrder, now.InOrder},
		{"Optimizer", was.Optimizer, now.Optimizer},
		{"Loss", was.Loss, now.Loss},
	} {
		if c.was != c.now {
			return fmt.Errorf("nn: Fit.%s is %v, but the checkpoint's training had %v: it can only go on with the same", c.field, c.now, c.was)
		}
	}
	if was.Examples != now.Examples {
		return fmt.Errorf("nn: the training set has %d examples, but the checkpoint's had %d: it can only go on with the same", now.Examples, was.Examples)
	}
	if was.Epoch < 0 || was.Epoch > maxEpochs || was.Best < 0 || was.Best > was.Epoch {
		return fmt.Errorf("nn: the checkpoint is of epoch %d, the best of which was %d", was.Epoch, was.Best)
	}
	if batches := (was.Examples + was.Batch - 1) / was.Batch; was.Steps != was.Epoch*batches {
		return fmt.Errorf("nn: the checkpoint is of %d steps, but %d epochs of %d batches have others", was.Steps, was.Epoch, batches)
	}
	return nil
}

// table is a tensor of rows of float64, which hold NaN, unlike JSON.
func table(name string, rows [][]float64) safetensors.Tensor {
	t := safetensors.Tensor{Name: name, DType: "F64", Shape: []int{len(rows), 0}}
	for _, r := range rows {
		t.Shape[1] = len(r)
		for _, v := range r {
			t.Data = binary.LittleEndian.AppendUint64(t.Data, math.Float64bits(v))
		}
	}
	return t
}

// rowsOf reads such a tensor, whose rows must have cols numbers.
func rowsOf(f *safetensors.File, name string, cols int) ([][]float64, error) {
	t := f.Lookup(name)
	if t == nil || t.DType != "F64" || len(t.Shape) != 2 || t.Shape[0] > 0 && t.Shape[1] != cols {
		return nil, fmt.Errorf("nn: the file has no tensor %q with rows of %d numbers of type F64", name, cols)
	}
	if t.Shape[0] > 0 && t.Shape[0] > len(t.Data)/8/cols {
		return nil, fmt.Errorf("nn: the tensor %q ends early", name)
	}
	rows := make([][]float64, t.Shape[0])
	for i := range rows {
		rows[i] = make([]float64, cols)
		for k := range rows[i] {
			rows[i][k] = math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*(i*cols+k):]))
		}
	}
	return rows, nil
}

// epochRows are the figures of the epochs: loss, validation loss, seconds, then the
// metrics of both.
func (h *History) epochRows() [][]float64 {
	var rows [][]float64
	for _, e := range h.Epochs {
		r := append([]float64{e.Loss, e.ValLoss, e.Seconds}, e.Metrics...)
		if h.HasVal {
			r = append(r, e.ValMetrics...)
		}
		rows = append(rows, r)
	}
	return rows
}

func pointRows(points []Point) [][]float64 {
	var rows [][]float64
	for _, p := range points {
		rows = append(rows, []float64{p.Epoch, p.Loss, p.Metric})
	}
	return rows
}

// historyOf reads the history of a checkpoint, with the given number of metrics.
func historyOf(f *safetensors.File, was progress, metrics int) ([]Epoch, []Point, error) {
	cols := 3 + metrics
	if was.Val {
		cols += metrics
	}
	rows, err := rowsOf(f, epochsName, cols)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) != was.Epoch {
		return nil, nil, fmt.Errorf("nn: the checkpoint is of epoch %d, but tells of %d", was.Epoch, len(rows))
	}
	var epochs []Epoch
	for i, r := range rows {
		e := Epoch{Epoch: i + 1, Loss: r[0], ValLoss: r[1], Seconds: r[2], Metrics: r[3 : 3+metrics : 3+metrics]}
		if was.Val {
			e.ValMetrics = r[3+metrics:]
		}
		epochs = append(epochs, e)
	}
	if rows, err = rowsOf(f, pointsName, 3); err != nil {
		return nil, nil, err
	}
	var points []Point
	for _, r := range rows {
		points = append(points, Point{Epoch: r[0], Loss: r[1], Metric: r[2]})
	}
	return epochs, points, nil
}
