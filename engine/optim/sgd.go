// This file has gradient descent, with and without momentum.

package optim

import (
	"errors"

	"cajal/engine/internal/f32"
)

// SGD is gradient descent on batches: w ← w - LR·g. With Momentum μ it keeps a
// velocity, u ← μu - LR·g, and steps by u, or with Nesterov by μu - LR·g taken
// after u was updated; the forms are those of Keras.
type SGD struct {
	LR       float64  // learning rate; 0 means the default, 0.01
	Momentum float64  // in [0, 1); 0 is plain gradient descent
	Nesterov bool     // look ahead; has no effect without Momentum
	Schedule Schedule // changes LR from step to step; nil keeps it
}

// String names the rule and its settings, as Go source.
func (s SGD) String() string {
	return settings("SGD", or(s.LR, 0.01), s.Schedule, field{"Momentum", s.Momentum, 0.0}, field{"Nesterov", s.Nesterov, false})
}

// Check reports a setting that cannot work.
func (s SGD) Check() error {
	return errors.Join(positive("SGD", "LR", or(s.LR, 0.01)), fraction("SGD", "Momentum", s.Momentum), checkSchedule(s.Schedule))
}

// Rate returns the learning rate and its schedule.
func (s SGD) Rate() (lr float64, sched Schedule) { return or(s.LR, 0.01), s.Schedule }

// WithRate returns the rule with another learning rate and schedule.
func (s SGD) WithRate(lr float64, sched Schedule) Optimizer {
	s.LR, s.Schedule = lr, sched
	return s
}

// Slots returns 1 with momentum and 0 without.
func (s SGD) Slots() int {
	if s.Momentum != 0 {
		return 1
	}
	return 0
}

// Prepare works out the learning rate of step t.
func (s SGD) Prepare(t int) Step {
	return Step{T: t, Rate: rate(or(s.LR, 0.01), s.Schedule, t)}
}

// Update makes one step for a block of weights.
func (s SGD) Update(st *Step, w, g, velocity, _ []float32) {
	mu, lr := float32(s.Momentum), float32(st.Rate)
	if mu == 0 {
		f32.SGDStep(w, g, lr)
		return
	}
	g, velocity = g[:len(w)], velocity[:len(w)]
	if s.Nesterov {
		for i := range w {
			velocity[i] = mu*velocity[i] - lr*g[i]
			w[i] += mu*velocity[i] - lr*g[i]
		}
		return
	}
	for i := range w {
		velocity[i] = mu*velocity[i] - lr*g[i]
		w[i] += velocity[i]
	}
}
