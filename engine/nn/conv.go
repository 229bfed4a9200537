// This file has the convolution, forward and backward side by side.

package nn

import (
	"fmt"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

type convLayer struct {
	layerCommon
	filters, kh, kw int
	act             Activation
	padding         Padding
	sums            sumOptions
}

// Conv2D slides filters of height by width over an image, one step at a time:
// at every place each filter sums what it covers, in all channels, times its
// weights, adds its bias and applies the activation. [26 26 32] comes out of 32
// filters of 3x3 over [28 28 1], or [28 28 32] with [Same].
func Conv2D(filters, height, width int, options ...ConvOption) Layer {
	l := &convLayer{layerCommon: layerCommon{at: caller()}, filters: filters, kh: height, kw: width}
	for _, o := range options {
		if o != nil {
			o.conv(l)
		}
	}
	return of(l)
}

func (l *convLayer) Kind() string { return "Conv2D" }

func (l *convLayer) infer(in []int) ([]int, *fault) {
	if f := l.sums.check(l.filters, "filters", l.act); f != nil {
		return nil, f
	}
	if l.kh < 1 || l.kw < 1 {
		return nil, &fault{text: fmt.Sprintf("has a %dx%d filter, but both sides must be above 0", l.kh, l.kw)}
	}
	if l.padding != Valid && l.padding != Same {
		return nil, &fault{text: fmt.Sprintf("has an unknown padding (%d)", int(l.padding)), fix: "nn.Valid or nn.Same"}
	}
	if len(in) != 3 {
		return nil, imageFault(in)
	}
	h, w := in[0]-l.kh+1, in[1]-l.kw+1
	if l.padding == Same {
		h, w = in[0], in[1]
	}
	if h < 1 || w < 1 {
		return nil, &fault{
			text: fmt.Sprintf("has a %dx%d filter on a %dx%d image: nothing is left (%dx%d)", l.kh, l.kw, in[0], in[1], h, w),
			fix:  "nn.Conv2D(..., nn.Same) keeps the size, or drop one nn.MaxPool2D above",
		}
	}
	return []int{h, w, l.filters}, nil
}

// imageFault is for layers that want an image and get something else.
func imageFault(in []int) *fault {
	f := &fault{
		text: "wants an image per example, [height width channels]",
		got:  fmt.Sprintf("%v per example (rank %d)", in, len(in)),
	}
	switch side := squareRoot(product(in)); {
	case len(in) == 2:
		f.fix = fmt.Sprintf("nn.Input(%d, %d, 1) gives the image its one channel", in[0], in[1])
	case len(in) == 1 && side > 1:
		f.fix = fmt.Sprintf("nn.Input(%d, %d, 1) if the %d numbers are an image of one channel; a convolution cannot follow nn.Flatten() or nn.Dense", side, side, in[0])
	default:
		f.fix = "begin with nn.Input(height, width, channels); a convolution cannot follow nn.Flatten() or nn.Dense"
	}
	return f
}

// squareRoot returns the root of a square number, else 0.
func squareRoot(n int) int {
	for i := 1; i*i <= n; i++ {
		if i*i == n {
			return i
		}
	}
	return 0
}

func (l *convLayer) weights(in []int, raw bool) []paramSpec {
	c, ld := in[2], f32.Pad(in[2])
	if raw {
		ld = c
	}
	return l.sums.params(paramSpec{
		name: "weights", shape: []int{l.kh, l.kw, c, l.filters}, blocks: l.kh * l.kw, inRows: c, ldRow: ld,
		cols: l.filters, ldCol: f32.Pad(l.filters), fanIn: l.kh * l.kw * c, fanOut: l.kh * l.kw * l.filters, first: l.sums.first,
	})
}

func (l *convLayer) activation() Activation { return l.act }

func (l *convLayer) flops(in, out []int) float64 {
	return 2 * float64(product(out)) * float64(l.kh*l.kw*in[2])
}

// A border is the input of a convolution with the zeros around it that Same adds;
// without any, it is the input itself. An image is w pixels wide and takes ld
// numbers.
type border struct {
	in        *buffer
	top, left int
	x         []float32
	w, ld     int
}

// border makes the one of a layer for a batch.
func (l *convLayer) border(in *buffer, batch int) border {
	b := border{in: in, x: in.data, w: in.shape[1], ld: in.ld}
	if l.padding == Same && l.kh*l.kw > 1 {
		b.top, b.left = (l.kh-1)/2, (l.kw-1)/2
		b.w = in.shape[1] + l.kw - 1
		b.ld = (in.shape[0] + l.kh - 1) * b.w * in.ldch
		b.x = make([]float32, batch*b.ld)
	}
	return b
}

// image returns image i as fill left it.
func (b *border) image(i int) []float32 { return b.x[i*b.ld : (i+1)*b.ld] }

// fill copies input i between the zeros, if need be, and returns it.
func (b *border) fill(i int) []float32 {
	x := b.image(i)
	if b.ld != b.in.ld {
		frame(x, b.w, b.in.row(i), b.in.shape[0], b.in.shape[1], b.in.ldch, b.top, b.left)
	}
	return x
}

// frame copies an image of h·w pixels into a larger one of width dw, down by
// top and right by left.
func frame(dst []float32, dw int, src []float32, h, w, ld, top, left int) {
	for y := range h {
		copy(dst[((y+top)*dw+left)*ld:], src[y*w*ld:(y+1)*w*ld])
	}
}

func (l *convLayer) op(b *opBuilder) op {
	if o := l.pooled(b); o != nil {
		return o
	}
	in := b.in
	o := &convOp{border: l.border(in, b.batch), kh: l.kh, kw: l.kw, p: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop}
	h, w := in.shape[0], in.shape[1]
	o.oh, o.ow = h-o.kh+1, w-o.kw+1
	if l.padding == Same {
		o.oh, o.ow = h, w
	}
	o.out = b.image(o.oh, o.ow, l.filters)
	ldi, ldo := in.ldch, o.p.ldCol
	o.fwd = f32.Product{M: o.ow, N: ldo, K: o.kw * ldi, L: o.kh, ARow: ldi, ACol: 1, ASeg: o.w * ldi, BRow: ldo, BSeg: o.kw * ldi * ldo, CRow: ldo}
	o.dw = f32.Product{M: o.kw * ldi, N: ldo, K: o.ow, L: o.oh, ARow: 1, ACol: ldi, ASeg: o.w * ldi, BRow: ldo, BSeg: o.ow * ldo, CRow: ldo, Acc: true}
	if in.grad != nil {
		o.zw = w + o.kw - 1
		o.dx = f32.Product{M: w, N: ldi, K: o.kw * ldo, L: o.kh, ARow: ldo, ACol: 1, ASeg: o.zw * ldo, BRow: ldi, BSeg: o.kw * ldo * ldi, CRow: ldi}
		o.wt = make([]float32, o.kh*o.kw*ldo*ldi)
		o.dz = make([][]float32, b.slots)
		for s := range o.dz {
			o.dz[s] = make([]float32, (h+o.kh-1)*o.zw*ldo)
		}
	}
	if b.train {
		o.chunks = newFilterGrad(b, len(o.p.w), ldo)
	}
	b.emit(o.out)
	return o
}

// convOp computes every row of the outputs as one product: the pixels a filter's
// row covers lie together in the input, channels last, so the input is read in
// place with overlap.
type convOp struct {
	border
	out         *buffer
	p, bias     *param // bias is nil without
	act         Activation
	kh, kw      int
	oh, ow      int // of the output image
	fwd, dx, dw f32.Product
	wt          []float32   // the filters turned by half a turn, [kh kw out in]
	dz          [][]float32 // dZ with zeros around it, one image a slot
	zw          int
	chunks      filterGrad
	stop        *atomic.Bool // looked at for every image, since a batch may take long
}

func (o *convOp) forward(lo, hi, _ int) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, out := o.fill(i), o.out.row(i)
		for y := range o.oh {
			z := out[y*o.ow*ldo : (y+1)*o.ow*ldo]
			o.fwd.Do(x[y*o.w*ldi:], o.p.w, z)
			activate(o.act, z, o.bias, o.p.cols, ldo)
		}
	}
}

