// This file generates the blocks of Patches.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// patches generates rows by vecs vectors that stay in registers while n terms are
// added. Of the last vector of each row only the lanes of mask are touched.
func (s isa) patches(rows, vecs int) {
	name := s.block("patches", rows, vecs)
	TEXT(name, NOSPLIT, "func(dst, src *float32, terms *int32, n, dstRow, srcRow, rest int)")
	Doc(fmt.Sprintf("%s runs Patches.generic for %d rows of %d numbers and rest more, n > 0.", name, rows, s.lanes*(vecs-1)))
	Pragma("noescape")
	dst, src, terms, n := pointer("dst"), pointer("src"), pointer("terms"), pointer("n")
	dstRow, srcRow, rest := pointer("dstRow"), pointer("srcRow"), pointer("rest")
	mask := s.mask(rest)
	row := func(base, stride GPVirtual, i, j int) Mem {
		m := Mem{Base: base, Disp: s.bytes() * j}
		if i > 0 {
			m.Index, m.Scale = stride, uint8(i)
		}
		return m
	}
	sums := make([][]VecVirtual, rows)
	for i := range sums {
		sums[i] = make([]VecVirtual, vecs)
		for j := range sums[i] {
			sums[i][j] = s.vec()
			m := row(dst, dstRow, i, j)
			if j < vecs-1 {
				VMOVUPS(m, sums[i][j])
			} else {
				mask.load(m, sums[i][j])
			}
		}
	}
	Label("term")
	p, by := GP64(), s.vec()
	MOVLQSX(Mem{Base: terms}, p)
	LEAQ(Mem{Base: src, Index: p, Scale: 4}, p)
	VBROADCASTSS(Mem{Base: terms, Disp: 4}, by)
	for i := range sums {
		for j := range sums[i] {
			m := row(p, srcRow, i, j)
			if j < vecs-1 {
				VFMADD231PS(m, by, sums[i][j])
				continue
			}
			v := s.vec()
			mask.load(m, v)
			VFMADD231PS(v, by, sums[i][j])
		}
	}
	ADDQ(Imm(8), terms)
	DECQ(n)
	JNZ(LabelRef("term"))
	for i := range sums {
		for j := range sums[i] {
			m := row(dst, dstRow, i, j)
			if j < vecs-1 {
				VMOVUPS(sums[i][j], m)
			} else {
				mask.store(sums[i][j], m)
			}
		}
	}
	VZEROUPPER()
	RET()
}

// A mask selects the first lanes of a vector in memory.
type mask struct {
	k OpmaskVirtual
	v VecVirtual
}

// mask makes one for 1 to all lanes.
func (s isa) mask(count GPVirtual) mask {
	if s.lanes == 16 {
		one, bits, k := GP32(), GP32(), K()
		MOVL(U32(0xffffffff), one)
		XORL(bits, bits)
		BZHIL(count.As32(), one, bits)
		KMOVW(bits, k)
		return mask{k: k}
	}
	lanes := laneNumbers(8)
	x, n, m := XMM(), s.vec(), s.vec()
	VMOVD(count.As32(), x)
	VPBROADCASTD(x, n)
	VPCMPGTD(lanes, n, m)
	return mask{v: m}
}

func (m mask) load(from Mem, v VecVirtual) {
	if m.v == nil {
		VMOVUPS_Z(from, m.k, v)
		return
	}
	VMASKMOVPS(from, m.v, v)
}

func (m mask) store(v VecVirtual, to Mem) {
	if m.v == nil {
		VMOVUPS(v, m.k, to)
		return
	}
	VMASKMOVPS(v, m.v, to)
}
