// This file has the dropout, which works while training only.

package nn

import "fmt"

// A DropOption is what [Dropout] takes after its rate: [Name].
type DropOption interface{ drop(*dropLayer) }

type dropLayer struct {
	plain
	rate float64
}

// Dropout sets a random share of its inputs to 0 while the model trains, and divides
// the others by what is left, so that sums stay about as large (Srivastava and
// others, 2014). Evaluate and Predict do not see it. Which numbers are dropped
// depends on the seed, the step and the example only.
func Dropout(rate float64, options ...DropOption) Layer {
	l := &dropLayer{plain{layerCommon{at: caller()}}, rate}
	for _, o := range options {
		if o != nil {
			o.drop(l)
		}
	}
	return of(l)
}

func (l *dropLayer) Kind() string { return "Dropout" }

func (l *dropLayer) infer(in []int) ([]int, *fault) {
	if !(l.rate >= 0 && l.rate < 1) {
		return nil, &fault{text: fmt.Sprintf("has a rate of %v, but it must be from 0 to below 1", l.rate), fix: "nn.Dropout(0.5) drops half"}
	}
	return in, nil
}

func (l *dropLayer) op(b *opBuilder) op {
	if !b.train || l.rate == 0 {
		b.emit(b.in)
		return nil
	}
	o := &dropOp{in: b.in, out: b.like(b.in), keep: float32(1 / (1 - l.rate)), index: b.index, streams: b.streams}
	o.limit = uint64(l.rate * (1 << 32))
	o.mask = make([]float32, len(o.out.data))
	b.emit(o.out)
	return o
}

type dropOp struct {
	in, out *buffer
	keep    float32
	limit   uint64    // of 32 random bits: below, a number is dropped
	mask    []float32 // 0 or keep, for each number
	index   int
	streams *streams
}

func (o *dropOp) forward(lo, hi, _ int) {
	for i := lo; i < hi; i++ {
		src := o.streams.of(o.index, i)
		x, y, mask := o.in.row(i), o.out.row(i), o.mask[i*o.out.ld:(i+1)*o.out.ld]
		bits := uint64(0)
		for k := range mask {
			if bits >>= 32; k%2 == 0 {
				bits = src.Uint64()
			}
			mask[k] = o.keep
			if bits&(1<<32-1) < o.limit {
				mask[k] = 0
			}
			y[k] = x[k] * mask[k]
		}
	}
}

func (o *dropOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	dx, mask := o.in.gradRows(lo, hi), o.mask[lo*o.out.ld:hi*o.out.ld]
	for k, g := range o.out.gradRows(lo, hi) {
		dx[k] = g * mask[k]
	}
}
