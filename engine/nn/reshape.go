// This file has the layer that gives numbers another shape.

package nn

import (
	"fmt"
	"slices"

	"cajal/engine/internal/f32"
)

type reshapeLayer struct {
	plain
	shape []int
}

// Reshape gives the numbers of an example another shape of as many numbers, the last
// dimension fastest: Reshape(28, 28, 1) makes an image of [784].
func Reshape(shape ...int) Layer {
	return of(&reshapeLayer{plain{layerCommon{at: caller()}}, slices.Clone(shape)})
}

func (l *reshapeLayer) Kind() string { return "Reshape" }

func (l *reshapeLayer) infer(in []int) ([]int, *fault) {
	for _, s := range l.shape {
		if s < 1 {
			return nil, &fault{text: fmt.Sprintf("has shape %v, where every number must be above 0", l.shape)}
		}
	}
	if len(l.shape) == 0 || product(l.shape) != product(in) {
		return nil, &fault{
			text: fmt.Sprintf("has shape %v of %d numbers", l.shape, product(l.shape)),
			got:  fmt.Sprintf("%v per example, %d numbers", in, product(in)),
			fix:  "a shape of as many numbers",
		}
	}
	return l.shape, nil
}

func (l *reshapeLayer) op(b *opBuilder) op {
	in := b.in
	ch := l.shape[len(l.shape)-1]
	if in.ch == in.ldch && (b.raw || f32.Pad(ch) == ch) {
		// The numbers lie as they should: the buffers are shared.
		out := *in
		out.shape, out.ch, out.ldch = l.shape, ch, ch
		b.emit(&out)
		return nil
	}
	o := &reshapeOp{in: in}
	if o.out = b.shaped(l.shape); b.raw {
		o.out = b.packed(l.shape)
	}
	b.emit(o.out)
	return o
}

// reshapeOp copies numbers between rows of different length and padding.
type reshapeOp struct{ in, out *buffer }

func (o *reshapeOp) forward(lo, hi, _ int) {
	for i := lo; i < hi; i++ {
		refill(o.out.row(i), o.in.row(i), o.out.ch, o.out.ldch, o.in.ch, o.in.ldch)
	}
}

func (o *reshapeOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	for i := lo; i < hi; i++ {
		refill(o.in.gradRow(i), o.out.gradRow(i), o.in.ch, o.in.ldch, o.out.ch, o.out.ldch)
	}
}

// refill copies the first ch of every ld numbers, on both sides.
func refill(dst, src []float32, dstCh, dstLd, srcCh, srcLd int) {
	d, s := 0, 0 // places within rows
	for len(src) > 0 && len(dst) > 0 {
		n := copy(dst[d:dstCh], src[s:srcCh])
		if d += n; d == dstCh {
			d, dst = 0, dst[dstLd:]
		}
		if s += n; s == srcCh {
			s, src = 0, src[srcLd:]
		}
	}
}
