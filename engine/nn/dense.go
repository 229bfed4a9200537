// This file has the dense layer, forward and backward side by side.

package nn

import (
	"fmt"

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
	o := &denseOp{in: b.in, out: b.vector(l.units), w: b.params[0], bias: biasOf(b.params), act: b.activation(l.act)}
	o.k = b.in.shape[0]
	ld := o.w.ldCol
	o.fwd = f32.Product{N: ld, K: o.k, L: 1, ARow: o.in.ld, ACol: 1, BRow: ld, CRow: ld}
	o.dw = f32.Product{N: ld, L: 1, ARow: 1, ACol: o.in.ld, BRow: ld, CRow: ld}
	if o.in.grad != nil {
		o.ldt = f32.Pad(o.k)
		o.wt = make([]float32, l.units*o.ldt)
		o.dx = f32.Product{N: o.ldt, K: l.units, L: 1, ARow: ld, ACol: 1, BRow: o.ldt, CRow: o.in.ld}
	}
	o.blocks = b.blocks(o.k, 2*float64(len(o.w.w)))
	b.emit(o.out)
	return o
}

// denseOp computes XW + b, and going backward dX = dZ·Wᵀ, dW = Xᵀ·dZ and
// db = the sum of dZ over the batch.
type denseOp struct {
	in, out     *buffer
	w, bias     *param // bias is nil without
	act         Activation
	k           int // inputs
	fwd, dx, dw f32.Product
	wt          []float32 // Wᵀ, rows padded to ldt
	ldt         int
	blocks      []block
}

func (o *denseOp) forward(lo, hi, _ int) {
	m := o.fwd
	m.M = hi - lo
	z := o.out.rows(lo, hi)
	m.Do(o.in.data[lo*o.in.ld:], o.w.w, z)
	activate(o.act, z, o.bias, o.w.cols, o.w.ldCol)
}

func (o *denseOp) backward(lo, hi, _ int) {
	dz := o.out.gradRows(lo, hi)
	activateBack(o.act, dz, o.out.rows(lo, hi), o.w.cols, o.w.ldCol)
	if o.in.grad != nil {
		m := o.dx
		m.M = hi - lo
		m.Do(dz, o.wt, o.in.gradRows(lo, hi))
	}
}

func (o *denseOp) parts() int { return len(o.blocks) }

// grad computes a block of rows of dW over n examples, and the bias with the
// first.
func (o *denseOp) grad(part, n int) {
	lo, hi := o.blocks[part].lo, o.blocks[part].hi
	m := o.dw
	m.M, m.K = hi-lo, n
	m.Do(o.in.data[lo:], o.out.grad, o.w.g[lo*o.w.ldCol:])
	if lo == 0 && o.bias != nil {
		clear(o.bias.g)
		f32.Sum(o.bias.g, o.out.grad, n, o.w.ldCol)
	}
}

// refresh copies rows lo to hi-1 of the changed weights into what backward
// reads.
func (o *denseOp) refresh(p *param, lo, hi int) {
	if o.wt != nil && p == o.w {
		f32.Transpose(o.wt[lo:], p.w[lo*p.ldCol:], hi-lo, p.cols, o.ldt, p.ldCol)
	}
}
