// This file defines Pooled, a product whose sums are pooled two by two.

package f32

import "fmt"

// A Pooled product is a convolution with its max-pooling: one row of windows of two
// by two places each, of which only the largest sum is kept. For window m of M,
// column j of N and place q of 0 to 3,
//
//	row := a[2*m*ARow + (q%2)*ARow + (q/2)*ASeg:]
//	s[q] := 0
//	for l := range L {
//		for k := range K {
//			s[q] += row[l*ASeg+k] * b[l*BSeg+k*BRow+j]
//		}
//	}
//	c[m*CRow+j], won[m*CRow+j] = the largest s[q], the first of equals, and its q
//
// ASeg is thus the width of the image that a is part of. N must be a multiple of
// [Lane]. Every sum is in the order above. NaN is never larger.
type Pooled struct {
	M, N, K, L int
	ARow, ASeg int
	BRow, BSeg int
	CRow       int
}

// check panics when a product would read or write outside its slices.
func (p *Pooled) check(a, b, c []float32, won []int32) {
	if p.N%Lane != 0 || p.ARow < 0 || p.ASeg < 0 || p.BRow < 0 || p.BSeg < 0 || p.CRow < p.N {
		panic(fmt.Sprintf("f32: malformed pooled product %+v", *p))
	}
	na := (2*p.M-1)*p.ARow + p.L*p.ASeg + p.K
	nb := (p.L-1)*p.BSeg + (p.K-1)*p.BRow + p.N
	nc := (p.M-1)*p.CRow + p.N
	if na > len(a) || nb > len(b) || nc > len(c) || nc > len(won) {
		panic(fmt.Sprintf("f32: pooled product %+v reads a[%d] b[%d] c[%d] of %d %d %d", *p, na, nb, nc, len(a), len(b), min(len(c), len(won))))
	}
}

// Do computes the product. It panics when a slice is too short.
func (p *Pooled) Do(a, b, c []float32, won []int32) {
	if p.M <= 0 || p.N <= 0 || p.K <= 0 || p.L <= 0 {
		return
	}
	p.check(a, b, c, won)
	if counted != nil {
		counted.Add(int64(2 * 4 * p.M * p.N * p.K * p.L))
	}
	p.do(a, b, c, won)
}

// generic computes each place of a window by itself and keeps the larger.
func (p *Pooled) generic(a, b, c []float32, won []int32) {
	for m := range p.M {
		top, from := c[m*p.CRow:m*p.CRow+p.N], won[m*p.CRow:m*p.CRow+p.N]
		for j := 0; j < p.N; j += Lane {
			for q := range 4 {
				row := a[2*m*p.ARow+q%2*p.ARow+q/2*p.ASeg:]
				var s [Lane]float32
				for l := range p.L {
					for k := range p.K {
						axpy(s[:], row[l*p.ASeg+k], b[l*p.BSeg+k*p.BRow+j:][:Lane])
					}
				}
				for i, v := range s {
					if q == 0 || v > top[j+i] {
						top[j+i], from[j+i] = v, int32(q)
					}
				}
			}
		}
	}
}
