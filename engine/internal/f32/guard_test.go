// This file has what the tests of primitives share: every implementation, slices
// between guards, and numbers.

package f32

import (
	"fmt"
	"math"
	"testing"

	"cajal/engine/internal/rng"
)

// each runs f once for every implementation that this machine has.
func each(t *testing.T, f func(t *testing.T)) {
	for _, name := range Implementations() {
		t.Run(name, func(t *testing.T) {
			defer Use(name)()
			f(t)
		})
	}
}

// guardLen is how many numbers stand before and behind a slice: more than any
// block reads at a time.
const guardLen = 64

// A guarded slice lies at some distance from an aligned address, between NaNs of
// one bit pattern: whoever reads them spoils his result, whoever writes them is
// found out.
type guarded struct {
	all, s []float32
}

const guardBits = 0x7fc0beef

func guard(n, shift int) guarded {
	g := guarded{all: make([]float32, guardLen+shift+n+guardLen)}
	for i := range g.all {
		g.all[i] = math.Float32frombits(guardBits)
	}
	g.s = g.all[guardLen+shift : guardLen+shift+n]
	return g
}

// noisy returns a guarded slice of numbers from -1 to 1.
func noisy(n, shift int, seed uint64) guarded {
	g := guard(n, shift)
	src := rng.New(seed, 1)
	src.Uniform(g.s, 1)
	return g
}

// check fails when something was written outside of the slice.
func (g guarded) check(t *testing.T, what string) {
	t.Helper()
	start := len(g.all) - guardLen - len(g.s)
	for i, v := range g.all {
		if (i < start || i >= start+len(g.s)) && math.Float32bits(v) != guardBits {
			t.Fatalf("%s: number %d, outside of 0 to %d, was overwritten by %v", what, i-start, len(g.s)-1, v)
		}
	}
}

// near compares with a result in float64; scale is the size of what was added up.
func near(t *testing.T, what string, got []float32, want []float64, scale float64) {
	t.Helper()
	for i, w := range want {
		if e := math.Abs(float64(got[i]) - w); !(e <= 2e-6*(scale+math.Abs(w))) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// guardedInts is the same for the numbers of places.
type guardedInts struct{ all, s []int32 }

func guardInts(n, shift int) guardedInts {
	g := guardedInts{all: make([]int32, guardLen+shift+n+guardLen)}
	for i := range g.all {
		g.all[i] = -7
	}
	g.s = g.all[guardLen+shift : guardLen+shift+n]
	return g
}

func (g guardedInts) check(t *testing.T, what string) {
	t.Helper()
	start := len(g.all) - guardLen - len(g.s)
	for i, v := range g.all {
		if (i < start || i >= start+len(g.s)) && v != -7 {
			t.Fatalf("%s: number %d, outside of 0 to %d, was overwritten by %v", what, i-start, len(g.s)-1, v)
		}
	}
}

func TestRegistry(t *testing.T) {
	all := Implementations()
	if all[0] != "go" || Name() != all[len(all)-1] {
		t.Errorf("implementations %v, and %s runs", all, Name())
	}
	for _, name := range all {
		restore := Use(name)
		if Name() != name {
			t.Errorf("Use(%q) made %s run", name, Name())
		}
		restore()
	}
	if Name() != all[len(all)-1] {
		t.Errorf("%s runs after the tests", Name())
	}
	defer func() {
		if e := recover(); e == nil || Name() != all[len(all)-1] {
			t.Errorf("Use of an unknown name: panic %v", e)
		}
	}()
	Use("sse9")
}

// bits writes a vector so that equal bits are equal texts.
func bits(v []float32) string {
	out := ""
	for _, f := range v {
		out += fmt.Sprintf("%08x ", math.Float32bits(f))
	}
	return out
}
