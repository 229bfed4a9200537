// This file has the long short-term memory.

package nn

import "cajal/engine/internal/f32"

// LSTM reads a sequence [steps features] and gives its last state [units], or with
// [Sequences] all of them (Hochreiter and Schmidhuber, 1997; Gers and others, 2000):
//
//	i, f, o = σ(xₜW + hₜ₋₁U + b), each with columns of its own; g the same with tanh
//	cₜ = f·cₜ₋₁ + i·g
//	hₜ = o·tanh(cₜ)
//
// The columns are in the order i, f, g, o, as in Keras. The biases of f begin with 1, U
// orthogonal.
func LSTM(units int, options ...RecurrentOption) Layer {
	return newRecurrent(&recurrentLayer{layerCommon: layerCommon{at: caller()}, kind: lstmCell, units: units, act: Tanh}, options)
}

// lstm is the cell: states of ld numbers, and keep is c.
type lstm struct{ ld int }

func (l lstm) gates(z []float32) (i, f, g, o []float32) {
	n := l.ld
	return z[:n], z[n : 2*n], z[2*n : 3*n], z[3*n : 4*n]
}

func (l lstm) forward(z, _, _, h, c, before []float32) {
	n := l.ld
	f32.Sigmoid(z[:2*n])
	f32.Tanh(z[2*n : 3*n])
	f32.Sigmoid(z[3*n:])
	i, f, g, o := l.gates(z)
	for k := range c {
		c[k] = f[k]*before[k] + i[k]*g[k]
	}
	copy(h, c)
	f32.Tanh(h)
	for k := range h {
		h[k] *= o[k]
	}
}

func (l lstm) backward(z, _, _, h, _, before, dh, dc []float32) {
	i, f, g, o := l.gates(z)
	h, before, dh, dc = h[:len(i)], before[:len(i)], dh[:len(i)], dc[:len(i)]
	for k := range i {
		// tanh c is h/o, but o may be as small as it likes.
		t := h[k] / max(o[k], 1e-30)
		d := dc[k] + dh[k]*o[k]*(1-t*t)
		do := dh[k] * t * o[k] * (1 - o[k])
		di, df, dg := d*g[k]*i[k]*(1-i[k]), d*before[k]*f[k]*(1-f[k]), d*i[k]*(1-g[k]*g[k])
		dc[k] = d * f[k]
		i[k], f[k], g[k], o[k] = di, df, dg, do
	}
	clear(dh)
}
