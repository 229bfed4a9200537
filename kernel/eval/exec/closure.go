package exec

// This file makes func values of interpreted functions, recognises them, and
// enters them when compiled code calls them.

import (
	"reflect"
	"runtime"
	"slices"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

// closure is what stands behind a func value of an interpreted function. It is the
// memory of the func value, as the compiler lays out one that captures self, unless
// reflect.MakeFunc had to make that.
type closure struct {
	pc   uintptr
	self *closure
	to   *callee
	fn   *Func // nil for methods that compiled code calls through an interface
	env  ptr   // the captured variables, laid out as envShape says; nil if there are none
	run  *Run  // that made it; nil if it captures nothing
}

// envShape is the layout of the variables that a function captures.
type envShape struct {
	typ   ptr
	slots []arg
}

// captured returns the layout of f's captured variables.
func (f *Func) captured() *envShape {
	if e := f.env.Load(); e != nil {
		return e
	}
	e := &envShape{}
	var bits []bool
	for _, v := range f.fn.FreeVars {
		t := f.m.registerType(v)
		e.slots = append(e.slots, newArg(t, uintptr(len(bits))*word))
		bits = ptrWords(bits, t)
	}
	e.typ = rtype.FrameType(bits)
	f.env.Store(e)
	return e
}

// literal returns the function that reflect.MakeFunc calls for cl. All of its
// results have the same code, by which they are recognised.
//
//go:noinline
func literal(cl *closure) func([]reflect.Value) []reflect.Value {
	return func(args []reflect.Value) []reflect.Value { return cl.enter(args) }
}

// literalMemory is the memory of a literal.
type literalMemory struct {
	pc uintptr
	cl *closure
}

// thin tells whether the func value w, which is not nil, is a layer over another
// function.
func thin(w ptr) bool { return entered.has(*(*uintptr)(w)) || rtype.IsThin(w) }

// Where the code of literals begins, and that of fromOutside.
var literalPC, fromOutsidePC uintptr

func init() {
	fromOutsidePC = reflect.ValueOf((*Func).fromOutside).Pointer()
	f := literal(nil)
	literalPC = (*(**literalMemory)(unsafe.Pointer(&f))).pc
}

// funcWord returns the word of a func value that calls f with env.
func (f *Func) funcWord(env ptr, run *Run) ptr {
	cl := &closure{to: f.callee(), fn: f, env: env, run: run}
	if cl.to.code != 0 {
		return cl.funcWord()
	}
	v := reflect.MakeFunc(cl.to.typ, literal(cl)).Interface()
	return (*iface)(unsafe.Pointer(&v)).data
}

// callee returns what compiled callers of f have to know.
func (f *Func) callee() *callee {
	if to := f.to.Load(); to != nil {
		return to
	}
	f.to.CompareAndSwap(nil, &callee{signature: signatureOf(f.goType(), false)})
	return f.to.Load()
}

// goType returns the type of f as a func value: methods take their receiver
// first.
func (f *Func) goType() reflect.Type {
	t := f.m.TypeOf(f.fn.Signature)
	if f.fn.Signature.Recv() != nil {
		in := []reflect.Type{f.m.TypeOf(f.fn.Signature.Recv().Type())}
		for i := range t.NumIn() {
			in = append(in, t.In(i))
		}
		out := make([]reflect.Type, t.NumOut())
		for i := range out {
			out[i] = t.Out(i)
		}
		t = reflect.FuncOf(in, out, t.IsVariadic())
	}
	return t
}

// word returns the func value of f, which captures nothing. A compiled function
// is its own func value.
func (f *Func) word() ptr {
	if b := f.value.Load(); b != nil {
		return b.word
	}
	var w ptr
	if f.compiled() == nil {
		v := f.native.Load().fn.Interface()
		w = (*iface)(unsafe.Pointer(&v)).data
	} else {
		w = f.funcWord(nil, nil)
	}
	f.value.CompareAndSwap(nil, &ptrBox{w})
	return f.value.Load().word
}

// closureOf returns what stands behind the func value w, or nil if it is
// compiled Go.
func closureOf(w ptr) *closure {
	if entered.has(*(*uintptr)(w)) {
		return (*closure)(w)
	}
	p, ok := rtype.MakeFuncFn(w)
	if !ok {
		return nil
	}
	if l := (*literalMemory)(p); l.pc == literalPC {
		return l.cl
	}
	return nil
}

// enter runs cl for compiled code.
func (cl *closure) enter(args []reflect.Value) []reflect.Value {
	f := cl.fn.target()
	if f.fn.Signature.Recv() == nil && f.fn != cl.fn.fn && f.compiled() == nil {
		return f.native.Load().fn.Call(args)
	}
	return f.call(cl.env, cl.run, func(i int, dst ptr, t reflect.Type) {
		reflect.NewAt(t, dst).Elem().Set(args[i])
	})
}

// call runs f for a func value of reflect.MakeFunc; set stores the i-th parameter.
func (f *Func) call(env ptr, maker *Run, set func(i int, dst ptr, t reflect.Type)) (out []reflect.Value) {
	f.fromOutside(env, maker, func(c *code, fr ptr) {
		for i := range c.params {
			p := &c.params[i]
			set(i, at(fr, p.off), p.typ)
		}
	}, func(c *code, fr ptr) {
		out = make([]reflect.Value, len(c.results))
		for i := range c.results {
			r := &c.results[i]
			if fr == nil {
				out[i] = reflect.Zero(r.typ)
			} else {
				out[i] = copyOf(r.typ, at(fr, r.off))
			}
		}
	})
	return out
}

// fromOutside runs f for compiled code. give stores the parameters into the frame,
// take gets the results from there, or from nowhere: a panic goes on in the caller,
// unless the goroutine is one that compiled code started and nothing there would
// stop it; then it is reported and the results are to be zero.
func (f *Func) fromOutside(env ptr, maker *Run, give, take func(c *code, fr ptr)) {
	old := getProfLabel()
	g := f.m.acquire(own(old), maker)
	run := g.run
	setProfLabel(unsafe.Pointer(g))
	if g.outer == nil {
		run.begin()
		defer run.end()
	}
	c := f.compiled()
	done := false
	defer func() {
		setProfLabel(old)
		switch {
		case done:
		case g.outer != nil:
			g.left()
		default:
			v := recover()
			if v != nil && !unrecoverable(v) && recoveredBelow() {
				g.left()
				panic(v)
			}
			g.returned()
			run.failed(g, v)
			take(c, nil)
		}
	}()
	g.poll()
	fr := g.enter(c)
	if g.outer != nil && g.outer.thin.Load() != nil {
		head(fr).deferOf = g.outer.thin.Swap(nil)
	}
	give(c, fr)
	c.setFree(fr, f, env)
	c.run(fr)
	take(c, fr)
	done = true
	g.leave(c, fr)
	g.release()
}

// recovering are the compiled functions that recover a panic of what they call
// and may be the first of their goroutine, or called by it.
var recovering = map[string]bool{
	"net/http.(*conn).serve":                     true,
	"net/http.(*http2serverConn).runHandler":     true,
	"net/http.(*timeoutHandler).ServeHTTP.func1": true,
	"fmt.(*pp).handleMethods":                    true,
	"log/slog.(*handleState).appendValue":        true,
	"log/slog.Value.Resolve":                     true,
	"text/template.safeCall":                     true,
}

// recoveredBelow tells whether compiled code that has called into interpreted
// code, as the first to do so in its goroutine, recovers panics. It is called
// while one is under way. Where it does not know a function, the answer is no:
// a callback that is reported as failed does less harm than the end of the
// process, which a panic that nothing recovers would be.
func recoveredBelow() bool {
	pcs := make([]uintptr, 256)
	n := runtime.Callers(1, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 4*n)
		n = runtime.Callers(1, pcs)
	}
	// From the goroutine's first function to where it left compiled code.
	for _, pc := range slices.Backward(pcs[:n]) {
		f := runtime.FuncForPC(pc - 1)
		switch {
		case f == nil:
		case recovering[f.Name()]:
			return true
		case f.Entry() == fromOutsidePC:
			return false
		}
	}
	return false
}

