// This file has the convolution that a max-pooling follows, forward and backward
// side by side: the two are computed as one.

package nn

import (
	"math"
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// pooled returns one op for the layer and the pooling behind it, nil when there
// is none or the activation stands in its way. ReLU, sigmoid, tanh and none never
// fall where their argument grows, so the largest output is that of the largest
// sum, and all but the largest need neither bias nor activation.
func (l *convLayer) pooled(b *opBuilder) op {
	pool, ok := b.next.(*poolLayer)
	if !ok || l.act == Softmax {
		return nil
	}
	in, size := b.in, pool.size
	o := &convPoolOp{border: l.border(in, b.batch), kh: l.kh, kw: l.kw, size: size, p: b.params, act: l.act, stop: b.stop}
	oh, ow := in.shape[0]-l.kh+1, in.shape[1]-l.kw+1
	if l.padding == Same {
		oh, ow = in.shape[0], in.shape[1]
	}
	o.h, o.wide = oh/size, ow/size
	o.out = b.image(o.h, o.wide, l.filters)
	ldi, ldo := in.ldch, o.p.ldCol
	o.line = o.kw * ldi
	o.two = f32.Pooled{M: o.wide, N: ldo, K: o.line, L: o.kh, ARow: ldi, ASeg: o.w * ldi, BRow: ldo, BSeg: o.line * ldo, CRow: ldo}
	o.row = f32.Product{M: o.wide * size, N: ldo, K: o.line, L: o.kh, ARow: ldi, ACol: 1, ASeg: o.w * ldi, BRow: ldo, BSeg: o.line * ldo, CRow: ldo}
	o.won = make([]int32, b.batch*o.out.ld)
	o.places = make([]int32, size*size)
	for q := range o.places {
		o.places[q] = int32((q/size*o.w + q%size) * ldi)
	}
	o.slots = make([]poolSlot, b.slots)
	for s := range o.slots {
		if size != 2 {
			o.slots[s].z = make([]float32, size*o.row.M*ldo)
		}
		if in.grad != nil {
			o.slots[s].terms = make([]f32.Term, size*size*ldo)
			o.slots[s].n = make([]int, size*size)
			if o.ld != in.ld {
				o.slots[s].dx = make([]float32, o.ld)
			}
		}
	}
	if in.grad != nil {
		o.wt = make([]float32, ldo*o.kh*o.line)
		o.dx = f32.Patches{Rows: o.kh, Len: o.line, DstRow: o.w * ldi, SrcRow: o.line}
	}
	if b.train {
		o.dwt = make([]float32, ldo*o.kh*o.line)
		o.dw = f32.Patches{Rows: o.kh, Len: o.line, DstRow: o.line, SrcRow: o.w * ldi}
		o.terms = make([]f32.Term, ldo*o.h*o.wide)
	}
	b.emit(o.out)
	b.took = true
	return o
}

// convPoolOp computes a convolution with its pooling. Sums of which the pooling
// looks at none (the last row and column, when the window does not divide the
// image) are not computed. Going backward the gradient of the sums is zero but for
// one place a window and channel, and also there where a ReLU was off: what is left
// is added up patch by patch, which is the same as a full convolution would give,
// without the zeros.
type convPoolOp struct {
	border
	out     *buffer
	p       *params
	act     Activation
	kh, kw  int
	size    int // of a window
	h, wide int // of the pooled image
	line    int // numbers that one row of a filter has
	two     f32.Pooled
	row     f32.Product // of sums, when the window is not two by two
	won     []int32     // which place of its window gave an output
	places  []int32     // how far in the input the patch of each place is from the first's
	dx, dw  f32.Patches
	wt      []float32  // the filters one by one, [out kh kw in]
	dwt     []float32  // their gradients
	terms   []f32.Term // of dw, for each channel
	slots   []poolSlot
	stop    *atomic.Bool
}

// poolSlot is the scratch space of a chunk.
type poolSlot struct {
	z     []float32  // sums of a row of windows
	terms []f32.Term // of dx, for each place
	n     []int      // how many those are
	dx    []float32  // gradient of an input with its border
}

func (o *convPoolOp) forward(lo, hi, slot int) {
	step, line := o.size*o.w*o.in.ldch, o.wide*o.p.ldCol
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, out, won := o.fill(i), o.out.row(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		for y := range o.h {
			if o.size == 2 {
				o.two.Do(x[y*step:], o.p.w, out[y*line:(y+1)*line], won[y*line:(y+1)*line])
			} else {
				o.windows(x[y*step:], out[y*line:(y+1)*line], won[y*line:(y+1)*line], o.slots[slot].z)
			}
		}
		activate(o.act, out, o.p.b, o.p.cols)
	}
}

// windows computes a row of windows of any size, in z the sums.
func (o *convPoolOp) windows(x, out []float32, won []int32, z []float32) {
	ldo := o.p.ldCol
	for r := range o.size {
		o.row.Do(x[r*o.w*o.in.ldch:], o.p.w, z[r*o.row.M*ldo:])
	}
	for k := range o.wide {
		top, from := out[k*ldo:(k+1)*ldo], won[k*ldo:(k+1)*ldo]
		for q := range o.places {
			for c, v := range z[(q/o.size*o.row.M+k*o.size+q%o.size)*ldo:][:ldo] {
				if q == 0 || v > top[c] {
					top[c], from[c] = v, int32(q)
				}
			}
		}
	}
}

// present is 1 where a gradient is not zero. It has no branch, as half of them are
// zero without a pattern.
func present(g float32) int {
	b := math.Float32bits(g) << 1 // without the sign: -0 is zero too
	return int((b | -b) >> 31)
}

func (o *convPoolOp) backward(lo, hi, slot int) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	activateBack(o.act, o.out.gradRows(lo, hi), o.out.rows(lo, hi), o.p.cols, ldo)
	if o.in.grad == nil {
		return
	}
	s := &o.slots[slot]
	filter := int32(o.kh * o.line)
	for i := lo; i < hi && !o.stop.Load(); i++ {
		dx := o.in.gradRow(i)
		if s.dx != nil {
			dx = s.dx
		}
		clear(dx)
		dz, won := o.out.gradRow(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		for k := range o.h * o.wide {
			clear(s.n)
			from := won[k*ldo : (k+1)*ldo]
			for c, g := range dz[k*ldo : k*ldo+o.p.cols] {
				q := from[c]
				s.terms[int(q)*ldo+s.n[q]] = f32.Term{At: int32(c) * filter, By: g}
				s.n[q] += present(g)
			}
			at := (k/o.wide*o.w + k%o.wide) * o.size * ldi
			for q, n := range s.n {
				o.dx.Add(dx[at+int(o.places[q]):], o.wt, s.terms[q*ldo:q*ldo+n])
			}
		}
		if s.dx != nil {
			o.unframe(o.in.gradRow(i), dx)
		}
	}
}

// unframe copies the image within a border.
func (b *border) unframe(dst, src []float32) {
	n := b.in.shape[1] * b.in.ldch
	for y := range b.in.shape[0] {
		copy(dst[y*n:(y+1)*n], src[((y+b.top)*b.w+b.left)*b.in.ldch:])
	}
}

// partChannels is how many channels one part of the gradient has: enough to make
// use of an image that was brought near.
const partChannels = 16

func (o *convPoolOp) parts() int { return (o.p.cols + partChannels - 1) / partChannels }

// grad computes dW and the bias for some channels, over n examples.
func (o *convPoolOp) grad(part, n int) {
	lo := part * partChannels
	hi := min(lo+partChannels, o.p.cols)
	ldi, ldo, filter, windows := o.in.ldch, o.p.ldCol, o.kh*o.line, o.h*o.wide
	clear(o.dwt[lo*filter : hi*filter])
	clear(o.p.gb[lo:hi])
	terms := o.terms[lo*windows : hi*windows]
	for i := 0; i < n && !o.stop.Load(); i++ {
		dz, won := o.out.gradRow(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		var count [partChannels]int
		for k := range windows {
			at := int32((k/o.wide*o.w + k%o.wide) * o.size * ldi)
			from := won[k*ldo+lo : k*ldo+hi]
			for c, g := range dz[k*ldo+lo : k*ldo+hi] {
				terms[c*windows+count[c]] = f32.Term{At: at + o.places[from[c]], By: g}
				count[c] += present(g)
			}
		}
		x := o.image(i)
		for c := range hi - lo {
			o.dw.Add(o.dwt[(lo+c)*filter:], x, terms[c*windows:c*windows+count[c]])
		}
		for k := range windows {
			f32.Bias(o.p.gb[lo:hi], dz[k*ldo+lo:])
		}
	}
	for r := range filter {
		row := o.p.gw[r*ldo+lo : r*ldo+hi]
		for c := range row {
			row[c] = o.dwt[(lo+c)*filter+r]
		}
	}
}

// refresh copies rows lo to hi-1 of the changed weights into what backward reads.
func (o *convPoolOp) refresh(lo, hi int) {
	if o.wt == nil {
		return
	}
	filter, ldo := o.kh*o.line, o.p.ldCol
	for c := range o.p.cols {
		dst := o.wt[c*filter+lo : c*filter+hi]
		for r := range dst {
			dst[r] = o.p.w[(lo+r)*ldo+c]
		}
	}
}

func (o *convPoolOp) parameters() *params { return o.p }
