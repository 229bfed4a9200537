// This file has RMSprop.

package optim

import (
	"errors"
	"fmt"
	"math"
)

// RMSprop divides every weight's gradient by the root of a running mean of its
// square (Tieleman and Hinton, 2012, in the form of Keras, with ε under the root):
//
//	v ← ρv + (1-ρ)g²
//	w ← w - LR · g / √(v + ε)
//
// With Momentum μ the step is u ← μu + LR·g/√(v+ε). With Centered a running mean a
// of g is kept too, and v - a² takes the place of v. Both at once would need three
// numbers a weight and are refused.
//
// A field of 0 means its default; for ρ = 0 write 1e-30.
type RMSprop struct {
	LR       float64  // learning rate; default 0.001
	Rho      float64  // memory of the square; default 0.9
	Momentum float64  // in [0, 1); default 0, none
	Eps      float64  // keeps the divisor above 0; default 1e-7
	Centered bool     // divide by an estimate of the standard deviation
	Schedule Schedule // changes LR from step to step; nil keeps it
}

func (r RMSprop) fill() RMSprop {
	r.LR, r.Rho, r.Eps = or(r.LR, 1e-3), or(r.Rho, 0.9), or(r.Eps, 1e-7)
	return r
}

// String names the rule and its settings, as Go source.
func (r RMSprop) String() string {
	r = r.fill()
	return settings("RMSprop", r.LR, r.Schedule, field{"Rho", r.Rho, 0.9}, field{"Momentum", r.Momentum, 0.0},
		field{"Eps", r.Eps, 1e-7}, field{"Centered", r.Centered, false})
}

// Check reports a setting that cannot work.
func (r RMSprop) Check() error {
	r = r.fill()
	var both error
	if r.Centered && r.Momentum != 0 {
		both = fmt.Errorf("optim: RMSprop has Centered and Momentum %g, but can have one of them only", r.Momentum)
	}
	return errors.Join(positive("RMSprop", "LR", r.LR), fraction("RMSprop", "Rho", r.Rho), fraction("RMSprop", "Momentum", r.Momentum),
		positive("RMSprop", "Eps", r.Eps), both, checkSchedule(r.Schedule))
}

// Rate returns the learning rate and its schedule.
func (r RMSprop) Rate() (lr float64, s Schedule) { return or(r.LR, 1e-3), r.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (r RMSprop) WithRate(lr float64, s Schedule) Optimizer {
	r.LR, r.Schedule = lr, s
	return r
}

// Slots returns 1, or 2 with Momentum or Centered.
func (r RMSprop) Slots() int {
	if r.Centered || r.Momentum != 0 {
		return 2
	}
	return 1
}

// Prepare works out the learning rate of step t.
func (r RMSprop) Prepare(t int) Step {
	return Step{T: t, Rate: rate(or(r.LR, 1e-3), r.Schedule, t)}
}

// Update makes one step for a block of weights.
func (r RMSprop) Update(s *Step, w, g, v, second []float32) {
	r = r.fill()
	lr, keep, eps, mu := float32(s.Rate), float32(1-r.Rho), float32(r.Eps), float32(r.Momentum)
	g, v = g[:len(w)], v[:len(w)]
	switch {
	case r.Centered:
		mean := second[:len(w)]
		for i := range w {
			v[i] += (g[i]*g[i] - v[i]) * keep
			mean[i] += (g[i] - mean[i]) * keep
			w[i] -= lr * g[i] / root(v[i]-mean[i]*mean[i]+eps)
		}
	case mu != 0:
		velocity := second[:len(w)]
		for i := range w {
			v[i] += (g[i]*g[i] - v[i]) * keep
			velocity[i] = mu*velocity[i] + lr*g[i]/root(v[i]+eps)
			w[i] -= velocity[i]
		}
	default:
		for i := range w {
			v[i] += (g[i]*g[i] - v[i]) * keep
			w[i] -= lr * g[i] / root(v[i]+eps)
		}
	}
}

// root is one instruction on most processors.
func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }
