// This file checks graphs: what is built, what is refused, and that they compute
// what chains do.

package nn

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cajal/engine/internal/rng"
)

func TestGraphIsSequential(t *testing.T) {
	x := In(12, 12, 1)
	h := MaxPool2D(2)(Conv2D(8, 3, 3, ReLU)(x))
	g := Graph(x, Dense(10, Softmax)(Flatten()(h)))
	s := Sequential(Input(12, 12, 1), Conv2D(8, 3, 3, ReLU), MaxPool2D(2), Flatten(), Dense(10, Softmax))
	if g.String() != s.String() {
		t.Errorf("graph\n%v\nchain\n%v", g, s)
	}
	d := labelled(t, 50, 10, 12, 12, 1)
	hg, err := g.Fit(d, Fit{Epochs: 2})
	if err != nil {
		t.Fatal(err)
	}
	hs, err := s.Fit(d, Fit{Epochs: 2})
	if err != nil {
		t.Fatal(err)
	}
	if hg.WeightHash != hs.WeightHash {
		t.Errorf("weights %s and %s after the same training", hg.WeightHash, hs.WeightHash)
	}
	if !slices.Equal(h.Shape(), []int{5, 5, 8}) || h.String() != "MaxPool2D [5 5 8]" {
		t.Errorf("value %v of shape %v", h, h.Shape())
	}
	// A function is a layer.
	twice := func(x *Value) *Value { return Add(x, x) }
	if m := Sequential(Input(3), twice, Dense(2)); m.Err() != nil || m.Params() != 8 || len(m.Layers()) != 3 {
		t.Errorf("a function as a layer: %v", m)
	}
}

func TestGraphLayers(t *testing.T) {
	m := branches()
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range m.Layers() {
		got = append(got, fmt.Sprint(l.Kind, l.From, l.Out))
	}
	want := "Input[] [7] Dense[0] [7] Dense[0] [7] Multiply[1 2 0] [7] Add[3 0 1] [7] Concat[4 2] [14] Dense[5] [3]"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("layers %s, want %s", s, want)
	}
	if s := m.Summary().String(); !strings.Contains(s, "reads") || !strings.Contains(s, "add_4") || !strings.Contains(s, "multiply_3, input_0, dense_1\n") {
		t.Errorf("summary\n%s", s)
	}
	if got := m.line(); got != "7 → … → 3, a graph of 7 layers" {
		t.Errorf("in one line: %s", got)
	}
	// Each layer's output is that of the reference.
	x := noise(2, 3, 7)
	for i := range m.Layers() {
		y, err := m.Outputs(x, i)
		if err != nil {
			t.Fatal(err)
		}
		part := m.upTo(i)
		part.ready = true
		for e := range 3 {
			for j, v := range refOutputs(part, x.Row(e)) {
				if d := float64(y.Row(e).Data[j]) - v; d > 1e-5 || d < -1e-5 {
					t.Fatalf("layer %d, example %d: %v, want %v", i, e, y.Row(e).Data[j], v)
				}
			}
		}
	}
}

func TestGraphThreads(t *testing.T) {
	hashes := map[string]bool{}
	for _, threads := range []int{1, 2, 4} {
		h, err := residual().Fit(labelled(t, 70, 3, 6, 5, 3), Fit{Epochs: 2, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		hashes[h.WeightHash] = true
	}
	if len(hashes) != 1 {
		t.Errorf("weights differ by threads: %v", hashes)
	}
}

func TestGraphErrors(t *testing.T) {
	x, other := In(4), In(4)
	image := In(4, 4, 2)
	for _, c := range []struct {
		name string
		m    *Model
		want []string
	}{
		{"nil", Graph(x, nil), []string{"one is nil"}},
		{"nil Layer result", Sequential(Input(3), func(*Value) *Value { return nil }), []string{"layer 1 returned a nil value"}},
		{"another x", Graph(other, Dense(2)(x)), []string{"x is not the value that y is computed from"}},
		{"two inputs", Graph(x, Add(x, other)), []string{"layer 1 Input", "is a second one"}},
		{"only an input", Graph(x, x), []string{"needs a layer behind its Input"}},
		{"Add of two shapes", Graph(x, Add(x, Dense(3)(x))), []string{"layer 2 Add (value_test.go:", "wants values of one shape", "[4] and, as value 1, [3]", "path       Input [4] -> ✗ Add"}},
		{"Concat of two shapes", Graph(image, Concat(image, Conv2D(2, 3, 3)(image))), []string{"layer 2 Concat", "differ in their last dimension only", "[4 4 2] and, as value 1, [2 2 2]"}},
		{"Concat of ranks", Graph(image, Concat(image, Flatten()(image))), []string{"[4 4 2] and, as value 1, [32]"}},
		{"Add of nothing", Graph(x, Add()), []string{"layer 0 Add", "comes first"}},
		{"a layer of nil", Graph(x, Add(x, Embedding(3, 4)(nil))), []string{"layer 1 Embedding", "has no input: it was made of a nil value"}},
		{"Add of nil", Graph(x, Add(x, nil)), []string{"layer 1 Add", "has an input that is nil"}},
		{"a mistake in a branch", Graph(image, Concat(image, Dense(3)(Conv2D(2, 1, 1)(image)))), []string{"layer 2 Dense", "put nn.Flatten()", "path       Input [4 4 2] -> Conv2D [4 4 2] -> ✗ Dense"}},
	} {
		err := c.m.Err()
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q\ndoes not have %q", c.name, err, w)
			}
		}
	}
	if v := Add(x, other); v.Shape() != nil || !strings.Contains(v.String(), "is a second one") {
		t.Errorf("a value that cannot be: %v", v)
	}
	var none *Value
	if none.String() != "nil" {
		t.Errorf("a nil value is shown as %v", none)
	}
}

