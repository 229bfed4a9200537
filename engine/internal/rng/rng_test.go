// This file checks the random numbers: the same every time, unrelated streams,
// and no large fault in their spread.

package rng

import (
	"math"
	"slices"
	"testing"
)

func TestNumbersAreFixed(t *testing.T) {
	// Notebooks quote results that hang on these: they must not change.
	s := New(0, 0)
	got := []uint64{s.Uint64(), s.Uint64(), s.Uint64()}
	if want := []uint64{0x346dbc0b5711d830, 0x6b182a52253dda4a, 0x6e2758640b1bd75b}; !slices.Equal(got, want) {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64][2]uint64{}
	for seed := range uint64(100) {
		for purpose := range uint64(100) {
			s := New(seed, purpose)
			for range 4 {
				v := s.Uint64()
				if old, ok := seen[v]; ok {
					t.Fatalf("seeds and purposes %v and %v share the number %#x", old, [2]uint64{seed, purpose}, v)
				}
				seen[v] = [2]uint64{seed, purpose}
			}
		}
	}
}

func TestSpread(t *testing.T) {
	const n = 200_000
	s := New(1, 2)
	var bins [10]int
	sum, square, lag, last := 0.0, 0.0, 0.0, 0.0
	for range n {
		v := float64(s.Float32())
		if v < 0 || v >= 1 {
			t.Fatalf("Float32 gave %v", v)
		}
		bins[int(v*10)]++
		sum += v
		square += (v - 0.5) * (v - 0.5)
		lag += (v - 0.5) * (last - 0.5)
		last = v
	}
	for b, k := range bins {
		if math.Abs(float64(k)-n/10) > 5*math.Sqrt(n*0.09) {
			t.Errorf("bin %d has %d of %d numbers", b, k, n)
		}
	}
	if m := sum / n; math.Abs(m-0.5) > 0.003 {
		t.Errorf("mean %v", m)
	}
	if v := square / n; math.Abs(v-1.0/12) > 0.001 {
		t.Errorf("variance %v", v)
	}
	if c := lag / square; math.Abs(c) > 0.01 {
		t.Errorf("correlation of neighbours %v", c)
	}
}

func TestIntn(t *testing.T) {
	s := New(3, 4)
	var seen [7]int
	for range 70_000 {
		seen[s.Intn(7)]++
	}
	for i, k := range seen {
		if k < 9500 || k > 10500 {
			t.Errorf("%d came %d times of 70,000", i, k)
		}
	}
	if s.Intn(1) != 0 {
		t.Error("Intn(1) is not 0")
	}
}

func TestUniform(t *testing.T) {
	s := New(5, 6)
	x := make([]float32, 1000)
	s.Uniform(x, 0.25)
	if lo, hi := slices.Min(x), slices.Max(x); lo < -0.25 || hi >= 0.25 || lo > -0.24 || hi < 0.24 {
		t.Errorf("numbers from %v to %v, want from -0.25 to 0.25", lo, hi)
	}
}

func TestShuffle(t *testing.T) {
	// Every order of three comes about equally often.
	s := New(7, 8)
	seen := map[[3]int32]int{}
	for range 60_000 {
		x := []int32{0, 1, 2}
		s.Shuffle(x)
		seen[[3]int32(x)]++
	}
	if len(seen) != 6 {
		t.Fatalf("orders %v", seen)
	}
	for o, k := range seen {
		if k < 9500 || k > 10500 {
			t.Errorf("order %v came %d times of 60,000", o, k)
		}
	}
}
