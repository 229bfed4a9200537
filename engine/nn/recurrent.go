// This file has the layers that read a sequence step by step: what they share. The
// cells are in rnn.go, lstm.go and gru.go.

package nn

import (
	"fmt"
	"sync/atomic"

	"cajal/engine/internal/f32"
	"cajal/engine/internal/rng"
)

// A RecurrentOption is what [SimpleRNN], [LSTM] and [GRU] take after their width:
// [Sequences], [Backwards], an [Init] or [Name]; SimpleRNN an [Activation] too.
type RecurrentOption interface{ recurrent(*recurrentLayer) }

// A Reading says how a recurrent layer reads and what it gives.
type Reading int

const (
	Sequences Reading = iota // give the state after every step, [steps units]
	Backwards                // begin with the last step
)

func (r Reading) recurrent(l *recurrentLayer) {
	switch r {
	case Sequences:
		l.all = true
	case Backwards:
		l.backwards = true
	}
}

type recurrentLayer struct {
	layerCommon
	kind           cellKind
	units          int
	act            Activation // of SimpleRNN
	first          Init
	all, backwards bool
}

// cellKind is what a layer computes at every step.
type cellKind int

const (
	simpleCell cellKind = iota
	lstmCell
	gruCell
)

// gates is how many sums a unit has.
func (k cellKind) gates() int { return [...]int{1, 4, 3}[k] }

func newRecurrent(l *recurrentLayer, options []RecurrentOption) Layer {
	for _, o := range options {
		if o != nil {
			o.recurrent(l)
		}
	}
	return of(l)
}

func (l *recurrentLayer) Kind() string { return [...]string{"SimpleRNN", "LSTM", "GRU"}[l.kind] }

func (l *recurrentLayer) infer(in []int) ([]int, *fault) {
	sums := sumOptions{first: l.first}
	if f := sums.check(l.units, "units", l.act); f != nil {
		return nil, f
	}
	switch l.act {
	case Linear, ReLU, Sigmoid, Tanh:
	default:
		return nil, &fault{text: fmt.Sprintf("cannot have %s as its activation", l.act), fix: "nn.Tanh, nn.ReLU, nn.Sigmoid or nn.Linear"}
	}
	if l.kind != simpleCell && l.act != Tanh {
		return nil, &fault{text: fmt.Sprintf("cannot have %s as its activation", l.act), fix: "leave it out: the cell has its own"}
	}
	if len(in) != 2 {
		return nil, sequenceFault(in)
	}
	if l.all {
		return []int{in[0], l.units}, nil
	}
	return []int{l.units}, nil
}

func (l *recurrentLayer) weights(in []int, _ bool) []paramSpec {
	g := l.kind.gates()
	w := matrixSpec("weights", in[1], g*l.units, l.first).grouped(g)
	u := matrixSpec("recurrent weights", l.units, g*l.units, orthogonal{}).grouped(g)
	bias := vectorSpec("biases", g*l.units, nil).grouped(g)
	switch l.kind {
	case lstmCell:
		bias.first = forgetBias{}
	case gruCell:
		again := bias
		again.name = "recurrent biases"
		return []paramSpec{w, u, bias, again}
	}
	return []paramSpec{w, u, bias}
}

func (l *recurrentLayer) flops(in, _ []int) float64 {
	return 2 * float64(in[0]*(in[1]+l.units)*l.units*l.kind.gates())
}

// forgetBias is 1 for the second of four gates, so that a cell begins by remembering
// (Jozefowicz, Zaremba and Sutskever, 2015).
type forgetBias struct{}

func (forgetBias) fill([]float32, *param, *rng.Source) {}

func (forgetBias) fillAll(p *param, _ *rng.Source) {
	k := 0
	p.each(func(_, stored, n int) {
		if k == 1 {
			for j := range n {
				p.w[stored+j] = 1
			}
		}
		k++
	})
}

// A cell computes one step of one example. z are the sums of the gates, which it
// replaces by what it needs again; rec are the sums over the state before, where it
// wants them apart (nil elsewhere); before and h are the states.
type cell interface {
	forward(z, rec, before, h, keep, keepBefore []float32)
	// backward gets the gradient of h in dh, and what forward has left. It replaces z
	// by the gradients of its sums, and rec by those of its own, and leaves in dh what
	// reaches the state before, but by way of the sums.
	backward(z, rec, before, h, keep, keepBefore, dh, dkeep []float32)
}

