package bind

// This file makes the functions of package flag from the methods of a flag set.

import (
	"encoding"
	"flag"
	"time"
)

// commandLine returns the functions of package flag that work on the set that f
// returns, which a cell may exchange.
func commandLine(f func() *flag.FlagSet) map[string]any {
	return map[string]any{
		"Arg":           func(i int) string { return f().Arg(i) },
		"Args":          func() []string { return f().Args() },
		"NArg":          func() int { return f().NArg() },
		"NFlag":         func() int { return f().NFlag() },
		"Parsed":        func() bool { return f().Parsed() },
		"PrintDefaults": func() { f().PrintDefaults() },
		"Lookup":        func(name string) *flag.Flag { return f().Lookup(name) },
		"Set":           func(name, value string) error { return f().Set(name, value) },
		"Visit":         func(fn func(*flag.Flag)) { f().Visit(fn) },
		"VisitAll":      func(fn func(*flag.Flag)) { f().VisitAll(fn) },
		"Var":           func(v flag.Value, name, usage string) { f().Var(v, name, usage) },
		"Func":          func(name, usage string, fn func(string) error) { f().Func(name, usage, fn) },
		"BoolFunc":      func(name, usage string, fn func(string) error) { f().BoolFunc(name, usage, fn) },
		"TextVar": func(p encoding.TextUnmarshaler, name string, v encoding.TextMarshaler, usage string) {
			f().TextVar(p, name, v, usage)
		},

		"Bool":     func(name string, v bool, usage string) *bool { return f().Bool(name, v, usage) },
		"Duration": func(name string, v time.Duration, usage string) *time.Duration { return f().Duration(name, v, usage) },
		"Float64":  func(name string, v float64, usage string) *float64 { return f().Float64(name, v, usage) },
		"Int":      func(name string, v int, usage string) *int { return f().Int(name, v, usage) },
		"Int64":    func(name string, v int64, usage string) *int64 { return f().Int64(name, v, usage) },
		"String":   func(name, v, usage string) *string { return f().String(name, v, usage) },
		"Uint":     func(name string, v uint, usage string) *uint { return f().Uint(name, v, usage) },
		"Uint64":   func(name string, v uint64, usage string) *uint64 { return f().Uint64(name, v, usage) },

		"BoolVar":     func(p *bool, name string, v bool, usage string) { f().BoolVar(p, name, v, usage) },
		"DurationVar": func(p *time.Duration, name string, v time.Duration, usage string) { f().DurationVar(p, name, v, usage) },
		"Float64Var":  func(p *float64, name string, v float64, usage string) { f().Float64Var(p, name, v, usage) },
		"IntVar":      func(p *int, name string, v int, usage string) { f().IntVar(p, name, v, usage) },
		"Int64Var":    func(p *int64, name string, v int64, usage string) { f().Int64Var(p, name, v, usage) },
		"StringVar":   func(p *string, name, v, usage string) { f().StringVar(p, name, v, usage) },
		"UintVar":     func(p *uint, name string, v uint, usage string) { f().UintVar(p, name, v, usage) },
		"Uint64Var":   func(p *uint64, name string, v uint64, usage string) { f().Uint64Var(p, name, v, usage) },
	}
}
