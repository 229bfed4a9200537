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

func (s isa) biasReLU() {
	s.text("biasReLU", "dst, bias *float32, n int", fmt.Sprint(s.lanes))
	dst, bias := pointer("dst"), pointer("bias")
	zero := s.vec()
	s.zero(zero)
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		VMOVUPS(at(dst, i), v)
		VADDPS(at(bias, i), v, v)
		VMAXPS(zero, v, v) // NaN gives the zero
		VMOVUPS(v, at(dst, i))
	})
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
