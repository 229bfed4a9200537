// This file generates the vector primitives.

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// text begins a function over n blocks.
func (s isa) text(name, params, blocks string) {
	TEXT(name+s.name, NOSPLIT, "func("+params+")")
	Doc(fmt.Sprintf("%s%s runs %sGeneric for n > 0 blocks of %s.", name, s.name, name, blocks))
	Pragma("noescape")
}

// numbers holds the data that laneNumbers has made.
var numbers = map[int]Mem{}

// laneNumbers returns memory with 0, 1, 2, ….
func laneNumbers(n int) Mem {
	if m, ok := numbers[n]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("lanes%d", n), attr.RODATA|attr.NOPTR)
	for i := range n {
		DATA(4*i, U32(uint32(i)))
	}
	numbers[n] = m
	return m
}

func (s isa) pixels() {
	s.text("pixels", "dst *float32, src *uint8, n int, scale float32", fmt.Sprint(2*s.lanes))
	dst, src := pointer("dst"), pointer("src")
	scale := s.spread(Param("scale"))
	blocks(2*s.lanes, func(i GPVirtual) {
		for j := range 2 {
			v := s.vec()
			VPMOVZXBD(Mem{Base: src, Index: i, Scale: 1, Disp: s.lanes * j}, v)
			VCVTDQ2PS(v, v)
			VMULPS(scale, v, v)
			VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 4, Disp: s.bytes() * j})
		}
	})
}

// eachRow emits loops over rows of n blocks each, one row after another in dst; body
// gets dst and the offset in both.
func (s isa) eachRow(body func(dst, bias Mem)) {
	dst, bias, n, rows := pointer("dst"), pointer("bias"), pointer("n"), pointer("rows")
	Label("row")
	i, k := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, k)
	Label("block")
	body(at(dst, i), at(bias, i))
	ADDQ(Imm(uint64(s.bytes())), i)
	DECQ(k)
	JNZ(LabelRef("block"))
	ADDQ(i, dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func (s isa) bias() {
	s.text("bias", "dst, bias *float32, n, rows int", fmt.Sprint(s.lanes))
	s.eachRow(func(dst, bias Mem) {
		v := s.vec()
		VMOVUPS(dst, v)
		VADDPS(bias, v, v)
		VMOVUPS(v, dst)
	})
}

func (s isa) biasReLU() {
	s.text("biasReLU", "dst, bias *float32, n, rows int", fmt.Sprint(s.lanes))
	zero := s.vec()
	s.zero(zero)
	s.eachRow(func(dst, bias Mem) {
		v := s.vec()
		VMOVUPS(dst, v)
		VADDPS(bias, v, v)
		VMAXPS(zero, v, v) // NaN gives the zero
		VMOVUPS(v, dst)
	})
}

func (s isa) sum() {
	s.text("sum", "dst, src *float32, n, rows, stride int", fmt.Sprint(s.lanes))
	dst, src, rows, stride := pointer("dst"), pointer("src"), pointer("rows"), pointer("stride")
	SHLQ(Imm(2), stride)
	blocks(s.bytes(), func(i GPVirtual) {
		v, p, r := s.vec(), GP64(), GP64()
		VMOVUPS(at(dst, i), v)
		LEAQ(at(src, i), p)
		MOVQ(rows, r)
		Label("row")
		VADDPS(Mem{Base: p}, v, v)
		ADDQ(stride, p)
		DECQ(r)
		JNZ(LabelRef("row"))
		VMOVUPS(v, at(dst, i))
	})
}

// transpose generates blocks of 8 by 8 in both directions; AVX-512 has nothing to
// add, as memory is what takes the time.
func transpose() {
	TEXT("transposeAVX2", NOSPLIT, "func(dst, src *float32, rows, dstRow, srcRow int)")
	Doc("transposeAVX2 runs transposeGeneric for 8 columns of src and rows > 0 blocks of 8.")
	Pragma("noescape")
	dst, src, rows := pointer("dst"), pointer("src"), pointer("rows")
	to, from := pointer("dstRow"), pointer("srcRow")
	SHLQ(Imm(2), to)
	SHLQ(Imm(2), from)
	Label("loop")
	_, row := rowsAt(src, from, 8)
	var a, b [8]VecVirtual
	for i := range a {
		a[i], b[i] = YMM(), YMM()
		VMOVUPS(row(i), a[i])
	}
	// Pairs of rows, then fours, within each half; then the halves.
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(a[i+1], a[i], b[i])
		VUNPCKHPS(a[i+1], a[i], b[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			VSHUFPS(Imm(0x44), b[i+2+j], b[i+j], a[i+2*j])
			VSHUFPS(Imm(0xee), b[i+2+j], b[i+j], a[i+2*j+1])
		}
	}
	for i := range 4 {
		VPERM2F128(Imm(0x20), a[i+4], a[i], b[i])
		VPERM2F128(Imm(0x31), a[i+4], a[i], b[i+4])
	}
	_, row = rowsAt(dst, to, 8)
	for i := range b {
		VMOVUPS(b[i], row(i))
	}
	ADDQ(Imm(32), dst)
	LEAQ(Mem{Base: src, Index: from, Scale: 8}, src)
	DECQ(rows)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func (s isa) gate() {
	s.text("gate", "grad, out *float32, n int", fmt.Sprint(s.lanes))
	grad, out := pointer("grad"), pointer("out")
	zero := s.vec()
	s.zero(zero)
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		VMOVUPS(at(out, i), v)
		// Greater, which is false for NaN.
		if s.lanes == 16 {
			k := K()
			VCMPPS(Imm(0x1e), zero, v, k)
			VMOVUPS_Z(at(grad, i), k, v)
		} else {
			VCMPPS(Imm(0x1e), zero, v, v)
			VANDPS(at(grad, i), v, v)
		}
		VMOVUPS(v, at(grad, i))
	})
}

