// This file has the pooling layers, forward and backward side by side.

package nn

import (
	"fmt"

	"cajal/engine/internal/f32"
)

type poolLayer struct {
	plain
	size, stride int
	mean, one    bool // the mean instead of the largest; over sequences instead of images
}

// MaxPool2D keeps the largest number of every size by size window, channel by
// channel. Windows lie side by side, or [Stride] apart, and what is left at the right
// and lower border is dropped: MaxPool2D(2) makes [13 13 32] of [26 26 32], and of
// [27 27 32] too.
func MaxPool2D(size int, options ...PoolOption) Layer {
	return newPool(&poolLayer{plain: plain{layerCommon{at: caller()}}, size: size}, options)
}

// AvgPool2D keeps the mean of every size by size window, channel by channel; see
// [MaxPool2D].
func AvgPool2D(size int, options ...PoolOption) Layer {
	return newPool(&poolLayer{plain: plain{layerCommon{at: caller()}}, size: size, mean: true}, options)
}

// MaxPool1D keeps the largest number of every size steps of a sequence [steps
// channels]; see [MaxPool2D].
func MaxPool1D(size int, options ...PoolOption) Layer {
	return newPool(&poolLayer{plain: plain{layerCommon{at: caller()}}, size: size, one: true}, options)
}

// AvgPool1D keeps the mean of every size steps of a sequence [steps channels]; see
// [MaxPool2D].
func AvgPool1D(size int, options ...PoolOption) Layer {
	return newPool(&poolLayer{plain: plain{layerCommon{at: caller()}}, size: size, mean: true, one: true}, options)
}

func newPool(l *poolLayer, options []PoolOption) Layer {
	l.stride = l.size
	for _, o := range options {
		if o != nil {
			o.pool(l)
		}
	}
	return of(l)
}

func (l *poolLayer) Kind() string {
	kind := "MaxPool"
	if l.mean {
		kind = "AvgPool"
	}
	if l.one {
		return kind + "1D"
	}
	return kind + "2D"
}

func (l *poolLayer) flops(in, out []int) float64 { return float64(product(in)) }

// window returns the height and width of a window and of a step.
func (l *poolLayer) window() (h, w, stepH, stepW int) {
	if l.one {
		return 1, l.size, 1, l.stride
	}
	return l.size, l.size, l.stride, l.stride
}

func (l *poolLayer) infer(in []int) ([]int, *fault) {
	if l.size < 1 {
		return nil, &fault{text: fmt.Sprintf("has a window of %d, which must be above 0", l.size)}
	}
	if l.stride < 1 {
		return nil, badStride(l.stride)
	}
	image, f := asImage(in, l.one)
	if f != nil {
		return nil, f
	}
	h, w, sh, sw := l.window()
	oh, ow := (image[0]-h)/sh+1, (image[1]-w)/sw+1
	if image[0] < h || image[1] < w {
		if l.one {
			return nil, &fault{text: fmt.Sprintf("has a window of %d on %d steps: nothing is left", l.size, in[0]), fix: "a smaller window"}
		}
		return nil, &fault{
			text: fmt.Sprintf("has a %dx%d window on a %dx%d image: nothing is left (%dx%d)", l.size, l.size, in[0], in[1], in[0]/l.size, in[1]/l.size),
			fix:  "drop this layer or one nn.MaxPool2D above, or give nn.Conv2D above nn.Same",
		}
	}
	if l.one {
		return []int{ow, in[1]}, nil
	}
	return []int{oh, ow, in[2]}, nil
}

// asImage returns the shape of an image; a sequence is one of height 1.
func asImage(in []int, one bool) ([]int, *fault) {
	switch {
	case one && len(in) == 2:
		return []int{1, in[0], in[1]}, nil
	case one:
		return nil, sequenceFault(in)
	case len(in) != 3:
		return nil, imageFault(in)
	}
	return in, nil
}

// sequenceFault is for layers that want a sequence and get something else.
func sequenceFault(in []int) *fault {
	f := &fault{
		text: "wants a sequence per example, [steps features]",
		got:  fmt.Sprintf("%v per example (rank %d)", in, len(in)),
		fix:  "begin with nn.Input(steps, features)",
	}
	if len(in) == 1 {
		f.fix = fmt.Sprintf("nn.Reshape(%d, 1) before it makes steps of one number; nn.Embedding makes a sequence of numbers of words", in[0])
	}
	return f
}

func badStride(n int) *fault {
	return &fault{text: fmt.Sprintf("has nn.Stride(%d), which must be above 0", n)}
}

func (l *poolLayer) op(b *opBuilder) op {
	o := &poolOp{in: b.in, mean: l.mean}
	image := b.in.shape
	if l.one {
		image = []int{1, image[0], image[1]}
	}
	o.kh, o.kw, o.sh, o.sw = l.window()
	o.width, o.h, o.w = image[1], (image[0]-o.kh)/o.sh+1, (image[1]-o.kw)/o.sw+1
	shape := []int{o.h, o.w, image[2]}
	if l.one {
		shape = shape[1:]
	}
	if b.in.ldch == f32.Pad(b.in.ch) {
		o.out = b.shaped(shape)
	} else {
		o.out = b.packed(shape)
	}
	if !l.mean {
		o.won = make([]int32, b.batch*o.out.ld)
	}
	b.emit(o.out)
	return o
}

