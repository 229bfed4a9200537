// This file has Hopfield's memory.

package neuro

import (
	"fmt"

	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// A Hopfield is a network of n units that are each +1 or -1, all joined to all. It
// keeps patterns as minima of an energy: from a part of a pattern, or one with
// errors, it goes downhill to the whole (Hopfield 1982, PNAS 79: 2554).
type Hopfield struct {
	n, stored int
	w         []float64 // weights times n: whole numbers, so that sums are exact
}

// NewHopfield returns a memory of n units without patterns.
func NewHopfield(n int) *Hopfield {
	n = max(n, 0)
	return &Hopfield{n: n, w: make([]float64, n*n)}
}

// Len returns the number of units.
func (h *Hopfield) Len() int { return h.n }

// Stored returns the number of patterns stored.
func (h *Hopfield) Stored() int { return h.stored }

// Capacity returns how many random patterns n units can keep, 0.138 n: beyond it
// recall breaks down all at once (Amit, Gutfreund and Sompolinsky 1985, Phys. Rev.
// Lett. 55: 1530).
func Capacity(n int) float64 { return 0.138 * float64(n) }

// Store adds patterns of +1 and -1 by Hebb's rule: the weight between two units
// grows by 1/n where they agree and falls by 1/n where they do not. It fails, with
// nothing stored, when a pattern has another length or other numbers.
func (h *Hopfield) Store(patterns ...[]int) error {
	for k, p := range patterns {
		if err := h.check(p); err != nil {
			return fmt.Errorf("neuro: pattern %d: %w", k, err)
		}
	}
	for _, p := range patterns {
		for i, a := range p {
			row := h.w[i*h.n : (i+1)*h.n]
			for j, b := range p {
				if i != j {
					row[j] += float64(a * b)
				}
			}
		}
		h.stored++
	}
	return nil
}

func (h *Hopfield) check(p []int) error {
	if len(p) != h.n {
		return fmt.Errorf("it has %d units, but the memory %d", len(p), h.n)
	}
	for i, v := range p {
		if v != 1 && v != -1 {
			return fmt.Errorf("unit %d is %d, but must be 1 or -1", i, v)
		}
	}
	return nil
}

// field is the sum of what the others send to unit i.
func (h *Hopfield) field(s []int, i int) float64 {
	sum := 0.0
	for j, w := range h.w[i*h.n : (i+1)*h.n] {
		sum += w * float64(s[j])
	}
	return sum / float64(h.n)
}

// Energy returns -½ Σ w s s of a state, which recall never raises. It fails for a
// state of another length or with other numbers than +1 and -1.
func (h *Hopfield) Energy(s []int) (float64, error) {
	if err := h.check(s); err != nil {
		return 0, fmt.Errorf("neuro: state: %w", err)
	}
	e := 0.0
	for i, v := range s {
		e -= float64(v) * h.field(s, i) / 2
	}
	return e, nil
}

// A Recollection is what a memory came to.
type Recollection struct {
	State  []int
	Energy []float64 // at the start and after every sweep
	Sweeps int       // over all units, the last without a change
}

// Recall lets the network run from a state: one unit after another, in an order
// drawn anew for every sweep, takes the sign of what the others send it, until
// none changes. A unit to which they send nothing stays. The start is not changed.
// It fails as [Hopfield.Energy] does.
func (h *Hopfield) Recall(start []int, seed int64) (*Recollection, error) {
	e, err := h.Energy(start)
	if err != nil {
		return nil, err
	}
	r := &Recollection{State: append([]int(nil), start...), Energy: []float64{e}}
	src := rng.New(uint64(seed), purposeOrder)
	order := make([]int32, h.n)
	for i := range order {
		order[i] = int32(i)
	}
	for stable := false; !stable; { // it ends, since the energy falls with each change
		src.Shuffle(order)
		stable = true
		for _, i := range order {
			f := h.field(r.State, int(i))
			if f*float64(r.State[i]) < 0 {
				r.State[i] = -r.State[i]
				stable = false
			}
		}
		r.Sweeps++
		e, _ := h.Energy(r.State)
		r.Energy = append(r.Energy, e)
	}
	return r, nil
}

// Weights returns the weights [n n].
func (h *Hopfield) Weights() *tensor.Tensor {
	t := tensor.New(h.n, h.n)
	for i, w := range h.w {
		t.Data[i] = float32(w / float64(h.n))
	}
	return t
}

// Overlap returns the mean product of two states of one length: 1 when they are
// the same, -1 when they are opposite, about 0 when they have nothing to do with
// each other. It panics when b is shorter.
func Overlap(a, b []int) float64 {
	sum := 0
	for i, v := range a {
		sum += v * b[i]
	}
	return float64(sum) / float64(max(len(a), 1))
}

// RandomPattern returns n units, each +1 or -1 with equal chance.
func RandomPattern(n int, seed int64) []int {
	src := rng.New(uint64(seed), purposePattern)
	p := make([]int, max(n, 0))
	for i := range p {
		p[i] = 1 - 2*src.Intn(2)
	}
	return p
}

// Flip returns a pattern with a share of its units, chosen at random, turned over.
func Flip(p []int, share float64, seed int64) []int {
	src := rng.New(uint64(seed), purposeFlip)
	order := make([]int32, len(p))
	for i := range order {
		order[i] = int32(i)
	}
	src.Shuffle(order)
	out := append([]int(nil), p...)
	count := int(min(max(share, 0), 1)*float64(len(p)) + 0.5)
	for _, i := range order[:count] {
		out[i] = -out[i]
	}
	return out
}
