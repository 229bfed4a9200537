// This file cuts the gradient of small filters into blocks that stay in registers.

//go:build !purego

package f32

// winning is what a function of Winners gets beside its pointers, as tiles is for
// products.
type winning = [9]int

const (
	wonM = iota
	wonL
	wonARow
	wonASkip // from behind the last window of a row to the next row's first
	wonN
	wonPlace1
	wonPlace2
	wonPlace3
)

// The largest number of taps of a block.
const (
	tapsAVX2   = 9
	tapsAVX512 = 10
)

func (w *Winners) do(c, a, g []float32, won, taps []int32) {
	if using == levelGo {
		w.generic(c, a, g, won, taps)
		return
	}
	first := int(w.Places[0])
	p := winning{
		wonM: w.M, wonL: w.L, wonARow: 4 * w.ARow, wonASkip: 4 * (w.ASeg - w.M*w.ARow), wonN: 4 * w.N,
		wonPlace1: 4 * (int(w.Places[1]) - first), wonPlace2: 4 * (int(w.Places[2]) - first), wonPlace3: 4 * (int(w.Places[3]) - first),
	}
	for j := 0; j < w.N; {
		most, wide, vecs := tapsAVX2, Lane, 1
		l := levelAVX2
		if rest := w.N - j; using == levelAVX512 && rest >= 2*Lane {
			l, most, wide = levelAVX512, tapsAVX512, 2*Lane
			if rest >= 4*Lane {
				vecs, wide = 2, 4*Lane
			}
		}
		for t := 0; t < len(taps); t += most {
			n := min(most, len(taps)-t)
			pc, pa, pg, pw, pt := &c[t*w.N+j], &a[first], &g[j], &won[j], &taps[t]
			if l == levelAVX512 {
				winnersAVX512(n, vecs, pc, pa, pg, pw, pt, &p)
			} else {
				winnersAVX2(n, vecs, pc, pa, pg, pw, pt, &p)
			}
		}
		j += wide
	}
}
