// This file asks a model: Evaluate, Predict, and the hash of its weights.

package nn

import (
	"fmt"
	"html"
	"math"
	"strings"

	"cajal/engine/data"
	"cajal/engine/internal/par"
	"cajal/engine/tensor"
)

// evalBatch is how many examples are computed at a time outside of training.
const evalBatch = 256

// A Result has the figures of a model on a dataset, with the weights at rest.
type Result struct {
	Dataset  string // its name
	Examples int
	Loss     float64
	Accuracy float64 // NaN when it was not asked for
	Names    []string
	values   []float64
}

// Metric returns a metric by its name, as in Names, and NaN when there is none
// of that name.
func (r *Result) Metric(name string) float64 {
	for i, n := range r.Names {
		if n == name {
			return r.values[i]
		}
	}
	return math.NaN()
}

// String writes the figures in one line.
func (r *Result) String() string {
	s := fmt.Sprintf("loss %.4f", r.Loss)
	for i, n := range r.Names {
		s += fmt.Sprintf(" · %s %.4f", n, r.values[i])
	}
	s += fmt.Sprintf(" on %d examples", r.Examples)
	if r.Dataset != "" {
		s += " of " + r.Dataset
	}
	return s
}

// MIMEBundle returns the figures as text/plain and, as a table, text/html.
func (r *Result) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<table class="cajal-result">`)
	row := func(k, v string) {
		fmt.Fprintf(&b, `<tr><th style="text-align:left">%s</th><td style="text-align:right">%s</td></tr>`, html.EscapeString(k), html.EscapeString(v))
	}
	row("loss", fmt.Sprintf("%.4f", r.Loss))
	for i, n := range r.Names {
		row(n, fmt.Sprintf("%.4f", r.values[i]))
	}
	row("examples", fmt.Sprint(r.Examples))
	b.WriteString("</table>")
	return map[string]any{"text/plain": r.String(), "text/html": b.String()}
}

// Evaluate computes loss and metrics on d. They are those of the last Fit; a
// model that was not trained gets what Fit would have chosen.
func (m *Model) Evaluate(d *data.Dataset) (*Result, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if err := checkData(m, d, "the dataset"); err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	r := m.trained
	if r == nil {
		l := inferLoss(m, d)
		r = &recipe{loss: l, metrics: defaultMetrics(l, m, d)}
	}
	h, err := r.loss.resolve(m, d)
	if err != nil {
		return nil, err
	}
	pool := par.New(0)
	defer pool.Close()
	p := newPlan(m, planSpec{batch: min(evalBatch, d.Len()), set: d, head: h, metrics: r.metrics, pool: pool})
	res, _ := p.evaluate(d)
	if err := d.Err(); err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	if err := p.failure(); err != nil {
		return nil, err
	}
	return res, nil
}

// evaluate runs all of d; ok is false when it was stopped.
func (p *plan) evaluate(d *data.Dataset) (r *Result, ok bool) {
	r = &Result{Dataset: d.Name(), Examples: d.Len(), Accuracy: math.NaN(), Names: metricNames(p.metrics), values: make([]float64, len(p.metrics))}
	idx, sums := make([]int32, p.batch), make([]float64, 2*len(p.metrics))
	for lo := 0; lo < d.Len(); lo += p.batch {
		n := min(p.batch, d.Len()-lo)
		for i := range n {
			idx[i] = int32(lo + i)
		}
		loss, ok := p.forwardBackward(idx[:n])
		if !ok {
			return nil, false
		}
		r.Loss += loss * float64(n)
		for k := range sums {
			sums[k] += p.sum(k + 1)
		}
	}
	r.Loss = r.Loss/float64(d.Len()) + p.m.regularisation()
	for k, m := range p.metrics {
		r.values[k] = sums[2*k] / sums[2*k+1]
		if _, is := m.(Accuracy); is {
			r.Accuracy = r.values[k]
		}
	}
	return r, true
}

// Predict returns the model's outputs for every example of in, a dataset or a
// tensor [n …]: a tensor [n, OutputShape…]. With a softmax at the end its rows are
// probabilities, and its Argmax the predicted classes.
func (m *Model) Predict(in Inputs) (*tensor.Tensor, error) { return m.outputs(in, -1) }

// Outputs returns what comes out of layer i, as Layers counts, for every example
// of in: a tensor [n, its shape…].
func (m *Model) Outputs(in Inputs, i int) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if i < 0 || i >= len(m.nodes) {
		return nil, fmt.Errorf("nn: no layer %d: the model has layers 0 (Input) to %d", i, len(m.nodes)-1)
	}
	return m.outputs(in, i)
}

func (m *Model) outputs(in Inputs, layer int) (*tensor.Tensor, error) {
	if err := m.checkInputs(in, "Predict"); err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	part := m
	if layer >= 0 {
		part = m.upTo(layer)
	}
	n := in.Len()
	out := tensor.New(append([]int{n}, part.last().out...)...)
	if n == 0 {
		return out, nil
	}
	pool := par.New(0)
	defer pool.Close()
	p := newPlan(part, planSpec{batch: min(evalBatch, n), pool: pool})
	p.reader = in
	for p.from = 0; p.from < n; p.from += p.batch {
		p.n = min(p.batch, n-p.from)
		if !p.run() {
			return nil, p.failure()
		}
		p.copyOut(out, p.from)
	}
	if d, ok := in.(*data.Dataset); ok && d.Err() != nil {
		return nil, fmt.Errorf("nn: %w", d.Err())
	}
	return out, nil
}

// checkInputs reports why a method cannot read in.
func (m *Model) checkInputs(in Inputs, method string) error {
	if err := m.Err(); err != nil {
		return err
	}
	if isNil(in) {
		return fmt.Errorf("nn: %s got nil: give it a *data.Dataset or a *tensor.Tensor", method)
	}
	if t, ok := in.(*tensor.Tensor); ok {
		if err := t.Check(); err != nil {
			return fmt.Errorf("nn: %s: %w", method, err)
		}
	}
	either := false
	if d, ok := in.(*data.Dataset); ok {
		either = d.AnyShape()
	}
	if err := checkShape(m, in, either); err != nil {
		return err
	}
	return checkWords(m, in)
}

// upTo returns the part of the model that computes the output of layer i, with the
// same weights.
func (m *Model) upTo(i int) *Model {
	part, copies := &Model{}, map[*node]*node{}
	for _, v := range order(m.nodes[i].value) {
		for _, n := range m.nodes {
			if n.value != v {
				continue
			}
			c := *n
			c.users, c.from = 0, nil
			for _, from := range n.from {
				c.from = append(c.from, copies[from])
				copies[from].users++
			}
			copies[n] = &c
			part.nodes = append(part.nodes, &c)
		}
	}
	return part
}

func isNil(in Inputs) bool {
	switch v := in.(type) {
	case nil:
		return true
	case *data.Dataset:
		return v == nil
	case *tensor.Tensor:
		return v == nil
	}
	return false
}

// copyOut copies the outputs of the present batch without their padding.
func (p *plan) copyOut(out *tensor.Tensor, from int) {
	b := p.out
	at := from * product(b.shape)
	for i := range p.n {
		row := b.row(i)
		for o := 0; o+b.ldch <= len(row); o += b.ldch {
			at += copy(out.Data[at:], row[o:o+b.ch])
		}
	}
}
