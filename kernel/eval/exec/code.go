package exec

// This file defines functions, their compiled code and the loop that runs it.

import (
	"fmt"
	"go/token"
	"reflect"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/ssa"
)

// op is an instruction.
type op func(fr ptr)

// block is a basic block.
type block struct {
	ops  []op
	term func(fr ptr) *block // the next block, nil after a return
	base int32               // index of ops[0] in code.pos
	test bool                // has nothing but a branch
}

// code is the compiled form of a function.
type code struct {
	fn      *Func
	id      int
	shape   frameShape
	params  []arg  // where the parameters (and the receiver) go
	free    []arg  // where the captured variables go
	results []arg  // where the results are when it returns
	entry   *block // where it starts
	recover *block // where it continues after a recovered panic, or nil
	defers  bool   // has deferred calls
	wrapper bool   // a synthetic function, transparent to recover
	pos     []token.Pos

	deadMu sync.Mutex
	dead   [][]uintptr // by index of pos, pointers that are dead; nil before they are looked for
	// The pointers that are dead once the function has panicked.
	unwound []uintptr
}

// Func is a function of interpreted code, or a compiled function that
// interpreted code calls.
type Func struct {
	m      *Machine
	fn     *ssa.Function
	code   atomic.Pointer[code]
	native atomic.Pointer[native]
	next   atomic.Pointer[successor] // nil before a redefinition
	value  atomic.Pointer[ptrBox]
	env    atomic.Pointer[envShape]
	to     atomic.Pointer[callee]
}

// ptrBox holds a func value's word.
type ptrBox struct{ word ptr }

// successor is what functions have in common of which each was redefined as the
// next one: the last one, so that those in between need not live.
type successor struct{ atomic.Pointer[Func] }

// redirect makes callers of f, and of what f stands in for, call n.
func (f *Func) redirect(n *Func) {
	if f == n {
		return
	}
	s := f.next.Load()
	if s == nil {
		s = new(successor)
	}
	s.Store(n)
	n.next.Store(s)
	f.next.Store(s)
}

// target returns what f was redefined as, or f.
func (f *Func) target() *Func {
	if s := f.next.Load(); s != nil {
		return s.Load()
	}
	return f
}

// compiled returns f's code, compiling it first if necessary; nil if the
// function is compiled Go.
func (f *Func) compiled() *code {
	if c := f.code.Load(); c != nil {
		return c
	}
	return f.prepare()
}

// prepare compiles f or binds it to its compiled function. It panics with an
// error if f has neither body nor binding.
func (f *Func) prepare() *code {
	if f.native.Load() != nil {
		return nil
	}
	if n := f.bindNative(); n != nil {
		f.native.Store(n)
		return nil
	}
	if f.fn.Blocks == nil {
		panic(fmt.Errorf("function %s has no body and is not bound: it cannot be called from a cell", f.fn))
	}
	c := compile(f)
	if !f.code.CompareAndSwap(nil, c) {
		return f.code.Load()
	}
	return c
}

// run executes an activation whose parameters are set. The results are in the
// frame when it returns.
func (c *code) run(fr ptr) {
	if c.defers {
		c.runDeferring(fr)
		return
	}
	c.loop(fr, c.entry)
}

// loop runs blocks from b until a return.
func (c *code) loop(fr ptr, b *block) {
	h := head(fr)
	for b != nil {
		pc := b.base
		for _, in := range b.ops {
			h.pc = pc
			in(fr)
			pc++
		}
		h.pc = pc
		b = b.term(fr)
	}
}

// compiler turns one ssa.Function into code.
type compiler struct {
	m      *Machine
	f      *Func
	fn     *ssa.Function
	c      *code
	layout layout
	regs   map[ssa.Value]*reg
	blocks []*block
	locals map[*ssa.Alloc]*reg // storage of variables that do not escape
	folded map[ssa.Value]bool  // addresses and comparisons that their users compute
	consts map[constKey]*reg
	instrs []ssa.Instruction // by index of code.pos
}

// reg is the slot of an SSA value.
type reg struct {
	off   uintptr
	typ   reflect.Type // nil for tuples
	tuple []arg        // elements of a tuple, offsets from off
	konst bool
}

func compile(f *Func) *code {
	k := newCompiler(f)
	f.m.mu.Lock()
	f.m.nextID++
	k.c.id = f.m.nextID
	f.m.mu.Unlock()
	k.allocate()
	k.lower()
	return k.c
}

