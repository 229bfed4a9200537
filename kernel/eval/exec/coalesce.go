package exec

// This file lets the values that meet in a phi node share its register where
// their lives do not overlap, so that no move is needed. Liveness is the usual
// backward data flow over SSA (Boissinot et al., "Fast liveness checking for
// SSA-form programs", CGO 2008, section 2, in its plain iterative form).

import "golang.org/x/tools/go/ssa"

// bitset is a set of small numbers.
type bitset []uint64

func (s bitset) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s bitset) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) remove(i int)   { s[i/64] &^= 1 << (i % 64) }

// or adds t to s and tells whether s grew.
func (s bitset) or(t bitset) bool {
	grew := false
	for i := range s {
		n := s[i] | t[i]
		grew = grew || n != s[i]
		s[i] = n
	}
	return grew
}

// liveness tells where the values that meet in phi nodes are alive.
type liveness struct {
	k     *compiler
	num   map[ssa.Value]int // of the values in question
	vals  []ssa.Value
	out   []bitset // alive at the end of a block
	class []int    // union-find over vals
	parts map[int][]int
}

// coalesce returns, for each value that gives up its own register, the phi
// node's value whose register it takes.
func (k *compiler) coalesce() map[ssa.Value]ssa.Value {
	l := &liveness{k: k, num: make(map[ssa.Value]int), parts: make(map[int][]int)}
	for _, b := range k.fn.Blocks {
		for _, in := range b.Instrs {
			phi, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			l.add(phi)
			for _, v := range phi.Edges {
				if l.eligible(v) {
					l.add(v)
				}
			}
		}
	}
	if len(l.vals) == 0 {
		return nil
	}
	l.solve()
	for _, v := range l.vals {
		phi, ok := v.(*ssa.Phi)
		if !ok {
			continue
		}
		for _, e := range phi.Edges {
			if j, ok := l.num[e]; ok && k.typ(e) == k.typ(phi) {
				l.merge(l.num[phi], j)
			}
		}
	}
	same := make(map[ssa.Value]ssa.Value)
	for i, v := range l.vals {
		if c := l.find(i); c != i {
			same[v] = l.vals[c]
		}
	}
	return same
}

// eligible tells whether v has a register that it could give up.
func (l *liveness) eligible(v ssa.Value) bool {
	in, ok := v.(ssa.Instruction)
	if !ok || l.k.folded[v] {
		return false
	}
	if _, ok := v.(*ssa.Alloc); ok {
		return false
	}
	return in.Block() != nil
}

func (l *liveness) add(v ssa.Value) {
	if _, ok := l.num[v]; ok {
		return
	}
	i := len(l.vals)
	l.num[v] = i
	l.vals = append(l.vals, v)
	l.class = append(l.class, i)
	l.parts[i] = []int{i}
}

// uses calls f for every value in question that in reads, itself or through
// folded operands.
func (l *liveness) uses(in ssa.Instruction, f func(i int)) {
	if _, ok := in.(*ssa.Phi); ok {
		return // they are read at the end of the predecessor
	}
	if v, ok := in.(ssa.Value); ok && l.k.folded[v] {
		return // it is read where it is used
	}
	l.operands(in, f)
}

func (l *liveness) operands(in ssa.Instruction, f func(i int)) {
	for _, o := range in.Operands(nil) {
		if *o == nil {
			continue
		}
		if l.k.folded[*o] {
			l.operands((*o).(ssa.Instruction), f)
			continue
		}
		if i, ok := l.num[*o]; ok {
			f(i)
		}
		switch v := (*o).(type) { // an address within a variable of the frame
		case *ssa.FieldAddr, *ssa.IndexAddr:
			l.operands(v.(ssa.Instruction), f)
		case *ssa.Convert: // the number of a pointer
			if i, ok := l.num[asNumber(v)]; ok {
				f(i)
			}
		}
	}
}

// solve computes what is alive at the end of each block.
func (l *liveness) solve() {
	blocks := l.k.fn.Blocks
	words := (len(l.vals) + 63) / 64
	in := make([]bitset, len(blocks))
	l.out = make([]bitset, len(blocks))
	store := make([]uint64, 2*words*len(blocks))
	for i := range blocks {
		in[i], store = store[:words:words], store[words:]
		l.out[i], store = store[:words:words], store[words:]
	}
	for _, b := range blocks {
		for _, s := range b.Succs {
			l.phiUses(b, s, func(i int) { l.out[b.Index].add(i) })
		}
	}
	if r := l.k.fn.Recover; r != nil {
		// It may be entered from anywhere.
		for _, instr := range r.Instrs {
			l.uses(instr, func(i int) {
				for _, o := range l.out {
					o.add(i)
				}
			})
		}
	}
	live := make(bitset, words)
	for changed := true; changed; {
		changed = false
		for n := len(blocks) - 1; n >= 0; n-- {
			b := blocks[n]
			for _, s := range b.Succs {
				l.out[n].or(in[s.Index])
			}
			copy(live, l.out[n])
			for j := len(b.Instrs) - 1; j >= 0; j-- {
				if v, ok := b.Instrs[j].(ssa.Value); ok {
					if i, ok := l.num[v]; ok {
						live.remove(i)
					}
				}
				l.uses(b.Instrs[j], live.add)
			}
			if in[n].or(live) {
				changed = true
			}
		}
	}
}

// phiUses calls f for what the phi nodes of s read when entered from b.
func (l *liveness) phiUses(b, s *ssa.BasicBlock, f func(i int)) {
	for p, pred := range s.Preds {
		if pred != b {
			continue
		}
		for _, in := range s.Instrs {
			phi, ok := in.(*ssa.Phi)
			if !ok {
				break
			}
			if i, ok := l.num[phi.Edges[p]]; ok {
				f(i)
			}
		}
	}
}

func (l *liveness) find(i int) int {
	for l.class[i] != i {
		i = l.class[i]
	}
	return i
}

// merge joins the classes of i and j if no two of their members are alive
// together.
func (l *liveness) merge(i, j int) {
	i, j = l.find(i), l.find(j)
	if i == j {
		return
	}
	for _, a := range l.parts[i] {
		for _, b := range l.parts[j] {
			if l.aliveAt(a, l.vals[b]) || l.aliveAt(b, l.vals[a]) {
				return
			}
		}
	}
	l.class[j] = i
	l.parts[i] = append(l.parts[i], l.parts[j]...)
	delete(l.parts, j)
}

// aliveAt tells whether value i is alive just after v is defined.
func (l *liveness) aliveAt(i int, v ssa.Value) bool {
	b := v.(ssa.Instruction).Block()
	_, vPhi := v.(*ssa.Phi)
	if w, ok := l.vals[i].(*ssa.Phi); ok && vPhi && w.Block() == b {
		return true // they are defined together
	}
	live := l.out[b.Index].has(i)
	for n := len(b.Instrs) - 1; n >= 0; n-- {
		in := b.Instrs[n]
		if in == v.(ssa.Instruction) {
			return live
		}
		if w, ok := in.(ssa.Value); ok && w == l.vals[i] {
			live = false
			if !vPhi {
				return false // defined after v, in the same block
			}
		}
		l.uses(in, func(u int) {
			if u == i {
				live = true
			}
		})
	}
	return live
}
