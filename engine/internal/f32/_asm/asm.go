// This file generates the AVX2 assembly of package f32: go generate in the folder
// above. What each function computes is the Go loop named in its comment.

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	for v := 1; v <= 2; v++ {
		for r := 1; r <= 6; r++ {
			tile(r, v)
		}
	}
	pixels()
	biasReLU()
	gate()
	largest()
	adam()
	axpyNeg()
	prefetch()
	Generate()
}

// Offsets in type tiles of f32_amd64.go, in its order.
const (
	offK = 8 * iota
	offL
	offCount
	offARow
	offACol
	offASeg
	offBRow
	offBSeg
	offCRow
	offATile
	offCTile
	offAcc
)

// tile generates a product of rows·count rows and vecs·8 columns, rows at a time:
// the sums stay in registers over all of K and L. Twelve sums of 6x2 keep both FMA
// units busy (latency 4, two a cycle), with eight loads for twelve of them.
func tile(rows, vecs int) {
	name := fmt.Sprintf("tile%dx%d", rows, vecs)
	TEXT(name, NOSPLIT, "func(a, b, c *float32, t *[12]int)")
	Doc(fmt.Sprintf("%s runs Product.generic for count times %d rows and %d columns.", name, rows, 8*vecs))
	Pragma("noescape")
	t := Load(Param("t"), GP64()).(GPVirtual)
	field := func(off int) Mem { return Mem{Base: t, Disp: off} }
	get := func(off int) GPVirtual {
		r := GP64()
		MOVQ(field(off), r)
		return r
	}
	a, c, count := Load(Param("a"), GP64()).(GPVirtual), Load(Param("c"), GP64()).(GPVirtual), get(offCount)
	arow, acol, brow, crow := get(offARow), get(offACol), get(offBRow), get(offCRow)

	sums := make([][]VecVirtual, rows)
	for i := range sums {
		sums[i] = make([]VecVirtual, vecs)
		for j := range sums[i] {
			sums[i][j] = YMM()
		}
	}
	Label("next")
	cp := GP64()
	CMPQ(field(offAcc), Imm(0))
	JNE(LabelRef("load"))
	for i := range sums {
		for j := range sums[i] {
			VXORPS(sums[i][j], sums[i][j], sums[i][j])
		}
	}
	JMP(LabelRef("begin"))
	Label("load")
	MOVQ(c, cp)
	for i := range sums {
		for j := range sums[i] {
			VMOVUPS(Mem{Base: cp, Disp: 32 * j}, sums[i][j])
		}
		if i < rows-1 {
			ADDQ(crow, cp)
		}
	}
	Label("begin")
	as, bs, l := GP64(), GP64(), GP64()
	MOVQ(a, as)
	Load(Param("b"), bs)
	MOVQ(field(offL), l)

	Label("segment")
	p0, p3, b, k := GP64(), GP64(), GP64(), GP64()
	MOVQ(as, p0)
	if rows > 3 {
		LEAQ(Mem{Base: as, Index: arow, Scale: 2}, p3)
		ADDQ(arow, p3)
	}
	MOVQ(bs, b)
	MOVQ(field(offK), k)

	Label("inner")
	right := make([]VecVirtual, vecs)
	for j := range right {
		right[j] = YMM()
		VMOVUPS(Mem{Base: b, Disp: 32 * j}, right[j])
	}
	for i := range sums {
		base := p0
		if i >= 3 {
			base = p3
		}
		at := Mem{Base: base}
		if i%3 > 0 {
			at = Mem{Base: base, Index: arow, Scale: uint8(i % 3)}
		}
		left := YMM()
		VBROADCASTSS(at, left)
		for j := range right {
			VFMADD231PS(right[j], left, sums[i][j])
		}
	}
	ADDQ(acol, p0)
	if rows > 3 {
		ADDQ(acol, p3)
	}
	ADDQ(brow, b)
	DECQ(k)
	JNZ(LabelRef("inner"))

	ADDQ(field(offASeg), as)
	ADDQ(field(offBSeg), bs)
	DECQ(l)
	JNZ(LabelRef("segment"))

	MOVQ(c, cp)
	for i := range sums {
		for j := range sums[i] {
			VMOVUPS(sums[i][j], Mem{Base: cp, Disp: 32 * j})
		}
		if i < rows-1 {
			ADDQ(crow, cp)
		}
	}
	ADDQ(field(offATile), a)
	ADDQ(field(offCTile), c)
	DECQ(count)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// spread returns a register with the same number in all lanes.
func spread(v gotypes.Component) VecVirtual {
	x, y := XMM(), YMM()
	Load(v, x)
	VBROADCASTSS(x, y)
	return y
}

// blocks emits a loop over n blocks; body gets the byte offset of the block in
// float32s, a register that grows by step.
func blocks(step int, body func(i GPVirtual)) {
	n := Load(Param("n"), GP64()).(GPVirtual)
	i := GP64()
	XORQ(i, i)
	Label("loop")
	body(i)
	ADDQ(Imm(uint64(step)), i)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func pixels() {
	TEXT("pixelsAVX2", NOSPLIT, "func(dst *float32, src *uint8, n int, scale float32)")
	Doc("pixelsAVX2 runs pixelsGeneric for n > 0 blocks of 16.")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()).(GPVirtual), Load(Param("src"), GP64()).(GPVirtual)
	scale := spread(Param("scale"))
	blocks(16, func(i GPVirtual) {
		for j := range 2 {
			v := YMM()
			VPMOVZXBD(Mem{Base: src, Index: i, Scale: 1, Disp: 8 * j}, v)
			VCVTDQ2PS(v, v)
			VMULPS(scale, v, v)
			VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 4, Disp: 32 * j})
		}
	})
}

