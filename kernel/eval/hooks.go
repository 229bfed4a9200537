package eval

// This file joins a lowered cell to what earlier cells left, and takes what the
// cell tells through the hidden functions of package check: the values to show,
// and which variables have come to life.

import (
	"fmt"
	"slices"
	"strings"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/exec"
)

// bindHooks binds the hidden functions that cells call.
func (e *Evaluator) bindHooks() {
	hooks := e.state.Program().ImportedPackage(check.HooksPath)
	show := func(isError bool) func(values ...any) {
		return func(values ...any) {
			if r := Current(); r != nil {
				r.show(values, isError)
			}
		}
	}
	e.machine.Bind(hooks.Func(check.HookShow), show(false))
	e.machine.Bind(hooks.Func(check.HookShowError), show(true))
	e.machine.Bind(hooks.Func(check.HookDropped), func(values ...any) {
		if err, ok := values[len(values)-1].(error); ok && err != nil {
			panic(dropped{err})
		}
	})
	e.machine.Bind(hooks.Func(check.HookDiscard), func(values ...any) {})
	e.machine.Bind(hooks.Func(check.HookCommand), func(n int) {
		if r := Current(); r != nil {
			r.command(n)
		}
	})
	e.machine.Bind(hooks.Func(check.HookMore), func(n int) bool {
		r := Current()
		return r != nil && r.commands[n].measure.more(r)
	})
	e.machine.Bind(hooks.Func(check.HookTimes), func(n int) int {
		if r := Current(); r != nil {
			return r.commands[n].measure.begin()
		}
		return 0
	})
	e.machine.Bind(hooks.Func(check.HookReach), func(n int) {
		if r := Current(); r != nil {
			r.reached.Store(int64(n))
		}
	})
}

// join makes earlier functions see what low declares anew, and low's variables
// live where earlier ones of the same name and type do.
func (e *Evaluator) join(low *check.Lowered) error {
	e.machine.Adopt(low.Package)
	for _, v := range low.Vars {
		if v.Shared != nil {
			e.machine.Share(v.Global, v.Shared)
		}
	}
	for _, r := range low.Redirects {
		e.machine.Redirect(r.Old, r.New)
	}
	if len(low.LateMethods) > 0 {
		e.warnOfCaches(low)
		return e.machine.AddedMethods()
	}
	return nil
}

// initAgain has the packages that a cell did not initialize, or not to their end,
// initialized by the next one that needs them.
func (e *Evaluator) initAgain(r *Running, low *check.Lowered) {
	guard := e.state.InitAgain(low.Fresh)
	for _, p := range low.Fresh {
		name := p.Path() + ".init"
		if slices.ContainsFunc(r.trace, func(f exec.Frame) bool {
			rest, ok := strings.CutPrefix(f.Func, name)
			return ok && (rest == "" || rest[0] == '#' || rest[0] == '$')
		}) {
			e.machine.Global(guard(p)).Elem().SetBool(false)
		}
	}
}

// cached are methods that compiled packages look for once, and by which package.
var cached = map[string]string{
	"MarshalJSON": "encoding/json", "MarshalText": "encoding/json", "UnmarshalText": "encoding/gob",
	"GobEncode": "encoding/gob", "GobDecode": "encoding/gob", "MarshalBinary": "encoding/gob", "UnmarshalBinary": "encoding/gob",
}

// warnOfCaches warns of methods that a type has been given too late for a package
// that has met values of it.
func (e *Evaluator) warnOfCaches(low *check.Lowered) {
	for _, m := range low.LateMethods {
		pkg := cached[m.Method.Name()]
		if pkg == "" || !e.machine.Used(m.Type) {
			continue
		}
		at := e.state.Program().Fset.Position(m.Method.Pos())
		low.Warnings = append(low.Warnings, fmt.Sprintf("%s:%d:%d: warning: if %s has met a %s already, it has noted that there was no %s: declare the type and its methods again, in one cell",
			at.Filename, at.Line, at.Column, pkg, m.Type.Obj().Name(), m.Method.Name()))
	}
}

// dropped is what a cell panics with that drops an error.
type dropped struct{ error }

// show takes the values of a cell's last expression.
func (r *Running) show(values []any, isError bool) {
	if n := len(values); n > 0 && isError {
		if err, ok := values[n-1].(error); ok && err != nil {
			r.fail(err)
			return
		}
		if values = values[:n-1]; len(values) == 0 {
			return
		}
	}
	var failed error
	for _, v := range values {
		if failed == nil {
			failed = fault(v)
		}
	}
	if failed != nil {
		r.fail(failed)
	}
	if r.silent || len(values) == 0 || values[0] == struct{}{} && len(values) == 1 {
		return // a struct{} came from <-done
	}
	b := r.eval.render(values[0])
	for _, v := range values[1:] {
		b = cell.Bundle{Data: map[string]any{"text/plain": text(b) + "\n" + text(r.eval.render(v))}}
	}
	if failed != nil && strings.Contains(text(b), failed.Error()) {
		return // it shows nothing that the error does not say
	}
	r.Poll() // the result of a cell that was stopped would come under the next one
	r.flush()
	r.Emit(cell.Event{Kind: cell.Result, Bundle: b})
}

// fail makes err, which the last expression is or has, the error of the cell.
func (r *Running) fail(err error) {
	at := exec.Frame{Pos: r.run.Caller()}
	r.eval.mu.Lock()
	defer r.eval.mu.Unlock()
	r.failed.Store(r.eval.sources.valueError(err, []exec.Frame{at}))
}

// text returns the plain text of b.
func text(b cell.Bundle) string {
	s, _ := b.Data["text/plain"].(string)
	return s
}
