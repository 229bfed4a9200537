// This file has the leaky integrate-and-fire neuron.

package neuro

import (
	"errors"
	"fmt"
	"math"
)

// A LIF is a leaky integrate-and-fire neuron: its membrane is a leaky capacitor,
//
//	Tau dV/dt = Rest - V + R I
//
// and whenever V reaches Threshold it fires: V is put to Reset and stays there for
// the Refractory time. (Lapicque 1907, J. Physiol. Pathol. Gén. 9: 620; the
// history is told by Abbott 1999, Brain Res. Bull. 50: 303.)
type LIF struct {
	Tau        float64 // time constant of the membrane, ms
	Rest       float64 // potential without input, mV
	Reset      float64 // potential after a spike, mV
	Threshold  float64 // potential of a spike, mV
	R          float64 // resistance of the membrane, MΩ
	Refractory float64 // silence after a spike, ms
}

// NewLIF returns a neuron with the values of Dayan and Abbott 2001, Theoretical
// Neuroscience, figure 5.5: 10 ms, -65, -65 and -50 mV, 10 MΩ, no refractory time.
func NewLIF() LIF { return LIF{Tau: 10, Rest: -65, Reset: -65, Threshold: -50, R: 10} }

// Check reports values with which there is no such neuron.
func (n LIF) Check() error {
	switch {
	case !(n.Tau > 0):
		return fmt.Errorf("neuro: LIF.Tau is %v, but must be above 0", n.Tau)
	case !(n.Reset < n.Threshold):
		return fmt.Errorf("neuro: LIF.Reset is %v mV, but must be below Threshold, %v mV", n.Reset, n.Threshold)
	case !(n.Refractory >= 0):
		return fmt.Errorf("neuro: LIF.Refractory is %v, but must not be negative", n.Refractory)
	case math.IsNaN(n.Rest + n.R):
		return errors.New("neuro: LIF.Rest or LIF.R is not a number")
	}
	return nil
}

// Rheobase returns the current, in nA, that must be exceeded for the neuron to
// fire at all.
func (n LIF) Rheobase() float64 { return (n.Threshold - n.Rest) / n.R }

// Rate returns how often, in spikes a second, the neuron fires under a constant
// current of so many nA once it has fired:
//
//	1 / (Refractory + Tau log((Rest + R I - Reset) / (Rest + R I - Threshold)))
//
// and 0 when Rest + R I does not exceed the threshold.
func (n LIF) Rate(current float64) float64 {
	to := n.Rest + n.R*current
	if to <= n.Threshold {
		return 0
	}
	return 1000 / (n.Refractory + n.Tau*math.Log((to-n.Reset)/(to-n.Threshold)))
}

// Run gives the neuron, at rest, one current after the other, in nA, each for dt
// ms. Between two changes of the current the equation is solved exactly, so
// neither potentials nor times of spikes depend on dt.
func (n LIF) Run(current []float64, dt float64) (*Trace, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	if err := checkStep(dt); err != nil {
		return nil, err
	}
	c := n.cell()
	tr := &Trace{Dt: dt, V: make([]float64, len(current))}
	for i, in := range current {
		ok := c.advance(in, dt, func(after float64) { tr.Spikes = append(tr.Spikes, float64(i)*dt+after) })
		if !ok {
			return nil, fmt.Errorf("neuro: a current of %v nA makes the neuron fire more than %d times in %v ms; a refractory time limits that", in, mostSpikes, dt)
		}
		tr.V[i] = c.v
	}
	return tr, nil
}

// Cell returns a neuron at rest, for a [Network]. It fails as [LIF.Check] does.
func (n LIF) Cell() (Cell, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	return n.cell(), nil
}

func (n LIF) cell() *lifCell { return &lifCell{LIF: n, v: n.Rest} }

// lifCell is a neuron at a moment.
type lifCell struct {
	LIF
	v      float64
	silent float64 // what is left of the refractory time
}

// mostSpikes is what a neuron may do in one step: without a refractory time a
// strong current makes it fire without end.
const mostSpikes = 100_000

// advance moves on by dt under a current and calls fire with the time of every
// spike since the beginning of the step. It gives up, and says so, after
// mostSpikes.
func (c *lifCell) advance(current, dt float64, fire func(after float64)) (ok bool) {
	to := c.Rest + c.R*current
	spikes := 0
	for t := 0.0; t < dt; {
		left := dt - t
		if c.silent > 0 {
			pause := min(c.silent, left)
			c.silent -= pause
			t += pause
			if pause == left {
				return true
			}
			continue
		}
		until := math.Inf(1)
		if c.v >= c.Threshold {
			until = 0
		} else if to > c.Threshold {
			until = c.Tau * math.Log1p((c.Threshold-c.v)/(to-c.Threshold))
		}
		if until > left {
			c.v = to + (c.v-to)*math.Exp(-left/c.Tau)
			return true
		}
		if spikes++; spikes > mostSpikes {
			return false
		}
		t += until
		fire(t)
		c.v, c.silent = c.Reset, c.Refractory
	}
	return true
}

// Step moves on by dt ms under a current and reports whether the neuron fired.
func (c *lifCell) Step(current, dt float64) (fired bool) {
	c.advance(current, dt, func(float64) { fired = true })
	return fired
}

// Potential returns the membrane's potential in mV.
func (c *lifCell) Potential() float64 { return c.v }

// A Trace is what one neuron did.
type Trace struct {
	Dt     float64   // ms between two potentials
	V      []float64 // mV, at the end of every step
	Spikes []float64 // ms from the start
}

// Times returns the time of every potential, in ms, for a chart.
func (t *Trace) Times() []float64 {
	out := make([]float64, len(t.V))
	for i := range out {
		out[i] = float64(i+1) * t.Dt
	}
	return out
}

// Rate returns the number of spikes a second.
func (t *Trace) Rate() float64 {
	if len(t.V) == 0 {
		return 0
	}
	return 1000 * float64(len(t.Spikes)) / (t.Dt * float64(len(t.V)))
}

// Intervals returns the times between neighbouring spikes, in ms.
func (t *Trace) Intervals() []float64 { return intervals(t.Spikes) }

func intervals(spikes []float64) []float64 {
	var out []float64
	for i := 1; i < len(spikes); i++ {
		out = append(out, spikes[i]-spikes[i-1])
	}
	return out
}

// Constant returns a current for n steps, as the Run of a neuron takes it.
func Constant(current float64, n int) []float64 {
	out := make([]float64, max(n, 0))
	for i := range out {
		out[i] = current
	}
	return out
}

func checkStep(dt float64) error {
	if !(dt > 0) || math.IsInf(dt, 0) {
		return fmt.Errorf("neuro: a step of %v ms is no time; it must be above 0", dt)
	}
	return nil
}
