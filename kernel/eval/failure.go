package eval

// This file words what the reader sees when a cell fails: the message, the
// cell's own calls, and the line with a caret.

import (
	"fmt"
	"go/token"
	"reflect"
	"strings"
	"unicode"

	"cajal/kernel/cell"
	"cajal/kernel/eval/exec"
)

// sources keeps the text of cells, for messages.
type sources map[string][]string

// excerpt returns the line at pos and a caret under its column; nil if the text
// is not known.
func (s sources) excerpt(pos token.Position) []string {
	lines := s[pos.Filename]
	if pos.Line < 1 || pos.Line > len(lines) {
		return nil
	}
	line := lines[pos.Line-1]
	out := []string{"    " + strings.ReplaceAll(line, "\t", "    ")}
	if pos.Column >= 1 && pos.Column <= len(line)+1 {
		out = append(out, "    "+caretIndent(line[:pos.Column-1])+"^")
	}
	return out
}

// caretIndent returns as much space as the text before a caret takes.
func caretIndent(before string) string {
	var b strings.Builder
	for _, c := range before {
		switch {
		case c == '\t':
			b.WriteString("    ")
		case c >= 0x1100 && (c <= 0x115f || c >= 0x2e80 && c <= 0xa4cf || c >= 0xac00 && c <= 0xd7a3 || c >= 0xf900 && c <= 0xfaff || c >= 0xfe30 && c <= 0xfe6f || c >= 0xff00 && c <= 0xff60 || c >= 0x1f300 && c <= 0x1faff):
			b.WriteString("  ") // wide characters
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// panicText returns the text of a panic's value as the runtime prints it, but
// for blank lines at its end.
func panicText(v any) string { return strings.TrimRight(valueText(v), "\n") }

func valueText(v any) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("(%T) whose own text panics: %v", v, r)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	}
	t := reflect.TypeOf(v)
	if t == nil {
		return "nil"
	}
	switch k := t.Kind(); {
	case k >= reflect.Bool && k <= reflect.Complex128 || k == reflect.String:
		if t.PkgPath() == "" {
			return fmt.Sprint(v)
		}
		if k == reflect.String {
			return fmt.Sprintf("%s(%q)", t, reflect.ValueOf(v).String())
		}
		return fmt.Sprintf("%s(%v)", t, v)
	}
	return fmt.Sprintf("(%T) %+v", v, v)
}

// shownFrames is the number of calls that a traceback shows at each end.
const shownFrames = 8

// panicError words a panic.
func (s sources) panicError(v any, trace []exec.Frame) *cell.Error {
	e := &cell.Error{Kind: cell.ErrPanic, Name: "panic", Value: panicText(v)}
	var hint string
	if len(trace) > 0 {
		hint = explain(v, trace[0].Cause)
		trace[0].Cause = nil // it keeps the frame
	}
	e.Traceback = s.traceback(e, trace, hint)
	return e
}

// valueError words an error that the last expression of a cell is, or that a
// statement of it drops.
func (s sources) valueError(err error, trace []exec.Frame) *cell.Error {
	e := &cell.Error{Kind: cell.ErrValue, Name: "error", Value: panicText(err)}
	e.Traceback = s.traceback(e, trace, "")
	e.Name = reflect.TypeOf(err).String()
	return e
}

// call is a line of a traceback.
type call struct {
	exec.Frame
	times int // how often it follows itself, in a recursion
}

// traceback returns e's lines: the message, then the cell's calls, innermost
// first, and a hint, if there is one, after the first.
func (s sources) traceback(e *cell.Error, trace []exec.Frame, hint string) []string {
	out := strings.Split(e.Name+": "+e.Value, "\n")
	var calls []call
	for _, f := range trace {
		if f.Synthetic || !f.Pos.IsValid() || s[f.Pos.Filename] == nil {
			continue
		}
		f.Pos = s.start(f.Pos)
		if n := len(calls); n > 0 && calls[n-1].Frame == f {
			calls[n-1].times++
			continue
		}
		calls = append(calls, call{f, 1})
	}
	if len(calls) > 0 {
		e.Line, e.Column = calls[0].Pos.Line, calls[0].Pos.Column
	}
	for i, c := range calls {
		if i == shownFrames && len(calls) > 2*shownFrames {
			out = append(out, fmt.Sprintf("… %d more calls …", len(calls)-2*shownFrames))
		}
		if i >= shownFrames && i < len(calls)-shownFrames {
			continue
		}
		line := fmt.Sprintf("%s, line %d, column %d%s", c.Pos.Filename, c.Pos.Line, c.Pos.Column, inFunc(c.Func))
		if c.times > 1 {
			line += ", again and again"
		}
		out = append(out, line)
		out = append(out, s.excerpt(c.Pos)...)
		if i == 0 && hint != "" {
			out = append(out, "hint: "+hint)
		}
	}
	return out
}

// start moves a position from the parenthesis or bracket that it is at, where
// go/ssa sees calls and elements, to the name before it.
func (s sources) start(pos token.Position) token.Position {
	lines := s[pos.Filename]
	if pos.Line < 1 || pos.Line > len(lines) || pos.Column < 1 || pos.Column > len(lines[pos.Line-1]) {
		return pos
	}
	before := lines[pos.Line-1][:pos.Column-1]
	if c := lines[pos.Line-1][pos.Column-1]; c == '(' || c == '[' {
		name := strings.TrimRightFunc(before, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
		pos.Column = len(name) + 1
		pos.Offset -= len(before) - len(name)
	}
	return pos
}

// inFunc returns ", in f" for a function of a cell, and nothing for the cell's
// own statements.
func inFunc(name string) string {
	name = strings.TrimPrefix(name, "main.")
	if name == "" || name == "init" || strings.HasPrefix(name, "init$") || strings.HasPrefix(name, "init#") {
		return ""
	}
	return ", in " + name
}

// Passing returns the interpreted calls that the panic came from which compiled
// code has just recovered on the calling goroutine, as net/http does with that
// of a handler; nil if there was none.
func (r *Running) Passing() []Call {
	var calls []Call
	for _, f := range r.run.Passing() {
		if !f.Synthetic {
			calls = append(calls, Call{f.Func, f.Pos.Filename, f.Pos.Line})
		}
	}
	return calls
}

// place words a position for messages of compiled packages.
func (e *Evaluator) place(p token.Position) string {
	switch {
	case !p.IsValid():
		return ""
	case strings.HasPrefix(p.Filename, "cell "):
		return fmt.Sprintf("%s, line %d", p.Filename, p.Line)
	}
	return fmt.Sprintf("%s:%d", p.Filename[strings.LastIndexAny(p.Filename, `/\`)+1:], p.Line)
}
