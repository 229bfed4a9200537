package exec

// This file makes func values of interpreted functions, and methods, that compiled
// code calls with arguments in registers. That costs a fraction of what
// reflect.MakeFunc's func values do.

import (
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"
)

// callee is what the compiled callers of an interpreted function have to know.
type callee struct {
	*signature
	method func() *Func // of a method, else nil
	direct bool         // its receiver is an interface's data word itself, which otherwise points to it
}

// signature says how the parameters and results of a type of functions travel
// between a crossing and a frame.
type signature struct {
	typ             reflect.Type
	params, results []transit
	code            uintptr // of the entry; 0 if there is none for such functions
}

// transit is a word of a parameter or result.
type transit struct {
	rtype.Word
	of int     // which
	at uintptr // in the crossing
}

// crossing is what an entry gives to closure.cross and gets back. Its types tell
// the garbage collector which words are pointers. P has the parameters, one word
// for each register.
type crossing[P any, R, S, T uintptr | ptr] struct {
	r      R
	s      S
	t      T
	f      float64
	params P
}

// Where the parts of a crossing are, and how many there can be.
const (
	intReturns   = 3
	floatReturn  = intReturns * word
	firstParam   = floatReturn + word
	intParams    = 4
	floatParams  = 2 // in functions that have no others
	returnCounts = 1 << intReturns
)

// signatureOf returns the signature of functions of type t; those of methods take
// the receiver's data word first, which t has not.
func signatureOf(t reflect.Type, method bool) *signature {
	none := &signature{typ: t}
	s := &signature{typ: t}
	ints, floats, pointers := 0, 0, 0
	spill := uintptr(0) // what a caller keeps free for its callee to put registers in
	if method {
		ints, pointers, spill = 1, 1, word
	}
	for i := range t.NumIn() {
		words, ok := rtype.Words(nil, t.In(i), 0)
		if !ok {
			return none
		}
		for _, w := range words {
			s.params = append(s.params, transit{w, i, firstParam + uintptr(ints+floats)*word})
			switch {
			case w.Float:
				floats++
				continue
			case w.Ptr:
				pointers |= 1 << ints
			}
			ints++
		}
		align := uintptr(t.In(i).Align())
		spill = (spill+align-1)/align*align + t.In(i).Size()
	}
	if ints > intParams || floats > floatParams || ints > 0 && floats > 0 || uintptr(ints+floats)*word > (spill+word-1)/word*word {
		return none
	}
	takes := 1<<ints - 1 + pointers // those with fewer words come first
	if floats > 0 {
		takes = 1<<(intParams+1) - 2 + floats
	}
	ints, floats, pointers = 0, 0, 0
	for i := range t.NumOut() {
		words, ok := rtype.Words(nil, t.Out(i), 0)
		if !ok {
			return none
		}
		for _, w := range words {
			if w.Float {
				s.results = append(s.results, transit{w, i, floatReturn})
				floats++
				continue
			}
			if w.Ptr {
				pointers |= 1 << ints
			}
			s.results = append(s.results, transit{w, i, uintptr(ints) * word})
			ints++
		}
	}
	if ints > intReturns || floats > 1 {
		return none
	}
	s.code = entryCodes()[takes][pointers]
	return s
}

// funcWord returns the word of a func value that enters cl.
func (cl *closure) funcWord() ptr {
	cl.pc, cl.self = cl.to.code, cl
	return unsafe.Pointer(cl)
}

// methodWord returns a function from whether the receiver is an interface's data word
// itself to the word of a func value that takes that word and then what a func of
// type t does; nil if reflect.MakeFunc must make it.
func methodWord(t reflect.Type, lookup func() *Func) func(direct bool) ptr {
	s := signatureOf(t, true)
	if s.code == 0 {
		return nil
	}
	return func(direct bool) ptr {
		return (&closure{to: &callee{s, lookup, direct}}).funcWord()
	}
}

// cross runs the function for compiled code that has called an entry.
func (cl *closure) cross(w ptr) {
	to, f := cl.to, cl.fn
	if to.method != nil {
		f = to.method()
	}
	f = f.target()
	if f.compiled() == nil {
		cl.crossNative(f.native.Load(), w)
		return
	}
	f.fromOutside(cl.env, cl.run, func(c *code, fr ptr) {
		params := c.params
		if to.method != nil {
			recv := &params[0]
			if to.direct {
				*(*ptr)(at(fr, recv.off)) = *(*ptr)(at(w, firstParam))
			} else {
				recv.copyTo(at(fr, recv.off), *(*ptr)(at(w, firstParam)))
			}
			params = params[1:]
		}
		for i := range to.params {
			t := &to.params[i]
			t.move(unsafe.Add(fr, params[t.of].off+t.Offset), unsafe.Add(w, t.at))
		}
	}, func(c *code, fr ptr) {
		if fr == nil {
			return // zeros
		}
		for i := range to.results {
			t := &to.results[i]
			t.move(unsafe.Add(w, t.at), unsafe.Add(fr, c.results[t.of].off+t.Offset))
		}
	})
}

// move copies the word, between a crossing and a value.
func (t *transit) move(dst, src ptr) {
	switch {
	case t.Ptr:
		*(*ptr)(dst) = *(*ptr)(src)
	case t.Size == 8:
		*(*uint64)(dst) = *(*uint64)(src)
	case t.Size == 4:
		*(*uint32)(dst) = *(*uint32)(src)
	case t.Size == 2:
		*(*uint16)(dst) = *(*uint16)(src)
	default:
		*(*uint8)(dst) = *(*uint8)(src)
	}
}

// crossNative calls a compiled function in the place of the interpreted one: a
// method promoted from a compiled type, or what a function was redefined as.
func (cl *closure) crossNative(n *native, w ptr) {
	t := cl.to.typ
	var args []reflect.Value
	if cl.to.method != nil {
		recv := *(*ptr)(at(w, firstParam))
		if cl.to.direct {
			recv = unsafe.Pointer(&[1]ptr{recv})
		}
		args = append(args, reflect.NewAt(n.typ.In(0), recv).Elem())
	}
	first := len(args)
	for i := range t.NumIn() {
		args = append(args, reflect.New(t.In(i)).Elem())
	}
	for i := range cl.to.params {
		p := &cl.to.params[i]
		p.move(unsafe.Add(args[first+p.of].Addr().UnsafePointer(), p.Offset), unsafe.Add(w, p.at))
	}
	out := n.run(args)
	for i := range out {
		held := reflect.New(t.Out(i)).Elem() // in memory that has an address
		held.Set(out[i])
		out[i] = held
	}
	for i := range cl.to.results {
		r := &cl.to.results[i]
		r.move(unsafe.Add(w, r.at), unsafe.Add(out[r.of].Addr().UnsafePointer(), r.Offset))
	}
}
