// This file cuts patches into blocks that stay in registers.

//go:build !purego

package f32

// The largest number of vectors of a block.
const (
	wideAVX2   = 12
	wideAVX512 = 24
)

func (p *Patches) do(dst, src []float32, terms []Term) {
	if using == levelGo {
		p.generic(dst, src, terms)
		return
	}
	lanes, wide := Lane, wideAVX2
	if using == levelAVX512 {
		lanes, wide = 2*Lane, wideAVX512
	}
	// Three rows at a time, as most filters have, else one.
	for r := 0; r < p.Rows; {
		rows := 1
		if r+3 <= p.Rows {
			rows = 3
		}
		for j := 0; j < p.Len; {
			vecs := min((p.Len-j+lanes-1)/lanes, wide/rows)
			rest := min(p.Len-j-(vecs-1)*lanes, lanes) // numbers of the last vector
			d, s := &dst[r*p.DstRow+j], &src[r*p.SrcRow+j]
			if using == levelAVX512 {
				patchesAVX512(rows, vecs, d, s, &terms[0].At, len(terms), 4*p.DstRow, 4*p.SrcRow, rest)
			} else {
				patchesAVX2(rows, vecs, d, s, &terms[0].At, len(terms), 4*p.DstRow, 4*p.SrcRow, rest)
			}
			j += vecs * lanes
		}
		r += rows
	}
}
