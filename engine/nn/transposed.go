// This file has the transposed convolution, forward and backward side by side.

package nn

import (
	"fmt"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// transposedLayer has the settings of a convolution.
type transposedLayer struct{ convLayer }

// Conv2DTranspose spreads every pixel of an image with filters of height by width,
// [Stride] apart, and adds up where they overlap: [28 28 8] comes out of 8 filters of
// 2x2 over [14 14 16] with a stride of 2. With [Same] the image becomes as many times
// larger as the stride; without, it also gains what the filters reach beyond that. It
// goes the way of [Conv2D] in the other direction, which is its gradient (Zeiler and
// others, 2010; Dumoulin and Visin, 2016).
func Conv2DTranspose(filters, height, width int, options ...ConvOption) Layer {
	l := &transposedLayer{convLayer{layerCommon: layerCommon{at: caller()}, filters: filters, kh: height, kw: width, stride: 1}}
	for _, o := range options {
		if o != nil {
			o.conv(&l.convLayer)
		}
	}
	return of(l)
}

func (l *transposedLayer) Kind() string { return "Conv2DTranspose" }

func (l *transposedLayer) infer(in []int) ([]int, *fault) {
	if f := l.sums.check(l.filters, "filters", l.act); f != nil {
		return nil, f
	}
	if f := l.checkFilter(); f != nil {
		return nil, f
	}
	if len(in) != 3 {
		return nil, imageFault(in)
	}
	oh, _ := l.across(in[0], l.kh)
	ow, _ := l.across(in[1], l.kw)
	if float64(oh)*float64(ow) > maxOutput {
		return nil, &fault{text: fmt.Sprintf("makes an image of %dx%d, which is too large", oh, ow)}
	}
	if l.kh > maxTransposed || l.kw > maxTransposed {
		return nil, &fault{text: fmt.Sprintf("has a %dx%d filter, which is too large", l.kh, l.kw), fix: fmt.Sprintf("sides of at most %d", maxTransposed)}
	}
	return []int{oh, ow, l.filters}, nil
}

// maxTransposed bounds the sides of a filter: the order of its cells is kept.
const maxTransposed = 1024

// across returns how many pixels come of n, with a filter of k, and how many that it
// would reach before them are left out.
func (l *transposedLayer) across(n, k int) (out, before int) {
	if l.padding == Same {
		return n * l.stride, max(k-l.stride, 0) / 2
	}
	return n*l.stride + max(k-l.stride, 0), 0
}

// weights are those of Keras, [height width out in], but stored as rows of what comes
// in, in the order in which forward reads the cells.
func (l *transposedLayer) weights(in []int, raw bool) []paramSpec {
	c := in[2]
	ld := f32.Pad(c)
	if raw {
		ld = c
	}
	rows, cols := l.phases(in[0], l.kh), l.phases(in[1], l.kw)
	order := make([]int, l.kh*l.kw)
	eachCell(rows.of, cols.of, func(stored, r, c int) { order[r*l.kw+c] = stored })
	return l.sums.params(paramSpec{
		name: "weights", shape: []int{l.kh, l.kw, l.filters, c}, blocks: l.kh * l.kw, inRows: c, ldRow: ld,
		cols: l.filters, ldCol: f32.Pad(l.filters), turned: true, order: order,
		fanIn: l.kh * l.kw * l.filters, fanOut: l.kh * l.kw * c, first: l.sums.first,
	})
}

func (l *transposedLayer) flops(in, _ []int) float64 {
	return 2 * float64(product(in)) * float64(l.kh*l.kw*l.filters)
}

// Along a side, outputs that are a stride apart see the same cells of the filter: they
// are one phase, and a convolution with these cells alone.
type phase1 struct {
	count int   // outputs
	cells []int // of the filter, the last first
	from  int   // where the first output begins to read
}

// sidePhases are those of a side, one for each number from 0 below the stride.
type sidePhases struct {
	of        []phase1
	pad, size int // zeros before what is read, and all of that
}

func (l *transposedLayer) phases(n, k int) sidePhases {
	out, before := l.across(n, k)
	var s sidePhases
	lowest, highest := 0, n-1
	for p := range l.stride {
		// Output p+q·stride sees cell k of input q + (p+before-k)/stride.
		r := (p + before) % l.stride
		ph := phase1{count: max((out-p+l.stride-1)/l.stride, 0)}
		for c := r; c < k; c += l.stride {
			ph.cells = append([]int{c}, ph.cells...)
		}
		base := (p + before - r) / l.stride
		ph.from = base - len(ph.cells) + 1
		if ph.count > 0 && len(ph.cells) > 0 {
			lowest, highest = min(lowest, ph.from), max(highest, base+ph.count-1)
		}
		s.of = append(s.of, ph)
	}
	s.pad, s.size = -lowest, highest-lowest+1
	for p := range s.of {
		s.of[p].from += s.pad
	}
	return s
}

// eachCell calls f with the cells of filters in the order in which they are stored:
// phase by phase.
func eachCell(rows, cols []phase1, f func(stored, row, col int)) {
	stored := 0
	for _, y := range rows {
		for _, x := range cols {
			for _, r := range y.cells {
				for _, c := range x.cells {
					f(stored, r, c)
					stored++
				}
			}
		}
	}
}

func (l *transposedLayer) op(b *opBuilder) op {
	in := b.in
	o := &transposedOp{
		in: in, kh: l.kh, kw: l.kw, stride: l.stride, h: in.shape[0], w: in.shape[1],
		p: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop,
	}
	o.oh, o.top = l.across(o.h, l.kh)
	o.ow, o.left = l.across(o.w, l.kw)
	o.rows, o.cols = l.phases(o.h, l.kh), l.phases(o.w, l.kw)
	o.out = b.image(o.oh, o.ow, l.filters)
	ldi, ldo := in.ldch, o.p.ldCol
	o.cell = make([]int, l.kh*l.kw)
	eachCell(o.rows.of, o.cols.of, func(stored, r, c int) { o.cell[stored] = r*l.kw + c })
	o.framed = o.rows.size != o.h || o.cols.size != o.w
	// The gradient of the outputs with those that were left out, as zeros.
	o.gh, o.gw = max((o.h-1)*l.stride+l.kh, o.oh+o.top), max((o.w-1)*l.stride+l.kw, o.ow+o.left)
	o.slots = make([]transposedSlot, b.slots)
	for s := range o.slots {
		if o.framed {
			o.slots[s].x = make([]float32, o.rows.size*o.cols.size*ldi)
		}
		if b.train && (o.gh != o.oh || o.gw != o.ow) {
			o.slots[s].dz = make([]float32, o.gh*o.gw*ldo)
		}
	}
	if b.train {
		o.chunks = newFilterGrad(b, len(o.p.w), ldo)
		o.dw = f32.Product{M: ldi, N: ldo, K: o.w, L: o.h, ARow: 1, ACol: ldi, ASeg: o.w * ldi, BRow: o.stride * ldo, BSeg: o.stride * o.gw * ldo, CRow: ldo, Acc: true}
	}
	if in.grad != nil {
		o.wt = make([]float32, o.kh*o.kw*ldo*ldi)
		o.dx = f32.Product{M: o.w, N: ldi, K: o.kw * ldo, L: o.kh, ARow: o.stride * ldo, ACol: 1, ASeg: o.gw * ldo, BRow: ldi, BSeg: o.kw * ldo * ldi, CRow: ldi}
	}
	b.emit(o.out)
	return o
}

// transposedOp computes each phase of the outputs as a convolution, whose results lie a
// stride apart: so no zeros are multiplied. Going backward it is a convolution of the
// outputs' gradient.
type transposedOp struct {
	in, out    *buffer
	p, bias    *param // bias is nil without
	act        Activation
	kh, kw     int
	stride     int
	h, w       int // of the input image
	oh, ow     int // of the output image
	top, left  int // what is left out before it
	rows, cols sidePhases
	framed     bool  // the input needs zeros around it
	cell       []int // of the filter, for each block of the weights
	gh, gw     int
	slots      []transposedSlot
	wt         []float32 // the weights as [kh kw out in]
	dx, dw     f32.Product
	chunks     filterGrad
	stop       *atomic.Bool
}

// transposedSlot is the scratch space of a chunk.
type transposedSlot struct {
	x  []float32 // an image between zeros
	dz []float32 // the gradient of one
}

func (o *transposedOp) forward(lo, hi, slot int) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, out := o.in.row(i), o.out.row(i)
		if o.framed {
			x = o.slots[slot].x
			frame(x, o.cols.size, o.in.row(i), o.h, o.w, ldi, o.rows.pad, o.cols.pad, 1)
		}
		w := o.p.w
		for p, y := range o.rows.of {
			for q, c := range o.cols.of {
				line := len(c.cells) * ldi
				m := f32.Product{M: c.count, N: ldo, K: line, L: len(y.cells), ARow: ldi, ACol: 1, ASeg: o.cols.size * ldi, BRow: ldo, BSeg: line * ldo, CRow: o.stride * ldo}
				for r := range y.count {
					at := min(((y.from+r)*o.cols.size+c.from)*ldi, len(x)) // nothing is read where no cell reaches
					m.Do(x[at:], w, out[((p+r*o.stride)*o.ow+q)*ldo:])
				}
				w = w[line*ldo*len(y.cells):]
			}
		}
		activate(o.act, out, o.bias, o.p.cols, ldo)
	}
}

