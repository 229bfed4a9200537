// This file has the losses: what each asks of the model and the data, and what
// it computes.

package nn

import (
	"fmt"
	"math"

	"cajal/engine/data"
)

// A Loss says how far predictions are from the truth; training makes its mean
// over the batch small. [CustomLoss] makes one of a function.
type Loss interface {
	// Name returns the name in words, such as "mean squared error".
	Name() string
	// resolve checks that the loss suits the model and the data and returns its
	// computation.
	resolve(m *Model, d *data.Dataset) (head, error)
}

// SparseCategoricalCrossEntropy is for class labels 0, 1, … and one output a
// class: the mean of -log p of the right class. With [Softmax] on the last layer
// it is computed from what goes into the softmax, so that it cannot overflow; the
// gradient there is (p - onehot)/n. FromLogits says that the last layer is
// [Linear] and a softmax is to be understood.
type SparseCategoricalCrossEntropy struct{ FromLogits bool }

// CategoricalCrossEntropy is the same for targets that are a probability for
// every class, such as one-hot rows. Smoothing takes that share of every target and
// spreads it over all n classes: t becomes (1-s)·t + s/n, so that the model need not be
// infinitely sure (Szegedy and others, 2016); it is from 0, which is none, to below 1.
type CategoricalCrossEntropy struct {
	FromLogits bool
	Smoothing  float64
}

// BinaryCrossEntropy is for outputs that are each a probability of yes, with
// [Sigmoid] on the last layer (or Linear, with FromLogits): the mean over outputs
// and examples of -y log p - (1-y) log(1-p). Labels 0 and 1 go with one output,
// targets in [0, 1] with any number. Smoothing makes (1-s)·y + s/2 of y.
type BinaryCrossEntropy struct {
	FromLogits bool
	Smoothing  float64
}

// MSE is the mean squared error over outputs and examples, 1/n Σ (y-ŷ)², as most
// libraries have it.
type MSE struct{}

// HalfMSE is 1/(2n) Σ (y-ŷ)² with n the number of examples, the form whose
// gradient is (ŷ-y)/n.
type HalfMSE struct{}

// Huber is like [HalfMSE], summed over outputs as a mean, for errors up to Delta, and
// grows in a straight line beyond, so that single large errors count less (Huber, 1964):
// the mean of d²/2, or Delta·(|d| - Delta/2). A Delta of 0 means 1.
type Huber struct{ Delta float64 }

// LogCosh is the mean of log cosh (ŷ-y): about d²/2 for small errors, |d| - log 2 for
// large ones.
type LogCosh struct{}

// Name returns the name in words.
func (SparseCategoricalCrossEntropy) Name() string { return "sparse categorical cross-entropy" }

// Name returns the name in words.
func (CategoricalCrossEntropy) Name() string { return "categorical cross-entropy" }

// Name returns the name in words.
func (BinaryCrossEntropy) Name() string { return "binary cross-entropy" }

// Name returns the name in words.
func (MSE) Name() string { return "mean squared error" }

// Name returns the name in words.
func (HalfMSE) Name() string { return "half mean squared error" }

// Name returns the name in words.
func (h Huber) Name() string {
	if h.Delta != 0 && h.Delta != 1 {
		return fmt.Sprintf("huber loss, delta %g", h.Delta)
	}
	return "huber loss"
}

// Name returns the name in words.
func (LogCosh) Name() string { return "log cosh" }

// headKind is one computation of a loss and its gradient.
type headKind int

const (
	noLoss        headKind = iota
	softmaxLabels          // logits, labels
	softmaxTargets
	sigmoidTargets
	squares
	sizes
	hubers
	logCoshes
	customHead // computed by an op of its own
)

// A head is the end of a plan: it turns outputs into predictions, loss and
// gradient.
type head struct {
	kind  headKind
	fused bool    // the last layer leaves its activation to the head
	scale float64 // of errors
	delta float64 // of Huber's
	// Targets t of cross-entropies count as keep·t + spread.
	keep, spread float64
	own          *customLoss
}

// smoothed sets what targets count as, for n classes that share what is taken away.
func (h *head) smoothed(name string, smoothing float64, n int) error {
	if !(smoothing >= 0 && smoothing < 1) {
		return problem(nil, "%s.Smoothing is %v, but must be from 0 to below 1", name, smoothing).fixed("0.1 is a usual value")
	}
	h.keep, h.spread = 1-smoothing, smoothing/float64(n)
	return nil
}

// error returns what an error adds to the loss, and the derivative.
func (h *head) error(d float64) (value, slope float64) {
	switch h.kind {
	case squares:
		return d * d, 2 * d
	case sizes:
		if d < 0 {
			return -d, -1
		}
		return d, choose(d > 0, 1, 0)
	case hubers:
		if size := math.Abs(d); size > h.delta {
			return h.delta * (size - h.delta/2), math.Copysign(h.delta, d)
		}
		return d * d / 2, d
	}
	// log cosh d = |d| + log(1+e⁻²ᵈ) - log 2
	size := math.Abs(d)
	return size + math.Log1p(math.Exp(-2*size)) - math.Ln2, math.Tanh(d)
}

