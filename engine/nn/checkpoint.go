// This file writes what a training is between two epochs, and takes it up again.

package nn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cajal/engine/internal/rng"
	"cajal/engine/safetensors"
)

// A Checkpoint writes a training to a file after its epochs, from which Fit.Resume goes
// on, bit for bit, as if there had been no break:
//
//	fit := nn.Fit{Epochs: 20, Checkpoint: &nn.Checkpoint{Path: "run.safetensors"}}
//	hist, err := m.Fit(train, fit)  // interrupted in epoch 7
//	fit.Resume = "run.safetensors"
//	hist, err = m.Fit(train, fit)   // epochs 7 to 20; hist has all of them
//
// The file is one of Model.Save with more in it, so that [Load] reads the model from it.
// It is replaced as a whole: when a write fails, the training ends with that error and
// the file of the epoch before is still there.
type Checkpoint struct {
	Path     string // of the file
	Every    int    // epochs between two writes; 0 means 1. The last epoch is always written
	BestOnly bool   // write only what is better than everything before, by the validation loss, or without validation the training loss
	Metric   string // what BestOnly looks at instead of the loss, such as "accuracy"; it should rise, or fall if it is an error
}

// check reports a setting that cannot work, before a training is lost by it.
func (c *Checkpoint) check(m *Model) error {
	if c.Path == "" {
		return fmt.Errorf("nn: Fit.Checkpoint has no Path: give it the name of a file")
	}
	if c.Every < 0 {
		return fmt.Errorf("nn: Fit.Checkpoint.Every is %d, but must be a number of epochs, or 0 for 1", c.Every)
	}
	if i, err := os.Stat(filepath.Dir(c.Path)); err != nil || !i.IsDir() {
		return fmt.Errorf("nn: Fit.Checkpoint.Path is %q, but there is no folder %q", c.Path, filepath.Dir(c.Path))
	}
	if _, err := m.Config(); err != nil {
		return fmt.Errorf("%w (this is for Fit.Checkpoint)", err)
	}
	return nil
}

// save writes the checkpoint after an epoch, if it is due.
func (r *run) save(p *plan, epoch int, last bool) error {
	c := r.Checkpoint
	if c == nil {
		return nil
	}
	e := r.hist.Epochs[len(r.hist.Epochs)-1]
	if better := r.best.better(r.hist, e); c.BestOnly && !better {
		return nil
	}
	if epoch%max(c.Every, 1) != 0 && !last {
		return nil
	}
	return r.checkpoint(c.Path, p, epoch)
}

// What a checkpoint has beside the model stands under names that begin so: what the
// optimizer keeps beside each weight, the best weights, and the history.
const (
	trainingPrefix = "training/"
	bestPrefix     = trainingPrefix + "best/"
	epochsName     = trainingPrefix + "epochs"
	pointsName     = trainingPrefix + "points"
	layersName     = trainingPrefix + "layers"
	keyProgress    = "progress"
)

// progress is how far a training is, and what must be the same when it goes on.
type progress struct {
	Epoch        int     `json:"epoch"` // finished ones
	Steps        int     `json:"steps"`
	Seed         int64   `json:"seed"`
	Batch        int     `json:"batch"`
	Examples     int     `json:"examples"`
	InOrder      bool    `json:"inOrder"`
	Optimizer    string  `json:"optimizer"`
	Loss         string  `json:"loss"`
	Metrics      string  `json:"metrics"`
	ClassWeights string  `json:"classWeights"`
	Validation   int     `json:"validation"` // examples
	ValSplit     float64 `json:"valSplit"`
	EarlyStop    string  `json:"earlyStop"`
	ReduceLR     string  `json:"reduceLR"`
	Best         int     `json:"best"`
}