func (o *transposedOp) backward(lo, hi, slot int) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	activateBack(o.act, o.out.gradRows(lo, hi), o.out.rows(lo, hi), o.p.cols, ldo)
	o.chunks.begin(slot)
	for i := lo; i < hi && !o.stop.Load(); i++ {
		dz := o.out.gradRow(i)
		f32.Sum(o.chunks.biases(slot), dz, o.oh*o.ow, ldo)
		if wide := o.slots[slot].dz; wide != nil {
			frame(wide, o.gw, dz, o.oh, o.ow, ldo, o.top, o.left, 1)
			dz = wide
		}
		x, dw := o.in.row(i), o.chunks.weights(slot)
		for stored, cell := range o.cell {
			o.dw.Do(x, dz[(cell/o.kw*o.gw+cell%o.kw)*ldo:], dw[stored*ldi*ldo:])
		}
		if o.in.grad == nil {
			continue
		}
		dx := o.in.gradRow(i)
		for y := range o.h {
			o.dx.Do(dz[y*o.stride*o.gw*ldo:], o.wt, dx[y*o.w*ldi:(y+1)*o.w*ldi])
		}
	}
}

func (o *transposedOp) parts() int       { return len(o.chunks.blocks) }
func (o *transposedOp) grad(part, n int) { o.chunks.sum(o.p, o.bias, part, n) }

// refresh copies rows lo to hi-1 of the changed weights into what backward reads.
func (o *transposedOp) refresh(p *param, lo, hi int) {
	if o.wt == nil || p != o.p {
		return
	}
	ldi, ldo := o.in.ldch, p.ldCol
	for row := lo; row < hi; {
		cell, ci := o.cell[row/ldi], row%ldi
		n := min(ldi-ci, hi-row)
		f32.Transpose(o.wt[cell*ldo*ldi+ci:], p.w[row*ldo:], n, p.cols, ldi, ldo)
		row += n
	}
}
