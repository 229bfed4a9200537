//go:build !amd64 && !arm64

package rtype

// This file stands in for the method stubs on machines that have none.

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

type stub int

func (s stub) code() unsafe.Pointer { return nil }

func isStub(uintptr) bool { return false }

func pointerTo(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

func (m *entry) setCode(reflect.Type) error {
	return fmt.Errorf("rtype: methods of types made at run time need amd64 or arm64; this is %s", runtime.GOARCH)
}

func itabLoads() []uintptr { return nil }

// Goroutine returns a number that tells the calling goroutine from all others
// that exist.
func Goroutine() uintptr { return 0 }