func (r *run) progress(p *plan, epoch int) progress {
	out := progress{
		Epoch: epoch, Steps: p.steps, Seed: r.Seed, Batch: r.Batch, Examples: r.train.Len(), InOrder: r.InOrder,
		Optimizer: r.Optimizer.String(), Loss: r.Loss.Name(), Metrics: strings.Join(r.hist.MetricNames, ", "),
		ClassWeights: fmt.Sprint(r.ClassWeights), ValSplit: r.ValSplit, EarlyStop: "none", ReduceLR: "none", Best: r.hist.BestEpoch,
	}
	if r.Val != nil {
		out.Validation = r.Val.Len()
	}
	if e := r.EarlyStop; e != nil {
		out.EarlyStop = fmt.Sprintf("%+v", *e)
	}
	if e := r.ReduceLR; e != nil {
		out.ReduceLR = fmt.Sprintf("%+v", *e)
	}
	return out
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
	if r.early.holds() {
		p.m.eachParam(func(name string, q *param) error {
			f.Tensors = append(f.Tensors, safetensors.FromFloat32(bestPrefix+name, q.tensor(r.early.kept[q])))
			return nil
		})
	}
	f.Tensors = append(f.Tensors, table(epochsName, r.hist.epochRows()), table(pointsName, pointRows(r.hist.Points)), table(layersName, r.hist.layerRows()))
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
// keeps, steps, history, what was seen of the epochs, and the order of the examples,
// which the next shuffle goes on from. It returns the epochs that are done; over says
// that EarlyStop had ended the training. When it fails, nothing has changed.
func (r *run) resume(path string, p *plan, t *track, order []int32) (epoch int, over bool, err error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return 0, false, fmt.Errorf("nn: Fit.Resume: %w", err)
	}
	if epoch, over, err = r.restore(f, p, t, order); err != nil {
		return 0, false, fmt.Errorf("%w (%s)", err, path)
	}
	return epoch, over, nil
}

