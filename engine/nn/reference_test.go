// This file is a second, slow way to compute what a model computes: loops over
// float64 written from the definitions, which share nothing with the layers.

package nn

import (
	"math"

	"cajal/engine/data"
)

// refWeights are the weights of one layer, [rows cols] with rows over all but the
// last dimension.
type refWeights struct{ w, b []float64 }

// refOf copies a model's weights.
func refOf(m *Model) map[int]*refWeights {
	out := map[int]*refWeights{}
	for i, n := range m.nodes {
		if n.params == nil {
			continue
		}
		w, b, err := m.Weights(i)
		if err != nil {
			panic(err)
		}
		r := &refWeights{}
		for _, v := range w.Data {
			r.w = append(r.w, float64(v))
		}
		for _, v := range b.Data {
			r.b = append(r.b, float64(v))
		}
		out[i] = r
	}
	return out
}

// refForward computes the outputs for one example and, beside them, the sums
// before the last activation.
func refForward(m *Model, ws map[int]*refWeights, x []float64) (y, z []float64) {
	shape := m.nodes[0].out
	for i, n := range m.nodes {
		switch l := n.Layer.(type) {
		case *denseLayer:
			r := ws[i]
			z = make([]float64, l.units)
			for j := range z {
				z[j] = r.b[j]
				for k, v := range x {
					z[j] += v * r.w[k*l.units+j]
				}
			}
			x = refActivate(l.act, z, l.units)
		case *convLayer:
			z = refConv(l, ws[i], x, shape, n.out)
			x = refActivate(l.act, z, l.filters)
		case *poolLayer:
			x = refPool(l.size, x, shape, n.out)
		}
		shape = n.out
	}
	return x, z
}

func refConv(l *convLayer, r *refWeights, x []float64, in, out []int) []float64 {
	top, left := 0, 0
	if l.padding == Same {
		top, left = (l.kh-1)/2, (l.kw-1)/2
	}
	z := make([]float64, out[0]*out[1]*out[2])
	for oy := range out[0] {
		for ox := range out[1] {
			for f := range l.filters {
				s := r.b[f]
				for ky := range l.kh {
					for kx := range l.kw {
						iy, ix := oy+ky-top, ox+kx-left
						if iy < 0 || ix < 0 || iy >= in[0] || ix >= in[1] {
							continue
						}
						for c := range in[2] {
							s += x[(iy*in[1]+ix)*in[2]+c] * r.w[((ky*l.kw+kx)*in[2]+c)*l.filters+f]
						}
					}
				}
				z[(oy*out[1]+ox)*out[2]+f] = s
			}
		}
	}
	return z
}

func refPool(size int, x []float64, in, out []int) []float64 {
	y := make([]float64, out[0]*out[1]*out[2])
	for oy := range out[0] {
		for ox := range out[1] {
			for c := range out[2] {
				best := math.Inf(-1)
				for ky := range size {
					for kx := range size {
						best = max(best, x[((oy*size+ky)*in[1]+ox*size+kx)*in[2]+c])
					}
				}
				y[(oy*out[1]+ox)*out[2]+c] = best
			}
		}
	}
	return y
}

func refActivate(act Activation, z []float64, cols int) []float64 {
	y := make([]float64, len(z))
	for i, v := range z {
		switch act {
		case Linear:
			y[i] = v
		case ReLU:
			y[i] = max(0, v)
		case Sigmoid:
			y[i] = 1 / (1 + math.Exp(-v))
		case Tanh:
			y[i] = math.Tanh(v)
		case Softmax:
			row := z[i/cols*cols:][:cols]
			sum := 0.0
			for _, u := range row {
				sum += math.Exp(u)
			}
			y[i] = math.Exp(v) / sum
		}
	}
	return y
}

// refLoss is the mean loss over all examples of d, with the L2 penalty.
func refLoss(m *Model, ws map[int]*refWeights, loss Loss, d *data.Dataset) float64 {
	total := 0.0
	for i := range d.Len() {
		var x []float64
		for _, v := range d.Example(i).Data {
			x = append(x, float64(v))
		}
		y, z := refForward(m, ws, x)
		var t []float64
		if d.HasTargets() {
			for _, v := range d.Target(i).Data {
				t = append(t, float64(v))
			}
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
				total -= t[j] * math.Log(y[j])
			}
		case BinaryCrossEntropy:
			if l.FromLogits {
				y = refActivate(Sigmoid, z, len(z))
			}
			if t == nil {
				t = []float64{float64(d.Label(i))}
			}
			for j := range t {
				total -= (t[j]*math.Log(y[j]) + (1-t[j])*math.Log(1-y[j])) / float64(len(t))
			}
		case MSE:
			for j := range t {
				total += (y[j] - t[j]) * (y[j] - t[j]) / float64(len(t))
			}
		case HalfMSE:
			for j := range t {
				total += (y[j] - t[j]) * (y[j] - t[j]) / 2
			}
		}
	}
	total /= float64(d.Len())
	for i, r := range ws {
		for _, v := range r.w {
			total += m.nodes[i].params.l2 * v * v
		}
	}
	return total
}
