package exec

// This file defines the context of a goroutine that runs interpreted code, and
// of the execution (a cell, a program) that it belongs to.

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"cajal/kernel/eval/rtype"
)

// Run is one execution of interpreted code, a cell or a program, with all the
// goroutines that it starts. Its owner may stop it.
type Run struct {
	m       *Machine
	stopped atomic.Bool
	done    chan struct{} // closed when stopped
	killed  atomic.Bool   // deferred calls have had their time
	dead    chan struct{} // closed when killed
	once    sync.Once

	// Owner is whatever the creator of the run attached to it.
	Owner any

	// Fatal is told of a panic that no interpreted code recovered, in a
	// goroutine that the run had started.
	Fatal func(v any, trace []Frame)

	// Print takes what the builtins print and println write.
	Print func(text string)

	watch *watch // nil if nobody wants to know of a standstill

	idle sync.Pool // of *Goroutine, for calls from compiled code

	live   atomic.Int64 // goroutines of it that run interpreted code
	made   atomic.Int64 // contexts of goroutines so far
	nested atomic.Int64 // goroutines that compiled code started and that call it

	passing atomic.Pointer[passing] // the last panic that went on in a goroutine that compiled code started
}

type label struct{ key, value string }

// runKey marks the labels of a Goroutine; it is told from equal strings by address.
var runKey = string([]byte("cajal.run"))

//go:linkname setProfLabel runtime/pprof.runtime_setProfLabel
func setProfLabel(labels unsafe.Pointer)

//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

// NewRun returns a run of m's code.
func (m *Machine) NewRun(owner any) *Run {
	r := &Run{m: m, done: make(chan struct{}), dead: make(chan struct{}), Owner: owner}
	m.last.Store(r)
	return r
}

// Current returns the run to which the calling goroutine belongs, or nil. A
// goroutine that compiled code started belongs to the run of the goroutine that
// did.
func Current() *Run {
	if g := labelled(getProfLabel()); g != nil {
		return g.run
	}
	return nil
}

// current returns the innermost context of the calling goroutine, or nil if it
// runs no interpreted code.
func current() *Goroutine { return own(getProfLabel()) }

// own returns the context that the profiler labels l are, if it is one of the
// calling goroutine, and not inherited.
func own(l unsafe.Pointer) *Goroutine {
	if g := labelled(l); g != nil && g.id == rtype.Goroutine() {
		return g
	}
	return nil
}

// labelled returns the context that the profiler labels l are, or nil.
func labelled(l unsafe.Pointer) *Goroutine {
	if l == nil {
		return nil
	}
	set := *(*[]label)(l)
	if len(set) == 1 && unsafe.StringData(set[0].key) == unsafe.StringData(runKey) {
		return (*Goroutine)(l)
	}
	return nil
}

// bind makes g the context of the calling goroutine, and returns the labels
// that it had.
func (g *Goroutine) bind() (old unsafe.Pointer) {
	old = getProfLabel()
	g.outer = own(old)
	g.id = rtype.Goroutine()
	setProfLabel(unsafe.Pointer(g))
	return old
}

// begin is told that a goroutine of the run begins with interpreted code, and end
// that it has ended, or gone back to compiled code for good.
func (r *Run) begin() {
	if r.live.Add(1) == 1 {
		r.m.note(r)
	}
	r.watch.begin()
}

func (r *Run) end() {
	r.watch.end()
	if r.live.Add(-1) == 0 {
		r.m.note(r)
	}
}

// Over tells whether no goroutine of the run is left. A func value of it may
// start it anew.
func (r *Run) Over() bool { return r.live.Load() == 0 }

// deferTime is how long deferred calls of a stopped run may take.
const deferTime = 20 * time.Millisecond

// Stop ends the run: all its goroutines panic with [Interrupted] at their next
// jump backwards, call or blocking operation. Their deferred calls are made; a
// while later, these are ended in the same way.
func (r *Run) Stop() {
	r.once.Do(func() {
		r.stopped.Store(true)
		close(r.done)
		time.AfterFunc(deferTime, func() {
			r.killed.Store(true)
			close(r.dead)
		})
	})
}

// Poll panics with [Interrupted] if the run was stopped and the calling goroutine
// is one of its own that is not making deferred calls already. It is for compiled
// functions that give up a wait.
func (r *Run) Poll() {
	if g := current(); g != nil && g.run == r {
		g.poll()
	}
}

// Done is closed when the run is stopped.
func (r *Run) Done() <-chan struct{} { return r.done }

// Interrupted is the value with which goroutines of a stopped run panic.
// Interpreted code cannot recover it.
type Interrupted struct{ Run *Run }

// Error makes it an error.
func (Interrupted) Error() string { return "interrupted" }

// Exit is the value with which a goroutine panics that ends its run, as
// os.Exit does. Interpreted code cannot recover it.
type Exit struct{ Code int }

