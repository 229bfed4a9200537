// This file has attention with several heads, forward and backward side by side.

package nn

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// An AttentionOption is what [MultiHeadAttention] takes after its sizes: [Causal], an
// [Init] or [Name].
type AttentionOption interface{ attention(*attentionLayer) }

// A Masking is [Causal].
type Masking int

// Causal lets every step look at itself and those before it only.
const Causal Masking = 1

func (m Masking) attention(l *attentionLayer) { l.causal = m == Causal }

type attentionLayer struct {
	layerCommon
	heads, width int
	first        Init
	causal       bool
}

// MultiHeadAttention lets every step of a sequence [steps features] look at all others
// (Vaswani and others, 2017). Each head makes a query, a key and a value of width
// numbers of every step; a step's output is the mean of the values, weighted by the
// softmax of its query times their keys, over √width. The outputs of all heads together
// become [steps features] again. Used as a layer it looks at its own input; [Attend]
// looks at another.
func MultiHeadAttention(heads, width int, options ...AttentionOption) Layer {
	return of(newAttention(caller(), heads, width, options))
}

// Attend is MultiHeadAttention whose queries are of x and whose keys and values are of
// other, a sequence that may have other lengths.
func Attend(x, other *Value, heads, width int, options ...AttentionOption) *Value {
	return &Value{layer: newAttention(caller(), heads, width, options), in: []*Value{x, other}}
}

func newAttention(at string, heads, width int, options []AttentionOption) *attentionLayer {
	l := &attentionLayer{layerCommon: layerCommon{at: at}, heads: heads, width: width}
	for _, o := range options {
		if o != nil {
			o.attention(l)
		}
	}
	return l
}

func (l *attentionLayer) Kind() string { return "MultiHeadAttention" }

func (l *attentionLayer) inferAll(in [][]int) ([]int, *fault) {
	switch {
	case l.heads < 1 || l.width < 1:
		return nil, &fault{text: fmt.Sprintf("has %d heads of %d numbers, but both must be above 0", l.heads, l.width)}
	case !l.first.known():
		return nil, &fault{text: fmt.Sprintf("has an unknown initialisation, %s", l.first), fix: "nn.GlorotUniform or nn.HeNormal"}
	case l.causal && len(in) == 2 && in[0][0] != in[len(in)-1][0]:
		return nil, &fault{text: "is nn.Causal", got: fmt.Sprintf("sequences of %d and %d steps", in[0][0], in[1][0]), fix: "sequences of one length, or without nn.Causal"}
	}
	for _, s := range in {
		if len(s) != 2 {
			return nil, sequenceFault(s)
		}
	}
	return slices.Clone(in[0]), nil
}

func (l *attentionLayer) infer(in []int) ([]int, *fault) { return l.inferAll([][]int{in}) }

func (l *attentionLayer) weights(in []int, _ bool) []paramSpec { return l.weightsAll([][]int{in}) }

// weightsAll returns the matrices of queries, keys, values and outputs, each with its
// biases.
func (l *attentionLayer) weightsAll(in [][]int) []paramSpec {
	var out []paramSpec
	n := l.heads * l.width
	for k, name := range []string{"query", "key", "value"} {
		features := in[min(k, len(in)-1)][1]
		out = append(out, matrixSpec(name+" weights", features, n, l.first).grouped(l.heads), vectorSpec(name+" biases", n, nil).grouped(l.heads))
	}
	w := matrixSpec("output weights", n, in[0][1], l.first)
	w.blocks, w.inRows, w.ldRow = l.heads, l.width, f32.Pad(l.width)
	return append(out, w, vectorSpec("output biases", in[0][1], nil))
}

func (l *attentionLayer) flops(in, _ []int) float64 {
	t, n := float64(in[0]), float64(l.heads*l.width)
	return 8*t*n*float64(in[1]) + 4*t*t*n
}

