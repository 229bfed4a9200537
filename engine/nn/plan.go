// This file defines the plan of a training or evaluation: every buffer and task
// a step needs, made once.

package nn

import (
	"sync/atomic"

	"cajal/engine/data"
	"cajal/engine/internal/f32"
	"cajal/engine/internal/par"
	"cajal/engine/optim"
)

// An op is a layer at work on the buffers of a plan. Examples lo to hi-1 of the
// batch are one chunk; chunks run at the same time, each with a slot of its own
// for scratch space.
type op interface {
	forward(lo, hi, slot int)
	backward(lo, hi, slot int)
}

// A trainable op has parameters. grad fills one of the parts of the gradient from
// all n examples of the batch, and parts run at the same time; refresh follows
// changed rows of weights.
type trainable interface {
	op
	parameters() *params
	parts() int
	grad(part, n int)
	refresh(lo, hi int)
}

// A buffer holds what one layer gives the next, for a batch. An image's pixels
// are ldch numbers apart, of which ch are real; an example takes ld numbers.
type buffer struct {
	shape      []int
	ch, ldch   int
	ld         int
	data, grad []float32 // grad is nil where no gradient is wanted
}

func (b *buffer) rank() int                     { return len(b.shape) }
func (b *buffer) row(i int) []float32           { return b.data[i*b.ld : (i+1)*b.ld] }
func (b *buffer) gradRow(i int) []float32       { return b.grad[i*b.ld : (i+1)*b.ld] }
func (b *buffer) rows(lo, hi int) []float32     { return b.data[lo*b.ld : hi*b.ld] }
func (b *buffer) gradRows(lo, hi int) []float32 { return b.grad[lo*b.ld : hi*b.ld] }

// opBuilder is what a layer is given to make its op: it reads in, and ends with
// emit or share.
type opBuilder struct {
	batch, slots int
	chunk        int // examples a slot
	train        bool
	in           *buffer
	params       *params
	next         Layer // what follows the layer, nil at the end
	took         bool  // the layer behind was made part of the op
	fused        bool  // the loss takes the place of the last activation
	useful       bool  // a layer with weights is at or before this one
	stop         *atomic.Bool
	done         bool
}

func (b *opBuilder) activation(a Activation) Activation {
	if b.fused {
		return Linear
	}
	return a
}

func (b *opBuilder) vector(n int) *buffer {
	return b.make(&buffer{shape: []int{n}, ch: n, ldch: f32.Pad(n), ld: f32.Pad(n)})
}

func (b *opBuilder) image(h, w, ch int) *buffer {
	ld := f32.Pad(ch)
	return b.make(&buffer{shape: []int{h, w, ch}, ch: ch, ldch: ld, ld: h * w * ld})
}

func (b *opBuilder) rawImage(h, w, ch int) *buffer {
	return b.make(&buffer{shape: []int{h, w, ch}, ch: ch, ldch: ch, ld: h * w * ch})
}

func (b *opBuilder) make(buf *buffer) *buffer {
	buf.data = make([]float32, b.batch*buf.ld)
	if b.train && b.useful {
		buf.grad = make([]float32, b.batch*buf.ld)
	}
	return buf
}

// A block is rows lo to hi-1 of a matrix of weights.
type block struct{ lo, hi int }

// blocks cuts rows into blocks for which it is worth to start another goroutine.
// flops is the work of all rows for one example. How they are cut depends on the
// model and the batch only.
func (b *opBuilder) blocks(rows int, flops float64) []block {
	size := rows
	if k := int(flops * float64(b.batch) / taskFlops); k > 1 {
		size = max((rows/k+5)/6*6, 6) // six rows are one tile of a product
	}
	var out []block
	for lo := 0; lo < rows; lo += size {
		out = append(out, block{lo, min(lo+size, rows)})
	}
	return out
}

func (b *opBuilder) emit(out *buffer) { b.in, b.done = out, true }

// share passes in on as one row of numbers.
func (b *opBuilder) share(in *buffer) {
	out := *in
	out.shape, out.ch, out.ldch = []int{in.ld}, in.ld, in.ld
	b.emit(&out)
}

// Sizes below which a second goroutine costs more than it brings, in floating
// point operations: a chunk of about 50 µs with assembly.
const (
	chunkFlops = 4e6
	taskFlops  = 2e6
	// What updating a weight costs, in the same measure.
	updateFlops = 50.0
	maxSlots    = 16
	minChunk    = 4 // examples for which weights are worth being read
)

// A plan runs batches of up to batch examples through a model.
type plan struct {
	m               *Model
	batch           int
	chunk           int // examples a chunk
	x               *buffer
	out             *buffer
	ops             []op
	head            head
	pool            *par.Pool
	stop            *atomic.Bool
	grads           []gradTask
	updates         []updateTask
	opt             optim.Optimizer
	coef            optim.Step
	steps           int
	lightGrads      bool // too little to share
	lightUpdates    bool
	runOne          func(int)
	gradOne, update func(int)

	// Of the present batch.
	set     *data.Dataset
	reader  Inputs
	idx     []int32 // which examples of set, or
	from    int     // where in reader
	next    []int32 // what the next batch will be, to be fetched early
	n       int
	labels  []int32
	targets []float32
	metrics []Metric
	sums    []float64 // a chunk's loss and metrics, one chunk after another
	train   bool
	penalty float64
}

