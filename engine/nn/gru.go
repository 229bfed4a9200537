// This file has the gated recurrent unit.

package nn

import "cajal/engine/internal/f32"

// GRU reads a sequence [steps features] and gives its last state [units], or with
// [Sequences] all of them (Cho and others, 2014), in the form that Keras and cuDNN have:
//
//	z, r = σ(xₜW + b + hₜ₋₁U + b'), each with columns of its own
//	n = tanh(xₜW + b + r·(hₜ₋₁U + b')), with columns of its own
//	hₜ = z·hₜ₋₁ + (1-z)·n
//
// The columns are in the order z, r, n. U begins orthogonal.
func GRU(units int, options ...RecurrentOption) Layer {
	return newRecurrent(&recurrentLayer{layerCommon: layerCommon{at: caller()}, kind: gruCell, units: units, act: Tanh}, options)
}

// gru is the cell: states of ld numbers.
type gru struct{ ld int }

func (u gru) forward(s, rec, before, h, _, _ []float32) {
	n := u.ld
	f32.Bias(s[:2*n], rec[:2*n])
	f32.Sigmoid(s[:2*n])
	f32.MulAdd(s[2*n:], s[n:2*n], rec[2*n:])
	f32.Tanh(s[2*n:])
	z, c := s[:n], s[2*n:]
	for k := range h {
		h[k] = z[k]*before[k] + (1-z[k])*c[k]
	}
}

func (u gru) backward(s, rec, before, _, _, _, dh, _ []float32) {
	n := u.ld
	z, r, c := s[:n], s[n:2*n], s[2*n:3*n]
	for k, g := range dh[:n] {
		dc := g * (1 - z[k]) * (1 - c[k]*c[k])
		dz := g * (before[k] - c[k]) * z[k] * (1 - z[k])
		dr := dc * rec[2*n+k] * r[k] * (1 - r[k])
		rec[k], rec[n+k], rec[2*n+k] = dz, dr, dc*r[k]
		dh[k] = g * z[k]
		z[k], r[k], c[k] = dz, dr, dc
	}
}
