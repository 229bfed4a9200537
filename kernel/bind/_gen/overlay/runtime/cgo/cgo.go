// Copyright 2021 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

// Package cgo is what runtime/cgo is to code that calls no C: handles of values,
// and the mark of types that lie outside of the heap. The distribution's package
// starts threads by C code, which a program without cgo has not.
package cgo

import (
	"sync"
	"sync/atomic"
)

// Handle is a number for a value, which is kept until Delete.
type Handle uintptr

func NewHandle(v any) Handle {
	h := handleIdx.Add(1)
	if h == 0 {
		panic("runtime/cgo: ran out of handle space")
	}
	handles.Store(h, v)
	return Handle(h)
}

func (h Handle) Value() any {
	v, ok := handles.Load(uintptr(h))
	if !ok {
		panic("runtime/cgo: misuse of an invalid Handle")
	}
	return v
}

func (h Handle) Delete() {
	_, ok := handles.LoadAndDelete(uintptr(h))
	if !ok {
		panic("runtime/cgo: misuse of an invalid Handle")
	}
}

var (
	handles   sync.Map // of uintptr
	handleIdx atomic.Uintptr
)

// Incomplete marks a type that is not in the heap. Here it may be anywhere, and
// the collector looks at pointers to it as at any others.
type Incomplete struct{ _ struct{} }
