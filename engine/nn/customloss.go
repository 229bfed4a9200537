// This file has losses of one's own: a function on a tape of package grad.

package nn

import (
	"fmt"
	"slices"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// A LossFunc computes a loss from predictions ŷ [n …], what comes out of the model for
// a batch, and the truth. It returns one number for each example, [n], or a single
// number for the whole batch. What else it needs goes on ŷ.Tape().
type LossFunc func(ŷ *grad.Var, y Truth) *grad.Var

type customLoss struct {
	name string
	f    LossFunc
}

// CustomLoss is a loss of one's own, for Fit and Evaluate, under a name for reports:
//
//	focal := nn.CustomLoss("focal", func(ŷ *grad.Var, y nn.Truth) *grad.Var {
//		p := ŷ.Pick(y.Labels) // probabilities of the right classes, [n]
//		return p.Neg().Shift(1).Square().Mul(p.Log()).Neg()
//	})
//	h, err := m.Fit(train, nn.Fit{Loss: focal})
//
// Numbers for each example are averaged, and class weights apply to them; with a single
// number for the batch there can be no class weights. The function runs once per batch,
// on one goroutine. It is not saved with the model: after Load, Evaluate chooses a loss
// as Fit does.
func CustomLoss(name string, f LossFunc) Loss { return &customLoss{name, f} }

// Name returns the name that was given.
func (l *customLoss) Name() string {
	if l.name == "" {
		return "custom loss"
	}
	return l.name
}

// resolve tries the function on two examples.
func (l *customLoss) resolve(m *Model, d *data.Dataset) (head, error) {
	h := head{kind: customHead, own: l}
	if l.f == nil {
		return h, problem(nil, "the loss %s has no function: it is nil", l.Name())
	}
	if !d.HasLabels() && !d.HasTargets() {
		return h, problem(d, "has neither labels nor targets, which a loss compares with")
	}
	n := min(2, d.Len())
	shape := append([]int{n}, m.last().out...)
	ŷ := tensor.New(shape...)
	for i := range ŷ.Data {
		ŷ.Data[i] = float32(i%7+1) / 8
	}
	var y Truth
	if d.HasLabels() {
		for i := range n {
			y.Labels = append(y.Labels, d.Label(i))
		}
	}
	if d.HasTargets() {
		y.Targets = tensor.New(n, d.TargetSize())
		for i := range n {
			copy(y.Targets.Data[i*d.TargetSize():], d.Target(i).Data)
		}
	}
	t := grad.NewTape()
	if err := caught(func() { l.compute(t.Param("ŷ", ŷ), y, nil) }); err != nil {
		return h, fmt.Errorf("nn: the loss %s fails on predictions of shape %v: %w", l.Name(), shape, err)
	}
	return h, nil
}

// compute returns the loss as a single number; weights of the examples are nil for 1.
// It panics when the function returns something else.
func (l *customLoss) compute(ŷ *grad.Var, y Truth, weights *tensor.Tensor) *grad.Var {
	L := l.f(ŷ, y)
	n := ŷ.Shape()[0]
	bad := func(text, got, fix string) {
		panic(&tensor.OpError{Op: "nn.CustomLoss", Text: text, Got: got, Fix: fix})
	}
	switch {
	case L == nil:
		bad("the function returned nil", "", "return the value that it computes")
	case L.Tape() != ŷ.Tape():
		bad("the function returned a value of another tape", "", "compute it from ŷ; y.Like(ŷ) puts the truth on its tape")
	case len(L.Shape()) == 0 && weights != nil:
		bad("the function returned a single number, with which class weights cannot be used", "", fmt.Sprintf("return one number for each example, [%d], as Mean(1) does", n))
	case len(L.Shape()) > 0 && !slices.Equal(L.Shape(), []int{n}):
		bad(fmt.Sprintf("the function must return one number for each of %d examples, [%d], or a single one", n, n), fmt.Sprint(L.Shape()), "Mean(1) or Sum(1) makes one number an example of [n m]; Mean() one for all")
	}
	if len(L.Shape()) == 0 {
		return L
	}
	if weights != nil {
		L = L.Mul(ŷ.Tape().Data("class weights", weights))
	}
	return L.Mean()
}

// customLossOp computes the loss of the whole batch, once all chunks went forward.
type customLossOp struct {
	p    *plan
	in   *buffer
	loss float64 // of an example, in the mean
}

func (o *customLossOp) forward(lo, hi, _ int)  {}
func (o *customLossOp) backward(lo, hi, _ int) {}
func (o *customLossOp) joinBackward(n int)     {}

func (o *customLossOp) joinForward(n int) {
	p := o.p
	var y Truth
	var weights *tensor.Tensor
	if p.set.HasLabels() {
		for _, l := range p.labels[:n] {
			y.Labels = append(y.Labels, int(l))
		}
	}
	if w := p.set.TargetSize(); p.set.HasTargets() {
		y.Targets = &tensor.Tensor{Shape: []int{n, w}, Data: slices.Clone(p.targets[:n*w])}
	}
	if p.weights != nil {
		weights = tensor.New(n)
		for i, l := range p.labels[:n] {
			weights.Data[i] = float32(p.weights[l])
		}
	}
	t := grad.NewTape()
	ŷ := t.Param("ŷ", o.in.tensor(o.in.data, 0, n))
	err := caught(func() {
		L := p.head.own.compute(ŷ, y, weights)
		o.loss = L.Item()
		if o.in.grad != nil {
			clear(o.in.gradRows(0, n))
			t.Backward(L)
			o.in.put(o.in.grad, ŷ.Grad(), 0)
		}
	})
	if err != nil {
		p.fail(fmt.Errorf("nn: the loss %s: %w", p.head.own.Name(), err))
	}
}
