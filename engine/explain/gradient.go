// This file has gradients of a score with respect to the input.

package explain

import (
	"fmt"
	"slices"

	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// Gradient returns the gradient of the score of a class with respect to one
// example x: how the score changes with every number of it. The example and the
// result have the model's input shape; x may have a first dimension of 1 too.
func Gradient(m *nn.Model, x *tensor.Tensor, class int) (*tensor.Tensor, error) {
	b, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	g, _, err := inputGradient(m, b, class)
	if err != nil {
		return nil, err
	}
	return g.Reshape(m.InputShape()...), nil
}

// inputGradient returns the gradients for a batch, and the scores.
func inputGradient(m *nn.Model, batch *tensor.Tensor, class int) (*tensor.Tensor, []float32, error) {
	t := grad.NewTape()
	x := t.Param("x", batch)
	n, err := Put(t, m, x)
	if err != nil {
		return nil, nil, err
	}
	s, err := scoreOf(n, class)
	if err != nil {
		return nil, nil, err
	}
	t.Backward(s.Sum()) // examples do not influence each other
	return x.Grad(), s.Value().Data, nil
}

// scoreOf returns the scores of a class [n].
func scoreOf(n *Net, class int) (*grad.Var, error) {
	s := n.Score().Flatten()
	if classes := s.Shape()[1]; class < 0 || class >= classes {
		return nil, fmt.Errorf("explain: there is no class %d; the model has outputs 0 to %d", class, classes-1)
	}
	return s.Index(1, class), nil
}

// batchOf returns one example as a batch of 1.
func batchOf(m *nn.Model, x *tensor.Tensor) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	want := m.InputShape()
	one := append([]int{1}, want...)
	if x == nil || x.Check() != nil || !slices.Equal(x.Shape, want) && !slices.Equal(x.Shape, one) {
		var got any = "nothing"
		if x != nil {
			got = x.Shape
		}
		return nil, fmt.Errorf("explain: one example has shape %v, found %v", want, got)
	}
	return x.Reshape(one...), nil
}

// Saliency returns how strongly the score of a class reacts to every place of an
// example: the absolute value of [Gradient], of an image [h w c] the largest of
// its channels, [h w] (Simonyan, Vedaldi and Zisserman 2013, arXiv 1312.6034).
func Saliency(m *nn.Model, x *tensor.Tensor, class int) (*tensor.Tensor, error) {
	g, err := Gradient(m, x, class)
	if err != nil {
		return nil, err
	}
	if g = g.Abs(); g.Rank() == 3 {
		g = g.Max(2)
	}
	return g, nil
}
