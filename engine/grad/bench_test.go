// This file measures steps of training on the tape.

package grad_test

import (
	"testing"

	"cajal/engine/grad"
	"cajal/engine/tensor"
)

// BenchmarkMLP is a step of the article's network, 784-10-10-10, on 32 examples.
func BenchmarkMLP(b *testing.B) {
	x := tensor.Uniform(1, 0, 1, 32, 784)
	labels := make([]int, 32)
	var w, bias []*tensor.Tensor
	for i, s := range [][2]int{{784, 10}, {10, 10}, {10, 10}} {
		w = append(w, tensor.Normal(int64(i), 0, 0.1, s[0], s[1]))
		bias = append(bias, tensor.New(s[1]))
	}
	b.ReportAllocs()
	for b.Loop() {
		t := grad.NewTape()
		h := t.Data("x", x)
		var params []*grad.Var
		for i := range w {
			W, B := t.Param("W", w[i]), t.Param("b", bias[i])
			params = append(params, W, B)
			if h = h.MatMul(W).Add(B); i < 2 {
				h = h.ReLU()
			}
		}
		t.Backward(h.SparseCategoricalCrossEntropy(labels))
		for _, p := range params {
			p.Value().AddScaled(-0.01, p.Grad())
		}
	}
}

// BenchmarkCNN is a step of the article's convolutional network on 32 images.
func BenchmarkCNN(b *testing.B) {
	x := tensor.Uniform(1, 0, 1, 32, 28, 28, 1)
	labels := make([]int, 32)
	shapes := [][]int{{3, 3, 1, 32}, {32}, {3, 3, 32, 64}, {64}, {1600, 64}, {64}, {64, 10}, {10}}
	var ws []*tensor.Tensor
	for i, s := range shapes {
		ws = append(ws, tensor.Normal(int64(i), 0, 0.05, s...))
	}
	b.ReportAllocs()
	for b.Loop() {
		t := grad.NewTape()
		p := make([]*grad.Var, len(ws))
		for i, w := range ws {
			p[i] = t.Param("", w)
		}
		h := t.Data("x", x).Conv2D(p[0]).Add(p[1]).ReLU().MaxPool2D(2)
		h = h.Conv2D(p[2]).Add(p[3]).ReLU().MaxPool2D(2).Flatten()
		h = h.MatMul(p[4]).Add(p[5]).ReLU().MatMul(p[6]).Add(p[7])
		t.Backward(h.SparseCategoricalCrossEntropy(labels))
		for _, v := range p {
			v.Value().AddScaled(-0.01, v.Grad())
		}
	}
}