func (l *recurrentLayer) op(b *opBuilder) op {
	in := b.in
	ld := f32.Pad(l.units)
	o := &recurrentOp{in: in, w: b.params[0], u: b.params[1], bias: b.params[2], steps: in.shape[0], units: l.units, ld: ld, all: l.all, backwards: l.backwards, stop: b.stop}
	o.gates = l.kind.gates() * ld
	size := b.batch * o.steps
	o.z = make([]float32, size*o.gates)
	switch l.kind {
	case simpleCell:
		o.cell = &simple{act: l.act, n: l.units}
	case lstmCell:
		o.cell = lstm{ld}
		o.keep = make([]float32, size*ld)
	case gruCell:
		o.cell = gru{ld}
		o.again = b.params[3]
		o.rec = make([]float32, size*o.gates)
	}
	if l.all {
		o.out = b.shaped([]int{o.steps, l.units})
		o.h = o.out.data
	} else {
		o.out = b.vector(l.units)
		o.h = make([]float32, size*ld)
	}
	o.read = f32.Product{N: o.gates, K: in.ch, L: 1, ARow: in.ldch, ACol: 1, BRow: o.gates, CRow: o.gates}
	o.step = f32.Product{N: o.gates, K: l.units, L: 1, ARow: o.steps * ld, ACol: 1, BRow: o.gates, CRow: o.steps * o.gates, Acc: o.rec == nil}
	o.zero = make([]float32, max(ld, o.gates))
	if b.train {
		o.dh, o.dkeep = make([]float32, b.batch*ld), make([]float32, b.batch*ld)
		o.ut = make([]float32, o.gates*ld)
		o.back = f32.Product{N: ld, K: o.gates, L: 1, ARow: o.steps * o.gates, ACol: 1, BRow: ld, CRow: ld, Acc: true}
		if in.grad != nil {
			o.ldt = f32.Pad(in.ch)
			o.wt = make([]float32, o.gates*o.ldt)
			o.dx = f32.Product{N: o.ldt, K: o.gates, L: 1, ARow: o.gates, ACol: 1, BRow: o.ldt, CRow: in.ldch}
		}
		o.dw = f32.Product{N: o.gates, L: 1, ARow: 1, ACol: in.ldch, BRow: o.gates, CRow: o.gates}
		// Of h[t-1] and dZ[t], for t from 1, an example a segment.
		o.du = f32.Product{N: o.gates, K: o.steps - 1, ARow: 1, ACol: ld, ASeg: o.steps * ld, BRow: o.gates, BSeg: o.steps * o.gates, CRow: o.gates}
		o.wBlocks = b.blocks(in.ch, 2*float64(o.steps*len(o.w.w)))
		o.uBlocks = b.blocks(l.units, 2*float64(o.steps*len(o.u.w)))
	}
	b.emit(o.out)
	return o
}

// recurrentOp computes the sums over the inputs of all steps as one product, and then
// step by step those over the states. Rows of z, h and keep are steps of an example,
// those of the next example behind them; a layer that reads backwards has them the
// other way round.
type recurrentOp struct {
	in, out        *buffer
	w, u           *param
	bias, again    *param // again is GRU's second bias, nil elsewhere
	cell           cell
	steps, units   int
	ld, gates      int // numbers of a state, and of a step's sums
	all, backwards bool
	z, rec         []float32 // sums, then their gradients
	h, keep        []float32 // states, and what else a cell remembers
	zero           []float32
	read, step     f32.Product

	dh, dkeep        []float32 // of the present step, one example after another
	ut, wt           []float32 // weights turned, [sums state] and [sums input]
	ldt              int
	back, dx, dw, du f32.Product
	wBlocks, uBlocks []block
	stop             *atomic.Bool
}

// at returns which step of an example is the k-th that is read.
func (o *recurrentOp) at(k int) int {
	if o.backwards {
		return o.steps - 1 - k
	}
	return k
}

// row returns the numbers of step t of example i, n a step.
func row(x []float32, i, t, steps, n int) []float32 {
	if x == nil {
		return nil
	}
	return x[(i*steps+t)*n:][:n]
}

