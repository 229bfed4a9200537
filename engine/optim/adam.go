// This file has Adam.

package optim

import (
	"errors"
	"fmt"
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
}

func (a Adam) fill() Adam {
	return Adam{LR: or(a.LR, 1e-3), Beta1: or(a.Beta1, 0.9), Beta2: or(a.Beta2, 0.999), Eps: or(a.Eps, 1e-7)}
}

// String names the rule and its settings, as Go source.
func (a Adam) String() string {
	d, a := Adam{}.fill(), a.fill()
	s := fmt.Sprintf("Adam{LR: %g", a.LR)
	if a.Beta1 != d.Beta1 {
		s += fmt.Sprintf(", Beta1: %g", a.Beta1)
	}
	if a.Beta2 != d.Beta2 {
		s += fmt.Sprintf(", Beta2: %g", a.Beta2)
	}
	if a.Eps != d.Eps {
		s += fmt.Sprintf(", Eps: %g", a.Eps)
	}
	return s + "}"
}

// Check reports a setting that cannot work.
func (a Adam) Check() error {
	a = a.fill()
	return errors.Join(positive("Adam", "LR", a.LR), fraction("Adam", "Beta1", a.Beta1),
		fraction("Adam", "Beta2", a.Beta2), positive("Adam", "Eps", a.Eps))
}

// Slots returns 2: the two running means.
func (a Adam) Slots() int { return 2 }

// Prepare works out the coefficients of step t.
func (a Adam) Prepare(t int) Step {
	a = a.fill()
	rate := a.LR * math.Sqrt(1-math.Pow(a.Beta2, float64(t))) / (1 - math.Pow(a.Beta1, float64(t)))
	return Step{T: t, Coef: f32.Adam{M: float32(1 - a.Beta1), V: float32(1 - a.Beta2), Rate: float32(rate), Eps: float32(a.Eps)}}
}

// Update makes one step for a block of weights.
func (a Adam) Update(s *Step, w, g, m, v []float32) { f32.AdamStep(w, g, m, v, &s.Coef) }
