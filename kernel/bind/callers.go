package bind

// This file lets cells ask for their callers: package runtime knows where
// compiled code is, and a cell is not.

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"

	"cajal/kernel/eval"
)

// firstPC is the first program counter that stands for a place in a cell. No
// code of the process is there.
const firstPC = 1 << 60

// places are the places in cells that have a program counter.
type places struct {
	mu    sync.Mutex
	calls []eval.Call
	pcs   map[eval.Call]uintptr
}

// pc returns the program counter that stands for a call.
func (p *places) pc(c eval.Call) uintptr {
	p.mu.Lock()
	defer p.mu.Unlock()
	pc, ok := p.pcs[c]
	if !ok {
		pc = firstPC + uintptr(len(p.calls))
		p.calls = append(p.calls, c)
		p.pcs[c] = pc
	}
	return pc
}

// call returns the call for which pc stands. As the runtime's, a program counter
// may be one less than what Callers gave.
func (p *places) call(pc uintptr) (eval.Call, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pc < firstPC || pc-firstPC >= uintptr(len(p.calls)) {
		return eval.Call{}, false
	}
	return p.calls[pc-firstPC], true
}

// function is a runtime.Func of a cell, or of compiled code.
type function struct {
	runtime.Func // never used; a pointer to it is one to the function
	call         eval.Call
	pc           uintptr
	compiled     *runtime.Func
}

func functionOf(f *runtime.Func) *function { return (*function)(unsafe.Pointer(f)) }

// frames are the runtime.Frames of program counters, of cells or of compiled
// code.
type frames struct {
	runtime.Frames // never used; a pointer to it is one to the frames
	rest           []runtime.Frame
}

// replaceCallers replaces what tells where code is. Cells meet no other values of
// the types Func and Frames than those that are made here.
func (s *Set) replaceCallers() {
	p := &places{pcs: make(map[eval.Call]uintptr)}
	s.replace("runtime", map[string]any{
		"Caller": func(skip int) (pc uintptr, file string, line int, ok bool) {
			calls := currentCalls()
			if calls == nil || skip < 0 {
				return runtime.Caller(skip + 1)
			}
			if skip >= len(calls) {
				return 0, "", 0, false
			}
			c := calls[skip]
			return p.pc(c), c.File, c.Line, true
		},
		"Callers": func(skip int, pcs []uintptr) int {
			calls := currentCalls()
			if calls == nil {
				return runtime.Callers(skip+1, pcs)
			}
			if skip == 0 {
				calls = append([]eval.Call{{Func: "runtime.Callers"}}, calls...)
			} else {
				calls = calls[min(max(skip-1, 0), len(calls)):]
			}
			n := min(len(calls), len(pcs))
			for i := range n {
				pcs[i] = p.pc(calls[i])
			}
			return n
		},
		"FuncForPC": func(pc uintptr) *runtime.Func {
			f := &function{pc: pc}
			var ok bool
			if f.call, ok = p.call(pc); !ok {
				if f.compiled = runtime.FuncForPC(pc); f.compiled == nil {
					return nil
				}
			}
			return &f.Func
		},
		"CallersFrames": func(pcs []uintptr) *runtime.Frames {
			f := &frames{}
			for i, pc := range pcs {
				c, ok := p.call(pc)
				if ok {
					of := &function{call: c, pc: pc}
					f.rest = append(f.rest, runtime.Frame{PC: pc, Func: &of.Func, Function: c.Func, File: c.File, Line: c.Line, Entry: pc})
					continue
				}
				for from := runtime.CallersFrames(pcs[i : i+1]); ; {
					frame, more := from.Next()
					if frame.Func != nil {
						frame.Func = &(&function{pc: pc, compiled: frame.Func}).Func
					}
					f.rest = append(f.rest, frame)
					if !more {
						break
					}
				}
			}
			return &f.Frames
		},
		"Stack": func(buf []byte, all bool) int {
			if text := stack(); text != nil && !all {
				return copy(buf, text)
			}
			return runtime.Stack(buf, all)
		},
		"(*Frames).Next": func(ci *runtime.Frames) (frame runtime.Frame, more bool) {
			f := (*frames)(unsafe.Pointer(ci))
			if len(f.rest) == 0 {
				return runtime.Frame{}, false
			}
			frame, f.rest = f.rest[0], f.rest[1:]
			return frame, len(f.rest) > 0
		},
		"(*Func).Name": func(fn *runtime.Func) string {
			if fn == nil {
				return ""
			}
			if f := functionOf(fn); f.compiled == nil {
				return f.call.Func
			} else {
				return f.compiled.Name()
			}
		},
		"(*Func).FileLine": func(fn *runtime.Func, pc uintptr) (string, int) {
			f := functionOf(fn)
			if f.compiled != nil {
				return f.compiled.FileLine(pc)
			}
			if c, ok := p.call(pc); ok {
				return c.File, c.Line
			}
			return "?", 0
		},
		"(*Func).Entry": func(fn *runtime.Func) uintptr {
			if f := functionOf(fn); f.compiled != nil {
				return f.compiled.Entry()
			}
			return functionOf(fn).pc
		},
	})
	s.replace("reflect", map[string]any{
		// FuncForPC(reflect.ValueOf(f).Pointer()) is how programs find the name of a
		// function.
		"(Value).Pointer": func(v reflect.Value) uintptr {
			if c, ok := eval.FuncOf(v); ok {
				return p.pc(c)
			}
			return v.Pointer()
		},
	})
	s.replace("runtime/debug", map[string]any{
		"Stack": func() []byte {
			if text := stack(); text != nil {
				return text
			}
			return debug.Stack()
		},
		"PrintStack": func() {
			text := stack()
			if text == nil {
				text = debug.Stack()
			}
			stderr().Write(text)
		},
	})
}

// currentCalls returns the calls of the calling cell; nil outside of cells.
func currentCalls() []eval.Call {
	if r := eval.Current(); r != nil {
		return r.Calls()
	}
	return nil
}

// stack writes the calls of the calling cell as the runtime does; nil outside of
// cells.
func stack() []byte {
	calls := currentCalls()
	if calls == nil {
		return nil
	}
	return append([]byte("goroutine 1 [running]:\n"), writeCalls(calls)...)
}

// writeCalls writes calls as the runtime does.
func writeCalls(calls []eval.Call) []byte {
	var b bytes.Buffer
	for _, c := range calls {
		fmt.Fprintf(&b, "%s(...)\n\t%s:%d +0x0\n", c.Func, c.File, c.Line)
	}
	return b.Bytes()
}