func biasReLU() {
	TEXT("biasReLUAVX2", NOSPLIT, "func(dst, bias *float32, n int)")
	Doc("biasReLUAVX2 runs biasReLUGeneric for n > 0 blocks of 8.")
	Pragma("noescape")
	dst, bias := Load(Param("dst"), GP64()).(GPVirtual), Load(Param("bias"), GP64()).(GPVirtual)
	zero := YMM()
	VXORPS(zero, zero, zero)
	blocks(32, func(i GPVirtual) {
		v := YMM()
		VMOVUPS(Mem{Base: dst, Index: i, Scale: 1}, v)
		VADDPS(Mem{Base: bias, Index: i, Scale: 1}, v, v)
		VMAXPS(zero, v, v) // NaN gives the zero
		VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 1})
	})
}

func gate() {
	TEXT("gateAVX2", NOSPLIT, "func(grad, out *float32, n int)")
	Doc("gateAVX2 runs gateGeneric for n > 0 blocks of 8.")
	Pragma("noescape")
	grad, out := Load(Param("grad"), GP64()).(GPVirtual), Load(Param("out"), GP64()).(GPVirtual)
	zero := YMM()
	VXORPS(zero, zero, zero)
	blocks(32, func(i GPVirtual) {
		v := YMM()
		VMOVUPS(Mem{Base: out, Index: i, Scale: 1}, v)
		VCMPPS(Imm(0x1e), zero, v, v) // greater, false for NaN
		VANDPS(Mem{Base: grad, Index: i, Scale: 1}, v, v)
		VMOVUPS(v, Mem{Base: grad, Index: i, Scale: 1})
	})
}

