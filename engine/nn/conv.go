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
	stride          int
	one             bool // over sequences instead of images
	act             Activation
	padding         Padding
	sums            sumOptions
}

// Conv2D slides filters of height by width over an image, one step at a time:
// at every place each filter sums what it covers, in all channels, times its
// weights, adds its bias and applies the activation. [26 26 32] comes out of 32
// filters of 3x3 over [28 28 1], or [28 28 32] with [Same].
func Conv2D(filters, height, width int, options ...ConvOption) Layer {
	return newConv(&convLayer{layerCommon: layerCommon{at: caller()}, filters: filters, kh: height, kw: width}, options)
}

// Conv1D slides filters of width steps over a sequence [steps channels]: [28 16] comes
// out of 16 filters of 3 over [30 8], or [30 16] with [Same]. See [Conv2D].
func Conv1D(filters, width int, options ...ConvOption) Layer {
	return newConv(&convLayer{layerCommon: layerCommon{at: caller()}, filters: filters, kh: 1, kw: width, one: true}, options)
}

func newConv(l *convLayer, options []ConvOption) Layer {
	l.stride = 1
	for _, o := range options {
		if o != nil {
			o.conv(l)
		}
	}
	return of(l)
}

func (l *convLayer) Kind() string {
	if l.one {
		return "Conv1D"
	}
	return "Conv2D"
}

func (l *convLayer) infer(in []int) ([]int, *fault) {
	if f := l.sums.check(l.filters, "filters", l.act); f != nil {
		return nil, f
	}
	if f := l.checkFilter(); f != nil {
		return nil, f
	}
	image, f := asImage(in, l.one)
	if f != nil {
		return nil, f
	}
	if h, w := image[0]-l.kh+1, image[1]-l.kw+1; l.padding == Valid && (h < 1 || w < 1) {
		f := &fault{text: fmt.Sprintf("has a %s filter on a %s image: nothing is left (%s)", l.size(l.kh, l.kw), l.size(image[0], image[1]), l.size(h, w))}
		f.fix = fmt.Sprintf("nn.%s(..., nn.Same) keeps the size, or drop one nn.MaxPool2D above", l.Kind())
		if l.one {
			f.text = fmt.Sprintf("has a filter of %d on %d steps: nothing is left", l.kw, image[1])
			f.fix = "nn.Conv1D(..., nn.Same) keeps the size"
		}
		return nil, f
	}
	oh, _ := l.along(image[0], l.kh)
	ow, _ := l.along(image[1], l.kw)
	if l.one {
		return []int{ow, l.filters}, nil
	}
	return []int{oh, ow, l.filters}, nil
}

// checkFilter reports settings of the filter that cannot work.
func (l *convLayer) checkFilter() *fault {
	if l.kh < 1 || l.kw < 1 {
		return &fault{text: fmt.Sprintf("has a %s filter, but its sides must be above 0", l.size(l.kh, l.kw))}
	}
	if l.stride < 1 {
		return badStride(l.stride)
	}
	if l.padding != Valid && l.padding != Same {
		return &fault{text: fmt.Sprintf("has an unknown padding (%d)", int(l.padding)), fix: "nn.Valid or nn.Same"}
	}
	return nil
}

func (l *convLayer) size(h, w int) string {
	if l.one {
		return fmt.Sprint(w)
	}
	return fmt.Sprintf("%dx%d", h, w)
}

// along returns how many places a filter of k pixels has on n, and how many zeros
// stand before them.
func (l *convLayer) along(n, k int) (places, before int) {
	if l.padding == Valid {
		return (n-k)/l.stride + 1, 0
	}
	places = (n + l.stride - 1) / l.stride
	return places, max((places-1)*l.stride+k-n, 0) / 2
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
	c := in[len(in)-1]
	ld := f32.Pad(c)
	if raw {
		ld = c
	}
	shape := []int{l.kh, l.kw, c, l.filters}
	if l.one {
		shape = shape[1:]
	}
	return l.sums.params(paramSpec{
		name: "weights", shape: shape, blocks: l.kh * l.kw, inRows: c, ldRow: ld,
		cols: l.filters, ldCol: f32.Pad(l.filters), fanIn: l.kh * l.kw * c, fanOut: l.kh * l.kw * l.filters, first: l.sums.first,
	})
}

func (l *convLayer) activation() Activation { return l.act }

func (l *convLayer) flops(in, out []int) float64 {
	return 2 * float64(product(out)) * float64(l.kh*l.kw*in[len(in)-1])
}

