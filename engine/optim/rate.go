// This file sets the learning rate of a rule from outside.

package optim

// Rated is implemented by rules whose learning rate others may set. nn.Fit does, to
// tell a schedule how long the training is and to lower the rate on a plateau, and a
// search for a good rate does; a rule without keeps the rate that it has.
type Rated interface {
	Optimizer
	// Rate returns the learning rate and its schedule, nil for none.
	Rate() (lr float64, s Schedule)
	// WithRate returns the rule with another learning rate and schedule.
	WithRate(lr float64, s Schedule) Optimizer
}

// Over returns the rule for a training of so many steps: a schedule that was given no
// length gets that one. A rule that is not [Rated] comes back as it was.
func Over(o Optimizer, steps int) Optimizer {
	r, ok := o.(Rated)
	if !ok {
		return o
	}
	lr, s := r.Rate()
	if s = over(s, steps); s == nil {
		return o
	}
	return r.WithRate(lr, s)
}

// over gives a schedule its length, if it wants one.
func over(s Schedule, steps int) Schedule {
	if long, ok := s.(interface{ Over(steps int) Schedule }); ok {
		return long.Over(steps)
	}
	return s
}