// setFree stores the captured variables into the frame fr of c.
func (c *code) setFree(fr ptr, f *Func, env ptr) {
	if env == nil {
		return
	}
	e := f.captured()
	for i := range c.free {
		v := &c.free[i]
		v.copyTo(at(fr, v.off), at(env, e.slots[i].off))
	}
}

// methodCall returns a function that calls, for rtype, the method that lookup
// finds.
func (m *Machine) methodCall(lookup func() *Func) func(recv ptr, args []reflect.Value) []reflect.Value {
	return func(recv ptr, args []reflect.Value) []reflect.Value {
		f := lookup().target()
		if f.compiled() == nil { // promoted from a compiled type
			n := f.native.Load()
			all := append([]reflect.Value{reflect.NewAt(n.typ.In(0), recv).Elem()}, args...)
			if n.typ.IsVariadic() {
				return n.fn.CallSlice(all)
			}
			return n.fn.Call(all)
		}
		return f.call(nil, nil, func(i int, dst ptr, t reflect.Type) {
			if i == 0 {
				copyFunc(t)(dst, recv)
				return
			}
			reflect.NewAt(t, dst).Elem().Set(args[i-1])
		})
	}
}

// makeClosure lowers a function literal, or a bound method.
func (k *compiler) makeClosure(in *ssa.MakeClosure) op {
	d := k.off(in)
	f := k.function(in.Fn.(*ssa.Function))
	e := f.captured()
	from := make([]uintptr, len(in.Bindings))
	for i, b := range in.Bindings {
		from[i] = k.off(b)
	}
	return func(fr ptr) {
		env := rtype.New(e.typ)
		for i := range from {
			s := &e.slots[i]
			s.copyTo(at(env, s.off), at(fr, from[i]))
		}
		*(*ptr)(at(fr, d)) = f.funcWord(env, head(fr).g.run)
	}
}