func largest() {
	TEXT("largestAVX2", NOSPLIT, "func(top *float32, won *int32, in *float32, n int, from int32)")
	Doc("largestAVX2 runs largestGeneric for n > 0 blocks of 8.")
	Pragma("noescape")
	top, won, in := Load(Param("top"), GP64()).(GPVirtual), Load(Param("won"), GP64()).(GPVirtual), Load(Param("in"), GP64()).(GPVirtual)
	x, index, eight := XMM(), YMM(), YMM()
	VMOVD(Load(Param("from"), GP32()).(GPVirtual), x)
	VPBROADCASTD(x, index)
	count := GLOBL("count", attr.RODATA|attr.NOPTR)
	for i := range 8 {
		DATA(4*i, U32(i))
	}
	steps := GLOBL("eight", attr.RODATA|attr.NOPTR)
	DATA(0, U32(8))
	VPADDD(count, index, index)
	VPBROADCASTD(steps, eight)
	blocks(32, func(i GPVirtual) {
		at := func(p GPVirtual) Mem { return Mem{Base: p, Index: i, Scale: 1} }
		v, old, oldIndex, more := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(at(in), v)
		VMOVUPS(at(top), old)
		VMOVUPS(at(won), oldIndex)
		VCMPPS(Imm(0x1e), old, v, more) // greater, false for NaN
		VBLENDVPS(more, v, old, old)
		VBLENDVPS(more, index, oldIndex, oldIndex)
		VMOVUPS(old, at(top))
		VMOVUPS(oldIndex, at(won))
		VPADDD(eight, index, index)
	})
}

func adam() {
	TEXT("adamAVX2", NOSPLIT, "func(w, grad, m, v *float32, n int, cm, cv, rate, eps float32)")
	Doc("adamAVX2 runs adamGeneric for n > 0 blocks of 8.")
	Pragma("noescape")
	var p [4]GPVirtual
	for i, name := range []string{"w", "grad", "m", "v"} {
		p[i] = Load(Param(name), GP64()).(GPVirtual)
	}
	cm, cv, rate, eps := spread(Param("cm")), spread(Param("cv")), spread(Param("rate")), spread(Param("eps"))
	blocks(32, func(i GPVirtual) {
		at := func(k int) Mem { return Mem{Base: p[k], Index: i, Scale: 1} }
		g, m, v, t, w := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVUPS(at(1), g)
		VMOVUPS(at(2), m)
		VSUBPS(m, g, t)
		VFMADD231PS(cm, t, m) // m += (g-m)·cm
		VMOVUPS(m, at(2))
		VMOVUPS(at(3), v)
		VFMSUB213PS(v, g, g)  // g²-v
		VFMADD231PS(cv, g, v) // v += (g²-v)·cv
		VMOVUPS(v, at(3))
		VSQRTPS(v, v)
		VADDPS(eps, v, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VMOVUPS(at(0), w)
		VSUBPS(m, w, w)
		VMOVUPS(w, at(0))
	})
}

func axpyNeg() {
	TEXT("axpyNegAVX2", NOSPLIT, "func(w, grad *float32, n int, rate float32)")
	Doc("axpyNegAVX2 runs sgdGeneric for n > 0 blocks of 8.")
	Pragma("noescape")
	w, g := Load(Param("w"), GP64()).(GPVirtual), Load(Param("grad"), GP64()).(GPVirtual)
	rate := spread(Param("rate"))
	blocks(32, func(i GPVirtual) {
		v := YMM()
		VMOVUPS(Mem{Base: w, Index: i, Scale: 1}, v)
		VFNMADD231PS(Mem{Base: g, Index: i, Scale: 1}, rate, v)
		VMOVUPS(v, Mem{Base: w, Index: i, Scale: 1})
	})
}

func prefetch() {
	TEXT("prefetchAMD64", NOSPLIT, "func(p *uint8, n int)")
	Doc("prefetchAMD64 asks for n > 0 cache lines from p on.")
	Pragma("noescape")
	p, n := Load(Param("p"), GP64()).(GPVirtual), Load(Param("n"), GP64()).(GPVirtual)
	Label("loop")
	PREFETCHT0(Mem{Base: p})
	ADDQ(Imm(64), p)
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}
