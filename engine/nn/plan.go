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
// changed rows of a parameter.
type trainable interface {
	op
	parts() int
	grad(part, n int)
	refresh(p *param, lo, hi int)
}

// A late op may find the gradient of some rows of a parameter just before they are
// updated, so that a large gradient need not wait in memory. Then it has no parts, and
// its parameters have no gradient.
type late interface {
	trainable
	late() bool // whether it does
	gradRows(g []float32, p *param, lo, hi, n int)
}

// A joining op needs all n examples before the next op goes on, and before it goes
// backward itself.
type joining interface {
	op
	joinForward(n int)
	joinBackward(n int)
}

// A committing op keeps something from step to step, which must change only when a
// step is done.
type committing interface{ commit() }

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

// opBuilder is what a layer is given to make its op: it reads in, or all of ins, and
// ends with emit or share.
type opBuilder struct {
	batch, slots int
	chunk        int // examples a slot
	train        bool
	late         bool // gradients may be found late
	in           *buffer
	ins          []*buffer
	params       []*param
	next         *node // the only node that reads this one, nil when there are others
	shape        []int // of what comes out for an example
	fail         func(error)
	took         bool       // that node was made part of the op
	fused        bool       // the loss takes the place of the last activation
	useful       bool       // a gradient is wanted here, or before
	after        Activation // to be applied to what was emitted
	made         []op       // in order
	stop         *atomic.Bool
	streams      *streams
	index        int  // of the node
	raw          bool // what comes out has no padding between channels; see node
}

// push notes an op, nil for none.
func (b *opBuilder) push(o op) {
	if o != nil {
		b.made = append(b.made, o)
	}
}

// nextLayer returns what reads this layer's output, if it is the only one.
func (b *opBuilder) nextLayer() layer {
	if b.next == nil {
		return nil
	}
	return b.next.layer
}

// activation returns the activation that the op has to apply itself. Others follow in
// an op of their own.
func (b *opBuilder) activation(a Activation) Activation {
	switch {
	case b.fused:
		return Linear
	case a.own():
		b.after = a
		return Linear
	}
	return a
}

func (b *opBuilder) vector(n int) *buffer { return b.shaped([]int{n}) }

func (b *opBuilder) image(h, w, ch int) *buffer { return b.shaped([]int{h, w, ch}) }

// shaped makes a buffer whose last dimension is padded.
func (b *opBuilder) shaped(shape []int) *buffer {
	ch := shape[len(shape)-1]
	ld := f32.Pad(ch)
	return b.make(&buffer{shape: shape, ch: ch, ldch: ld, ld: product(shape) / ch * ld})
}

// packed makes a buffer without padding.
func (b *opBuilder) packed(shape []int) *buffer {
	ch := shape[len(shape)-1]
	return b.make(&buffer{shape: shape, ch: ch, ldch: ch, ld: product(shape)})
}

// like makes a buffer of the layout of another.
func (b *opBuilder) like(in *buffer) *buffer {
	return b.make(&buffer{shape: in.shape, ch: in.ch, ldch: in.ldch, ld: in.ld})
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
	if k := min(int(flops*float64(b.batch)/taskFlops), maxBlocks); k > 1 {
		size = (rows/k + blockTile - 1) / blockTile * blockTile
	}
	var out []block
	for lo := 0; lo < rows; lo += size {
		out = append(out, block{lo, min(lo+size, rows)})
	}
	return out
}

func (b *opBuilder) emit(out *buffer) { b.in = out }

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
	maxBlocks   = 16
	blockTile   = 14 // rows of a block: those of the largest tile of a product
	minChunk    = 4  // examples for which weights are worth being read
	// Weights that the second cache does not hold, and those that are read again at
	// every step of a sequence, want more, if that leaves two chunks.
	largeWeights  = 1 << 18
	minLargeChunk = 32
	minStepsChunk = 16
)

// A plan runs batches of up to batch examples through a model.
type plan struct {
	m            *Model
	batch        int
	chunk        int // examples a chunk
	x            *buffer
	out          *buffer
	ops          []op
	owners       map[*param]trainable
	phases       []phase
	head         head
	pool         *par.Pool
	stop         *atomic.Bool
	streams      streams
	grads        []gradTask
	updates      []updateTask
	commits      []committing
	opt          optim.Optimizer
	coef         optim.Step
	steps        int
	epoch        int                   // of a training, from 1: its examples may be augmented
	err          atomic.Pointer[error] // why a function of the user's failed
	lightGrads   bool                  // too little to share
	lightUpdates bool
	gradOne      func(int)
	update       func(int)
	rooms        chan []float32 // for late gradients, one for each thread
	limits       *limits        // of the gradients; nil without
	measure      bool           // find out how the weights move in the next step
	broken       string         // what was no number in the last step: the loss, or the gradient

	// Of the present batch.
	set     *data.Dataset
	reader  Inputs
	idx     []int32 // which examples of set, or
	from    int     // where in reader
	next    []int32 // what the next batch will be, to be fetched early
	n       int
	labels  []int32
	targets []float32
	weights []float64 // of the classes, nil for 1
	metrics []Metric
	sums    []float64 // a chunk's loss and metrics, one chunk after another
	train   bool
	penalty float64
}

