// This file measures the primitives on the shapes of the first chapters, in
// floating point operations a second.

package f32

import (
	"slices"
	"testing"
	"time"
)

// eachBench reports the fastest of all rounds: on a machine that does other work
// too, the mean tells more of that work.
func eachBench(b *testing.B, flops float64, f func()) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Use(name)()
			const calls = 10
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				for range calls {
					f()
				}
				best = min(best, time.Since(start))
			}
			b.ReportMetric(calls*flops/best.Seconds()/1e9, "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkProduct(b *testing.B) {
	for _, c := range []struct {
		name string
		p    Product
	}{
		{"dense 32x784x16", Product{M: 32, N: 16, K: 784, L: 1, ARow: 784, ACol: 1, BRow: 16, CRow: 16}},
		{"dense dW 784x32x16", Product{M: 784, N: 16, K: 32, L: 1, ARow: 1, ACol: 784, BRow: 16, CRow: 16}},
		{"dense 16x1600x64", Product{M: 16, N: 64, K: 1600, L: 1, ARow: 1600, ACol: 1, BRow: 64, CRow: 64}},
		{"conv row 11x96x64", Product{M: 11, N: 64, K: 96, L: 3, ARow: 32, ACol: 1, ASeg: 13 * 32, BRow: 64, BSeg: 96 * 64, CRow: 64}},
		{"conv dX row 13x192x32", Product{M: 13, N: 32, K: 192, L: 3, ARow: 64, ACol: 1, ASeg: 15 * 64, BRow: 32, BSeg: 192 * 32, CRow: 32}},
		{"conv dW 96x121x64", Product{M: 96, N: 64, K: 11, L: 11, ARow: 1, ACol: 32, ASeg: 13 * 32, BRow: 64, BSeg: 11 * 64, CRow: 64, Acc: true}},
		{"large 16x1024x1024", Product{M: 16, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1024, CRow: 1024}},
		{"large 64x1024x1024", Product{M: 64, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1024, CRow: 1024}},
		{"large dX 16x1024x1024", Product{M: 16, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1, BCol: 1024, CRow: 1024}},
		{"large dX 64x1024x1024", Product{M: 64, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1, BCol: 1024, CRow: 1024}},
		{"large dW 42x32x1024", Product{M: 42, N: 1024, K: 32, L: 1, ARow: 1, ACol: 1024, BRow: 1024, CRow: 1024}},
		{"large dW 42x128x1024", Product{M: 42, N: 1024, K: 128, L: 1, ARow: 1, ACol: 1024, BRow: 1024, CRow: 1024}},
		{"square 512", Product{M: 512, N: 512, K: 512, L: 1, ARow: 512, ACol: 1, BRow: 512, CRow: 512}},
		{"square 1024", Product{M: 1024, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1024, CRow: 1024}},
		{"square 256", Product{M: 256, N: 256, K: 256, L: 1, ARow: 256, ACol: 1, BRow: 256, CRow: 256}},
	} {
		b.Run(c.name, func(b *testing.B) {
			x, y, z := c.p.operands(0)
			eachBench(b, 2*float64(c.p.M*c.p.N*c.p.K*c.p.L), func() { c.p.Do(x.s, y.s, z.s) })
		})
	}
}

// In a step the weights of a large layer come from memory: so do right sides that take
// turns here.
func BenchmarkColdProduct(b *testing.B) {
	for _, c := range []struct {
		name string
		p    Product
	}{
		{"forward 32x1024x1024", Product{M: 32, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1024, CRow: 1024}},
		{"dX 32x1024x1024", Product{M: 32, N: 1024, K: 1024, L: 1, ARow: 1024, ACol: 1, BRow: 1, BCol: 1024, CRow: 1024}},
	} {
		b.Run(c.name, func(b *testing.B) {
			x, y, z := c.p.operands(0)
			var right [16][]float32
			for i := range right {
				right[i] = slices.Clone(y.s)
			}
			i := 0
			eachBench(b, 2*float64(c.p.M*c.p.N*c.p.K), func() { c.p.Do(x.s, right[i%len(right)], z.s); i++ })
		})
	}
}

func BenchmarkPooled(b *testing.B) {
	for _, c := range []struct {
		name string
		p    Pooled
	}{
		{"13 windows, 3x3 of 1, 32", Pooled{M: 13, N: 32, K: 3, L: 3, ARow: 1, ASeg: 28, BRow: 32, BSeg: 96, CRow: 32}},
		{"5 windows, 3x3 of 32, 64", Pooled{M: 5, N: 64, K: 96, L: 3, ARow: 32, ASeg: 13 * 32, BRow: 64, BSeg: 96 * 64, CRow: 64}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := c.p
			x, y := noisy((2*p.M-1)*p.ARow+p.L*p.ASeg+p.K, 0, 1), noisy((p.L-1)*p.BSeg+(p.K-1)*p.BRow+p.N, 0, 2)
			z, won := noisy(p.M*p.CRow, 0, 3), make([]int32, p.M*p.CRow)
			eachBench(b, 8*float64(p.M*p.N*p.K*p.L), func() { p.Do(x.s, y.s, z.s, won) })
		})
	}
}

func BenchmarkPatches(b *testing.B) {
	for _, c := range []struct {
		name  string
		p     Patches
		terms int
	}{
		{"dW 3x96, 12 terms", Patches{3, 96, 96, 13 * 32}, 12},
		{"dX 3x96, 8 terms of 64", Patches{3, 96, 13 * 32, 96}, 8},
	} {
		b.Run(c.name, func(b *testing.B) {
			dst, src := noisy(3*13*32, 0, 1), noisy(13*13*32+64*288, 0, 2)
			var terms []Term
			for i := range c.terms {
				at := (i/4*13 + i%4) * 32
				if c.p.SrcRow == 96 {
					at = 8 * i * 288
				}
				terms = append(terms, Term{int32(at), 0.5})
			}
			groups := []Group{{N: int32(c.terms)}}
			eachBench(b, 2*float64(c.p.Rows*c.p.Len*c.terms), func() { c.p.Add(dst.s, src.s, terms, groups) })
		})
	}
}