// gradTask is a part of an op's gradient.
type gradTask struct {
	op   trainable
	part int
}

// updateTask is a block of weights and what the optimizer keeps beside it.
type updateTask struct {
	op trainable
	p  *params
	block
	state [2][]float32 // of the rows
	bias  [2][]float32 // of the bias, with the first block
	reg   float64
}

// planSpec says what a plan is for.
type planSpec struct {
	batch   int
	set     *data.Dataset // nil for Predict
	head    head
	metrics []Metric
	opt     optim.Optimizer // nil unless training
	pool    *par.Pool
	stop    *atomic.Bool
	chunk   int // examples a chunk; 0 means what suits the model
}

func newPlan(m *Model, s planSpec) *plan {
	p := &plan{m: m, batch: s.batch, head: s.head, pool: s.pool, stop: s.stop, opt: s.opt, set: s.set, metrics: s.metrics}
	if p.stop == nil {
		p.stop = new(atomic.Bool)
	}
	p.train = s.opt != nil
	flops := 0.0
	for _, n := range m.nodes[1:] {
		flops += n.flops(n.in, n.out)
	}
	if p.train {
		flops *= 2
	}
	slots := min(max(int(flops*float64(s.batch)/chunkFlops), 1), maxSlots, max(s.batch/minChunk, 1))
	p.chunk = (s.batch + slots - 1) / slots
	if s.chunk > 0 {
		p.chunk, slots = s.chunk, (s.batch+s.chunk-1)/s.chunk
	}

	shape := m.nodes[0].out
	ch := shape[len(shape)-1]
	size := product(shape)
	p.x = &buffer{shape: shape, ch: ch, ldch: ch, ld: size, data: make([]float32, s.batch*size)}
	b := &opBuilder{batch: s.batch, slots: slots, chunk: p.chunk, train: p.train, in: p.x, stop: p.stop}
	for i := 1; i < len(m.nodes); i++ {
		n := m.nodes[i]
		b.params, b.next, b.took = n.params, nil, false
		if i+1 < len(m.nodes) {
			b.next = m.nodes[i+1].Layer
		}
		b.useful = b.useful || n.params != nil
		b.fused = s.head.fused && i == len(m.nodes)-1
		if n.params != nil && p.train {
			n.params.gw, n.params.gb = make([]float32, len(n.params.w)), make([]float32, len(n.params.b))
		}
		if o := n.op(b); o != nil {
			p.ops = append(p.ops, o)
		}
		if b.took {
			i++
		}
	}
	p.out = b.in
	p.labels = make([]int32, s.batch)
	if s.set != nil {
		p.targets = make([]float32, s.batch*s.set.TargetSize())
	}
	p.sums = make([]float64, slots*(1+len(s.metrics)))
	p.runOne = p.runChunk
	if p.train {
		p.makeTasks()
	}
	return p
}

// makeTasks lists the parts of phase two.
func (p *plan) makeTasks() {
	p.gradOne, p.update = p.gradTask, p.updateTask
	ops := 0
	for _, o := range p.ops {
		t, ok := o.(trainable)
		if !ok {
			continue
		}
		for part := range t.parts() {
			p.grads = append(p.grads, gradTask{t, part})
		}
		pr := t.parameters()
		rows := pr.totalRows()
		t.refresh(0, rows)
		ops++
		slots := p.opt.Slots()
		var state, bias [2][]float32
		for s := range slots {
			state[s], bias[s] = make([]float32, len(pr.w)), make([]float32, len(pr.b))
		}
		size := max(int(taskFlops/updateFlops)/pr.ldCol, 1)
		for lo := 0; lo < rows; lo += size {
			u := updateTask{op: t, p: pr, block: block{lo, min(lo+size, rows)}}
			for s := range slots {
				u.state[s] = state[s][u.lo*pr.ldCol : u.hi*pr.ldCol]
				if lo == 0 {
					u.bias = bias
				}
			}
			p.updates = append(p.updates, u)
		}
	}
	// Nothing was worth to be cut.
	p.lightGrads, p.lightUpdates = len(p.grads) == ops, len(p.updates) == ops
}

func (p *plan) chunks() int { return (p.n + p.chunk - 1) / p.chunk }

// step trains on the examples of the dataset that idx numbers, at most batch of
// them, and returns their mean loss. ok is false when the step was stopped; then,
// and when the loss is NaN or infinite, the weights are as they were.
func (p *plan) step(idx []int32) (loss float64, ok bool) {
	if loss, ok = p.forwardBackward(idx); !ok || loss-loss != 0 {
		return loss, ok
	}
	if !p.gradients() {
		return loss, false
	}
	p.steps++
	p.coef = p.opt.Prepare(p.steps)
	p.each(len(p.updates), p.update, p.lightUpdates)
	p.penalty = 0
	for i := range p.updates {
		p.penalty += p.updates[i].reg
	}
	return loss + p.penalty, true
}

