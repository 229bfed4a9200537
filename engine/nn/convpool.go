// This file has the convolution that a max-pooling follows, forward and backward
// side by side: the two are computed as one.

package nn

import (
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// pooled returns one op for the layer and the pooling behind it, nil when there
// is none or the activation stands in its way. ReLU, sigmoid, tanh and none never
// fall where their argument grows, so the largest output is that of the largest
// sum, and all but the largest need neither bias nor activation.
func (l *convLayer) pooled(b *opBuilder) op {
	pool, ok := b.nextLayer().(*poolLayer)
	if !ok || !l.act.rises() || l.one || l.stride != 1 || pool.mean || pool.stride != pool.size {
		return nil
	}
	in, size := b.in, pool.size
	o := &convPoolOp{border: l.border(in, b.batch), kh: l.kh, kw: l.kw, size: size, p: b.params[0], bias: biasOf(b.params), act: b.activation(l.act), stop: b.stop}
	oh, _ := l.along(in.shape[0], l.kh)
	ow, _ := l.along(in.shape[1], l.kw)
	o.ph, o.pw = oh/size, ow/size
	o.out = b.image(o.ph, o.pw, l.filters)
	ldi, ldo := in.ldch, o.p.ldCol
	o.line = o.kw * ldi
	o.two = f32.Pooled{M: o.pw, N: ldo, K: o.line, L: o.kh, ARow: ldi, ASeg: o.w * ldi, BRow: ldo, BSeg: o.line * ldo, CRow: ldo}
	o.row = f32.Product{M: o.pw * size, N: ldo, K: o.line, L: o.kh, ARow: ldi, ACol: 1, ASeg: o.w * ldi, BRow: ldo, BSeg: o.line * ldo, CRow: ldo}
	o.won = make([]int32, b.batch*o.out.ld)
	o.places = make([]int32, size*size)
	for q := range o.places {
		o.places[q] = int32((q/size*o.w + q%size) * ldi)
	}
	lists, room := o.pw*len(o.places), (ldo+f32.SplitRoom-1)&^(f32.SplitRoom-1)
	o.share = min(max(shareTerms/(lists*room), 1), o.ph)
	o.slots = make([]poolSlot, b.slots)
	for s := range o.slots {
		if size != 2 {
			o.slots[s].z = make([]float32, size*o.row.M*ldo)
		}
		if in.grad != nil {
			o.slots[s].terms = make([]f32.Term, o.share*lists*room)
			o.slots[s].groups = make([]f32.Group, o.share*lists)
			for k := range o.slots[s].groups {
				window, q := k/len(o.places), k%len(o.places)
				corner := (window/o.pw*o.w + window%o.pw) * size * ldi
				o.slots[s].groups[k] = f32.Group{To: int32(corner) + o.places[q], From: int32(k * room)}
			}
			if o.ld != in.ld {
				o.slots[s].dx = make([]float32, o.ld)
			}
		}
	}
	if in.grad != nil {
		o.wt = make([]float32, ldo*o.kh*o.line)
		o.dx = f32.Patches{Rows: 1, Len: o.line}
	}
	if b.train {
		o.gradient(b)
	}
	b.emit(o.out)
	b.took = true
	return o
}

// Filters of up to denseFilter numbers are so small that looking for the gradients
// that are not zero takes longer than multiplying by zero.
const (
	denseFilter = 32
	denseBand   = 2048    // gradients written out at a time, which the nearest cache holds
	shareTerms  = 1 << 13 // room for gradients that are added at a time, which the next cache holds
)

// gradient makes what the gradient of the weights needs.
func (o *convPoolOp) gradient(b *opBuilder) {
	ldi, ldo, windows := o.in.ldch, o.p.ldCol, o.ph*o.pw
	o.chunks = newFilterGrad(b, ldo*o.kh*o.line, ldo)
	if o.kh*o.line <= denseFilter && o.size == 2 {
		o.winners = f32.Winners{M: o.pw, N: ldo, L: o.ph, ARow: o.size * ldi, ASeg: o.size * o.w * ldi, Places: [4]int32(o.places)}
		for r := range o.kh {
			for k := range o.line {
				o.taps = append(o.taps, int32(r*o.w*ldi+k))
			}
		}
		return
	}
	if o.kh*o.line <= denseFilter {
		o.band = min(max(denseBand/(o.pw*ldo), 1), o.ph)
		o.dense = f32.Product{M: o.line, N: ldo, K: o.pw, ARow: 1, ACol: o.size * ldi, ASeg: o.size * o.w * ldi, BRow: ldo, BSeg: o.pw * ldo, CRow: ldo, Acc: true}
		for s := range o.slots {
			o.slots[s].dz = make([]float32, o.band*o.pw*ldo)
		}
		return
	}
	o.dw = f32.Patches{Rows: o.kh, Len: o.line, DstRow: o.line, SrcRow: o.w * ldi}
	o.dwt = make([]float32, ldo*o.kh*o.line)
	o.corners = make([]int32, windows)
	for k := range o.corners {
		o.corners[k] = int32((k/o.pw*o.w + k%o.pw) * o.size * ldi)
	}
	for s := range o.slots {
		o.slots[s].patches = make([]f32.Term, o.p.cols*windows)
		o.slots[s].filters = make([]f32.Group, o.p.cols)
		for c := range o.slots[s].filters {
			o.slots[s].filters[c] = f32.Group{To: int32(c * o.kh * o.line), From: int32(c * windows)}
		}
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
	p, bias *param // bias is nil without
	act     Activation
	kh, kw  int
	size    int // of a window
	ph, pw  int // of the pooled image
	line    int // numbers that one row of a filter has
	two     f32.Pooled
	row     f32.Product // of sums, when the window is not two by two
	won     []int32     // which place of its window gave an output
	places  []int32     // how far in the input the patch of each place is from the first's
	dx      f32.Patches
	share   int       // rows of windows that dx is computed of at a time
	wt      []float32 // the filters one by one, a row of all after the other: [kh out kw in]
	slots   []poolSlot

	// The gradient of the weights, patch by patch,
	chunks  filterGrad
	dw      f32.Patches
	dwt     []float32 // of the filters one by one
	corners []int32   // where in the input the first patch of each window is
	// or, of small filters, by what won each window, two by two,
	winners f32.Winners
	taps    []int32 // where the numbers of a patch are
	// or as a product.
	dense f32.Product
	band  int // rows of windows at a time

	stop *atomic.Bool
}

// poolSlot is the scratch space of a chunk.
type poolSlot struct {
	z      []float32   // sums of a row of windows
	terms  []f32.Term  // of dx
	groups []f32.Group // a place each
	dx     []float32   // gradient of an input with its border
	dz     []float32   // gradient of one place of some rows of windows

	patches []f32.Term // of dw
	filters []f32.Group
}

func (o *convPoolOp) forward(lo, hi, slot int) {
	step, line := o.size*o.w*o.in.ldch, o.pw*o.p.ldCol
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, out, won := o.fill(i), o.out.row(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		for y := range o.ph {
			if o.size == 2 {
				o.two.Do(x[y*step:], o.p.w, out[y*line:(y+1)*line], won[y*line:(y+1)*line])
			} else {
				o.windows(x[y*step:], out[y*line:(y+1)*line], won[y*line:(y+1)*line], o.slots[slot].z)
			}
		}
		activate(o.act, out, o.bias, o.p.cols, o.p.ldCol)
	}
}

// windows computes a row of windows of any size, in z the sums.
func (o *convPoolOp) windows(x, out []float32, won []int32, z []float32) {
	ldo := o.p.ldCol
	for r := range o.size {
		o.row.Do(x[r*o.w*o.in.ldch:], o.p.w, z[r*o.row.M*ldo:])
	}
	for k := range o.pw {
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

func (o *convPoolOp) backward(lo, hi, slot int) {
	ldo := o.p.ldCol
	activateBack(o.act, o.out.gradRows(lo, hi), o.out.rows(lo, hi), o.p.cols, ldo)
	o.chunks.begin(slot)
	s, w := &o.slots[slot], o.chunks.weights(slot)
	for i := lo; i < hi && !o.stop.Load(); i++ {
		x, dz, won := o.image(i), o.out.gradRow(i), o.won[i*o.out.ld:(i+1)*o.out.ld]
		if o.in.grad != nil {
			o.imageGrad(s, i, dz, won)
		}
		switch {
		case o.dwt != nil:
			f32.Collect(s.patches, s.filters, dz, won, o.corners, o.places, ldo)
			o.dw.Add(w, x, s.patches, s.filters)
		case o.taps != nil:
			o.winners.Add(w, x, dz, won, o.taps)
		default:
			o.denseGrad(s, w, x, dz, won)
		}
		f32.Sum(o.chunks.biases(slot), dz, o.ph*o.pw, ldo)
	}
}

// imageGrad computes dX of image i.
func (o *convPoolOp) imageGrad(s *poolSlot, i int, dz []float32, won []int32) {
	ldo := o.p.ldCol
	dx := o.in.gradRow(i)
	if s.dx != nil {
		dx = s.dx
	}
	clear(dx)
	size, places := o.dx.Len*ldo, len(o.places)
	for y := 0; y < o.ph; y += o.share {
		n := min(o.share, o.ph-y) * o.pw
		for k := range n {
			at := (y*o.pw + k) * ldo
			f32.Split(s.terms, s.groups[k*places:(k+1)*places], dz[at:at+o.p.cols], won[at:], o.line)
		}
		// Of all filters the first cache holds a row, but not the whole.
		for r := range o.kh {
			o.dx.Add(dx[(y*o.size+r)*o.w*o.in.ldch:], o.wt[r*size:], s.terms, s.groups[:n*places])
		}
	}
	if s.dx != nil {
		o.unframe(o.in.gradRow(i), dx)
	}
}

// denseGrad writes the gradient of the sums out, with its zeros, for one place of
// some rows of windows at a time, and multiplies it with the input.
func (o *convPoolOp) denseGrad(s *poolSlot, w, x, g []float32, won []int32) {
	line, m := o.pw*o.p.ldCol, o.dense
	for y := 0; y < o.ph; y += o.band {
		m.L = min(o.band, o.ph-y)
		for q, place := range o.places {
			f32.Unpool(s.dz[:m.L*line], g[y*line:], won[y*line:], int32(q))
			for r := range o.kh {
				m.Do(x[(y*o.size+r)*o.w*o.in.ldch+int(place):], s.dz, w[r*o.line*o.p.ldCol:])
			}
		}
	}
}

// grad adds up what the chunks found.
func (o *convPoolOp) grad(part, n int) {
	if o.dwt == nil {
		o.chunks.sum(o.p, o.bias, part, n)
		return
	}
	// By filters, which are then turned into columns.
	lo, hi := o.columns(part)
	filter := o.kh * o.line
	dwt := o.dwt[lo*filter : hi*filter]
	o.chunks.sumWeights(dwt, lo*filter, n)
	f32.Transpose(o.p.g[lo:], dwt, hi-lo, filter, o.p.ldCol, filter)
	if part == 0 && o.bias != nil {
		o.chunks.sumBiases(o.bias.g, n)
	}
}

func (o *convPoolOp) parts() int {
	if o.dwt == nil {
		return len(o.chunks.blocks)
	}
	return (o.p.ldCol + partColumns - 1) / partColumns
}

// partColumns is how many filters one part of the sum has: columns that fill a line
// of the cache.
const partColumns = 16

func (o *convPoolOp) columns(part int) (lo, hi int) {
	return part * partColumns, min((part+1)*partColumns, o.p.ldCol)
}

// refresh copies rows lo to hi-1 of the changed weights into what backward reads.
func (o *convPoolOp) refresh(p *param, lo, hi int) {
	if o.wt == nil || p != o.p {
		return
	}
	for lo < hi {
		r := lo / o.line
		n := min(hi, (r+1)*o.line) - lo
		f32.Transpose(o.wt[r*o.p.ldCol*o.line+lo-r*o.line:], p.w[lo*p.ldCol:], n, p.cols, o.line, p.ldCol)
		lo += n
	}
}
