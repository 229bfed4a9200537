// This file shortens gradients before the optimizer sees them, when it wants that.

package nn

import (
	"math"

	"cajal/engine/internal/f32"
	"cajal/engine/optim"
)

// limits shortens the gradients of a step. A task finds the square of the length of its
// rows; the squares are added up in the order of the tasks, so that threads have no
// effect.
type limits struct {
	norm, global float64
	squares      map[*param]*float64 // of each parameter
	order        []*param
	factor       float32 // of all, with global
	task         func(int)
}

// newLimits returns nil when the optimizer wants no limits.
func newLimits(p *plan) *limits {
	o, ok := p.opt.(optim.Limiter)
	if !ok {
		return nil
	}
	l := &limits{squares: map[*param]*float64{}}
	if l.norm, l.global = o.Limits(); l.norm == 0 && l.global == 0 {
		return nil
	}
	for _, t := range p.updates {
		for _, r := range t.rows {
			if l.squares[r.p] == nil {
				l.squares[r.p] = new(float64)
				l.order = append(l.order, r.p)
			}
		}
	}
	l.task = func(i int) {
		rows := p.updates[i].rows
		for k := range rows {
			r := &rows[k]
			r.reg = 0
			_, g := r.numbers()
			if r.p.regular() { // the gradient of the penalty counts too
				r.reg = r.p.penalise(r.lo, r.hi, g)
			}
			r.square = squareSum(g)
		}
	}
	return l
}

// shorten finds the factors; it is false when a gradient is no number, and then nothing
// that outlives the step has changed.
func (l *limits) shorten(p *plan) bool {
	p.each(len(p.updates), l.task, p.lightUpdates)
	for _, s := range l.squares {
		*s = 0
	}
	for i := range p.updates {
		for k := range p.updates[i].rows {
			r := &p.updates[i].rows[k]
			*l.squares[r.p] += r.square
		}
	}
	total := 0.0
	for _, q := range l.order {
		total += *l.squares[q]
	}
	if l.global > 0 {
		l.factor = float32(optim.Shrink(math.Sqrt(total), l.global))
	}
	return total-total == 0
}

// scale applies the factor to the gradient of some rows.
func (l *limits) scale(r *updateRows, g []float32) {
	factor := l.factor
	if l.norm > 0 {
		factor = float32(optim.Shrink(math.Sqrt(*l.squares[r.p]), l.norm))
	}
	if factor != 1 {
		f32.Scale(g, factor)
	}
}

// squareSum returns the square of the length of x. Four sums, whose order is fixed, keep
// the processor busy.
func squareSum(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		x0, x1, x2, x3 := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		a += x0 * x0
		b += x1 * x1
		c += x2 * x2
		d += x3 * x3
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return (a + b) + (c + d)
}
