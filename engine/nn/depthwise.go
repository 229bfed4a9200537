// This file has the depthwise convolution, forward and backward side by side.

package nn

import (
	"fmt"
	"strings"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// A DepthwiseOption is what [DepthwiseConv2D] takes after its filter: an [Activation],
// an [Init], [L1], [L2], [NoBias], [Stride], [Same], [Multiplier] or [Name].
type DepthwiseOption interface{ depthwise(*depthwiseLayer) }

// Multiplier is how many filters a [DepthwiseConv2D] has for every channel; without
// it, 1.
type Multiplier int

func (m Multiplier) depthwise(l *depthwiseLayer) { l.multiplier = int(m) }
func (a Activation) depthwise(l *depthwiseLayer) { a.conv(&l.convLayer) }
func (i Init) depthwise(l *depthwiseLayer)       { i.conv(&l.convLayer) }
func (r L1) depthwise(l *depthwiseLayer)         { r.conv(&l.convLayer) }
func (r L2) depthwise(l *depthwiseLayer)         { r.conv(&l.convLayer) }
func (b BiasOption) depthwise(l *depthwiseLayer) { b.conv(&l.convLayer) }
func (s Stride) depthwise(l *depthwiseLayer)     { s.conv(&l.convLayer) }
func (p Padding) depthwise(l *depthwiseLayer)    { p.conv(&l.convLayer) }
func (n Name) depthwise(l *depthwiseLayer)       { n.conv(&l.convLayer) }

// depthwiseLayer has the settings of a convolution, but for the number of filters.
type depthwiseLayer struct {
	convLayer
	multiplier int
}

// DepthwiseConv2D slides filters of height by width over an image, each over one
// channel only: [26 26 32] comes out of [28 28 32] with filters of 3x3, and [26 26 64]
// with [Multiplier](2), the filters of the first channel first. A Conv2D of 1x1 behind
// it mixes the channels, which together costs far less than a [Conv2D] (Sifre, 2014;
// Howard and others, 2017).
func DepthwiseConv2D(height, width int, options ...DepthwiseOption) Layer {
	l := &depthwiseLayer{convLayer{layerCommon: layerCommon{at: caller()}, kh: height, kw: width, stride: 1}, 1}
	for _, o := range options {
		if o != nil {
			o.depthwise(l)
		}
	}
	return of(l)
}

func (l *depthwiseLayer) Kind() string { return "DepthwiseConv2D" }

func (l *depthwiseLayer) infer(in []int) ([]int, *fault) {
	switch {
	case len(in) != 3:
		return nil, imageFault(in)
	case l.multiplier < 1:
		return nil, &fault{text: fmt.Sprintf("has nn.Multiplier(%d), which must be above 0", l.multiplier)}
	case l.multiplier > maxOutput/in[2]:
		return nil, &fault{text: fmt.Sprintf("has nn.Multiplier(%d), which is too large", l.multiplier)}
	}
	c := l.convLayer
	c.filters = in[2] * l.multiplier
	out, f := c.infer(in)
	if f != nil {
		f.fix = strings.ReplaceAll(f.fix, "nn."+c.Kind(), "nn."+l.Kind())
	}
	return out, f
}

// weights are those of Keras: [height width channels multiplier]. Each cell of the
// filters is one row.
func (l *depthwiseLayer) weights(in []int, _ bool) []paramSpec {
	n := in[2] * l.multiplier
	return l.sums.params(paramSpec{
		name: "weights", shape: []int{l.kh, l.kw, in[2], l.multiplier}, blocks: l.kh * l.kw, inRows: 1, ldRow: 1,
		cols: n, ldCol: f32.Pad(n), fanIn: l.kh * l.kw * in[2], fanOut: l.kh * l.kw * l.multiplier, first: l.sums.first,
	})
}

func (l *depthwiseLayer) flops(_, out []int) float64 {
	return 2 * float64(product(out)) * float64(l.kh*l.kw)
}

func (l *depthwiseLayer) op(b *opBuilder) op {
	in := b.in
	o := &depthwiseOp{
		in: in, kh: l.kh, kw: l.kw, stride: l.stride, multiplier: l.multiplier, h: in.shape[0], wide: in.shape[1],
		p: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop,
	}
	o.oh, o.top = l.along(o.h, l.kh)
	o.ow, o.left = l.along(o.wide, l.kw)
	o.out = b.image(o.oh, o.ow, in.ch*l.multiplier)
	o.ld = o.out.ldch
	o.line = o.ow * o.ld
	o.fh, o.fw = (o.oh-1)*l.stride+l.kh, (o.ow-1)*l.stride+l.kw
	// Without zeros around it, and one channel for each that comes out, the image is
	// read where it is.
	if o.fh <= o.h && o.fw <= o.wide && l.multiplier == 1 && in.ldch == o.ld {
		o.inPlace, o.fh, o.fw = true, o.h, o.wide
	}
	cells, run := l.kh*l.kw, o.ld
	if l.stride == 1 {
		run = min(max(nearNumbers/(cells*o.ld), 1), o.ow) * o.ld
	}
	o.run = run
	o.slots = make([]depthwiseSlot, b.slots)
	for s := range o.slots {
		slot := &o.slots[s]
		slot.w = make([]float32, cells*run)
		if !o.inPlace {
			slot.x = make([]float32, o.fh*o.fw*o.ld)
		}
		if !b.train {
			continue
		}
		slot.dw = make([]float32, cells*run)
		if in.grad != nil && !o.inPlace {
			slot.dx = make([]float32, o.fh*o.fw*o.ld)
		}
	}
	if b.train {
		o.chunks = newFilterGrad(b, len(o.p.w), o.ld)
	}
	b.emit(o.out)
	return o
}

// nearNumbers is how many weights, repeated for the pixels of a run, the nearest cache
// holds beside what they are multiplied with.
const nearNumbers = 6 << 10

// depthwiseOp multiplies number by number. With a stride of 1 some pixels of a row of
// outputs are, for each cell of the filters, one run of the input times that cell's
// weights, repeated for every pixel; with others it goes pixel by pixel.
type depthwiseOp struct {
	in, out        *buffer
	p, bias        *param // bias is nil without
	act            Activation
	kh, kw, stride int
	multiplier     int
	h, wide        int // of the input image
	top, left      int // zeros before it
	fh, fw         int // of what is read
	oh, ow         int // of the output image
	ld, line, run  int // numbers of a pixel, of a row of outputs, and that are multiplied at a time
	inPlace        bool
	slots          []depthwiseSlot
	chunks         filterGrad
	stop           *atomic.Bool
}

// depthwiseSlot is the scratch space of a chunk.
type depthwiseSlot struct {
	w, dw []float32 // weights of every cell, once for each pixel of a run, and their gradient
	x, dx []float32 // an image with its border, a channel for each that comes out
}

func (o *depthwiseOp) forward(lo, hi, slot int) {
	s := &o.slots[slot]
	for cell := range o.kh * o.kw {
		for at := 0; at < o.run; at += o.ld {
			copy(s.w[cell*o.run+at:], o.p.w[cell*o.ld:(cell+1)*o.ld])
		}
	}
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, out := o.image(s, i), o.out.row(i)
		clear(out)
		o.cells(func(at, n, cell, first int) {
			f32.MulAdd(out[at:at+n], x[first:], s.w[cell*o.run:])
		})
		activate(o.act, out, o.bias, o.p.cols, o.ld)
	}
}

