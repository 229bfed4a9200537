// This file generates the blocks of Patches, and what makes the lists for them.

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// patches generates rows by vecs vectors that stay in registers while the terms of
// a group are added. Of the last vector of each row only the lanes of mask are
// touched.
func (s isa) patches(rows, vecs int) {
	name := s.block("patches", rows, vecs)
	TEXT(name, NOSPLIT, "func(dst, src *float32, terms, groups *int32, n, dstRow, srcRow, rest int)")
	Doc(fmt.Sprintf("%s runs Patches.generic for %d rows of %d numbers and rest more, and n > 0 groups.", name, rows, s.lanes*(vecs-1)))
	Pragma("noescape")
	dst, src, terms, groups, n := pointer("dst"), pointer("src"), pointer("terms"), pointer("groups"), pointer("n")
	dstRow, srcRow := pointer("dstRow"), pointer("srcRow")
	mask := s.mask(pointer("rest"))
	row := func(base, stride GPVirtual, i, j int) Mem {
		m := Mem{Base: base, Disp: s.bytes() * j}
		if i > 0 {
			m.Index, m.Scale = stride, uint8(i)
		}
		return m
	}
	Label("group")
	to, t, count := GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: groups, Disp: 8}, count)
	TESTQ(count, count)
	JZ(LabelRef("next"))
	MOVLQSX(Mem{Base: groups}, to)
	LEAQ(Mem{Base: dst, Index: to, Scale: 4}, to)
	MOVLQSX(Mem{Base: groups, Disp: 4}, t)
	LEAQ(Mem{Base: terms, Index: t, Scale: 8}, t)
	sums := make([][]VecVirtual, rows)
	for i := range sums {
		sums[i] = make([]VecVirtual, vecs)
		for j := range sums[i] {
			sums[i][j] = s.vec()
			m := row(to, dstRow, i, j)
			if j < vecs-1 {
				VMOVUPS(m, sums[i][j])
			} else {
				mask.load(m, sums[i][j])
			}
		}
	}
	Label("term")
	p, by := GP64(), s.vec()
	MOVLQSX(Mem{Base: t}, p)
	LEAQ(Mem{Base: src, Index: p, Scale: 4}, p)
	VBROADCASTSS(Mem{Base: t, Disp: 4}, by)
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
	ADDQ(Imm(8), t)
	DECQ(count)
	JNZ(LabelRef("term"))
	for i := range sums {
		for j := range sums[i] {
			m := row(to, dstRow, i, j)
			if j < vecs-1 {
				VMOVUPS(sums[i][j], m)
			} else {
				mask.store(sums[i][j], m)
			}
		}
	}
	Label("next")
	ADDQ(Imm(12), groups)
	DECQ(n)
	JNZ(LabelRef("group"))
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

// countPresent adds 1 to n where the bits of g, which are lost, are not those of
// zero of either sign: a branch would be guessed wrong half of the time.
func countPresent(g, n GPVirtual) {
	ADDL(g, g)
	CMPL(g, Imm(1)) // carries for zero
	SBBQ(I8(-1), n)
}

// collect generates the lists of the gradient of weights.
func collect() {
	TEXT("collectAMD64", NOSPLIT, "func(terms, groups *int32, grad *float32, won, corners, places *int32, windows, stride, channels int)")
	Doc("collectAMD64 runs collectGeneric for windows > 0 and channels > 0.")
	Pragma("noescape")
	terms, groups, won, places := pointer("terms"), pointer("groups"), pointer("won"), pointer("places")
	g := pointer("grad")
	windows, stride := pointer("windows"), pointer("stride")
	SHLQ(Imm(2), stride)
	Label("channel")
	k, n, i, corners, list := GP64(), GP64(), GP64(), pointer("corners"), GP64()
	MOVQ(windows, k)
	XORQ(n, n)
	XORQ(i, i)
	MOVLQSX(Mem{Base: groups, Disp: 4}, list)
	LEAQ(Mem{Base: terms, Index: list, Scale: 8}, list)
	Label("window")
	v, at := GP32(), GP64()
	MOVLQSX(Mem{Base: won, Index: i, Scale: 1}, at)
	MOVL(Mem{Base: places, Index: at, Scale: 4}, at.As32())
	ADDL(Mem{Base: corners}, at.As32())
	MOVL(Mem{Base: g, Index: i, Scale: 1}, v)
	MOVL(at.As32(), Mem{Base: list, Index: n, Scale: 8})
	MOVL(v, Mem{Base: list, Index: n, Scale: 8, Disp: 4})
	countPresent(v.(GPVirtual), n)
	ADDQ(Imm(4), corners)
	ADDQ(stride, i)
	DECQ(k)
	JNZ(LabelRef("window"))
	MOVL(n.As32(), Mem{Base: groups, Disp: 8})
	ADDQ(Imm(12), groups)
	ADDQ(Imm(4), g)
	ADDQ(Imm(4), won)
	channels := GP64()
	Load(Param("channels"), channels)
	DECQ(channels)
	Store(channels, Param("channels"))
	JNZ(LabelRef("channel"))
	RET()
}

// split generates the lists of the gradient of an image.
func split() {
	TEXT("splitAMD64", NOSPLIT, "func(terms, groups *int32, grad *float32, won *int32, channels, step int)")
	Doc("splitAMD64 runs splitGeneric for channels > 0.")
	Pragma("noescape")
	terms, groups, won, g := pointer("terms"), pointer("groups"), pointer("won"), pointer("grad")
	channels, step := pointer("channels"), pointer("step")
	at := GP64()
	XORQ(at, at)
	Label("channel")
	v, q, n, to := GP32(), GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: won}, q)
	LEAQ(Mem{Base: q, Index: q, Scale: 2}, q) // a group has three numbers
	MOVLQSX(Mem{Base: groups, Index: q, Scale: 4, Disp: 8}, n)
	MOVLQSX(Mem{Base: groups, Index: q, Scale: 4, Disp: 4}, to)
	ADDQ(n, to)
	MOVL(Mem{Base: g}, v)
	MOVL(at.As32(), Mem{Base: terms, Index: to, Scale: 8})
	MOVL(v, Mem{Base: terms, Index: to, Scale: 8, Disp: 4})
	countPresent(v.(GPVirtual), n)
	MOVL(n.As32(), Mem{Base: groups, Index: q, Scale: 4, Disp: 8})
	ADDQ(step, at)
	ADDQ(Imm(4), g)
	ADDQ(Imm(4), won)
	DECQ(channels)
	JNZ(LabelRef("channel"))
	RET()
}
