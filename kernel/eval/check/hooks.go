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
//	reach·(n int)              // the first n of Lowered.Vars have their values
const (
	HooksPath     = "cajal·"
	HookShow      = "show·"
	HookShowError = "showError·"
	HookDropped   = "dropped·"
	HookReach     = "reach·"
)

// hooks are the hidden functions of one program.
type hooks struct {
	show, showError, dropped, reach *types.Func
}

// newHooks declares the hidden functions in prog.
func newHooks(prog *ssa.Program) hooks {
	pkg := types.NewPackage(HooksPath, "hooks")
	declare := func(name string, variadic bool, param types.Type) *types.Func {
		params := types.NewTuple(types.NewParam(token.NoPos, pkg, "v", param))
		fn := types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(nil, nil, nil, params, nil, variadic))
		pkg.Scope().Insert(fn)
		return fn
	}
	values := types.NewSlice(types.Universe.Lookup("any").Type())
	h := hooks{
		show:      declare(HookShow, true, values),
		showError: declare(HookShowError, true, values),
		dropped:   declare(HookDropped, true, values),
		reach:     declare(HookReach, false, types.Typ[types.Int]),
	}
	pkg.MarkComplete()
	prog.CreatePackage(pkg, nil, nil, true)
	return h
}
