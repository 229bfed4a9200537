// This file checks the vector primitives: all lengths up to some blocks, all
// alignments, every implementation.

package f32

import (
	"fmt"
	"math"
	"testing"
)

// longest is above two blocks of the widest implementation, and some more.
const longest = 70

func lengths(t *testing.T, f func(t *testing.T, n, shift int)) {
	each(t, func(t *testing.T) {
		for n := range longest {
			for shift := range 16 {
				if t.Failed() {
					return
				}
				f(t, n, shift)
			}
		}
	})
}

func TestPixels(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		dst := guard(n, shift)
		src := make([]uint8, n+shift)[shift:]
		for i := range src {
			src[i] = uint8(37*i + 255)
		}
		Pixels(dst.s, src, 0.25)
		what := fmt.Sprint("length ", n, " shift ", shift)
		for i, v := range dst.s {
			if v != float32(src[i])/4 {
				t.Fatalf("%s: number %d of %d is %v", what, i, src[i], v)
			}
		}
		dst.check(t, what)
	})
}

func TestBiasReLU(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		dst, bias := noisy(n, shift, 1), noisy(n, 15-shift, 2)
		if n > 0 {
			dst.s[n/2] = float32(math.NaN())
		}
		want := make([]float64, n)
		for i := range want {
			want[i] = max(0, float64(dst.s[i]+bias.s[i]))
			if math.IsNaN(want[i]) {
				want[i] = 0
			}
		}
		BiasReLU(dst.s, bias.s)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, dst.s, want, 0)
		dst.check(t, what)
	})
}

func TestBias(t *testing.T) {
	dst, bias := noisy(21, 1, 1), noisy(21, 2, 2)
	want := make([]float64, 21)
	for i := range want {
		want[i] = float64(dst.s[i] + bias.s[i])
	}
	Bias(dst.s, bias.s)
	near(t, "bias", dst.s, want, 0)
	dst.check(t, "bias")
}

func TestGate(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		grad, out := noisy(n, shift, 3), noisy(n, 15-shift, 4)
		for i := range out.s {
			switch i % 5 {
			case 0:
				out.s[i] = 0
			case 1:
				out.s[i] = float32(math.NaN())
			}
		}
		want := make([]float64, n)
		for i := range want {
			if out.s[i] > 0 {
				want[i] = float64(grad.s[i])
			}
		}
		Gate(grad.s, out.s)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, grad.s, want, 0)
		grad.check(t, what)
	})
}

func TestLargest(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		top, in, won := noisy(n, shift, 5), noisy(n, 15-shift, 6), guardInts(n, shift)
		for i := range won.s {
			won.s[i] = -3
			switch i % 7 {
			case 0:
				in.s[i] = top.s[i] // of equals the first stays
			case 1:
				in.s[i] = float32(math.NaN())
			}
		}
		want, from := make([]float64, n), make([]int32, n)
		for i := range want {
			want[i], from[i] = float64(top.s[i]), -3
			if in.s[i] > top.s[i] {
				want[i], from[i] = float64(in.s[i]), int32(1000+i)
			}
		}
		Largest(top.s, won.s, in.s, 1000)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, top.s, want, 0)
		for i, v := range won.s {
			if v != from[i] {
				t.Fatalf("%s: number %d came from %d, want %d", what, i, v, from[i])
			}
		}
		top.check(t, what)
		won.check(t, what)
	})
}

func TestUnpool(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		dst, g, won := guard(n, shift), noisy(n, 15-shift, 5), guardInts(n, shift)
		want := make([]float64, n)
		for i := range won.s {
			won.s[i] = int32(i*i) % 4
			if won.s[i] == 1 {
				want[i] = float64(g.s[i])
			}
		}
		Unpool(dst.s, g.s, won.s, 1)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, dst.s, want, 0)
		dst.check(t, what)
	})
}

func TestAdamStep(t *testing.T) {
	c := Adam{M: 0.1, V: 0.001, Rate: 0.01, Eps: 1e-7}
	lengths(t, func(t *testing.T, n, shift int) {
		w, g, m, v := noisy(n, shift, 7), noisy(n, 15-shift, 8), noisy(n, shift/2, 9), noisy(n, 3, 10)
		ww, wm, wv := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range ww {
			v.s[i] *= v.s[i]
			wm[i] = float64(m.s[i]) + (float64(g.s[i])-float64(m.s[i]))*float64(c.M)
			wv[i] = float64(v.s[i]) + (float64(g.s[i])*float64(g.s[i])-float64(v.s[i]))*float64(c.V)
			ww[i] = float64(w.s[i]) - float64(c.Rate)*wm[i]/(math.Sqrt(wv[i])+float64(c.Eps))
		}
		AdamStep(w.s, g.s, m.s, v.s, &c)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what+" w", w.s, ww, 1)
		near(t, what+" m", m.s, wm, 1)
		near(t, what+" v", v.s, wv, 1)
		w.check(t, what)
		m.check(t, what)
		v.check(t, what)
	})
}

func TestSGDStep(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		w, g := noisy(n, shift, 11), noisy(n, 15-shift, 12)
		want := make([]float64, n)
		for i := range want {
			want[i] = float64(w.s[i]) - 0.3*float64(g.s[i])
		}
		SGDStep(w.s, g.s, 0.3)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, w.s, want, 1)
		w.check(t, what)
	})
}

func TestSum(t *testing.T) {
	dst, src := noisy(19, 1, 13), noisy(5*24, 2, 14)
	want := make([]float64, 19)
	for i := range want {
		want[i] = float64(dst.s[i])
		for r := range 5 {
			want[i] += float64(src.s[r*24+i])
		}
	}
	Sum(dst.s, src.s, 5, 24)
	near(t, "sum", dst.s, want, 5)
	dst.check(t, "sum")
}

func TestPrefetch(t *testing.T) {
	each(t, func(*testing.T) {
		Prefetch(nil)
		Prefetch(make([]uint8, 1))
		Prefetch(make([]uint8, 785))
	})
}
