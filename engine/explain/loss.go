// This file computes the losses of package nn on a tape.

package explain

import (
	"fmt"

	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// truth is what a prediction is compared with: labels, or targets.
type truth struct {
	labels  []int
	targets *tensor.Tensor
}

// lossOn computes a loss, nil for what nn.Fit would choose, and returns its
// formula too.
func lossOn(t *grad.Tape, n *Net, loss nn.Loss, y truth) (L *grad.Var, formula string, err error) {
	last := n.Layers[len(n.Layers)-1]
	if y.labels == nil && y.targets == nil {
		return nil, "", fmt.Errorf("explain: without a truth there is no loss: give labels or targets")
	}
	if loss == nil {
		loss = choose(last, y)
	}
	out, score := last.Out, n.Score()
	outName, scoreName := out.Name(), score.Name()
	switch loss.(type) {
	case nn.SparseCategoricalCrossEntropy:
		if y.labels == nil {
			return nil, "", wants(loss, "class labels", "targets")
		}
		formula = "L = -log softmax(" + scoreName + ")[label]"
		err = tensor.Catch(func() { L = score.SparseCategoricalCrossEntropy(y.labels) })
	case nn.CategoricalCrossEntropy:
		if y.targets == nil {
			return nil, "", wants(loss, "a target for every class", "labels")
		}
		formula = "L = -Σ y log softmax(" + scoreName + ")"
		err = tensor.Catch(func() { L = score.CategoricalCrossEntropy(y.on(t, score)) })
	case nn.BinaryCrossEntropy:
		formula = "L = -mean(y log p + (1-y) log(1-p)), p = sigmoid(" + scoreName + ")"
		err = tensor.Catch(func() { L = score.BinaryCrossEntropy(y.on(t, score)) })
	case nn.MSE:
		formula = "L = mean((y - " + outName + ")²)"
		err = tensor.Catch(func() { L = out.MSE(y.on(t, out)) })
	case nn.HalfMSE:
		formula = "L = 1/(2n) Σ (y - " + outName + ")²"
		err = tensor.Catch(func() { L = out.HalfMSE(y.on(t, out)) })
	default:
		return nil, "", fmt.Errorf("explain: the loss %s %w", loss.Name(), errUnknown)
	}
	if err != nil {
		return nil, "", fmt.Errorf("explain: %w", err)
	}
	return L.Named("L"), formula, nil
}

func wants(loss nn.Loss, want, found string) error {
	return fmt.Errorf("explain: the loss %s wants %s, found %s", loss.Name(), want, found)
}

// choose returns the loss that suits the last layer and the truth, as nn.Fit does.
func choose(last Layer, y truth) nn.Loss {
	outputs := 1
	for _, n := range last.LayerInfo.Out {
		outputs *= n
	}
	switch {
	case last.Activation == "softmax" && y.labels == nil:
		return nn.CategoricalCrossEntropy{}
	case last.Activation == "softmax":
		return nn.SparseCategoricalCrossEntropy{}
	case last.Activation == "sigmoid":
		return nn.BinaryCrossEntropy{}
	case y.labels != nil && outputs > 1:
		return nn.SparseCategoricalCrossEntropy{FromLogits: true}
	}
	return nn.MSE{}
}

// on puts the truth on the tape, in the shape of what it is compared with.
func (y truth) on(t *grad.Tape, like *grad.Var) *grad.Var {
	v := y.targets
	if v == nil {
		v = tensor.New(len(y.labels))
		for i, l := range y.labels {
			v.Data[i] = float32(l)
		}
	}
	size := 1
	for _, n := range like.Shape() {
		size *= n
	}
	if size == v.Size() {
		v = v.Reshape(like.Shape()...)
	}
	return t.Data("y", v)
}
