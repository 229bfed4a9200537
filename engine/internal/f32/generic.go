// This file has the Go loops of the vector primitives: what each computes, and
// what runs where there is no assembly.

package f32

import "math"

// pixelsGeneric: dst[i] = scale * src[i].
func pixelsGeneric(dst []float32, src []uint8, scale float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = scale * float32(src[i])
	}
}

// biasGeneric: dst[i] += bias[i], for every row of dst.
func biasGeneric(dst, bias []float32) {
	for ; len(dst) > 0; dst = dst[len(bias):] {
		for i, v := range bias {
			dst[i] += v
		}
	}
}

// biasReLUGeneric: dst[i] = max(0, dst[i]+bias[i]), for every row of dst. NaN
// becomes 0 here and in the assembly, as a comparison with it is false; the loss
// still sees it, since a NaN weight reaches every output through the last layer.
func biasReLUGeneric(dst, bias []float32) {
	for ; len(dst) > 0; dst = dst[len(bias):] {
		for i, b := range bias {
			if v := dst[i] + b; v > 0 {
				dst[i] = v
			} else {
				dst[i] = 0
			}
		}
	}
}

// sumGeneric: dst[i] += src[r*stride+i] for every r.
func sumGeneric(dst, src []float32, rows, stride int) {
	for r := range rows {
		for i, v := range src[r*stride : r*stride+len(dst)] {
			dst[i] += v
		}
	}
}

// transposeGeneric: dst[j*dstRow+i] = src[i*srcRow+j].
func transposeGeneric(dst, src []float32, rows, cols, dstRow, srcRow int) {
	for i := range rows {
		for j, v := range src[i*srcRow : i*srcRow+cols] {
			dst[j*dstRow+i] = v
		}
	}
}

// gateGeneric: grad[i] = 0 where out[i] is not above 0.
func gateGeneric(grad, out []float32) {
	out = out[:len(grad)]
	for i := range grad {
		if !(out[i] > 0) {
			grad[i] = 0
		}
	}
}

// largestGeneric: where in[i] > top[i], top[i] = in[i] and won[i] = from+i.
func largestGeneric(top []float32, won []int32, in []float32, from int32) {
	won, in = won[:len(top)], in[:len(top)]
	for i := range top {
		if in[i] > top[i] {
			top[i], won[i] = in[i], from+int32(i)
		}
	}
}

// unpoolGeneric: dst[i] = g[i] where won[i] is place, else 0.
func unpoolGeneric(dst, g []float32, won []int32, place int32) {
	g, won = g[:len(dst)], won[:len(dst)]
	for i := range dst {
		if won[i] == place {
			dst[i] = g[i]
		} else {
			dst[i] = 0
		}
	}
}

// adamGeneric is one step of Adam with its coefficients worked out.
func adamGeneric(w, g, m, v []float32, c *Adam) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for i := range w {
		m[i] += (g[i] - m[i]) * c.M
		v[i] += (g[i]*g[i] - v[i]) * c.V
		w[i] -= c.Rate * m[i] / (float32(math.Sqrt(float64(v[i]))) + c.Eps)
	}
}

// sgdGeneric: w[i] -= rate * g[i].
func sgdGeneric(w, g []float32, rate float32) {
	g = g[:len(w)]
	for i := range w {
		w[i] -= rate * g[i]
	}
}

// scaleGeneric: x[i] *= by.
func scaleGeneric(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// mulAddGeneric: dst[i] += a[i] * b[i].
func mulAddGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] += a[i] * b[i]
	}
}