func (s isa) largest() {
	s.text("largest", "top *float32, won *int32, in *float32, n int, from int32", fmt.Sprint(s.lanes))
	top, won, in := pointer("top"), pointer("won"), pointer("in")
	x, index, step := XMM(), s.vec(), s.vec()
	VMOVD(Load(Param("from"), GP32()).(GPVirtual), x)
	VPBROADCASTD(x, index)
	VPADDD(laneNumbers(s.lanes), index, index)
	lanes := GP32()
	MOVL(U32(uint32(s.lanes)), lanes)
	VMOVD(lanes, x)
	VPBROADCASTD(x, step)
	blocks(s.bytes(), func(i GPVirtual) {
		v, old, oldIndex := s.vec(), s.vec(), s.vec()
		VMOVUPS(at(in, i), v)
		VMOVUPS(at(top, i), old)
		VMOVUPS(at(won, i), oldIndex)
		s.larger(v, index, old, oldIndex)
		VMOVUPS(old, at(top, i))
		VMOVUPS(oldIndex, at(won, i))
		VPADDD(step, index, index)
	})
}

func (s isa) unpool() {
	s.text("unpool", "dst, grad *float32, won *int32, n int, place int32", fmt.Sprint(s.lanes))
	dst, g, won := pointer("dst"), pointer("grad"), pointer("won") // g is a register's name
	x, place := XMM(), s.vec()
	VMOVD(Load(Param("place"), GP32()).(GPVirtual), x)
	VPBROADCASTD(x, place)
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		if s.lanes == 16 {
			k := K()
			VPCMPEQD(at(won, i), place, k)
			VMOVUPS_Z(at(g, i), k, v)
		} else {
			VPCMPEQD(at(won, i), place, v)
			VANDPS(at(g, i), v, v)
		}
		VMOVUPS(v, at(dst, i))
	})
}

func (s isa) adam() {
	s.text("adam", "w, grad, m, v *float32, n int, cm, cv, rate, eps float32", fmt.Sprint(s.lanes))
	var p [4]GPVirtual
	for i, name := range []string{"w", "grad", "m", "v"} {
		p[i] = pointer(name)
	}
	cm, cv, rate, eps := s.spread(Param("cm")), s.spread(Param("cv")), s.spread(Param("rate")), s.spread(Param("eps"))
	blocks(s.bytes(), func(i GPVirtual) {
		g, m, v, t, w := s.vec(), s.vec(), s.vec(), s.vec(), s.vec()
		VMOVUPS(at(p[1], i), g)
		VMOVUPS(at(p[2], i), m)
		VSUBPS(m, g, t)
		VFMADD231PS(cm, t, m) // m += (g-m)·cm
		VMOVUPS(m, at(p[2], i))
		VMOVUPS(at(p[3], i), v)
		VFMSUB213PS(v, g, g)  // g²-v
		VFMADD231PS(cv, g, v) // v += (g²-v)·cv
		VMOVUPS(v, at(p[3], i))
		VSQRTPS(v, v)
		VADDPS(eps, v, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VMOVUPS(at(p[0], i), w)
		VSUBPS(m, w, w)
		VMOVUPS(w, at(p[0], i))
	})
}

func (s isa) scale() {
	s.text("scale", "x *float32, n int, by float32", fmt.Sprint(s.lanes))
	x := pointer("x")
	by := s.spread(Param("by"))
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		VMULPS(at(x, i), by, v)
		VMOVUPS(v, at(x, i))
	})
}

func (s isa) mulAdd() {
	s.text("mulAdd", "dst, a, b *float32, n int", fmt.Sprint(s.lanes))
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	blocks(s.bytes(), func(i GPVirtual) {
		v, w := s.vec(), s.vec()
		VMOVUPS(at(dst, i), v)
		VMOVUPS(at(a, i), w)
		VFMADD231PS(at(b, i), w, v)
		VMOVUPS(v, at(dst, i))
	})
}

func (s isa) sgd() {
	s.text("sgd", "w, grad *float32, n int, rate float32", fmt.Sprint(s.lanes))
	w, g := pointer("w"), pointer("grad")
	rate := s.spread(Param("rate"))
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		VMOVUPS(at(w, i), v)
		VFNMADD231PS(at(g, i), rate, v)
		VMOVUPS(v, at(w, i))
	})
}

func prefetch() {
	TEXT("prefetchAMD64", NOSPLIT, "func(p *uint8, n int)")
	Doc("prefetchAMD64 asks for n > 0 cache lines from p on.")
	Pragma("noescape")
	p, n := pointer("p"), pointer("n")
	Label("loop")
	PREFETCHT0(Mem{Base: p})
	ADDQ(Imm(64), p)
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}
