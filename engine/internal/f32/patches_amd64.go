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
	lanes, wide := Lane, wideAVX2
	if using == levelAVX512 {
		lanes, wide = 2*Lane, wideAVX512
	}
	t, g := &terms[0].At, &groups[0].To
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
				patchesAVX512(rows, vecs, d, s, t, g, len(groups), 4*p.DstRow, 4*p.SrcRow, rest)
			} else {
				patchesAVX2(rows, vecs, d, s, t, g, len(groups), 4*p.DstRow, 4*p.SrcRow, rest)
			}
			j += vecs * lanes
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
	if using == levelGo {
		splitGeneric(terms, groups, grad, won, step)
		return
	}
	splitAMD64(&terms[0].At, &groups[0].To, &grad[0], &won[0], len(grad), step)
}
