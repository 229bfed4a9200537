//go:build amd64 || arm64

package rtype

// This file hands out the assembly stubs that are the code of methods.

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// stubCount is the number of stubs; the assembly has as many.
const stubCount = 65536

// closures holds, for each stub, the func value to which it jumps.
var closures [stubCount]unsafe.Pointer

var pool struct {
	sync.Mutex
	used int
}

// stubCode returns the address of the first stub.
func stubCode() uintptr

// Goroutine returns a number that tells the calling goroutine from all others
// that exist.
func Goroutine() uintptr

// stub is the number of a stub, counted from 1.
type stub int

// code returns the address of the stub's code.
func (s stub) code() unsafe.Pointer {
	return pointerTo(stubCode() + uintptr(s-1)*stubSize)
}

// isStub tells whether a stub's code is at the address.
func isStub(code uintptr) bool { return code-stubCode() < stubCount*stubSize }

// pointerTo returns a pointer to what is not in the Go heap.
func pointerTo(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

// setStub makes the stub s call the func value with the word fn; a new one if s is 0.
func setStub(s *stub, fn unsafe.Pointer) error {
	if *s == 0 {
		pool.Lock()
		defer pool.Unlock()
		if pool.used == stubCount {
			return fmt.Errorf("rtype: %d stubs for methods are used up, of which a method takes up to three; restart the session", stubCount)
		}
		pool.used++
		*s = stub(pool.used)
	}
	atomic.StorePointer(&closures[*s-1], fn)
	return nil
}

// setCode gives m, of a type recv, code for calls through interfaces, where the
// receiver is an interface's data word, and for calls with the receiver itself.
func (m *entry) setCode(recv reflect.Type) error {
	in, out := []reflect.Type{reflect.TypeFor[unsafe.Pointer]()}, []reflect.Type(nil)
	for i := range m.Type.NumIn() {
		in = append(in, m.Type.In(i))
	}
	for i := range m.Type.NumOut() {
		out = append(out, m.Type.Out(i))
	}
	call, direct := m.Call, IsDirectIface(TypeWord(recv))
	var word unsafe.Pointer
	if m.Word != nil {
		word = m.Word(direct)
	} else {
		word = funcWord(reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
			data := args[0].UnsafePointer()
			if direct {
				return call(unsafe.Pointer(&data), args[1:])
			}
			return call(data, args[1:])
		}))
	}
	if err := setStub(&m.ifn, word); err != nil {
		return err
	}
	if recv.Kind() == reflect.Pointer {
		m.tfn = m.ifn
		return nil
	}
	in[0] = recv
	return setStub(&m.tfn, funcWord(reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		p := reflect.New(recv)
		p.Elem().Set(args[0])
		return call(p.UnsafePointer(), args[1:])
	})))
}
