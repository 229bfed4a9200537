// This file has the schedules of the learning rate.

package optim

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// A Schedule changes the learning rate while a model trains. The rules take one
// in their field Schedule:
//
//	nn.Adam{LR: 3e-3, Schedule: nn.Cosine{}}
//
// A step is one batch: an epoch of 60,000 examples in batches of 32 has 1,875.
// A schedule that is given no number of steps gets one from nn.Fit, which knows how
// many there will be: its method Over, if it has one, returns it for a training of so
// many. Without Fit, and so without a length, it keeps the rate.
//
// A schedule depends on the number of the step only, so a training that is
// resumed goes on where it was.
type Schedule interface {
	// String names the schedule and its settings, as Go source.
	String() string
	// Check reports a setting that cannot work.
	Check() error
	// At returns what the learning rate is multiplied by at step t, from 1.
	At(t int) float64
}

// rate is the learning rate of step t.
func rate(lr float64, s Schedule, t int) float64 {
	if s == nil {
		return lr
	}
	return lr * s.At(t)
}

func checkSchedule(s Schedule) error {
	if s == nil {
		return nil
	}
	return s.Check()
}

// StepDecay multiplies the learning rate by Factor after every so many steps.
type StepDecay struct {
	Every  int     // steps; 0 means a third of the training
	Factor float64 // 0 means 0.1
}

// String names the schedule and its settings, as Go source.
func (d StepDecay) String() string {
	var l list
	l.steps("Every", d.Every)
	l.number("Factor", or(d.Factor, 0.1), 0.1)
	return l.of("StepDecay")
}

// Over returns the schedule for a training of so many steps.
func (d StepDecay) Over(steps int) Schedule {
	d.Every = length(d.Every, (steps+2)/3)
	return d
}

// Check reports a setting that cannot work.
func (d StepDecay) Check() error { return checkDecay("StepDecay", d.Every, or(d.Factor, 0.1)) }

// At returns Factor to the power of how often Every steps have passed.
func (d StepDecay) At(t int) float64 {
	if d.Every == 0 {
		return 1
	}
	return math.Pow(or(d.Factor, 0.1), float64((t-1)/d.Every))
}

// Exponential multiplies the learning rate by Factor over every so many steps,
// a little at each. With a Factor above 1 it grows, as a search for the best rate
// wants it.
type Exponential struct {
	Every  int     // steps; 0 means the whole training
	Factor float64 // 0 means 0.1
}

// String names the schedule and its settings, as Go source.
func (d Exponential) String() string {
	var l list
	l.steps("Every", d.Every)
	l.number("Factor", or(d.Factor, 0.1), 0.1)
	return l.of("Exponential")
}

// Over returns the schedule for a training of so many steps.
func (d Exponential) Over(steps int) Schedule {
	d.Every = length(d.Every, steps)
	return d
}

// Check reports a setting that cannot work.
func (d Exponential) Check() error { return checkDecay("Exponential", d.Every, or(d.Factor, 0.1)) }

// At returns Factor to the power of (t-1)/Every.
func (d Exponential) At(t int) float64 {
	if d.Every == 0 {
		return 1
	}
	return math.Pow(or(d.Factor, 0.1), float64(t-1)/float64(d.Every))
}

func checkDecay(rule string, every int, factor float64) error {
	return errors.Join(checkSteps(rule, "Every", every), positive(rule, "Factor", factor))
}

// length is a number of steps, or that of the training if there is none.
func length(own, training int) int {
	if own != 0 {
		return own
	}
	return max(training, 1)
}

// list is the settings of a schedule that are not the default, as Go source.
type list []string

func (l *list) steps(field string, n int) {
	if n != 0 {
		*l = append(*l, fmt.Sprintf("%s: %d", field, n))
	}
}

func (l *list) number(field string, v, def float64) {
	if v != def {
		*l = append(*l, fmt.Sprintf("%s: %g", field, v))
	}
}

func (l list) of(schedule string) string { return schedule + "{" + strings.Join(l, ", ") + "}" }

// Cosine brings the learning rate down along half a period of a cosine
// (Loshchilov and Hutter, 2017): flat, steep, flat. Behind its last step it stays.
type Cosine struct {
	Steps int     // until it is down; 0 means the whole training
	Floor float64 // what is left then, as a factor; 0 is nothing
}

// String names the schedule and its settings, as Go source.
func (c Cosine) String() string {
	var l list
	l.steps("Steps", c.Steps)
	l.number("Floor", c.Floor, 0)
	return l.of("Cosine")
}

// Over returns the schedule for a training of so many steps.
func (c Cosine) Over(steps int) Schedule {
	c.Steps = length(c.Steps, steps)
	return c
}

