// This file generates the loop that finds the peak.

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (s isa) fma() {
	TEXT("fma"+s.name, NOSPLIT, "func(n int)")
	Doc("fma" + s.name + " multiplies and adds in twelve registers, n > 0 times.")
	n := pointer("n")
	x := s.vec()
	s.zero(x)
	var sums [12]VecVirtual
	for i := range sums {
		sums[i] = s.vec()
		s.zero(sums[i])
	}
	Label("loop")
	for _, v := range sums {
		VFMADD231PS(x, x, v)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
