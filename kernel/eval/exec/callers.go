package exec

// This file tells where interpreted code is: for traces of panics, and for
// compiled functions that ask who calls them, or which functions they are given.

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"
)

// Frame is one line of a trace of interpreted calls.
type Frame struct {
	Func      string         // name of the function
	Pos       token.Position // where it was
	Synthetic bool           // a wrapper that no source wrote
	Cause     *Cause         // what panicked, in the innermost call of a panic's trace
}

// place is where an activation was; the zero place stands for the runtime's
// function that makes the deferred calls of a panic.
type place struct {
	code *code
	pos  token.Pos
	pc   int32
	fr   ptr // the activation's frame, which a panic leaves as it is
}

// maxTrace is the number of calls that a trace shows, and outerTrace how many of
// them are the outermost ones.
const maxTrace, outerTrace = 64, 8

// places appends to out the activations that are deeper than depth, innermost
// first; if there are more than a trace shows, not those in the middle.
func (g *Goroutine) places(out []place, depth int) []place {
	for d := min(g.depth, len(g.frames)-1); d > depth; d-- {
		if len(out) >= maxTrace-outerTrace {
			d = min(d, depth+outerTrace)
		}
		if fr := g.frames[d]; fr != nil {
			out = placeOf(out, fr)
		}
	}
	return out
}

// placeOf appends to out the activation fr, after those that a panic has left on
// whose account it makes its deferred calls.
func placeOf(out []place, fr ptr) []place {
	h := head(fr)
	if act := h.act; act != nil && act.unwinding {
		out = append(append(out, place{}), act.trace...)
	}
	p := place{code: h.code, pc: h.pc, fr: fr}
	if pc := int(h.pc); pc < len(h.code.pos) {
		p.pos = h.code.pos[pc]
	}
	return append(out, p)
}

// caught notes where a panic came from and makes depth the current one.
func (g *Goroutine) caught(depth int) {
	if !g.pending {
		g.trace = g.takeInner()
	}
	g.pending = false
	g.trace = g.places(g.trace[:len(g.trace):len(g.trace)], depth)
	if n := len(g.trace); n > maxTrace {
		g.trace = append(g.trace[:maxTrace-outerTrace:maxTrace-outerTrace], g.trace[n-outerTrace:]...)
	}
	g.depth = depth
}

// frameTrace returns where the last panic came from, innermost first.
func (g *Goroutine) frameTrace() []Frame {
	var out []Frame
	for i, p := range g.trace {
		if p.code == nil {
			continue
		}
		f := Frame{Func: p.code.fn.fn.String(), Pos: g.m.prog.Fset.Position(p.pos), Synthetic: p.code.wrapper}
		if i == 0 {
			f.Cause = p.cause()
		}
		out = append(out, f)
	}
	return out
}

// Callers returns the interpreted calls that the calling goroutine is in, as far
// as compiled code does not come between them, innermost first. While deferred
// calls of a panic are made, the calls that the panic has left are among them,
// after runtime.gopanic. Functions have the names that the compiler gives them.
func (r *Run) Callers() []Frame {
	g := current()
	if g == nil || g.run != r {
		return nil
	}
	return g.m.callers(g.places(nil, 0))
}

// callers returns places as the runtime tells of them.
func (m *Machine) callers(places []place) []Frame {
	var out []Frame
	for _, p := range places {
		if p.code == nil {
			out = append(out, Frame{Func: "runtime.gopanic"})
			continue
		}
		out = append(out, Frame{Func: p.code.fn.name(), Pos: m.prog.Fset.Position(p.pos), Synthetic: p.code.wrapper})
	}
	return out
}

// Caller returns where the interpreted code is that the calling goroutine has
// left for compiled code.
func (r *Run) Caller() token.Position {
	for _, f := range r.Callers() {
		if f.Pos.IsValid() {
			return f.Pos
		}
	}
	return token.Position{}
}

// FuncOf returns the interpreted function that a func value calls and where it is
// declared; ok is false if it is compiled, nil, or may not be looked at.
func FuncOf(v reflect.Value) (f Frame, ok bool) {
	if v.Kind() != reflect.Func || v.IsNil() || !v.CanInterface() {
		return Frame{}, false
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	cl := closureOf(*(*ptr)(p.UnsafePointer()))
	if cl == nil {
		return Frame{}, false
	}
	fn := cl.fn.fn
	return Frame{Func: cl.fn.name(), Pos: fn.Prog.Fset.Position(fn.Pos())}, true
}

// name returns the name of f that the compiler would give it.
func (f *Func) name() string {
	fn := f.fn
	if o := fn.Origin(); o != nil && o != fn {
		return f.m.Func(o).name() + "[...]"
	}
	if p := fn.Parent(); p != nil {
		name := f.m.Func(p).name()
		for i, a := range p.AnonFuncs {
			switch {
			case a != fn:
			case strings.HasPrefix(fn.Synthetic, "range-over-func"):
				return fmt.Sprintf("%s-range%d", name, i+1)
			case p.Parent() != nil:
				return fmt.Sprintf("%s.%d", name, i+1)
			default:
				return fmt.Sprintf("%s.func%d", name, i+1)
			}
		}
	}
	pkg := "main"
	if fn.Pkg != nil {
		pkg = fn.Pkg.Pkg.Path()
	} else if o := fn.Object(); o != nil && o.Pkg() != nil {
		pkg = o.Pkg().Path()
	}
	name := fn.Name()
	recv := fn.Signature.Recv()
	if method, ok := strings.CutSuffix(name, "$bound"); ok {
		name = method + "-fm"
		recv = fn.Object().(*types.Func).Signature().Recv()
	} else if method, ok := strings.CutSuffix(name, "$thunk"); ok {
		name = method
		recv = fn.Object().(*types.Func).Signature().Recv()
	}
	if recv != nil {
		t := types.TypeString(recv.Type(), func(*types.Package) string { return "" })
		if strings.HasPrefix(t, "*") {
			t = "(" + t + ")"
		}
		name = t + "." + name
	}
	return pkg + "." + name
}
