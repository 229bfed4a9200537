package exec

// This file formats the arguments of the builtins print and println as the
// runtime does.

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// printer returns a function that formats args.
func (k *compiler) printer(args []ssa.Value, line bool) func(fr ptr) string {
	parts := make([]func(fr ptr) string, len(args))
	for i, a := range args {
		parts[i] = formatter(k.typ(a), k.off(a))
	}
	return func(fr ptr) string {
		var b strings.Builder
		for i, p := range parts {
			if i > 0 && line {
				b.WriteByte(' ')
			}
			b.WriteString(p(fr))
		}
		if line {
			b.WriteByte('\n')
		}
		return b.String()
	}
}

// formatter returns a function that formats the value of type t at off.
func formatter(t reflect.Type, off uintptr) func(fr ptr) string {
	value := func(fr ptr) reflect.Value { return reflect.NewAt(t, at(fr, off)).Elem() }
	switch t.Kind() {
	case reflect.Bool:
		return func(fr ptr) string { return strconv.FormatBool(value(fr).Bool()) }
	case reflect.String:
		return func(fr ptr) string { return value(fr).String() }
	case reflect.Float32, reflect.Float64:
		return func(fr ptr) string { return strconv.FormatFloat(value(fr).Float(), 'g', -1, t.Bits()) }
	case reflect.Complex64, reflect.Complex128:
		return func(fr ptr) string { return strconv.FormatComplex(value(fr).Complex(), 'g', -1, t.Bits()) }
	case reflect.Interface:
		return func(fr ptr) string {
			i := (*[2]uintptr)(at(fr, off))
			return fmt.Sprintf("(%#x,%#x)", i[0], i[1])
		}
	case reflect.Slice:
		return func(fr ptr) string {
			h := (*sliceHeader)(at(fr, off))
			return fmt.Sprintf("[%d/%d]%#x", h.len, h.cap, uintptr(h.ptr))
		}
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func:
		return func(fr ptr) string { return fmt.Sprintf("%#x", *(*uintptr)(at(fr, off))) }
	}
	if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uintptr {
		return func(fr ptr) string { return strconv.FormatUint(value(fr).Uint(), 10) }
	}
	return func(fr ptr) string { return strconv.FormatInt(value(fr).Int(), 10) }
}

// print gives text to whoever takes the output of print and println.
func (r *Run) print(text string) {
	if r.Print != nil {
		r.Print(text)
	}
}
