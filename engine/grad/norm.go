// This file has normalisation and dropout.

package grad

import (
	"fmt"
	"math"

	"cajal/engine/internal/nd"
	"cajal/engine/internal/rng"
)

// Normalize returns (x - μ)/√(σ² + eps) with mean μ and variance σ² over axes:
// numbers of mean 0 and variance 1.
func (x *Var) Normalize(eps float64, axes ...int) *Var {
	return x.reduced("Normalize", axes, func(op string, x *Var, axes []int) *Var {
		return normalize[float32](op, x, axes, eps)
	}, func(op string, x *Var, axes []int) *Var {
		return normalize[float64](op, x, axes, eps)
	})
}

func normalize[T nd.Float](op string, x *Var, axes []int, eps float64) *Var {
	r := nd.RowsOf(x.shape, axes)
	in := nd.Gather(r, val[T](x).Data)
	out := make([]T, len(in))
	inverse := make([]float64, r.N) // of the standard deviations
	n := float64(r.Len)
	for i := range inverse {
		row, dst := in[i*r.Len:(i+1)*r.Len], out[i*r.Len:(i+1)*r.Len]
		mean, square := 0.0, 0.0
		for _, v := range row {
			mean += float64(v)
		}
		mean /= n
		for _, v := range row {
			square += (float64(v) - mean) * (float64(v) - mean)
		}
		inverse[i] = 1 / math.Sqrt(square/n+eps)
		for k, v := range row {
			dst[k] = T((float64(v) - mean) * inverse[i])
		}
	}
	y := enter(op, x.shape, []string{"({g} - mean {g} - {y}·mean({g}·{y}))/σ"}, nd.Scatter(r, out), x)
	y.back = func() {
		g := nd.Gather(r, slope[T](y).Data)
		d := make([]T, len(g))
		for i, inv := range inverse {
			lo, hi := i*r.Len, (i+1)*r.Len
			sum, dot := 0.0, 0.0
			for k := lo; k < hi; k++ {
				sum += float64(g[k])
				dot += float64(g[k]) * float64(out[k])
			}
			for k := lo; k < hi; k++ {
				d[k] = T((float64(g[k]) - sum/n - float64(out[k])*dot/n) * inv)
			}
		}
		nd.Accumulate(slope[T](x).Data, nd.Scatter(r, d))
	}
	return y
}

// normEps is what the layers add to the variance, as in Keras.
const normEps = 1e-3

// LayerNorm normalises every row of the last axis, then scales it by gamma and
// shifts it by beta, both [features] (Ba, Kiros and Hinton 2016, arXiv
// 1607.06450). The variance is increased by 0.001, as in Keras.
func (x *Var) LayerNorm(gamma, beta *Var) *Var {
	if len(x.shape) == 0 {
		fail("LayerNorm", &nd.Misfit{Text: "a single number has no features"}, x)
	}
	return x.Normalize(normEps, len(x.shape)-1).Mul(gamma).Add(beta)
}

// BatchNorm normalises every feature, an index of the last axis, over the batch
// and all other axes, then scales it by gamma and shifts it by beta, both
// [features] (Ioffe and Szegedy 2015, ICML). The variance is increased by 0.001,
// as in Keras. This is what happens in training; whoever wants to use the network
// afterwards keeps running means of x.Mean and x.Variance.
func (x *Var) BatchNorm(gamma, beta *Var) *Var {
	if len(x.shape) < 2 {
		fail("BatchNorm", &nd.Misfit{Text: "there is no batch: the rank must be 2 or more"}, x)
	}
	var axes []int
	for a := range len(x.shape) - 1 {
		axes = append(axes, a)
	}
	return x.Normalize(normEps, axes...).Mul(gamma).Add(beta)
}

// dropPurpose keeps these numbers apart from others drawn with the same seed.
const dropPurpose = 0xd80f

// Dropout sets a share of the numbers, rate, to 0 and scales the others by
// 1/(1-rate), so that the expected sum stays (Srivastava et al. 2014, JMLR 15:
// 1929). Which ones, depends on the seed alone: give every step another.
func (x *Var) Dropout(rate float64, seed int64) *Var {
	if !(rate >= 0 && rate < 1) {
		fail("Dropout", &nd.Misfit{Text: fmt.Sprintf("the rate is %v, but must be in [0, 1)", rate)}, x)
	}
	if x.isExact() {
		return dropout[float64](x, rate, seed)
	}
	return dropout[float32](x, rate, seed)
}

func dropout[T nd.Float](x *Var, rate float64, seed int64) *Var {
	y := record[T]("Dropout", x.shape, []string{"{g} where it was kept, /" + short(1-rate)}, x)
	mask := nd.Make[T](x.shape)
	src := rng.New(uint64(seed), dropPurpose)
	for i := range mask.Data {
		if float64(src.Float32()) >= rate {
			mask.Data[i] = T(1 / (1 - rate))
		}
	}
	nd.Mul(val[T](y), val[T](x), mask)
	y.back = func() {
		g := nd.Make[T](x.shape)
		nd.Mul(g, slope[T](y), mask)
		nd.Accumulate(slope[T](x).Data, g.Data)
	}
	return y
}
