package exec

// This file decides which values have no register of their own: addresses that
// only loads and stores use, and comparisons that only a branch uses.

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// fold fills k.folded. Operands of a folded value are registers that dominate
// it, and are never overwritten between it and its users.
func (k *compiler) fold() {
	for _, b := range k.fn.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.FieldAddr, *ssa.IndexAddr:
				k.foldAddress(in.(ssa.Value))
			case *ssa.BinOp:
				if k.onlyBranch(in, b) {
					k.folded[in] = true
				}
			}
		}
	}
}

// foldAddress folds v if it is only loaded from, stored to, or the base of
// another such address.
func (k *compiler) foldAddress(v ssa.Value) bool {
	if f, ok := k.folded[v]; ok {
		return f
	}
	k.folded[v] = false
	refs := v.Referrers()
	if refs == nil || len(*refs) == 0 {
		return false // it is executed for its panic
	}
	for _, r := range *refs {
		if !k.foldableUse(v, r) {
			return false
		}
	}
	k.folded[v] = true
	return true
}

func (k *compiler) foldableUse(v ssa.Value, r ssa.Instruction) bool {
	switch r := r.(type) {
	case *ssa.UnOp:
		return r.Op == token.MUL
	case *ssa.Store:
		return r.Addr == v && r.Val != v
	case *ssa.FieldAddr:
		return k.foldAddress(r)
	case *ssa.IndexAddr:
		return r.X == v && k.foldAddress(r)
	}
	return false
}

// onlyBranch tells whether the comparison v is used by the branch that ends b,
// and by nothing else.
func (k *compiler) onlyBranch(v *ssa.BinOp, b *ssa.BasicBlock) bool {
	switch v.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		return false
	}
	refs := v.Referrers()
	if refs == nil || len(*refs) != 1 {
		return false
	}
	branch, ok := (*refs)[0].(*ssa.If)
	return ok && branch.Block() == b
}

// pointerNeeded tells whether the address of the local variable a is used
// otherwise than by loads, stores and folded addresses.
func (k *compiler) pointerNeeded(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp:
			if r.Op == token.MUL {
				continue
			}
		case *ssa.Store:
			if r.Addr == a && r.Val != a {
				continue
			}
		case *ssa.FieldAddr:
			if k.folded[r] {
				continue
			}
		case *ssa.IndexAddr:
			if k.folded[r] {
				continue
			}
		}
		return true
	}
	return false
}
