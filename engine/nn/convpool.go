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
		o.gradient(b)
	}
	b.emit(o.out)
	b.took = true
	return o
}

// Filters of up to denseFilter numbers are so small that looking for the gradients
// that are not zero takes longer than multiplying by zero. A part of the gradient is
// that of some channels: as many as fill two registers, or enough to make use of an
// image that was brought near.
const (
	denseFilter   = 32
	denseChannels = 32
	patchChannels = 16
)

// gradient makes what the gradient of the weights needs.
func (o *convPoolOp) gradient(b *opBuilder) {
	ldi, ldo := o.in.ldch, o.p.ldCol
	if o.kh*o.line <= denseFilter {
		o.channels = denseChannels
		n := min(denseChannels, ldo)
		o.dense = f32.Product{M: o.line, N: n, K: o.row.M, L: o.size, ARow: 1, ACol: ldi, ASeg: o.w * ldi, BRow: n, BSeg: o.row.M * n, CRow: ldo}
		o.dz = make([]float32, o.parts()*o.size*o.row.M*n)
		return
	}
	o.channels = patchChannels
	o.dwt = make([]float32, ldo*o.kh*o.line)
	o.dw = f32.Patches{Rows: o.kh, Len: o.line, DstRow: o.line, SrcRow: o.w * ldi}
	o.terms = make([]f32.Term, ldo*o.h*o.wide)
	o.corners = make([]int32, o.h*o.wide)
	for k := range o.corners {
		o.corners[k] = int32((k/o.wide*o.w + k%o.wide) * o.size * ldi)
	}
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
	dx      f32.Patches
	wt      []float32 // the filters one by one, [out kh kw in]
	slots   []poolSlot

	// The gradient of the weights, patch by patch,
	channels int // of a part
	dw       f32.Patches
	dwt      []float32  // of the filters one by one
	terms    []f32.Term // for each channel
	corners  []int32    // where in the input the first patch of each window is
	// or as a product.
	dense f32.Product
	dz    []float32 // the gradient of the sums of a row of windows, for each part
	stop  *atomic.Bool
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

func (o *convPoolOp) parts() int { return (o.p.cols + o.channels - 1) / o.channels }

// grad computes dW and the bias for some channels, over n examples.
func (o *convPoolOp) grad(part, n int) {
	lo := part * o.channels
	hi := min(lo+o.channels, o.p.cols)
	ldo, windows := o.p.ldCol, o.h*o.wide
	if o.dwt == nil {
		o.denseGrad(part, lo, min(lo+o.channels, ldo), n)
	} else {
		o.patchGrad(lo, hi, n)
	}
	clear(o.p.gb[lo:hi])
	for i := range n {
		f32.Sum(o.p.gb[lo:hi], o.out.gradRow(i)[lo:], windows, ldo)
	}
}

// patchGrad adds up the patches that each channel's gradients take from the input.
func (o *convPoolOp) patchGrad(lo, hi, n int) {
	ldo, filter, windows := o.p.ldCol, o.kh*o.line, o.h*o.wide
	clear(o.dwt[lo*filter : hi*filter])
	for i := 0; i < n && !o.stop.Load(); i++ {
		x, dz, won := o.image(i), o.out.gradRow(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		for c := lo; c < hi; c++ {
			terms, count := o.terms[c*windows:(c+1)*windows], 0
			for k, corner := range o.corners {
				g := dz[k*ldo+c]
				terms[count] = f32.Term{At: corner + o.places[won[k*ldo+c]], By: g}
				count += present(g)
			}
			o.dw.Add(o.dwt[c*filter:], x, terms[:count])
		}
	}
	for r := range filter {
		row := o.p.gw[r*ldo+lo : r*ldo+hi]
		for c := range row {
			row[c] = o.dwt[(lo+c)*filter+r]
		}
	}
}

// denseGrad writes the gradient of the sums out, with its zeros, for a row of
// windows at a time.
func (o *convPoolOp) denseGrad(part, lo, hi, n int) {
	ldo, m := o.p.ldCol, o.dense
	m.N = hi - lo
	step := o.w * o.in.ldch
	dz := o.dz[part*o.size*m.K*m.BRow:]
	for i := 0; i < n && !o.stop.Load(); i++ {
		x, g, won := o.image(i), o.out.gradRow(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		for y := range o.h {
			for k := range o.wide {
				at := (y*o.wide+k)*ldo + lo
				for q := range o.places {
					to := (q/o.size*m.K + k*o.size + q%o.size) * m.BRow
					f32.Unpool(dz[to:to+m.N], g[at:], won[at:], int32(q))
				}
			}
			m.Acc = i+y > 0
			for r := range o.kh {
				m.Do(x[(y*o.size+r)*step:], dz, o.p.gw[r*o.line*ldo+lo:])
			}
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
