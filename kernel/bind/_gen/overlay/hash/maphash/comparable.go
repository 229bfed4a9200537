// Copyright 2009 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

package maphash

// This file holds the generic functions of package maphash, by way of compiled
// ones.

import "hash/maphash"

func Comparable[T comparable](seed maphash.Seed, v T) uint64 { return comparableAny(seed, v) }

func WriteComparable[T comparable](h *maphash.Hash, x T) { writeComparableAny(h, x) }

func comparableAny(seed maphash.Seed, v any) uint64

func writeComparableAny(h *maphash.Hash, x any)
