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
		mean := total(x) / float64(ch)
		scale := float32(1 / math.Sqrt(spread(x, mean)/float64(ch)+normEps))
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
		dx, hat, scale := o.in.grad[k*o.in.ldch:][:ch], hat[:ch], o.scale[k]
		for c, g := range dy {
			dx[c] = g * gain[c]
		}
		mean, dot := float32(total(dx)/float64(ch)), float32(scalarProduct(dx, hat)/float64(ch))
		for c, g := range dx {
			dx[c] = (g - mean - hat[c]*dot) * scale
		}
	}
}

// The next three add up in four sums, of which none waits for another.

func total(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += float64(x[0])
		b += float64(x[1])
		c += float64(x[2])
		d += float64(x[3])
	}
	for _, v := range x {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

// spread is the sum of the squared distances from the mean.
func spread(x []float32, mean float64) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		x0, x1, x2, x3 := float64(x[0])-mean, float64(x[1])-mean, float64(x[2])-mean, float64(x[3])-mean
		a += x0 * x0
		b += x1 * x1
		c += x2 * x2
		d += x3 * x3
	}
	for _, v := range x {
		a += (float64(v) - mean) * (float64(v) - mean)
	}
	return (a + b) + (c + d)
}

func scalarProduct(x, y []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		a += float64(x[0]) * float64(y[0])
		b += float64(x[1]) * float64(y[1])
		c += float64(x[2]) * float64(y[2])
		d += float64(x[3]) * float64(y[3])
	}
	for i, v := range x {
		a += float64(v) * float64(y[i])
	}
	return (a + b) + (c + d)
}

func (o *layerNormOp) parts() int                   { return 1 }
func (o *layerNormOp) grad(part, n int)             { o.chunks.sum(o.gain, o.shift, part, n) }
func (o *layerNormOp) refresh(p *param, lo, hi int) {}
