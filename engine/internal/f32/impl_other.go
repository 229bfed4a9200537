// This file leaves all work to the Go loops, where there is no assembly.

//go:build !amd64 || purego

package f32

func best() level { return levelGo }

func (p *Product) do(a, b, c []float32) { p.generic(a, b, c) }

func (p *Pooled) do(a, b, c []float32, won []int32) { p.generic(a, b, c, won) }

func (p *Patches) do(dst, src []float32, terms []Term, groups []Group) {
	p.generic(dst, src, terms, groups)
}

func (w *Winners) do(c, a, g []float32, won, taps []int32) { w.generic(c, a, g, won, taps) }

func collect(terms []Term, groups []Group, grad []float32, won, corners, places []int32, stride int) {
	collectGeneric(terms, groups, grad, won, corners, places, stride)
}

func split(terms []Term, groups []Group, grad []float32, won []int32, step int) {
	splitGeneric(terms, groups, grad, won, step)
}

func transpose(_, _ []float32, _, _, _, _ int) bool { return false }
func addBias(_, _ []float32) bool                   { return false }
func biasReLU(_, _ []float32) bool                  { return false }

// Each of these returns how much it has done; here, nothing.

func multiplyAdd(int) int                              { return 0 }
func pixels([]float32, []uint8, float32) int           { return 0 }
func sum(_, _ []float32, _, _ int) int                 { return 0 }
func exp(_, _ []float32, _ float32) int                { return 0 }
func sigmoid([]float32) int                            { return 0 }
func tanh([]float32) int                               { return 0 }
func gate(_, _ []float32) int                          { return 0 }
func largest([]float32, []int32, []float32, int32) int { return 0 }
func unpool(_, _ []float32, _ []int32, _ int32) int    { return 0 }
func adam(_, _, _, _ []float32, _ *Adam) int           { return 0 }
func sgd(_, _ []float32, _ float32) int                { return 0 }
func scale([]float32, float32) int                     { return 0 }
func mulAdd(_, _, _ []float32) int                     { return 0 }
func prefetch([]uint8)                                 {}
