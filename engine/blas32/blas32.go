// This file has the implementation: gonum's, with another matrix product.

// Package blas32 lends the engine's matrix product to gonum: an implementation of its
// blas.Float32 that is gonum's own but for Sgemm, which uses AVX-512 or AVX2 and all
// processors.
//
//	blas32.Use(engine.Implementation{}) // of gonum.org/v1/gonum/blas/blas32
//
// It is not a library of linear algebra and has no types of its own: gonum's package
// of the same name has them. In cells it is in use already.
package blas32

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"cajal/engine/internal/f32"
)

// Implementation is blas.Float32. The bits of a product do not depend on the number of
// processors; they differ from gonum's own in the last places, and where an infinite
// number or NaN meets a zero they are NaN, as IEEE 754 has it, while gonum leaves zeros
// out.
type Implementation struct{ gonum.Implementation }

var _ blas.Float32 = Implementation{}

// Sgemm computes C = alpha·A·B + beta·C, with A, B or both transposed: A is m×k, B is
// k×n and C is m×n, by rows that are lda, ldb and ldc apart. It panics as gonum's does.
func (i Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	g := gemm{m: m, n: n, k: k, alpha: alpha, beta: beta, a: a, b: b, c: c, ldc: ldc}
	aRows, aCols := turnedIf(tA, m, k, lda, &g.aRow, &g.aCol)
	bRows, bCols := turnedIf(tB, k, n, ldb, &g.bRow, &g.bCol)
	// What is wrong, empty or tiny is gonum's, which also finds the words for a panic.
	if min(m, n, k) < 1 || m*n*k < tiny || alpha == 0 || !known(tA) || !known(tB) ||
		!within(a, aRows, aCols, lda) || !within(b, bRows, bCols, ldb) || !within(c, m, n, ldc) {
		i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	g.run()
}

// tiny is the number of multiplications below which nothing is gained.
const tiny = 8 * 8 * 8

func known(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// turnedIf returns how a matrix of rows by cols is stored, and sets the strides of its
// rows and columns.
func turnedIf(t blas.Transpose, rows, cols, ld int, row, col *int) (storedRows, storedCols int) {
	if t == blas.NoTrans {
		*row, *col = ld, 1
		return rows, cols
	}
	*row, *col = 1, ld
	return cols, rows
}

func within(x []float32, rows, cols, ld int) bool {
	return ld >= cols && len(x) >= (rows-1)*ld+cols
}

// gemm is one product.
type gemm struct {
	m, n, k     int
	alpha, beta float32
	a, b, c     []float32
	aRow, aCol  int
	bRow, bCol  int
	ldc         int
}

// partWork is the number of multiplications for which a goroutine is worth starting.
const partWork = 1 << 20

// run cuts C into strips, one for each processor. Each number of C is one sum in a fixed
// order, wherever the cuts are.
func (g *gemm) run() {
	parts := min(runtime.GOMAXPROCS(0), max(g.m*g.n*g.k/partWork, 1))
	if parts == 1 {
		g.strip(0, g.m, 0, g.n)
		return
	}
	long, step := g.m, 14 // rows of a tile
	if g.n > g.m {
		long, step = g.n, 32 // columns of a tile
	}
	size := ((long+parts-1)/parts + step - 1) / step * step
	var wg sync.WaitGroup
	for lo := 0; lo < long; lo += size {
		hi := min(lo+size, long)
		wg.Go(func() {
			if g.n > g.m {
				g.strip(0, g.m, lo, hi)
			} else {
				g.strip(lo, hi, 0, g.n)
			}
		})
	}
	wg.Wait()
}

// The primitive wants a multiple of f32.Lane columns, and neither multiplies by alpha
// nor by beta. What does not suit it is computed in blocks of its own, and then added.
const (
	blockRows = 256
	blockCols = 256
)

// strip computes rows i to iEnd-1 and columns j to jEnd-1 of C.
func (g *gemm) strip(i, iEnd, j, jEnd int) {
	whole := j + (jEnd-j)/f32.Lane*f32.Lane
	if direct := g.alpha == 1 && (g.beta == 0 || g.beta == 1); direct && whole > j {
		p := g.product(iEnd-i, whole-j)
		p.CRow, p.Acc = g.ldc, g.beta == 1
		p.Do(g.a[i*g.aRow:], g.b[j*g.bCol:], g.c[i*g.ldc+j:])
		j = whole
	}
	if j == jEnd {
		return
	}
	s := spaces.Get().(*space)
	defer spaces.Put(s)
	for ; j < jEnd; j += blockCols {
		cols := min(blockCols, jEnd-j)
		if j < whole {
			cols = min(cols, whole-j)
		}
		p := g.product(0, f32.Pad(cols))
		p.CRow = p.N
		b := g.b[j*g.bCol:]
		if cols%f32.Lane != 0 {
			b = s.lastColumns(g, j, cols)
			p.BRow, p.BCol = f32.Lane, 1
		}
		for r := i; r < iEnd; r += blockRows {
			p.M = min(blockRows, iEnd-r)
			p.Do(g.a[r*g.aRow:], b, s.sums[:])
			for y := range p.M {
				g.add(g.c[(r+y)*g.ldc+j:][:cols], s.sums[y*p.N:])
			}
		}
		j += cols - blockCols // back by what was not done
	}
}

func (g *gemm) product(m, n int) f32.Product {
	return f32.Product{M: m, N: n, K: g.k, L: 1, ARow: g.aRow, ACol: g.aCol, BRow: g.bRow, BCol: g.bCol}
}

// add sets c = alpha·sums + beta·c; with a beta of 0 it does not look at c.
func (g *gemm) add(c, sums []float32) {
	if g.beta == 0 {
		copy(c, sums)
		if g.alpha != 1 {
			f32.Scale(c, g.alpha)
		}
		return
	}
	if g.beta != 1 {
		f32.Scale(c, g.beta)
	}
	f32.AddScaled(c, sums[:len(c)], g.alpha)
}

// space is what a strip needs beside the matrices.
type space struct {
	sums [blockRows * blockCols]float32
	last []float32 // of B
}

var spaces = sync.Pool{New: func() any { return new(space) }}

// lastColumns copies less than f32.Lane columns of B, with zeros beside them.
func (s *space) lastColumns(g *gemm, j, cols int) []float32 {
	if n := g.k * f32.Lane; len(s.last) < n {
		s.last = make([]float32, n)
	}
	for k := range g.k {
		row := s.last[k*f32.Lane : (k+1)*f32.Lane]
		clear(row)
		for c := range cols {
			row[c] = g.b[k*g.bRow+(j+c)*g.bCol]
		}
	}
	return s.last
}
