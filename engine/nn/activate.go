// This file has the activations, forward and backward side by side.

package nn

import (
	"math"

	"cajal/engine/internal/f32"
)

// activate adds the bias, nil for none, to every row of z and applies the activation.
// Rows have ld numbers, of which cols are real; the padding, which comes as zeros, stays
// so, since a convolution reads it.
func activate(act Activation, z []float32, bias *param, cols, ld int) {
	if act == ReLU && bias != nil {
		f32.BiasReLU(z, bias.w)
		return
	}
	if bias != nil {
		f32.Bias(z, bias.w)
	}
	switch act {
	case ReLU:
		f32.Gate(z, z)
	case Sigmoid:
		f32.Sigmoid(z)
		for ; cols < ld && len(z) > 0; z = z[ld:] {
			clear(z[cols:ld])
		}
	case Tanh:
		f32.Tanh(z)
	case Softmax:
		for ; len(z) > 0; z = z[ld:] {
			softmax(z[:ld], cols)
		}
	}
}

// activateBack turns the gradient of the outputs y into that of the sums, in
// place. Padding, which is zero in dy, stays zero.
func activateBack(act Activation, dy, y []float32, cols, ld int) {
	switch act {
	case ReLU:
		f32.Gate(dy, y)
	case Sigmoid:
		for i, v := range y {
			dy[i] *= v * (1 - v)
		}
	case Tanh:
		for i, v := range y {
			dy[i] *= 1 - v*v
		}
	case Softmax:
		for ; len(y) >= ld; y, dy = y[ld:], dy[ld:] {
			dot := float32(0)
			for i, v := range y[:cols] {
				dot += v * dy[i]
			}
			for i, v := range y[:cols] {
				dy[i] = v * (dy[i] - dot)
			}
		}
	}
}

// softmax replaces the first n logits of z by probabilities and returns the logarithm
// of the sum of their exponentials, the largest taken out first so that none
// overflows. What stands behind them becomes 0.
func softmax(z []float32, n int) float64 {
	top := z[0]
	for _, v := range z[1:n] {
		if v > top {
			top = v
		}
	}
	f32.Exp(z, z, top)
	sum := 0.0
	for _, e := range z[:n] {
		sum += float64(e)
	}
	inv := float32(1 / sum)
	for i := range z[:n] {
		z[i] *= inv
	}
	clear(z[n:])
	return math.Log(sum) + float64(top)
}
