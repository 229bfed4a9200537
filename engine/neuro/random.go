// This file draws random numbers in float64.

package neuro

import (
	"math"

	"cajal/engine/internal/rng"
)

// Purposes keep apart what is drawn with the same seed.
const (
	purposeNetwork = 0x4e01 + iota
	purposeNoise
	purposePoisson
	purposePattern
	purposeFlip
	purposeOrder
)

// uniform returns a number in [0, 1) with 53 random bits.
func uniform(src *rng.Source) float64 { return float64(src.Uint64()>>11) / (1 << 53) }

// normal returns a number of the standard normal distribution (Box and Muller
// 1958), the second of the pair unused.
func normal(src *rng.Source) float64 {
	r := math.Sqrt(-2 * math.Log(1-uniform(src)))
	return r * math.Cos(2*math.Pi*uniform(src))
}

// Poisson returns the times, in ms, of spikes that come at random at a mean rate,
// in spikes a second: intervals are independent and exponential.
func Poisson(rate, duration float64, seed int64) []float64 {
	if !(rate > 0) {
		return nil
	}
	src := rng.New(uint64(seed), purposePoisson)
	var out []float64
	for t := 0.0; ; {
		t -= 1000 / rate * math.Log(1-uniform(&src))
		if !(t < duration) {
			return out
		}
		out = append(out, t)
	}
}
