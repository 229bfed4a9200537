// This file cuts patches into blocks that stay in registers.

//go:build !purego

package f32

// The largest number of vectors of a block.
const (
	wideAVX2   = 12
	wideAVX512 = 24
)

func (p *Patches) do(dst, src []float32, terms []Term, groups []Group) {
	if using == levelGo {
		p.generic(dst, src, terms, groups)
		return
	}
	whole := p.Len &^ (Lane - 1)
	if rest := p.Len - whole; rest > 0 {
		q := Patches{Rows: p.Rows, Len: rest, DstRow: p.DstRow, SrcRow: p.SrcRow}
		q.generic(dst[whole:], src[whole:], terms, groups)
	}
	t, g := &terms[0].At, &groups[0].To
	// Three rows at a time, as most filters have, else one.
	for r := 0; r < p.Rows; {
		rows := 1
		if r+3 <= p.Rows {
			rows = 3
		}
		for j := 0; j < whole; {
			d, s := &dst[r*p.DstRow+j], &src[r*p.SrcRow+j]
			if vecs := min((whole-j)/(2*Lane), wideAVX512/rows); using == levelAVX512 && vecs > 0 {
				patchesAVX512(rows, vecs, d, s, t, g, len(groups), 4*p.DstRow, 4*p.SrcRow)
				j += vecs * 2 * Lane
			} else {
				vecs := min((whole-j)/Lane, wideAVX2/rows)
				patchesAVX2(rows, vecs, d, s, t, g, len(groups), 4*p.DstRow, 4*p.SrcRow)
				j += vecs * Lane
			}
		}
		r += rows
	}
}

func collect(terms []Term, groups []Group, grad []float32, won, corners, places []int32, stride int) {
	if using == levelGo {
		collectGeneric(terms, groups, grad, won, corners, places, stride)
		return
	}
	collectAMD64(&terms[0].At, &groups[0].To, &grad[0], &won[0], &corners[0], &places[0], len(corners), stride, len(groups))
}

func split(terms []Term, groups []Group, grad []float32, won []int32, step int) {
	t, g := &terms[0].At, &groups[0].To
	switch using {
	case levelGo:
		splitGeneric(terms, groups, grad, won, step)
	case levelAVX512:
		splitAVX512(t, g, &grad[0], &won[0], len(grad), step, len(groups))
	default:
		splitAMD64(t, g, &grad[0], &won[0], len(grad), step)
	}
}