// planSpec says what a plan is for.
type planSpec struct {
	batch   int
	set     *data.Dataset // nil for Predict
	head    head
	metrics []Metric
	opt     optim.Optimizer // nil unless training
	seed    int64           // of the noise in training
	weights []float64       // of the classes, nil for 1
	pool    *par.Pool
	stop    *atomic.Bool
	chunk   int // examples a chunk; 0 means what suits the model
}

// fail notes the first mistake of a function of the user's: the batch is given up.
func (p *plan) fail(err error) { p.err.CompareAndSwap(nil, &err) }

// failure returns what fail has noted.
func (p *plan) failure() error {
	if err := p.err.Load(); err != nil {
		return *err
	}
	return nil
}

func newPlan(m *Model, s planSpec) *plan {
	p := &plan{
		m: m, batch: s.batch, head: s.head, pool: s.pool, stop: s.stop, opt: s.opt, set: s.set, metrics: s.metrics, weights: s.weights,
		owners: map[*param]trainable{}, streams: streams{seed: uint64(s.seed)},
	}
	if p.stop == nil {
		p.stop = new(atomic.Bool)
	}
	p.train = s.opt != nil
	slots := p.slots()
	p.chunk = (s.batch + slots - 1) / slots
	if s.chunk > 0 {
		p.chunk, slots = s.chunk, (s.batch+s.chunk-1)/s.chunk
	}
	p.makeOps(slots)
	p.makePhases()
	p.labels = make([]int32, s.batch)
	if s.set != nil {
		p.targets = make([]float32, s.batch*s.set.TargetSize())
	}
	p.sums = make([]float64, slots*p.width())
	if p.train {
		p.makeTasks()
	}
	return p
}

// slots returns into how many chunks a batch is cut.
func (p *plan) slots() int {
	flops, weights := 0.0, 0.0
	least := minChunk
	for _, n := range p.m.nodes[1:] {
		flops += n.flops(n.in, n.out)
		weights += weightsOf(n)
		if _, ok := n.layer.(*recurrentLayer); ok {
			least = minStepsChunk
		}
	}
	if weights > largeWeights {
		least = minLargeChunk
	}
	if p.train {
		flops *= 2
	}
	most := max(p.batch/least, min(p.batch/minChunk, 2), 1)
	return min(max(int(flops*float64(p.batch)/chunkFlops), 1), maxSlots, most)
}

// makeOps makes the buffers and ops of all nodes, in their order.
func (p *plan) makeOps(slots int) {
	nodes := p.m.nodes
	shape := nodes[0].out
	ch := shape[len(shape)-1]
	size := product(shape)
	p.x = &buffer{shape: shape, ch: ch, ldch: ch, ld: size, data: make([]float32, p.batch*size)}
	b := &opBuilder{batch: p.batch, slots: slots, chunk: p.chunk, train: p.train, stop: p.stop, streams: &p.streams, fail: p.fail}
	if p.train {
		b.late = true
		if l, ok := p.opt.(optim.Limiter); ok { // whole gradients are shortened before the first update
			norm, global := l.Limits()
			b.late = norm == 0 && global == 0
		}
	}
	readers := map[*node]*node{}
	for _, n := range nodes {
		for _, from := range n.from {
			readers[from] = n
		}
	}
	outs := map[*node][]*buffer{nodes[0]: {p.x}} // one for each reader, or one for all
	for _, n := range nodes[1:] {
		if _, done := outs[n]; done {
			continue // part of the op before
		}
		b.ins, b.params, b.next, b.took, b.after, b.index, b.shape, b.raw = nil, n.params, nil, false, Linear, n.index, n.out, n.raw
		b.useful = len(n.params) > 0
		for _, from := range n.from {
			bufs := outs[from]
			b.ins = append(b.ins, bufs[0])
			if len(bufs) > 1 {
				outs[from] = bufs[1:]
			}
			b.useful = b.useful || bufs[0].grad != nil
		}
		b.in = b.ins[0]
		if n.users == 1 {
			b.next = readers[n]
		}
		b.fused = p.head.fused && n == p.m.last()
		if p.train {
			for _, q := range n.params {
				if !q.fixed {
					q.g = make([]float32, len(q.w))
				}
			}
		}
		b.push(n.op(b))
		if b.after != Linear {
			b.push(newActOp(b, b.after))
		}
		for ; len(b.made) > 0; b.made = b.made[1:] {
			p.ops = append(p.ops, b.made[0])
			if c, ok := b.made[0].(committing); ok {
				p.commits = append(p.commits, c)
			}
			if t, ok := b.made[0].(trainable); ok {
				for _, q := range n.params {
					p.owners[q] = t
				}
			}
		}
		last := n
		if b.took {
			last = b.next
		}
		outs[last] = p.fork(b.in, last.users)
		if last != n {
			outs[n] = outs[last]
		}
	}
	p.out = outs[p.m.last()][0]
	if out := p.out; p.set != nil && out.rank() > 1 && out.ch != out.ldch { // losses and metrics know no padding between channels
		b.useful = out.grad != nil
		f := &flattenOp{in: out, out: b.packed(out.shape)}
		p.ops, p.out = append(p.ops, f), f.out
	}
	if p.head.kind == customHead {
		p.ops = append(p.ops, &customLossOp{p: p, in: p.out})
	}
}