func (o *convOp) backward(lo, hi, slot int) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	activateBack(o.act, o.out.gradRows(lo, hi), o.out.rows(lo, hi), o.p.cols, ldo)
	o.chunks.begin(slot)
	for i := lo; i < hi && !o.stop.Load(); i++ {
		if o.in.grad != nil {
			o.imageGrad(o.dz[slot], i)
		}
		dz, line := o.out.gradRow(i), o.kw*ldi
		for r := range o.kh {
			o.dw.Do(o.image(i)[r*o.w*ldi:], dz, o.chunks.weights(slot)[r*line*ldo:])
		}
		f32.Sum(o.chunks.biases(slot), dz, o.oh*o.ow, ldo)
	}
}

// imageGrad computes dX of image i, with dz for dZ between zeros.
func (o *convOp) imageGrad(dz []float32, i int) {
	ldi, ldo, w := o.in.ldch, o.p.ldCol, o.in.shape[1]
	frame(dz, o.zw, o.out.gradRow(i), o.oh, o.ow, ldo, o.kh-1-o.top, o.kw-1-o.left)
	dx := o.in.gradRow(i)
	for y := range o.in.shape[0] {
		o.dx.Do(dz[y*o.zw*ldo:], o.wt, dx[y*w*ldi:(y+1)*w*ldi])
	}
}

func (o *convOp) parts() int       { return len(o.chunks.blocks) }
func (o *convOp) grad(part, n int) { o.chunks.sum(o.p, o.bias, part, n) }

// refresh copies rows lo to hi-1 of the changed weights into what backward
// reads.
func (o *convOp) refresh(p *param, lo, hi int) {
	if o.wt == nil || p != o.p {
		return
	}
	ldi, ldo := o.in.ldch, p.ldCol
	for row := lo; row < hi; {
		cell, ci := row/ldi, row%ldi
		n := min(ldi-ci, hi-row)
		turned := o.kh*o.kw - 1 - cell
		f32.Transpose(o.wt[turned*ldo*ldi+ci:], p.w[row*ldo:], n, p.cols, ldi, ldo)
		row += n
	}
}
