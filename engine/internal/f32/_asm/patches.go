// This file generates the blocks of Patches, and what makes the lists for them.

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// patches generates rows by vecs vectors that stay in registers while the terms of
// a group are added.
func (s isa) patches(rows, vecs int) {
	name := s.block("patches", rows, vecs)
	TEXT(name, NOSPLIT, "func(dst, src *float32, terms, groups *int32, n, dstRow, srcRow int)")
	Doc(fmt.Sprintf("%s runs Patches.generic for %d rows of %d numbers and n > 0 groups.", name, rows, s.lanes*vecs))
	Pragma("noescape")
	dst, src, terms, groups, n := pointer("dst"), pointer("src"), pointer("terms"), pointer("groups"), pointer("n")
	dstRow, srcRow := pointer("dstRow"), pointer("srcRow")
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
			VMOVUPS(row(to, dstRow, i, j), sums[i][j])
		}
	}
	Label("term")
	p, by := GP64(), s.vec()
	MOVLQSX(Mem{Base: t}, p)
	LEAQ(Mem{Base: src, Index: p, Scale: 4}, p)
	VBROADCASTSS(Mem{Base: t, Disp: 4}, by)
	for i := range sums {
		for j := range sums[i] {
			VFMADD231PS(row(p, srcRow, i, j), by, sums[i][j])
		}
	}
	ADDQ(Imm(8), t)
	DECQ(count)
	JNZ(LabelRef("term"))
	for i := range sums {
		for j := range sums[i] {
			VMOVUPS(sums[i][j], row(to, dstRow, i, j))
		}
	}
	Label("next")
	ADDQ(Imm(12), groups)
	DECQ(n)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
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

// splitPlaces generates the same with AVX-512: of each sixteen channels it keeps those of
// one place, and goes through the places. Up to sixteen terms behind a list are
// overwritten.
func (s isa) splitPlaces() {
	TEXT("splitAVX512", NOSPLIT, "func(terms, groups *int32, grad *float32, won *int32, channels, step, places int)")
	Doc("splitAVX512 runs splitGeneric for channels > 0 and places > 0.")
	Pragma("noescape")
	terms, groups, step := pointer("terms"), pointer("groups"), pointer("step")
	one, first, stride, place := s.vec(), s.vec(), s.vec(), s.vec()
	spread := func(r GPVirtual, v VecVirtual) {
		x := XMM()
		VMOVD(r.As32(), x)
		VPBROADCASTD(x, v)
	}
	spread(step, stride)
	VPMULLD(laneNumbers(s.lanes), stride, first)
	VPSLLD(Imm(4), stride, stride)
	r := GP64()
	MOVQ(U64(1), r)
	spread(r, one)
	// Term i of the lower eight is number i of both vectors, and of the upper eight i+8.
	lower, upper, zero := s.vec(), s.vec(), s.vec()
	VMOVDQU32(interleaved(0), lower)
	VMOVDQU32(interleaved(8), upper)
	s.zero(zero)
	s.zero(place)

	Label("place")
	at, list, start, i, left := s.vec(), GP64(), GP64(), GP64(), pointer("channels")
	VMOVDQA32(first, at)
	MOVLQSX(Mem{Base: groups, Disp: 4}, start)
	LEAQ(Mem{Base: terms, Index: start, Scale: 8}, start)
	MOVQ(start, list)
	XORQ(i, i)
	grad, won := pointer("grad"), pointer("won")

	Label("channels")
	n, bits := GP64(), GP32()
	MOVQ(U64(16), n)
	CMPQ(left, n)
	CMOVQLT(left, n)
	MOVL(U32(0xffffffff), bits)
	BZHIL(n.As32(), bits, bits)
	here, here2, v := K(), K(), s.vec()
	KMOVW(bits, here)
	VMOVUPS_Z(Mem{Base: grad, Index: i, Scale: 4}, here, v)
	VPCMPEQD(Mem{Base: won, Index: i, Scale: 4}, place, here, here2)
	alive := K()
	VCMPPS(Imm(4), zero, v, here2, alive) // unequal, or NaN
	from, by := s.vec(), s.vec()
	VPCOMPRESSD_Z(at, alive, from)
	VPCOMPRESSD_Z(v, alive, by)
	low := s.vec()
	VMOVDQA32(from, low)
	VPERMT2D(by, lower, low)
	VPERMT2D(by, upper, from)
	VMOVDQU32(low, Mem{Base: list})
	VMOVDQU32(from, Mem{Base: list, Disp: 64})
	KMOVW(alive, bits)
	POPCNTL(bits, bits)
	LEAQ(Mem{Base: list, Index: bits.(GPVirtual).As64(), Scale: 8}, list)
	VPADDD(stride, at, at)
	ADDQ(Imm(16), i)
	SUBQ(Imm(16), left)
	JG(LabelRef("channels"))

	SUBQ(start, list)
	SHRQ(Imm(3), list)
	MOVL(list.As32(), Mem{Base: groups, Disp: 8})
	ADDQ(Imm(12), groups)
	VPADDD(one, place, place)
	places := GP64()
	Load(Param("places"), places)
	DECQ(places)
	Store(places, Param("places"))
	JNZ(LabelRef("place"))
	VZEROUPPER()
	RET()
}

// interleaved returns memory with the places of eight pairs, from one on, of the numbers
// of two vectors.
func interleaved(from int) Mem {
	m := GLOBL(fmt.Sprintf("pairs%d", from), attr.RODATA|attr.NOPTR)
	for i := range 8 {
		DATA(8*i, U32(uint32(from+i)))
		DATA(8*i+4, U32(uint32(16+from+i)))
	}
	return m
}
