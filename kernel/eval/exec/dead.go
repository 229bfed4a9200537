package exec

// This file empties what is dead in frames before the garbage collector is run
// at a program's own request: a register keeps what it refers to until its
// function returns, where compiled code forgets it after its last use.

import (
	"go/types"
	"runtime"
	"runtime/debug"

	"golang.org/x/tools/go/ssa"
)

func init() {
	replaced["runtime.GC"] = func() { current().forget(); runtime.GC() }
	replaced["runtime/debug.FreeOSMemory"] = func() { current().forget(); debug.FreeOSMemory() }
}

// forget clears the pointers in dead registers of all activations of the
// goroutine.
func (g *Goroutine) forget() {
	for ; g != nil; g = g.outer {
		clear(g.frames[min(g.depth+1, len(g.frames)):])
		for _, fr := range g.frames[:min(g.depth+1, len(g.frames))] {
			if fr == nil {
				continue
			}
			h := head(fr)
			dead := h.code.deadAt(int(h.pc))
			if h.act != nil && h.act.unwinding {
				dead = h.code.unwound // it can only go on in its recover block
			}
			for _, off := range dead {
				*(*ptr)(at(fr, off)) = nil
			}
		}
	}
}

// deadAt returns the offsets of the pointers that are dead while the call at pc
// is under way.
func (c *code) deadAt(pc int) []uintptr {
	c.deadMu.Lock()
	defer c.deadMu.Unlock()
	if c.dead == nil {
		c.findDead()
	}
	if pc >= len(c.dead) {
		return nil
	}
	return c.dead[pc]
}

// findDead fills c.dead.
func (c *code) findDead() {
	k := newCompiler(c.fn)
	k.allocate() // as it was done for c, so that registers have the same offsets
	k.lower()
	l := &liveness{k: k, num: make(map[ssa.Value]int)}
	words := make(map[uintptr][]uintptr) // offset of a register to those of its pointers
	pointers := func(r *reg) {
		parts := r.tuple
		if r.typ != nil {
			parts = []arg{{typ: r.typ}}
		}
		var offs []uintptr
		for _, e := range parts {
			for i, p := range ptrWords(nil, e.typ) {
				if p {
					offs = append(offs, r.off+e.off+uintptr(i)*word)
				}
			}
		}
		if offs != nil {
			words[r.off] = offs
		}
	}
	at := make([][]uintptr, 0, len(k.regs)) // of each of l.vals, the offsets of its registers
	for v, r := range k.regs {
		if r.konst {
			continue
		}
		l.num[v] = len(l.vals)
		l.vals = append(l.vals, v)
		pointers(r)
		offs := []uintptr{r.off}
		if a, ok := v.(*ssa.Alloc); ok && k.locals[a] != nil {
			pointers(k.locals[a])
			offs = append(offs, k.locals[a].off)
		}
		at = append(at, offs)
	}
	l.solve()
	c.dead = make([][]uintptr, len(c.pos))
	live := make(bitset, (len(l.vals)+63)/64)
	always := l.numbers()
	pc := 0
	for i, b := range k.fn.Blocks {
		end := pc
		for end < len(k.instrs) && k.instrs[end].Block() == b {
			end++
		}
		copy(live, l.out[i])
		n := end
		for j := len(b.Instrs) - 1; j >= 0; j-- {
			in := b.Instrs[j]
			if v, ok := in.(ssa.Value); ok {
				if i, ok := l.num[v]; ok {
					live.remove(i)
				}
			}
			if n > pc && k.instrs[n-1] == in {
				n--
				during := append(bitset(nil), always...)
				for _, o := range in.Operands(nil) {
					if *o != nil {
						if i, ok := l.num[asNumber(*o)]; ok {
							during.add(i)
						}
					}
				}
				c.dead[n] = deadWords(live, during, at, words)
			}
			l.uses(in, live.add)
		}
		pc = end
	}
	clear(live)
	if r := k.fn.Recover; r != nil {
		for _, in := range r.Instrs {
			l.uses(in, live.add)
		}
	}
	c.unwound = deadWords(live, always, at, words)
}

// asNumber returns the pointer that v is the number of, or nil. Whoever gets the
// number may turn it into a pointer again: package syscall, for example.
func asNumber(v ssa.Value) ssa.Value {
	c, ok := v.(*ssa.Convert)
	if !ok {
		return nil
	}
	to, ok1 := c.Type().Underlying().(*types.Basic)
	from, ok2 := c.X.Type().Underlying().(*types.Basic)
	if ok1 && ok2 && to.Kind() == types.Uintptr && from.Kind() == types.UnsafePointer {
		return c.X
	}
	return nil
}

// numbers returns the pointers whose numbers are not only given to calls that are
// made at once.
func (l *liveness) numbers() bitset {
	set := make(bitset, (len(l.vals)+63)/64)
	for _, v := range l.vals {
		p := asNumber(v)
		if p == nil {
			continue
		}
		for _, r := range *v.Referrers() {
			if n, ok := l.num[p]; ok {
				if _, call := r.(*ssa.Call); !call {
					set.add(n)
				}
			}
		}
	}
	return set
}

// deadWords returns the pointers of all registers but those that are live.
func deadWords(live, always bitset, at [][]uintptr, words map[uintptr][]uintptr) []uintptr {
	alive := make(map[uintptr]bool)
	for n, offs := range at {
		if live.has(n) || always.has(n) {
			for _, off := range offs {
				alive[off] = true
			}
		}
	}
	var dead []uintptr
	for off, ptrs := range words {
		if !alive[off] {
			dead = append(dead, ptrs...)
		}
	}
	return dead
}
