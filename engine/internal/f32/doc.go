// This file says what the primitives are and where each lives.

// Package f32 has the primitives of the engine: loops over float32 slices that
// training spends its time in.
//
// It is not a linear algebra library: it has what the layers call and nothing
// else, and it starts no goroutine. Nothing is allocated but, once for each goroutine
// that computes large products, the room for copies of their pieces.
//
//	Product   product.go  one strided matrix product for dense and convolution
//	Pooled    pooled.go   a row of a convolution with its max-pooling
//	Patches   patches.go  sums of patches, for gradients that are mostly zero
//	Winners   winners.go  the gradient of small filters behind a max-pooling
//	work.go               how much work there was, and the peak
//	the rest  vector.go   bias, activation, update rules, pixels to numbers
//
// Every primitive has a Go loop, the specification (generic.go, and the method
// generic of each type). On amd64 assembly takes its place, AVX-512 or AVX2 with
// FMA, whichever the processor has; build tag purego leaves it out. impl.go is the
// registry by which tests run every implementation. Assembly fuses multiply and
// add, so last bits differ from the Go loops, but never between two runs of one
// implementation. The generator is in _asm, a module of its own.
package f32
