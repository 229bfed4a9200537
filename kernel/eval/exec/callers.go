package exec

// This file tells compiled functions which interpreted code calls them, and
// which interpreted functions they are given.

import "reflect"

// Callers returns the interpreted calls that the calling goroutine is in, as far
// as compiled code does not come between them, innermost first.
func (r *Run) Callers() []Frame {
	g := current()
	if g == nil || g.run != r {
		return nil
	}
	places := g.stack(nil)
	out := make([]Frame, len(places))
	for i, p := range places {
		out[i] = Frame{Func: p.code.fn.fn.String(), Pos: g.m.prog.Fset.Position(p.pos), Synthetic: p.code.wrapper}
	}
	return out
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
	return Frame{Func: fn.String(), Pos: fn.Prog.Fset.Position(fn.Pos())}, true
}
