// This file generates the blocks of Winners.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Fields of type winning of winners_amd64.go, in its order.
const (
	wonM = iota
	wonL
	wonARow
	wonASkip
	wonN
	wonPlace1
	wonPlace2
	wonPlace3
	wonLeft // scratch: rows left
	wonFields
)

// winners generates the sums of some taps and vectors of channels, which stay in
// registers over all windows. The numbers of a tap's four places are spread over every
// quarter of a vector, from which each channel takes the one of its place.
func (s isa) winners(taps, vecs int) {
	name := s.block("winners", taps, vecs)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c, a, grad *float32, won, taps *int32, t *[%d]int)", wonFields))
	Doc(fmt.Sprintf("%s runs Winners.generic for %d taps and %d channels.", name, taps, s.lanes*vecs))
	Pragma("noescape")
	t := fields{pointer("t")}
	a, grad, won, tap := pointer("a"), pointer("grad"), pointer("won"), pointer("taps")
	place := [4]GPVirtual{1: t.load(wonPlace1), 2: t.load(wonPlace2), 3: t.load(wonPlace3)}
	sums := make([][]VecVirtual, taps)
	overSums := func(do func(m Mem, sum VecVirtual)) {
		p, n := pointer("c"), t.load(wonN)
		for i := range sums {
			for j := range sums[i] {
				do(Mem{Base: p, Disp: s.bytes() * j}, sums[i][j])
			}
			if i < taps-1 {
				ADDQ(n, p)
			}
		}
	}
	for i := range sums {
		sums[i] = make([]VecVirtual, vecs)
		for j := range sums[i] {
			sums[i][j] = s.vec()
		}
	}
	overSums(func(m Mem, sum VecVirtual) { VMOVUPS(m, sum) })
	l := t.load(wonL)
	MOVQ(l, t.mem(wonLeft))

	Label("row")
	windows := t.load(wonM)
	Label("window")
	from, by := make([]VecVirtual, vecs), make([]VecVirtual, vecs)
	for j := range vecs {
		from[j], by[j] = s.vec(), s.vec()
		VMOVUPS(Mem{Base: won, Disp: s.bytes() * j}, from[j])
		VMOVUPS(Mem{Base: grad, Disp: s.bytes() * j}, by[j])
	}
	for i := range sums {
		p, four, all := GP64(), XMM(), s.vec()
		MOVLQSX(Mem{Base: tap, Disp: 4 * i}, p)
		LEAQ(Mem{Base: a, Index: p, Scale: 4}, p)
		VMOVSS(Mem{Base: p}, four)
		for q := 1; q < 4; q++ {
			VINSERTPS(Imm(uint64(q<<4)), Mem{Base: p, Index: place[q], Scale: 1}, four, four)
		}
		if s.lanes == 16 {
			VSHUFF32X4(Imm(0), four.AsZ(), four.AsZ(), all)
		} else {
			VINSERTF128(Imm(1), four, four.AsY(), all)
		}
		for j := range vecs {
			v := s.vec()
			VPERMILPS(from[j], all, v)
			VFMADD231PS(v, by[j], sums[i][j])
		}
	}
	n := t.load(wonN)
	ADDQ(n, won)
	ADDQ(n, grad)
	ADDQ(t.mem(wonARow), a)
	DECQ(windows)
	JNZ(LabelRef("window"))
	ADDQ(t.mem(wonASkip), a)
	DECQ(t.mem(wonLeft))
	JNZ(LabelRef("row"))

	overSums(func(m Mem, sum VecVirtual) { VMOVUPS(sum, m) })
	VZEROUPPER()
	RET()
}