// Error makes it an error.
func (Exit) Error() string { return "exit" }

// goexit is the value with which a goroutine panics that calls runtime.Goexit.
// The genuine one would also end what waits for the function that the goroutine
// runs.
type goexit struct{}

// unrecoverable tells whether v must pass through interpreted code.
func unrecoverable(v any) bool {
	switch v.(type) {
	case Interrupted, Exit, goexit:
		return true
	}
	return false
}

// Goroutine is the context of one goroutine, or of one call from compiled code.
type Goroutine struct {
	// labels makes a *Goroutine usable as the profiler labels of a goroutine,
	// which every goroutine inherits from the one that starts it. It mirrors
	// runtime/pprof's label set and must stay the first field.
	labels []label
	id     uintptr    // of the goroutine whose context it is
	number int64      // in the order of their making
	outer  *Goroutine // the context of the same goroutine that called compiled code, which called this one

	m      *Machine
	run    *Run
	depth  int   // index of the current frame
	frames []ptr // the activations, outermost first
	pools  [poolSize]pool
	out    registers // for calls of compiled functions

	inside *Goroutine // a context for the next such call, which is nested deeper
	nested int        // that many calls deep; 0 if outer is nil or of another machine

	thin atomic.Pointer[activation] // makes a deferred call of a func value that leads to an interpreted function

	inner   *passing
	trace   []place // where the last panic came from
	pending bool    // that panic is on its way through this goroutine
	ending  bool    // the goroutine ends once its deferred calls are made
	exited  bool    // because compiled code called runtime.Goexit
	carried any     // the exit of a function whose deferred call panicked after it
}

// MaxDepth is the number of nested calls after which a goroutine panics with
// [StackOverflow].
const MaxDepth = 500_000

// maxNested is the number of calls from compiled code into interpreted code that a
// goroutine may be in, and the number of goroutines of a run that compiled code
// started and that are in such calls; each of them needs stack.
const maxNested = 20_000

// StackOverflow is the run-time error of a recursion that is too deep.
type StackOverflow struct{}

// Error describes the error.
func (StackOverflow) Error() string {
	return "stack overflow: calls are nested deeper than 500000; look for a recursion that does not end"
}

// RuntimeError marks it as a runtime.Error.
func (StackOverflow) RuntimeError() {}

func (r *Run) newGoroutine() *Goroutine {
	return &Goroutine{labels: []label{{runKey, "run"}}, m: r.m, run: r, number: r.made.Add(1), frames: make([]ptr, 16)}
}

// grow makes room for the frame at g.depth.
func (g *Goroutine) grow() {
	if g.depth >= MaxDepth {
		g.depth--
		panic(StackOverflow{})
	}
	f := make([]ptr, 2*len(g.frames))
	copy(f, g.frames)
	g.frames = f
}

// poll panics if the run was stopped.
func (g *Goroutine) poll() {
	if r := g.run; r.stopped.Load() && (!g.ending || r.killed.Load()) {
		panic(Interrupted{r})
	}
}

// acquire returns a context for a call from compiled code into a function of m, in a
// goroutine whose context is outer, if it has one.
func (m *Machine) acquire(outer *Goroutine, maker *Run) *Goroutine {
	if outer != nil && outer.m == m {
		// The usual case, which has to be quick: compiled code that was called
		// calls back.
		g := outer.inside
		if g == nil {
			if outer.nested >= maxNested {
				panic(StackOverflow{})
			}
			g = outer.run.newGoroutine()
			g.nested, g.id, g.outer = outer.nested+1, outer.id, outer
		}
		outer.inside = nil
		return g
	}
	r := m.runOf(maker)
	if r.nested.Add(1) > maxNested {
		r.nested.Add(-1)
		panic(StackOverflow{})
	}
	g, ok := r.idle.Get().(*Goroutine)
	if !ok {
		g = r.newGoroutine()
	}
	g.id, g.outer = rtype.Goroutine(), outer
	return g
}

// returned is told that the call of g is over.
func (g *Goroutine) returned() {
	if g.nested == 0 {
		g.run.nested.Add(-1)
	}
}

// release gives back a context whose call returned.
func (g *Goroutine) release() {
	g.returned()
	g.depth, g.ending = 0, false
	if g.nested > 0 {
		g.outer.inside = g
		return
	}
	g.outer = nil
	g.run.idle.Put(g)
}

// runOf returns the run for a call from compiled code into a function of m: that
// of the goroutine, else the one that made the func value, which is nil if that
// is not known, else the last one.
func (m *Machine) runOf(maker *Run) *Run {
	if r := Current(); r != nil && r.m == m {
		return r
	}
	if maker != nil {
		return maker
	}
	last := m.last.Load()
	if last == nil {
		return m.NewRun(nil)
	}
	if last.stopped.Load() {
		r := m.NewRun(last.Owner)
		r.Fatal, r.Print = last.Fatal, last.Print
		return r
	}
	return last
}
