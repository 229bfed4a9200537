package exec

// This file runs deferred calls, and panics through them.

import (
	"go/token"
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// activation is the state of the deferred calls of one activation of a
// function that has some.
type activation struct {
	g         *Goroutine
	depth     int
	calls     []deferred
	panicking bool
	recovered bool
	value     any
}

// deferred is a call whose function and arguments are known. act is the
// activation that runs it, nil for a go statement.
type deferred func(g *Goroutine, act *activation)

// runDefers runs the deferred calls, last first.
func (act *activation) runDefers() {
	for n := len(act.calls); n > 0; n = len(act.calls) {
		call := act.calls[n-1]
		act.calls = act.calls[:n-1]
		call(act.g, act)
	}
}

// runDeferring runs an activation of a function with deferred calls.
func (c *code) runDeferring(fr ptr) {
	h := head(fr)
	act := &activation{g: h.g, depth: h.g.depth}
	h.act = act
	if act.guard(c, fr) {
		return
	}
	if c.recover != nil {
		c.loop(fr, c.recover)
		return
	}
	for i := range c.results {
		r := &c.results[i]
		reflect.NewAt(r.typ, at(fr, r.off)).Elem().SetZero()
	}
}

// guard runs c in fr. It returns true when c returned, and false when it
// panicked and a deferred call recovered; it panics on otherwise.
func (act *activation) guard(c *code, fr ptr) (returned bool) {
	defer func() {
		if returned {
			return
		}
		v := recover()
		act.g.caught(act.depth)
		if v == nil { // runtime.Goexit, which goes on after this
			for act.callOne() {
			}
			if act.panicking {
				act.g.pending = true
				panic(act.value)
			}
			return
		}
		act.value, act.panicking = v, true
		for act.callOne() {
		}
		if act.panicking {
			act.g.pending = true
			panic(act.value)
		}
	}()
	c.loop(fr, c.entry)
	return true
}

// callOne runs the last deferred call while the function panics; a panic of
// its own replaces the one under way. It returns false if there was none.
func (act *activation) callOne() bool {
	n := len(act.calls)
	if n == 0 {
		return false
	}
	call := act.calls[n-1]
	act.calls = act.calls[:n-1]
	g := act.g
	if unrecoverable(act.value) {
		old := g.defers
		g.defers = true
		defer func() { g.defers = old }()
	}
	done := false
	defer func() {
		if done {
			return
		}
		v := recover()
		if v == nil {
			return // runtime.Goexit
		}
		g.caught(act.depth)
		if !unrecoverable(act.value) || !act.panicking {
			act.value, act.panicking = v, true
		}
	}()
	call(g, act)
	done = true
	return true
}

// recoverIn is the builtin recover, called from the function in fr.
func recoverIn(fr ptr) any {
	act := head(fr).deferOf
	if act == nil || !act.panicking || unrecoverable(act.value) {
		return nil
	}
	v := act.value
	act.panicking, act.recovered, act.value = false, true, nil
	act.g.trace = nil
	return v
}

// deferOp lowers a defer statement.
func (k *compiler) deferOp(in *ssa.Defer) op {
	prepare := k.prepare(&in.Call)
	if in.DeferStack == nil {
		return func(fr ptr) {
			act := head(fr).act
			act.calls = append(act.calls, prepare(fr))
		}
	}
	s := k.off(in.DeferStack)
	return func(fr ptr) {
		act := (*activation)(*(*ptr)(at(fr, s)))
		act.calls = append(act.calls, prepare(fr))
	}
}

// goOp lowers a go statement.
func (k *compiler) goOp(in *ssa.Go) op {
	prepare := k.prepare(&in.Call)
	return func(fr ptr) {
		run := head(fr).g.run
		call := prepare(fr)
		go run.goroutine(call)
	}
}

// goroutine is the body of a goroutine that interpreted code started.
func (r *Run) goroutine(call deferred) {
	g := r.newGoroutine()
	g.bind()
	normal := false
	defer func() {
		if normal {
			return
		}
		v := recover()
		if v == nil {
			return // runtime.Goexit
		}
		g.caught(0)
		if _, ok := v.(Interrupted); ok {
			return
		}
		if r.Fatal != nil {
			r.Fatal(v, g.frameTrace())
		}
	}()
	call(g, nil)
	normal = true
}

// caught notes where a panic came from, unless it is one that passed through
// another activation already, and makes depth the current one.
func (g *Goroutine) caught(depth int) {
	if g.pending {
		g.pending = false
	} else {
		g.trace = g.stack(g.run.takeInner())
	}
	g.depth = depth
}

// place is where an activation was.
type place struct {
	code *code
	pos  token.Pos
}

// maxTrace is the number of calls that a trace shows.
const maxTrace = 64

// stack returns the current activations, innermost first, after inner.
func (g *Goroutine) stack(inner []place) []place {
	out := inner
	for d := min(g.depth, len(g.frames)-1); d > 0 && len(out) < maxTrace; d-- {
		fr := g.frames[d]
		if fr == nil {
			continue
		}
		h := head(fr)
		if h.code == nil {
			continue
		}
		p := place{code: h.code}
		if pc := int(h.pc); pc < len(h.code.pos) {
			p.pos = h.code.pos[pc]
		}
		out = append(out, p)
	}
	return out
}

// frameTrace returns where the last panic came from, innermost first.
func (g *Goroutine) frameTrace() []Frame {
	out := make([]Frame, len(g.trace))
	for i, p := range g.trace {
		out[i] = Frame{Func: p.code.fn.fn.String(), Pos: g.m.prog.Fset.Position(p.pos), Synthetic: p.code.wrapper}
	}
	return out
}

// left is told that compiled code panics through the call of g.
func (r *Run) left(g *Goroutine) {
	r.nested.Add(-1)
	g.caught(0)
	r.innerMu.Lock()
	r.inner = g.trace
	r.innerMu.Unlock()
}

// takeInner returns where the panic under way came from before it passed
// through compiled code.
func (r *Run) takeInner() []place {
	r.innerMu.Lock()
	defer r.innerMu.Unlock()
	t := r.inner
	r.inner = nil
	return t
}
