// This file says what the primitives are and where each lives.

// Package f32 has the primitives of the engine: loops over float32 slices that
// training spends its time in.
//
// It is not a linear algebra library: it has what the layers call and nothing
// else, it allocates nothing and starts no goroutine.
//
//	Product   product.go  one strided matrix product for dense and convolution
//	the rest  vector.go   bias, activation, update rules, pixels to numbers
//
// Every primitive has a Go loop, the specification (generic.go). On amd64 with
// AVX2 and FMA assembly takes its place, chosen when the program starts; build
// tag purego leaves it out. Assembly fuses multiply and add, so last bits differ
// between the two, but never between two runs of one.
package f32
