//go:build amd64 || arm64

package rtype

// This file hands out the assembly stubs that are the code of methods.

//go:generate go run ./_stubs

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// closures holds, for each stub, the func value to which it jumps.
var closures [stubCount]unsafe.Pointer

var pool struct {
	sync.Mutex
	used int
}

// stubCode returns the address of the first stub.
func stubCode() uintptr

// newStub returns code that calls the func value fn.
func newStub(fn reflect.Value) (unsafe.Pointer, error) {
	pool.Lock()
	defer pool.Unlock()
	if pool.used == stubCount {
		return nil, fmt.Errorf("rtype: %d methods were made, which is all there can be; restart the session", stubCount)
	}
	i := pool.used
	pool.used++
	closures[i] = funcWord(fn)
	base := stubCode()
	return *(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{base + uintptr(i)*stubSize})), nil
}

// stubsFor returns the code of a method for calls through interfaces, where the
// receiver is an interface's data word, and for calls with the receiver itself.
func stubsFor(recv reflect.Type, m *Method) (ifn, tfn unsafe.Pointer, err error) {
	in, out := []reflect.Type{reflect.TypeFor[unsafe.Pointer]()}, []reflect.Type(nil)
	for i := range m.Type.NumIn() {
		in = append(in, m.Type.In(i))
	}
	for i := range m.Type.NumOut() {
		out = append(out, m.Type.Out(i))
	}
	call := m.Call
	direct := IsDirectIface(TypeWord(recv))
	word := reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		p := args[0].UnsafePointer()
		if direct {
			return call(unsafe.Pointer(&p), args[1:])
		}
		return call(p, args[1:])
	})
	if ifn, err = newStub(word); err != nil {
		return nil, nil, err
	}
	if recv.Kind() == reflect.Pointer {
		return ifn, ifn, nil
	}
	in[0] = recv
	value := reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		p := reflect.New(recv)
		p.Elem().Set(args[0])
		return call(p.UnsafePointer(), args[1:])
	})
	tfn, err = newStub(value)
	return ifn, tfn, err
}