// fork returns a buffer for each of the readers of out: they share its numbers, but
// each has a gradient of its own, which are added up going backward.
func (p *plan) fork(out *buffer, readers int) []*buffer {
	if readers < 2 || out.grad == nil {
		return []*buffer{out}
	}
	f := &forkOp{in: out}
	for range readers {
		branch := *out
		branch.grad = make([]float32, len(out.grad))
		f.out = append(f.out, &branch)
	}
	p.ops = append(p.ops, f)
	return f.out
}

// forkOp adds up the gradients of those that read a buffer.
type forkOp struct {
	in  *buffer
	out []*buffer
}

func (o *forkOp) forward(lo, hi, _ int) {}

func (o *forkOp) backward(lo, hi, _ int) {
	sum := o.in.gradRows(lo, hi)
	copy(sum, o.out[0].gradRows(lo, hi))
	for _, b := range o.out[1:] {
		f32.Bias(sum, b.gradRows(lo, hi))
	}
}

// gradTask is a part of an op's gradient.
type gradTask struct {
	op   trainable
	part int
}

// updateTask is some rows of parameters, which may be of several ops.
type updateTask struct {
	rows []updateRows
	reg  float64
}

// updateRows are rows of a parameter and what the optimizer keeps beside them.
type updateRows struct {
	op   trainable
	late late // finds the gradient, nil when it is there
	p    *param
	block
	state       [2][]float32
	moves       moves   // of the step that was measured last
	square, reg float64 // of this step, where gradients are shortened: the gradient's length, squared, and the penalty
}

// makeTasks lists the parts of phase two.
func (p *plan) makeTasks() {
	p.gradOne, p.update = p.gradTask, p.updateTask
	size := int(taskFlops / updateFlops) // numbers a task
	left := 0                            // room in the last task
	ops, widest := 0, size
	for _, o := range p.ops {
		t, ok := o.(trainable)
		if !ok {
			continue
		}
		ops++
		for part := range t.parts() {
			p.grads = append(p.grads, gradTask{t, part})
		}
	}
	for _, n := range p.m.nodes {
		for _, q := range n.params {
			t := p.owners[q]
			if t == nil || q.fixed {
				continue
			}
			t.refresh(q, 0, q.rows())
			var state [2][]float32
			for s := range p.opt.Slots() {
				state[s] = make([]float32, len(q.w))
			}
			for lo := 0; lo < q.rows(); {
				if left < q.ldCol {
					p.updates = append(p.updates, updateTask{})
					left = max(size, q.ldCol)
				}
				u := updateRows{op: t, p: q, block: block{lo, min(lo+left/q.ldCol, q.rows())}}
				if l, ok := t.(late); ok && l.late() {
					u.late = l
					widest = max(widest, q.ldCol)
				}
				for s := range p.opt.Slots() {
					u.state[s] = state[s][u.lo*q.ldCol : u.hi*q.ldCol]
				}
				last := &p.updates[len(p.updates)-1]
				last.rows = append(last.rows, u)
				left -= (u.hi - u.lo) * q.ldCol
				lo = u.hi
			}
		}
	}
	p.rooms = make(chan []float32, p.pool.Threads())
	for range p.pool.Threads() {
		p.rooms <- make([]float32, widest)
	}
	// Nothing was worth to be cut.
	p.lightGrads, p.lightUpdates = len(p.grads) <= ops, len(p.updates) < 2
	p.limits = newLimits(p)
}
