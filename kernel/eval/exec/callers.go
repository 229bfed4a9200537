package exec

// This file tells compiled functions which interpreted code calls them.

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