// Check reports a setting that cannot work.
func (c Cosine) Check() error {
	return errors.Join(checkSteps("Cosine", "Steps", c.Steps), notNegative("Cosine", "Floor", c.Floor))
}

// At returns 1 at step 1 and Floor at step Steps+1.
func (c Cosine) At(t int) float64 {
	if c.Steps == 0 {
		return 1
	}
	return anneal(1, c.Floor, float64(t-1)/float64(c.Steps))
}

// anneal goes from a to b along half a cosine, with x from 0 to 1.
func anneal(a, b, x float64) float64 {
	return b + (a-b)*(1+math.Cos(math.Pi*min(max(x, 0), 1)))/2
}

func checkSteps(rule, field string, steps int) error {
	if steps < 0 {
		return fmt.Errorf("optim: %s.%s is %d, but must be a number of steps (batches an epoch times epochs), or 0 for what suits the training", rule, field, steps)
	}
	return nil
}

// OneCycle brings the learning rate up to LR and then down to almost nothing,
// both along a cosine (Smith and Topin, 2018, in the form of PyTorch's OneCycleLR;
// momentum is left as it is). LR is the highest rate.
type OneCycle struct {
	Steps int     // of the whole cycle; 0 means the whole training
	Up    float64 // the fraction of them that goes up; 0 means 0.3
	Start float64 // the first rate, as a factor; 0 means 1/25
	End   float64 // the last rate, as a factor; 0 means Start/10000
}

func (c OneCycle) fill() OneCycle {
	c.Up, c.Start = or(c.Up, 0.3), or(c.Start, 1.0/25)
	c.End = or(c.End, c.Start/1e4)
	return c
}

// String names the schedule and its settings, as Go source.
func (c OneCycle) String() string {
	d, c := OneCycle{}.fill(), c.fill()
	var l list
	l.steps("Steps", c.Steps)
	l.number("Up", c.Up, d.Up)
	l.number("Start", c.Start, d.Start)
	l.number("End", c.End, c.Start/1e4)
	return l.of("OneCycle")
}

// Over returns the schedule for a training of so many steps.
func (c OneCycle) Over(steps int) Schedule {
	c.Steps = length(c.Steps, max(steps, 2))
	return c
}

// Check reports a setting that cannot work.
func (c OneCycle) Check() error {
	c = c.fill()
	switch {
	case c.Steps == 1:
		return fmt.Errorf("optim: OneCycle.Steps is 1, but one step cannot go up and down")
	case c.Steps < 0:
		return checkSteps("OneCycle", "Steps", c.Steps)
	case !(c.Up > 0 && c.Up < 1):
		return fmt.Errorf("optim: OneCycle.Up is %v, but must be a fraction between 0 and 1", c.Up)
	}
	if err := positive("OneCycle", "Start", c.Start); err != nil {
		return err
	}
	return positive("OneCycle", "End", c.End)
}

// At returns Start at step 1, 1 at step Up·Steps and End at step Steps.
func (c OneCycle) At(t int) float64 {
	if c.Steps == 0 {
		return 1
	}
	c = c.fill()
	x, top := float64(t-1), max(c.Up*float64(c.Steps)-1, 0)
	if x < top {
		return anneal(c.Start, 1, x/top)
	}
	return anneal(1, c.End, (x-top)/(float64(c.Steps-1)-top))
}

// WarmUp brings the learning rate up in a straight line over its first steps:
// step t has t/Steps of it. What follows is Then, whose first step comes after the
// last of the warm-up; nil keeps the rate.
type WarmUp struct {
	Steps int // 0 means a tenth of the training
	Then  Schedule
}

// String names the schedule and its settings, as Go source.
func (u WarmUp) String() string {
	var l list
	l.steps("Steps", u.Steps)
	if u.Then != nil {
		l = append(l, "Then: "+u.Then.String())
	}
	return l.of("WarmUp")
}

// Over returns the schedule for a training of so many steps, of which Then has those
// after the warm-up.
func (u WarmUp) Over(steps int) Schedule {
	u.Steps = length(u.Steps, (steps+9)/10)
	u.Then = over(u.Then, max(steps-u.Steps, 1))
	return u
}

// Check reports a setting that cannot work.
func (u WarmUp) Check() error {
	return errors.Join(checkSteps("WarmUp", "Steps", u.Steps), checkSchedule(u.Then))
}

// At returns t/Steps, and behind that what Then says.
func (u WarmUp) At(t int) float64 {
	switch {
	case t <= u.Steps:
		return float64(t) / float64(u.Steps)
	case u.Then == nil:
		return 1
	}
	return u.Then.At(t - u.Steps)
}
