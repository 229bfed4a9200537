// This file trains with every update rule and schedule, as a model does.

package nn_test

import (
	"testing"

	"cajal/engine/data"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

func TestEveryRuleLearns(t *testing.T) {
	x := tensor.Uniform(3, -1, 1, 400, 6)
	y := make([]int, 400)
	for i := range y {
		if r := x.Row(i).Data; r[0]*r[1]+r[2] > 0 {
			y[i] = 1
		}
	}
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	const steps = 30 * 13 // 400 examples in batches of 32
	for _, opt := range []nn.Optimizer{
		nn.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true},
		nn.Adam{LR: 0.01},
		nn.AdamW{LR: 0.01},
		nn.RMSprop{LR: 0.01},
		nn.RMSprop{LR: 0.003, Momentum: 0.9},
		nn.RMSprop{LR: 0.01, Centered: true},
		nn.Adagrad{LR: 0.1},
		nn.Lion{LR: 0.003, Decay: 0.01},
		nn.Clip{Rule: nn.SGD{LR: 0.2, Momentum: 0.9}, Value: 0.1},
		nn.Adam{LR: 0.03, Schedule: nn.OneCycle{Steps: steps}},
		nn.Adam{LR: 0.03, Schedule: nn.WarmUp{Steps: 20, Then: nn.Cosine{Steps: steps - 20}}},
		nn.SGD{LR: 0.3, Momentum: 0.9, Schedule: nn.StepDecay{Every: steps / 2}},
		nn.SGD{LR: 0.3, Momentum: 0.9, Schedule: nn.Exponential{Every: steps}},
	} {
		m := nn.Sequential(nn.Input(6), nn.Dense(16, nn.Tanh), nn.Dense(2, nn.Softmax))
		h, err := m.Fit(d, nn.Fit{Epochs: 30, Optimizer: opt})
		if err != nil {
			t.Errorf("%v: %v", opt, err)
			continue
		}
		if h.Optimizer != opt.String() {
			t.Errorf("the history names %s, want %v", h.Optimizer, opt)
		}
		acc := h.Metric("accuracy")
		if acc[len(acc)-1] < 0.93 {
			t.Errorf("%v: accuracy %.3f after 30 epochs, want above 0.93", opt, acc[len(acc)-1])
		}
	}
}