// A border is the input of a convolution with the zeros around it that Same adds;
// without any, it is the input itself. An image is w pixels wide and takes ld
// numbers.
type border struct {
	in        *buffer
	h         int // of the image within
	wide      int
	top, left int
	x         []float32
	w, ld     int
}

// border makes the one of a layer for a batch.
func (l *convLayer) border(in *buffer, batch int) border {
	image, _ := asImage(in.shape, l.one)
	b := border{in: in, h: image[0], wide: image[1], x: in.data, w: image[1], ld: in.ld}
	oh, top := l.along(b.h, l.kh)
	ow, left := l.along(b.wide, l.kw)
	h, w := max((oh-1)*l.stride+l.kh, b.h), max((ow-1)*l.stride+l.kw, b.wide)
	if l.padding == Same && (h > b.h || w > b.wide) {
		b.top, b.left, b.w = top, left, w
		b.ld = h * w * in.ldch
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
		frame(x, b.w, b.in.row(i), b.h, b.wide, b.in.ldch, b.top, b.left, 1)
	}
	return x
}

// unframe copies the image within a border.
func (b *border) unframe(dst, src []float32) {
	n := b.wide * b.in.ldch
	for y := range b.h {
		copy(dst[y*n:(y+1)*n], src[((y+b.top)*b.w+b.left)*b.in.ldch:])
	}
}

// frame copies an image of h·w pixels into a larger one of width dw, down by top and
// right by left, its pixels stride apart.
func frame(dst []float32, dw int, src []float32, h, w, ld, top, left, stride int) {
	for y := range h {
		to := dst[((y*stride+top)*dw+left)*ld:]
		if stride == 1 {
			copy(to, src[y*w*ld:(y+1)*w*ld])
			continue
		}
		for x := range w {
			copy(to[x*stride*ld:], src[(y*w+x)*ld:(y*w+x+1)*ld])
		}
	}
}

func (l *convLayer) op(b *opBuilder) op {
	if o := l.pooled(b); o != nil {
		return o
	}
	in := b.in
	o := &convOp{border: l.border(in, b.batch), kh: l.kh, kw: l.kw, stride: l.stride, p: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop}
	o.oh, _ = l.along(o.h, l.kh)
	o.ow, _ = l.along(o.wide, l.kw)
	shape := []int{o.oh, o.ow, l.filters}
	if l.one {
		shape = shape[1:]
	}
	o.out = b.shaped(shape)
	ldi, ldo := in.ldch, o.p.ldCol
	o.fwd = f32.Product{M: o.ow, N: ldo, K: o.kw * ldi, L: o.kh, ARow: o.stride * ldi, ACol: 1, ASeg: o.w * ldi, BRow: ldo, BSeg: o.kw * ldi * ldo, CRow: ldo}
	o.dw = f32.Product{M: o.kw * ldi, N: ldo, K: o.ow, L: o.oh, ARow: 1, ACol: o.stride * ldi, ASeg: o.stride * o.w * ldi, BRow: ldo, BSeg: o.ow * ldo, CRow: ldo, Acc: true}
	if b.train {
		o.chunks = newFilterGrad(b, len(o.p.w), ldo)
	}
	if in.grad != nil {
		o.zw = o.wide + o.kw - 1
		// Zeros at the right and below, for places that a stride leaves out.
		zh := max(o.h+o.kh-1, (o.oh-1)*o.stride+1+o.kh-1-o.top)
		o.zw = max(o.zw, (o.ow-1)*o.stride+1+o.kw-1-o.left)
		o.dx = f32.Product{M: o.wide, N: ldi, K: o.kw * ldo, L: o.kh, ARow: ldo, ACol: 1, ASeg: o.zw * ldo, BRow: ldi, BSeg: o.kw * ldo * ldi, CRow: ldi}
		o.wt = make([]float32, o.kh*o.kw*ldo*ldi)
		o.dz = make([][]float32, b.slots)
		for s := range o.dz {
			o.dz[s] = make([]float32, zh*o.zw*ldo)
		}
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
	stride      int
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
			o.fwd.Do(x[y*o.stride*o.w*ldi:], o.p.w, z)
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
	ldi, ldo := o.in.ldch, o.p.ldCol
	frame(dz, o.zw, o.out.gradRow(i), o.oh, o.ow, ldo, o.kh-1-o.top, o.kw-1-o.left, o.stride)
	dx := o.in.gradRow(i)
	for y := range o.h {
		o.dx.Do(dz[y*o.zw*ldo:], o.wt, dx[y*o.wide*ldi:(y+1)*o.wide*ldi])
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
