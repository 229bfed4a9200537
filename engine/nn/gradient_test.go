// This file checks the gradient of every layer and loss against finite
// differences of the reference in float64.

package nn

import (
	"fmt"
	"math"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// noise is a tensor of numbers in [-1, 1).
func noise(seed uint64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	src := rng.New(seed, 77)
	src.Uniform(t.Data, 1)
	return t
}

func labelled(t testing.TB, n, classes int, shape ...int) *data.Dataset {
	t.Helper()
	y := make([]int, n)
	for i := range y {
		y[i] = (i*7 + i/3) % classes
	}
	d, err := data.Arrays(noise(5, append([]int{n}, shape...)...), y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// targeted has targets in [0, 1) that add up to 1 an example.
func targeted(t testing.TB, n, outputs int, shape ...int) *data.Dataset {
	t.Helper()
	y := noise(6, n, outputs)
	for i := range n {
		row, sum := y.Row(i).Data, float32(0)
		for j := range row {
			row[j] = (row[j] + 1.01) / 2
			sum += row[j]
		}
		if outputs > 1 {
			for j := range row {
				row[j] /= sum
			}
		}
	}
	d, err := data.Arrays(noise(5, append([]int{n}, shape...)...), y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGradients(t *testing.T) {
	dense := func(layers ...Layer) *Model { return Sequential(append([]Layer{Input(7)}, layers...)...) }
	image := func(h, w, c int, layers ...Layer) *Model {
		return Sequential(append([]Layer{Input(h, w, c)}, layers...)...)
	}
	scce := Loss(SparseCategoricalCrossEntropy{})
	for _, c := range []struct {
		name  string
		model *Model
		loss  Loss
		data  *data.Dataset
	}{
		{"softmax", dense(Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"from logits", dense(Dense(3)), SparseCategoricalCrossEntropy{FromLogits: true}, labelled(t, 5, 3, 7)},
		{"relu", dense(Dense(9, ReLU), Dense(10, ReLU), Dense(3, Softmax)), scce, labelled(t, 33, 3, 7)},
		{"sigmoid", dense(Dense(9, Sigmoid), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"tanh", dense(Dense(17, Tanh), Dense(5, Tanh), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"linear", dense(Dense(20), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"no bias, L1", dense(Dense(9, ReLU, NoBias, L1(0.01)), Dense(6, Tanh, NoBias), Dense(3, Softmax, L1(0.1), L2(0.2))), scce, labelled(t, 5, 3, 7)},
		{"residual", residual(), scce, labelled(t, 6, 3, 6, 5, 3)},
		{"branches", branches(), scce, labelled(t, 6, 3, 7)},
		{"softmax inside", dense(Dense(6, Softmax), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"L2", dense(Dense(9, ReLU, L2(0.1)), Dense(3, Softmax, L2(0.01))), scce, labelled(t, 5, 3, 7)},
		{"categorical", dense(Dense(9, Tanh), Dense(4, Softmax)), CategoricalCrossEntropy{}, targeted(t, 6, 4, 7)},
		{"categorical from logits", dense(Dense(4)), CategoricalCrossEntropy{FromLogits: true}, targeted(t, 6, 4, 7)},
		{"categorical, smoothed", dense(Dense(4, Softmax)), CategoricalCrossEntropy{Smoothing: 0.2}, targeted(t, 6, 4, 7)},
		{"binary, smoothed", dense(Dense(1, Sigmoid)), BinaryCrossEntropy{Smoothing: 0.1}, labelled(t, 6, 2, 7)},
		{"binary, labels", dense(Dense(5, Tanh), Dense(1, Sigmoid)), BinaryCrossEntropy{}, labelled(t, 6, 2, 7)},
		{"binary, targets", dense(Dense(3, Sigmoid)), BinaryCrossEntropy{}, targeted(t, 6, 3, 7)},
		{"binary from logits", dense(Dense(1)), BinaryCrossEntropy{FromLogits: true}, labelled(t, 6, 2, 7)},
		{"MSE", dense(Dense(5, Tanh), Dense(2)), MSE{}, targeted(t, 6, 2, 7)},
		{"MSE of a softmax", dense(Dense(4, Softmax)), MSE{}, targeted(t, 6, 4, 7)},
		{"half MSE", dense(Dense(5, Sigmoid), Dense(2, Tanh)), HalfMSE{}, targeted(t, 6, 2, 7)},
		{"MAE", dense(Dense(5, Sigmoid), Dense(2)), MAE{}, targeted(t, 6, 2, 7)},
		{"Huber", dense(Dense(5, Sigmoid), Dense(2)), Huber{Delta: 0.3}, targeted(t, 6, 2, 7)},
		{"log cosh", dense(Dense(5, Sigmoid), Dense(2)), LogCosh{}, targeted(t, 6, 2, 7)},
		{"conv", image(6, 5, 1, Conv2D(4, 3, 3, ReLU), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 6, 5, 1)},
		{"conv, three channels, odd filter", image(5, 7, 3, Conv2D(9, 2, 3, Tanh), Conv2D(5, 3, 2, Sigmoid), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 7, 3)},
		{"conv, same", image(5, 4, 2, Conv2D(9, 3, 3, ReLU, Same), Conv2D(3, 2, 2, Tanh, Same), Conv2D(8, 4, 3, Tanh, Same), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 4, 2)},
		{"conv, 1x1, L2", image(4, 4, 2, Conv2D(10, 1, 1, Tanh, L2(0.1)), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 4, 4, 2)},
		{"conv with softmax", image(4, 4, 1, Conv2D(3, 2, 2, Softmax), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 4, 4, 1)},
		{"odd channels into conv", image(8, 8, 1, Conv2D(5, 2, 2, Sigmoid), Conv2D(3, 2, 2, Softmax), Conv2D(7, 2, 2, Sigmoid), MaxPool2D(2), Conv2D(3, 2, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 8, 8, 1)},
		{"pool", image(7, 8, 1, Conv2D(5, 2, 2, Tanh), MaxPool2D(2), Conv2D(6, 2, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 8, 1)},
		{"pool behind conv, window not dividing", image(9, 8, 2, Conv2D(17, 2, 2, ReLU), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 2)},
		{"pool behind conv, same", image(7, 6, 3, Conv2D(33, 3, 3, ReLU, Same), MaxPool2D(2), Conv2D(20, 3, 3, Sigmoid, Same, L2(0.1)), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 6, 3)},
		{"pool behind conv, linear, filter of 5 by 1", image(11, 6, 4, Conv2D(12, 2, 2), Conv2D(9, 5, 1), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 11, 6, 4)},
		{"pool of 1 behind conv", image(5, 5, 1, Conv2D(8, 3, 3, Tanh), MaxPool2D(1), Conv2D(8, 2, 2, ReLU), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 5, 1)},
		{"pool behind softmax", image(5, 5, 1, Conv2D(8, 2, 2, Softmax), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 5, 1)},
		{"strides", image(9, 8, 3, Conv2D(9, 3, 3, ReLU, Stride(2)), Conv2D(5, 2, 3, Tanh, Stride(2), Same), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 3)},
		{"strides, same", image(8, 9, 3, Conv2D(5, 1, 1, Tanh), Conv2D(9, 3, 3, Tanh, Stride(2), Same), Conv2D(5, 3, 2, ReLU, Stride(3), Same), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 8, 9, 3)},
		{"stride above the filter", image(8, 9, 3, Conv2D(5, 1, 1, Tanh), Conv2D(9, 2, 2, Tanh, Stride(3)), Conv2D(5, 1, 1, ReLU, Stride(2), Same), MaxPool2D(1), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 8, 9, 3)},
		{"overlapping pools", image(9, 8, 2, Conv2D(5, 2, 2, Tanh), MaxPool2D(3, Stride(2)), Conv2D(4, 1, 1, Tanh), AvgPool2D(2, Stride(1)), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 2)},
		{"depthwise", image(7, 6, 3, Conv2D(5, 2, 2, Tanh), DepthwiseConv2D(3, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 6, 3)},
		{"depthwise, first, many filters", image(7, 6, 3, DepthwiseConv2D(3, 3, ReLU, Multiplier(3), Same), DepthwiseConv2D(2, 3, Multiplier(2), L2(0.1)), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 6, 3)},
		{"depthwise, strides", image(9, 8, 8, DepthwiseConv2D(2, 2, Stride(3), Tanh), DepthwiseConv2D(3, 3, Stride(2), Same, NoBias, Softmax), Conv2D(4, 1, 1), DepthwiseConv2D(2, 2, Same, Sigmoid), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 8)},
		{"transposed", image(4, 3, 3, Conv2DTranspose(5, 3, 2, Tanh), Conv2DTranspose(4, 2, 2, ReLU), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 4, 3, 3)},
		{"transposed, stride of the filter", image(3, 4, 2, Conv2DTranspose(9, 2, 2, Stride(2), Tanh), Conv2DTranspose(3, 2, 2, Stride(2), Same, Softmax), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 3, 4, 2)},
		{"transposed, overlap", image(3, 4, 2, Conv2DTranspose(9, 3, 5, Stride(2), Tanh), Conv2DTranspose(3, 5, 4, Stride(2), Same, NoBias, Sigmoid), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 3, 4, 2)},
		{"transposed, gaps", image(3, 2, 2, Conv2DTranspose(9, 2, 1, Stride(3), Tanh), Conv2DTranspose(3, 1, 2, Stride(3), Same, L1(0.1)), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 3, 2, 2)},
		{"mean pools", image(9, 8, 3, AvgPool2D(2), Conv2D(9, 1, 1, Tanh), AvgPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 8, 3)},
		{"global pools", image(5, 4, 3, Conv2D(9, 2, 2, Tanh), globals, Dense(3, Softmax)), scce, labelled(t, 4, 3, 5, 4, 3)},
		{"sequence", Sequential(Input(12, 3), Conv1D(9, 3, ReLU), MaxPool1D(2), Conv1D(5, 4, Tanh, Same, Stride(2)), AvgPool1D(2), GlobalMaxPool(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 12, 3)},
		{"reshape", Sequential(Input(30), Reshape(5, 6, 1), Conv2D(6, 2, 2, Tanh), Reshape(10, 12), Conv1D(5, 3, Tanh), Reshape(4, 10), Flatten(), Reshape(8, 5), Conv1D(8, 1, Tanh), Reshape(64), Dense(3, Softmax)), scce, labelled(t, 4, 3, 30)},
		{"layer norm", dense(Dense(9, Tanh), LayerNorm(), Dense(5, ReLU), LayerNorm(), Dense(3, Softmax)), scce, labelled(t, 5, 3, 7)},
		{"layer norm of images", image(5, 4, 3, LayerNorm(), Conv2D(5, 2, 2, Tanh), LayerNorm(), Flatten(), Dense(3, Softmax)), scce, labelled(t, 5, 3, 5, 4, 3)},
		{"batch norm", dense(BatchNorm(), Dense(9, Tanh), BatchNorm(), Dense(5, ReLU), Dense(3, Softmax)), scce, labelled(t, 9, 3, 7)},
		{"batch norm of images", image(6, 5, 3, Conv2D(5, 2, 2, NoBias), BatchNorm(), Act(ReLU), MaxPool2D(2), Conv2D(9, 1, 1, Tanh), BatchNorm(), BatchNorm(), Flatten(), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 5, 3)},
		{"batch norm in branches", Sequential(Input(7), normed, Dense(3, Softmax)), scce, labelled(t, 9, 3, 7)},
		{"embedding", Sequential(Input(6), Embedding(11, 5), Conv1D(4, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, words(t, 9, 6, 11, 3)},
		{"rnn", sequence(SimpleRNN(5), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"rnn, all steps, relu, backwards", sequence(SimpleRNN(9, Sequences, ReLU, Backwards), SimpleRNN(5, Sigmoid), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"lstm", sequence(LSTM(5), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"lstm, all steps, backwards", sequence(LSTM(9, Sequences), LSTM(5, Backwards), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"lstm, all steps out", sequence(LSTM(4, Sequences, Backwards), Conv1D(3, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"gru", sequence(GRU(5), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"gru, both ways", sequence(bothWays, GRU(8), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"one step", Sequential(Input(1, 4), LSTM(5, Sequences), GRU(4, Sequences), SimpleRNN(3), Dense(3, Softmax)), scce, labelled(t, 7, 3, 1, 4)},
		{"words", Sequential(Input(6), Embedding(11, 5), LSTM(7), Dense(3, Softmax)), scce, words(t, 9, 6, 11, 3)},
		{"attention", sequence(MultiHeadAttention(2, 3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"attention, causal", sequence(Conv1D(5, 1, Tanh), MultiHeadAttention(3, 8, Causal), MultiHeadAttention(1, 2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"attention to another", sequence(attend, Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"transformer", sequence(transformer, transformer, GlobalAvgPool(), Dense(3, Softmax)), scce, labelled(t, 7, 3, 6, 4)},
		{"pool first", image(7, 8, 3, MaxPool2D(2), Conv2D(6, 2, 2, Tanh), MaxPool2D(2), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 7, 8, 3)},
		{"pool of 3", image(9, 9, 1, Conv2D(4, 1, 1, Tanh), MaxPool2D(3), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 9, 9, 1)},
		{"a row as wide as its padding to an image", Sequential(Input(16), Reshape(4, 4, 1), Conv2D(3, 2, 2, Tanh), Flatten(), Dense(3, Softmax)), scce, labelled(t, 4, 3, 16)},
		{"joined before the first weights", Sequential(Input(7), func(x *Value) *Value { return Multiply(x, Act(Tanh)(Add(x, x))) }, func(x *Value) *Value { return Concat(x, x) }, Dense(3, Softmax)), scce, labelled(t, 4, 3, 7)},
		{"image out", image(5, 4, 2, Conv2D(3, 2, 2, Tanh)), MSE{}, targeted(t, 4, 4*3*3, 5, 4, 2)},
		{"image of probabilities out", image(4, 3, 2, Conv2D(5, 2, 2, Tanh), Conv2DTranspose(3, 2, 2, Sigmoid)), BinaryCrossEntropy{}, targeted(t, 4, 4*3*3, 4, 3, 2)},
		{"all states out", sequence(LSTM(5, Sequences)), HalfMSE{}, targeted(t, 4, 6*5, 6, 4)},
		{"the article's shapes, small", image(12, 12, 1, Conv2D(8, 3, 3, ReLU), MaxPool2D(2), Conv2D(16, 3, 3, ReLU), MaxPool2D(1), Flatten(), Dense(8, ReLU), Dense(10, Softmax)), scce, labelled(t, 3, 10, 12, 12, 1)},
	} {
		t.Run(c.name, func(t *testing.T) { checkGradients(t, c.model, c.loss, c.data) })
	}
}

// Every activation, in a dense layer, in a convolution with and without pooling, and
// as a layer.
func TestActivationGradients(t *testing.T) {
	for act := Linear; act.known(); act++ {
		t.Run(act.String(), func(t *testing.T) {
			m := Sequential(Input(6, 7, 2), Conv2D(5, 2, 2, act), Conv2D(5, 2, 2, act), MaxPool2D(2), Act(act), Flatten(), Dense(9, act), Dense(3, Softmax))
			if act == Exp { // of itself several times over, it is infinite
				m = Sequential(Input(6, 7, 2), Conv2D(5, 2, 2, act), MaxPool2D(2), Flatten(), Dense(3, Softmax))
			}
			checkGradients(t, m, SparseCategoricalCrossEntropy{}, labelled(t, 5, 3, 6, 7, 2))
		})
	}
}

// Far from 0 no activation may become NaN, unless it is infinite.
func TestActivationsFarOut(t *testing.T) {
	x := []float32{-1e30, -1000, -100, -40, -20, 20, 40, 80}
	in, err := tensor.FromSlice(x, 1, len(x))
	if err != nil {
		t.Fatal(err)
	}
	for act := Linear; act.known(); act++ {
		if act == Softmax || act == LogSoftmax || act == Sparsemax {
			continue
		}
		m := Sequential(Input(len(x)), Act(act))
		y, err := m.Predict(in)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range y.Data {
			z := float64(x[i])
			want := refActivate(act, []float64{z}, 1)[0]
			if act == Softplus || act == Mish || act == SiLU {
				want = max(z, 0) // the definition overflows
			}
			if act == LogSigmoid {
				want = min(z, 0)
			}
			if act == Squareplus && z < -100 {
				want = -1 / z // the definition loses its digits
			}
			if act == Mish || act == SiLU || act == GELU {
				if math.Abs(float64(v)-want) < 1e-6*(1+math.Abs(want)) {
					continue
				}
			}
			if d := math.Abs(float64(v) - want); !(d <= 1e-5*math.Abs(want)+1e-8) {
				t.Errorf("%v(%v) is %v, want %v", act, z, v, want)
			}
		}
	}
}

func TestDropout(t *testing.T) {
	const n, width = 8, 1000
	m := Sequential(Input(width), Dropout(0.3), Dense(2, Softmax))
	d := labelled(t, n, 2, width)
	m.initialise(1)
	h, err := SparseCategoricalCrossEntropy{}.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	pool := par.New(2)
	defer pool.Close()
	idx := []int32{0, 1, 2, 3, 4, 5, 6, 7}
	masks := func(seed int64, chunk int) [][]float32 {
		var out [][]float32
		p := newPlan(m, planSpec{batch: n, set: d, head: h, opt: SGD{LR: 1e-30}, seed: seed, pool: pool, chunk: chunk})
		o := p.ops[0].(*dropOp)
		for range 2 {
			if _, ok := p.step(idx); !ok {
				t.Fatal("stopped")
			}
			for i, y := range o.out.data {
				if y != o.mask[i]*o.in.data[i] {
					t.Fatalf("number %d is %v of %v times %v", i, y, o.in.data[i], o.mask[i])
				}
			}
			out = append(out, append([]float32{}, o.mask...))
		}
		return out
	}
	a := masks(1, 1)
	dropped := 0
	for _, v := range a[0] {
		switch v {
		case 0:
			dropped++
		case float32(1 / 0.7):
		default:
			t.Fatalf("a number is multiplied by %v", v)
		}
	}
	if share := float64(dropped) / (n * width); math.Abs(share-0.3) > 0.02 {
		t.Errorf("%.3f were dropped, want 0.3", share)
	}
	same := func(a, b []float32) float64 {
		k := 0
		for i := range a {
			if a[i] == b[i] {
				k++
			}
		}
		return float64(k) / float64(len(a))
	}
	b := masks(1, 3)
	if same(a[0], b[0]) != 1 || same(a[1], b[1]) != 1 {
		t.Error("chunks change what is dropped")
	}
	// By chance .58 are alike.
	for what, other := range map[string][]float32{"another step": a[1], "another seed": masks(2, 1)[0], "the next example": append(append([]float32{}, a[0][width:]...), a[0][:width]...)} {
		if s := same(a[0], other); math.Abs(s-0.58) > 0.03 {
			t.Errorf("%.2f of the numbers are dropped in %s too, want .58", s, what)
		}
	}
	// Outside of training nothing is dropped.
	y, err := m.Outputs(d, 1)
	if err != nil || same(y.Data, d.Inputs().Data) != 1 {
		t.Errorf("Outputs drops numbers: %v", err)
	}
	for _, rate := range []float64{-0.1, 1, math.NaN()} {
		if Sequential(Input(2), Dropout(rate), Dense(1)).Err() == nil {
			t.Errorf("a rate of %v gave no error", rate)
		}
	}
}

// The gradient goes where the numbers went.
func TestDropoutGradient(t *testing.T) {
	in, out := &buffer{ld: 64, data: noise(1, 64).Data, grad: make([]float32, 64)}, &buffer{ld: 64, data: make([]float32, 64), grad: noise(2, 64).Data}
	o := &dropOp{in: in, out: out, keep: 2, limit: 1 << 31, mask: make([]float32, 64), streams: &streams{}}
	o.forward(0, 1, 0)
	o.backward(0, 1, 0)
	for k, g := range in.grad {
		if g != o.mask[k]*out.grad[k] {
			t.Fatalf("gradient %d is %v, want %v times %v", k, g, o.mask[k], out.grad[k])
		}
	}
}

func sequence(layers ...Layer) *Model { return Sequential(append([]Layer{Input(6, 4)}, layers...)...) }

func bothWays(x *Value) *Value { return Concat(GRU(5, Sequences)(x), GRU(5, Sequences, Backwards)(x)) }

func attend(x *Value) *Value {
	other := Conv1D(5, 3, Tanh)(x)
	return Flatten()(Concat(Attend(x, other, 2, 3), Attend(x, x, 1, 9, Causal)))
}

func transformer(x *Value) *Value {
	h := Add(x, MultiHeadAttention(2, 3)(LayerNorm()(x)))
	return Add(h, Conv1D(4, 1)(Conv1D(9, 1, GELU)(LayerNorm()(h))))
}

func normed(x *Value) *Value {
	h := BatchNorm()(Dense(6, Tanh)(x))
	return Add(h, BatchNorm()(Dense(6, Tanh)(Concat(h, x))))
}

// words are examples of the numbers of words.
func words(t testing.TB, n, steps, known, classes int) *data.Dataset {
	t.Helper()
	x, y := tensor.New(n, steps), make([]int, n)
	for i := range x.Data {
		x.Data[i] = float32((i*i + i/3) % known)
	}
	for i := range y {
		y[i] = i % classes
	}
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func globals(x *Value) *Value { return Concat(GlobalAvgPool()(x), GlobalMaxPool()(x)) }

// residual is a graph in which values are read several times.
func residual() *Model {
	block := func(x *Value) *Value {
		h := Conv2D(5, 3, 3, ReLU, Same)(x)
		h = Conv2D(5, 3, 3, Same)(h)
		return Add(Conv2D(5, 1, 1, NoBias)(x), h)
	}
	x := In(6, 5, 3)
	h := block(x)
	h = block(h)
	side := MaxPool2D(2)(Conv2D(4, 3, 3, Tanh)(h))
	main := MaxPool2D(2)(Conv2D(7, 3, 3, Sigmoid)(h))
	return Graph(x, Dense(3, Softmax)(Flatten()(Concat(main, side, main))))
}

// branches multiplies and adds vectors, the input among them.
func branches() *Model {
	x := In(7)
	a, b := Dense(7, Tanh)(x), Dense(7, Sigmoid)(x)
	h := Multiply(a, b, x)
	return Graph(x, Dense(3, Softmax)(Concat(Add(h, x, a), b)))
}

func checkGradients(t *testing.T, m *Model, loss Loss, d *data.Dataset) {
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	m.initialise(3)
	for i, n := range m.nodes { // 0 and 1 would hide mistakes
		for _, p := range n.params {
			if len(p.shape) == 1 {
				src := rng.New(uint64(i), 9)
				p.each(func(_, stored, n int) {
					for c := range n {
						p.w[stored+c] += 0.6*src.Float32() - 0.3
					}
				})
			}
		}
	}
	h, err := loss.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	pool := par.New(2)
	defer pool.Close()
	// Several chunks, whatever the size.
	p := newPlan(m, planSpec{batch: d.Len() + 2, set: d, head: h, opt: SGD{LR: 1e-30}, pool: pool, chunk: 2})
	idx := make([]int32, d.Len())
	for i := range idx {
		idx[i] = int32(i)
	}
	got, ok := p.step(idx)
	ws := refOf(m)
	want := refLoss(m, ws, loss, d, true)
	if !ok || math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("loss %v (%v), want %v", got, ok, want)
	}
	compareTape(t, m, loss, d, got)
	for i, n := range m.nodes {
		for k, p := range n.params {
			what := fmt.Sprintf("layer %d %s: %s", i, n.Kind(), p.name)
			if p.fixed {
				continue
			}
			compare(t, what, p.tensor(p.g).Data, ws[i][k], func() float64 { return refLoss(m, ws, loss, d, true) })
			real := make([]bool, len(p.g))
			p.each(func(_, stored, n int) {
				for k := range n {
					real[stored+k] = true
				}
			})
			for k, v := range p.g {
				if !real[k] && v != 0 {
					t.Fatalf("%s: the padding has gradient %v at %d", what, v, k)
				}
			}
		}
	}
}

// compareTape holds the gradients of a step against those of the same model on a tape,
// within float32 rounding.
func compareTape(t *testing.T, m *Model, loss Loss, d *data.Dataset, stepLoss float64) {
	t.Helper()
	tape := grad.NewTape()
	net, err := m.onTape(tape, tape.Data("x", d.Inputs()), true)
	if err != nil {
		t.Fatal(err)
	}
	L, _, err := net.Loss(loss, TruthOf(d))
	if err != nil {
		t.Fatal(err)
	}
	L = net.penalty(L)
	tape.Backward(L)
	if math.Abs(stepLoss-L.Item()) > 2e-6*(1+math.Abs(L.Item())) {
		t.Errorf("loss %v, on the tape %v", stepLoss, L.Item())
	}
	for i, n := range m.nodes {
		for k, p := range n.params {
			if p.fixed {
				continue
			}
			want := net.Layers[i].Weights[k].Grad()
			largest := float64(want.Abs().Max().Item())
			if diff := float64(p.tensor(p.g).Sub(want).Abs().Max().Item()); !(diff <= 2e-5*largest+1e-7) {
				t.Errorf("layer %d %s: gradients of the %s differ by %v from the tape's, of which the largest is %v", i, n.Kind(), p.name, diff, largest)
			}
		}
	}
}

// compare takes central differences of loss over every number of w.
func compare(t *testing.T, what string, got []float32, w []float64, loss func() float64) {
	t.Helper()
	const eps = 1e-5
	if len(got) != len(w) {
		t.Fatalf("%s: %d gradients for %d weights", what, len(got), len(w))
	}
	step := max(len(w)/60, 1) // all of a small layer, a sample of a large one
	worst, scale := 0.0, 1e-6
	var at int
	var wantAt float64
	for k := 0; k < len(w); k += step {
		old := w[k]
		w[k] = old + eps
		up := loss()
		w[k] = old - eps
		down := loss()
		w[k] = old
		want := (up - down) / (2 * eps)
		scale = max(scale, math.Abs(want))
		if e := math.Abs(want - float64(got[k])); !(e <= worst) {
			worst, at, wantAt = e, k, want
		}
	}
	if !(worst <= 2e-4*scale+1e-7) {
		t.Errorf("%s: gradient %d is %v, but finite differences give %v (the largest is %v)", what, at, got[at], wantAt, scale)
	}
}

// Losses and metrics of an image that comes out, which has padding behind its channels
// within, are those of what Predict gives.
func TestImageOut(t *testing.T) {
	x := noise(1, 6, 4, 4, 3)
	d, err := data.Arrays(x, x)
	if err != nil {
		t.Fatal(err)
	}
	m := Sequential(Input(4, 4, 3), Conv2D(5, 3, 3, ReLU, Same), Conv2D(3, 1, 1))
	if _, err := m.Fit(d, Fit{Loss: MSE{}, Metrics: []Metric{MAE{}}}); err != nil {
		t.Fatal(err)
	}
	r, err := m.Evaluate(d)
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Predict(d)
	if err != nil {
		t.Fatal(err)
	}
	e := y.Sub(x)
	if want := float64(e.Square().Mean().Item()); math.Abs(r.Loss-want) > 1e-5 {
		t.Errorf("the loss is %v, want %v", r.Loss, want)
	}
	if got, want := r.Metric("mean absolute error"), float64(e.Abs().Mean().Item()); math.Abs(got-want) > 1e-5 {
		t.Errorf("the mean absolute error is %v, want %v", got, want)
	}
}
