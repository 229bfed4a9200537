// This file has layer normalisation, forward and backward side by side.

package nn

import (
	"math"

	"cajal/engine/internal/f32"
)

// A NormOption is what [LayerNorm] and [BatchNorm] take: [Name].
type NormOption interface{ norm(*layerCommon) }

// normEps keeps the divisors of both normalisations above 0, as in Keras.
const normEps = 1e-3

type layerNorm struct{ layerCommon }

// LayerNorm gives the channels of every place a mean of 0 and a variance of 1, then
// multiplies each channel by its gain and adds its shift, which are learnt (Ba, Kiros
// and Hinton, 2016). It works on the last dimension, example by example.
func LayerNorm(options ...NormOption) Layer {
	l := &layerNorm{layerCommon{at: caller()}}
	for _, o := range options {
		if o != nil {
			o.norm(&l.layerCommon)
		}
	}
	return of(l)
}

func (l *layerNorm) Kind() string                   { return "LayerNorm" }
func (l *layerNorm) infer(in []int) ([]int, *fault) { return in, nil }
func (l *layerNorm) flops(in, _ []int) float64      { return 8 * float64(product(in)) }

func (l *layerNorm) weights(in []int, _ bool) []paramSpec {
	n := in[len(in)-1]
	return []paramSpec{vectorSpec("gains", n, Ones), vectorSpec("shifts", n, nil)}
}

func (l *layerNorm) op(b *opBuilder) op {
	o := &layerNormOp{in: b.in, out: b.shaped(b.in.shape), gain: b.params[0], shift: b.params[1]}
	o.places = o.out.ld / o.out.ldch
	if b.train {
		o.hat = make([]float32, len(o.out.data))
		o.scale = make([]float32, b.batch*o.places)
		o.chunks = newFilterGrad(b, o.gain.ldCol, o.gain.ldCol)
	}
	b.emit(o.out)
	return o
}

type layerNormOp struct {
	in, out     *buffer
	gain, shift *param
	places      int       // of an example
	hat         []float32 // inputs with mean 0 and variance 1, laid out as outputs
	scale       []float32 // 1/deviation of every place
	chunks      filterGrad
}

func (o *layerNormOp) forward(lo, hi, _ int) {
	ch := o.out.ch
	gain, shift := o.gain.w[:ch], o.shift.w[:ch]
	for k := lo * o.places; k < hi*o.places; k++ {
		x, y := o.in.data[k*o.in.ldch:][:ch], o.out.data[k*o.out.ldch:][:ch]
		mean, variance := 0.0, 0.0
		for _, v := range x {
			mean += float64(v)
		}
		mean /= float64(ch)
		for _, v := range x {
			variance += (float64(v) - mean) * (float64(v) - mean)
		}
		scale := float32(1 / math.Sqrt(variance/float64(ch)+normEps))
		m := float32(mean)
		for c, v := range x {
			y[c] = (v - m) * scale
		}
		if o.hat != nil {
			copy(o.hat[k*o.out.ldch:], y)
			o.scale[k] = scale
		}
		for c, v := range y {
			y[c] = v*gain[c] + shift[c]
		}
	}
}

func (o *layerNormOp) backward(lo, hi, slot int) {
	ch := o.out.ch
	gain := o.gain.w[:ch]
	o.chunks.begin(slot)
	dgain, dshift := o.chunks.weights(slot)[:ch], o.chunks.biases(slot)[:ch]
	for k := lo * o.places; k < hi*o.places; k++ {
		dy, hat := o.out.grad[k*o.out.ldch:][:ch], o.hat[k*o.out.ldch:][:ch]
		f32.MulAdd(dgain, dy, hat)
		f32.Bias(dshift, dy)
		if o.in.grad == nil {
			continue
		}
		// With h the normalised numbers and dh their gradient,
		// dx = (dh - mean(dh) - h·mean(dh·h)) / deviation.
		mean, dot := float32(0), float32(0)
		for c, g := range dy {
			g *= gain[c]
			mean += g
			dot += g * hat[c]
		}
		mean /= float32(ch)
		dot /= float32(ch)
		dx := o.in.grad[k*o.in.ldch:][:ch]
		for c, g := range dy {
			dx[c] = (g*gain[c] - mean - hat[c]*dot) * o.scale[k]
		}
	}
}

func (o *layerNormOp) parts() int                   { return 1 }
func (o *layerNormOp) grad(part, n int)             { o.chunks.sum(o.gain, o.shift, part, n) }
func (o *layerNormOp) refresh(p *param, lo, hi int) {}
