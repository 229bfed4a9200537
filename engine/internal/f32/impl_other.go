// This file leaves all work to the Go loops, where there is no assembly.

//go:build !amd64 || purego

package f32

func best() level { return levelGo }

func (p *Product) do(a, b, c []float32) { p.generic(a, b, c) }

func (p *Pooled) do(a, b, c []float32, won []int32) { p.generic(a, b, c, won) }

func (p *Patches) do(dst, src []float32, terms []Term) { p.generic(dst, src, terms) }

// Each of these returns how many numbers it has done; here, none.

func pixels([]float32, []uint8, float32) int                     { return 0 }
func biasReLU([]float32, []float32) int                          { return 0 }
func gate([]float32, []float32) int                              { return 0 }
func largest([]float32, []int32, []float32, int32) int           { return 0 }
func unpool([]float32, []float32, []int32, int32) int            { return 0 }
func adam([]float32, []float32, []float32, []float32, *Adam) int { return 0 }
func sgd([]float32, []float32, float32) int                      { return 0 }
func prefetch([]uint8)                                           {}