// forwardBackward runs phase one.
func (p *plan) forwardBackward(idx []int32) (loss float64, ok bool) {
	p.idx, p.n = idx, len(idx)
	p.pool.Run(p.chunks(), p.runOne)
	return p.sum(0) / float64(p.n), !p.stop.Load()
}

// gradients runs the first half of phase two, which may be stopped: nothing that
// outlives the step has changed yet. What follows is quick.
func (p *plan) gradients() bool {
	p.each(len(p.grads), p.gradOne, p.lightGrads)
	return !p.stop.Load()
}

// each runs n tasks, on one goroutine when they are light.
func (p *plan) each(n int, f func(int), light bool) {
	if light {
		for i := range n {
			f(i)
		}
		return
	}
	p.pool.Run(n, f)
}

// sum adds up what the chunks found: k = 0 is the loss, then the metrics.
func (p *plan) sum(k int) float64 {
	s, w := 0.0, 1+len(p.metrics)
	for c := range p.chunks() {
		s += p.sums[c*w+k]
	}
	return s
}

func (p *plan) runChunk(c int) {
	lo, hi := c*p.chunk, min((c+1)*p.chunk, p.n)
	if p.stop.Load() {
		return
	}
	p.load(lo, hi)
	for _, o := range p.ops {
		o.forward(lo, hi, c)
		if p.stop.Load() {
			return
		}
	}
	if p.set == nil {
		return
	}
	w := 1 + len(p.metrics)
	sums := p.sums[c*w : (c+1)*w]
	sums[0] = p.head.run(p, lo, hi)
	p.score(lo, hi, sums[1:])
	if !p.train {
		return
	}
	for i := len(p.ops) - 1; i >= 0; i-- {
		p.ops[i].backward(lo, hi, c)
		if p.stop.Load() {
			return
		}
	}
}

// load fetches the inputs and truths of examples lo to hi-1 of the batch.
func (p *plan) load(lo, hi int) {
	if p.set == nil {
		p.reader.ReadRows(p.x.rows(lo, hi), p.from+lo)
		return
	}
	idx := p.idx[lo:hi]
	p.set.Gather(p.x.rows(lo, hi), idx)
	p.set.GatherLabels(p.labels[lo:hi], idx)
	if p.targets != nil {
		w := len(p.targets) / p.batch
		p.set.GatherTargets(p.targets[lo*w:hi*w], idx)
	}
	if lo < len(p.next) {
		p.set.Prefetch(p.next[lo:min(hi, len(p.next))])
	}
}

// score adds up the metrics of a chunk. The outputs are predictions here: the
// head has applied the activation that it stood in for.
func (p *plan) score(lo, hi int, sums []float64) {
	clear(sums)
	cols := product(p.out.shape)
	tw := 0
	if len(p.targets) > 0 {
		tw = len(p.targets) / p.batch
	}
	label := -1
	for k, m := range p.metrics {
		for i := lo; i < hi; i++ {
			if p.set.HasLabels() {
				label = int(p.labels[i])
			}
			sums[k] += m.Score(p.out.row(i)[:cols], label, p.targets[i*tw:(i+1)*tw])
		}
	}
}

// gradTask computes one part of the gradients.
func (p *plan) gradTask(i int) {
	if p.stop.Load() {
		return
	}
	p.grads[i].op.grad(p.grads[i].part, p.n)
}

// updateTask changes one block of weights.
func (p *plan) updateTask(i int) {
	t := &p.updates[i]
	pr, ld := t.p, t.p.ldCol
	w, g := pr.w[t.lo*ld:t.hi*ld], pr.gw[t.lo*ld:t.hi*ld]
	if pr.l2 != 0 {
		t.reg = penalise(w, g, pr.l2)
	}
	p.opt.Update(&p.coef, w, g, t.state[0], t.state[1])
	if t.lo == 0 {
		p.opt.Update(&p.coef, pr.b, pr.gb, t.bias[0], t.bias[1])
	}
	t.op.refresh(t.lo, t.hi)
}

// penalise adds the gradient of l2·Σw² and returns its value.
func penalise(w, g []float32, l2 float64) float64 {
	sum, f := 0.0, float32(2*l2)
	for i, v := range w {
		sum += float64(v) * float64(v)
		g[i] += f * v
	}
	return l2 * sum
}

// regularisation returns the L2 penalty of the weights as they are.
func (m *Model) regularisation() float64 {
	total := 0.0
	for _, n := range m.nodes {
		if n.params == nil || n.params.l2 == 0 {
			continue
		}
		sum := 0.0
		for _, v := range n.params.w {
			sum += float64(v) * float64(v)
		}
		total += n.params.l2 * sum
	}
	return total
}
