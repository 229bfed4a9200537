// This file cuts long work into pieces, between which a stop is seen.

package nn

import (
	"sync/atomic"

	"cajal/engine/internal/f32"
)

// A piece takes a few milliseconds of one processor, so that whoever interrupts a
// training does not wait for a large product. Columns are cut at multiples of what the
// primitives compute at a time.
const (
	pieceFlops = 3e8
	pieceWidth = 96
	pieceRows  = 1 << 22 // numbers
)

// multiply runs a product until the step is stopped. Cutting it changes no bit: see
// [f32.Product].
func multiply(stop *atomic.Bool, m f32.Product, a, b, c []float32) {
	width := m.N
	if k := 2 * float64(m.M) * float64(m.N) * float64(m.K) * float64(m.L) / pieceFlops; k > 1 {
		width = (int(float64(m.N)/k)/pieceWidth + 1) * pieceWidth
	}
	for lo := 0; lo < m.N && !stop.Load(); lo += width {
		p := m
		p.N = min(width, m.N-lo)
		p.Do(a, b[lo*max(m.BCol, 1):], c[lo:])
	}
}

// addRows adds rows of n numbers to sum until the step is stopped.
func addRows(stop *atomic.Bool, sum, x []float32, rows, n int) {
	size := max(pieceRows/n, 1)
	for lo := 0; lo < rows && !stop.Load(); lo += size {
		f32.Sum(sum, x[lo*n:], min(size, rows-lo), n)
	}
}
