// This file has gradients of a score, or of any layer, with respect to the input or any
// other layer.

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

// Score stands for what goes into the last softmax or sigmoid, or the output of other
// models, where [LayerGradient] wants a layer.
const Score = -1

// LayerGradient returns how a weighed sum of what one layer gives changes with what
// another gives before it: the gradient of Σ seed·(output of layer of) with respect to
// the output of layer at, for every example of x. Layers count as nn.Model.Layers does:
// 0 is the input, and of may be [Score]. seed has the shape of that output for one
// example, and is used for all, or [n …] for each; a 1 in one place asks for that
// number. The result is [n …] with the shape of layer at.
func LayerGradient(m *nn.Model, x *tensor.Tensor, of, at int, seed *tensor.Tensor) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	layers := m.Layers()
	if of != Score && (of < 0 || of >= len(layers)) || at < 0 || at >= len(layers) {
		return nil, fmt.Errorf("explain: the gradient of layer %d with respect to layer %d: layers are 0 (Input) to %d, or explain.Score", of, at, len(layers)-1)
	}
	if x == nil || x.Check() != nil || seed == nil || seed.Check() != nil {
		return nil, fmt.Errorf("explain: the examples or the seed are nil, or have not as many numbers as their shape says")
	}
	t := grad.NewTape()
	n, err := m.OnTape(t, t.Param("x", x))
	if err != nil {
		return nil, err
	}
	out := n.Score()
	if of != Score {
		out = n.Layers[of].Out
	}
	shape := out.Shape()
	switch {
	case slices.Equal(seed.Shape, shape[1:]):
		each := make([]*tensor.Tensor, shape[0])
		for i := range each {
			each[i] = seed
		}
		seed = tensor.Stack(0, each...)
	case !slices.Equal(seed.Shape, shape):
		return nil, fmt.Errorf("explain: the seed has shape %v, but the layer gives %v for an example, %v for all", seed.Shape, shape[1:], shape)
	}
	if err := tensor.Catch(func() { t.BackwardFrom(out, seed) }); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return n.Layers[at].Out.Grad(), nil
}

// inputGradient returns the gradients for a batch, and the scores.
func inputGradient(m *nn.Model, batch *tensor.Tensor, class int) (*tensor.Tensor, []float32, error) {
	for _, l := range m.Layers() {
		if l.Kind == "Embedding" && slices.Contains(l.From, 0) {
			return nil, nil, fmt.Errorf("explain: the model reads numbers of words, to which no score has a gradient\n      fix        explain.LayerGradient(m, x, explain.Score, %d, seed) has that of their vectors", l.Index)
		}
	}
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
