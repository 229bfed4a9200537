// This file has Adagrad.

package optim

import "errors"

// Adagrad divides every weight's gradient by the root of the sum of its squares so
// far (Duchi, Hazan and Singer, 2011, in the form of Keras): weights that seldom
// get a gradient keep large steps.
//
//	a ← a + g²
//	w ← w - LR · g / √(Initial + a + ε)
//
// A field of 0 means its default; for Initial = 0 write 1e-30.
type Adagrad struct {
	LR       float64  // learning rate; default 0.001, which is small for this rule
	Initial  float64  // what the sum begins with; default 0.1
	Eps      float64  // keeps the divisor above 0; default 1e-7
	Schedule Schedule // changes LR from step to step; nil keeps it
}

func (a Adagrad) fill() Adagrad {
	a.LR, a.Initial, a.Eps = or(a.LR, 1e-3), or(a.Initial, 0.1), or(a.Eps, 1e-7)
	return a
}

// String names the rule and its settings, as Go source.
func (a Adagrad) String() string {
	a = a.fill()
	return settings("Adagrad", a.LR, a.Schedule, field{"Initial", a.Initial, 0.1}, field{"Eps", a.Eps, 1e-7})
}

// Check reports a setting that cannot work.
func (a Adagrad) Check() error {
	a = a.fill()
	return errors.Join(positive("Adagrad", "LR", a.LR), positive("Adagrad", "Initial", a.Initial), positive("Adagrad", "Eps", a.Eps), checkSchedule(a.Schedule))
}

// Rate returns the learning rate and its schedule.
func (a Adagrad) Rate() (lr float64, s Schedule) { return or(a.LR, 1e-3), a.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (a Adagrad) WithRate(lr float64, s Schedule) Optimizer {
	a.LR, a.Schedule = lr, s
	return a
}

// Slots returns 1: the sum of squares.
func (a Adagrad) Slots() int { return 1 }

// Prepare works out the learning rate of step t.
func (a Adagrad) Prepare(t int) Step {
	return Step{T: t, Rate: rate(or(a.LR, 1e-3), a.Schedule, t)}
}

// Update makes one step for a block of weights.
func (a Adagrad) Update(s *Step, w, g, sum, _ []float32) {
	a = a.fill()
	// The state begins with zeros, so what the sum begins with is added here.
	lr, first := float32(s.Rate), float32(a.Initial+a.Eps)
	g, sum = g[:len(w)], sum[:len(w)]
	for i := range w {
		sum[i] += g[i] * g[i]
		w[i] -= lr * g[i] / root(sum[i]+first)
	}
}
