// This file has the options of layers, and the interfaces that say which layer
// takes which.

package nn

import "fmt"

// A DenseOption is what [Dense] takes after its width: an [Activation], an [Init],
// [L1], [L2], [NoBias] or [Name].
type DenseOption interface{ dense(*denseLayer) }

// A ConvOption is what [Conv2D], [Conv1D] and [Conv2DTranspose] take after their
// filters: an [Activation], an [Init], [L1], [L2], [NoBias], [Stride], [Name] or [Same].
type ConvOption interface{ conv(*convLayer) }

// A PoolOption is what [MaxPool2D] and its like take after their window: [Stride] or
// [Name].
type PoolOption interface{ pool(*poolLayer) }

// A GlobalOption is what [GlobalAvgPool] and [GlobalMaxPool] take: [Name].
type GlobalOption interface{ global(*globalLayer) }

// An Activation is the function a layer applies to its sums, number by number
// but for [Softmax], [LogSoftmax] and [Sparsemax], which work on the last dimension of an example.
type Activation int

const (
	Linear        Activation = iota // f(z) = z
	ReLU                            // f(z) = max(0, z)
	Sigmoid                         // f(z) = 1/(1+e⁻ᶻ)
	Tanh                            // f(z) = tanh z
	Softmax                         // f(z)ᵢ = eᶻⁱ / Σⱼ eᶻʲ
	LeakyReLU                       // f(z) = z above 0, z/5 below
	ReLU6                           // f(z) = min(max(0, z), 6)
	ELU                             // f(z) = z above 0, eᶻ-1 below; Keras' celu is the same
	SELU                            // f(z) = 1.0507·z above 0, 1.7581·(eᶻ-1) below; Klambauer and others, 2017
	GELU                            // f(z) = z·Φ(z), Φ the normal distribution; Hendrycks and Gimpel, 2016
	SiLU                            // f(z) = z/(1+e⁻ᶻ), also called swish
	Mish                            // f(z) = z·tanh(log(1+eᶻ)); Misra, 2019
	Softplus                        // f(z) = log(1+eᶻ)
	Softsign                        // f(z) = z/(1+|z|)
	Exp                             // f(z) = eᶻ
	HardSigmoid                     // f(z) = min(max(0, z/6+½), 1)
	LogSoftmax                      // f(z)ᵢ = zᵢ - log Σⱼ eᶻʲ
	HardSiLU                        // f(z) = z·HardSigmoid(z), also called hard swish; Howard and others, 2019
	HardTanh                        // f(z) = min(max(z, -1), 1)
	LogSigmoid                      // f(z) = -log(1+e⁻ᶻ)
	SoftShrink                      // f(z) = z-½ above ½, z+½ below -½, 0 between
	HardShrink                      // f(z) = z above ½ and below -½, 0 between
	TanhShrink                      // f(z) = z - tanh z
	SparsePlus                      // f(z) = z above 1, (z+1)²/4 from -1 to 1, 0 below
	SparseSigmoid                   // f(z) = min(max((z+1)/2, 0), 1)
	Squareplus                      // f(z) = (z+√(z²+4))/2; Barron, 2021
	Sparsemax                       // f(z)ᵢ = max(zᵢ-τ, 0), τ such that they add up to 1; Martins and Astudillo, 2016
)

var activationNames = [...]string{
	"linear", "relu", "sigmoid", "tanh", "softmax", "leaky relu", "relu6", "elu", "selu", "gelu", "silu", "mish",
	"softplus", "softsign", "exponential", "hard sigmoid", "log softmax",
	"hard silu", "hard tanh", "log sigmoid", "soft shrink", "hard shrink", "tanh shrink", "sparse plus", "sparse sigmoid", "squareplus", "sparsemax",
}

// String returns the name in lower case, as in "relu".
func (a Activation) String() string {
	if a < 0 || int(a) >= len(activationNames) {
		return fmt.Sprintf("activation(%d)", int(a))
	}
	return activationNames[a]
}

// rises reports whether the function never falls where its argument grows.
func (a Activation) rises() bool {
	switch a {
	case Softmax, LogSoftmax, Sparsemax, GELU, SiLU, HardSiLU, Mish:
		return false
	}
	return true
}

// own reports whether the function is applied by an op of its own.
func (a Activation) own() bool { return a > Softmax }

func (a Activation) known() bool { return a >= 0 && int(a) < len(activationNames) }

func (a Activation) dense(l *denseLayer)         { l.act = a }
func (a Activation) conv(l *convLayer)           { l.act = a }
func (a Activation) recurrent(l *recurrentLayer) { l.act = a }

