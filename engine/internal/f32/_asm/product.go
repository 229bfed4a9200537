// This file generates the tiles of Product.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Fields of type tiles of product_amd64.go, in its order.
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
	tileANext
	tileCNext
	tileAcc
	tileLeft // scratch: segments left
	tileA    // scratch: the present tile's rows
	tileC    // and sums
	tileFields
)

// tile generates a product of rows·count rows and a few vectors of columns, rows at
// a time: the sums stay in registers over all of K and L. AVX2's twelve sums of 6x2
// keep two FMA units of latency 4 busy, with eight loads for twelve of them; with
// AVX-512 there are up to 28, so that 13 rows are one tile.
func (s isa) tile(rows, vecs int) {
	name := s.block("tile", rows, vecs)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(a, b, c *float32, t *[%d]int)", tileFields))
	Doc(fmt.Sprintf("%s runs Product.generic for count times %d rows and %d columns.", name, rows, s.lanes*vecs))
	Pragma("noescape")
	t := fields{pointer("t")}
	arow, acol, brow := t.load(tileARow), t.load(tileACol), t.load(tileBRow)
	a, c := pointer("a"), pointer("c")
	MOVQ(a, t.mem(tileA))
	MOVQ(c, t.mem(tileC))

	sums := make([][]VecVirtual, rows)
	for i := range sums {
		sums[i] = make([]VecVirtual, vecs)
		for j := range sums[i] {
			sums[i][j] = s.vec()
		}
	}
	overSums := func(do func(m Mem, sum VecVirtual)) {
		p, crow := t.load(tileC), t.load(tileCRow)
		for i := range sums {
			for j := range sums[i] {
				do(Mem{Base: p, Disp: s.bytes() * j}, sums[i][j])
			}
			if i < rows-1 {
				ADDQ(crow, p)
			}
		}
	}
	Label("next")
	CMPQ(t.mem(tileAcc), Imm(0))
	JNE(LabelRef("load"))
	for i := range sums {
		for j := range sums[i] {
			s.zero(sums[i][j])
		}
	}
	JMP(LabelRef("begin"))
	Label("load")
	overSums(func(m Mem, sum VecVirtual) { VMOVUPS(m, sum) })
	Label("begin")
	as, bs := t.load(tileA), pointer("b")
	l := t.load(tileL)
	MOVQ(l, t.mem(tileLeft))

	Label("segment")
	left, row := rowsAt(as, arow, rows)
	b, k := GP64(), t.load(tileK)
	MOVQ(bs, b)

	Label("inner")
	right := make([]VecVirtual, vecs)
	for j := range right {
		right[j] = s.vec()
		VMOVUPS(Mem{Base: b, Disp: s.bytes() * j}, right[j])
	}
	if s.lanes == 16 && vecs == 2 && rows >= 6 {
		// The tiles of the next columns are far from these in a right side that comes from
		// memory, whose rows are a page or more apart: the processor does not foresee them.
		for j := range right {
			PREFETCHT1(Mem{Base: b, Disp: s.bytes() * (vecs + j)})
		}
	}
	for i := range sums {
		if vecs == 1 && s.lanes == 16 {
			// For one product a number, spreading it within the instruction is a third
			// faster on Zen 4, which loads one register of 64 bytes a cycle.
			VFMADD231PS_BCST(row(i), right[0], sums[i][0])
			continue
		}
		v := s.vec()
		VBROADCASTSS(row(i), v)
		for j := range right {
			VFMADD231PS(right[j], v, sums[i][j])
		}
	}
	for _, p := range left {
		ADDQ(acol, p)
	}
	ADDQ(brow, b)
	DECQ(k)
	JNZ(LabelRef("inner"))

	ADDQ(t.mem(tileASeg), as)
	ADDQ(t.mem(tileBSeg), bs)
	DECQ(t.mem(tileLeft))
	JNZ(LabelRef("segment"))

	overSums(func(m Mem, sum VecVirtual) { VMOVUPS(sum, m) })
	step := t.load(tileANext)
	ADDQ(step, t.mem(tileA))
	step = t.load(tileCNext)
	ADDQ(step, t.mem(tileC))
	DECQ(t.mem(tileCount))
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}
