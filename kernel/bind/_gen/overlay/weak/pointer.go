// Copyright 2009 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

package weak

// This file holds package weak, by way of compiled functions.

import "unsafe"

type Pointer[T any] struct {
	_ [0]*T
	u unsafe.Pointer
}

func Make[T any](ptr *T) Pointer[T] { return Pointer[T]{u: register(unsafe.Pointer(ptr))} }

func (p Pointer[T]) Value() *T { return (*T)(strong(p.u)) }

func register(p unsafe.Pointer) unsafe.Pointer

func strong(u unsafe.Pointer) unsafe.Pointer