// L1 adds the factor times the sum of the sizes of the layer's weights (not biases) to
// the loss, which makes many of them 0. The factor must not be negative.
type L1 float64

func (r L1) dense(l *denseLayer) { l.sums.l1 = float64(r) }
func (r L1) conv(l *convLayer)   { l.sums.l1 = float64(r) }

// L2 adds the factor times the sum of the layer's squared weights (not biases)
// to the loss, which keeps them small. The factor must not be negative.
type L2 float64

func (r L2) dense(l *denseLayer) { l.sums.l2 = float64(r) }
func (r L2) conv(l *convLayer)   { l.sums.l2 = float64(r) }

func (i Init) dense(l *denseLayer)         { l.sums.first = i }
func (i Init) embedding(l *embeddingLayer) { l.first = i }
func (i Init) recurrent(l *recurrentLayer) { l.first = i }
func (i Init) attention(l *attentionLayer) { l.first = i }
func (i Init) conv(l *convLayer)           { l.sums.first = i }

// A BiasOption is [NoBias].
type BiasOption int

// NoBias leaves out the biases of a layer.
const NoBias BiasOption = 1

func (b BiasOption) dense(l *denseLayer) { l.sums.noBias = b == NoBias }
func (b BiasOption) conv(l *convLayer)   { l.sums.noBias = b == NoBias }

// sumOptions are the options of all layers that add up weighted inputs.
type sumOptions struct {
	first  Init
	l1, l2 float64
	noBias bool
}

// check reports settings that cannot work, for n units.
func (s *sumOptions) check(n int, what string, act Activation) *fault {
	good := func(v float64) bool { return v >= 0 && v < 1e30 }
	switch {
	case n < 1:
		return &fault{text: fmt.Sprintf("has %d %s, but needs at least 1", n, what)}
	case !act.known():
		return unknownActivation(act)
	case !good(s.l1):
		return &fault{text: fmt.Sprintf("has nn.L1(%v), but the factor must not be negative", s.l1), fix: "nn.L1(1e-4) is a usual value"}
	case !good(s.l2):
		return &fault{text: fmt.Sprintf("has nn.L2(%v), but the factor must not be negative", s.l2), fix: "nn.L2(1e-4) is a usual value"}
	case !s.first.known():
		return &fault{text: fmt.Sprintf("has an unknown initialisation, %s", s.first), fix: "nn.GlorotUniform or nn.HeNormal"}
	}
	return nil
}

func unknownActivation(a Activation) *fault {
	return &fault{text: fmt.Sprintf("has an unknown activation, %s", a), fix: "nn.Linear, nn.ReLU, nn.Sigmoid, nn.Tanh, nn.Softmax or another of the constants beside them"}
}

// params returns the parameters of a layer whose weights are w.
func (s *sumOptions) params(w paramSpec) []paramSpec {
	w.l1, w.l2 = s.l1, s.l2
	if s.noBias {
		return []paramSpec{w}
	}
	return []paramSpec{w, vectorSpec("biases", w.cols, nil)}
}

// biasOf returns the bias of such a layer, nil without.
func biasOf(ps []*param) *param {
	if len(ps) > 1 {
		return ps[1]
	}
	return nil
}

// Name names a layer, in summaries and messages.
type Name string

func (n Name) dense(l *denseLayer)         { l.name = string(n) }
func (n Name) conv(l *convLayer)           { l.name = string(n) }
func (n Name) pool(l *poolLayer)           { l.name = string(n) }
func (n Name) global(l *globalLayer)       { l.name = string(n) }
func (n Name) norm(c *layerCommon)         { c.name = string(n) }
func (n Name) embedding(l *embeddingLayer) { l.name = string(n) }
func (n Name) recurrent(l *recurrentLayer) { l.name = string(n) }
func (n Name) attention(l *attentionLayer) { l.name = string(n) }
func (n Name) act(l *actLayer)             { l.name = string(n) }
func (n Name) drop(l *dropLayer)           { l.name = string(n) }

// Stride is how many pixels or steps the filters of a convolution, or the windows of a
// pooling, move at a time. It must be above 0; convolutions begin with 1, poolings with
// the size of their window.
type Stride int

func (s Stride) conv(l *convLayer) { l.stride = int(s) }
func (s Stride) pool(l *poolLayer) { l.stride = int(s) }

// Padding says what a convolution does at the image's border.
type Padding int

const (
	Valid Padding = iota // filters stay inside: the image shrinks
	Same                 // zeros around it: the image keeps its size, divided by the stride and rounded up
)

// String returns "valid" or "same".
func (p Padding) String() string {
	if p == Same {
		return "same"
	}
	return "valid"
}

func (p Padding) conv(l *convLayer) { l.padding = p }
