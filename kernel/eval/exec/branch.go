package exec

// This file lowers terminators: jumps with the moves of phi nodes, branches
// fused with their comparison, returns and panics.

import (
	"fmt"
	"go/token"
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// edge is a way from one block to another: the moves of the phi nodes there,
// and whether it goes backwards.
type edge struct {
	to    *block
	moves op
	back  bool
}

func (k *compiler) edge(from *ssa.BasicBlock, i int) edge {
	to := from.Succs[i]
	pred := -1
	for j, p := range to.Preds {
		if p == from {
			pred = j
			// A block may follow another one twice; its edges come in order.
			if i == 0 || from.Succs[0] != to {
				break
			}
		}
	}
	return edge{to: k.blocks[to.Index], moves: k.phiMoves(to, pred), back: to.Index <= from.Index}
}

// phiMoves returns the moves for entering to from its pred-th predecessor. They
// happen at the same time: a register that one of them overwrites before
// another reads it is saved first.
func (k *compiler) phiMoves(to *ssa.BasicBlock, pred int) op {
	type mv struct {
		d, s uintptr
		typ  reflect.Type
	}
	var moves []mv
	for _, in := range to.Instrs {
		phi, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		d, s := k.off(phi), k.off(phi.Edges[pred])
		if d != s {
			moves = append(moves, mv{d, s, k.typ(phi)})
		}
	}
	// Emit moves whose destination nobody still reads; break cycles by saving.
	var ops []op
	for len(moves) > 0 {
		progress := false
		for i := 0; i < len(moves); i++ {
			free := true
			for j := range moves {
				if j != i && moves[j].s == moves[i].d {
					free = false
					break
				}
			}
			if free {
				if o := move(moves[i].typ, moves[i].d, moves[i].s); o != nil {
					ops = append(ops, o)
				}
				moves = append(moves[:i], moves[i+1:]...)
				progress = true
				i--
			}
		}
		if !progress {
			ops = append(ops, k.cycle(func(yield func(d, s uintptr, t reflect.Type)) {
				for _, m := range moves {
					yield(m.d, m.s, m.typ)
				}
			}))
			break
		}
	}
	return sequence(ops)
}

// cycle returns an op that makes moves at the same time, through a copy.
func (k *compiler) cycle(each func(func(d, s uintptr, t reflect.Type))) op {
	type mv struct {
		d, s uintptr
		copy func(dst, src ptr)
		typ  reflect.Type
	}
	var moves []mv
	allInts := true
	each(func(d, s uintptr, t reflect.Type) {
		moves = append(moves, mv{d, s, copyFunc(t), t})
		if c := classOf(t); c == class0 || c > class8 {
			allInts = false
		}
	})
	if allInts && len(moves) == 2 {
		a, b := moves[0], moves[1]
		return func(fr ptr) { // a swap of two numbers
			x, y := *(*uint64)(at(fr, a.s)), *(*uint64)(at(fr, b.s))
			*(*uint64)(at(fr, a.d)), *(*uint64)(at(fr, b.d)) = x, y
		}
	}
	return func(fr ptr) {
		tmp := make([]ptr, len(moves))
		for i := range moves {
			tmp[i] = rtype.New(rtype.TypeWord(moves[i].typ))
			moves[i].copy(tmp[i], at(fr, moves[i].s))
		}
		for i := range moves {
			moves[i].copy(at(fr, moves[i].d), tmp[i])
		}
	}
}

// sequence joins ops into one; nil if there are none.
func sequence(ops []op) op {
	switch len(ops) {
	case 0:
		return nil
	case 1:
		return ops[0]
	case 2:
		a, b := ops[0], ops[1]
		return func(fr ptr) { a(fr); b(fr) }
	case 3:
		a, b, c := ops[0], ops[1], ops[2]
		return func(fr ptr) { a(fr); b(fr); c(fr) }
	}
	return func(fr ptr) {
		for _, o := range ops {
			o(fr)
		}
	}
}

// poll panics if the frame's run was stopped.
func poll(fr ptr) {
	if g := head(fr).g; g.run.stopped.Load() {
		g.poll()
	}
}

// follow returns a function that takes the edge. It goes on to the branch of a
// block that has nothing else, so that a loop's body ends with the loop's test.
func (e edge) follow() func(fr ptr) *block {
	to, moves := e.to, e.moves
	switch {
	case e.back && moves != nil:
		return func(fr ptr) *block {
			poll(fr)
			moves(fr)
			return to
		}
	case e.back:
		return func(fr ptr) *block {
			poll(fr)
			if to.test {
				return to.term(fr)
			}
			return to
		}
	case moves != nil:
		return func(fr ptr) *block { moves(fr); return to }
	}
	return func(fr ptr) *block {
		if to.test {
			return to.term(fr)
		}
		return to
	}
}

func (k *compiler) terminator(b *ssa.BasicBlock, in ssa.Instruction) func(fr ptr) *block {
	switch in := in.(type) {
	case *ssa.Jump:
		return k.edge(b, 0).follow()
	case *ssa.If:
		return k.branch(b, in)
	case *ssa.Return:
		return k.ret(in)
	case *ssa.Panic:
		if misused := k.loopPanic(in); misused != nil {
			return func(fr ptr) *block { misused(fr); return nil }
		}
		x := k.off(in.X)
		return func(fr ptr) *block { panic(*(*any)(at(fr, x))) }
	}
	panic(fmt.Errorf("exec: %s: block ends with %T", k.fn, in))
}

func (k *compiler) branch(b *ssa.BasicBlock, in *ssa.If) func(fr ptr) *block {
	yes, no := k.edge(b, 0), k.edge(b, 1)
	var test func(fr ptr) bool
	if k.folded[in.Cond] {
		if t := k.fusedBranch(in.Cond.(*ssa.BinOp), yes, no); t != nil {
			return t
		}
		test = k.comparison(in.Cond.(*ssa.BinOp))
	} else {
		c := k.off(in.Cond)
		test = func(fr ptr) bool { return *(*bool)(at(fr, c)) }
	}
	if yes.plain() && no.plain() {
		y, n := yes.to, no.to
		return func(fr ptr) *block {
			if test(fr) {
				return y
			}
			return n
		}
	}
	y, n := yes.follow(), no.follow()
	return func(fr ptr) *block {
		if test(fr) {
			return y(fr)
		}
		return n(fr)
	}
}

// plain tells whether there is nothing to do on the way.
func (e edge) plain() bool { return e.moves == nil && !e.back }

// fusedBranch returns a branch that makes its comparison itself; nil if the
// operands are of a rarer type or the ways need moves.
func (k *compiler) fusedBranch(in *ssa.BinOp, yes, no edge) func(fr ptr) *block {
	if !yes.plain() || !no.plain() {
		return nil
	}
	x, y := k.off(in.X), k.off(in.Y)
	switch k.typ(in.X).Kind() {
	case reflect.Int:
		return branchOp[int](in.Op, x, y, yes.to, no.to)
	case reflect.Int32:
		return branchOp[int32](in.Op, x, y, yes.to, no.to)
	case reflect.Int64:
		return branchOp[int64](in.Op, x, y, yes.to, no.to)
	case reflect.Uint8:
		return branchOp[uint8](in.Op, x, y, yes.to, no.to)
	case reflect.Uint32:
		return branchOp[uint32](in.Op, x, y, yes.to, no.to)
	case reflect.Uint64:
		return branchOp[uint64](in.Op, x, y, yes.to, no.to)
	case reflect.Float64:
		return branchOp[float64](in.Op, x, y, yes.to, no.to)
	case reflect.String:
		return branchOp[string](in.Op, x, y, yes.to, no.to)
	}
	return nil
}

func branchOp[T ordered](o token.Token, x, y uintptr, yes, no *block) func(fr ptr) *block {
	switch o {
	case token.EQL:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) == *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	case token.NEQ:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) != *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	case token.LSS:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) < *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	case token.LEQ:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) <= *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	case token.GTR:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) > *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	case token.GEQ:
		return func(fr ptr) *block {
			if *(*T)(unsafe.Add(fr, x)) >= *(*T)(unsafe.Add(fr, y)) {
				return yes
			}
			return no
		}
	}
	return nil
}

func (k *compiler) ret(in *ssa.Return) func(fr ptr) *block {
	var ops []op
	for i, v := range in.Results {
		r := k.c.results[i]
		if o := move(r.typ, r.off, k.off(v)); o != nil {
			ops = append(ops, o)
		}
	}
	o := sequence(ops)
	if o == nil {
		return func(fr ptr) *block { return nil }
	}
	return func(fr ptr) *block { o(fr); return nil }
}
