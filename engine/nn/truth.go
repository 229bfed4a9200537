// This file has the truth that a loss compares with, and the losses of this package on
// a tape.

package nn

import (
	"fmt"
	"math"
	"slices"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// A Truth is what a prediction is compared with: class labels, one an example, or
// targets [n …]; or both.
type Truth struct {
	Labels  []int
	Targets *tensor.Tensor
}

// TruthOf returns that of a dataset.
func TruthOf(d *data.Dataset) Truth {
	var y Truth
	if d.HasLabels() {
		y.Labels = d.Labels()
	}
	if d.HasTargets() {
		y.Targets = d.Targets()
	}
	return y
}

// Like puts the targets, or else the labels as numbers, on the tape of a prediction, in
// its shape when they are as many numbers.
func (y Truth) Like(ŷ *grad.Var) *grad.Var {
	v := y.Targets
	if v == nil {
		v = tensor.New(len(y.Labels))
		for i, l := range y.Labels {
			v.Data[i] = float32(l)
		}
	}
	if shape := ŷ.Shape(); product(shape) == len(v.Data) {
		v = &tensor.Tensor{Shape: slices.Clone(shape), Data: v.Data}
	}
	return ŷ.Tape().Data("y", v)
}

// flat returns predictions as they are compared with the truth: examples as rows.
func flat(v *grad.Var) *grad.Var {
	if len(v.Shape()) == 2 {
		return v
	}
	return v.Flatten()
}

// Loss puts a loss on the tape, nil for what Fit would choose, and returns the number,
// named L, and its formula. It is that of Fit without the penalties of weights, and
// fails when the loss does not suit the model or the truth.
func (net *Taped) Loss(loss Loss, y Truth) (L *grad.Var, formula string, err error) {
	if y.Labels == nil && y.Targets == nil {
		return nil, "", fmt.Errorf("nn: without a truth there is no loss: give labels or targets")
	}
	loss = net.chosen(loss, y)
	out, score := net.Out(), net.Score()
	switch l := loss.(type) {
	case SparseCategoricalCrossEntropy:
		err = wantActivation(net.model, "nn.SparseCategoricalCrossEntropy", Softmax, l.FromLogits)
	case CategoricalCrossEntropy:
		err = wantActivation(net.model, "nn.CategoricalCrossEntropy", Softmax, l.FromLogits)
	case BinaryCrossEntropy:
		err = wantActivation(net.model, "nn.BinaryCrossEntropy", Sigmoid, l.FromLogits)
	}
	if err != nil {
		return nil, "", err
	}
	name, from := nameOf(out, "ŷ"), nameOf(score, "z")
	err = caught(func() { L, formula = lossOnTape(loss, out, score, name, from, y) })
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("nn: the loss %s: %w", loss.Name(), err)
	case L == nil:
		found := "labels"
		if y.Labels == nil {
			found = "targets"
		}
		return nil, "", fmt.Errorf("nn: the loss %s wants %s, found %s", loss.Name(), formula, found)
	}
	return L.Named("L"), formula, nil
}

// chosen returns what Fit would choose for a nil loss.
func (net *Taped) chosen(loss Loss, y Truth) Loss {
	if loss != nil {
		return loss
	}
	last := net.model.last()
	act, _ := last.activation()
	return lossFor(act, product(last.out), y.Labels != nil, y.Targets != nil)
}

// slopeOfLoss writes the gradient of a loss of one example of n outputs, with respect
// to what it reads, by the name of that.
func slopeOfLoss(loss Loss, name string, n int) string {
	over := ""
	if n > 1 {
		over = fmt.Sprintf("/%d", n)
	}
	switch loss.(type) {
	case SparseCategoricalCrossEntropy:
		return "softmax(" + name + ") - onehot(y)"
	case CategoricalCrossEntropy:
		return "softmax(" + name + ")·Σy - y"
	case BinaryCrossEntropy:
		return "(sigmoid(" + name + ") - y)" + over
	case MSE:
		return "2(" + name + " - y)" + over
	case HalfMSE:
		return name + " - y"
	case MAE:
		return "sign(" + name + " - y)" + over
	case LogCosh:
		return "tanh(" + name + " - y)" + over
	}
	return "as the loss has it"
}

// lossOnTape returns a nil L, and what it wants, when the truth is of the wrong kind.
func lossOnTape(loss Loss, out, score *grad.Var, name, from string, y Truth) (L *grad.Var, formula string) {
	errors := func() *grad.Var { o := flat(out); return o.Sub(y.Like(o)) }
	outputs := float64(product(out.Shape()[1:]))
	switch l := loss.(type) {
	case SparseCategoricalCrossEntropy:
		if y.Labels == nil {
			return nil, "class labels"
		}
		return flat(score).SparseCategoricalCrossEntropy(y.Labels), "L = -log softmax(" + from + ")[label]"
	case CategoricalCrossEntropy:
		if y.Targets == nil {
			return nil, "a target for every class"
		}
		z := flat(score)
		return z.CategoricalCrossEntropy(smoothed(y.Like(z), l.Smoothing, outputs)), "L = -Σ y log softmax(" + from + ")" + smoothing(l.Smoothing, outputs)
	case BinaryCrossEntropy:
		z := flat(score)
		return z.BinaryCrossEntropy(smoothed(y.Like(z), l.Smoothing, 2)),
			"L = -mean(y log p + (1-y) log(1-p)), p = sigmoid(" + from + ")" + smoothing(l.Smoothing, 2)
	case MSE:
		o := flat(out)
		return o.MSE(y.Like(o)), "L = mean((y - " + name + ")²)"
	case HalfMSE:
		o := flat(out)
		return o.HalfMSE(y.Like(o)), "L = 1/(2n) Σ (y - " + name + ")²"
	case MAE:
		o := flat(out)
		return o.MAE(y.Like(o)), "L = mean(|y - " + name + "|)"
	case Huber:
		delta := choose(l.Delta == 0, 1, l.Delta)
		o := flat(out)
		return o.Huber(y.Like(o), delta), fmt.Sprintf("L = mean(d²/2 for |d| ≤ %g, else %g(|d| - %g)), d = y - %s", delta, delta, delta/2, name)
	case LogCosh:
		return errors().Map("log cosh", func(d float64) float64 {
			return math.Abs(d) + math.Log1p(math.Exp(-2*math.Abs(d))) - math.Ln2
		}, func(d, _ float64) float64 { return math.Tanh(d) }).Mean(), "L = mean(log cosh(y - " + name + "))"
	case *customLoss:
		return l.compute(out, y, nil), "L = " + l.Name() + "(" + name + ", y)"
	}
	return nil, "another model: it is not one of this package"
}

// smoothed and smoothing are of targets t, which count as (1-s)·t + s/n.
func smoothed(y *grad.Var, s, n float64) *grad.Var {
	if s == 0 {
		return y
	}
	return y.Scale(1 - s).Shift(s / n)
}

func smoothing(s, n float64) string {
	if s == 0 {
		return ""
	}
	return fmt.Sprintf(", with y·%g + %g for y", 1-s, s/n)
}
