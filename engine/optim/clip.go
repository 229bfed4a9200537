// This file bounds gradients before a rule sees them.

package optim

import (
	"errors"
	"fmt"
)

// Clip cuts every number of a gradient to [-Value, Value] and hands it to Rule:
//
//	nn.Clip{Rule: nn.SGD{LR: 0.1}, Value: 1}
//
// A NaN stays NaN.
type Clip struct {
	Rule  Optimizer // nil means Adam{}
	Value float64   // must be above 0
}

func (c Clip) rule() Optimizer {
	if c.Rule == nil {
		return Adam{}
	}
	return c.Rule
}

// String names the rule and its settings, as Go source.
func (c Clip) String() string { return fmt.Sprintf("Clip{Rule: %v, Value: %g}", c.rule(), c.Value) }

// Check reports a setting that cannot work.
func (c Clip) Check() error {
	return errors.Join(positive("Clip", "Value", c.Value), c.rule().Check())
}

// Slots returns what Rule needs.
func (c Clip) Slots() int { return c.rule().Slots() }

// Prepare works out Rule's coefficients.
func (c Clip) Prepare(t int) Step { return c.rule().Prepare(t) }

// Update cuts g in place and makes Rule's step.
func (c Clip) Update(s *Step, w, g, state0, state1 []float32) {
	hi := float32(c.Value)
	for i, v := range g {
		if v > hi {
			g[i] = hi
		} else if v < -hi {
			g[i] = -hi
		}
	}
	c.rule().Update(s, w, g, state0, state1)
}
