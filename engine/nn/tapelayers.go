// This file has what every layer computes, but for its activation, in operations of
// package grad: the definition that the ops of a plan must agree with.

package nn

import (
	"math"
	"slices"

	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// batchShape is a shape behind the number of examples of x.
func batchShape(x *grad.Var, shape ...int) []int { return append([]int{x.Shape()[0]}, shape...) }

// affine adds the bias, if there is one.
func affine(z *grad.Var, w []*grad.Var) *grad.Var {
	if len(w) > 1 {
		return z.Add(w[1])
	}
	return z
}

func (l *inputLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return x[0] }

func (l *flattenLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return x[0].Flatten() }

func (l *reshapeLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	return x[0].Reshape(batchShape(x[0], l.shape...)...)
}

func (l *actLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return x[0] }

func (l *dropLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return x[0] }

func (l *denseLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	return affine(x[0].MatMul(w[0]).Named(nameOf(x[0], "x")+w[0].Name()), w)
}

// convOptions are those of the tape.
func (l *convLayer) convOptions() []grad.ConvOption {
	options := []grad.ConvOption{grad.Stride(l.stride)}
	if l.padding == Same {
		options = append(options, grad.Same)
	}
	return options
}

func (l *convLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	name := nameOf(x[0], "x") + "*" + w[0].Name()
	if !l.one {
		return affine(x[0].Conv2D(w[0], l.convOptions()...).Named(name), w)
	}
	// A sequence is an image of height 1.
	s, f := x[0].Shape(), w[0].Shape()
	z := x[0].Reshape(s[0], 1, s[1], s[2]).Conv2D(w[0].Reshape(1, f[0], f[1], f[2]), l.convOptions()...)
	return affine(z.Squeeze(1).Named(name), w)
}

func (l *depthwiseLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	return affine(x[0].DepthwiseConv2D(w[0], l.convOptions()...).Named(nameOf(x[0], "x")+"*"+w[0].Name()), w)
}

func (l *transposedLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	return affine(x[0].Conv2DTranspose(w[0], l.convOptions()...).Named(nameOf(x[0], "x")+"*"+w[0].Name()), w)
}

func (l *poolLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	pool := [2][2]func(*grad.Var, int, ...grad.PoolOption) *grad.Var{
		{(*grad.Var).MaxPool2D, (*grad.Var).AvgPool2D}, {(*grad.Var).MaxPool1D, (*grad.Var).AvgPool1D},
	}
	return pool[int(choose(l.one, 1, 0))][int(choose(l.mean, 1, 0))](x[0], l.size, grad.Stride(l.stride))
}

func (l *globalLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	var places []int
	for a := 1; a < len(x[0].Shape())-1; a++ {
		places = append(places, a)
	}
	if l.mean {
		return x[0].Mean(places...)
	}
	return x[0].Max(places...)
}

func (l *layerNorm) onTape(x, w []*grad.Var, train bool) *grad.Var { return x[0].LayerNorm(w[0], w[1]) }

func (l *batchNorm) onTape(x, w []*grad.Var, train bool) *grad.Var {
	if train {
		return x[0].BatchNorm(w[0], w[1])
	}
	return x[0].Sub(w[2]).Mul(scaleOf(w[3]).Mul(w[0])).Add(w[1])
}

func (l *embeddingLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	words := make([]int, 0, len(x[0].Value().Data))
	o := &embeddingOp{words: l.words}
	for _, v := range x[0].Value().Data {
		words = append(words, o.word(v))
	}
	return w[0].Take(0, words).Reshape(append(x[0].Shape(), l.width)...)
}

func (l *mergeLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	y := x[0]
	for _, v := range x[1:] {
		if l.product {
			y = y.Mul(v)
		} else {
			y = y.Add(v)
		}
	}
	return y
}

func (l *concatLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	return grad.Concat(len(x[0].Shape())-1, x...)
}

// onTape reads one step after the other, as the comments of the three cells write it.
func (l *recurrentLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	t, u := x[0].Tape(), l.units
	s := x[0].Shape()
	sums := x[0].MatMul(w[0]).Add(w[2]) // over the inputs, of all steps
	state := t.Data("h", tensor.New(s[0], u))
	cell := state
	all := make([]*grad.Var, s[1])
	for k := range s[1] {
		at := k
		if l.backwards {
			at = s[1] - 1 - k
		}
		xs, hs := sums.Index(1, at), state.MatMul(w[1])
		if l.kind == gruCell {
			hs = hs.Add(w[3])
		}
		gate := func(v *grad.Var, g int) *grad.Var { return v.Slice(1, g*u, (g+1)*u) }
		both := func(g int) *grad.Var { return gate(xs, g).Add(gate(hs, g)) }
		switch l.kind {
		case simpleCell:
			state = onTape(l.act, both(0))
		case lstmCell:
			i, f, g, o := both(0).Sigmoid(), both(1).Sigmoid(), both(2).Tanh(), both(3).Sigmoid()
			cell = f.Mul(cell).Add(i.Mul(g))
			state = o.Mul(cell.Tanh())
		case gruCell:
			z, r := both(0).Sigmoid(), both(1).Sigmoid()
			c := gate(xs, 2).Add(r.Mul(gate(hs, 2))).Tanh()
			state = z.Mul(state).Add(z.Neg().Shift(1).Mul(c))
		}
		all[at] = state
	}
	if l.all {
		return grad.Stack(1, all...)
	}
	return state
}

func (l *attentionLayer) onTape(x, w []*grad.Var, train bool) *grad.Var {
	steps := x[0].Shape()[1]
	heads := func(k int, axes ...int) *grad.Var {
		in := x[min(k, len(x)-1)]
		y := in.MatMul(w[2*k]).Add(w[2*k+1])
		return y.Reshape(batchShape(in, in.Shape()[1], l.heads, l.width)...).Transpose(axes...)
	}
	q, k, v := heads(0, 0, 2, 1, 3), heads(1, 0, 2, 3, 1), heads(2, 0, 2, 1, 3)
	scores := q.MatMul(k).Scale(1 / math.Sqrt(float64(l.width)))
	if l.causal {
		scores = scores.Add(x[0].Tape().Data("mask", causalMask(steps, x[len(x)-1].Shape()[1])))
	}
	heard := scores.Softmax(-1).MatMul(v).Transpose(0, 2, 1, 3)
	return heard.Reshape(batchShape(x[0], steps, l.heads*l.width)...).MatMul(w[6]).Add(w[7])
}

// windowOf returns the height and width of what a layer lays on an image, nil for others,
// and how it moves.
func windowOf(l layer) (window []int, stride int, p Padding) {
	d, ok := l.(describer)
	if !ok {
		return nil, 0, Valid
	}
	var c LayerConfig
	d.describe(&c)
	if len(c.Size) == 0 {
		return nil, 0, Valid
	}
	window, stride = slices.Clone(c.Size), c.Stride
	if pool, ok := l.(*poolLayer); ok {
		stride = pool.stride
		if !pool.one {
			window = []int{pool.size, pool.size}
		}
	}
	return window, max(stride, 1), c.Padding
}
