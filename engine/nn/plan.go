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

// A trainable op has parameters. grad fills rows of the gradient from all n
// examples of the batch; refresh follows changed rows of weights.
type trainable interface {
	op
	parameters() *params
	grad(lo, hi, n int)
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
	train        bool
	in           *buffer
	params       *params
	fused        bool // the loss takes the place of the last activation
	useful       bool // a layer with weights is at or before this one
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
	maxSlots   = 16
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
	tasks           []task
	opt             optim.Optimizer
	coef            optim.Step
	steps           int
	light           bool // phase two is too little to share
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

// task is a block of weights: rows lo to hi-1 of an op's matrix.
type task struct {
	op     trainable
	p      *params
	lo, hi int
	state  [2][]float32 // of the rows
	bias   [2][]float32 // of the bias, with the first block
	reg    float64
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
	slots := min(max(int(flops*float64(s.batch)/chunkFlops), 1), maxSlots, s.batch)
	p.chunk = (s.batch + slots - 1) / slots

	shape := m.nodes[0].out
	ch := shape[len(shape)-1]
	size := product(shape)
	p.x = &buffer{shape: shape, ch: ch, ldch: ch, ld: size, data: make([]float32, s.batch*size)}
	b := &opBuilder{batch: s.batch, slots: slots, train: p.train, in: p.x, stop: p.stop}
	for i, n := range m.nodes[1:] {
		b.params, b.done = n.params, false
		b.useful = b.useful || n.params != nil
		b.fused = s.head.fused && i == len(m.nodes)-2
		if n.params != nil && p.train {
			n.params.gw, n.params.gb = make([]float32, len(n.params.w)), make([]float32, len(n.params.b))
		}
		if o := n.op(b); o != nil {
			p.ops = append(p.ops, o)
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

// makeTasks cuts the weights into blocks. How, depends on the model and the
// batch only.
func (p *plan) makeTasks() {
	p.gradOne, p.update = p.gradTask, p.updateTask
	all := 0.0
	for i, o := range p.ops {
		t, ok := o.(trainable)
		if !ok {
			continue
		}
		pr := t.parameters()
		rows := pr.totalRows()
		t.refresh(0, rows)
		flops := p.gradFlops(i)*float64(p.batch) + 50*float64(len(pr.w))
		all += flops
		block := rows
		if k := int(flops / taskFlops); k > 1 {
			block = max((rows/k+5)/6*6, 6) // six rows are one tile of a product
		}
		slots := p.opt.Slots()
		var state, bias [2][]float32
		for s := range slots {
			state[s], bias[s] = make([]float32, len(pr.w)), make([]float32, len(pr.b))
		}
		for lo := 0; lo < rows; lo += block {
			hi := min(lo+block, rows)
			tk := task{op: t, p: pr, lo: lo, hi: hi}
			for s := range slots {
				tk.state[s] = state[s][lo*pr.ldCol : hi*pr.ldCol]
				if lo == 0 {
					tk.bias = bias
				}
			}
			p.tasks = append(p.tasks, tk)
		}
	}
	p.light = all < 2*taskFlops
}

func (p *plan) gradFlops(i int) float64 {
	switch o := p.ops[i].(type) {
	case *denseOp:
		return 2 * float64(len(o.p.w))
	case *convOp:
		return 2 * float64(len(o.p.w)) * float64(o.oh*o.ow)
	}
	return 0
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
	p.each(p.update)
	p.penalty = 0
	for i := range p.tasks {
		p.penalty += p.tasks[i].reg
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
	p.each(p.gradOne)
	return !p.stop.Load()
}

// each runs f for every task, on one goroutine when there is little to do.
func (p *plan) each(f func(int)) {
	if p.light {
		for i := range p.tasks {
			f(i)
		}
		return
	}
	p.pool.Run(len(p.tasks), f)
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

// gradTask computes the gradient of one block.
func (p *plan) gradTask(i int) {
	t := &p.tasks[i]
	if p.stop.Load() {
		return
	}
	t.op.grad(t.lo, t.hi, p.n)
}

// updateTask changes one block of weights.
func (p *plan) updateTask(i int) {
	t := &p.tasks[i]
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
