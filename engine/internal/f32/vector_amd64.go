// This file gives the assembly whole blocks of vectors; each function returns how
// many numbers were done, and the Go loop does the rest.

//go:build !purego

package f32

// whole returns how many blocks of the present implementation fit into n numbers,
// where a block is a number of AVX2 registers' lanes, and how many numbers that is.
func whole(n, lanes int) (blocks, numbers int) {
	switch using {
	case levelAVX512:
		lanes *= 2
	case levelGo:
		return 0, 0
	}
	return n / lanes, n / lanes * lanes
}

func pixels(dst []float32, src []uint8, scale float32) int {
	n, done := whole(len(dst), 16)
	switch {
	case n == 0:
	case using == levelAVX512:
		pixelsAVX512(&dst[0], &src[0], n, scale)
	default:
		pixelsAVX2(&dst[0], &src[0], n, scale)
	}
	return done
}

func biasReLU(dst, bias []float32) int {
	n, done := whole(len(dst), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		biasReLUAVX512(&dst[0], &bias[0], n)
	default:
		biasReLUAVX2(&dst[0], &bias[0], n)
	}
	return done
}

func gate(grad, out []float32) int {
	n, done := whole(len(grad), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		gateAVX512(&grad[0], &out[0], n)
	default:
		gateAVX2(&grad[0], &out[0], n)
	}
	return done
}

func largest(top []float32, won []int32, in []float32, from int32) int {
	n, done := whole(len(top), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		largestAVX512(&top[0], &won[0], &in[0], n, from)
	default:
		largestAVX2(&top[0], &won[0], &in[0], n, from)
	}
	return done
}

func unpool(dst, g []float32, won []int32, place int32) int {
	n, done := whole(len(dst), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		unpoolAVX512(&dst[0], &g[0], &won[0], n, place)
	default:
		unpoolAVX2(&dst[0], &g[0], &won[0], n, place)
	}
	return done
}

func adam(w, g, m, v []float32, c *Adam) int {
	n, done := whole(len(w), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		adamAVX512(&w[0], &g[0], &m[0], &v[0], n, c.M, c.V, c.Rate, c.Eps)
	default:
		adamAVX2(&w[0], &g[0], &m[0], &v[0], n, c.M, c.V, c.Rate, c.Eps)
	}
	return done
}

func sgd(w, g []float32, rate float32) int {
	n, done := whole(len(w), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		sgdAVX512(&w[0], &g[0], n, rate)
	default:
		sgdAVX2(&w[0], &g[0], n, rate)
	}
	return done
}

func prefetch(b []uint8) {
	if using != levelGo && len(b) > 0 {
		prefetchAMD64(&b[0], (len(b)+63)/64)
	}
}
