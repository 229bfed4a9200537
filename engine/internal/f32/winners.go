// This file defines Winners, the gradient of small filters behind a max-pooling.

package f32

import "fmt"

// Winners adds up the gradient of a convolution's filters, of which a max-pooling of two
// by two has let through one place of each window: for M windows of each of L rows, every
// tap of a filter and N channels,
//
//	x := l*ASeg + m*ARow + taps[t] + Places[won[(l*M+m)*N+j]]
//	c[t*N+j] += g[(l*M+m)*N+j] * a[x]
//
// N must be a multiple of [Lane]. It is for filters of few taps, where a list of the gradients that are not zero, as [Patches]
// needs, takes longer than to multiply by zero.
type Winners struct {
	M, N, L    int
	ARow, ASeg int
	Places     [4]int32
}

// check panics when numbers outside of the slices would be read or written.
func (w *Winners) check(a, g []float32, won, taps []int32, c []float32) {
	n, far := w.L*w.M*w.N, int32(0)
	for _, p := range w.Places {
		far = max(far, p)
		if p < 0 {
			panic(fmt.Sprintf("f32: place %d", p))
		}
	}
	last := int32(0)
	for _, t := range taps {
		last = max(last, t)
		if t < 0 {
			panic(fmt.Sprintf("f32: tap %d", t))
		}
	}
	na := (w.L-1)*w.ASeg + (w.M-1)*w.ARow + int(last+far) + 1
	if w.N%Lane != 0 || w.ARow < 0 || w.ASeg < 0 || na > len(a) || n > len(g) || n > len(won) || len(taps)*w.N > len(c) {
		panic(fmt.Sprintf("f32: winners %+v of %d taps read a[%d] g[%d] won[%d] c[%d] of %d %d %d %d",
			*w, len(taps), na, n, n, len(taps)*w.N, len(a), len(g), len(won), len(c)))
	}
}

// Add computes the sums. It panics when a slice is too short. The numbers of won must be
// 0 to 3: assembly does not look, but takes their last two bits.
func (w *Winners) Add(c, a, g []float32, won, taps []int32) {
	if w.M <= 0 || w.N <= 0 || w.L <= 0 || len(taps) == 0 {
		return
	}
	w.check(a, g, won, taps, c)
	if counted != nil {
		counted.Add(int64(2 * w.M * w.N * w.L * len(taps)))
	}
	w.do(c, a, g, won, taps)
}

func (w *Winners) generic(c, a, g []float32, won, taps []int32) {
	for l := range w.L {
		for m := range w.M {
			x, at := a[l*w.ASeg+m*w.ARow:], (l*w.M+m)*w.N
			for t, tap := range taps {
				sums := c[t*w.N : (t+1)*w.N]
				for j := range sums {
					sums[j] += g[at+j] * x[tap+w.Places[won[at+j]]]
				}
			}
		}
	}
}
