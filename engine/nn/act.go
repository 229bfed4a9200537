// This file has the activations that are operations of their own, since their
// derivative needs what went in, and the layer that is nothing but an activation.

package nn

import (
	"math"
	"sync/atomic"
)

// An ActOption is what [Act] takes after its activation: [Name].
type ActOption interface{ act(*actLayer) }

type actLayer struct {
	plain
	f Activation
}

// Act applies an activation, where it does not belong to the layer before: behind an
// [Add], for instance.
func Act(f Activation, options ...ActOption) Layer {
	l := &actLayer{plain{layerCommon{at: caller()}}, f}
	for _, o := range options {
		if o != nil {
			o.act(l)
		}
	}
	return of(l)
}

func (l *actLayer) Kind() string              { return "Act" }
func (l *actLayer) activation() Activation    { return l.f }
func (l *actLayer) flops(in, _ []int) float64 { return float64(product(in)) }

func (l *actLayer) infer(in []int) ([]int, *fault) {
	if !l.f.known() {
		return nil, unknownActivation(l.f)
	}
	return in, nil
}

func (l *actLayer) op(b *opBuilder) op {
	if b.fused || l.f == Linear {
		b.emit(b.in)
		return nil
	}
	return newActOp(b, l.f)
}

// newActOp makes the op for what was emitted last.
func newActOp(b *opBuilder, f Activation) op {
	o := &actOp{f: f, in: b.in, out: b.like(b.in), stop: b.stop}
	b.emit(o.out)
	return o
}

// actOp applies an activation from one buffer to another.
type actOp struct {
	f       Activation
	in, out *buffer
	stop    *atomic.Bool // looked at for every example, since an exponential takes its time
}

func (o *actOp) forward(lo, hi, _ int) {
	for i := lo; i < hi && !o.stop.Load(); i++ {
		o.forwardRows(i, i+1)
	}
}

func (o *actOp) backward(lo, hi, _ int) {
	for i := lo; i < hi && o.in.grad != nil && !o.stop.Load(); i++ {
		o.backwardRows(i, i+1)
	}
}

func (o *actOp) forwardRows(lo, hi int) {
	x, y := o.in.rows(lo, hi), o.out.rows(lo, hi)
	if !o.f.own() {
		copy(y, x)
		activate(o.f, y, nil, o.in.ch, o.in.ldch)
		return
	}
	f := activations[o.f].f
	for at := 0; at < len(x); at += o.in.ldch {
		x, y := x[at:at+o.in.ch], y[at:at+o.in.ch]
		switch o.f {
		case LogSoftmax:
			logSoftmax(x, y)
			continue
		case Sparsemax:
			sparsemax(x, y)
			continue
		}
		for i, v := range x {
			y[i] = float32(f(float64(v)))
		}
	}
}

func (o *actOp) backwardRows(lo, hi int) {
	x, y, dx, dy := o.in.rows(lo, hi), o.out.rows(lo, hi), o.in.gradRows(lo, hi), o.out.gradRows(lo, hi)
	if !o.f.own() {
		copy(dx, dy)
		activateBack(o.f, dx, y, o.in.ch, o.in.ldch)
		return
	}
	d := activations[o.f].d
	for at := 0; at < len(x); at += o.in.ldch {
		end := at + o.in.ch
		x, y, dx, dy := x[at:end], y[at:end], dx[at:end], dy[at:end]
		switch o.f {
		case LogSoftmax:
			sum := float32(0)
			for _, g := range dy {
				sum += g
			}
			for i, g := range dy {
				dx[i] = g - float32(math.Exp(float64(y[i])))*sum
			}
			continue
		case Sparsemax:
			sparsemaxBack(y, dx, dy)
			continue
		}
		for i, v := range x {
			dx[i] = dy[i] * float32(d(float64(v), float64(y[i])))
		}
	}
}

func logSoftmax(x, y []float32) {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	lse := math.Log(sum) + top
	for i, v := range x {
		y[i] = float32(float64(v) - lse)
	}
}

// sparsemax leaves out the numbers at or below τ until the others, less τ, add up to 1
// (Michelot, 1986). What is left out once cannot come back.
func sparsemax(x, y []float32) {
	tau, count := math.Inf(-1), 0
	for {
		sum, n := 0.0, 0
		for _, v := range x {
			if float64(v) > tau {
				sum += float64(v)
				n++
			}
		}
		if n == count || n == 0 {
			break
		}
		tau, count = (sum-1)/float64(n), n
	}
	for i, v := range x {
		y[i] = max(float32(float64(v)-tau), 0)
	}
}

