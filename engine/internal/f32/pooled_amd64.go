// This file cuts a pooled product into windows that assembly computes.

//go:build !purego

package f32

// windowed is what a function of pooled products gets beside its pointers, as
// tiles is for products.
type windowed = [12]int

const (
	winK = iota
	winL
	winCount
	winARow
	winASeg
	winBRow
	winBSeg
	winCRow
)

// The largest number of windows at a time.
const (
	windowsAVX2   = 1
	windowsAVX512 = 3
)

func (p *Pooled) do(a, b, c []float32, won []int32) {
	if using == levelGo {
		p.generic(a, b, c, won)
		return
	}
	t := windowed{
		winK: p.K, winL: p.L, winARow: 4 * p.ARow, winASeg: 4 * p.ASeg,
		winBRow: 4 * p.BRow, winBSeg: 4 * p.BSeg, winCRow: 4 * p.CRow,
	}
	for j := 0; j < p.N; {
		width, l, most := Lane, levelAVX2, windowsAVX2
		if using == levelAVX512 && j+2*Lane <= p.N {
			width, l, most = 2*Lane, levelAVX512, windowsAVX512
		}
		vecs := 1
		if j+2*width <= p.N {
			vecs = 2
		}
		count := (p.M + most - 1) / most
		tall := (p.M + count - 1) / count
		talls := p.M - count*(tall-1)
		p.run(&t, l, vecs, tall, talls, 0, a, b[j:], c[j:], won[j:])
		p.run(&t, l, vecs, tall-1, count-talls, talls*tall, a, b[j:], c[j:], won[j:])
		j += vecs * width
	}
}

// run computes count times some windows, beginning with window from.
func (p *Pooled) run(t *windowed, l level, vecs, windows, count, from int, a, b, c []float32, won []int32) {
	if count == 0 || windows == 0 {
		return
	}
	t[winCount] = count
	pa, pb, pc, pw := &a[2*from*p.ARow], &b[0], &c[from*p.CRow], &won[from*p.CRow]
	if l == levelAVX512 {
		pooledAVX512(windows, vecs, pa, pb, pc, pw, t)
	} else {
		pooledAVX2(windows, vecs, pa, pb, pc, pw, t)
	}
}
