// This file is a second, slow way to compute what a model computes: loops over
// float64 written from the definitions, which share nothing with the layers.

package nn

import (
	"math"
	"slices"

	"cajal/engine/data"
)

// refWeights are the parameters of the layers, in the order of a user.
type refWeights map[int][][]float64

// refOf copies a model's weights.
func refOf(m *Model) refWeights {
	out := refWeights{}
	for i, n := range m.nodes {
		if n.params == nil {
			continue
		}
		ps, err := m.Parameters(i)
		if err != nil {
			panic(err)
		}
		for _, p := range ps {
			out[i] = append(out[i], floats(p.Values.Data))
		}
	}
	return out
}

func floats(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// refForward computes the outputs for all examples and, beside them, the sums before
// the last activation. In training, a batch normalisation uses the batch's own means.
func refForward(m *Model, ws refWeights, xs [][]float64, train bool) (ys, zs [][]float64) {
	outs := map[*node][][]float64{m.nodes[0]: xs}
	for i, n := range m.nodes[1:] {
		zs = make([][]float64, len(xs))
		if _, ok := n.layer.(*batchNorm); ok {
			zs = refBatchNorm(n, ws[i+1], outs[n.from[0]], train)
		} else {
			for e := range xs {
				var in [][]float64
				for _, from := range n.from {
					in = append(in, outs[from][e])
				}
				zs[e] = refLayer(n, ws[i+1], in)
			}
		}
		outs[n] = zs
		if act, ok := n.activation(); ok {
			ys := make([][]float64, len(xs))
			for e := range zs {
				ys[e] = refActivate(act, zs[e], n.out[len(n.out)-1])
			}
			outs[n] = ys
		}
	}
	return outs[m.last()], zs
}

func refBatchNorm(n *node, w [][]float64, xs [][]float64, train bool) [][]float64 {
	ch := n.out[len(n.out)-1]
	ys := make([][]float64, len(xs))
	for e := range ys {
		ys[e] = make([]float64, len(xs[e]))
	}
	for c := range ch {
		mean, variance := w[2][c], w[3][c]
		if train {
			mean, variance = 0, 0
			count := float64(len(xs) * len(xs[0]) / ch)
			for _, x := range xs {
				for k := c; k < len(x); k += ch {
					mean += x[k] / count
				}
			}
			for _, x := range xs {
				for k := c; k < len(x); k += ch {
					variance += (x[k] - mean) * (x[k] - mean) / count
				}
			}
		}
		for e, x := range xs {
			for k := c; k < len(x); k += ch {
				ys[e][k] = (x[k]-mean)/math.Sqrt(variance+1e-3)*w[0][c] + w[1][c]
			}
		}
	}
	return ys
}

// refLayer computes what comes out of a layer before its activation.
func refLayer(n *node, w [][]float64, in [][]float64) []float64 {
	x := in[0]
	switch l := n.layer.(type) {
	case *denseLayer:
		z := make([]float64, l.units)
		for j := range z {
			if !l.sums.noBias {
				z[j] = w[1][j]
			}
			for k, v := range x {
				z[j] += v * w[0][k*l.units+j]
			}
		}
		return z
	case *convLayer:
		in, out := n.in, n.out
		if l.one {
			in, out = []int{1, in[0], in[1]}, []int{1, out[0], out[1]}
		}
		return refConv(l, w, x, in, out)
	case *depthwiseLayer:
		return refDepthwise(l, w, x, n.in, n.out)
	case *transposedLayer:
		return refTransposed(l, w, x, n.in, n.out)
	case *poolLayer:
		in, out := n.in, n.out
		if l.one {
			in, out = []int{1, in[0], in[1]}, []int{1, out[0], out[1]}
		}
		return refPool(l, x, in, out)
	case *globalLayer:
		ch := n.out[0]
		y := make([]float64, ch)
		for c := range y {
			if !l.mean {
				y[c] = math.Inf(-1)
			}
			for at := c; at < len(x); at += ch {
				if l.mean {
					y[c] += x[at] * float64(ch) / float64(len(x))
				} else {
					y[c] = max(y[c], x[at])
				}
			}
		}
		return y
	case *flattenLayer, *actLayer, *reshapeLayer, *dropLayer:
		return x
	case *layerNorm:
		ch := n.out[len(n.out)-1]
		y := make([]float64, len(x))
		for at := 0; at < len(x); at += ch {
			mean, variance := 0.0, 0.0
			for _, v := range x[at : at+ch] {
				mean += v / float64(ch)
			}
			for _, v := range x[at : at+ch] {
				variance += (v - mean) * (v - mean) / float64(ch)
			}
			for c := range ch {
				y[at+c] = (x[at+c]-mean)/math.Sqrt(variance+1e-3)*w[0][c] + w[1][c]
			}
		}
		return y
	case *embeddingLayer:
		var y []float64
		for _, v := range x {
			y = append(y, w[0][int(v)*l.width:(int(v)+1)*l.width]...)
		}
		return y
	case *recurrentLayer:
		return refRecurrent(l, w, x, n.in)
	case *attentionLayer:
		return refAttention(l, w, x, in[len(in)-1], n.from[0].out, n.from[len(n.from)-1].out)
	case *mergeLayer:
		y := append([]float64{}, x...)
		for _, other := range in[1:] {
			for k, v := range other {
				if l.product {
					y[k] *= v
				} else {
					y[k] += v
				}
			}
		}
		return y
	case *concatLayer:
		var y []float64
		last := len(n.out) - 1
		for p := range product(n.out) / n.out[last] {
			for k, from := range n.from {
				c := from.out[last]
				y = append(y, in[k][p*c:(p+1)*c]...)
			}
		}
		return y
	}
	panic("no reference for " + n.Kind())
}

func refAttention(l *attentionLayer, w [][]float64, x, other []float64, shape, otherShape []int) []float64 {
	n := l.heads * l.width
	project := func(x []float64, steps, features int, m, bias []float64, n int) []float64 {
		y := make([]float64, steps*n)
		for t := range steps {
			for j := range n {
				y[t*n+j] = bias[j]
				for k := range features {
					y[t*n+j] += x[t*features+k] * m[k*n+j]
				}
			}
		}
		return y
	}
	q := project(x, shape[0], shape[1], w[0], w[1], n)
	k := project(other, otherShape[0], otherShape[1], w[2], w[3], n)
	v := project(other, otherShape[0], otherShape[1], w[4], w[5], n)
	heard := make([]float64, shape[0]*n)
	for h := range l.heads {
		for t := range shape[0] {
			var scores []float64
			for s := range otherShape[0] {
				if l.causal && s > t {
					break
				}
				dot := 0.0
				for j := h * l.width; j < (h+1)*l.width; j++ {
					dot += q[t*n+j] * k[s*n+j]
				}
				scores = append(scores, dot/math.Sqrt(float64(l.width)))
			}
			for s, share := range refActivate(Softmax, scores, len(scores)) {
				for j := h * l.width; j < (h+1)*l.width; j++ {
					heard[t*n+j] += share * v[s*n+j]
				}
			}
		}
	}
	return project(heard, shape[0], n, w[6], w[7], shape[1])
}

// refRecurrent writes the equations of the three cells out, in matrices.
func refRecurrent(l *recurrentLayer, w [][]float64, x []float64, in []int) []float64 {
	u, gates := l.units, l.kind.gates()
	sums := func(v []float64, m []float64, bias []float64) []float64 {
		s := make([]float64, gates*u)
		copy(s, bias)
		for j := range s {
			for k, a := range v {
				s[j] += a * m[k*gates*u+j]
			}
		}
		return s
	}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	h, c := make([]float64, u), make([]float64, u)
	all := make([]float64, in[0]*u)
	for k := range in[0] {
		t := k
		if l.backwards {
			t = in[0] - 1 - k
		}
		xs := sums(x[t*in[1]:(t+1)*in[1]], w[0], w[2])
		next := make([]float64, u)
		var again []float64
		if l.kind == gruCell {
			again = w[3]
		}
		hs := sums(h, w[1], again)
		for j := range u {
			s := func(g int) float64 { return xs[g*u+j] + hs[g*u+j] }
			switch l.kind {
			case simpleCell:
				next[j] = refActivate(l.act, []float64{s(0)}, 1)[0]
			case lstmCell:
				c[j] = sigmoid(s(1))*c[j] + sigmoid(s(0))*math.Tanh(s(2))
				next[j] = sigmoid(s(3)) * math.Tanh(c[j])
			case gruCell:
				z, r := sigmoid(s(0)), sigmoid(s(1))
				next[j] = z*h[j] + (1-z)*math.Tanh(xs[2*u+j]+r*hs[2*u+j])
			}
		}
		h = next
		copy(all[t*u:], h)
	}
	if l.all {
		return all
	}
	return h
}

func refConv(l *convLayer, w [][]float64, x []float64, in, out []int) []float64 {
	// As TensorFlow defines it.
	top, left := 0, 0
	if l.padding == Same {
		top = max((out[0]-1)*l.stride+l.kh-in[0], 0) / 2
		left = max((out[1]-1)*l.stride+l.kw-in[1], 0) / 2
	}
	z := make([]float64, out[0]*out[1]*out[2])
	for oy := range out[0] {
		for ox := range out[1] {
			for f := range l.filters {
				s := 0.0
				if !l.sums.noBias {
					s = w[1][f]
				}
				for ky := range l.kh {
					for kx := range l.kw {
						iy, ix := oy*l.stride+ky-top, ox*l.stride+kx-left
						if iy < 0 || ix < 0 || iy >= in[0] || ix >= in[1] {
							continue
						}
						for c := range in[2] {
							s += x[(iy*in[1]+ix)*in[2]+c] * w[0][((ky*l.kw+kx)*in[2]+c)*l.filters+f]
						}
					}
				}
				z[(oy*out[1]+ox)*out[2]+f] = s
			}
		}
	}
	return z
}

func refDepthwise(l *depthwiseLayer, w [][]float64, x []float64, in, out []int) []float64 {
	top, left := 0, 0
	if l.padding == Same {
		top = max((out[0]-1)*l.stride+l.kh-in[0], 0) / 2
		left = max((out[1]-1)*l.stride+l.kw-in[1], 0) / 2
	}
	z := make([]float64, product(out))
	for oy := range out[0] {
		for ox := range out[1] {
			for f := range out[2] {
				s := 0.0
				if !l.sums.noBias {
					s = w[1][f]
				}
				for ky := range l.kh {
					for kx := range l.kw {
						iy, ix := oy*l.stride+ky-top, ox*l.stride+kx-left
						if iy < 0 || ix < 0 || iy >= in[0] || ix >= in[1] {
							continue
						}
						s += x[(iy*in[1]+ix)*in[2]+f/l.multiplier] * w[0][(ky*l.kw+kx)*out[2]+f]
					}
				}
				z[(oy*out[1]+ox)*out[2]+f] = s
			}
		}
	}
	return z
}

// refTransposed spreads every pixel, and cuts off what Same leaves out.
func refTransposed(l *transposedLayer, w [][]float64, x []float64, in, out []int) []float64 {
	top, left := 0, 0
	if l.padding == Same {
		top, left = max(l.kh-l.stride, 0)/2, max(l.kw-l.stride, 0)/2
	}
	z := make([]float64, product(out))
	if !l.sums.noBias {
		for k := range z {
			z[k] = w[1][k%out[2]]
		}
	}
	for iy := range in[0] {
		for ix := range in[1] {
			for ky := range l.kh {
				for kx := range l.kw {
					oy, ox := iy*l.stride+ky-top, ix*l.stride+kx-left
					if oy < 0 || ox < 0 || oy >= out[0] || ox >= out[1] {
						continue
					}
					for f := range out[2] {
						for c := range in[2] {
							z[(oy*out[1]+ox)*out[2]+f] += x[(iy*in[1]+ix)*in[2]+c] * w[0][((ky*l.kw+kx)*out[2]+f)*in[2]+c]
						}
					}
				}
			}
		}
	}
	return z
}

func refPool(l *poolLayer, x []float64, in, out []int) []float64 {
	y := make([]float64, out[0]*out[1]*out[2])
	kh, kw, sh, sw := l.window()
	for oy := range out[0] {
		for ox := range out[1] {
			for c := range out[2] {
				best, sum := math.Inf(-1), 0.0
				for ky := range kh {
					for kx := range kw {
						v := x[((oy*sh+ky)*in[1]+ox*sw+kx)*in[2]+c]
						best = max(best, v)
						sum += v
					}
				}
				if l.mean {
					best = sum / float64(kh*kw)
				}
				y[(oy*out[1]+ox)*out[2]+c] = best
			}
		}
	}
	return y
}

func refActivate(act Activation, z []float64, cols int) []float64 {
	y := make([]float64, len(z))
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for i, v := range z {
		row := z[i/cols*cols:][:cols]
		sum := 0.0
		for _, u := range row {
			sum += math.Exp(u)
		}
		pos, neg := max(v, 0), min(v, 0)
		switch act {
		case Linear:
			y[i] = v
		case ReLU:
			y[i] = pos
		case Sigmoid:
			y[i] = sigmoid(v)
		case Tanh:
			y[i] = math.Tanh(v)
		case Softmax:
			y[i] = math.Exp(v) / sum
		case LeakyReLU:
			y[i] = pos + 0.2*neg
		case ReLU6:
			y[i] = min(pos, 6)
		case ELU:
			y[i] = pos + math.Exp(neg) - 1
		case SELU:
			y[i] = 1.0507009873554805 * (pos + 1.6732632423543772*(math.Exp(neg)-1))
		case GELU:
			y[i] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
		case SiLU:
			y[i] = v * sigmoid(v)
		case Mish:
			y[i] = v * math.Tanh(math.Log(1+math.Exp(v)))
		case Softplus:
			y[i] = math.Log(1 + math.Exp(v))
		case Softsign:
			y[i] = v / (1 + math.Abs(v))
		case Exp:
			y[i] = math.Exp(v)
		case HardSigmoid:
			y[i] = min(max(v/6+0.5, 0), 1)
		case LogSoftmax:
			y[i] = v - math.Log(sum)
		case HardSiLU:
			y[i] = v * min(max(v+3, 0), 6) / 6
		case HardTanh:
			y[i] = math.Copysign(min(math.Abs(v), 1), v)
		case LogSigmoid:
			y[i] = math.Log(sigmoid(v))
		case SoftShrink:
			y[i] = math.Copysign(max(math.Abs(v)-0.5, 0), v)
		case HardShrink:
			if math.Abs(v) > 0.5 {
				y[i] = v
			}
		case TanhShrink:
			y[i] = v - math.Tanh(v)
		case SparsePlus:
			switch {
			case v >= 1:
				y[i] = v
			case v > -1:
				y[i] = (v*v + 2*v + 1) / 4
			}
		case SparseSigmoid:
			y[i] = min(max(v/2+0.5, 0), 1)
		case Squareplus:
			y[i] = v/2 + math.Sqrt(v*v/4+1)
		case Sparsemax:
			y[i] = max(v-refThreshold(row), 0)
		default:
			panic("no reference for " + act.String())
		}
	}
	return y
}

// refThreshold is Sparsemax's, by its definition: of the k largest numbers, for the
// largest k for which it is below all of them.
func refThreshold(row []float64) float64 {
	sorted := slices.Clone(row)
	slices.Sort(sorted)
	slices.Reverse(sorted)
	tau, sum := 0.0, 0.0
	for k, v := range sorted {
		if sum += v; 1+float64(k+1)*v > sum {
			tau = (sum - 1) / float64(k+1)
		}
	}
	return tau
}

// refLoss is the mean loss over all examples of d, with the L2 penalty.
func refLoss(m *Model, ws refWeights, loss Loss, d *data.Dataset, train bool) float64 {
	total := 0.0
	var xs [][]float64
	for i := range d.Len() {
		xs = append(xs, floats(d.Example(i).Data))
	}
	ys, zs := refForward(m, ws, xs, train)
	for i := range d.Len() {
		y, z := ys[i], zs[i]
		var t []float64
		if d.HasTargets() {
			t = floats(d.Target(i).Data)
		}
		switch l := loss.(type) {
		case SparseCategoricalCrossEntropy:
			if l.FromLogits {
				y = refActivate(Softmax, z, len(z))
			}
			total -= math.Log(y[d.Label(i)])
		case CategoricalCrossEntropy:
			if l.FromLogits {
				y = refActivate(Softmax, z, len(z))
			}
			for j := range t {
				total -= ((1-l.Smoothing)*t[j] + l.Smoothing/float64(len(t))) * math.Log(y[j])
			}
		case BinaryCrossEntropy:
			if l.FromLogits {
				y = refActivate(Sigmoid, z, len(z))
			}
			if t == nil {
				t = []float64{float64(d.Label(i))}
			}
			for j := range t {
				t[j] = (1-l.Smoothing)*t[j] + l.Smoothing/2
				total -= (t[j]*math.Log(y[j]) + (1-t[j])*math.Log(1-y[j])) / float64(len(t))
			}
		case MSE:
			for j := range t {
				total += (y[j] - t[j]) * (y[j] - t[j]) / float64(len(t))
			}
		case MAE:
			for j := range t {
				total += math.Abs(y[j]-t[j]) / float64(len(t))
			}
		case Huber:
			delta := l.Delta
			if delta == 0 {
				delta = 1
			}
			for j := range t {
				if d := math.Abs(y[j] - t[j]); d <= delta {
					total += d * d / 2 / float64(len(t))
				} else {
					total += delta * (d - delta/2) / float64(len(t))
				}
			}
		case LogCosh:
			for j := range t {
				total += math.Log(math.Cosh(y[j]-t[j])) / float64(len(t))
			}
		case HalfMSE:
			for j := range t {
				total += (y[j] - t[j]) * (y[j] - t[j]) / 2
			}
		}
	}
	total /= float64(d.Len())
	for i, w := range ws {
		for k, p := range m.nodes[i].params {
			for _, v := range w[k] {
				total += p.l2*v*v + p.l1*math.Abs(v)
			}
		}
	}
	return total
}
