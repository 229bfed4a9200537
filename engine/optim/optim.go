// This file defines what an update rule is.

// Package optim has the rules that turn gradients into new weights, and the
// schedules that change their learning rate on the way.
//
// It is not for finding gradients; nn.Fit calls it with a block of weights at a
// time, perhaps from several goroutines, each with other blocks.
//
//	SGD, Adam, AdamW, RMSprop, Adagrad, Lion   update rules, a file each
//	StepDecay, Exponential, Cosine, OneCycle,
//	WarmUp                                     schedule.go
//	Clip                                       clip.go   bounds gradients first
//	Rated, Over                                rate.go   the rate as others set it
//
// Package nn gives them its own names: nn.Adam is optim.Adam.
package optim

import (
	"fmt"
	"math"

	"cajal/engine/internal/f32"
)

// An Optimizer is an update rule with its settings. The settings are plain
// values: nothing of a training is kept in them, and one Optimizer may serve
// many models.
type Optimizer interface {
	// String names the rule and its settings, defaults filled in.
	String() string
	// Check reports a setting that cannot work.
	Check() error
	// Slots is the number of state vectors a weight needs: 0, 1 or 2.
	Slots() int
	// Prepare works out the coefficients of step t, which counts from 1.
	Prepare(t int) Step
	// Update changes w, given its gradient g and its state vectors, nil beyond
	// Slots. All have one length. It may use g as scratch space.
	Update(s *Step, w, g, state0, state1 []float32)
}

// A Step holds the coefficients of one step, the same for all weights.
type Step struct {
	T     int
	Rate  float64 // the learning rate; 0 says that the rule has none
	Decay float32 // the share of every weight that is taken away first
	Coef  f32.Adam
}

// positive reports a setting that is not a finite number above 0.
func positive(rule, field string, v float64) error {
	if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("optim: %s.%s is %v, but must be a number above 0", rule, field, v)
	}
	return nil
}

// fraction reports a setting that is not in [0, 1).
func fraction(rule, field string, v float64) error {
	if !(v >= 0 && v < 1) {
		return fmt.Errorf("optim: %s.%s is %v, but must be in [0, 1)", rule, field, v)
	}
	return nil
}

// notNegative reports a setting that is not a finite number from 0.
func notNegative(rule, field string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Errorf("optim: %s.%s is %v, but must be a number from 0", rule, field, v)
	}
	return nil
}

// decay takes the share away from every weight.
func decay(w []float32, share float32) {
	if share != 0 {
		f32.SGDStep(w, w, share)
	}
}

// settings writes a rule as Go source: LR always, and of name and value pairs
// those that are not the default.
func settings(rule string, lr float64, s Schedule, rest ...field) string {
	out := fmt.Sprintf("%s{LR: %g", rule, lr)
	for _, f := range rest {
		if f.value != f.def {
			out += fmt.Sprintf(", %s: %v", f.name, f.value)
		}
	}
	if s != nil {
		out += ", Schedule: " + s.String()
	}
	return out + "}"
}

// A field is a setting, its value and its default.
type field struct {
	name       string
	value, def any
}

func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
