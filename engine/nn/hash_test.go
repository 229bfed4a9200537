// This file checks the hash of weights.

package nn

import (
	"math"
	"testing"

	"cajal/engine/tensor"
)

func TestHash(t *testing.T) {
	// The SHA-256 of 2, 3 and -1 as little-endian float32, by another program.
	m := Sequential(Input(2), Dense(1))
	w, _ := tensor.FromSlice([]float32{2, 3}, 2, 1)
	b, _ := tensor.FromSlice([]float32{-1}, 1)
	if err := m.SetWeights(1, w, b); err != nil {
		t.Fatal(err)
	}
	if got, want := m.hash(), "7fa1718bab7b"; got != want {
		t.Errorf("hash %s, want %s", got, want)
	}

	large := Sequential(Input(1100), Dense(1001, ReLU), Dense(3))
	large.initialise(1)
	h := large.hash()
	if again := large.hash(); again != h {
		t.Errorf("hashes %s and %s of the same weights", h, again)
	}
	seen := map[string]bool{h: true}
	for _, at := range [][3]int{{1, 0, 0}, {1, 0, 1100*1008 - 8}, {1, 0, 550*1008 + 7}, {1, 1, 1000}, {2, 0, 0}, {2, 1, 2}} {
		x := &large.nodes[at[0]].params[at[1]].w[at[2]]
		was := *x
		*x = math.Nextafter32(was, 9)
		if h := large.hash(); seen[h] {
			t.Errorf("a change of weight %v is not seen", at)
		} else {
			seen[h] = true
		}
		*x = was
	}
	p := large.nodes[1].params[0]
	p.w[3], p.w[2*p.ldCol+3] = p.w[2*p.ldCol+3], p.w[3]
	if seen[large.hash()] {
		t.Error("that two weights have changed places is not seen")
	}
}