func newCompiler(f *Func) *compiler {
	fn := f.fn
	return &compiler{
		m: f.m, f: f, fn: fn,
		c:      &code{fn: f, wrapper: fn.Synthetic != "" && fn.Syntax() == nil && fn.Parent() == nil},
		regs:   make(map[ssa.Value]*reg),
		locals: make(map[*ssa.Alloc]*reg),
		folded: make(map[ssa.Value]bool),
		consts: make(map[constKey]*reg),
	}
}

// allocate decides which values are folded into their users, and gives all
// others a slot.
func (k *compiler) allocate() {
	var later []func()
	argOf := func(v ssa.Value, to *[]arg) {
		r := k.slot(v)
		i := len(*to)
		*to = append(*to, newArg(r.typ, 0))
		later = append(later, func() { (*to)[i].off = r.off })
	}
	for _, p := range k.fn.Params {
		argOf(p, &k.c.params)
	}
	for _, v := range k.fn.FreeVars {
		argOf(v, &k.c.free)
	}
	results := k.fn.Signature.Results()
	for i := range results.Len() {
		t := k.m.TypeOf(results.At(i).Type())
		k.c.results = append(k.c.results, newArg(t, 0))
		k.layout.add(ptrWords(nil, t), func(off uintptr) { k.c.results[i].off = off })
	}
	k.fold()
	same := k.coalesce()
	for _, b := range k.fn.Blocks {
		for _, in := range b.Instrs {
			if v, ok := in.(ssa.Value); ok && !k.folded[v] {
				if p := same[v]; p != nil {
					k.regs[v] = k.slot(p)
				} else {
					k.slot(v)
				}
			}
			if a, ok := in.(*ssa.Alloc); ok && k.inFrame(a) {
				k.local(a)
			}
			if _, ok := in.(*ssa.Defer); ok {
				k.c.defers = true
			}
			k.constants(in)
		}
	}
	if k.fn.Recover != nil {
		k.c.defers = true
	}
	k.c.shape = k.layout.finish()
	for _, f := range later {
		f()
	}
}

// constants gives the constant operands of in their slots.
func (k *compiler) constants(in ssa.Instruction) {
	for i, o := range in.Operands(nil) {
		if *o == nil {
			continue
		}
		switch v := (*o).(type) {
		case *ssa.Const, *ssa.Global:
			k.constant(v)
		case *ssa.Function:
			_, closure := in.(*ssa.MakeClosure)
			call, ok := in.(ssa.CallInstruction)
			if i == 0 && (closure || ok && !call.Common().IsInvoke()) {
				continue // called or captured by name
			}
			k.constant(v)
		}
	}
}

// slot returns the register of v, allocating it.
func (k *compiler) slot(v ssa.Value) *reg {
	if r := k.regs[v]; r != nil {
		return r
	}
	r := &reg{}
	k.regs[v] = r
	if t, ok := tupleOf(v.Type()); ok {
		var bits []bool
		for i := range t.Len() {
			e := k.m.tupleElem(t.At(i).Type())
			r.tuple = append(r.tuple, newArg(e, uintptr(len(bits))*word))
			bits = ptrWords(bits, e)
		}
		k.layout.add(bits, func(off uintptr) { r.off = off })
		return r
	}
	r.typ = k.m.registerType(v)
	k.m.mayAllocate(uint64(r.typ.Size()))
	k.layout.add(ptrWords(nil, r.typ), func(off uintptr) { r.off = off })
	return r
}

// inFrame tells whether the variable a lives in the frame.
func (k *compiler) inFrame(a *ssa.Alloc) bool {
	return !a.Heap && k.m.TypeOf(deref(a.Type())).Size() <= maxLocal
}

// maxLocal is the size of the largest variables that live in frames.
const maxLocal = 1 << 16

// local gives the variable a, which does not escape, storage in the frame.
func (k *compiler) local(a *ssa.Alloc) {
	t := k.m.TypeOf(deref(a.Type()))
	r := &reg{typ: t}
	k.locals[a] = r
	k.layout.add(ptrWords(nil, t), func(off uintptr) { r.off = off })
}

// lower compiles all blocks.
func (k *compiler) lower() {
	for range k.fn.Blocks {
		k.blocks = append(k.blocks, &block{})
	}
	for i, b := range k.fn.Blocks {
		k.lowerBlock(b, k.blocks[i])
	}
	k.c.entry = k.blocks[0]
	if k.fn.Recover != nil {
		k.c.recover = k.blocks[k.fn.Recover.Index]
	}
}

