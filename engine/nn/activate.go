// This file has the activations, forward and backward side by side.

package nn

import (
	"math"

	"cajal/engine/internal/f32"
)

// activate adds bias to every row of z and applies the activation. Rows have
// len(bias) numbers, of which cols are real. What stands in the padding
// afterwards does not matter: no layer reads it.
func activate(act Activation, z, bias []float32, cols int) {
	ld := len(bias)
	for ; len(z) >= ld; z = z[ld:] {
		row := z[:ld]
		if act == ReLU {
			f32.BiasReLU(row, bias)
			continue
		}
		f32.Bias(row, bias)
		row = row[:cols]
		switch act {
		case Sigmoid:
			for i, v := range row {
				row[i] = float32(1 / (1 + math.Exp(-float64(v))))
			}
		case Tanh:
			for i, v := range row {
				row[i] = float32(math.Tanh(float64(v)))
			}
		case Softmax:
			softmax(row)
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

// softmax replaces logits by probabilities and returns the logarithm of the
// sum of their exponentials, the largest taken out first so that none overflows.
func softmax(z []float32) float64 {
	top := z[0]
	for _, v := range z[1:] {
		if v > top {
			top = v
		}
	}
	sum := 0.0
	for i, v := range z {
		e := math.Exp(float64(v - top))
		z[i] = float32(e)
		sum += e
	}
	inv := float32(1 / sum)
	for i := range z {
		z[i] *= inv
	}
	return math.Log(sum) + float64(top)
}
