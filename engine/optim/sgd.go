// This file has gradient descent, with and without momentum.

package optim

import (
	"errors"
	"fmt"

	"cajal/engine/internal/f32"
)

// SGD is gradient descent on batches: w ← w - LR·g. With Momentum μ it keeps a
// velocity, u ← μu - LR·g, and steps by u, or with Nesterov by μu - LR·g taken
// after u was updated; the forms are those of Keras.
type SGD struct {
	LR       float64 // learning rate; 0 means the default, 0.01
	Momentum float64 // in [0, 1); 0 is plain gradient descent
	Nesterov bool    // look ahead; has no effect without Momentum
}

// String names the rule and its settings, as Go source.
func (s SGD) String() string {
	out := fmt.Sprintf("SGD{LR: %g", or(s.LR, 0.01))
	if s.Momentum != 0 {
		out += fmt.Sprintf(", Momentum: %g", s.Momentum)
	}
	if s.Nesterov {
		out += ", Nesterov: true"
	}
	return out + "}"
}

// Check reports a setting that cannot work.
func (s SGD) Check() error {
	return errors.Join(positive("SGD", "LR", or(s.LR, 0.01)), fraction("SGD", "Momentum", s.Momentum))
}

// Slots returns 1 with momentum and 0 without.
func (s SGD) Slots() int {
	if s.Momentum != 0 {
		return 1
	}
	return 0
}

// Prepare works out the coefficients of step t: they are always the same.
func (s SGD) Prepare(t int) Step { return Step{T: t, Rate: float32(or(s.LR, 0.01))} }

// Update makes one step for a block of weights.
func (s SGD) Update(st *Step, w, g, velocity, _ []float32) {
	if s.Momentum == 0 {
		f32.SGDStep(w, g, st.Rate)
		return
	}
	mu := float32(s.Momentum)
	g, velocity = g[:len(w)], velocity[:len(w)]
	for i := range w {
		velocity[i] = mu*velocity[i] - st.Rate*g[i]
		if s.Nesterov {
			w[i] += mu*velocity[i] - st.Rate*g[i]
		} else {
			w[i] += velocity[i]
		}
	}
}
