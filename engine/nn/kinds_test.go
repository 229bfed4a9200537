// This file checks for every kind of layer what a training step promises: the same
// bits for any number of threads, and no allocation.

package nn

import (
	"fmt"
	"slices"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/internal/par"
)

// A kindCase is a model around a kind of layer, large enough to be cut into chunks of
// examples and blocks of weights.
type kindCase struct {
	kind  string
	layer Layer // nil: a part of every model
	shape []int
	words int // of Embedding: the input is numbers below
}

func (c *kindCase) model() *Model {
	layers := []Layer{Input(c.shape...)}
	if c.words == 0 { // something that wants a gradient, and has work to do
		switch len(c.shape) {
		case 1:
			layers = append(layers, Dense(120, Tanh))
		case 2:
			layers = append(layers, Conv1D(24, 3, Same, Tanh))
		default:
			layers = append(layers, Conv2D(12, 3, 3, Same, Tanh))
		}
	}
	if c.layer != nil {
		layers = append(layers, c.layer)
	}
	return Sequential(append(layers, Flatten(), Dense(300, Tanh), Dense(10, Softmax))...)
}

func (c *kindCase) data(t testing.TB, n int) *data.Dataset {
	if c.words > 0 {
		return words(t, n, c.shape[0], c.words, 10)
	}
	return labelled(t, n, 10, c.shape...)
}

func kindCases() []kindCase {
	vec, seq, img := []int{200}, []int{14, 20}, []int{10, 9, 3}
	twice := func(join func(...*Value) *Value) Layer {
		return func(x *Value) *Value { return join(x, Act(GELU)(x), x) }
	}
	return []kindCase{
		{kind: "Input", shape: vec},
		{kind: "Flatten", shape: img},
		{kind: "Reshape", layer: Reshape(30, 4), shape: vec},
		{kind: "Dense", layer: Dense(700, ReLU, L2(1e-3)), shape: vec},
		{kind: "Conv1D", layer: Conv1D(70, 3, ReLU), shape: seq},
		{kind: "Conv2D", layer: Conv2D(50, 3, 3, ReLU, Stride(2)), shape: img},
		{kind: "Conv2D", layer: func(x *Value) *Value { return MaxPool2D(2)(Conv2D(50, 3, 3, ReLU)(x)) }, shape: img},
		{kind: "DepthwiseConv2D", layer: DepthwiseConv2D(3, 3, Multiplier(4), Same), shape: img},
		{kind: "Conv2DTranspose", layer: Conv2DTranspose(30, 3, 3, Stride(2), Same), shape: img},
		{kind: "MaxPool1D", layer: MaxPool1D(2), shape: seq},
		{kind: "MaxPool2D", layer: MaxPool2D(3, Stride(2)), shape: img},
		{kind: "AvgPool1D", layer: AvgPool1D(2), shape: seq},
		{kind: "AvgPool2D", layer: AvgPool2D(2), shape: img},
		{kind: "GlobalAvgPool", layer: GlobalAvgPool(), shape: []int{16, 16, 3}},
		{kind: "GlobalMaxPool", layer: GlobalMaxPool(), shape: []int{60, 20}},
		{kind: "Act", layer: Act(Sparsemax), shape: vec},
		{kind: "Dropout", layer: Dropout(0.3), shape: img},
		{kind: "BatchNorm", layer: BatchNorm(), shape: img},
		{kind: "LayerNorm", layer: LayerNorm(), shape: vec},
		{kind: "Add", layer: twice(Add), shape: img},
		{kind: "Multiply", layer: twice(Multiply), shape: vec},
		{kind: "Concat", layer: twice(Concat), shape: seq},
		{kind: "Embedding", layer: Embedding(70_000, 60), shape: []int{20}, words: 70_000},
		{kind: "SimpleRNN", layer: SimpleRNN(60, Sequences), shape: seq},
		{kind: "LSTM", layer: LSTM(40, Backwards), shape: seq},
		{kind: "GRU", layer: GRU(40, Sequences), shape: seq},
		{kind: "MultiHeadAttention", layer: MultiHeadAttention(4, 20, Causal), shape: seq},
	}
}

