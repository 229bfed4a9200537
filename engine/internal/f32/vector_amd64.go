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

// rowBlocks returns how many blocks a row of n numbers has, 0 unless whole ones, and
// whether they are AVX-512's.
func rowBlocks(n int) (blocks int, wide bool) {
	switch {
	case using == levelGo || n%8 != 0:
		return 0, false
	case using == levelAVX2 || n%16 != 0:
		return n / 8, false
	}
	return n / 16, true
}

// The next two report whether all was done.

func addBias(dst, bias []float32) bool {
	n, wide := rowBlocks(len(bias))
	switch {
	case n == 0:
	case wide:
		biasAVX512(&dst[0], &bias[0], n, len(dst)/len(bias))
	default:
		biasAVX2(&dst[0], &bias[0], n, len(dst)/len(bias))
	}
	return n > 0
}

func biasReLU(dst, bias []float32) bool {
	n, wide := rowBlocks(len(bias))
	switch {
	case n == 0:
	case wide:
		biasReLUAVX512(&dst[0], &bias[0], n, len(dst)/len(bias))
	default:
		biasReLUAVX2(&dst[0], &bias[0], n, len(dst)/len(bias))
	}
	return n > 0
}

func sum(dst, src []float32, rows, stride int) int {
	n, done := whole(len(dst), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		sumAVX512(&dst[0], &src[0], n, rows, stride)
	default:
		sumAVX2(&dst[0], &src[0], n, rows, stride)
	}
	return done
}

// transpose reports whether it was done. Where eight do not divide rows or columns, the
// last block overlaps the one before.
func transpose(dst, src []float32, rows, cols, dstRow, srcRow int) bool {
	if using == levelGo || rows < 8 || cols < 8 {
		return false
	}
	for j := 0; j < cols; j += 8 {
		j := min(j, cols-8)
		transposeAVX2(&dst[j*dstRow], &src[j], rows/8, dstRow, srcRow)
		if i := rows - 8; rows%8 != 0 {
			transposeAVX2(&dst[j*dstRow+i], &src[i*srcRow+j], 1, dstRow, srcRow)
		}
	}
	return true
}

func exp(dst, src []float32, minus float32) int {
	n, done := whole(len(dst), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		expAVX512(&dst[0], &src[0], n, minus)
	default:
		expAVX2(&dst[0], &src[0], n, minus)
	}
	return done
}

func sigmoid(x []float32) int {
	n, done := whole(len(x), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		sigmoidAVX512(&x[0], n)
	default:
		sigmoidAVX2(&x[0], n)
	}
	return done
}

func tanh(x []float32) int {
	n, done := whole(len(x), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		tanhAVX512(&x[0], n)
	default:
		tanhAVX2(&x[0], n)
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

func scale(x []float32, by float32) int {
	n, done := whole(len(x), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		scaleAVX512(&x[0], n, by)
	default:
		scaleAVX2(&x[0], n, by)
	}
	return done
}

func mulAdd(dst, a, b []float32) int {
	n, done := whole(len(dst), 8)
	switch {
	case n == 0:
	case using == levelAVX512:
		mulAddAVX512(&dst[0], &a[0], &b[0], n)
	default:
		mulAddAVX2(&dst[0], &a[0], &b[0], n)
	}
	return done
}

// multiplyAdd returns how many numbers a register has.
func multiplyAdd(n int) int {
	switch using {
	case levelGo:
		return 0
	case levelAVX512:
		fmaAVX512(n)
		return 2 * Lane
	}
	fmaAVX2(n)
	return Lane
}

func prefetch(b []uint8) {
	if using != levelGo && len(b) > 0 {
		prefetchAMD64(&b[0], (len(b)+63)/64)
	}
}
