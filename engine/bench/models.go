// This file has the models that are trained, and the data for them.

package main

import (
	"fmt"
	"math"

	"cajal/engine/data"
	"cajal/engine/internal/rng"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A task is a model and what it is trained on. Those of MNIST are the article's; the
// others are larger, on made-up data of the shape that is given, and have a twin in
// peers/torch_peer.py.
type task struct {
	name     string
	model    func() *nn.Model
	shape    []int // of an example, nil for MNIST
	examples int
}

var tasks = []task{
	{name: "mlp", model: func() *nn.Model {
		return nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
	}},
	{name: "cnn", model: func() *nn.Model {
		return nn.Sequential(
			nn.Input(28, 28, 1),
			nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Flatten(),
			nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax),
		)
	}},
	{name: "dense", shape: []int{1024}, examples: 4096, model: func() *nn.Model {
		return nn.Sequential(nn.Input(1024), nn.Dense(1024, nn.ReLU), nn.Dense(1024, nn.ReLU), nn.Dense(1024, nn.ReLU), nn.Dense(10, nn.Softmax))
	}},
	{name: "cnn64", shape: []int{64, 64, 3}, examples: 512, model: func() *nn.Model {
		return nn.Sequential(
			nn.Input(64, 64, 3),
			nn.Conv2D(32, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2),
			nn.Conv2D(64, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2),
			nn.Conv2D(128, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2),
			nn.Flatten(),
			nn.Dense(10, nn.Softmax),
		)
	}},
	{name: "lstm", shape: []int{48, 64}, examples: 2048, model: func() *nn.Model {
		return nn.Sequential(nn.Input(48, 64), nn.LSTM(128), nn.Dense(10, nn.Softmax))
	}},
	{name: "attention", shape: []int{64, 128}, examples: 1024, model: func() *nn.Model {
		x := nn.In(64, 128)
		h := nn.Add(x, nn.MultiHeadAttention(4, 32)(nn.LayerNorm()(x)))
		h = nn.Add(h, nn.Conv1D(128, 1)(nn.Conv1D(256, 1, nn.ReLU)(nn.LayerNorm()(h))))
		return nn.Graph(x, nn.Dense(10, nn.Softmax)(nn.GlobalAvgPool()(h)))
	}},
}

func taskNames() (names []string) {
	for _, t := range tasks {
		names = append(names, t.name)
	}
	return names
}

func findTask(name string) (task, error) {
	for _, t := range tasks {
		if t.name == name {
			return t, nil
		}
	}
	return task{}, fmt.Errorf("no model %q: there are %v", name, taskNames())
}

// data returns at most limit examples to train on, 0 for all, and some to test with.
func (t task) data(limit int, seed int64) (train, test *data.Dataset, err error) {
	if t.shape == nil {
		if train, test, err = data.MNIST(); err == nil && limit > 0 {
			train = train.Take(limit)
		}
		return train, test, err
	}
	n := t.examples
	if limit > 0 {
		n = min(n, limit)
	}
	src := rng.New(uint64(seed), 1)
	if train, err = t.noise(n, &src); err != nil {
		return nil, nil, err
	}
	test, err = t.noise(500, &src)
	return train, test, err
}

// noise makes examples of ten classes: a pattern for each, and noise around it.
func (t task) noise(n int, src *rng.Source) (*data.Dataset, error) {
	x, y := tensor.New(append([]int{n}, t.shape...)...), make([]int, n)
	size := len(x.Data) / n
	for i := range y {
		y[i] = i % 10
		for k := range size {
			x.Data[i*size+k] = float32(0.3*math.Sin(float64(y[i]+1)*0.37*float64(k))) + 2*src.Float32() - 1
		}
	}
	return data.Arrays(x, y)
}