// Every kind is among the cases, and its model is cut.
func TestKindCases(t *testing.T) {
	// Those that cut the gradient of their weights. Convolutions and normalisations add
	// up that of chunks.
	cut := []string{"Dense", "Embedding", "SimpleRNN", "LSTM", "GRU", "MultiHeadAttention"}
	seen := map[string]bool{}
	for _, c := range kindCases() {
		m, d := c.model(), c.data(t, 48)
		if err := m.Err(); err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		pool := par.New(1)
		p := stepPlan(t, m, d, pool)
		pool.Close()
		seen[c.kind] = true
		if !slices.ContainsFunc(m.nodes, func(n *node) bool { return n.Kind() == c.kind }) {
			t.Errorf("the model for %s has no such layer", c.kind)
		}
		if k := (p.batch + p.chunk - 1) / p.chunk; k < 2 {
			t.Errorf("%s: a batch is %d chunks, want several", c.kind, k)
		}
		if !slices.Contains(cut, c.kind) {
			continue
		}
		parts := 0
		for _, n := range m.nodes {
			if n.Kind() == c.kind {
				parts = max(parts, p.owners[n.params[0]].parts())
			}
		}
		if parts < 2 {
			t.Errorf("%s: its gradient is cut into %d parts, want several", c.kind, parts)
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("the layer %s has no case: add one to kindCases", kind)
		}
	}
}

func stepPlan(t *testing.T, m *Model, d *data.Dataset, pool *par.Pool) *plan {
	m.initialise(0)
	h, err := SparseCategoricalCrossEntropy{}.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	return newPlan(m, planSpec{batch: 32, set: d, head: h, metrics: []Metric{Accuracy{}}, opt: Adam{}, pool: pool})
}

func TestThreadsDoNotChangeBitsOfAnyKind(t *testing.T) {
	own := Custom("Own", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.MatMul(w[0]).Tanh() }, Weight{Name: "weights", Shape: []int{-1, 90}})
	for i, c := range append(kindCases(), kindCase{kind: "Custom", layer: own, shape: []int{200}}) {
		t.Run(fmt.Sprint(i, " ", c.kind), func(t *testing.T) {
			d := c.data(t, 48) // the second batch is smaller
			var first *History
			for _, threads := range []int{1, 2, 4} {
				h, err := c.model().Fit(d, Fit{Batch: 32, Seed: 7, Threads: threads, Val: d})
				switch {
				case err != nil:
					t.Fatal(err)
				case first == nil:
					first = h
				case h.WeightHash != first.WeightHash:
					t.Errorf("%d threads give other weights than 1", threads)
				case h.Epochs[0].Loss != first.Epochs[0].Loss || h.Epochs[0].ValLoss != first.Epochs[0].ValLoss:
					t.Errorf("%d threads give the losses %v and %v, 1 gives %v and %v", threads, h.Epochs[0].Loss, h.Epochs[0].ValLoss, first.Epochs[0].Loss, first.Epochs[0].ValLoss)
				}
			}
		})
	}
}

func TestNoKindAllocates(t *testing.T) {
	for i, c := range kindCases() {
		t.Run(fmt.Sprint(i, " ", c.kind), func(t *testing.T) {
			for _, threads := range []int{1, 2} {
				pool := par.New(threads)
				p := stepPlan(t, c.model(), c.data(t, 32), pool)
				idx := everyIndex(32)
				n := testing.AllocsPerRun(5, func() {
					if _, ok := p.step(idx); !ok {
						t.Fatal("stopped")
					}
				})
				pool.Close()
				if n != 0 {
					t.Errorf("%d threads: %v allocations a step, want 0", threads, n)
				}
			}
		})
	}
}

// Neither do losses and metrics.
func TestNoLossAllocates(t *testing.T) {
	for _, loss := range losses {
		m := Sequential(Input(7), Dense(3))
		d := targeted(t, 16, 3, 7)
		used := metrics
		switch l := loss.(type) {
		case SparseCategoricalCrossEntropy:
			l.FromLogits = true
			loss, d = l, labelled(t, 16, 3, 7)
		case CategoricalCrossEntropy:
			l.FromLogits = true
			loss = l
		case BinaryCrossEntropy:
			l.FromLogits = true
			loss = l
		}
		m.initialise(0)
		h, err := loss.resolve(m, d)
		if err != nil {
			t.Fatalf("%s: %v", loss.Name(), err)
		}
		pool := par.New(2)
		p := newPlan(m, planSpec{batch: 16, set: d, head: h, metrics: used, opt: Adam{}, pool: pool, chunk: 4})
		idx := everyIndex(16)
		n := testing.AllocsPerRun(5, func() { p.step(idx) })
		pool.Close()
		if n != 0 {
			t.Errorf("%s: %v allocations a step, want 0", loss.Name(), n)
		}
	}
}
