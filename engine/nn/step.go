// This file runs the plan of a training or evaluation, batch by batch.

package nn

import "math"

// A phase runs over the chunks of a batch, at the same time; then, once, its end.
type phase struct {
	run func(chunk int)
	end func(n int) // nil for none
}

// makePhases cuts the ops where one needs the whole batch.
func (p *plan) makePhases() {
	cuts := []int{0}
	for i, o := range p.ops {
		if _, ok := o.(joining); ok {
			cuts = append(cuts, i+1)
		}
	}
	cuts = append(cuts, len(p.ops))
	last := len(cuts) - 2
	for s := range last {
		first, lo, hi := s == 0, cuts[s], cuts[s+1]
		p.phases = append(p.phases, phase{
			run: p.chunked(func(from, to, c int) {
				if first {
					p.load(from, to)
				}
				p.forward(p.ops[lo:hi], from, to, c)
			}),
			end: p.ops[hi-1].(joining).joinForward,
		})
	}
	lo, whole := cuts[last], last == 0
	middle := phase{run: p.chunked(func(from, to, c int) {
		if whole {
			p.load(from, to)
		}
		if p.forward(p.ops[lo:], from, to, c) && p.finish(from, to, c) && p.train {
			p.backward(p.ops[lo:], from, to, c)
		}
	})}
	if p.train && last > 0 {
		middle.end = p.ops[lo-1].(joining).joinBackward
	}
	p.phases = append(p.phases, middle)
	if !p.train {
		return
	}
	for s := last - 1; s >= 0; s-- {
		lo, hi := cuts[s], cuts[s+1]
		ph := phase{run: p.chunked(func(from, to, c int) { p.backward(p.ops[lo:hi], from, to, c) })}
		if s > 0 {
			ph.end = p.ops[lo-1].(joining).joinBackward
		}
		p.phases = append(p.phases, ph)
	}
}

// chunked makes of a function of examples one of a chunk.
func (p *plan) chunked(f func(lo, hi, chunk int)) func(int) {
	return func(c int) {
		if !p.stop.Load() {
			f(c*p.chunk, min((c+1)*p.chunk, p.n), c)
		}
	}
}

func (p *plan) chunks() int { return (p.n + p.chunk - 1) / p.chunk }

// run runs the phases of the present batch; it is false when they were stopped.
func (p *plan) run() bool {
	for i := range p.phases {
		p.pool.Run(p.chunks(), p.phases[i].run)
		if p.halted() {
			return false
		}
		if end := p.phases[i].end; end != nil {
			if end(p.n); p.halted() {
				return false
			}
		}
	}
	return true
}

// halted reports whether the batch is given up.
func (p *plan) halted() bool { return p.stop.Load() || p.err.Load() != nil }

// forward and backward are false when they were stopped.

func (p *plan) forward(ops []op, lo, hi, c int) bool {
	for _, o := range ops {
		o.forward(lo, hi, c)
		if p.halted() {
			return false
		}
	}
	return true
}

func (p *plan) backward(ops []op, lo, hi, c int) bool {
	for i := len(ops) - 1; i >= 0; i-- {
		ops[i].backward(lo, hi, c)
		if p.halted() {
			return false
		}
	}
	return true
}

// step trains on the examples of the dataset that idx numbers, at most batch of
// them, and returns their mean loss. ok is false when the step was stopped, or failed; then,
// and when the loss is NaN or infinite, the weights are as they were.
func (p *plan) step(idx []int32) (loss float64, ok bool) {
	p.streams.step = uint64(p.steps)
	if loss, ok = p.forwardBackward(idx); !ok || loss-loss != 0 {
		p.broken = "loss"
		return loss, ok
	}
	if !p.gradients() {
		return loss, false
	}
	if p.limits != nil && !p.limits.shorten(p) {
		p.broken = "gradient"
		return math.NaN(), true
	}
	p.steps++
	p.coef = p.opt.Prepare(p.steps)
	p.each(len(p.updates), p.update, p.lightUpdates)
	for _, c := range p.commits {
		c.commit()
	}
	p.penalty = 0
	for i := range p.updates {
		p.penalty += p.updates[i].reg
	}
	return loss + p.penalty, true
}

// forwardBackward runs phase one.
func (p *plan) forwardBackward(idx []int32) (loss float64, ok bool) {
	p.idx, p.n = idx, len(idx)
	ok = p.run()
	return p.sum(0) / float64(p.n), ok
}

