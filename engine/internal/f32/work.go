// This file measures work: how much there was, and how much a processor can do.

package f32

import "sync/atomic"

// counted is where products add up their work, nil when nobody asks.
var counted *atomic.Int64

// CountWork counts the floating point operations of products, pooled products and
// patches, a multiplication and an addition as two, until stop is called, which returns
// how many there were. It is for measurements: nothing may compute when it is called,
// nor when stop is.
func CountWork() (stop func() int64) {
	counted = new(atomic.Int64)
	return func() int64 {
		n := counted.Load()
		counted = nil
		return n
	}
}

// MultiplyAdd multiplies and adds as fast as the present implementation can, in
// registers, n times over, and returns how many operations that was.
func MultiplyAdd(n int) (operations int) {
	if n <= 0 {
		return 0
	}
	if lanes := multiplyAdd(n); lanes > 0 {
		return n * 2 * fmaSums * lanes
	}
	var s [fmaSums]float32
	for range n {
		for i := range s {
			s[i] += s[i] * s[i]
		}
	}
	return n * 2 * fmaSums
}

// fmaSums is how many sums the loop has: enough for the latency of any processor.
const fmaSums = 12
