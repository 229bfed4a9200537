// This file has rules by which a neuron learns from correlation alone.

package neuro

import (
	"fmt"

	"cajal/engine/tensor"
)

// A Rule changes the weights of a linear neuron, whose output is y = Σ w x, after
// one input x of the same length, and returns y.
type Rule interface {
	Step(w, x []float64) (y float64)
}

// Hebb is the rule "cells that fire together wire together": w grows by Rate·y·x
// (Hebb 1949, The Organization of Behavior). Weights grow without bound, along the
// direction in which inputs vary most.
type Hebb struct{ Rate float64 }

// Step shows the neuron one input.
func (r Hebb) Step(w, x []float64) float64 {
	y := dot(w, x)
	for i, v := range x {
		w[i] += r.Rate * y * v
	}
	return y
}

// Oja is Hebb's rule with forgetting, w grows by Rate·y·(x - y·w). The weights'
// length tends to 1 and their direction to the first principal component of the
// inputs, taken about 0 (Oja 1982, J. Math. Biol. 15: 267).
type Oja struct{ Rate float64 }

// Step shows the neuron one input.
func (r Oja) Step(w, x []float64) float64 {
	y := dot(w, x)
	for i, v := range x {
		w[i] += r.Rate * y * (v - y*w[i])
	}
	return y
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// Learn shows a neuron the rows of x [n inputs], in order, so many times over, and
// changes w, one weight an input. It fails when the shapes do not fit.
func Learn(r Rule, w []float64, x *tensor.Tensor, times int) error {
	if x.Rank() != 2 || x.Shape[1] != len(w) {
		return fmt.Errorf("neuro: inputs have shape %v, but %d weights want [n %d]", x.Shape, len(w), len(w))
	}
	row := make([]float64, len(w))
	for range times {
		for i := range x.Len() {
			for k := range row {
				row[k] = float64(x.Data[i*len(w)+k])
			}
			r.Step(w, row)
		}
	}
	return nil
}