// poolOp remembers where the largest number of each window stood; of equals, the
// first, by rows.
type poolOp struct {
	in, out        *buffer
	mean           bool
	width          int // of the input image
	kh, kw, sh, sw int // of windows and steps
	h, w           int // of the output
	won            []int32
}

func (o *poolOp) forward(lo, hi, _ int) {
	ld := o.in.ldch
	for i := lo; i < hi; i++ {
		src, dst := o.in.row(i), o.out.row(i)
		for y := range o.h {
			for x := range o.w {
				at := (y*o.w + x) * ld
				first := (y*o.sh*o.width + x*o.sw) * ld
				top := dst[at : at+ld]
				copy(top, src[first:first+ld])
				var from []int32
				if !o.mean {
					from = o.won[i*o.out.ld+at : i*o.out.ld+at+ld]
					for c := range from {
						from[c] = int32(first + c)
					}
				}
				for r := range o.kh {
					for k := range o.kw {
						next := first + (r*o.width+k)*ld
						switch {
						case next == first:
						case o.mean:
							f32.Bias(top, src[next:next+ld])
						default:
							f32.Largest(top, from, src[next:next+ld], int32(next))
						}
					}
				}
				if o.mean {
					f32.Scale(top, 1/float32(o.kh*o.kw))
				}
			}
		}
	}
}

func (o *poolOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	ld, share := o.in.ldch, 1/float32(o.kh*o.kw)
	for i := lo; i < hi; i++ {
		dst := o.in.gradRow(i)
		clear(dst)
		if !o.mean {
			won := o.won[i*o.out.ld : (i+1)*o.out.ld]
			for k, g := range o.out.gradRow(i) {
				dst[won[k]] += g
			}
			continue
		}
		dy := o.out.gradRow(i)
		for y := range o.h {
			for x := range o.w {
				g := dy[(y*o.w+x)*ld:][:ld]
				for r := range o.kh {
					for k := range o.kw {
						at := ((y*o.sh+r)*o.width + x*o.sw + k) * ld
						f32.AddScaled(dst[at:at+ld], g, share)
					}
				}
			}
		}
	}
}

type globalLayer struct {
	plain
	mean bool
}

// GlobalMaxPool keeps the largest number of every channel: [7 7 64] becomes [64], and
// a sequence [30 64] too.
func GlobalMaxPool(options ...GlobalOption) Layer {
	return newGlobal(&globalLayer{plain{layerCommon{at: caller()}}, false}, options)
}

// GlobalAvgPool keeps the mean of every channel: [7 7 64] becomes [64], and a sequence
// [30 64] too.
func GlobalAvgPool(options ...GlobalOption) Layer {
	return newGlobal(&globalLayer{plain{layerCommon{at: caller()}}, true}, options)
}

func newGlobal(l *globalLayer, options []GlobalOption) Layer {
	for _, o := range options {
		if o != nil {
			o.global(l)
		}
	}
	return of(l)
}

func (l *globalLayer) Kind() string {
	if l.mean {
		return "GlobalAvgPool"
	}
	return "GlobalMaxPool"
}

func (l *globalLayer) flops(in, _ []int) float64 { return float64(product(in)) }

func (l *globalLayer) infer(in []int) ([]int, *fault) {
	if len(in) < 2 {
		return nil, &fault{
			text: "wants an image or a sequence per example",
			got:  fmt.Sprintf("%v per example (rank %d)", in, len(in)),
			fix:  "leave it out: there is one number a channel already",
		}
	}
	return in[len(in)-1:], nil
}

func (l *globalLayer) op(b *opBuilder) op {
	o := &globalOp{in: b.in, mean: l.mean, out: b.vector(b.in.ch)}
	if !l.mean {
		o.won = make([]int32, b.batch*o.out.ld)
	}
	b.emit(o.out)
	return o
}

// globalOp pools over all places of an example.
type globalOp struct {
	in, out *buffer
	mean    bool
	won     []int32
}

func (o *globalOp) forward(lo, hi, _ int) {
	ch, ld := o.in.ch, o.in.ldch
	for i := lo; i < hi; i++ {
		x, y := o.in.row(i), o.out.row(i)[:ch]
		if o.mean {
			clear(y)
			f32.Sum(y, x, len(x)/ld, ld)
			f32.Scale(y, float32(ld)/float32(len(x)))
			continue
		}
		won := o.won[i*o.out.ld:][:ch]
		copy(y, x)
		for c := range won {
			won[c] = int32(c)
		}
		for at := ld; at < len(x); at += ld {
			f32.Largest(y, won, x[at:at+ch], int32(at))
		}
	}
}

func (o *globalOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	ch, ld := o.in.ch, o.in.ldch
	for i := lo; i < hi; i++ {
		dx, dy := o.in.gradRow(i), o.out.gradRow(i)[:ch]
		clear(dx)
		if o.mean {
			for at := 0; at < len(dx); at += ld {
				f32.AddScaled(dx[at:at+ch], dy, float32(ld)/float32(len(dx)))
			}
			continue
		}
		for c, g := range dy {
			dx[o.won[i*o.out.ld+c]] = g
		}
	}
}
