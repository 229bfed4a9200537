// This file has batch normalisation, forward and backward side by side.

package nn

import (
	"math"

	"cajal/engine/internal/f32"
)

// batchMomentum is how much of a moving average stays at every step, as in Keras.
const batchMomentum = 0.99

type batchNorm struct{ layerCommon }

// BatchNorm gives every channel a mean of 0 and a variance of 1 over the batch and all
// places, then multiplies it by its gain and adds its shift, which are learnt (Ioffe
// and Szegedy, 2015). Outside of training it uses moving averages of the means and
// variances that it has seen.
func BatchNorm(options ...NormOption) Layer {
	l := &batchNorm{layerCommon{at: caller()}}
	for _, o := range options {
		if o != nil {
			o.norm(&l.layerCommon)
		}
	}
	return of(l)
}

func (l *batchNorm) Kind() string                   { return "BatchNorm" }
func (l *batchNorm) infer(in []int) ([]int, *fault) { return in, nil }
func (l *batchNorm) flops(in, _ []int) float64      { return 8 * float64(product(in)) }

func (l *batchNorm) weights(in []int, _ bool) []paramSpec {
	n := in[len(in)-1]
	mean, variance := vectorSpec("moving means", n, nil), vectorSpec("moving variances", n, Ones)
	mean.fixed, variance.fixed = true, true
	return []paramSpec{vectorSpec("gains", n, Ones), vectorSpec("shifts", n, nil), mean, variance}
}

func (l *batchNorm) op(b *opBuilder) op {
	in := b.in
	o := &batchNormOp{in: in, out: b.shaped(in.shape), gain: b.params[0], shift: b.params[1], mean: b.params[2], variance: b.params[3]}
	o.places = in.ld / in.ldch
	n := in.ch
	o.m, o.s = make([]float32, n), make([]float32, n)
	b.emit(o.out)
	if !b.train {
		return o
	}
	o.chunk = b.chunk
	o.sums = make([]float64, b.slots*2*n)
	o.v = make([]float64, n)
	o.meanGrad, o.hatGrad = make([]float32, n), make([]float32, n)
	b.push(&batchStats{o})
	return o
}

// batchNormOp normalises with the means m and scales s. While training they are found
// by the op before it, batchStats, which needs the whole batch.
type batchNormOp struct {
	in, out        *buffer
	gain, shift    *param
	mean, variance *param
	places         int       // of an example
	m, s           []float32 // means, and 1/deviations

	// While training.
	chunk             int
	sums              []float64 // two for every channel, one chunk after another
	v                 []float64 // variances of the batch
	meanGrad, hatGrad []float32 // means of dy and of dy·h, with h the normalised input
}

// batchStats is the first half of the op.
type batchStats struct{ *batchNormOp }

func (o *batchNormOp) slot(c int) (a, b []float64) {
	n := o.in.ch
	s := o.sums[c*2*n : (c+1)*2*n]
	clear(s)
	return s[:n], s[n:]
}

// total adds up the chunks of n examples, of channel c, and returns the means.
func (o *batchNormOp) total(n, c int) (a, b float64) {
	ch := o.in.ch
	for k := range (n + o.chunk - 1) / o.chunk {
		a += o.sums[k*2*ch+c]
		b += o.sums[k*2*ch+ch+c]
	}
	count := float64(n * o.places)
	return a / count, b / count
}

// forward adds up the numbers of a chunk and their squares, less the means of the step
// before: so near to 0, the squares lose no digits.
func (o *batchStats) forward(lo, hi, slot int) {
	sum, square := o.slot(slot)
	ch := o.in.ch
	for k := lo * o.places; k < hi*o.places; k++ {
		for c, v := range o.in.data[k*o.in.ldch:][:ch] {
			d := float64(v) - float64(o.mean.w[c])
			sum[c] += d
			square[c] += d * d
		}
	}
}

func (o *batchStats) joinForward(n int) {
	for c := range o.m {
		d, square := o.total(n, c)
		o.v[c] = max(square-d*d, 0)
		o.m[c] = float32(d + float64(o.mean.w[c]))
		o.s[c] = float32(1 / math.Sqrt(o.v[c]+normEps))
	}
}

func (o *batchNormOp) forward(lo, hi, _ int) {
	if o.sums == nil {
		for c := range o.m {
			o.m[c], o.s[c] = o.mean.w[c], float32(1/math.Sqrt(float64(o.variance.w[c])+normEps))
		}
	}
	ch := o.out.ch
	gain, shift := o.gain.w[:ch], o.shift.w[:ch]
	for k := lo * o.places; k < hi*o.places; k++ {
		y := o.out.data[k*o.out.ldch:][:ch]
		for c, v := range o.in.data[k*o.in.ldch:][:ch] {
			y[c] = (v-o.m[c])*o.s[c]*gain[c] + shift[c]
		}
	}
}

func (o *batchNormOp) backward(lo, hi, slot int) {
	sum, hats := o.slot(slot)
	ch := o.out.ch
	for k := lo * o.places; k < hi*o.places; k++ {
		x := o.in.data[k*o.in.ldch:][:ch]
		for c, g := range o.out.grad[k*o.out.ldch:][:ch] {
			sum[c] += float64(g)
			hats[c] += float64(g) * float64((x[c]-o.m[c])*o.s[c])
		}
	}
}

func (o *batchStats) joinBackward(n int) {
	count := float64(n * o.places)
	for c := range o.m {
		g, hat := o.total(n, c)
		o.meanGrad[c], o.hatGrad[c] = float32(g), float32(hat)
		o.shift.g[c], o.gain.g[c] = float32(g*count), float32(hat*count)
	}
}

// backward is dx = gain/deviation · (dy - mean(dy) - h·mean(dy·h)).
func (o *batchStats) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	ch := o.out.ch
	for k := lo * o.places; k < hi*o.places; k++ {
		x, dx := o.in.data[k*o.in.ldch:][:ch], o.in.grad[k*o.in.ldch:][:ch]
		for c, g := range o.out.grad[k*o.out.ldch:][:ch] {
			h := (x[c] - o.m[c]) * o.s[c]
			dx[c] = o.gain.w[c] * o.s[c] * (g - o.meanGrad[c] - h*o.hatGrad[c])
		}
	}
}

// commit moves the averages, once a step is done.
func (o *batchStats) commit() {
	f32.Scale(o.mean.w, batchMomentum)
	f32.Scale(o.variance.w, batchMomentum)
	for c := range o.m {
		o.mean.w[c] += (1 - batchMomentum) * o.m[c]
		o.variance.w[c] += (1 - batchMomentum) * float32(o.v[c])
	}
}

// The gradients are found by joinBackward.

func (o *batchNormOp) parts() int                   { return 0 }
func (o *batchNormOp) grad(part, n int)             {}
func (o *batchNormOp) refresh(p *param, lo, hi int) {}