// cells calls f with every run of n outputs, by rows, and every cell of the filters:
// at is where the run begins in the outputs, first where in the input.
func (o *depthwiseOp) cells(f func(at, n, cell, first int)) {
	for y := range o.oh {
		for at := 0; at < o.line; at += o.run {
			n := min(o.run, o.line-at)
			for r := range o.kh {
				first := (y*o.stride+r)*o.fw*o.ld + at*o.stride
				for c := range o.kw {
					f(y*o.line+at, n, r*o.kw+c, first+c*o.ld)
				}
			}
		}
	}
}

// image returns image i as it is read.
func (o *depthwiseOp) image(s *depthwiseSlot, i int) []float32 {
	src := o.in.row(i)
	if o.inPlace {
		return src
	}
	o.pixels(func(to, from int) {
		dst, px := s.x[to:to+o.p.cols], src[from:from+o.in.ch]
		if o.multiplier == 1 {
			copy(dst, px)
			return
		}
		for c, v := range px {
			for k := range o.multiplier {
				dst[c*o.multiplier+k] = v
			}
		}
	})
	return s.x
}

// pixels calls f with every pixel of the input that is read: where it is within its
// border, and where in the input.
func (o *depthwiseOp) pixels(f func(to, from int)) {
	for y := range min(o.h, o.fh-o.top) {
		for x := range min(o.wide, o.fw-o.left) {
			f(((y+o.top)*o.fw+x+o.left)*o.ld, (y*o.wide+x)*o.in.ldch)
		}
	}
}

func (o *depthwiseOp) backward(lo, hi, slot int) {
	activateBack(o.act, o.out.gradRows(lo, hi), o.out.rows(lo, hi), o.p.cols, o.ld)
	o.chunks.begin(slot)
	s := &o.slots[slot]
	clear(s.dw)
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, dz := o.image(s, i), o.out.gradRow(i)
		o.cells(func(at, n, cell, first int) {
			f32.MulAdd(s.dw[cell*o.run:cell*o.run+n], dz[at:], x[first:])
		})
		if o.in.grad != nil {
			o.imageGrad(s, i, dz)
		}
		f32.Sum(o.chunks.biases(slot), dz, o.oh*o.ow, o.ld)
	}
	for cell := range o.kh * o.kw {
		f32.Sum(o.chunks.weights(slot)[cell*o.ld:(cell+1)*o.ld], s.dw[cell*o.run:], o.run/o.ld, o.ld)
	}
}

// imageGrad computes dX of image i.
func (o *depthwiseOp) imageGrad(s *depthwiseSlot, i int, dz []float32) {
	dx := o.in.gradRow(i)
	wide := dx
	if !o.inPlace {
		wide = s.dx
	}
	clear(wide)
	o.cells(func(at, n, cell, first int) {
		f32.MulAdd(wide[first:first+n], dz[at:], s.w[cell*o.run:])
	})
	if o.inPlace {
		return
	}
	clear(dx)
	o.pixels(func(to, from int) {
		src, px := wide[to:to+o.p.cols], dx[from:from+o.in.ch]
		if o.multiplier == 1 {
			copy(px, src)
			return
		}
		for c := range px {
			sum := float32(0)
			for _, v := range src[c*o.multiplier : (c+1)*o.multiplier] {
				sum += v
			}
			px[c] = sum
		}
	})
}

func (o *depthwiseOp) parts() int                   { return len(o.chunks.blocks) }
func (o *depthwiseOp) grad(part, n int)             { o.chunks.sum(o.p, o.bias, part, n) }
func (o *depthwiseOp) refresh(p *param, lo, hi int) {}