// run computes examples lo to hi-1: it returns the sum of their losses, leaves
// the predictions in the outputs and, in training, the gradient of the mean loss
// beside them.
func (h *head) run(p *plan, lo, hi int) float64 {
	if h.kind == customHead {
		return float64(hi-lo) * p.ops[len(p.ops)-1].(*customLossOp).loss
	}
	out := p.out
	cols := product(out.shape)
	sum := 0.0
	tw := 0
	if len(p.targets) > 0 {
		tw = len(p.targets) / p.batch
	}
	for i := lo; i < hi; i++ {
		z := out.row(i)
		y := z[:cols]
		var g []float32
		if out.grad != nil { // training, and something to train
			g = out.gradRow(i)[:cols]
		}
		weight := 1.0
		if p.weights != nil {
			weight = p.weights[p.labels[i]]
		}
		inv := weight / float64(p.n) // of the gradient of the mean
		t := p.targets[i*tw : (i+1)*tw]
		one := [1]float32{float32(p.labels[i])}
		if tw == 0 {
			t = one[:]
		}
		switch h.kind {
		case softmaxLabels:
			sum += weight * softmaxLabelsRow(z, y, g, int(p.labels[i]), float32(inv))
		case softmaxTargets:
			sum += weight * softmaxTargetsRow(z, y, g, t, float32(inv), h.keep, h.spread)
		case sigmoidTargets:
			sum += weight * sigmoidRow(y, g, t, inv, h.keep, h.spread)
		default:
			for j, v := range y {
				value, slope := h.error(float64(v) - float64(t[j]))
				sum += weight * h.scale * value
				if g != nil {
					g[j] = float32(inv * h.scale * slope)
				}
			}
		}
	}
	return sum
}

// softmaxLabelsRow works on the logits y, which are the beginning of z.
func softmaxLabelsRow(z, y, g []float32, label int, inv float32) float64 {
	at := float64(y[label])
	loss := softmax(z, len(y)) - at
	if g != nil {
		for j, p := range y {
			g[j] = p * inv
		}
		g[label] -= inv
	}
	return loss
}

func softmaxTargetsRow(z, y, g, t []float32, inv float32, keep, spread float64) float64 {
	dot, mass := 0.0, 0.0
	for j, v := range t {
		p := keep*float64(v) + spread
		dot += p * float64(y[j])
		mass += p
	}
	loss := mass*softmax(z, len(y)) - dot
	if g != nil {
		for j, p := range y {
			g[j] = (p*float32(mass) - (float32(keep)*t[j] + float32(spread))) * inv
		}
	}
	return loss
}

func sigmoidRow(z, g, t []float32, inv, keep, spread float64) float64 {
	sum, each := 0.0, 1/float64(len(z))
	for j := range z {
		v, y := float64(z[j]), keep*float64(t[j])+spread
		// log(1+eᵛ) - yv, with the exponent kept below 0.
		sum += each * (max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) - y*v)
		p := 1 / (1 + math.Exp(-v))
		z[j] = float32(p)
		if g != nil {
			g[j] = float32((p - y) * inv * each)
		}
	}
	return sum
}

func (l SparseCategoricalCrossEntropy) resolve(m *Model, d *data.Dataset) (head, error) {
	const name = "nn.SparseCategoricalCrossEntropy"
	h := head{kind: softmaxLabels, fused: true}
	if err := wantActivation(m, name, Softmax, l.FromLogits); err != nil {
		return h, err
	}
	n, err := wantClasses(m, name)
	if err != nil {
		return h, err
	}
	if !d.HasLabels() {
		if d.HasTargets() && looksOneHot(d) {
			return h, problem(d, "has one-hot targets, but the loss %s wants class labels", name).fixed("use nn.CategoricalCrossEntropy{}")
		}
		return h, problem(d, "has no class labels, which the loss %s wants", name).fixed("give data.Arrays labels as a flat slice of integers, or use a loss for targets: nn.MSE{}, nn.CategoricalCrossEntropy{}")
	}
	return h, checkLabels(m, d, n)
}