func (l *attentionLayer) op(b *opBuilder) op {
	in, other := b.ins[0], b.ins[len(b.ins)-1]
	o := &attentionOp{heads: l.heads, ld: f32.Pad(l.width), causal: l.causal, scale: float32(1 / math.Sqrt(float64(l.width))), out: b.shaped(in.shape), stop: b.stop}
	o.steps, o.seen = in.shape[0], other.shape[0]
	o.lds, o.ldt = f32.Pad(o.seen), f32.Pad(o.steps)
	n := o.heads * o.ld
	for k := range o.in {
		o.in[k] = b.ins[min(k, len(b.ins)-1)]
		p := &o.project[k]
		*p = projection{in: o.in[k], w: b.params[2*k], bias: b.params[2*k+1], n: n, steps: o.in[k].shape[0]}
		p.make(b)
	}
	// The outputs of the heads are the input of the last projection.
	heads := &buffer{shape: []int{o.steps, n}, ch: n, ldch: n, ld: o.steps * n, data: make([]float32, b.batch*o.steps*n)}
	if b.train {
		heads.grad = make([]float32, len(heads.data))
	}
	o.heard = heads
	o.last = projection{in: heads, w: b.params[6], bias: b.params[7], n: o.out.ldch, steps: o.steps, y: o.out.data, dy: o.out.grad}
	o.last.make(b)
	o.shares = make([]float32, b.batch*o.heads*o.steps*o.lds)
	o.turned = make([][]float32, b.slots)
	o.dshares = make([][]float32, b.slots)
	for s := range o.turned {
		o.turned[s] = make([]float32, o.ld*max(o.lds, o.ldt))
		if b.train {
			o.dshares[s] = make([]float32, o.steps*o.lds)
		}
	}
	b.emit(o.out)
	return o
}

// A projection multiplies every step of a sequence with one matrix.
type projection struct {
	in         *buffer
	w, bias    *param
	n, steps   int       // numbers a step
	y, dy      []float32 // what comes out, and its gradient
	wt         []float32 // the matrix turned, rows of ldt
	ldt        int
	fwd, dx    f32.Product
	dw         f32.Product
	blocks     []block
	rows, wide int // of the input: numbers that are multiplied, and from step to step
	stop       *atomic.Bool
}

func (p *projection) make(b *opBuilder) {
	size := b.batch * p.steps * p.n
	if p.y == nil {
		p.y = make([]float32, size)
	}
	p.rows, p.wide, p.stop = p.w.rows(), p.in.ldch, b.stop
	p.fwd = f32.Product{N: p.n, K: p.rows, L: 1, ARow: p.wide, ACol: 1, BRow: p.n, CRow: p.n}
	if !b.train {
		return
	}
	if p.dy == nil {
		p.dy = make([]float32, size)
	}
	if p.in.grad != nil {
		p.ldt = f32.Pad(p.rows)
		p.wt = make([]float32, p.n*p.ldt)
		p.dx = f32.Product{N: p.ldt, K: p.n, L: 1, ARow: p.n, ACol: 1, BRow: p.ldt, CRow: p.wide}
	}
	p.dw = f32.Product{N: p.n, L: 1, ARow: 1, ACol: p.wide, BRow: p.n, CRow: p.n}
	p.blocks = b.blocks(p.rows, 2*float64(p.steps*len(p.w.w)))
}

func (p *projection) forward(lo, hi int) {
	m := p.fwd
	m.M = (hi - lo) * p.steps
	y := p.y[lo*p.steps*p.n : hi*p.steps*p.n]
	multiply(p.stop, m, p.in.data[lo*p.in.ld:], p.w.w, y)
	f32.Bias(y, p.bias.w)
}

// backward computes the gradient of the input, or adds to it.
func (p *projection) backward(lo, hi int, add bool) {
	if p.in.grad == nil {
		return
	}
	m := p.dx
	m.M, m.Acc = (hi-lo)*p.steps, add
	multiply(p.stop, m, p.dy[lo*p.steps*p.n:], p.wt, p.in.grad[lo*p.in.ld:])
}

func (p *projection) grad(part, n int) {
	b, m := p.blocks[part], p.dw
	m.M, m.K = b.hi-b.lo, n*p.steps
	multiply(p.stop, m, p.in.data[b.lo:], p.dy, p.w.g[b.lo*p.n:])
	if part == 0 {
		clear(p.bias.g)
		addRows(p.stop, p.bias.g, p.dy, n*p.steps, p.n)
	}
}

func (p *projection) refresh(q *param, lo, hi int) {
	if q == p.w && p.wt != nil {
		f32.Transpose(p.wt[lo:], q.w[lo*q.ldCol:], hi-lo, q.ldCol, p.ldt, q.ldCol)
	}
}

// attentionOp keeps, for every head and step of an example, the shares with which it
// hears the others.
type attentionOp struct {
	in          [3]*buffer
	project     [3]projection // queries, keys, values
	last        projection
	out, heard  *buffer
	heads, ld   int // ld numbers of a head
	steps, seen int // of queries, and of keys and values
	lds, ldt    int // seen and steps, padded
	causal      bool
	scale       float32
	shares      []float32   // [example head step lds]
	turned      [][]float32 // scratch: keys or values of a head, a column a step
	dshares     [][]float32 // scratch
	stop        *atomic.Bool
}

