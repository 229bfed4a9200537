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
	switch {
	case using == levelGo:
		p.generic(a, b, c)
	case p.flips():
		p.flipped(a, b, c)
	case p.packs():
		p.packed(a, b, c)
	case p.L == 1 && p.K*p.N >= 1<<19:
		for k := 0; k < p.K; k += tallK {
			piece := *p
			piece.K, piece.Acc = min(tallK, p.K-k), p.Acc || k > 0
			piece.tiles(a[k*p.ACol:], b[k*p.BRow:], c)
		}
	default:
		p.tiles(a, b, c)
	}
}

// Of numbers a page apart the first cache holds as many as it has ways.
const (
	page = 4096
	ways = 8
)

// Of a right side that does not fit into the second cache, tallK rows at a time stay there
// while the left side passes by.
const tallK = 128

// tiles computes the product where its sides lie.
func (p *Product) tiles(a, b, c []float32) {
	t := tiles{
		tileK: p.K, tileL: p.L, tileARow: 4 * p.ARow, tileACol: 4 * p.ACol, tileASeg: 4 * p.ASeg,
		tileBRow: 4 * p.BRow, tileBSeg: 4 * p.BSeg, tileCRow: 4 * p.CRow,
	}
	if p.Acc {
		t[tileAcc] = 1
	}
	for j := 0; j < p.N; {
		l, vecs, width := columns(p.N - j)
		most := mostRows(l)
		if t[tileARow]%page == 0 {
			most = min(most, ways)
		}
		tall, talls, count := heights(p.M, most)
		t[tileANext], t[tileCNext] = tall*t[tileARow], tall*t[tileCRow]
		run(&t, l, vecs, tall, talls, a, b[j:], c[j:])
		if count > talls {
			done := talls * tall
			t[tileANext], t[tileCNext] = (tall-1)*t[tileARow], (tall-1)*t[tileCRow]
			run(&t, l, vecs, tall-1, count-talls, a[done*p.ARow:], b[j:], c[done*p.CRow+j:])
		}
		j += width
	}
}

// columns returns the widest tile for n columns that are left; the last eight columns
// are AVX2's in any case.
func columns(n int) (l level, vecs, width int) {
	l, width = levelAVX2, Lane
	if using == levelAVX512 && n >= 2*Lane {
		l, width = levelAVX512, 2*Lane
	}
	if n >= 2*width {
		return l, 2, 2 * width
	}
	return l, 1, width
}

// mostRows is how many rows the tallest tile has.
func mostRows(l level) int {
	if l == levelAVX512 {
		return rowsAVX512
	}
	return rowsAVX2
}

// heights cuts m rows into count tiles of nearly equal height and at most most rows, the
// first talls of them of tall rows and the others of one less: 32 rows are two of 6 and
// four of 5, since a tile of 2 would leave the FMA units idle for most of its time.
func heights(m, most int) (tall, talls, count int) {
	count = (m + most - 1) / most
	tall = (m + count - 1) / count
	if tall == 1 {
		return 1, m, m
	}
	return tall, m - count*(tall-1), count
}

// run computes count tiles of some rows.
func run(t *tiles, l level, vecs, rows, count int, a, b, c []float32) {
	t[tileCount] = count
	if l == levelAVX512 {
		tileAVX512(rows, vecs, &a[0], &b[0], &c[0], t)
	} else {
		tileAVX2(rows, vecs, &a[0], &b[0], &c[0], t)
	}
}
