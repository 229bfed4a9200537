// Copyright 2009 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

package unique

// This file holds package unique over a table of the evaluator, whose values
// live as long as it does.

import "unsafe"

type Handle[T comparable] struct {
	value *T
}

func (h Handle[T]) Value() T { return *h.value }

func Make[T comparable](value T) Handle[T] {
	p := new(T)
	*p = value
	return Handle[T]{(*T)(canonical(value, unsafe.Pointer(p)))}
}

func canonical(value any, p unsafe.Pointer) unsafe.Pointer
