// This file has Izhikevich's neuron.

package neuro

import (
	"fmt"
	"math"

	"cajal/engine/internal/rng"
)

// An Izhikevich is a neuron of two variables, the potential v and a recovery u,
//
//	dv/dt = 0.04 v² + 5 v + 140 - u + I
//	du/dt = A (B v - u)
//
// and whenever v reaches 30 mV it fires: v is put to C and u grows by D. With four
// numbers it shows the firing patterns of all known types of cortical cells.
// (Izhikevich 2003, IEEE Trans. Neural Netw. 14: 1569.) The current I is in units
// of the model: 10 is strong.
type Izhikevich struct {
	A float64 // how fast u follows, 1/ms
	B float64 // how strongly u follows v
	C float64 // v after a spike, mV
	D float64 // what a spike adds to u
}

// The types of the article's figure 2.
var (
	RegularSpiking        = Izhikevich{0.02, 0.2, -65, 8}     // excitatory, slows down under a steady current
	IntrinsicallyBursting = Izhikevich{0.02, 0.2, -55, 4}     // a burst first, then single spikes
	Chattering            = Izhikevich{0.02, 0.2, -50, 2}     // bursts, again and again
	FastSpiking           = Izhikevich{0.1, 0.2, -65, 2}      // inhibitory, fast, does not slow down
	LowThresholdSpiking   = Izhikevich{0.02, 0.25, -65, 2}    // inhibitory, fast, slows down
	ThalamoCortical       = Izhikevich{0.02, 0.25, -65, 0.05} // fires when inhibition ends, too
	Resonator             = Izhikevich{0.1, 0.26, -65, 2}     // prefers inputs of its own rhythm
)

// peak is the potential of a spike.
const peak = 30

// rest is where v begins, as in the article's program.
const rest = -65

// Run gives the neuron one current after the other, each for dt ms, beginning
// with v = -65 and u = B v. V is 30 where it fired. The method is the article's:
// Euler's for v with steps of at most half a millisecond, and for u with dt, which
// should be 1 or less.
func (n Izhikevich) Run(current []float64, dt float64) (*Trace, error) {
	c, err := n.Cell()
	if err != nil {
		return nil, err
	}
	if err := checkStep(dt); err != nil {
		return nil, err
	}
	tr := &Trace{Dt: dt, V: make([]float64, len(current))}
	for i, in := range current {
		if c.Step(in, dt) {
			tr.Spikes = append(tr.Spikes, float64(i+1)*dt)
			tr.V[i] = peak
			continue
		}
		tr.V[i] = c.Potential()
	}
	return tr, nil
}

// Cell returns a neuron with v = -65 and u = B v, for a [Network]. It fails when a
// value is not a number, or C is not below the potential of a spike.
func (n Izhikevich) Cell() (Cell, error) {
	if math.IsNaN(n.A+n.B+n.C+n.D) || !(n.C < peak) {
		return nil, fmt.Errorf("neuro: there is no such neuron: %+v; C must be below %d mV, and none may be NaN", n, peak)
	}
	return &izhikevichCell{Izhikevich: n, v: rest, u: n.B * rest}, nil
}

type izhikevichCell struct {
	Izhikevich
	v, u float64
}

// Step moves on by dt ms under a current and reports whether the neuron fired.
func (c *izhikevichCell) Step(current, dt float64) bool {
	parts := math.Ceil(dt / 0.5)
	h := dt / parts
	for range int(parts) {
		c.v += h * (0.04*c.v*c.v + 5*c.v + 140 - c.u + current)
	}
	c.u += dt * c.A * (c.B*c.v - c.u)
	if c.v < peak {
		return false
	}
	c.v = c.C
	c.u += c.D
	return true
}

// Potential returns the membrane's potential in mV.
func (c *izhikevichCell) Potential() float64 { return c.v }

// PulseCoupled returns the network of the article, and its input: excitatory
// cells, from regular spiking to chattering, then inhibitory ones, from low
// threshold to fast spiking, all joined to all with random weights, and noise as
// from the thalamus. The article has 800 and 200 cells, which show rhythms of
// about 10 and 40 Hz. Steps are 1 ms.
func PulseCoupled(excitatory, inhibitory int, seed int64) (*Network, Input, error) {
	src := rng.New(uint64(seed), purposeNetwork)
	n := NewNetwork(1)
	for i := range excitatory + inhibitory {
		r := uniform(&src)
		model := Izhikevich{0.02 + 0.08*r, 0.25 - 0.05*r, -65, 2}
		if i < excitatory {
			model = Izhikevich{0.02, 0.2, -65 + 15*r*r, 8 - 6*r*r}
		}
		c, err := model.Cell()
		if err != nil {
			return nil, nil, err
		}
		n.Add(c)
	}
	for from := range excitatory + inhibitory {
		for to := range excitatory + inhibitory {
			w := -uniform(&src)
			if from < excitatory {
				w = 0.5 * uniform(&src)
			}
			if err := n.Connect(Synapse{From: from, To: to, Weight: w}); err != nil {
				return nil, nil, err
			}
		}
	}
	noise := rng.New(uint64(seed), purposeNoise)
	return n, func(_ int, current []float64) {
		for i := range current {
			strength := 2.0
			if i < excitatory {
				strength = 5
			}
			current[i] = strength * normal(&noise)
		}
	}, nil
}
