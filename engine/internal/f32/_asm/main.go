// This file generates the assembly of package f32, one instruction set a run: go
// generate in the folder above. What each function computes is the Go loop named
// in its comment.

package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// An isa is an instruction set.
type isa struct {
	name  string // at the end of functions' names
	lanes int    // float32 numbers in a register
	vec   func() VecVirtual
	// The largest blocks of sums that fit into the registers: rows of a product,
	// windows of a pooled product, vectors of a patch, taps of winners.
	rows, windows, wide, taps int
}

var (
	avx2   = isa{"AVX2", 8, YMM, 6, 1, 12, 9}
	avx512 = isa{"AVX512", 16, ZMM, 14, 3, 24, 10}
)

func (s isa) bytes() int { return 4 * s.lanes }

func main() {
	name := flag.String("isa", "", "avx2 or avx512")
	calls := flag.String("calls", "", "file for the calls")
	flag.Parse()
	ConstraintExpr("amd64,!purego")
	var s isa
	switch *name {
	case "avx2":
		s = avx2
		prefetch()
		collect()
		split()
		transpose()
	case "avx512":
		s = avx512
		s.splitPlaces()
	default:
		log.Fatal("-isa is avx2 or avx512")
	}
	for vecs := 1; vecs <= 2; vecs++ {
		for rows := 1; rows <= s.rows; rows++ {
			s.tile(rows, vecs)
		}
	}
	for vecs := 1; vecs <= 2; vecs++ {
		for windows := 1; windows <= s.windows; windows++ {
			s.pooled(windows, vecs)
		}
	}
	for taps := 1; taps <= s.taps; taps++ {
		for vecs := 1; vecs <= s.lanes/8; vecs++ {
			s.winners(taps, vecs)
		}
	}
	for _, rows := range []int{1, 3} {
		for vecs := 1; rows*vecs <= s.wide; vecs++ {
			s.patches(rows, vecs)
		}
	}
	s.panels()
	s.fma()
	s.pixels()
	s.bias()
	s.biasReLU()
	s.sum()
	s.gate()
	s.largest()
	s.unpool()
	s.adam()
	s.sgd()
	s.scale()
	s.mulAdd()
	s.exp()
	s.sigmoid()
	s.tanh()
	if err := s.calls(*calls); err != nil {
		log.Fatal(err)
	}
	Generate()
}

// zero clears a register.
func (s isa) zero(v VecVirtual) {
	if s.lanes == 8 {
		VXORPS(v, v, v)
		return
	}
	// Written out, since avo takes the old content of v for an input of VPXORD and
	// would keep it alive.
	Instruction(&ir.Instruction{Opcode: "VPXORD", Operands: []Op{v, v, v}, Outputs: []Op{v}, ISA: []string{"AVX512F"}})
}

// spread returns a register with the same number in all lanes.
func (s isa) spread(v gotypes.Component) VecVirtual {
	x, y := XMM(), s.vec()
	Load(v, x)
	VBROADCASTSS(x, y)
	return y
}

func pointer(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// blocks emits a loop over n blocks; body gets the offset of the block, a register
// that grows by step.
func blocks(step int, body func(i GPVirtual)) {
	n := pointer("n")
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

// at is the memory at a base and an offset.
func at(base, offset GPVirtual) Mem { return Mem{Base: base, Index: offset, Scale: 1} }

// A struct of strides that lies in memory, one 8-byte field after another.
type fields struct{ base GPVirtual }

func (f fields) mem(index int) Mem { return Mem{Base: f.base, Disp: 8 * index} }

func (f fields) load(index int) GPVirtual {
	r := GP64()
	MOVQ(f.mem(index), r)
	return r
}

// rowsAt returns pointers to every third of n rows, stride apart from p on, and
// how to address a row: base, index and scale reach three rows from one pointer.
func rowsAt(p, stride GPVirtual, n int) (pointers []GPVirtual, row func(i int) Mem) {
	for i := 0; i < n; i += 3 {
		q := GP64()
		if i == 0 {
			MOVQ(p, q)
		} else {
			last := pointers[len(pointers)-1]
			LEAQ(Mem{Base: last, Index: stride, Scale: 2}, q)
			ADDQ(stride, q)
		}
		pointers = append(pointers, q)
	}
	return pointers, func(i int) Mem {
		m := Mem{Base: pointers[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = stride, uint8(i%3)
		}
		return m
	}
}
