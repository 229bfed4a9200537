// This file has the simple recurrent layer.

package nn

// SimpleRNN reads a sequence [steps features] and gives its last state [units], or
// with [Sequences] all of them: hₜ = tanh(xₜW + hₜ₋₁U + b), h₀ = 0 (Elman, 1990). An
// [Activation] takes the place of tanh. U begins orthogonal.
func SimpleRNN(units int, options ...RecurrentOption) Layer {
	return newRecurrent(&recurrentLayer{layerCommon: layerCommon{at: caller()}, kind: simpleCell, units: units, act: Tanh}, options)
}

// simple is the cell of SimpleRNN: n sums.
type simple struct {
	act Activation
	n   int
}

func (c *simple) forward(z, _, _, h, _, _ []float32) {
	copy(h, z)
	activate(c.act, h, nil, c.n, len(h))
}

func (c *simple) backward(z, _, _, h, _, _, dh, _ []float32) {
	copy(z, dh)
	activateBack(c.act, z, h, c.n, len(h))
	clear(dh)
}
