// This file has Lion.

package optim

import "errors"

// Lion steps by the sign of a blend of the gradient and a running mean of it
// (Chen et al., 2023, Symbolic discovery of optimization algorithms):
//
//	w ← w - LR · (sign(β₁m + (1-β₁)g) + Decay · w)
//	m ← β₂m + (1-β₂)g
//
// Every step has the size LR, so it wants a rate three to ten times smaller than
// Adam's. A field of 0 means its default.
type Lion struct {
	LR       float64  // learning rate; default 0.001, Keras'; the paper has 0.0001
	Beta1    float64  // weight of the mean in a step; default 0.9
	Beta2    float64  // memory of the mean; default 0.99
	Decay    float64  // default 0, none
	Schedule Schedule // changes LR from step to step; nil keeps it
}

func (l Lion) fill() Lion {
	l.LR, l.Beta1, l.Beta2 = or(l.LR, 1e-3), or(l.Beta1, 0.9), or(l.Beta2, 0.99)
	return l
}

// String names the rule and its settings, as Go source.
func (l Lion) String() string {
	l = l.fill()
	return settings("Lion", l.LR, l.Schedule, field{"Beta1", l.Beta1, 0.9}, field{"Beta2", l.Beta2, 0.99}, field{"Decay", l.Decay, 0.0})
}

// Check reports a setting that cannot work.
func (l Lion) Check() error {
	l = l.fill()
	return errors.Join(positive("Lion", "LR", l.LR), fraction("Lion", "Beta1", l.Beta1), fraction("Lion", "Beta2", l.Beta2),
		notNegative("Lion", "Decay", l.Decay), checkSchedule(l.Schedule))
}

// Rate returns the learning rate and its schedule.
func (l Lion) Rate() (lr float64, s Schedule) { return or(l.LR, 1e-3), l.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (l Lion) WithRate(lr float64, s Schedule) Optimizer {
	l.LR, l.Schedule = lr, s
	return l
}

// Slots returns 1: the running mean.
func (l Lion) Slots() int { return 1 }

// Prepare works out the coefficients of step t.
func (l Lion) Prepare(t int) Step {
	lr := rate(or(l.LR, 1e-3), l.Schedule, t)
	return Step{T: t, Rate: lr, Decay: float32(lr * l.Decay)}
}

// Update makes one step for a block of weights.
func (l Lion) Update(s *Step, w, g, m, _ []float32) {
	l = l.fill()
	decay(w, s.Decay)
	b1, b2, lr := float32(l.Beta1), float32(l.Beta2), float32(s.Rate)
	g, m = g[:len(w)], m[:len(w)]
	for i := range w {
		switch c := b1*m[i] + (1-b1)*g[i]; {
		case c > 0:
			w[i] -= lr
		case c < 0:
			w[i] += lr
		}
		m[i] = b2*m[i] + (1-b2)*g[i]
	}
}
