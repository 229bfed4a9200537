// This file makes models at random and compares what they compute, and their
// gradients, with the definitions on a tape: layers meet that no other test puts
// together.

package nn

import (
	"fmt"
	"math"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
)

// randomLayer returns a layer that can read a value of some rank. Activations with
// corners are left out, but for ReLU: a tie may be decided either way.
func randomLayer(src *rng.Source, shape []int) Layer {
	pick := func(n int) int { return src.Intn(n) }
	act := []Activation{Linear, ReLU, Tanh, Softmax, GELU, SELU, Mish, LogSoftmax}[pick(8)]
	pad, stride := []Padding{Valid, Same}[pick(2)], Stride(1+pick(2))
	bias := BiasOption(pick(2))
	common := []Layer{
		Act(act), BatchNorm(), LayerNorm(), Flatten(), Dropout(0),
		func(x *Value) *Value { return Add(x, Act(Tanh)(x), x) },
		func(x *Value) *Value { return Multiply(x, Act(Sigmoid)(x)) },
		func(x *Value) *Value { return Concat(x, Act(SiLU)(x)) },
	}
	units := 1 + pick(20)
	var own []Layer
	switch len(shape) {
	case 1:
		own = []Layer{Dense(units, act, bias), Dense(units, act, L2(0.01)), Reshape(shape[0], 1), Reshape(1, shape[0]), Reshape(1, shape[0], 1)}
	case 2:
		own = []Layer{
			Conv1D(units, 1+pick(3), act, pad, stride, bias), MaxPool1D(1+pick(3), stride), AvgPool1D(1 + pick(3)), GlobalAvgPool(), GlobalMaxPool(),
			SimpleRNN(units, Sequences), LSTM(units, Backwards), GRU(units, Sequences, Backwards), MultiHeadAttention(1+pick(3), 1+pick(9)), Reshape(shape[0], shape[1], 1),
		}
	default:
		own = []Layer{
			Conv2D(units, 1+pick(3), 1+pick(3), act, pad, stride, bias), Conv2D(units, 2, 2, act), DepthwiseConv2D(1+pick(3), 2, act, pad, Multiplier(1+pick(3))),
			Conv2DTranspose(units, 1+pick(3), 2, act, pad, stride), MaxPool2D(1+pick(3), stride), MaxPool2D(2), AvgPool2D(2), GlobalAvgPool(), Reshape(shape[0]*shape[1], shape[2]),
		}
	}
	if pick(3) == 0 {
		return common[pick(len(common))]
	}
	return own[pick(len(own))]
}

// randomModel puts up to eight of them together, as far as they fit.
func randomModel(seed uint64) *Model {
	src := rng.New(seed, 31)
	v := In([][]int{{5}, {16}, {7, 3}, {4, 16}, {6, 5, 1}, {5, 6, 3}, {4, 4, 16}}[src.Intn(7)]...)
	x := v
	for depth := 2 + src.Intn(7); depth > 0; depth-- {
		y := randomLayer(&src, v.Shape())(v)
		if s := y.Shape(); s != nil && product(s) < 1500 {
			v = y
		}
	}
	return Graph(x, Act(Linear)(v))
}

func TestRandomModels(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for seed := range uint64(400) {
		m := randomModel(seed)
		if err := m.Err(); err != nil {
			t.Fatalf("model %d: %v", seed, err)
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m.initialise(int64(seed))
			const n = 5
			x := noise(seed, append([]int{n}, m.InputShape()...)...)
			target := noise(seed+1, append([]int{n}, m.OutputShape()...)...)
			d, err := data.Arrays(x, target)
			if err != nil {
				t.Fatal(err)
			}
			tape := grad.NewTape()
			net, err := m.onTape(tape, tape.Data("x", x), true)
			if err != nil {
				t.Fatal(err)
			}
			if m.Params() > 0 {
				tape.Backward(net.Out().HalfMSE(tape.Data("t", target)))
			}
			h, err := HalfMSE{}.resolve(m, d)
			if err != nil {
				t.Fatal(err)
			}
			p := newPlan(m, planSpec{batch: n + 1, set: d, head: h, opt: SGD{LR: 1e-30}, pool: pool, chunk: 2})
			if _, ok := p.step(everyIndex(n)); !ok {
				t.Fatal("stopped")
			}
			failed := nearly(outputs(p, n), net.Out().Value().Data, 1)
			// Some gradients are sums that come to nothing, such as that of a bias before a
			// BatchNorm.
			largest := 1.0
			for _, l := range net.Layers {
				for _, w := range l.Weights {
					if g := w.Grad(); g != nil {
						largest = max(largest, float64(g.Abs().Max().Item()))
					}
				}
			}
			for _, nd := range m.nodes {
				for i, q := range nd.params {
					if q.fixed {
						continue
					}
					want := net.Layers[nd.index].Weights[i].Grad().Clone()
					for j, w := range q.tensor(q.w).Data {
						want.Data[j] += float32(2 * q.l2 * float64(w))
					}
					if e := nearly(q.tensor(q.g).Data, want.Data, largest); e != "" {
						failed += fmt.Sprintf("; layer %d %s: gradient of %s: %s", nd.index, nd.Kind(), q.name, e)
					}
				}
			}
			if failed != "" {
				t.Errorf("%s\n%v", failed, m)
			}
		})
	}
}

// nearly compares numbers that were both rounded on a long way, and are sums of terms
// about as large as scale; "" means alike.
func nearly(got, want []float32, scale float64) string {
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for i, v := range got {
		if e := math.Abs(float64(v) - float64(want[i])); !(e <= 2e-4*scale) {
			return fmt.Sprintf("number %d is %v, want %v", i, v, want[i])
		}
	}
	return ""
}
