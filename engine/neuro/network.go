// This file joins neurons to a network.

package neuro

import (
	"fmt"
	"math"
)

// A Cell is a neuron at a moment. LIF and Izhikevich make cells; others may be
// written.
type Cell interface {
	// Step moves on by dt ms under a current and reports whether the neuron
	// fired.
	Step(current, dt float64) (fired bool)
	// Potential returns the membrane's potential in mV.
	Potential() float64
}

// A Synapse carries the spikes of one cell to another.
type Synapse struct {
	From, To int     // cells by number
	Weight   float64 // current that a spike brings; negative inhibits
	Delay    float64 // ms; rounded to steps, at least one
	Plastic  bool    // whether the network's STDP changes Weight
}

// An Input gives every cell a current from outside for one step: it fills
// current, which holds zeros, one number a cell. Steps count from 0 at the
// network's first.
type Input func(step int, current []float64)

// A Network is cells that send each other spikes through synapses. Time goes in
// steps of one length. What a spike brings arrives with the delay, and then either
// lasts one step or, with SynapseTau, decays.
type Network struct {
	Dt         float64 // ms a step
	SynapseTau float64 // ms in which a current decays to 1/e; 0: it lasts one step
	STDP       *STDP   // how plastic synapses learn; nil: not at all

	cells    []Cell
	synapses []Synapse
	out      [][]int32 // synapses by the cells they come from
	in       [][]int32 // plastic ones by the cells they go to
	steps    int       // done so far
	arriving [][]float64
	current  []float64 // of synapses, decaying
	before   []float64 // traces of the cells' spikes, for STDP
	after    []float64
}

// NewNetwork returns a network of cells whose steps are dt ms long.
func NewNetwork(dt float64, cells ...Cell) *Network {
	n := &Network{Dt: dt}
	n.Add(cells...)
	return n
}

// Add adds cells; they are numbered from 0 as they come.
func (n *Network) Add(cells ...Cell) {
	n.cells = append(n.cells, cells...)
	n.out = append(n.out, make([][]int32, len(cells))...)
	n.in = append(n.in, make([][]int32, len(cells))...)
}

// Len returns the number of cells.
func (n *Network) Len() int { return len(n.cells) }

// Cell returns cell i.
func (n *Network) Cell(i int) Cell { return n.cells[i] }

// Connect adds a synapse. It fails when there is no such cell, or when weight or
// delay make no sense.
func (n *Network) Connect(s Synapse) error {
	for _, c := range []int{s.From, s.To} {
		if c < 0 || c >= len(n.cells) {
			return fmt.Errorf("neuro: a synapse from %d to %d, but there are cells 0 to %d", s.From, s.To, len(n.cells)-1)
		}
	}
	if math.IsNaN(s.Weight) || math.IsInf(s.Weight, 0) || !(s.Delay >= 0) || s.Delay > 1e6*n.Dt {
		return fmt.Errorf("neuro: a synapse of weight %v and delay %v ms; the weight must be a number, the delay 0 to a million steps", s.Weight, s.Delay)
	}
	k := int32(len(n.synapses))
	n.synapses = append(n.synapses, s)
	n.out[s.From] = append(n.out[s.From], k)
	if s.Plastic {
		n.in[s.To] = append(n.in[s.To], k)
	}
	return nil
}

// Synapses returns the synapses with the weights they have now.
func (n *Network) Synapses() []Synapse { return append([]Synapse(nil), n.synapses...) }

// lag returns the delay of a synapse in steps.
func (n *Network) lag(s *Synapse) int { return max(int(math.Round(s.Delay/n.Dt)), 1) }

// Run runs the network for so many ms, from where the last Run left it, and
// returns who fired when, times counted from the network's first step. A nil
// input is none. A cell that fires in a step is said to do so at its end.
func (n *Network) Run(duration float64, input Input) (*Raster, error) {
	if err := checkStep(n.Dt); err != nil {
		return nil, err
	}
	if n.STDP != nil {
		if err := n.STDP.Check(); err != nil {
			return nil, err
		}
	}
	if !(duration >= 0) || duration/n.Dt > 1e9 {
		return nil, fmt.Errorf("neuro: cannot run for %v ms in steps of %v ms", duration, n.Dt)
	}
	n.prepare()
	r := &Raster{N: len(n.cells), Start: float64(n.steps) * n.Dt, Duration: duration}
	current := make([]float64, len(n.cells))
	var fired []int
	for range int(math.Round(duration / n.Dt)) {
		clear(current)
		if input != nil {
			input(n.steps, current)
		}
		n.deliver(current)
		fired = fired[:0]
		for i, c := range n.cells {
			if c.Step(current[i], n.Dt) {
				fired = append(fired, i)
			}
		}
		n.steps++
		for _, i := range fired {
			r.Spikes = append(r.Spikes, Spike{T: float64(n.steps) * n.Dt, Neuron: i})
		}
		n.learn(fired)
		n.send(fired)
	}
	return r, nil
}

// prepare makes room for what is on its way; cells or longer delays may have been
// added since the last Run.
func (n *Network) prepare() {
	longest := 1
	for i := range n.synapses {
		longest = max(longest, n.lag(&n.synapses[i]))
	}
	if len(n.arriving) <= longest {
		ring := make([][]float64, longest+1)
		for k := range n.arriving { // keep what is on its way, by its time
			ring[(n.steps+k)%len(ring)] = n.arriving[(n.steps+k)%len(n.arriving)]
		}
		n.arriving = ring
	}
	for k, a := range n.arriving {
		n.arriving[k] = append(a, make([]float64, len(n.cells)-len(a))...)
	}
	for _, s := range []*[]float64{&n.current, &n.before, &n.after} {
		*s = append(*s, make([]float64, len(n.cells)-len(*s))...)
	}
}

// deliver adds what synapses bring in this step.
func (n *Network) deliver(current []float64) {
	now := n.arriving[n.steps%len(n.arriving)]
	decay := 0.0
	if n.SynapseTau > 0 {
		decay = math.Exp(-n.Dt / n.SynapseTau)
	}
	for i, c := range n.current {
		c = c*decay + now[i]
		n.current[i] = c
		current[i] += c
	}
	clear(now)
}

// send puts spikes on their way. steps has already moved on, so what arrives in
// the next step has a lag of one.
func (n *Network) send(fired []int) {
	for _, i := range fired {
		for _, k := range n.out[i] {
			s := &n.synapses[k]
			n.arriving[(n.steps+n.lag(s)-1)%len(n.arriving)][s.To] += s.Weight
		}
	}
}

// learn changes plastic synapses after a step: those to a cell that fired by the
// trace of spikes of the cell before, and those from it by the trace of the cell
// behind. Spikes of the same step do not count for each other.
func (n *Network) learn(fired []int) {
	if n.STDP == nil {
		return
	}
	d := n.STDP
	before, after := math.Exp(-n.Dt/d.TauPlus), math.Exp(-n.Dt/d.TauMinus)
	for i := range n.before {
		n.before[i] *= before
		n.after[i] *= after
	}
	for _, i := range fired {
		for _, k := range n.in[i] {
			s := &n.synapses[k]
			s.Weight = d.bound(s.Weight + d.APlus*n.before[s.From])
		}
		for _, k := range n.out[i] {
			if s := &n.synapses[k]; s.Plastic {
				s.Weight = d.bound(s.Weight - d.AMinus*n.after[s.To])
			}
		}
	}
	for _, i := range fired {
		n.before[i]++
		n.after[i]++
	}
}
