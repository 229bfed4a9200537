// This file looks at units and weights after a training, and says in words what went
// wrong with them.

package nn

import (
	"fmt"
	"math"
	"sync/atomic"

	"cajal/engine/data"
	"cajal/engine/internal/par"
)

// What Units looks at: examples, at a time and at most, and operations beside which a
// training is long. There are at least unitBatch examples if they are to be had.
const (
	unitBatch    = 64
	unitExamples = 2000
	unitFlops    = 1e9
)

// Units looks at what the units of every layer with an activation give for the first
// examples of in, up to 2000: those that never fire have learnt nothing and, behind a
// ReLU, no longer can; those that are always at their limit hardly. Fit does the same
// with its training set, and of a large model with fewer examples.
func (m *Model) Units(in Inputs) (*Findings, error) {
	if err := m.checkInputs(in, "Units"); err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	pool := par.New(0)
	defer pool.Close()
	return &Findings{Title: "the units", List: m.units(in, min(in.Len(), unitExamples), pool, nil)}, nil
}

// affordable is how many examples a Fit can look at.
func (m *Model) affordable(d *data.Dataset) int {
	flops := 1.0
	for _, n := range m.nodes[1:] {
		flops += n.flops(n.in, n.out)
	}
	return min(d.Len(), unitExamples, max(int(unitFlops/flops), unitBatch))
}

// units looks at the first n examples of in; the caller holds mu. It returns nil when it
// was stopped.
func (m *Model) units(in Inputs, n int, pool *par.Pool, stop *atomic.Bool) (out []Finding) {
	for i, nd := range m.nodes {
		act, ok := nd.activation()
		if !ok || i == len(m.nodes)-1 || n == 0 {
			continue
		}
		c := unitCount{act: act, fires: make([]bool, nd.out[len(nd.out)-1]), limits: make([]int, nd.out[len(nd.out)-1])}
		p := newPlan(m.upTo(i), planSpec{batch: min(unitBatch, n), pool: pool, stop: stop})
		p.reader = in
		for p.from = 0; p.from < n; p.from += p.batch {
			p.n = min(p.batch, n-p.from)
			if !p.run() {
				return nil
			}
			c.add(p)
		}
		out = append(out, c.findings(fmt.Sprintf("layer %d %s", i, nd.label()), len(nd.out), n)...)
	}
	return out
}

// unitCount counts what the units of one layer do.
type unitCount struct {
	act    Activation
	fires  []bool // at least once
	limits []int  // how often at the limit of the activation
	places int    // where they were seen
}

func (c *unitCount) add(p *plan) {
	b := p.out
	for i := range p.n {
		row := b.row(i)
		for o := 0; o+b.ldch <= len(row); o += b.ldch {
			c.places++
			for u, v := range row[o : o+b.ch] {
				if v > 0 {
					c.fires[u] = true
				}
				switch {
				case c.act == Sigmoid && (v < 0.01 || v > 0.99), c.act == Tanh && (v < -0.99 || v > 0.99):
					c.limits[u]++
				}
			}
		}
	}
}

func (c *unitCount) findings(layer string, rank, examples int) (out []Finding) {
	what := "units"
	if rank == 3 {
		what = "filters"
	}
	dead, stuck := 0, 0
	for u := range c.fires {
		if !c.fires[u] {
			dead++
		}
		if float64(c.limits[u]) > 0.95*float64(c.places) {
			stuck++
		}
	}
	if (c.act == ReLU || c.act == ReLU6) && dead > 0 {
		out = append(out, Finding{
			Text: fmt.Sprintf("%s: %d of %d %s never fire, with %d examples", layer, dead, len(c.fires), what, examples),
			Fix:  "a smaller learning rate, inputs scaled to about 1, nn.HeNormal, or nn.LeakyReLU, whose units cannot die",
		})
	}
	if stuck > 0 {
		out = append(out, Finding{
			Text: fmt.Sprintf("%s: %d of %d %s are at the limit of their %s for nearly all examples", layer, stuck, len(c.fires), what, c.act),
			Fix:  "inputs scaled to about 1, nn.BatchNorm or nn.LayerNorm before it, or nn.ReLU",
		})
	}
	return out
}

// What counts as strange in the figures of a layer.
const (
	slowUpdate = 1e-5 // of the weights, a step
	fastUpdate = 0.1
	vanishing  = 1e-4 // of the gradient of the last layer
)

// layerFindings says what is strange in how the weights moved.
func layerFindings(layers []LayerStats) (out []Finding) {
	add := func(fix, format string, args ...any) {
		out = append(out, Finding{Text: fmt.Sprintf(format, args...), Fix: fix})
	}
	for _, l := range layers {
		name := fmt.Sprintf("layer %d %s", l.Layer, l.Name)
		most, last := 0.0, 0.0
		for _, v := range l.UpdateRatio {
			most, last = math.Max(most, v), v
		}
		reached := false
		for _, g := range l.GradientNorm {
			reached = reached || g != 0
		}
		switch {
		case len(l.UpdateRatio) == 0:
		case !reached:
			add("a look at the layers behind it: a ReLU whose units never fire lets nothing through", "%s gets no gradient", name)
		case most < slowUpdate:
			add("a larger learning rate", "%s hardly learns: a step changes its weights by %.1g of their size at most", name, most)
		case last > fastUpdate:
			add("a smaller learning rate, or one that falls, as with nn.Cosine", "%s is unsteady to the end: a step changes its weights by %.2g of their size", name, last)
		}
	}
	if n := len(layers); n > 1 && len(layers[0].GradientNorm) > 0 {
		norm := func(l LayerStats) float64 { return l.GradientNorm[len(l.GradientNorm)-1] }
		first, last := layers[0], layers[n-1]
		switch a, b := norm(first), norm(last); {
		case a == 0 || b == 0:
		case a/b < vanishing:
			add("nn.ReLU instead of nn.Sigmoid or nn.Tanh, nn.BatchNorm, or nn.Add around layers", "the gradient vanishes on its way: that of layer %d %s is %.1g of that of layer %d %s", first.Layer, first.Name, a/b, last.Layer, last.Name)
		case a/b > 1/vanishing:
			add("nn.Clip{Rule: …, GlobalNorm: 1}, nn.LayerNorm, or smaller first weights", "the gradient explodes on its way: that of layer %d %s is %.1g times that of layer %d %s", first.Layer, first.Name, a/b, last.Layer, last.Name)
		}
	}
	return out
}
