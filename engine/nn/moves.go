// This file finds out how the weights of each layer move in a step.

package nn

import (
	"math"
	"slices"
)

// LayerStats tells how the weights of one layer moved: a number for every epoch, of its
// last step with a whole batch, since the gradient of a few examples is another.
type LayerStats struct {
	Layer        int // as Model.Layers counts
	Name         string
	GradientNorm []float64 // length of the gradient of all its weights, before it is clipped
	UpdateRatio  []float64 // length of the update over the length of the weights
}

// moves are what is found of some rows of a parameter: squares of lengths.
type moves struct{ gradient, update, weights float64 }

// numbers returns the weights of the rows and their gradient, nil for a late one.
func (r *updateRows) numbers() (w, g []float32) {
	ld := r.p.ldCol
	w = r.p.w[r.lo*ld : r.hi*ld]
	if r.late == nil {
		g = r.p.g[r.lo*ld : r.hi*ld]
	}
	return w, g
}

// measure runs an update of w and finds out how far it went.
func (r *updateRows) measure(w, g []float32, update func()) {
	before := slices.Clone(w)
	r.moves.gradient, r.moves.weights = r.square, squareSum(w)
	if r.square == 0 { // else it was found before the gradient was shortened
		r.moves.gradient = squareSum(g)
	}
	update()
	for i, v := range w {
		before[i] -= v
	}
	r.moves.update = squareSum(before)
}

// layerStats adds what the last step has measured.
func (p *plan) layerStats(to []LayerStats) []LayerStats {
	found := map[*param]moves{}
	for i := range p.updates {
		for k := range p.updates[i].rows {
			r := &p.updates[i].rows[k]
			m := found[r.p]
			m.gradient += r.moves.gradient
			m.update += r.moves.update
			m.weights += r.moves.weights
			found[r.p] = m
		}
	}
	if to == nil {
		to = p.m.movingLayers()
	}
	for i := range to {
		var m moves
		for _, q := range p.m.nodes[to[i].Layer].params {
			of := found[q]
			m.gradient += of.gradient
			m.update += of.update
			m.weights += of.weights
		}
		to[i].GradientNorm = append(to[i].GradientNorm, math.Sqrt(m.gradient))
		ratio := math.Sqrt(m.update / m.weights)
		if m.update == 0 {
			ratio = 0
		}
		to[i].UpdateRatio = append(to[i].UpdateRatio, ratio)
	}
	return to
}

// movingLayers lists the layers whose weights a training changes.
func (m *Model) movingLayers() []LayerStats {
	var out []LayerStats
	for _, n := range m.nodes {
		if slices.ContainsFunc(n.params, func(q *param) bool { return !q.fixed }) {
			out = append(out, LayerStats{Layer: n.index, Name: n.label()})
		}
	}
	return out
}
