// This file has the random numbers of the engine.

// Package rng gives random numbers that depend only on a seed, a purpose and a
// position, so that no order of execution can change them.
//
// It is not for secrets.
package rng

import "math/bits"

// A Source is a stream of numbers (PCG-like: splitmix64 over a counter,
// Steele, Lea and Flood 2014). The zero value is the stream of seed 0.
type Source struct{ state uint64 }

// New returns the stream of a seed and a purpose, such as a layer or an epoch.
// Streams of different purposes are unrelated.
func New(seed, purpose uint64) Source {
	return Source{mix(seed+0x9e3779b97f4a7c15) ^ mix(purpose*0xda942042e4dd58b5+1)}
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 returns the next 64 random bits.
func (s *Source) Uint64() uint64 {
	s.state += 0x9e3779b97f4a7c15
	return mix(s.state)
}

// Intn returns a number in [0, n), n > 0. (Lemire's multiplication; its bias
// of at most n/2⁶⁴ is left in.)
func (s *Source) Intn(n int) int {
	hi, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int(hi)
}

// Float32 returns a number in [0, 1) with 24 random bits.
func (s *Source) Float32() float32 { return float32(s.Uint64()>>40) / (1 << 24) }

// Uniform fills dst with numbers in [-limit, limit).
func (s *Source) Uniform(dst []float32, limit float32) {
	for i := range dst {
		dst[i] = (2*s.Float32() - 1) * limit
	}
}

// Shuffle puts idx in random order (Fisher and Yates).
func (s *Source) Shuffle(idx []int32) {
	for i := len(idx) - 1; i > 0; i-- {
		j := s.Intn(i + 1)
		idx[i], idx[j] = idx[j], idx[i]
	}
}