// shareRows returns the shares of a head of an example.
func (o *attentionOp) shareRows(i, h int) []float32 {
	n := o.steps * o.lds
	return o.shares[(i*o.heads+h)*n:][:n]
}

func (o *attentionOp) forward(lo, hi, slot int) {
	for k := range o.project {
		o.project[k].forward(lo, hi)
	}
	n := o.heads * o.ld
	turned := o.turned[slot]
	scores := f32.Product{M: o.steps, N: o.lds, K: o.ld, L: 1, ARow: n, ACol: 1, BRow: o.lds, CRow: o.lds}
	means := f32.Product{M: o.steps, N: o.ld, K: o.seen, L: 1, ARow: o.lds, ACol: 1, BRow: n, CRow: n}
	for i := lo; i < hi && !o.stop.Load(); i++ {
		q, k, v := o.project[0].y[i*o.steps*n:], o.project[1].y[i*o.seen*n:], o.project[2].y[i*o.seen*n:]
		for h := range o.heads {
			at := h * o.ld
			f32.Transpose(turned, k[at:], o.seen, o.ld, o.lds, n)
			s := o.shareRows(i, h)
			scores.Do(q[at:], turned, s)
			f32.Scale(s, o.scale)
			for t := range o.steps {
				softmax(s[t*o.lds:(t+1)*o.lds], o.sees(t))
			}
			means.Do(s, v[at:], o.heard.data[i*o.steps*n+at:])
		}
	}
	o.last.forward(lo, hi)
}

// sees returns how many steps step t looks at.
func (o *attentionOp) sees(t int) int {
	if o.causal {
		return t + 1
	}
	return o.seen
}

func (o *attentionOp) backward(lo, hi, slot int) {
	o.last.backward(lo, hi, false)
	n := o.heads * o.ld
	turned, ds := o.turned[slot], o.dshares[slot]
	dshares := f32.Product{M: o.steps, N: o.lds, K: o.ld, L: 1, ARow: n, ACol: 1, BRow: o.lds, CRow: o.lds}
	dvalues := f32.Product{M: o.seen, N: o.ld, K: o.steps, L: 1, ARow: 1, ACol: o.lds, BRow: n, CRow: n}
	dqueries := f32.Product{M: o.steps, N: o.ld, K: o.seen, L: 1, ARow: o.lds, ACol: 1, BRow: n, CRow: n}
	for i := lo; i < hi && !o.stop.Load(); i++ {
		q, k, v := o.project[0].y[i*o.steps*n:], o.project[1].y[i*o.seen*n:], o.project[2].y[i*o.seen*n:]
		dq, dk, dv := o.project[0].dy[i*o.steps*n:], o.project[1].dy[i*o.seen*n:], o.project[2].dy[i*o.seen*n:]
		dy := o.heard.grad[i*o.steps*n:]
		for h := range o.heads {
			at := h * o.ld
			s := o.shareRows(i, h)
			dvalues.Do(s, dy[at:], dv[at:])
			f32.Transpose(turned, v[at:], o.seen, o.ld, o.lds, n)
			dshares.Do(dy[at:], turned, ds)
			for t := range o.steps {
				s, ds := s[t*o.lds:(t+1)*o.lds], ds[t*o.lds:(t+1)*o.lds]
				activateBack(Softmax, ds, s, o.seen, o.lds)
			}
			f32.Scale(ds, o.scale)
			dqueries.Do(ds, k[at:], dq[at:])
			dvalues.Do(ds, q[at:], dk[at:]) // the same shapes
		}
	}
	for k := range o.project {
		first := k == 0 || k == 1 && o.in[1] != o.in[0]
		o.project[k].backward(lo, hi, !first)
	}
}

func (o *attentionOp) parts() int {
	n := len(o.last.blocks)
	for k := range o.project {
		n += len(o.project[k].blocks)
	}
	return n
}

func (o *attentionOp) grad(part, n int) {
	for k := range o.project {
		if p := &o.project[k]; part < len(p.blocks) {
			p.grad(part, n)
			return
		}
		part -= len(o.project[k].blocks)
	}
	o.last.grad(part, n)
}

func (o *attentionOp) refresh(p *param, lo, hi int) {
	for k := range o.project {
		o.project[k].refresh(p, lo, hi)
	}
	o.last.refresh(p, lo, hi)
}
