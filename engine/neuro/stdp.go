// This file has plasticity that depends on the order of spikes.

package neuro

import (
	"fmt"
	"math"
)

// STDP changes a synapse by the times of the spikes before and behind it: if the
// cell before fires first, the synapse may have helped and grows; if it fires
// after, it shrinks (measured by Bi and Poo 1998, J. Neurosci. 18: 10464). Every
// pair of spikes counts, and the weight stays between Min and Max (the model of
// Song, Miller and Abbott 2000, Nat. Neurosci. 3: 919).
type STDP struct {
	APlus, AMinus     float64 // the largest growth and loss of one pair
	TauPlus, TauMinus float64 // ms in which the effect of a pair falls to 1/e
	Min, Max          float64 // of the weight
}

// NewSTDP returns the rule with the values of Song, Miller and Abbott: time
// constants of 20 ms, growth of 0.005 and losses of 1.05 times that, weights from 0
// to 1.
func NewSTDP() STDP {
	return STDP{APlus: 0.005, AMinus: 0.00525, TauPlus: 20, TauMinus: 20, Max: 1}
}

// Check reports values with which there is no such rule.
func (d STDP) Check() error {
	switch {
	case !(d.TauPlus > 0) || !(d.TauMinus > 0):
		return fmt.Errorf("neuro: STDP.TauPlus is %v and TauMinus %v, but both must be above 0", d.TauPlus, d.TauMinus)
	case !(d.Min <= d.Max):
		return fmt.Errorf("neuro: STDP.Min is %v and Max %v, but Min must not be above Max", d.Min, d.Max)
	case math.IsNaN(d.APlus + d.AMinus):
		return fmt.Errorf("neuro: STDP.APlus is %v and AMinus %v", d.APlus, d.AMinus)
	}
	return nil
}

// Window returns what one pair of spikes adds to the weight, where the cell behind
// fires so many ms after the cell before:
//
//	 APlus exp(-Δt/TauPlus)   for Δt > 0
//	-AMinus exp(Δt/TauMinus)  for Δt < 0
//
// and nothing for spikes at the same time.
func (d STDP) Window(delta float64) float64 {
	switch {
	case delta > 0:
		return d.APlus * math.Exp(-delta/d.TauPlus)
	case delta < 0:
		return -d.AMinus * math.Exp(delta/d.TauMinus)
	}
	return 0
}

// Learn returns the weight after the spikes of the cell before and the cell
// behind, in ms and rising order, beginning with w. As long as the weight does not
// meet a bound, it changes by the sum of Window over all pairs.
func (d STDP) Learn(w float64, before, behind []float64) float64 {
	// Each side leaves a trace, which grows by 1 with a spike and decays: that is
	// the sum of all earlier spikes' effects, without remembering them.
	var trace, traceBehind, last float64
	w = d.bound(w)
	for i, j := 0, 0; i < len(before) || j < len(behind); {
		now := math.Inf(1)
		if i < len(before) {
			now = before[i]
		}
		if j < len(behind) {
			now = min(now, behind[j])
		}
		trace *= math.Exp((last - now) / d.TauPlus)
		traceBehind *= math.Exp((last - now) / d.TauMinus)
		last = now
		fires, firesBehind := 0.0, 0.0
		for ; i < len(before) && before[i] == now; i++ {
			fires++
		}
		for ; j < len(behind) && behind[j] == now; j++ {
			firesBehind++
		}
		if firesBehind > 0 {
			w = d.bound(w + firesBehind*d.APlus*trace)
		}
		if fires > 0 {
			w = d.bound(w - fires*d.AMinus*traceBehind)
		}
		trace += fires
		traceBehind += firesBehind
	}
	return w
}

func (d STDP) bound(w float64) float64 { return min(max(w, d.Min), d.Max) }
