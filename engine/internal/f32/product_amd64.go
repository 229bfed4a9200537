// This file cuts a product into tiles that assembly computes.

//go:build !purego

package f32

// tiles is what a tile function gets beside its pointers: the fields of a
// Product, strides in bytes, in the order that the generator knows, and room for
// its own use.
type tiles = [15]int

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

// The largest number of rows of a tile.
const (
	rowsAVX2   = 6
	rowsAVX512 = 14
)

func (p *Product) do(a, b, c []float32) {
	if using == levelGo {
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
	for j := 0; j < p.N; {
		// The widest that fits; the last eight columns are AVX2's in any case.
		width, l, rows := Lane, levelAVX2, rowsAVX2
		if using == levelAVX512 && j+2*Lane <= p.N {
			width, l, rows = 2*Lane, levelAVX512, rowsAVX512
		}
		vecs := 1
		if j+2*width <= p.N {
			vecs = 2
		}
		// Tiles of nearly equal height: 32 rows are two of 6 and four of 5, since a
		// tile of 2 would leave the FMA units idle for most of its time.
		count := (p.M + rows - 1) / rows
		tall := (p.M + count - 1) / count
		talls := p.M - count*(tall-1)
		p.run(&t, l, vecs, tall, talls, 0, a, b[j:], c[j:])
		p.run(&t, l, vecs, tall-1, count-talls, talls*tall, a, b[j:], c[j:])
		j += vecs * width
	}
}

// run computes count tiles of some rows, beginning with row from.
func (p *Product) run(t *tiles, l level, vecs, rows, count, from int, a, b, c []float32) {
	if count == 0 || rows == 0 {
		return
	}
	t[tileCount] = count
	t[tileANext], t[tileCNext] = rows*t[tileARow], rows*t[tileCRow]
	pa, pb, pc := &a[from*p.ARow], &b[0], &c[from*p.CRow]
	if l == levelAVX512 {
		tileAVX512(rows, vecs, pa, pb, pc, t)
	} else {
		tileAVX2(rows, vecs, pa, pb, pc, t)
	}
}
