// This file looks for a learning rate.

package nn

import (
	"errors"
	"fmt"
	"html"
	"math"
	"sync/atomic"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
	"cajal/engine/optim"
)

// RateSearch says how to look for a learning rate. Its zero value works.
type RateSearch struct {
	Fit      Fit     // optimizer, loss, batch, seed and threads are those of the training to come; its other fields are not looked at
	From, To float64 // the rates; 0 means 1e-6 and 10
	Steps    int     // from the first to the last; 0 means 100
}

// A RateCurve is the loss by learning rate that [Model.FindLearningRate] found.
// display/chart's LRFinder draws Rates and Losses.
type RateCurve struct {
	Rates      []float64
	Losses     []float64 // of each batch, before its step
	Smooth     []float64 // a mean over neighbours, as the chart has it
	Suggestion float64   // the rate at which the loss falls fastest; 0 when it does not fall
	Exploded   bool      // ended when the loss had become four times the lowest
	Stopped    bool      // ended by an interrupt
	Optimizer  string
}

// explosion is how many times the lowest loss ends the search, as in fastai.
const explosion = 4

// FindLearningRate trains for a few steps with a learning rate that grows from step to
// step by the same factor, and returns the loss by rate (Smith, 2017, Cyclical Learning
// Rates for Training Neural Networks). It ends early when the loss explodes or the cell
// is interrupted. The weights are afterwards what they were before.
func (m *Model) FindLearningRate(train *data.Dataset, s RateSearch) (*RateCurve, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if s.From == 0 {
		s.From = 1e-6
	}
	if s.To == 0 {
		s.To = 10
	}
	if s.Steps == 0 {
		s.Steps = 100
	}
	if !(s.From > 0 && s.To > s.From) || math.IsInf(s.To, 0) || s.Steps < 2 {
		return nil, fmt.Errorf("nn: RateSearch goes from %v to %v in %d steps, but the rates must be above 0, the second above the first, and there must be 2 steps at least", s.From, s.To, s.Steps)
	}
	f := s.Fit
	f = Fit{Batch: f.Batch, Optimizer: f.Optimizer, Loss: f.Loss, Metrics: []Metric{}, Seed: f.Seed, InOrder: f.InOrder, Threads: f.Threads, ClassWeights: f.ClassWeights, Monitor: f.Monitor}
	r, err := f.resolve(m, train)
	if err != nil {
		return nil, err
	}
	rated, ok := r.Optimizer.(optim.Rated)
	if ok {
		lr, _ := rated.Rate()
		ok = lr != 0
	}
	if !ok {
		return nil, fmt.Errorf("nn: %v has no learning rate that could be set (see optim.Rated)", r.Optimizer)
	}
	// Step t has the rate From·(To/From)^((t-1)/(Steps-1)).
	r.rule = rated.WithRate(s.From, optim.Exponential{Every: s.Steps - 1, Factor: s.To / s.From})

	if !m.training.CompareAndSwap(false, true) {
		return nil, errBusy
	}
	defer m.training.Store(false)
	m.mu.Lock()
	defer m.mu.Unlock()
	had := m.ready
	m.initialise(r.Seed)
	defer m.dropGradients()
	var kept keeper
	kept.keep(m)
	defer func() {
		if !had {
			m.forget()
			return
		}
		kept.put()
	}()
	return r.search(m, s.Steps)
}