func TestInit(t *testing.T) {
	const in, out = 300, 200
	p := &param{paramSpec: matrixSpec("weights", in, out, nil)}
	for _, c := range []struct {
		init      Init
		deviation float64 // squared
		limit     float64 // squared; 0 means two deviations of the whole curve
	}{
		{GlorotUniform, 2.0 / (in + out), 6.0 / (in + out)},
		{GlorotNormal, 2.0 / (in + out), 0},
		{HeUniform, 2.0 / in, 6.0 / in},
		{HeNormal, 2.0 / in, 0},
		{LecunUniform, 1.0 / in, 3.0 / in},
		{LecunNormal, 1.0 / in, 0},
		{Zeros, 0, 0},
	} {
		p.first = c.init
		p.begin(rng.New(1, 2))
		mean, square, largest := 0.0, 0.0, 0.0
		p.each(func(_, stored, _ int) {
			for _, v := range p.w[stored : stored+out] {
				f := float64(v)
				mean += f / (in * out)
				square += f * f / (in * out)
				largest = max(largest, f*f)
			}
		})
		limit := c.limit
		if limit == 0 {
			limit = 4 * c.deviation / 0.8796 / 0.8796
		}
		if mean > 1e-3 || mean < -1e-3 || square < 0.98*c.deviation || square > 1.02*c.deviation || largest > 1.0001*limit || largest < 0.97*limit {
			t.Errorf("%v: mean %v, square %v (want %v), largest square %v (want up to %v)", c.init, mean, square, c.deviation, largest, limit)
		}
	}
	m := Sequential(Input(3), Dense(4, Ones, NoBias))
	w, b, err := m.Weights(1)
	if err != nil || b != nil || slices.ContainsFunc(w.Data, func(v float32) bool { return v != 1 }) {
		t.Errorf("weights of ones %v, biases %v, %v", w, b, err)
	}
	if err := m.SetWeights(1, w, nil); err != nil {
		t.Error(err)
	}
	if err := m.SetWeights(1, w, w); err == nil || !strings.Contains(err.Error(), "takes weights [3 4]") {
		t.Errorf("biases for a layer without: %v", err)
	}
	if err := Sequential(Input(3), Dense(4, Init(99))).Err(); err == nil || !strings.Contains(err.Error(), "unknown initialisation, init(99)") {
		t.Errorf("an unknown Init: %v", err)
	}
}

func TestRecurrentBeginnings(t *testing.T) {
	m := sequence(LSTM(5))
	ps, err := m.Parameters(1)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ps[2].Values.Data); got != "[0 0 0 0 0 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0]" {
		t.Errorf("biases %s, want 1 for the second gate", got)
	}
	u := ps[1].Values // [5 20]
	for i := range 5 {
		for j := range 5 {
			dot, want := 0.0, 0.0
			for k := range 20 {
				dot += float64(u.At(i, k)) * float64(u.At(j, k))
			}
			if i == j {
				want = 1
			}
			if d := dot - want; d > 1e-6 || d < -1e-6 {
				t.Errorf("rows %d and %d have product %v, want %v", i, j, dot, want)
			}
		}
	}
	var names []string
	ps, err = sequence(MultiHeadAttention(2, 3)).Parameters(1)
	for _, p := range ps {
		names = append(names, fmt.Sprint(p.Name, p.Values.Shape))
	}
	if got, want := strings.Join(names, " "), "query weights[4 6] query biases[6] key weights[4 6] key biases[6] value weights[4 6] value biases[6] output weights[6 4] output biases[4]"; got != want || err != nil {
		t.Errorf("parameters %s, want %s, %v", got, want, err)
	}
}

func TestParameters(t *testing.T) {
	m := Sequential(Input(3), Dense(4), Dense(2))
	ps, err := m.Parameters(2)
	if err != nil || len(ps) != 2 || ps[0].Name != "weights" || ps[1].Name != "biases" || !ps[0].Trained || !slices.Equal(ps[0].Values.Shape, []int{4, 2}) {
		t.Errorf("parameters %v, %v", ps, err)
	}
	ps[1].Values.Set(7, 1)
	if err := m.SetParameters(2, ps[0].Values, ps[1].Values); err != nil {
		t.Fatal(err)
	}
	if _, b, err := m.Weights(2); err != nil || b.At(1) != 7 {
		t.Errorf("biases %v, %v", b, err)
	}
	if err := m.SetParameters(2, ps[0].Values); err == nil || !strings.Contains(err.Error(), "takes weights [4 2] and biases [2]; found 1 tensors") {
		t.Errorf("too few: %v", err)
	}
	if err := m.SetParameters(2, ps[1].Values, ps[0].Values); err == nil || !strings.Contains(err.Error(), "weights have shape [4 2], found [2]") {
		t.Errorf("exchanged: %v", err)
	}
}
