// This file has Adam and AdamW.

package optim

import (
	"errors"
	"math"

	"cajal/engine/internal/f32"
)

// Adam keeps a running mean of every weight's gradient and of its square, and
// steps by the ratio (Kingma and Ba, 2015, in the form at the end of their
// section 2, which Keras uses):
//
//	m ← m + (1-β₁)(g - m)
//	v ← v + (1-β₂)(g² - v)
//	w ← w - LR · √(1-β₂ᵗ)/(1-β₁ᵗ) · m / (√v + ε)
//
// A field of 0 means its default, the same as in Keras. The price: an exact 0
// cannot be asked for; for β₁ = 0 write 1e-30.
type Adam struct {
	LR    float64 // learning rate; default 0.001
	Beta1 float64 // memory of the mean; default 0.9
	Beta2 float64 // memory of the square; default 0.999
	Eps   float64 // keeps the divisor above 0; default 1e-7

	Schedule Schedule // changes LR from step to step; nil keeps it
}

func (a Adam) fill() Adam {
	return Adam{LR: or(a.LR, 1e-3), Beta1: or(a.Beta1, 0.9), Beta2: or(a.Beta2, 0.999), Eps: or(a.Eps, 1e-7), Schedule: a.Schedule}
}

// String names the rule and its settings, as Go source.
func (a Adam) String() string { return a.name("Adam") }

func (a Adam) name(rule string, rest ...field) string {
	d, a := Adam{}.fill(), a.fill()
	rest = append([]field{{"Beta1", a.Beta1, d.Beta1}, {"Beta2", a.Beta2, d.Beta2}, {"Eps", a.Eps, d.Eps}}, rest...)
	return settings(rule, a.LR, a.Schedule, rest...)
}

// Check reports a setting that cannot work.
func (a Adam) Check() error { return a.check("Adam") }

func (a Adam) check(rule string) error {
	a = a.fill()
	return errors.Join(positive(rule, "LR", a.LR), fraction(rule, "Beta1", a.Beta1),
		fraction(rule, "Beta2", a.Beta2), positive(rule, "Eps", a.Eps), checkSchedule(a.Schedule))
}

// Rate returns the learning rate and its schedule.
func (a Adam) Rate() (lr float64, s Schedule) { return or(a.LR, 1e-3), a.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (a Adam) WithRate(lr float64, s Schedule) Optimizer {
	a.LR, a.Schedule = lr, s
	return a
}

// Slots returns 2: the two running means.
func (a Adam) Slots() int { return 2 }

// Prepare works out the coefficients of step t.
func (a Adam) Prepare(t int) Step {
	a = a.fill()
	lr := rate(a.LR, a.Schedule, t)
	step := lr * math.Sqrt(1-math.Pow(a.Beta2, float64(t))) / (1 - math.Pow(a.Beta1, float64(t)))
	return Step{T: t, Rate: lr, Coef: f32.Adam{M: float32(1 - a.Beta1), V: float32(1 - a.Beta2), Rate: float32(step), Eps: float32(a.Eps)}}
}

// Update makes one step for a block of weights.
func (a Adam) Update(s *Step, w, g, m, v []float32) { f32.AdamStep(w, g, m, v, &s.Coef) }

// AdamW is Adam with weight decay beside the gradient, not in it (Loshchilov and
// Hutter, 2019): every step first takes the share LR·Decay from each weight, biases
// too, and then is Adam's. The form is that of Keras and PyTorch.
type AdamW struct {
	LR    float64 // learning rate; default 0.001
	Decay float64 // default 0.004, Keras'; PyTorch has 0.01. For none take Adam
	Beta1 float64 // memory of the mean; default 0.9
	Beta2 float64 // memory of the square; default 0.999
	Eps   float64 // keeps the divisor above 0; default 1e-7

	Schedule Schedule // changes LR from step to step; nil keeps it
}

func (a AdamW) adam() Adam { return Adam{a.LR, a.Beta1, a.Beta2, a.Eps, a.Schedule} }

// String names the rule and its settings, as Go source.
func (a AdamW) String() string {
	return a.adam().name("AdamW", field{"Decay", or(a.Decay, 0.004), 0.004})
}

// Check reports a setting that cannot work.
func (a AdamW) Check() error {
	return errors.Join(a.adam().check("AdamW"), positive("AdamW", "Decay", or(a.Decay, 0.004)))
}

// Rate returns the learning rate and its schedule.
func (a AdamW) Rate() (lr float64, s Schedule) { return or(a.LR, 1e-3), a.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (a AdamW) WithRate(lr float64, s Schedule) Optimizer {
	a.LR, a.Schedule = lr, s
	return a
}

// Slots returns 2: the two running means.
func (a AdamW) Slots() int { return 2 }

// Prepare works out the coefficients of step t.
func (a AdamW) Prepare(t int) Step {
	s := a.adam().Prepare(t)
	s.Decay = float32(rate(or(a.LR, 1e-3), a.Schedule, t) * or(a.Decay, 0.004))
	return s
}

// Update makes one step for a block of weights.
func (a AdamW) Update(s *Step, w, g, m, v []float32) {
	decay(w, s.Decay)
	f32.AdamStep(w, g, m, v, &s.Coef)
}