func (r *run) restore(f *safetensors.File, p *plan, t *track, order []int32) (epoch int, over bool, err error) {
	was, err := progressOf(f)
	if err != nil {
		return 0, false, err
	}
	if err := r.same(p, was); err != nil {
		return 0, false, err
	}
	values, err := p.m.values(withoutTraining(f))
	if err != nil {
		return 0, false, err
	}
	// What the optimizer keeps, in the layout of the weights.
	states := p.states()
	err = p.m.eachParam(func(name string, q *param) error {
		for s, v := range states[q] {
			if err := q.read(f, stateName(s, name), v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	past, err := historyOf(f, was, len(r.hist.MetricNames), p.m.movingLayers())
	if err != nil {
		return 0, false, err
	}
	best := map[*param][]float32{}
	if r.EarlyStop != nil && !r.EarlyStop.KeepLast && r.early.bestOf(past) != was.Epoch {
		err = p.m.eachParam(func(name string, q *param) error {
			best[q] = make([]float32, len(q.w))
			return q.read(f, bestPrefix+name, best[q])
		})
		if err != nil {
			return 0, false, err
		}
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
	h := t.h
	h.Epochs, h.Points, h.Layers, h.BestEpoch = past.Epochs, append(h.Points, past.Points...), past.Layers, was.Best
	t.total, t.epoch = was.Epoch*was.Examples, was.Epoch
	for _, e := range h.Epochs {
		over = r.early.enough(h, e)
		r.plateau.lower(h, e, r.rule)
		if r.Checkpoint != nil {
			r.best.better(h, e)
		}
	}
	p.opt = r.plateau.of(r.rule)
	for q, w := range best {
		r.early.kept[q] = w
	}
	h.Notes = append(h.Notes, fmt.Sprintf("epochs 1 to %d are those of %s", was.Epoch, r.Resume))
	return was.Epoch, over, nil
}

// progressOf reads how far the training of a checkpoint was.
func progressOf(f *safetensors.File) (was progress, err error) {
	text, ok := f.Metadata[keyProgress]
	if !ok {
		return was, fmt.Errorf("nn: the file is no checkpoint: it has no training in it\n      fix        Fit.Resume takes a file that Fit.Checkpoint wrote; nn.Load reads one of Model.Save")
	}
	if err := decode(text, &was); err != nil {
		return was, fmt.Errorf("nn: the progress in the file: %w", err)
	}
	return was, nil
}

// seedOf returns the seed of a checkpoint's training.
func seedOf(path string) (int64, error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return 0, fmt.Errorf("nn: Fit.Resume: %w", err)
	}
	was, err := progressOf(f)
	if err != nil {
		return 0, fmt.Errorf("%w (%s)", err, path)
	}
	return was.Seed, nil
}

// read copies a tensor of a file into numbers laid out as the weights are.
func (q *param) read(f *safetensors.File, name string, to []float32) error {
	e := f.Lookup(name)
	if e == nil || !slices.Equal(e.Shape, q.shape) {
		return fmt.Errorf("nn: the file has no tensor %q of shape %v", name, q.shape)
	}
	x, err := e.Float32()
	if err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	q.each(func(user, stored, n int) { copy(to[stored:stored+n], x.Data[user:]) })
	return nil
}

// bestOf returns the epoch of a history that the keeper would keep.
func (k *keeper) bestOf(h *History) int {
	w := k.watched
	for _, e := range h.Epochs {
		w.better(h, e)
	}
	return w.epoch
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
		{"Metrics", was.Metrics, now.Metrics},
		{"ClassWeights", was.ClassWeights, now.ClassWeights},
		{"ValSplit", was.ValSplit, now.ValSplit},
		{"EarlyStop", was.EarlyStop, now.EarlyStop},
		{"ReduceLR", was.ReduceLR, now.ReduceLR},
	} {
		if c.was != c.now {
			return fmt.Errorf("nn: Fit.%s is %v, but the checkpoint's training had %v: it can only go on with the same", c.field, c.now, c.was)
		}
	}
	if was.Examples != now.Examples {
		return fmt.Errorf("nn: the training set has %d examples, but the checkpoint's had %d: it can only go on with the same", now.Examples, was.Examples)
	}
	if was.Validation != now.Validation {
		return fmt.Errorf("nn: there are %d examples for validation, but the checkpoint's training had %d: it can only go on with the same", now.Validation, was.Validation)
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
	if t.Shape[0] > maxEpochs || t.Shape[0]*cols > len(t.Data)/8 {
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

// epochRows are the figures of the epochs: loss, validation loss, seconds, learning
// rate, then the metrics of both.
func (h *History) epochRows() [][]float64 {
	var rows [][]float64
	for _, e := range h.Epochs {
		r := append([]float64{e.Loss, e.ValLoss, e.Seconds, e.LearningRate}, e.Metrics...)
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
		rows = append(rows, []float64{p.Epoch, p.Loss, p.Metric, p.LearningRate})
	}
	return rows
}

// layerRows are for every epoch the figures of all layers.
func (h *History) layerRows() [][]float64 {
	var rows [][]float64
	for i := range h.Epochs {
		r := []float64{}
		for _, l := range h.Layers {
			r = append(r, l.GradientNorm[i], l.UpdateRatio[i])
		}
		rows = append(rows, r)
	}
	return rows
}

// historyOf reads the history of a checkpoint, with the given number of metrics and for
// these layers.
func historyOf(f *safetensors.File, was progress, metrics int, layers []LayerStats) (*History, error) {
	h := &History{HasVal: was.Validation > 0}
	cols := 4 + metrics
	if h.HasVal {
		cols += metrics
	}
	rows, err := rowsOf(f, epochsName, cols)
	if err != nil {
		return nil, err
	}
	if len(rows) != was.Epoch {
		return nil, fmt.Errorf("nn: the checkpoint is of epoch %d, but tells of %d", was.Epoch, len(rows))
	}
	for i, r := range rows {
		e := Epoch{Epoch: i + 1, Loss: r[0], ValLoss: r[1], Seconds: r[2], LearningRate: r[3], Metrics: r[4 : 4+metrics : 4+metrics]}
		if h.HasVal {
			e.ValMetrics = r[4+metrics:]
		}
		h.Epochs = append(h.Epochs, e)
	}
	if rows, err = rowsOf(f, pointsName, 4); err != nil {
		return nil, err
	}
	for _, r := range rows {
		h.Points = append(h.Points, Point{Epoch: r[0], Loss: r[1], Metric: r[2], LearningRate: r[3]})
	}
	if rows, err = rowsOf(f, layersName, 2*len(layers)); err != nil {
		return nil, err
	}
	if len(rows) != was.Epoch {
		return nil, fmt.Errorf("nn: the checkpoint is of epoch %d, but tells of the layers in %d", was.Epoch, len(rows))
	}
	for k := range layers {
		for _, r := range rows {
			layers[k].GradientNorm = append(layers[k].GradientNorm, r[2*k])
			layers[k].UpdateRatio = append(layers[k].UpdateRatio, r[2*k+1])
		}
	}
	h.Layers = layers
	return h, nil
}