func (o *recurrentOp) forward(lo, hi, _ int) {
	m := o.read
	m.M = (hi - lo) * o.steps
	z := o.z[lo*o.steps*o.gates : hi*o.steps*o.gates]
	multiply(o.stop, m, o.in.data[lo*o.in.ld:], o.w.w, z)
	f32.Bias(z, o.bias.w)
	for k := 0; k < o.steps && !o.stop.Load(); k++ {
		t, before := o.at(k), 0
		if k > 0 {
			before = o.at(k - 1)
			s := o.step
			s.M = hi - lo
			to := o.z
			if o.rec != nil {
				to = o.rec
			}
			s.Do(o.h[(lo*o.steps+before)*o.ld:], o.u.w, to[(lo*o.steps+t)*o.gates:])
		}
		for i := lo; i < hi; i++ {
			rec := row(o.rec, i, t, o.steps, o.gates)
			if rec != nil {
				if k == 0 {
					clear(rec)
				}
				f32.Bias(rec, o.again.w)
			}
			h, keep := o.zero[:o.ld], o.zero[:o.ld]
			if k > 0 {
				h, keep = row(o.h, i, before, o.steps, o.ld), row(o.keep, i, before, o.steps, o.ld)
			}
			o.cell.forward(row(o.z, i, t, o.steps, o.gates), rec, h, row(o.h, i, t, o.steps, o.ld), row(o.keep, i, t, o.steps, o.ld), keep)
		}
	}
	if !o.all {
		for i := lo; i < hi; i++ {
			copy(o.out.row(i), row(o.h, i, o.at(o.steps-1), o.steps, o.ld))
		}
	}
}

func (o *recurrentOp) backward(lo, hi, _ int) {
	clear(o.dh[lo*o.ld : hi*o.ld])
	clear(o.dkeep[lo*o.ld : hi*o.ld])
	for k := o.steps - 1; k >= 0 && !o.stop.Load(); k-- {
		t, before := o.at(k), 0
		if k > 0 {
			before = o.at(k - 1)
		}
		for i := lo; i < hi; i++ {
			dh := o.dh[i*o.ld : (i+1)*o.ld]
			switch {
			case o.all:
				f32.Bias(dh, row(o.out.grad, i, t, o.steps, o.ld))
			case k == o.steps-1:
				copy(dh, o.out.gradRow(i))
			}
			h, keep := o.zero[:o.ld], o.zero[:o.ld]
			if k > 0 {
				h, keep = row(o.h, i, before, o.steps, o.ld), row(o.keep, i, before, o.steps, o.ld)
			}
			o.cell.backward(row(o.z, i, t, o.steps, o.gates), row(o.rec, i, t, o.steps, o.gates), h, row(o.h, i, t, o.steps, o.ld),
				row(o.keep, i, t, o.steps, o.ld), keep, dh, o.dkeep[i*o.ld:(i+1)*o.ld])
		}
		if k > 0 {
			m := o.back
			m.M = hi - lo
			from := o.z
			if o.rec != nil {
				from = o.rec
			}
			m.Do(from[(lo*o.steps+t)*o.gates:], o.ut, o.dh[lo*o.ld:])
		}
	}
	if o.in.grad != nil {
		m := o.dx
		m.M = (hi - lo) * o.steps
		multiply(o.stop, m, o.z[lo*o.steps*o.gates:], o.wt, o.in.grad[lo*o.in.ld:])
	}
}

func (o *recurrentOp) parts() int { return len(o.wBlocks) + len(o.uBlocks) }

// grad computes rows of the gradient of either matrix over n examples, and the biases
// with the first.
func (o *recurrentOp) grad(part, n int) {
	rows := n * o.steps
	if part < len(o.wBlocks) {
		b, m := o.wBlocks[part], o.dw
		m.M, m.K = b.hi-b.lo, rows
		multiply(o.stop, m, o.in.data[b.lo:], o.z, o.w.g[b.lo*o.gates:])
		if part == 0 {
			clear(o.bias.g)
			addRows(o.stop, o.bias.g, o.z, rows, o.gates)
		}
		return
	}
	part -= len(o.wBlocks)
	from := o.z
	if o.rec != nil {
		from = o.rec
		if part == 0 {
			clear(o.again.g)
			addRows(o.stop, o.again.g, from, rows, o.gates)
		}
	}
	b, m := o.uBlocks[part], o.du
	m.M, m.L = b.hi-b.lo, n
	// The state before the first step is zero.
	h, z := o.h, from[o.gates:]
	if o.backwards {
		h, z = o.h[o.ld:], from
	}
	if o.steps == 1 {
		clear(o.u.g[b.lo*o.gates : b.hi*o.gates])
		return
	}
	multiply(o.stop, m, h[b.lo:], z, o.u.g[b.lo*o.gates:])
}

func (o *recurrentOp) refresh(p *param, lo, hi int) {
	switch {
	case p == o.u && o.ut != nil:
		f32.Transpose(o.ut[lo:], p.w[lo*p.ldCol:], hi-lo, p.ldCol, o.ld, p.ldCol)
	case p == o.w && o.wt != nil:
		f32.Transpose(o.wt[lo:], p.w[lo*p.ldCol:], hi-lo, p.ldCol, o.ldt, p.ldCol)
	}
}
