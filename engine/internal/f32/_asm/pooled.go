// This file generates the tiles of Pooled.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Fields of type windows of pooled_amd64.go, in its order.
const (
	winK = iota
	winL
	winCount
	winARow
	winASeg
	winBRow
	winBSeg
	winCRow
	winLeft // scratch: segments left
	winA    // scratch: the present windows
	winC
	winWon
	winFields
)

// pooled generates windows of two by two sums and the largest of each: of the four
// sums only one leaves the registers.
func (s isa) pooled(windows, vecs int) {
	name := s.block("pooled", windows, vecs)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(a, b, c *float32, won *int32, t *[%d]int)", winFields))
	Doc(fmt.Sprintf("%s runs Pooled.generic for count times %d windows and %d columns.", name, windows, s.lanes*vecs))
	Pragma("noescape")
	t := fields{pointer("t")}
	arow, brow := t.load(winARow), t.load(winBRow)
	for _, f := range []struct {
		param string
		field int
	}{{"a", winA}, {"c", winC}, {"won", winWon}} {
		MOVQ(pointer(f.param), t.mem(f.field))
	}
	// Place q of window w is row q/2 and column 2w+q%2.
	sums := make([][4][]VecVirtual, windows)
	for w := range sums {
		for q := range sums[w] {
			sums[w][q] = make([]VecVirtual, vecs)
			for j := range sums[w][q] {
				sums[w][q][j] = s.vec()
			}
		}
	}
	Label("next")
	for w := range sums {
		for q := range sums[w] {
			for j := range sums[w][q] {
				s.zero(sums[w][q][j])
			}
		}
	}
	as, bs := t.load(winA), pointer("b")
	l := t.load(winL)
	MOVQ(l, t.mem(winLeft))

	Label("segment")
	below := GP64()
	MOVQ(as, below)
	ADDQ(t.mem(winASeg), below)
	upper, upperAt := rowsAt(as, arow, 2*windows)
	lower, lowerAt := rowsAt(below, arow, 2*windows)
	b, k := GP64(), t.load(winK)
	MOVQ(bs, b)

	Label("inner")
	right := make([]VecVirtual, vecs)
	for j := range right {
		right[j] = s.vec()
		VMOVUPS(Mem{Base: b, Disp: s.bytes() * j}, right[j])
	}
	for w := range sums {
		for q := range sums[w] {
			v := s.vec()
			if q < 2 {
				VBROADCASTSS(upperAt(2*w+q), v)
			} else {
				VBROADCASTSS(lowerAt(2*w+q-2), v)
			}
			for j := range right {
				VFMADD231PS(right[j], v, sums[w][q][j])
			}
		}
	}
	for _, p := range append(upper, lower...) {
		ADDQ(Imm(4), p)
	}
	ADDQ(brow, b)
	DECQ(k)
	JNZ(LabelRef("inner"))

	ADDQ(t.mem(winASeg), as)
	ADDQ(t.mem(winBSeg), bs)
	DECQ(t.mem(winLeft))
	JNZ(LabelRef("segment"))

	c, won, crow := t.load(winC), t.load(winWon), t.load(winCRow)
	var number [4]VecVirtual
	for q := 1; q < 4; q++ {
		r, x := GP32(), XMM()
		MOVL(U32(uint32(q)), r)
		VMOVD(r, x)
		number[q] = s.vec()
		VPBROADCASTD(x, number[q])
	}
	for w := range sums {
		for j := range vecs {
			top, index := sums[w][0][j], s.vec()
			s.zero(index)
			for q := 1; q < 4; q++ {
				s.larger(sums[w][q][j], number[q], top, index)
			}
			VMOVUPS(top, Mem{Base: c, Disp: s.bytes() * j})
			VMOVUPS(index, Mem{Base: won, Disp: s.bytes() * j})
		}
		ADDQ(crow, c)
		ADDQ(crow, won)
	}
	MOVQ(c, t.mem(winC))
	MOVQ(won, t.mem(winWon))
	for range 2 * windows {
		ADDQ(arow, t.mem(winA))
	}
	DECQ(t.mem(winCount))
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// larger: where v > top, top = v and index = from; false for NaN.
func (s isa) larger(v, from, top, index VecVirtual) {
	if s.lanes == 16 {
		k := K()
		VCMPPS(Imm(0x1e), top, v, k)
		VBLENDMPS(v, top, k, top)
		VPBLENDMD(from, index, k, index)
		return
	}
	more := s.vec()
	VCMPPS(Imm(0x1e), top, v, more)
	VBLENDVPS(more, v, top, top)
	VBLENDVPS(more, from, index, index)
}