func (k *compiler) lowerBlock(b *ssa.BasicBlock, out *block) {
	out.base = int32(len(k.c.pos))
	n := len(b.Instrs)
	for _, in := range b.Instrs[:n-1] {
		if v, ok := in.(ssa.Value); ok && k.folded[v] {
			continue
		}
		if o := k.instr(in); o != nil {
			out.ops = append(out.ops, o)
			k.c.pos = append(k.c.pos, k.position(in))
			k.instrs = append(k.instrs, in)
		}
	}
	k.c.pos = append(k.c.pos, k.position(b.Instrs[n-1]))
	k.instrs = append(k.instrs, b.Instrs[n-1])
	out.term = k.terminator(b, b.Instrs[n-1])
	if _, ok := b.Instrs[n-1].(*ssa.If); ok {
		out.test = len(out.ops) == 0
	}
}

// position returns where in is, or the nearest place that says so.
func (k *compiler) position(in ssa.Instruction) token.Pos {
	if p := in.Pos(); p.IsValid() {
		return p
	}
	switch in := in.(type) {
	case *ssa.If:
		if p := in.Cond.Pos(); p.IsValid() {
			return p
		}
	case *ssa.RunDefers:
		// At the return statement, or at the end.
		if b := in.Block().Instrs; b[len(b)-1].Pos().IsValid() {
			return b[len(b)-1].Pos()
		}
		if n := k.fn.Syntax(); n != nil {
			return n.End() - 1
		}
	}
	for _, o := range in.Operands(nil) {
		if *o != nil {
			if i, ok := (*o).(ssa.Instruction); ok && i.Block() == in.Block() && i.Pos().IsValid() {
				return i.Pos()
			}
		}
	}
	return token.NoPos
}

// instr compiles one instruction; nil if there is nothing to do.
func (k *compiler) instr(in ssa.Instruction) op {
	switch in := in.(type) {
	case *ssa.DebugRef, *ssa.Phi:
		return nil
	case *ssa.Alloc:
		return k.alloc(in)
	case *ssa.BinOp:
		return k.binOp(in)
	case *ssa.UnOp:
		return k.unOp(in)
	case *ssa.Convert:
		return k.convert(in, in.X, in.Type())
	case *ssa.MultiConvert:
		return k.convert(in, in.X, in.Type())
	case *ssa.ChangeType:
		return k.moveTo(in, in.X)
	case *ssa.ChangeInterface:
		return k.changeInterface(in)
	case *ssa.SliceToArrayPointer:
		return k.sliceToArrayPointer(in)
	case *ssa.MakeInterface:
		return k.makeInterface(in)
	case *ssa.TypeAssert:
		return k.typeAssert(in)
	case *ssa.MakeClosure:
		return k.makeClosure(in)
	case *ssa.MakeMap:
		return k.makeMap(in)
	case *ssa.MakeChan:
		return k.makeChan(in)
	case *ssa.MakeSlice:
		return k.makeSlice(in)
	case *ssa.Slice:
		return k.slice(in)
	case *ssa.FieldAddr, *ssa.IndexAddr:
		return k.address(in.(ssa.Value))
	case *ssa.Field:
		return k.field(in)
	case *ssa.Index:
		return k.index(in)
	case *ssa.Lookup:
		return k.lookup(in)
	case *ssa.Extract:
		return k.extract(in)
	case *ssa.Range:
		return k.rangeOver(in)
	case *ssa.Next:
		return k.next(in)
	case *ssa.Select:
		return k.selectOp(in)
	case *ssa.Call:
		return k.call(in)
	case *ssa.Go:
		return k.goOp(in)
	case *ssa.Defer:
		return k.deferOp(in)
	case *ssa.RunDefers:
		return func(fr ptr) { head(fr).act.runDefers() }
	case *ssa.Send:
		return k.send(in)
	case *ssa.Store:
		return k.store(in)
	case *ssa.MapUpdate:
		return k.mapUpdate(in)
	}
	panic(fmt.Errorf("exec: %s: unknown instruction %T", k.fn, in))
}

// off returns the slot of v.
func (k *compiler) off(v ssa.Value) uintptr {
	r := k.regs[v]
	if r == nil {
		panic(fmt.Errorf("exec: %s: %s (%T) has no register", k.fn, v.Name(), v))
	}
	return r.off
}

// typ returns the runtime type of v.
func (k *compiler) typ(v ssa.Value) reflect.Type { return k.m.registerType(v) }

func (k *compiler) moveTo(d, s ssa.Value) op {
	return move(k.typ(d), k.off(d), k.off(s))
}

func (k *compiler) extract(in *ssa.Extract) op {
	r := k.regs[in.Tuple]
	e := r.tuple[in.Index]
	return move(e.typ, k.off(in), r.off+e.off)
}
