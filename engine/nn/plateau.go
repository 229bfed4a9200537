// This file lowers the learning rate of a training that has come to a plateau.

package nn

import (
	"cmp"
	"fmt"
	"math"

	"cajal/engine/optim"
)

// A ReduceLROnPlateau lowers the learning rate when the validation loss, or without
// validation the training loss, has not fallen for some epochs. It does what the
// callback of that name does in Keras.
type ReduceLROnPlateau struct {
	Factor   float64 // of the new rate; 0 means 0.1
	Patience int     // epochs without improvement that are borne; 0 means 10
	MinDelta float64 // what counts as improvement: a fall by more than this; 0 means 0.0001
	Cooldown int     // epochs after a lowering that are not counted
	MinLR    float64 // the rate is not lowered below this
	Metric   string  // looked at instead of the loss, such as "accuracy"; it should rise, or fall if it is an error
}

func (r *ReduceLROnPlateau) factor() float64 { return cmp.Or(r.Factor, 0.1) }
func (r *ReduceLROnPlateau) delta() float64  { return cmp.Or(r.MinDelta, 1e-4) }
func (r *ReduceLROnPlateau) patience() int   { return cmp.Or(r.Patience, 10) }

// check reports a setting that cannot work.
func (r *ReduceLROnPlateau) check(o Optimizer) error {
	switch rated, ok := o.(optim.Rated); {
	case !(r.factor() > 0 && r.factor() < 1):
		return fmt.Errorf("nn: Fit.ReduceLR.Factor is %v, but must be between 0 and 1", r.Factor)
	case r.Patience < 0 || r.Cooldown < 0 || !(r.MinDelta >= 0) || !(r.MinLR >= 0):
		return fmt.Errorf("nn: Fit.ReduceLR has Patience %d, Cooldown %d, MinDelta %v and MinLR %v, but none may be negative", r.Patience, r.Cooldown, r.MinDelta, r.MinLR)
	case !ok:
		return fmt.Errorf("nn: Fit.ReduceLR cannot lower the learning rate of %v, which has no methods Rate and WithRate (see optim.Rated)", o)
	default:
		if lr, _ := rated.Rate(); lr == 0 {
			return fmt.Errorf("nn: Fit.ReduceLR cannot lower the learning rate of %v, which has none", o)
		}
	}
	return nil
}

// plateau follows the epochs for a ReduceLROnPlateau; without one it does nothing.
type plateau struct {
	watched
	rule   *ReduceLROnPlateau
	factor float64 // what the rate has come to
	wait   int     // epochs without improvement
	cool   int     // epochs of the cooldown that are left
}

// lower notes an epoch and reports whether the rate has become lower.
func (p *plateau) lower(h *History, e Epoch, o Optimizer) bool {
	if p.rule == nil {
		return false
	}
	if p.cool > 0 {
		p.cool--
		p.wait = 0
	}
	if p.better(h, e) {
		p.wait = 0
		return false
	}
	if p.cool > 0 {
		return false
	}
	if p.wait++; p.wait < p.rule.patience() {
		return false
	}
	lr, _ := o.(optim.Rated).Rate()
	old := p.factor
	p.factor = math.Max(p.factor*p.rule.factor(), math.Min(p.rule.MinLR/lr, p.factor))
	if p.factor == old {
		return false
	}
	p.wait, p.cool = 0, p.rule.Cooldown
	return true
}

// of returns the rule with the rate as it has become.
func (p *plateau) of(o Optimizer) Optimizer {
	if p.rule == nil || p.factor == 1 {
		return o
	}
	rated := o.(optim.Rated)
	lr, s := rated.Rate()
	return rated.WithRate(lr*p.factor, s)
}
