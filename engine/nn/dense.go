// This file has the dense layer, forward and backward side by side.

package nn

import (
	"fmt"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

type denseLayer struct {
	layerCommon
	units int
	act   Activation
	sums  sumOptions
}

// Dense is a layer of units neurons that each see all inputs: f(XW + b). Its
// weights begin with Glorot's uniform numbers, its biases with 0.
func Dense(units int, options ...DenseOption) Layer {
	l := &denseLayer{layerCommon: layerCommon{at: caller()}, units: units}
	for _, o := range options {
		if o != nil {
			o.dense(l)
		}
	}
	return of(l)
}

func (l *denseLayer) Kind() string { return "Dense" }

func (l *denseLayer) infer(in []int) ([]int, *fault) {
	if f := l.sums.check(l.units, "units", l.act); f != nil {
		return nil, f
	}
	if len(in) != 1 {
		n := product(in)
		return nil, &fault{
			text: "wants one vector per example, [features]",
			got:  fmt.Sprintf("%v per example (rank %d)", in, len(in)),
			fix:  fmt.Sprintf("put nn.Flatten() before it: %v -> [%d], which gives %d parameters here", in, n, n*l.units+l.units),
		}
	}
	return []int{l.units}, nil
}

func (l *denseLayer) weights(in []int, _ bool) []paramSpec {
	return l.sums.params(matrixSpec("weights", in[0], l.units, l.sums.first))
}

func (l *denseLayer) activation() Activation { return l.act }

func (l *denseLayer) flops(in, _ []int) float64 { return 2 * float64(in[0]) * float64(l.units) }

func (l *denseLayer) op(b *opBuilder) op {
	o := &denseOp{in: b.in, out: b.vector(l.units), w: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop}
	o.k = b.in.shape[0]
	ld := o.w.ldCol
	o.fwd = f32.Product{N: ld, K: o.k, L: 1, ARow: o.in.ld, ACol: 1, BRow: ld, CRow: ld}
	o.dw = f32.Product{N: ld, L: 1, ARow: 1, ACol: o.in.ld, BRow: ld, CRow: ld}
	size := len(o.w.w)
	switch {
	case o.in.grad == nil:
	case size >= largeDense && o.k == f32.Pad(o.k):
		o.dx = f32.Product{N: o.k, K: l.units, L: 1, ARow: ld, ACol: 1, BRow: 1, BCol: ld, CRow: o.in.ld}
	default:
		o.ldt = f32.Pad(o.k)
		o.wt = make([]float32, l.units*o.ldt)
		o.dx = f32.Product{N: o.ldt, K: l.units, L: 1, ARow: ld, ACol: 1, BRow: o.ldt, CRow: o.in.ld}
	}
	work := 2 * float64(size)
	if b.late && size >= largeDense && work*float64(b.batch) <= lateFlops {
		o.isLate = true
		for _, p := range b.params {
			p.g = nil
		}
	} else {
		o.blocks = b.blocks(o.k, work)
	}
	b.emit(o.out)
	return o
}

// From so many weights on they are not kept in two forms, and their gradient is found
// when it is needed, if that takes little time: it cannot be interrupted.
const (
	largeDense = 1 << 17
	lateFlops  = 2e9
)

// denseOp computes XW + b, and going backward dX = dZ·Wᵀ, dW = Xᵀ·dZ and
// db = the sum of dZ over the batch.
type denseOp struct {
	in, out     *buffer
	w, bias     *param // bias is nil without
	act         Activation
	k           int // inputs
	fwd, dx, dw f32.Product
	wt          []float32 // Wᵀ, rows padded to ldt; nil for a large W, which is turned while it is read
	ldt         int
	isLate      bool // then there are no blocks
	blocks      []block
	stop        *atomic.Bool
}

func (o *denseOp) forward(lo, hi, _ int) {
	m := o.fwd
	m.M = hi - lo
	z := o.out.rows(lo, hi)
	multiply(o.stop, m, o.in.data[lo*o.in.ld:], o.w.w, z)
	activate(o.act, z, o.bias, o.w.cols, o.w.ldCol)
}

func (o *denseOp) backward(lo, hi, _ int) {
	dz := o.out.gradRows(lo, hi)
	activateBack(o.act, dz, o.out.rows(lo, hi), o.w.cols, o.w.ldCol)
	if o.in.grad != nil {
		m := o.dx
		m.M = hi - lo
		w := o.wt
		if w == nil {
			w = o.w.w
		}
		multiply(o.stop, m, dz, w, o.in.gradRows(lo, hi))
	}
}

func (o *denseOp) parts() int { return len(o.blocks) }
func (o *denseOp) late() bool { return o.isLate }

// grad computes a block of rows of dW over n examples, and the bias with the
// first.
func (o *denseOp) grad(part, n int) {
	lo, hi := o.blocks[part].lo, o.blocks[part].hi
	o.gradRows(o.w.g[lo*o.w.ldCol:], o.w, lo, hi, n)
	if lo == 0 && o.bias != nil {
		o.gradRows(o.bias.g, o.bias, 0, 1, n)
	}
}

// gradRows computes rows of the gradient of the weights, or that of the bias.
func (o *denseOp) gradRows(g []float32, p *param, lo, hi, n int) {
	if p == o.bias {
		clear(g)
		f32.Sum(g, o.out.grad, n, p.ldCol)
		return
	}
	m := o.dw
	m.M, m.K = hi-lo, n
	m.Do(o.in.data[lo:], o.out.grad, g)
}

// refresh copies rows lo to hi-1 of the changed weights into what backward
// reads.
func (o *denseOp) refresh(p *param, lo, hi int) {
	if o.wt != nil && p == o.w {
		f32.Transpose(o.wt[lo:], p.w[lo*p.ldCol:], hi-lo, p.cols, o.ldt, p.ldCol)
	}
}
