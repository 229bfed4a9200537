// This file generates what copies a right side to where its numbers lie together.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// panels generates the copy of whole panels, all of a row before the next, which is
// how the right side lies.
func (s isa) panels() {
	TEXT("panels"+s.name, NOSPLIT, "func(dst, src *float32, rows, panels, srcRow, next int)")
	Doc(fmt.Sprintf("panels%s copies rows > 0 rows of panels > 0 panels of %d numbers, srcRow apart; dst has the rows of a panel behind each other, and the panels next apart.", s.name, 2*s.lanes))
	Pragma("noescape")
	dst, src, rows, panels := pointer("dst"), pointer("src"), pointer("rows"), pointer("panels")
	srcRow, next := pointer("srcRow"), pointer("next")
	SHLQ(Imm(2), srcRow)
	SHLQ(Imm(2), next)
	Label("row")
	p, q, k := GP64(), GP64(), GP64()
	MOVQ(dst, p)
	MOVQ(src, q)
	MOVQ(panels, k)
	Label("panel")
	v, w := s.vec(), s.vec()
	VMOVUPS(Mem{Base: q}, v)
	VMOVUPS(Mem{Base: q, Disp: s.bytes()}, w)
	VMOVUPS(v, Mem{Base: p})
	VMOVUPS(w, Mem{Base: p, Disp: s.bytes()})
	ADDQ(Imm(uint64(2*s.bytes())), q)
	ADDQ(next, p)
	DECQ(k)
	JNZ(LabelRef("panel"))
	ADDQ(srcRow, src)
	ADDQ(Imm(uint64(2*s.bytes())), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
