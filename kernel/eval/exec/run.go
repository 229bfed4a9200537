package exec

// This file runs functions for the owner of a machine.

import (
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// Panic is a panic that no interpreted code recovered.
type Panic struct {
	Value  any     // what recover would have returned; nil after runtime.Goexit
	Trace  []Frame // the interpreted calls, innermost first
	Goexit bool    // the goroutine ended itself
}

// Call runs fn on the calling goroutine, as part of r, and returns its results.
// It returns a Panic if fn does not return.
func (r *Run) Call(fn *ssa.Function, args ...reflect.Value) (results []reflect.Value, failed *Panic) {
	g := r.newGoroutine()
	r.begin()
	defer r.end()
	defer setProfLabel(g.bind())
	normal := false
	defer func() {
		if normal {
			return
		}
		v := recover()
		g.caught(0)
		if _, ok := v.(goexit); ok {
			v = nil
		}
		failed = &Panic{Value: v, Trace: g.frameTrace(), Goexit: v == nil}
	}()
	f := r.m.Func(fn).target()
	c := f.compiled()
	if c == nil {
		results = f.native.Load().run(args)
		normal = true
		return results, nil
	}
	fr := g.enter(c)
	for i := range c.params {
		p := &c.params[i]
		reflect.NewAt(p.typ, at(fr, p.off)).Elem().Set(args[i])
	}
	c.run(fr)
	for i := range c.results {
		res := &c.results[i]
		results = append(results, copyOf(res.typ, at(fr, res.off)))
	}
	g.leave(c, fr)
	normal = true
	return results, nil
}
