// This file has the exponential and what is made of it: vectors as the layers call
// them, and the Go loops.

package f32

import "math"

// Exp sets dst[i] to e to the power of src[i]-minus, with an error of about one unit
// in the last place; below -87.3 it is 0, above 88.72283 infinite. dst and src may be
// the same, and src must be at least as long.
func Exp(dst, src []float32, minus float32) {
	src = src[:len(dst)]
	n := exp(dst, src, minus)
	for i, v := range src[n:] {
		dst[n+i] = expGeneric(v - minus)
	}
}

// Sigmoid sets x[i] = 1/(1+e⁻ˣ).
func Sigmoid(x []float32) {
	for i := sigmoid(x); i < len(x); i++ {
		x[i] = 1 / (1 + expGeneric(0-x[i]))
	}
}

// Tanh sets x[i] to its hyperbolic tangent.
func Tanh(x []float32) {
	for i := tanh(x); i < len(x); i++ {
		x[i] = tanhGeneric(x[i])
	}
}

// expGeneric is the exponential of Moshier's Cephes library (expf): x is k·ln 2 and
// a rest of at most half of ln 2, whose exponential is a polynomial.
func expGeneric(x float32) float32 {
	switch {
	case x != x:
		return x
	case x < -87.3:
		return 0
	case x > 88.72283:
		return float32(math.Inf(1))
	}
	k := float32(math.RoundToEven(float64(x * math.Log2E)))
	r := x - k*0.693359375
	r -= k * -2.12194440e-4
	y := float32(1.9875691500e-4)
	y = y*r + 1.3981999507e-3
	y = y*r + 8.3334519073e-3
	y = y*r + 4.1665795894e-2
	y = y*r + 1.6666665459e-1
	y = y*r + 5.0000001201e-1
	y = y*(r*r) + r + 1
	return math.Float32frombits(math.Float32bits(y) + uint32(int32(k))<<23)
}

// tanhGeneric is (1-e⁻²ˣ)/(1+e⁻²ˣ) for the size of x, and near 0, where that would
// lose digits, the polynomial of Cephes (tanhf).
func tanhGeneric(x float32) float32 {
	size := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	if size < 0.625 {
		z := x * x
		y := float32(-5.70498872745e-3)
		y = y*z + 2.06390887954e-2
		y = y*z - 5.37397155531e-2
		y = y*z + 1.33314422036e-1
		y = y*z - 3.33332819422e-1
		return y*z*x + x
	}
	t := expGeneric(-2 * size)
	y := 1 + -2*t/(1+t)
	if x < 0 {
		return -y
	}
	return y
}
