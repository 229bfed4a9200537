// This file generates the exponential and what is made of it.

package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// floats holds the vectors of one number that all has made.
var floats = map[uint32]Mem{}

// all returns memory with a number in all lanes.
func (s isa) all(v float64) Mem {
	bits := math.Float32bits(float32(v))
	m, ok := floats[bits]
	if !ok {
		m = GLOBL(fmt.Sprintf("all%08x%s", bits, s.name), attr.RODATA|attr.NOPTR)
		for i := range s.lanes {
			DATA(4*i, U32(bits))
		}
		floats[bits] = m
	}
	return m
}

// copyOf returns a register with a number in all lanes.
func (s isa) copyOf(v float64) VecVirtual {
	r := s.vec()
	VMOVUPS(s.all(v), r)
	return r
}

// less selects b where x < y, else a; NaN selects a. It may use up x.
func (s isa) less(x VecVirtual, y Op, a, b, out VecVirtual) {
	if s.lanes == 16 {
		k := K()
		VCMPPS(Imm(0x11), y, x, k)
		VBLENDMPS(b, a, k, out)
		return
	}
	VCMPPS(Imm(0x11), y, x, x)
	VBLENDVPS(x, b, a, out)
}

// and and xor work on bits.
func (s isa) and(a Op, b, out VecVirtual) {
	if s.lanes == 16 {
		VPANDD(a, b, out)
		return
	}
	VANDPS(a, b, out)
}

func (s isa) xor(a Op, b, out VecVirtual) {
	if s.lanes == 16 {
		VPXORD(a, b, out)
		return
	}
	VXORPS(a, b, out)
}

// The numbers of expGeneric and tanhGeneric.
const (
	expLow    = -87.3
	expHigh   = 88.72283
	ln2Hi     = 0.693359375
	ln2Lo     = -2.12194440e-4
	tanhSmall = 0.625
)

var (
	expTerms  = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	tanhTerms = []float64{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
)

// expOf emits expGeneric for a register, which it uses up.
func (s isa) expOf(x VecVirtual) VecVirtual {
	// Clamped to what has a normal result; NaN stays.
	v, n, k := s.copyOf(expLow), s.copyOf(expHigh), s.vec()
	VMAXPS(x, v, v)
	VMINPS(v, n, v)
	VMULPS(s.all(math.Log2E), v, n)
	VCVTPS2DQ(n, k) // to the nearest
	VCVTDQ2PS(k, n)
	VFNMADD231PS(s.all(ln2Hi), n, v)
	VFNMADD231PS(s.all(ln2Lo), n, v)
	y := s.copyOf(expTerms[0])
	for _, t := range expTerms[1:] {
		VFMADD213PS(s.all(t), v, y)
	}
	VMULPS(v, v, n)
	VFMADD213PS(v, n, y)
	VADDPS(s.all(1), y, y)
	// Times 2 to the k, by its exponent.
	VPSLLD(Imm(23), k, k)
	VPADDD(y, k, y)
	// Outside, 0 and infinity.
	out, t := s.vec(), s.copyOf(expHigh)
	s.less(t, x, y, s.copyOf(math.Inf(1)), y)
	s.zero(out)
	s.less(x, s.all(expLow), y, out, out)
	return out
}

func (s isa) exp() {
	s.text("exp", "dst, src *float32, n int, minus float32", fmt.Sprint(s.lanes))
	dst, src, minus := pointer("dst"), pointer("src"), s.spread(Param("minus"))
	blocks(s.bytes(), func(i GPVirtual) {
		v := s.vec()
		VMOVUPS(at(src, i), v)
		VSUBPS(minus, v, v)
		VMOVUPS(s.expOf(v), at(dst, i))
	})
}

func (s isa) sigmoid() {
	s.text("sigmoid", "x *float32, n int", fmt.Sprint(s.lanes))
	x := pointer("x")
	blocks(s.bytes(), func(i GPVirtual) {
		v, one := s.vec(), s.copyOf(1)
		s.zero(v)
		VSUBPS(at(x, i), v, v)
		e := s.expOf(v)
		VADDPS(one, e, e)
		VDIVPS(e, one, e)
		VMOVUPS(e, at(x, i))
	})
}

func (s isa) tanh() {
	s.text("tanh", "x *float32, n int", fmt.Sprint(s.lanes))
	x := pointer("x")
	blocks(s.bytes(), func(i GPVirtual) {
		v, sign, size := s.vec(), s.vec(), s.vec()
		VMOVUPS(at(x, i), v)
		s.and(s.all(math.Copysign(0, -1)), v, sign)
		s.xor(sign, v, size)
		// Far from 0: 1 - 2t/(1+t) with t = e⁻²ˣ.
		t, far := s.vec(), s.vec()
		VMULPS(s.all(-2), size, t)
		t = s.expOf(t)
		VADDPS(s.all(1), t, far)
		VMULPS(s.all(-2), t, t)
		VDIVPS(far, t, far)
		VADDPS(s.all(1), far, far)
		s.xor(sign, far, far)
		// Near it: x + x³·p(x²).
		z, near := s.vec(), s.copyOf(tanhTerms[0])
		VMULPS(v, v, z)
		for _, c := range tanhTerms[1:] {
			VFMADD213PS(s.all(c), z, near)
		}
		VMULPS(z, near, near)
		VFMADD213PS(v, v, near)
		s.less(size, s.all(tanhSmall), far, near, far)
		VMOVUPS(far, at(x, i))
	})
}