// sparsemaxBack takes the mean from the gradients of those that are above 0.
func sparsemaxBack(y, dx, dy []float32) {
	sum, n := float32(0), float32(0)
	for i, v := range y {
		if v > 0 {
			sum += dy[i]
			n++
		}
	}
	for i, v := range y {
		dx[i] = 0
		if v > 0 {
			dx[i] = dy[i] - sum/n
		}
	}
}

// The constants of SELU.
const (
	seluScale = 1.0507009873554805
	seluAlpha = 1.6732632423543772
)

// logistic is the sigmoid.
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is log(1+eˣ), with the exponent kept below 0.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// activations are functions of one number, and their derivatives at x where y = f(x).
var activations = map[Activation]struct {
	f func(x float64) float64
	d func(x, y float64) float64
}{
	LeakyReLU: {
		func(x float64) float64 { return max(x, 0) + min(x, 0)/5 },
		func(x, _ float64) float64 { return choose(x > 0, 1, 0.2) },
	},
	ReLU6: {
		func(x float64) float64 { return min(max(x, 0), 6) },
		func(x, _ float64) float64 { return choose(x > 0 && x < 6, 1, 0) },
	},
	ELU: {
		func(x float64) float64 { return max(x, 0) + math.Expm1(min(x, 0)) },
		func(x, y float64) float64 { return choose(x > 0, 1, y+1) },
	},
	SELU: {
		func(x float64) float64 { return seluScale * (max(x, 0) + seluAlpha*math.Expm1(min(x, 0))) },
		func(x, y float64) float64 { return choose(x > 0, seluScale, y+seluScale*seluAlpha) },
	},
	GELU: {
		func(x float64) float64 { return x * normalBelow(x) },
		func(x, _ float64) float64 { return normalBelow(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) },
	},
	SiLU: {
		func(x float64) float64 { return x * logistic(x) },
		func(x, _ float64) float64 { return logistic(x) * (1 + x*logistic(-x)) },
	},
	Mish: {
		func(x float64) float64 { return x * math.Tanh(softplus(x)) },
		func(x, _ float64) float64 {
			t := math.Tanh(softplus(x))
			return t + x*(1-t*t)*logistic(x)
		},
	},
	Softplus: {
		softplus,
		func(x, _ float64) float64 { return logistic(x) },
	},
	Softsign: {
		func(x float64) float64 { return x / (1 + math.Abs(x)) },
		func(x, _ float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) },
	},
	Exp: {
		math.Exp,
		func(_, y float64) float64 { return y },
	},
	HardSigmoid: {
		func(x float64) float64 { return min(max(x/6+0.5, 0), 1) },
		func(x, _ float64) float64 { return choose(x > -3 && x < 3, 1.0/6, 0) },
	},
	LogSoftmax: {},
	HardSiLU: {
		func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) },
		func(x, _ float64) float64 { return choose(x >= 3, 1, choose(x <= -3, 0, x/3+0.5)) },
	},
	HardTanh: {
		func(x float64) float64 { return min(max(x, -1), 1) },
		func(x, _ float64) float64 { return choose(x > -1 && x < 1, 1, 0) },
	},
	LogSigmoid: {
		func(x float64) float64 { return -softplus(-x) },
		func(x, _ float64) float64 { return logistic(-x) },
	},
	SoftShrink: {
		func(x float64) float64 { return x - min(max(x, -0.5), 0.5) },
		func(x, _ float64) float64 { return choose(x > 0.5 || x < -0.5, 1, 0) },
	},
	HardShrink: {
		func(x float64) float64 { return choose(x > 0.5 || x < -0.5, x, 0) },
		func(x, _ float64) float64 { return choose(x > 0.5 || x < -0.5, 1, 0) },
	},
	TanhShrink: {
		func(x float64) float64 { return x - math.Tanh(x) },
		func(x, _ float64) float64 { return math.Tanh(x) * math.Tanh(x) },
	},
	SparsePlus: {
		func(x float64) float64 { return choose(x >= 1, x, choose(x <= -1, 0, (x+1)*(x+1)/4)) },
		func(x, _ float64) float64 { return min(max((x+1)/2, 0), 1) },
	},
	SparseSigmoid: {
		func(x float64) float64 { return min(max((x+1)/2, 0), 1) },
		func(x, _ float64) float64 { return choose(x > -1 && x < 1, 0.5, 0) },
	},
	Squareplus: {
		func(x float64) float64 {
			r := math.Sqrt(x*x + 4)
			return choose(x < 0, 2/(r-x), (x+r)/2) // the same; below 0 the second loses digits
		},
		func(x, _ float64) float64 { return (1 + x/math.Sqrt(x*x+4)) / 2 },
	},
	Sparsemax: {},
}

// normalBelow is the share of the normal distribution below x.
func normalBelow(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func choose(yes bool, a, b float64) float64 {
	if yes {
		return a
	}
	return b
}
