// This file has the options of layers, and the interfaces that say which layer
// takes which.

package nn

import "fmt"

// A DenseOption is what [Dense] takes after its width: an [Activation], [L2] or
// [Name].
type DenseOption interface{ dense(*denseLayer) }

// A ConvOption is what [Conv2D] takes after its filters: an [Activation], [L2],
// [Name] or [Same].
type ConvOption interface{ conv(*convLayer) }

// A PoolOption is what [MaxPool2D] takes after its window: [Name].
type PoolOption interface{ pool(*poolLayer) }

// An Activation is the function a layer applies to its sums, number by number
// but for [Softmax], which works on an example's last dimension.
type Activation int

const (
	Linear  Activation = iota // f(z) = z
	ReLU                      // f(z) = max(0, z)
	Sigmoid                   // f(z) = 1/(1+e⁻ᶻ)
	Tanh                      // f(z) = tanh z
	Softmax                   // f(z)ᵢ = eᶻⁱ / Σⱼ eᶻʲ
)

var activationNames = [...]string{"linear", "relu", "sigmoid", "tanh", "softmax"}

// String returns the name in lower case, as in "relu".
func (a Activation) String() string {
	if a < 0 || int(a) >= len(activationNames) {
		return fmt.Sprintf("activation(%d)", int(a))
	}
	return activationNames[a]
}

func (a Activation) known() bool { return a >= 0 && int(a) < len(activationNames) }

func (a Activation) dense(l *denseLayer) { l.act = a }
func (a Activation) conv(l *convLayer)   { l.act = a }

// L2 adds the factor times the sum of the layer's squared weights (not biases)
// to the loss, which keeps them small. The factor must not be negative.
type L2 float64

func (r L2) dense(l *denseLayer) { l.l2 = float64(r) }
func (r L2) conv(l *convLayer)   { l.l2 = float64(r) }

// Name names a layer, in summaries and messages.
type Name string

func (n Name) dense(l *denseLayer) { l.name = string(n) }
func (n Name) conv(l *convLayer)   { l.name = string(n) }
func (n Name) pool(l *poolLayer)   { l.name = string(n) }

// Padding says what a convolution does at the image's border.
type Padding int

const (
	Valid Padding = iota // filters stay inside: the image shrinks
	Same                 // zeros around it: the image keeps its size
)

// String returns "valid" or "same".
func (p Padding) String() string {
	if p == Same {
		return "same"
	}
	return "valid"
}

func (p Padding) conv(l *convLayer) { l.padding = p }
