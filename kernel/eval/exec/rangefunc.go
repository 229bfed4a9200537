package exec

// This file makes loops over functions fail as the language wants it: package
// ssa panics with texts of its own where an iterator calls the loop's body when
// it may not, and does not say why it may not.

import (
	"go/constant"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// The states of a loop, as package ssa counts them. Positive ones are ways out of
// it, on which the body has returned false.
const (
	loopReady = 0
	loopBusy  = -1 // the body runs, or has panicked
	loopDone  = -2 // the iterator has returned
)

// loopState returns the variable that holds the state of a loop; nil if v is
// another one.
func loopState(v ssa.Value) ssa.Value {
	var name string
	switch v := v.(type) {
	case *ssa.Alloc:
		name = v.Comment
	case *ssa.FreeVar:
		name = v.Name()
	}
	if strings.HasPrefix(name, "jump$") {
		return v
	}
	return nil
}

// iteratorReturned lowers the load of a loop's state after the call of its
// iterator: from then on the loop is over, whichever way out it took.
func (k *compiler) iteratorReturned(in *ssa.UnOp) op {
	state, d := k.addressOf(in.X).compute(), k.off(in)
	return func(fr ptr) {
		p := (*int)(state(fr))
		v := *p
		*(*int)(at(fr, d)) = v
		if v != loopBusy {
			*p = loopDone
		}
	}
}

// loopPanic returns what panics in place of in, if that says that an iterator
// misused the body of a loop; nil if it does not.
func (k *compiler) loopPanic(in *ssa.Panic) func(fr ptr) {
	x, ok := in.X.(*ssa.MakeInterface)
	if !ok || in.Pos().IsValid() {
		return nil
	}
	text, ok := x.X.(*ssa.Const)
	if !ok || text.Value == nil || text.Value.Kind() != constant.String {
		return nil
	}
	switch constant.StringVal(text.Value) {
	case "iterator call did not preserve panic":
		return func(ptr) { panicSwallowed() }
	case "yield function called after range loop exit":
		for _, v := range k.fn.FreeVars {
			if loopState(v) == nil {
				continue
			}
			if load := entryLoad(k.fn, v); load != nil {
				s := k.off(load)
				return func(fr ptr) { panicCalled(*(*int)(at(fr, s))) }
			}
		}
	}
	return nil
}

// entryLoad returns the load of v that the body of a loop begins with.
func entryLoad(fn *ssa.Function, v ssa.Value) ssa.Value {
	for _, in := range fn.Blocks[0].Instrs {
		if u, ok := in.(*ssa.UnOp); ok && u.X == v {
			return u
		}
	}
	return nil
}

// panicSwallowed panics as the runtime does when an iterator has recovered a panic
// of a loop's body and returns.
func panicSwallowed() {
	for range func(yield func() bool) {
		defer func() { _ = recover() }()
		yield()
	} {
		panic(nil)
	}
}

// panicCalled panics as the runtime does when an iterator calls the body of a
// loop in that state.
func panicCalled(state int) {
	var late func() bool
	switch state {
	case loopBusy:
		for range func(yield func() bool) { late = yield; yield() } {
			late()
		}
	case loopDone:
		for range func(yield func() bool) { late = yield } {
		}
		late()
	default:
		for range func(yield func() bool) { yield(); yield() } {
			break
		}
	}
}
