package exec

// This file runs deferred calls, and panics through them.

import (
	"reflect"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// activation is the state of the deferred calls of one activation of a
// function that has some.
type activation struct {
	g         *Goroutine
	fr        ptr
	depth     int
	calls     []deferred
	panicking bool // with value, which is not recovered yet
	value     any
	unwinding bool    // makes its deferred calls because of a panic
	trace     []place // of the calls that the panic has left
	exit      any     // the unrecoverable value that is to be thrown again in any case, or nil
}

// deferred is a call whose function and arguments are known. act is the
// activation that runs it, nil for a go statement.
type deferred func(g *Goroutine, act *activation)

// pop returns the last deferred call; nil if there is none.
func (act *activation) pop() deferred {
	n := len(act.calls)
	if n == 0 {
		return nil
	}
	call := act.calls[n-1]
	act.calls[n-1] = nil
	act.calls = act.calls[:n-1]
	return call
}

// runDefers runs the deferred calls of a function that returns, last first.
func (act *activation) runDefers() {
	for call := act.pop(); call != nil; call = act.pop() {
		call(act.g, act)
	}
}

// runDeferring runs an activation of a function with deferred calls.
//
// A panic is caught, the deferred calls are run, and, if none of them recovers
// it, it is thrown again from here. So the stack does not grow while a panic
// passes through many functions.
func (c *code) runDeferring(fr ptr) {
	h := head(fr)
	g := h.g
	act := &activation{g: g, fr: fr, depth: g.depth}
	h.act = act
	if act.guard(c, fr) {
		return
	}
	act.unwind()
	if c.recover != nil {
		c.loop(fr, c.recover)
		return
	}
	for i := range c.results {
		r := &c.results[i]
		reflect.NewAt(r.typ, at(fr, r.off)).Elem().SetZero()
	}
}

// guard runs c in fr and tells whether it returned; if it did not, act knows
// what it panicked with.
func (act *activation) guard(c *code, fr ptr) (returned bool) {
	defer func() {
		if !returned && !act.caught(recover()) {
			act.unwind() // the goroutine does not come back from here
		}
	}()
	c.loop(fr, c.entry)
	if len(act.calls) > 0 {
		// Package ssa leaves out the instruction that runs deferred calls if
		// all of them are made in bodies of loops over functions.
		act.runDefers()
		if r := c.fn.fn.Signature.Results(); r.Len() > 0 && r.At(0).Name() != "" && c.recover != nil {
			c.loop(fr, c.recover)
		}
	}
	return true
}

// caught takes what recover returned. It returns false if compiled code has
// called runtime.Goexit: then the deferred calls must be made at once.
func (act *activation) caught(v any) bool {
	g := act.g
	g.caught(act.depth)
	act.trace = g.trace
	if g.carried != nil {
		act.exit, g.carried = g.carried, nil
	}
	if v == nil {
		g.exited, v = true, goexit{}
	}
	_, interrupted := act.exit.(Interrupted)
	switch {
	case interrupted:
	case unrecoverable(v):
		act.panicking, act.exit = false, v
		g.ending = true
		if _, ok := v.(Exit); ok {
			act.calls = nil // os.Exit runs none
		}
	default:
		act.value, act.panicking = v, true
	}
	return !g.exited
}

// unwind runs the deferred calls of a function that panicked, and panics unless
// one of them recovered.
func (act *activation) unwind() {
	act.unwinding = true
	for call := act.pop(); call != nil; call = act.pop() {
		act.guardCall(call)
	}
	act.unwinding = false
	g := act.g
	switch {
	case act.panicking:
		g.pending, g.carried = true, act.exit
		panic(act.value)
	case act.exit != nil && !g.exited:
		g.pending = true
		panic(act.exit)
	}
}

// guardCall makes a deferred call while the function panics. A panic of the call
// replaces the one under way.
func (act *activation) guardCall(call deferred) {
	done := false
	defer func() {
		if !done && !act.caught(recover()) {
			act.unwind()
		}
	}()
	call(act.g, act)
	done = true
}

// recoverIn is the builtin recover, called from the function in fr.
func recoverIn(fr ptr) any {
	act := head(fr).deferOf
	if act == nil || !act.panicking {
		return nil
	}
	v := act.value
	act.panicking, act.value = false, nil
	act.g.trace = nil
	return v
}

// deferredRecover is the builtin recover as a deferred call: called at the end
// of a function it is called by that function, called for a panic of the
// function it is not.
func deferredRecover(_ *Goroutine, act *activation) {
	if act != nil && !act.panicking {
		recoverIn(act.fr)
	}
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
	given := func(ptr) {}
	switch in.Call.Value.(type) {
	case *ssa.Function, *ssa.Builtin, *ssa.MakeClosure:
	default:
		if v := k.off(in.Call.Value); !in.Call.IsInvoke() {
			given = func(fr ptr) {
				if *(*ptr)(at(fr, v)) == nil {
					panic(misuse("go of nil func value")) // for which the runtime ends the process
				}
			}
		}
	}
	return func(fr ptr) {
		run := head(fr).g.run
		given(fr)
		call := prepare(fr)
		run.begin()
		go run.goroutine(call)
	}
}

// goroutine is the body of a goroutine that interpreted code started.
func (r *Run) goroutine(call deferred) {
	g := r.newGoroutine()
	g.bind()
	done := false
	defer func() {
		if !done {
			r.failed(g, recover())
		}
		r.end()
	}()
	call(g, nil)
	done = true
}

// failed reports that g ends because of a panic with the value v.
func (r *Run) failed(g *Goroutine, v any) {
	g.caught(0)
	switch v.(type) {
	case nil, goexit, Interrupted:
		return
	}
	if r.Fatal != nil {
		r.Fatal(v, g.frameTrace())
	}
}

// passing is where a panic came from that passes through compiled code, if that
// does not recover it.
type passing struct {
	trace     []place
	goroutine uintptr // that panics
	depth     int     // of its interpreted code that called the compiled code
	pc        int32
}

// left is told that compiled code panics through the call of g.
func (g *Goroutine) left() {
	g.returned()
	g.caught(0)
	p := &passing{trace: g.trace, goroutine: g.id}
	if o := g.outer; o != nil {
		p.depth, p.pc = o.place()
		o.inner = p
	} else {
		g.run.passing.Store(p)
	}
}

// takeInner returns where the panic under way came from before it passed through
// compiled code. A panic from elsewhere shows that compiled code recovered it.
func (g *Goroutine) takeInner() []place {
	p := g.inner
	if p == nil {
		return nil
	}
	g.inner = nil
	if depth, pc := g.place(); depth != p.depth || pc != p.pc {
		return nil
	}
	return p.trace
}

// place returns where g is in its interpreted code.
func (g *Goroutine) place() (depth int, pc int32) {
	depth = min(g.depth, len(g.frames)-1)
	if fr := g.frames[depth]; fr != nil {
		pc = head(fr).pc
	}
	return depth, pc
}

// Passing returns where the panic came from that compiled code on the calling
// goroutine, which interpreted code did not start, has just recovered.
func (r *Run) Passing() []Frame {
	p := r.passing.Load()
	if p == nil || p.goroutine != rtype.Goroutine() {
		return nil
	}
	r.passing.CompareAndSwap(p, nil)
	return r.m.callers(p.trace)
}
