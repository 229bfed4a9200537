// This file bounds gradients before a rule sees them.

package optim

import (
	"errors"
	"fmt"
)

// Clip bounds gradients and hands them to Rule, in one of three ways, which are those
// of Keras (clipvalue, clipnorm, global_clipnorm):
//
//	nn.Clip{Rule: nn.SGD{LR: 0.1}, Value: 1}      cuts every number to [-Value, Value]
//	nn.Clip{Rule: nn.SGD{LR: 0.1}, Norm: 1}       shortens the gradient of each parameter to a length of Norm
//	nn.Clip{Rule: nn.Adam{}, GlobalNorm: 1}       shortens all gradients, taken as one vector, to a length of GlobalNorm
//
// A parameter is the weights of a layer, or its biases. What is short enough stays as
// it is; a NaN stays NaN.
type Clip struct {
	Rule       Optimizer // nil means Adam{}
	Value      float64   // one of the three must be above 0
	Norm       float64
	GlobalNorm float64
}

// A Limiter is a rule that wants gradients of a bounded length. Whoever trains has all
// of a gradient at hand and shortens it by [Shrink], before any Update of the step.
type Limiter interface {
	Optimizer
	// Limits returns the greatest length of the gradient of one parameter, and of all
	// taken together; 0 for none.
	Limits() (norm, global float64)
}

// Shrink returns what a gradient of some length is multiplied by, so that it is no
// longer than limit.
func Shrink(length, limit float64) float64 {
	if length <= limit {
		return 1
	}
	return limit / length
}

func (c Clip) rule() Optimizer {
	if c.Rule == nil {
		return Adam{}
	}
	return c.Rule
}

// String names the rule and its settings, as Go source.
func (c Clip) String() string {
	s := fmt.Sprintf("Clip{Rule: %v", c.rule())
	for _, f := range []field{{"Value", c.Value, 0.0}, {"Norm", c.Norm, 0.0}, {"GlobalNorm", c.GlobalNorm, 0.0}} {
		if f.value != f.def {
			s += fmt.Sprintf(", %s: %v", f.name, f.value)
		}
	}
	return s + "}"
}

// Check reports a setting that cannot work.
func (c Clip) Check() error {
	given := 0
	errs := []error{c.rule().Check()}
	for _, f := range []struct {
		name  string
		value float64
	}{{"Value", c.Value}, {"Norm", c.Norm}, {"GlobalNorm", c.GlobalNorm}} {
		if f.value != 0 {
			given++
			errs = append(errs, positive("Clip", f.name, f.value))
		}
	}
	if given != 1 {
		errs = append(errs, fmt.Errorf("optim: Clip has %d of Value, Norm and GlobalNorm, but must have one of them", given))
	}
	if _, twice := c.rule().(Limiter); twice {
		errs = append(errs, fmt.Errorf("optim: Clip.Rule is %v, which clips too: put the rule itself there", c.rule()))
	}
	return errors.Join(errs...)
}

// Limits returns Norm and GlobalNorm.
func (c Clip) Limits() (norm, global float64) { return c.Norm, c.GlobalNorm }

// Rate returns that of Rule, 0 when it has none.
func (c Clip) Rate() (lr float64, s Schedule) {
	if r, ok := c.rule().(Rated); ok {
		return r.Rate()
	}
	return 0, nil
}

// WithRate gives Rule another learning rate and schedule, if it can have one.
func (c Clip) WithRate(lr float64, s Schedule) Optimizer {
	if r, ok := c.rule().(Rated); ok {
		c.Rule = r.WithRate(lr, s)
	}
	return c
}

// Slots returns what Rule needs.
func (c Clip) Slots() int { return c.rule().Slots() }

// Prepare works out Rule's coefficients.
func (c Clip) Prepare(t int) Step { return c.rule().Prepare(t) }

// Update cuts g in place, if there is a Value, and makes Rule's step.
func (c Clip) Update(s *Step, w, g, state0, state1 []float32) {
	if hi := float32(c.Value); hi > 0 {
		for i, v := range g {
			if v > hi {
				g[i] = hi
			} else if v < -hi {
				g[i] = -hi
			}
		}
	}
	c.rule().Update(s, w, g, state0, state1)
}
