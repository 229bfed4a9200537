// This file takes the Go loops where there is no assembly.

//go:build !amd64 || purego

package f32

// Name tells which implementation runs.
func Name() string { return "go" }

func (p *Product) do(a, b, c []float32) { p.generic(a, b, c) }

// Each of these returns how many numbers it has done; the Go loop does the rest.

func pixels([]float32, []uint8, float32) int                     { return 0 }
func biasReLU([]float32, []float32) int                          { return 0 }
func gate([]float32, []float32) int                              { return 0 }
func largest([]float32, []int32, []float32, int32) int           { return 0 }
func adam([]float32, []float32, []float32, []float32, *Adam) int { return 0 }
func axpyNeg([]float32, []float32, float32) int                  { return 0 }
func prefetch([]uint8)                                           {}
