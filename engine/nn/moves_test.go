// This file checks the figures of how weights move against the definition.

package nn

import (
	"math"
	"strings"
	"testing"
)

func TestLayerStats(t *testing.T) {
	free := change(t, SGD{LR: 1}) // one batch, so these are its gradients
	for _, opt := range []Optimizer{SGD{LR: 1}, Clip{Rule: SGD{LR: 1}, GlobalNorm: length(free...) / 2}} {
		m := small()
		m.initialise(3)
		var first [][]float32
		m.eachParam(func(_ string, q *param) error { first = append(first, q.tensor(q.w).Data); return nil })
		h, err := m.Fit(labelled(t, 40, 10, 12, 12, 1), Fit{Batch: 40, Optimizer: opt, InOrder: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Layers) != 4 || h.Layers[0].Name != "conv2d_1" || h.Layers[3].Layer != 6 {
			t.Fatalf("layers %+v", h.Layers)
		}
		factor := 1.0
		if _, clips := opt.(Clip); clips {
			factor = 0.5
		}
		for i, l := range h.Layers {
			weights := 0.0
			for _, p := range first[2*i : 2*i+2] {
				for _, v := range p {
					weights += float64(v) * float64(v)
				}
			}
			norm := length(free[2*i], free[2*i+1])
			if got := l.GradientNorm[0]; math.Abs(got-norm) > 1e-5*norm {
				t.Errorf("%v, %s: gradient of length %v, want %v", opt, l.Name, got, norm)
			}
			if got, want := l.UpdateRatio[0], factor*norm/math.Sqrt(weights); math.Abs(got-want) > 1e-4*want {
				t.Errorf("%v, %s: update ratio %v, want %v", opt, l.Name, got, want)
			}
		}
	}
	// An example that is left over for a batch of its own does not count: normalised over
	// the batch it has no gradient.
	for _, opt := range []Optimizer{SGD{LR: 0.1}, Clip{Rule: SGD{LR: 0.1}, GlobalNorm: 1e-3}} {
		var after [2]*History
		for i, n := range []int{32, 33} {
			m := Sequential(Input(7), Dense(4), BatchNorm(), Dense(3, Softmax))
			var err error
			if after[i], err = m.Fit(labelled(t, 33, 3, 7).Take(n), Fit{Batch: 16, Epochs: 2, Optimizer: opt, InOrder: true}); err != nil {
				t.Fatal(err)
			}
		}
		for i, l := range after[1].Layers {
			if want := after[0].Layers[i]; l.GradientNorm[0] != want.GradientNorm[0] || l.UpdateRatio[0] != want.UpdateRatio[0] || l.GradientNorm[1] == 0 {
				t.Errorf("%v, %s: %v and %v with an example left over, %v and %v without", opt, l.Name, l.GradientNorm, l.UpdateRatio, want.GradientNorm, want.UpdateRatio)
			}
		}
		for _, f := range after[1].Findings {
			if strings.Contains(f.Text, "no gradient") {
				t.Errorf("%v: %v", opt, f)
			}
		}
	}
	h, err := small().Fit(labelled(t, 40, 10, 12, 12, 1), Fit{Epochs: 3, Batch: 16})
	if err != nil || len(h.Layers[0].GradientNorm) != 3 || len(h.Layers[0].UpdateRatio) != 3 {
		t.Errorf("three epochs: %+v, %v", h, err)
	}
}