func (l CategoricalCrossEntropy) resolve(m *Model, d *data.Dataset) (head, error) {
	const name = "nn.CategoricalCrossEntropy"
	h := head{kind: softmaxTargets, fused: true}
	if err := wantActivation(m, name, Softmax, l.FromLogits); err != nil {
		return h, err
	}
	n, err := wantClasses(m, name)
	if err != nil {
		return h, err
	}
	if err := h.smoothed(name, l.Smoothing, n); err != nil {
		return h, err
	}
	if !d.HasTargets() {
		if d.HasLabels() {
			return h, problem(d, "has class labels, but the loss %s wants a target for every class", name).
				fixed(fmt.Sprintf("use nn.SparseCategoricalCrossEntropy{}, or the dataset's OneHot(%d)", n))
		}
		return h, problem(d, "has no targets, which the loss %s wants", name).fixed("give data.Arrays one row of class probabilities an example")
	}
	if err := wantTargets(d, n); err != nil {
		return h, err
	}
	return h, wantUnit(d, name)
}

func (l BinaryCrossEntropy) resolve(m *Model, d *data.Dataset) (head, error) {
	const name = "nn.BinaryCrossEntropy"
	h := head{kind: sigmoidTargets, fused: true}
	if err := h.smoothed(name, l.Smoothing, 2); err != nil {
		return h, err
	}
	n := product(m.last().out)
	if act, _ := m.last().activation(); act == Softmax {
		e := problem(nil, "the last layer is a softmax over %d classes, but %s wants a sigmoid", n, name)
		return h, e.fixed("use nn.SparseCategoricalCrossEntropy{}, or nn.Sigmoid on the last layer")
	}
	if err := wantActivation(m, name, Sigmoid, l.FromLogits); err != nil {
		return h, err
	}
	if d.HasTargets() {
		if err := wantTargets(d, n); err != nil {
			return h, err
		}
		return h, wantUnit(d, name)
	}
	if !d.HasLabels() {
		return h, problem(d, "has neither labels nor targets, which the loss %s wants", name).fixed("give data.Arrays labels 0 and 1")
	}
	if n != 1 {
		return h, problem(d, "has class labels, but the last layer has %d sigmoid outputs", n).
			fixed(fmt.Sprintf("nn.Dense(%d, nn.Softmax) with nn.SparseCategoricalCrossEntropy{} for one class of %d, or nn.Dense(1, nn.Sigmoid) for yes or no", n, n))
	}
	return h, checkLabels(m, d, 2)
}

func (MSE) resolve(m *Model, d *data.Dataset) (head, error) {
	return errorsFor(m, d, "nn.MSE", head{kind: squares, scale: 1 / float64(product(m.last().out))})
}

func (HalfMSE) resolve(m *Model, d *data.Dataset) (head, error) {
	return errorsFor(m, d, "nn.HalfMSE", head{kind: squares, scale: 0.5})
}

func (MAE) resolve(m *Model, d *data.Dataset) (head, error) {
	return errorsFor(m, d, "nn.MAE", head{kind: sizes, scale: 1 / float64(product(m.last().out))})
}

func (l Huber) resolve(m *Model, d *data.Dataset) (head, error) {
	h := head{kind: hubers, scale: 1 / float64(product(m.last().out)), delta: l.Delta}
	if l.Delta == 0 {
		h.delta = 1
	}
	if !(h.delta > 0) || math.IsInf(h.delta, 0) {
		return h, problem(nil, "nn.Huber.Delta is %v, but must be a number above 0", l.Delta)
	}
	return errorsFor(m, d, "nn.Huber", h)
}

func (LogCosh) resolve(m *Model, d *data.Dataset) (head, error) {
	return errorsFor(m, d, "nn.LogCosh", head{kind: logCoshes, scale: 1 / float64(product(m.last().out))})
}

// errorsFor checks a loss that looks at the errors ŷ-y.
func errorsFor(m *Model, d *data.Dataset, name string, h head) (head, error) {
	n := product(m.last().out)
	switch {
	case d.HasTargets():
		return h, wantTargets(d, n)
	case !d.HasLabels():
		return h, problem(d, "has no targets, which the loss %s wants", name).fixed("give data.Arrays target numbers as y")
	case n != 1:
		return h, problem(d, "has class labels, but %s compares the %d outputs with %d numbers an example", name, n, n).
			fixed(fmt.Sprintf("use nn.SparseCategoricalCrossEntropy{} with nn.Softmax, or the dataset's OneHot(%d)", n))
	}
	return h, nil
}

// inferLoss chooses the loss that suits the last layer and the data.
func inferLoss(m *Model, d *data.Dataset) Loss {
	act, _ := m.last().activation()
	return lossFor(act, product(m.last().out), d.HasLabels(), d.HasTargets())
}

// lossFor chooses by the last activation, the number of outputs and the kind of truth.
func lossFor(act Activation, n int, labels, targets bool) Loss {
	switch {
	case act == Softmax && targets:
		return CategoricalCrossEntropy{}
	case act == Softmax:
		return SparseCategoricalCrossEntropy{}
	case act == Sigmoid:
		return BinaryCrossEntropy{}
	case act == Linear && labels && n > 1:
		return SparseCategoricalCrossEntropy{FromLogits: true}
	}
	return MSE{}
}
