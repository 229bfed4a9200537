// This file checks that gradients are shortened as they should, whoever runs the tasks.

package nn

import (
	"math"
	"strings"
	"testing"
)

// change returns how far a step of plain gradient descent with rate 1 moves each
// parameter, as vectors: its gradients.
func change(t *testing.T, opt Optimizer) (moved [][]float64) {
	t.Helper()
	d := labelled(t, 40, 10, 12, 12, 1)
	m := small()
	m.initialise(3)
	var before [][]float32
	each := func(f func(q *param, user, stored int)) {
		m.eachParam(func(_ string, q *param) error {
			q.each(func(user, stored, n int) {
				for i := range n {
					f(q, user+i, stored+i)
				}
			})
			return nil
		})
	}
	m.eachParam(func(_ string, q *param) error {
		before = append(before, q.tensor(q.w).Data)
		moved = append(moved, make([]float64, len(q.tensor(q.w).Data)))
		return nil
	})
	if _, err := m.Fit(d, Fit{Batch: 40, Optimizer: opt, InOrder: true}); err != nil {
		t.Fatal(err)
	}
	at := map[*param]int{}
	m.eachParam(func(_ string, q *param) error { at[q] = len(at); return nil })
	each(func(q *param, user, stored int) {
		moved[at[q]][user] = float64(before[at[q]][user]) - float64(q.w[stored])
	})
	return moved
}

func length(vectors ...[]float64) float64 {
	sum := 0.0
	for _, v := range vectors {
		for _, x := range v {
			sum += x * x
		}
	}
	return math.Sqrt(sum)
}

func TestClipByNorm(t *testing.T) {
	free := change(t, SGD{LR: 1})
	total := length(free...)
	compare := func(name string, got [][]float64, factor func(i int) float64) {
		t.Helper()
		for i := range got {
			for j, v := range got[i] {
				if want := free[i][j] * factor(i); math.Abs(v-want) > 2e-6 {
					t.Fatalf("%s: number %d of parameter %d moved by %v, want %v", name, j, i, v, want)
				}
			}
		}
	}
	compare("global", change(t, Clip{Rule: SGD{LR: 1}, GlobalNorm: total / 3}), func(int) float64 { return 1.0 / 3 })
	compare("global, far away", change(t, Clip{Rule: SGD{LR: 1}, GlobalNorm: 10 * total}), func(int) float64 { return 1 })
	limit := length(free[0]) / 2
	compare("each", change(t, Clip{Rule: SGD{LR: 1}, Norm: limit}), func(i int) float64 {
		return math.Min(1, limit/length(free[i]))
	})
}

func TestClippingThreads(t *testing.T) {
	d := labelled(t, 50, 10, 12, 12, 1)
	for _, c := range []Clip{{GlobalNorm: 0.1}, {Norm: 0.05}, {Value: 0.01}} {
		hashes := map[string]bool{}
		for _, threads := range []int{1, 2, 4} {
			m := Sequential(Input(12, 12, 1), Conv2D(40, 3, 3, ReLU), Flatten(), Dense(70, ReLU, L2(1e-3)), Dense(10, Softmax))
			h, err := m.Fit(d, Fit{Epochs: 2, Batch: 16, Optimizer: c, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			hashes[h.WeightHash] = true
		}
		if len(hashes) != 1 {
			t.Errorf("%v: weights differ by threads: %v", c, hashes)
		}
	}
}

// An infinite gradient of a finite loss ends the training before it reaches the weights.
func TestInfiniteGradient(t *testing.T) {
	d := targeted(t, 6, 1, 7)
	m := Sequential(Input(7), Dense(3), Dense(3), Dense(1))
	m.initialise(0)
	for layer, v := range map[int]float32{1: 0, 2: 1e25, 3: 1e25} { // outputs are 0, and the gradient of layer 1 is infinite
		p := m.nodes[layer].params[0]
		p.each(func(_, stored, n int) {
			for i := range n {
				p.w[stored+i] = v
			}
		})
	}
	before := m.hash()
	h, err := m.Fit(d, Fit{Loss: Huber{}, Optimizer: Clip{GlobalNorm: 1}, Batch: 6})
	if err == nil || h == nil || m.hash() != before {
		t.Fatalf("error %v, weights %s, before %s", err, m.hash(), before)
	}
	if !strings.Contains(err.Error(), "the gradient became NaN in epoch 1 at batch 1 of 1") || h.Failure != "gradient became NaN at step 1" {
		t.Error(err, h.Failure)
	}
}
