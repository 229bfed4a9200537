package check

// This file declares the hidden functions that a lowered cell calls, and that
// its executor binds.

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// HooksPath is the path of the package of the hidden functions. They have no
// body, and signatures
//
//	show·(values ...any)       // the values of the cell's last expression
//	showError·(values ...any)  // the same; the static type of the last one is error
//	dropped·(values ...any)    // of a call that stands alone at top level, not last; the static type of the last one is error
//	discard·(values ...any)    // an expression that stands alone
//	reach·(n int)              // the first n of Lowered.Vars have their values
//	command·(n int)            // the place of the n-th of Text.Calls, and for Around its end
//	more·(n int) bool          // whether the n-th of Text.Calls has its statements run again
//	times·(n int) int          // how often they run until more· is asked again
const (
	HooksPath     = "cajal·"
	HookShow      = "show·"
	HookShowError = "showError·"
	HookDropped   = "dropped·"
	HookDiscard   = "discard·"
	HookReach     = "reach·"
	HookCommand   = "command·"
	HookMore      = "more·"
	HookTimes     = "times·"
)

// hooks are the hidden functions of one program.
type hooks struct {
	show, showError, dropped, discard, reach, command, more, times *types.Func
}

// newHooks declares the hidden functions in prog.
func newHooks(prog *ssa.Program) hooks {
	pkg := types.NewPackage(HooksPath, "hooks")
	declare := func(name string, variadic bool, param types.Type, result ...*types.Var) *types.Func {
		params := types.NewTuple(types.NewParam(token.NoPos, pkg, "v", param))
		fn := types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(nil, nil, nil, params, types.NewTuple(result...), variadic))
		pkg.Scope().Insert(fn)
		return fn
	}
	returns := func(t types.BasicKind) *types.Var { return types.NewParam(token.NoPos, pkg, "", types.Typ[t]) }
	values := types.NewSlice(types.Universe.Lookup("any").Type())
	h := hooks{
		show:      declare(HookShow, true, values),
		showError: declare(HookShowError, true, values),
		dropped:   declare(HookDropped, true, values),
		discard:   declare(HookDiscard, true, values),
		reach:     declare(HookReach, false, types.Typ[types.Int]),
		command:   declare(HookCommand, false, types.Typ[types.Int]),
		more:      declare(HookMore, false, types.Typ[types.Int], returns(types.Bool)),
		times:     declare(HookTimes, false, types.Typ[types.Int], returns(types.Int)),
	}
	pkg.MarkComplete()
	prog.CreatePackage(pkg, nil, nil, true)
	return h
}
