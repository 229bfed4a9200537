// This file has max-pooling, forward and backward side by side.

package nn

import (
	"fmt"

	"cajal/engine/internal/f32"
)

type poolLayer struct {
	plain
	size int
}

// MaxPool2D keeps the largest number of every size by size window, channel by
// channel; windows do not overlap, and what is left at the right and lower border
// is dropped: MaxPool2D(2) makes [13 13 32] of [26 26 32], and of [27 27 32] too.
func MaxPool2D(size int, options ...PoolOption) Layer {
	l := &poolLayer{plain{layerCommon{at: caller()}}, size}
	for _, o := range options {
		if o != nil {
			o.pool(l)
		}
	}
	return of(l)
}

func (l *poolLayer) Kind() string                { return "MaxPool2D" }
func (l *poolLayer) flops(in, out []int) float64 { return float64(product(in)) }

func (l *poolLayer) infer(in []int) ([]int, *fault) {
	if l.size < 1 {
		return nil, &fault{text: fmt.Sprintf("has a window of %d, which must be above 0", l.size)}
	}
	if len(in) != 3 {
		return nil, imageFault(in)
	}
	h, w := in[0]/l.size, in[1]/l.size
	if h < 1 || w < 1 {
		return nil, &fault{
			text: fmt.Sprintf("has a %dx%d window on a %dx%d image: nothing is left (%dx%d)", l.size, l.size, in[0], in[1], h, w),
			fix:  "drop this layer or one nn.MaxPool2D above, or give nn.Conv2D above nn.Same",
		}
	}
	return []int{h, w, in[2]}, nil
}

func (l *poolLayer) op(b *opBuilder) op {
	o := &poolOp{in: b.in, size: l.size, h: b.in.shape[0] / l.size, w: b.in.shape[1] / l.size}
	if b.in.ldch == f32.Pad(b.in.ch) {
		o.out = b.image(o.h, o.w, b.in.ch)
	} else {
		o.out = b.packed([]int{o.h, o.w, b.in.ch})
	}
	o.won = make([]int32, b.batch*o.out.ld)
	b.emit(o.out)
	return o
}

// poolOp remembers where the largest number of each window stood; of equals, the
// first, by rows.
type poolOp struct {
	in, out *buffer
	size    int
	h, w    int
	won     []int32
}

func (o *poolOp) forward(lo, hi, _ int) {
	ld, iw := o.in.ldch, o.in.shape[1]
	for i := lo; i < hi; i++ {
		src, dst := o.in.row(i), o.out.row(i)
		won := o.won[i*o.out.ld : (i+1)*o.out.ld]
		for y := range o.h {
			for x := range o.w {
				at := (y*o.w + x) * ld
				first := (y*o.size*iw + x*o.size) * ld
				top, from := dst[at:at+ld], won[at:at+ld]
				copy(top, src[first:first+ld])
				for c := range from {
					from[c] = int32(first + c)
				}
				for r := range o.size {
					for k := range o.size {
						if next := first + (r*iw+k)*ld; next > first {
							f32.Largest(top, from, src[next:next+ld], int32(next))
						}
					}
				}
			}
		}
	}
}

func (o *poolOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	for i := lo; i < hi; i++ {
		dst := o.in.gradRow(i)
		clear(dst)
		won := o.won[i*o.out.ld : (i+1)*o.out.ld]
		for k, g := range o.out.gradRow(i) {
			dst[won[k]] = g
		}
	}
}
