// This file defines Product, the strided matrix product that dense layers and
// convolutions are made of.

package f32

import "fmt"

// Lane is the multiple to which the rows of right-hand sides and results are
// padded; the padding of a right-hand side must be zero.
const Lane = 8

// Pad rounds n up to a multiple of [Lane].
func Pad(n int) int { return (n + Lane - 1) &^ (Lane - 1) }

// A Product describes a product of two strided matrices,
//
//	for i := range M {
//		for j := range N {
//			s := 0 or c[i*CRow+j], as Acc says
//			for l := range L {
//				for k := range K {
//					s += a[i*ARow+l*ASeg+k*ACol] * b[l*BSeg+k*BRow+j*BCol]
//				}
//			}
//			c[i*CRow+j] = s
//		}
//	}
//
// The sum over K has L segments so that a convolution needs no copy of its
// input: with channels last, a filter's row is one segment of K = width·channels
// numbers that lie together, and L is the filter's height. With ARow = 1 the
// left side is transposed, which gives the gradient of the weights. A BCol of 0 stands
// for 1; any other, with L and BRow = 1, transposes the right side, which gives the
// gradient of the inputs.
//
// N must be a multiple of [Lane]. Every c is one sum in the order above, so its
// bits do not depend on how M and N are cut, nor on whether a large product copies
// its sides in pieces to where they lie together (packed_amd64.go).
type Product struct {
	M, N, K, L       int
	ARow, ACol, ASeg int
	BRow, BSeg, BCol int
	CRow             int
	Acc              bool
}

// turned reports whether columns of the right side are not neighbours.
func (p *Product) turned() bool { return p.BCol > 1 }

// check panics when a product would read or write outside its slices: the
// assembly behind it does not look.
func (p *Product) check(a, b, c []float32) {
	if p.N%Lane != 0 || p.ARow < 0 || p.ACol < 0 || p.ASeg < 0 || p.BRow < 0 || p.BSeg < 0 || p.BCol < 0 || p.turned() && (p.L > 1 || p.BRow != 1) || p.CRow < p.N && p.M > 1 {
		panic(fmt.Sprintf("f32: malformed product %+v", *p))
	}
	na := (p.M-1)*p.ARow + (p.L-1)*p.ASeg + (p.K-1)*p.ACol + 1
	nb := (p.L-1)*p.BSeg + (p.K-1)*p.BRow + (p.N-1)*max(p.BCol, 1) + 1
	nc := (p.M-1)*p.CRow + p.N
	if na > len(a) || nb > len(b) || nc > len(c) {
		panic(fmt.Sprintf("f32: product %+v reads a[%d] b[%d] c[%d] of %d %d %d", *p, na, nb, nc, len(a), len(b), len(c)))
	}
}

// Do computes the product. It panics when a slice is too short.
func (p *Product) Do(a, b, c []float32) {
	if p.M <= 0 || p.N <= 0 {
		return
	}
	if p.K <= 0 || p.L <= 0 {
		if !p.Acc {
			for i := range p.M {
				clear(c[i*p.CRow : i*p.CRow+p.N])
			}
		}
		return
	}
	p.check(a, b, c)
	if counted != nil {
		counted.Add(int64(2 * p.M * p.N * p.K * p.L))
	}
	p.do(a, b, c)
}

// generic is the specification of Do in an order that is kind to the cache:
// for each c the sum is the same.
func (p *Product) generic(a, b, c []float32) {
	for i := range p.M {
		row := c[i*p.CRow : i*p.CRow+p.N]
		if !p.Acc {
			clear(row)
		}
		if p.turned() {
			for j := range row {
				for k := range p.K {
					row[j] += a[i*p.ARow+k*p.ACol] * b[k*p.BRow+j*p.BCol]
				}
			}
			continue
		}
		for l := range p.L {
			as, bs := a[i*p.ARow+l*p.ASeg:], b[l*p.BSeg:]
			for k := range p.K {
				v := as[k*p.ACol]
				axpy(row, v, bs[k*p.BRow:k*p.BRow+p.N])
			}
		}
	}
}

// axpy adds v·x to y, whose length is a multiple of Lane.
func axpy(y []float32, v float32, x []float32) {
	for len(y) >= Lane {
		a, b := (*[Lane]float32)(y), (*[Lane]float32)(x)
		a[0] += v * b[0]
		a[1] += v * b[1]
		a[2] += v * b[2]
		a[3] += v * b[3]
		a[4] += v * b[4]
		a[5] += v * b[5]
		a[6] += v * b[6]
		a[7] += v * b[7]
		y, x = y[Lane:], x[Lane:]
	}
}
