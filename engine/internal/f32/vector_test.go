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

func TestBias(t *testing.T) {
	each(t, func(t *testing.T) {
		for n := 1; n < longest; n++ {
			for shift := range 16 {
				for name, relu := range map[string]bool{"bias": false, "bias, ReLU": true} {
					rows := n % 4
					dst, bias := noisy(rows*n, shift, 1), noisy(n, 15-shift, 2)
					if rows > 0 {
						dst.s[n/2] = float32(math.NaN())
					}
					want := make([]float64, rows*n)
					for i := range want {
						want[i] = float64(dst.s[i] + bias.s[i%n])
						if relu && !(want[i] > 0) {
							want[i] = 0
						}
					}
					if relu {
						BiasReLU(dst.s, bias.s)
					} else {
						Bias(dst.s, bias.s)
						if rows > 0 { // NaN is no number to compare
							if dst.s[n/2] == dst.s[n/2] {
								t.Fatalf("NaN became %v", dst.s[n/2])
							}
							dst.s[n/2], want[n/2] = 0, 0
						}
					}
					what := fmt.Sprint(name, ", ", rows, " rows of ", n, " shift ", shift)
					near(t, what, dst.s, want, 0)
					dst.check(t, what)
				}
			}
		}
	})
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

func TestScaleAndMulAdd(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		x, a, b := noisy(n, shift, 1), noisy(n, 15-shift, 2), noisy(n, shift/2, 3)
		want := make([]float64, n)
		what := fmt.Sprint("length ", n, " shift ", shift)
		for i, v := range x.s {
			want[i] = float64(v) + float64(a.s[i])*float64(b.s[i])
		}
		MulAdd(x.s, a.s, b.s)
		near(t, what, x.s, want, 1)
		for i, v := range x.s {
			want[i] = float64(v) - 0.3*float64(a.s[i])
		}
		AddScaled(x.s, a.s, -0.3)
		near(t, what, x.s, want, 1)
		for i, v := range x.s {
			want[i] = float64(v * -0.7)
		}
		Scale(x.s, -0.7)
		near(t, what, x.s, want, 0)
		x.check(t, what)
	})
}

func TestSum(t *testing.T) {
	lengths(t, func(t *testing.T, n, shift int) {
		rows, stride := n%4, n+shift%3
		dst, src := noisy(n, shift, 13), noisy(max((rows-1)*stride+n, 0), 15-shift, 14)
		want := make([]float64, n)
		for i := range want {
			want[i] = float64(dst.s[i])
			for r := range rows {
				want[i] += float64(src.s[r*stride+i])
			}
		}
		Sum(dst.s, src.s, rows, stride)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, dst.s, want, 4)
		dst.check(t, what)
	})
}

func TestTranspose(t *testing.T) {
	each(t, func(t *testing.T) {
		for rows := range 35 {
			for cols := range 35 {
				to, from := rows+rows%3, cols+cols%5
				dst, src := guard(max((cols-1)*to+rows, 0), rows%16), noisy(max((rows-1)*from+cols, 0), cols%16, 1)
				if rows*cols == 0 {
					dst, src = guard(0, 0), noisy(0, 0, 1)
				}
				for i := range dst.s {
					dst.s[i] = 5
				}
				want := make([]float64, len(dst.s))
				for i := range want {
					want[i] = 5
				}
				for i := range rows {
					for j := range cols {
						want[j*to+i] = float64(src.s[i*from+j])
					}
				}
				Transpose(dst.s, src.s, rows, cols, to, from)
				what := fmt.Sprint(rows, " by ", cols)
				near(t, what, dst.s, want, 0)
				dst.check(t, what)
			}
		}
	})
}

// The functions are checked over their whole range, in lengths with a rest.
func TestExpAndKin(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range []struct {
		name string
		f    func([]float32)
		want func(float64) float64
		ulps float64
		low  float64 // where the result may be 0
	}{
		{"exp", func(x []float32) { Exp(x, x, 0) }, math.Exp, 2, -87.3},
		{"sigmoid", Sigmoid, sigmoid, 3, -87.3},
		{"tanh", Tanh, math.Tanh, 3, math.Inf(-1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T) {
				var xs []float32
				for x := float32(-95); x < 95; x += 0.00937 {
					xs = append(xs, x)
				}
				for e := float32(1); e > 1e-30; e /= 1.7 {
					xs = append(xs, e, -e)
				}
				xs = append(xs, 0, float32(math.Copysign(0, -1)), 0.625, -0.625, 88.72283, -87.3)
				g := guard(len(xs), 3)
				copy(g.s, xs)
				c.f(g.s)
				g.check(t, c.name)
				for i, got := range g.s {
					x := float64(xs[i])
					want := c.want(x)
					if want > math.MaxFloat32 {
						want = math.Inf(1)
					}
					if x < c.low && got == 0 || float64(got) == want {
						continue
					}
					ulp := float64(math.Nextafter32(float32(math.Abs(want)), float32(math.Inf(1))) - float32(math.Abs(want)))
					if e := math.Abs(float64(got) - want); !(e <= c.ulps*ulp) {
						t.Fatalf("%s(%v) is %v, want %v: %.1f units in the last place away", c.name, x, got, want, e/ulp)
					}
				}
				special := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30, -1e30}
				special = append(special, append(special, special...)...)
				got := append([]float32{}, special...)
				c.f(got)
				for i, v := range got {
					want := c.want(float64(special[i]))
					if math.IsNaN(want) != (v != v) || !math.IsNaN(want) && float64(v) != want {
						t.Errorf("%s(%v) is %v, want %v", c.name, special[i], v, want)
					}
				}
			})
		})
	}
	lengths(t, func(t *testing.T, n, shift int) {
		dst, src := guard(n, shift), noisy(n, 15-shift, 3)
		want := make([]float64, n)
		for i, v := range src.s {
			want[i] = math.Exp(float64(v) - 2)
		}
		Exp(dst.s, src.s, 2)
		what := fmt.Sprint("length ", n, " shift ", shift)
		near(t, what, dst.s, want, 0)
		dst.check(t, what)
	})
}

func TestPrefetch(t *testing.T) {
	each(t, func(*testing.T) {
		Prefetch(nil)
		Prefetch(make([]uint8, 1))
		Prefetch(make([]uint8, 785))
	})
}
