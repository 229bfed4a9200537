package eval

// This file finds values that are no errors but have one, and tell of it by a
// method Err, as bufio.Scanner does: what could not be made as it was asked for.

import (
	"context"
	"fmt"
	"reflect"

	"cajal/kernel/eval/check"
)

// fault returns the error that v has, or nil.
func fault(v any) error {
	f, ok := v.(interface{ Err() error })
	if !ok {
		return nil
	}
	if _, ok := v.(context.Context); ok {
		return nil // it tells why it ended, which it was made for
	}
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return nil
	}
	return f.Err()
}

// warnOfFaults tells of variables that a cell has declared and whose values have
// an error that nobody has seen. It looks at pointers of compiled types alone,
// since a method of the cell's own might do anything, and not while goroutines of
// the cell still run, which may be using them.
func (e *Evaluator) warnOfFaults(r *Running, low *check.Lowered) {
	if !r.run.Over() {
		return
	}
	reached := int(r.reached.Load())
	for _, v := range low.Vars[:min(reached, len(low.Vars))] {
		p := e.machine.Global(v.Global).Elem()
		if p.Kind() != reflect.Pointer || p.Type().Elem().PkgPath() == "main" {
			continue
		}
		if err := faultOf(p); err != nil {
			at := e.state.Program().Fset.Position(v.Object.Pos())
			fmt.Fprintf(r.stderr, "%s:%d:%d: warning: %s has an error: %s\n", at.Filename, at.Line, at.Column, v.Object.Name(), panicText(err))
		}
	}
}

// faultOf returns the error of the value of v. That of a value which was not made
// as it should be, and panics, is not known.
func faultOf(v reflect.Value) (err error) {
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	return fault(v.Interface())
}
