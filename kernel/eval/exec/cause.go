package exec

// This file tells which instruction panicked, and with which operands.

import (
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// Cause is the instruction that a panic came from: of interpreted code, or a call
// of compiled code.
type Cause struct {
	Instr ssa.Instruction

	k  *compiler
	fr ptr
}

// cause returns the instruction at p; nil if it is not known.
func (p place) cause() *Cause {
	if p.fr == nil || p.code.wrapper {
		return nil
	}
	k := newCompiler(p.code.fn)
	k.allocate() // as it was done for p.code, so that registers have the same offsets
	k.lower()
	if int(p.pc) >= len(k.instrs) {
		return nil
	}
	return &Cause{Instr: k.instrs[p.pc], k: k, fr: p.fr}
}

// Value returns what v was, an operand of the instruction or of an address that
// it has computed itself; the zero Value if that is not known.
func (c *Cause) Value(v ssa.Value) reflect.Value {
	r := c.k.regs[v]
	if r == nil || r.typ == nil {
		return reflect.Value{}
	}
	return copyOf(r.typ, at(c.fr, r.off))
}
