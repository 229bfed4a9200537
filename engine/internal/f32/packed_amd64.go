// This file computes large products in pieces that the caches hold.

//go:build !purego

package f32

import "sync/atomic"

// A piece of the right side has up to packK rows and packN columns, and lies in the
// second cache together with packM rows of the left side (Goto and van de Geijn,
// "Anatomy of high-performance matrix multiplication", 2008). Between pieces the sums
// wait in c, which changes no bit of them.
const (
	packK = 256
	packN = 512
	packM = 16 * rowsAVX512
)

// packing is room for a piece of either side. The left side lies there by tiles, each
// column by column, and the right side by panels as wide as a tile, each row by row.
type packing struct {
	a [packM * packK]float32
	b [packK * packN]float32
}

// packings are those that nobody uses: as many as goroutines have ever computed large
// products at the same time, up to a number that is more than enough.
var packings [64]atomic.Pointer[packing]

func takePacking() *packing {
	for i := range packings {
		if packings[i].Load() != nil {
			if s := packings[i].Swap(nil); s != nil {
				return s
			}
		}
	}
	return new(packing)
}

func (s *packing) give() {
	for i := range packings {
		if packings[i].Load() == nil && packings[i].CompareAndSwap(nil, s) {
			return
		}
	}
}

// packs reports whether copying is worth it: columns that are not neighbours, or a
// right side that the second cache does not hold and that is read many times. Within
// that, and for few rows, the tiles are as fast where things lie.
func (p *Product) packs() bool {
	return p.turned() || p.L == 1 && p.M >= 128 && p.K >= 128 && p.K*p.N >= 1<<19
}

// flips reports whether the left side is so low that turning it is quicker than turning
// the right side.
func (p *Product) flips() bool {
	return p.turned() && !p.Acc && p.ACol == 1 && p.M <= packM/2 && p.K*Pad(p.M) <= packK*packN
}

// flipped computes the transposed product: the right side is then read as it lies, once,
// row by row.
func (p *Product) flipped(a, b, c []float32) {
	s := takePacking()
	wide := Pad(p.M)
	clear(s.b[:p.K*wide])
	Transpose(s.b[:], a, p.M, p.K, wide, p.ARow)
	m := Product{N: wide, K: p.K, L: 1, ARow: p.BCol, ACol: 1, BRow: wide, CRow: wide}
	rows := len(s.a) / wide
	for i := 0; i < p.N; i += rows {
		m.M = min(rows, p.N-i)
		m.tiles(b[i*p.BCol:], s.b[:], s.a[:])
		Transpose(c[i:], s.a[:], m.M, p.M, p.CRow, wide)
	}
	s.give()
}

func (p *Product) packed(a, b, c []float32) {
	s := takePacking()
	for j := 0; j < p.N; j += packN {
		n := min(packN, p.N-j)
		for k := 0; k < p.K; k += packK {
			piece := *p
			piece.N, piece.K, piece.Acc = n, min(packK, p.K-k), p.Acc || k > 0
			piece.packB(s, b[k*p.BRow+j*max(p.BCol, 1):])
			for i := 0; i < p.M; i += packM {
				piece.M = min(packM, p.M-i)
				piece.packA(s, a[i*p.ARow+k*p.ACol:])
				piece.panels(s, c[i*p.CRow+j:])
			}
		}
	}
	s.give()
}

// packB copies the right side.
func (p *Product) packB(s *packing, b []float32) {
	_, _, wide := columns(p.N)
	j := 0
	if whole := p.N / wide; !p.turned() && wide >= 2*Lane {
		if wide == 2*Lane {
			panelsAVX2(&s.b[0], &b[0], p.K, whole, p.BRow, wide*p.K)
		} else {
			panelsAVX512(&s.b[0], &b[0], p.K, whole, p.BRow, wide*p.K)
		}
		j = whole * wide
	}
	for ; j < p.N; j += wide {
		w := min(wide, p.N-j)
		panel := s.b[j*p.K:]
		if p.turned() {
			// Eight rows at a time, which do not drive each other out of the first cache.
			for r := 0; r < w; r += 8 {
				Transpose(panel[r:], b[(j+r)*p.BCol:], 8, p.K, w, p.BCol)
			}
			continue
		}
		for k := range p.K {
			copy(panel[k*w:(k+1)*w], b[k*p.BRow+j:])
		}
	}
}

// packA copies the left side.
func (p *Product) packA(s *packing, a []float32) {
	l, _, _ := columns(p.N)
	tall, talls, count := heights(p.M, mostRows(l))
	at := 0
	for t := range count {
		rows := tall
		if t >= talls {
			rows--
		}
		tile := s.a[at*p.K:]
		if p.ACol == 1 {
			Transpose(tile, a[at*p.ARow:], rows, p.K, rows, p.ARow)
		} else {
			for k := range p.K {
				for r := range rows {
					tile[k*rows+r] = a[(at+r)*p.ARow+k*p.ACol]
				}
			}
		}
		at += rows
	}
}

// panels computes the product of what was copied. All columns of a row of tiles have
// tiles of the same height, as the left side lies by them.
func (p *Product) panels(s *packing, c []float32) {
	first, _, wide := columns(p.N)
	tall, talls, count := heights(p.M, mostRows(first))
	t := tiles{tileK: p.K, tileL: 1, tileARow: 4, tileCRow: 4 * p.CRow}
	if p.Acc {
		t[tileAcc] = 1
	}
	for j := 0; j < p.N; j += wide {
		w := min(wide, p.N-j)
		t[tileBRow] = 4 * w
		for in := 0; in < w; {
			l, vecs, width := columns(w - in)
			b := s.b[j*p.K+in:]
			p.column(&t, l, vecs, tall, talls, s.a[:], b, c[j+in:])
			if count > talls {
				done := talls * tall
				p.column(&t, l, vecs, tall-1, count-talls, s.a[done*p.K:], b, c[done*p.CRow+j+in:])
			}
			in += width
		}
	}
}

// column computes count tiles of rows rows below each other. Where the last columns
// are AVX2's, whose tiles are lower, each is computed in parts.
func (p *Product) column(t *tiles, l level, vecs, rows, count int, a, b, c []float32) {
	t[tileACol], t[tileANext], t[tileCNext] = 4*rows, 4*rows*p.K, rows*t[tileCRow]
	most := mostRows(l)
	for r := 0; r < rows; {
		n := min(most, rows-r)
		run(t, l, vecs, n, count, a[r:], b, c[r*p.CRow:])
		r += n
	}
}
