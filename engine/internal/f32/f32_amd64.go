// This file gives the assembly its work, where the processor can run it.

//go:build !purego

package f32

import "golang.org/x/sys/cpu"

//go:generate go run -C _asm . -out ../z_avx2_amd64.s -stubs ../z_avx2_amd64.go -pkg f32

// useAVX2 is set once, here; tests of both ways change it.
var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// Name tells which implementation runs.
func Name() string {
	if useAVX2 {
		return "avx2"
	}
	return "go"
}

// tiles is what a tile function gets beside its pointers: the fields of a
// Product, strides in bytes, in the order that the generator knows.
type tiles = [12]int

const (
	tileK = iota
	tileL
	tileCount
	tileARow
	tileACol
	tileASeg
	tileBRow
	tileBSeg
	tileCRow
	tileANext // from one tile's rows to the next's
	tileCNext
	tileAcc
)

// tileRows is the largest number of rows of a tile.
const tileRows = 6

func (p *Product) do(a, b, c []float32) {
	if !useAVX2 {
		p.generic(a, b, c)
		return
	}
	t := tiles{
		tileK: p.K, tileL: p.L, tileARow: 4 * p.ARow, tileACol: 4 * p.ACol, tileASeg: 4 * p.ASeg,
		tileBRow: 4 * p.BRow, tileBSeg: 4 * p.BSeg, tileCRow: 4 * p.CRow,
	}
	if p.Acc {
		t[tileAcc] = 1
	}
	// Tiles of nearly equal height: 32 rows are two of 6 and four of 5, since a
	// tile of 2 would leave the FMA units idle for most of its time.
	count := (p.M + tileRows - 1) / tileRows
	tall := (p.M + count - 1) / count
	talls := p.M - count*(tall-1)
	for j := 0; j < p.N; {
		vecs := 1
		if j+2*Lane <= p.N {
			vecs = 2
		}
		p.run(&t, vecs, tall, talls, 0, a, b[j:], c[j:])
		p.run(&t, vecs, tall-1, count-talls, talls*tall, a, b[j:], c[j:])
		j += vecs * Lane
	}
}

// run computes count tiles of some rows, beginning with row from.
func (p *Product) run(t *tiles, vecs, rows, count, from int, a, b, c []float32) {
	if count == 0 || rows == 0 {
		return
	}
	t[tileCount] = count
	t[tileANext], t[tileCNext] = rows*t[tileARow], rows*t[tileCRow]
	pa, pb, pc := &a[from*p.ARow], &b[0], &c[from*p.CRow]
	// A switch, since through a table of functions t would escape to the heap.
	switch vecs<<3 | rows {
	case 1<<3 | 1:
		tile1x1(pa, pb, pc, t)
	case 1<<3 | 2:
		tile2x1(pa, pb, pc, t)
	case 1<<3 | 3:
		tile3x1(pa, pb, pc, t)
	case 1<<3 | 4:
		tile4x1(pa, pb, pc, t)
	case 1<<3 | 5:
		tile5x1(pa, pb, pc, t)
	case 1<<3 | 6:
		tile6x1(pa, pb, pc, t)
	case 2<<3 | 1:
		tile1x2(pa, pb, pc, t)
	case 2<<3 | 2:
		tile2x2(pa, pb, pc, t)
	case 2<<3 | 3:
		tile3x2(pa, pb, pc, t)
	case 2<<3 | 4:
		tile4x2(pa, pb, pc, t)
	case 2<<3 | 5:
		tile5x2(pa, pb, pc, t)
	case 2<<3 | 6:
		tile6x2(pa, pb, pc, t)
	}
}

// Each of these returns how many numbers it has done; the Go loop does the rest.

func pixels(dst []float32, src []uint8, scale float32) int {
	n := len(dst) / 16
	if n == 0 || !useAVX2 {
		return 0
	}
	pixelsAVX2(&dst[0], &src[0], n, scale)
	return 16 * n
}

func biasReLU(dst, bias []float32) int {
	n := len(dst) / 8
	if n == 0 || !useAVX2 {
		return 0
	}
	biasReLUAVX2(&dst[0], &bias[0], n)
	return 8 * n
}

func gate(grad, out []float32) int {
	n := len(grad) / 8
	if n == 0 || !useAVX2 {
		return 0
	}
	gateAVX2(&grad[0], &out[0], n)
	return 8 * n
}

func largest(top []float32, won []int32, in []float32, from int32) int {
	n := len(top) / 8
	if n == 0 || !useAVX2 {
		return 0
	}
	largestAVX2(&top[0], &won[0], &in[0], n, from)
	return 8 * n
}

func adam(w, g, m, v []float32, c *Adam) int {
	n := len(w) / 8
	if n == 0 || !useAVX2 {
		return 0
	}
	adamAVX2(&w[0], &g[0], &m[0], &v[0], n, c.M, c.V, c.Rate, c.Eps)
	return 8 * n
}

func axpyNeg(w, g []float32, rate float32) int {
	n := len(w) / 8
	if n == 0 || !useAVX2 {
		return 0
	}
	axpyNegAVX2(&w[0], &g[0], n, rate)
	return 8 * n
}

func prefetch(b []uint8) {
	if len(b) > 0 {
		prefetchAMD64(&b[0], (len(b)+63)/64)
	}
}