// gradients runs the first half of phase two, which may be stopped: nothing that
// outlives the step has changed yet. What follows is quick.
func (p *plan) gradients() bool {
	p.each(len(p.grads), p.gradOne, p.lightGrads)
	return !p.stop.Load()
}

// each runs n tasks, on one goroutine when they are light.
func (p *plan) each(n int, f func(int), light bool) {
	if light {
		for i := range n {
			f(i)
		}
		return
	}
	p.pool.Run(n, f)
}

// width is how many sums a chunk has: the loss, and two for each metric.
func (p *plan) width() int { return 1 + 2*len(p.metrics) }

// sum adds up what the chunks found: k = 0 is the loss, then part and whole of each
// metric.
func (p *plan) sum(k int) float64 {
	s := 0.0
	for c := range p.chunks() {
		s += p.sums[c*p.width()+k]
	}
	return s
}

// finish runs the head on a chunk and adds up its loss and metrics.
func (p *plan) finish(lo, hi, c int) bool {
	if p.set == nil {
		return true
	}
	sums := p.sums[c*p.width() : (c+1)*p.width()]
	sums[0] = p.head.run(p, lo, hi)
	p.score(lo, hi, sums[1:])
	return true
}

// load fetches the inputs and truths of examples lo to hi-1 of the batch.
func (p *plan) load(lo, hi int) {
	if p.set == nil {
		p.reader.ReadRows(p.x.rows(lo, hi), p.from+lo)
		return
	}
	idx := p.idx[lo:hi]
	if p.epoch > 0 {
		p.set.GatherDrawn(p.x.rows(lo, hi), idx, int64(p.streams.seed), p.epoch)
	} else {
		p.set.Gather(p.x.rows(lo, hi), idx)
	}
	p.set.GatherLabels(p.labels[lo:hi], idx)
	if p.targets != nil {
		w := len(p.targets) / p.batch
		p.set.GatherTargets(p.targets[lo*w:hi*w], idx)
	}
	if lo < len(p.next) {
		p.set.Prefetch(p.next[lo:min(hi, len(p.next))])
	}
}

// score adds up the metrics of a chunk. The outputs are predictions here: the
// head has applied the activation that it stood in for.
func (p *plan) score(lo, hi int, sums []float64) {
	clear(sums)
	cols := product(p.out.shape)
	tw := 0
	if len(p.targets) > 0 {
		tw = len(p.targets) / p.batch
	}
	label := -1
	for k, m := range p.metrics {
		ratio, isRatio := m.(RatioMetric)
		for i := lo; i < hi; i++ {
			if p.set.HasLabels() {
				label = int(p.labels[i])
			}
			pred, target := p.out.row(i)[:cols], p.targets[i*tw:(i+1)*tw]
			if isRatio {
				part, whole := ratio.Ratio(pred, label, target)
				sums[2*k] += part
				sums[2*k+1] += whole
				continue
			}
			sums[2*k] += m.Score(pred, label, target)
			sums[2*k+1]++
		}
	}
}

// gradTask computes one part of the gradients.
func (p *plan) gradTask(i int) {
	if p.stop.Load() {
		return
	}
	p.grads[i].op.grad(p.grads[i].part, p.n)
}

// updateTask changes some rows of weights.
func (p *plan) updateTask(i int) {
	t := &p.updates[i]
	t.reg = 0
	for k := range t.rows {
		r := &t.rows[k]
		w, g := r.numbers()
		var room []float32
		if r.late != nil {
			room = <-p.rooms
			g = room[:len(w)]
			r.late.gradRows(g, r.p, r.lo, r.hi, p.n)
		}
		switch {
		case p.limits != nil:
			t.reg += r.reg
			p.limits.scale(r, g)
		case r.p.regular():
			t.reg += r.p.penalise(r.lo, r.hi, g)
		}
		if p.measure {
			r.measure(w, g, func() { p.opt.Update(&p.coef, w, g, r.state[0], r.state[1]) })
		} else {
			p.opt.Update(&p.coef, w, g, r.state[0], r.state[1])
		}
		if room != nil {
			p.rooms <- room
		}
		r.op.refresh(r.p, r.lo, r.hi)
	}
}

// regularisation returns the penalty of the weights as they are.
func (m *Model) regularisation() float64 {
	total := 0.0
	for _, n := range m.nodes {
		for _, p := range n.params {
			if p.regular() {
				total += p.penalty(0, p.rows())
			}
		}
	}
	return total
}
