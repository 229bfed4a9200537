// This file has the vector primitives as the layers call them: it checks
// lengths, gives the assembly what it takes whole, and the Go loop the rest.

package f32

import "fmt"

// Adam holds the coefficients of one step of Adam: M = 1-β₁, V = 1-β₂, the
// rate with the correction of the bias in it, and Eps.
type Adam struct{ M, V, Rate, Eps float32 }

// Pixels sets dst[i] = scale * src[i]. src must be at least as long as dst.
func Pixels(dst []float32, src []uint8, scale float32) {
	src = src[:len(dst)]
	n := pixels(dst, src, scale)
	pixelsGeneric(dst[n:], src[n:], scale)
}

// Bias adds bias to every row of dst, which is as long as bias.
func Bias(dst, bias []float32) {
	if wholeRows(dst, bias) && !addBias(dst, bias) {
		biasGeneric(dst, bias)
	}
}

// BiasReLU adds bias to every row of dst and sets to 0 what is below.
func BiasReLU(dst, bias []float32) {
	if wholeRows(dst, bias) && !biasReLU(dst, bias) {
		biasReLUGeneric(dst, bias)
	}
}

// wholeRows panics unless dst has whole rows, and reports whether it has any.
func wholeRows(dst, bias []float32) bool {
	if len(dst) == 0 {
		return false
	}
	if len(bias) == 0 || len(dst)%len(bias) != 0 {
		panic(fmt.Sprintf("f32: %d numbers are no rows of %d", len(dst), len(bias)))
	}
	return true
}

// Gate sets grad[i] = 0 where out[i] is not above 0: the derivative of ReLU,
// from its output.
func Gate(grad, out []float32) {
	out = out[:len(grad)]
	n := gate(grad, out)
	gateGeneric(grad[n:], out[n:])
}

// Largest keeps the larger of two vectors in top, and in won where it came from:
// where in[i] > top[i] it sets top[i] = in[i] and won[i] = from+i.
func Largest(top []float32, won []int32, in []float32, from int32) {
	won, in = won[:len(top)], in[:len(top)]
	n := largest(top, won, in, from)
	largestGeneric(top[n:], won[n:], in[n:], from+int32(n))
}

// Unpool sets dst[i] to g[i] where won[i] is place, and to 0 elsewhere: the gradient
// at one place of every window.
func Unpool(dst, g []float32, won []int32, place int32) {
	g, won = g[:len(dst)], won[:len(dst)]
	n := unpool(dst, g, won, place)
	unpoolGeneric(dst[n:], g[n:], won[n:], place)
}

// AdamStep updates weights w with gradients g and moments m and v.
func AdamStep(w, g, m, v []float32, c *Adam) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	n := adam(w, g, m, v, c)
	adamGeneric(w[n:], g[n:], m[n:], v[n:], c)
}

// SGDStep sets w[i] -= rate * g[i].
func SGDStep(w, g []float32, rate float32) {
	g = g[:len(w)]
	n := sgd(w, g, rate)
	sgdGeneric(w[n:], g[n:], rate)
}

// Scale sets x[i] *= by.
func Scale(x []float32, by float32) {
	n := scale(x, by)
	scaleGeneric(x[n:], by)
}

// AddScaled sets dst[i] += by * src[i].
func AddScaled(dst, src []float32, by float32) { SGDStep(dst, src, -by) }

// MulAdd sets dst[i] += a[i] * b[i].
func MulAdd(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	n := mulAdd(dst, a, b)
	mulAddGeneric(dst[n:], a[n:], b[n:])
}

// Sum adds rows of length len(dst), stride apart in src, to dst, one after the
// other.
func Sum(dst, src []float32, rows, stride int) {
	if rows <= 0 || len(dst) == 0 {
		return
	}
	_ = src[(rows-1)*stride+len(dst)-1]
	n := sum(dst, src, rows, stride)
	sumGeneric(dst[n:], src[n:], rows, stride)
}

// Transpose sets dst[j*dstRow+i] = src[i*srcRow+j] for rows of cols numbers in src.
func Transpose(dst, src []float32, rows, cols, dstRow, srcRow int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	_, _ = dst[(cols-1)*dstRow+rows-1], src[(rows-1)*srcRow+cols-1]
	if !transpose(dst, src, rows, cols, dstRow, srcRow) {
		transposeGeneric(dst, src, rows, cols, dstRow, srcRow)
	}
}

// Prefetch asks for the cache lines of b, without waiting. It may do nothing.
func Prefetch(b []uint8) { prefetch(b) }