// search runs the steps.
func (r *run) search(m *Model, steps int) (*RateCurve, error) {
	pool := par.New(r.Threads)
	defer pool.Close()
	var stop atomic.Bool
	if monitor := monitorFor(r.Monitor); monitor != nil {
		defer stopWhen(monitor.Done(), &stop)()
	}
	p := newPlan(m, planSpec{batch: r.Batch, set: r.train, head: r.head, opt: r.rule, seed: r.Seed, weights: r.weights, pool: pool, stop: &stop})
	c := &RateCurve{Optimizer: r.Optimizer.String()}
	order := make([]int32, r.train.Len())
	for i := range order {
		order[i] = int32(i)
	}
	least := math.Inf(1)
	for at, epoch := len(order), 0; len(c.Rates) < steps && !c.Exploded; at += r.Batch {
		if at >= len(order) {
			at = 0
			if epoch++; !r.InOrder {
				src := rng.New(uint64(r.Seed), purposeEpoch+uint64(epoch))
				src.Shuffle(order)
			}
		}
		p.epoch = epoch
		loss, ok := p.step(order[at:min(at+r.Batch, len(order))])
		if err := r.train.Err(); err != nil {
			return nil, fmt.Errorf("nn: %w", err)
		}
		if err := p.failure(); err != nil {
			return nil, err
		}
		if !ok {
			c.Stopped = true
			break
		}
		if loss-loss != 0 {
			c.Exploded = true
			break
		}
		c.Rates, c.Losses = append(c.Rates, p.coef.Rate), append(c.Losses, loss)
		c.Smooth = smooth(c.Losses)
		// The last of the smoothed values is the mean of those before it, so that one
		// bad batch ends nothing.
		last := c.Smooth[len(c.Smooth)-1]
		least = min(least, last)
		c.Exploded = len(c.Losses) > steps/10 && last > explosion*least
	}
	if len(c.Rates) == 0 && !c.Stopped {
		return nil, errors.New("nn: the loss is no number with the weights as they are\n      fix        inputs and targets scaled to about 1; Model.Reset() begins anew")
	}
	c.suggest()
	return c, nil
}

// smooth averages each value with its neighbours, to both sides, with weights that fall
// by a constant factor: what display/chart draws.
func smooth(values []float64) []float64 {
	n := max(len(values)/12, 2)
	decay := 1 - 4/(float64(n)+2)
	out, weights := make([]float64, len(values)), make([]float64, len(values))
	pass := func(at func(int) int) {
		sum, weight := 0.0, 0.0
		for i := range values {
			k := at(i)
			out[k] += sum
			weights[k] += weight
			sum, weight = (sum+values[k])*decay, (weight+1)*decay
		}
	}
	pass(func(i int) int { return i })
	pass(func(i int) int { return len(values) - 1 - i })
	for i, v := range values {
		out[i] = (out[i] + v) / (weights[i] + 1)
	}
	return out
}

// upset is how many times the lowest smoothed loss ends the part of a curve in which a
// rate is looked for: what falls behind it falls back from an explosion.
const upset = 1.5

// suggest finds where the smoothed loss falls fastest, by the factor of the rate, on its
// way to the lowest. The slope is taken over a twelfth of the curve, since that of
// neighbours is mostly noise.
func (c *RateCurve) suggest() {
	least := 0
	for i, v := range c.Smooth {
		if v < c.Smooth[least] {
			least = i
		}
		if v > upset*c.Smooth[least] && c.Smooth[least] > 0 {
			break
		}
	}
	fastest, reach := 0.0, max(len(c.Smooth)/24, 1)
	for i := range least {
		lo, hi := max(i-reach, 0), min(i+reach, least)
		if slope := (c.Smooth[hi] - c.Smooth[lo]) / math.Log(c.Rates[hi]/c.Rates[lo]); slope < fastest {
			fastest, c.Suggestion = slope, c.Rates[i]
		}
	}
}

// String tells the suggestion, and the curve in a few rows.
func (c *RateCurve) String() string {
	return c.title() + "\n" + textTable(c.table())
}

func (c *RateCurve) title() string {
	s := "no learning rate at which the loss falls was found"
	if c.Suggestion > 0 {
		s = fmt.Sprintf("learning rate %.2g: there the loss falls fastest", c.Suggestion)
	}
	s += fmt.Sprintf(" · %s, %d steps", c.Optimizer, len(c.Rates))
	switch {
	case c.Exploded:
		s += ", until the loss exploded"
	case c.Stopped:
		s += ", until it was interrupted"
	}
	return s
}

// shownRates is how many rows a table of rates has.
const shownRates = 10

func (c *RateCurve) table() (header []string, rows [][]string) {
	n := min(len(c.Rates), shownRates)
	for i := range n {
		k := i * (len(c.Rates) - 1) / max(n-1, 1)
		rows = append(rows, []string{fmt.Sprintf("%.2e", c.Rates[k]), fmt.Sprintf("%.4g", c.Smooth[k])})
	}
	return []string{"learning rate", "loss, smoothed"}, rows
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (c *RateCurve) MIMEBundle() map[string]any {
	head, rows := c.table()
	return map[string]any{
		"text/plain": c.String(),
		"text/html":  `<div class="cajal-rates"><div>` + html.EscapeString(c.title()) + "</div>" + htmlTable(head, rows, 0) + "</div>",
	}
}
