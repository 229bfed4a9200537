// This file trains with GoMLX.

package main

import (
	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

type gomlx struct {
	trainer *train.Trainer
	predict *context.Exec
	wide    int
}

func newGoMLX(s *settings) (trainer, error) {
	backend, err := backends.NewWithConfig("go")
	if err != nil {
		return nil, err
	}
	ctx := context.New()
	last := len(s.sizes) - 1
	model := func(ctx *context.Context, _ any, inputs []*Node) []*Node {
		h := inputs[0]
		for i, n := range s.sizes[1:] {
			h = layers.Dense(ctx.Inf("dense_%d", i), h, true, n)
			if i+1 < last {
				h = activations.Relu(h)
			}
		}
		return []*Node{h}
	}
	t := &gomlx{wide: s.sizes[0]}
	t.trainer = train.NewTrainer(backend, ctx, model, losses.SparseCategoricalCrossEntropyLogits, optimizers.Adam().LearningRate(1e-3).Done(), nil, nil)
	t.predict, err = context.NewExec(backend, ctx.Checked(false), func(ctx *context.Context, x *Node) *Node {
		return model(ctx, nil, []*Node{x})[0]
	})
	return t, err
}

func (t *gomlx) step(x []float32, y []int32) error {
	_, err := t.trainer.TrainStep(nil, []*tensors.Tensor{tensors.FromFlatDataAndDimensions(x, len(y), t.wide)}, []*tensors.Tensor{tensors.FromFlatDataAndDimensions(y, len(y), 1)})
	return err
}

func (t *gomlx) right(x []float32, y []int32) (int, error) {
	out, err := t.predict.Exec(tensors.FromFlatDataAndDimensions(x, len(y), t.wide))
	if err != nil {
		return 0, err
	}
	return countRight(tensors.MustCopyFlatData[float32](out[0]), y), nil
}

// countRight counts the rows whose largest number is where the label says.
func countRight(rows []float32, y []int32) int {
	n, right := len(rows)/len(y), 0
	for i, label := range y {
		best := 0
		for c, v := range rows[i*n : (i+1)*n] {
			if v > rows[i*n+best] {
				best = c
			}
		}
		if best == int(label) {
			right++
		}
	}
	return right
}
