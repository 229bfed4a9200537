// This file has integrated gradients.

package explain

import (
	"fmt"
	"slices"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// An Attribution says how much every number of an example adds to the score of a
// class, compared with a baseline.
type Attribution struct {
	Values   *tensor.Tensor // of the model's input shape
	Score    float64        // of the example
	Baseline float64        // score of the baseline
	Gap      float64        // Score - Baseline - sum of Values: the error of the integral
}

// String tells the sums in one line.
func (a *Attribution) String() string {
	return fmt.Sprintf("score %.4f, baseline %.4f, attributed %.4f, gap %.2g", a.Score, a.Baseline, a.Score-a.Baseline-a.Gap, a.Gap)
}

// IntegratedGradients returns the shares of the numbers of x in the score of a
// class: the distance from the baseline times the mean gradient on the straight
// way from there, taken at steps points (Sundararajan, Taly and Yan 2017, ICML).
// The shares add up to the difference of the scores; Gap tells how nearly. A nil
// baseline is zeros, and 0 steps are 64.
func IntegratedGradients(m *nn.Model, x *tensor.Tensor, class int, baseline *tensor.Tensor, steps int) (*Attribution, error) {
	example, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	base := tensor.New(example.Shape...)
	if baseline != nil {
		if base, err = batchOf(m, baseline); err != nil {
			return nil, fmt.Errorf("%w (the baseline)", err)
		}
	}
	if steps == 0 {
		steps = 64
	}
	if steps < 0 {
		return nil, fmt.Errorf("explain: %d steps; there must be one or more, or 0 for 64", steps)
	}
	way := example.Sub(base)
	sum := tensor.New(example.Shape...)
	const most = 32 // points at a time
	for lo := 0; lo < steps; lo += most {
		n := min(most, steps-lo)
		points := tensor.New(append([]int{n}, example.Shape[1:]...)...)
		for k := range n {
			at := way.Scale((float64(lo+k) + 0.5) / float64(steps)).Add(base)
			copy(points.Row(k).Data, at.Data)
		}
		g, _, err := inputGradient(m, points, class)
		if err != nil {
			return nil, err
		}
		sum.AddScaled(1/float64(steps), g.Sum(0).Reshape(sum.Shape...))
	}
	_, ends, err := inputGradient(m, tensor.Concat(0, example, base), class)
	if err != nil {
		return nil, err
	}
	a := &Attribution{Values: way.Mul(sum).Reshape(slices.Clone(m.InputShape())...), Score: float64(ends[0]), Baseline: float64(ends[1])}
	a.Gap = a.Score - a.Baseline - float64(a.Values.Sum().Item())
	return a, nil
}
