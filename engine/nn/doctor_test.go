// This file checks what the doctors find, and that they find nothing where nothing is.

package nn

import (
	"math"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/tensor"
)

func TestDoctor(t *testing.T) {
	m := Sequential(Input(4), Dense(3, Softmax))
	set := func(x *tensor.Tensor, y any) *data.Dataset {
		d, err := data.Arrays(x, y)
		if err != nil {
			t.Fatal(err)
		}
		return d.Named("set")
	}
	labels := func(n int, rare bool) []int {
		y := make([]int, n)
		for i := range y {
			y[i] = i % 3
			if rare && i > 10 {
				y[i] = i % 2
			}
		}
		return y
	}
	good := set(noise(1, 120, 4), labels(120, false))
	other := set(noise(2, 30, 4), labels(30, false))
	large := noise(3, 120, 4)
	for i := range large.Data {
		large.Data[i] *= 300
	}
	bad := noise(4, 120, 4)
	bad.Data[9] = float32(math.NaN())
	part := good.Slice(5, 9).Named("part")
	twice, err := good.Pick(append([]int{3, 3, 4}, 4)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		train, test *data.Dataset
		want        []string // one finding each
	}{
		{"good", good, other, nil},
		{"alone", good, nil, nil},
		{"nil", nil, nil, []string{"error      the training set is nil"}},
		{"large", set(large, labels(120, false)), nil, []string{"warning    set: inputs reach from"}},
		{"NaN", set(bad, labels(120, false)), nil, []string{`error      the dataset "set" has a NaN or infinite number, first in example 2`}},
		{"label out of range", set(noise(5, 3, 4), []int{0, 1, 3}), nil, []string{`error      the dataset "set" has label 3 at example 2`}},
		{"rare class", set(noise(6, 120, 4), labels(120, true)), nil, []string{"warning    set: class 2 has 3 of 120 examples\n  fix      more examples of it, or nn.Fit{ClassWeights: map[int]float64{2: 13.3}}"}},
		{"in both", good, part, []string{"4 examples of part are in set too, first number 0"}},
		{"parts of one", good, part.Named("set"), []string{"4 examples of the second set are in the training set too, first number 0"}},
		{"twice", twice, nil, []string{"class 2 has 0 of", "2 examples are copies of others before them"}},
	} {
		f := m.Doctor(c.train, c.test)
		text := f.String()
		if c.name == "twice" {
			c.want = c.want[1:] // whatever else there is to say of four examples
		} else if len(f.List) != len(c.want) {
			t.Errorf("%s: %v", c.name, f)
		}
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %s\ndoes not have %q", c.name, text, w)
			}
		}
		if c.want == nil && text != "the data: nothing to mend" {
			t.Errorf("%s: %s", c.name, text)
		}
	}
	f := Sequential(Input(4), Dense(0)).Doctor(good, nil)
	if len(f.List) != 1 || !f.List[0].Fatal || !strings.Contains(f.List[0].Text, "has 0 units") {
		t.Errorf("of a model that cannot be: %v", f)
	}
	if h := m.Doctor(nil, nil).MIMEBundle()["text/html"].(string); !strings.Contains(h, "<li>the training set is nil<br>fix: data.MNIST()") {
		t.Errorf("as HTML: %s", h)
	}
}

func TestUnits(t *testing.T) {
	m := Sequential(Input(4), Dense(10, ReLU), Dense(6, Sigmoid), Dense(3, Softmax))
	d := labelled(t, 50, 3, 4)
	f, err := m.Units(d)
	if err != nil || len(f.List) != 0 {
		t.Fatalf("fresh weights: %v, %v", f, err)
	}
	// Three units whose bias is far below, and one sigmoid far above.
	w, b, err := m.Weights(1)
	if err != nil {
		t.Fatal(err)
	}
	b.Data[1], b.Data[4], b.Data[9] = -100, -100, -100
	if err := m.SetWeights(1, w, b); err != nil {
		t.Fatal(err)
	}
	w, b, err = m.Weights(2)
	if err != nil {
		t.Fatal(err)
	}
	b.Data[0] = 50
	if err := m.SetWeights(2, w, b); err != nil {
		t.Fatal(err)
	}
	f, err = m.Units(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"layer 1 dense_1: 3 of 10 units never fire", "nn.LeakyReLU", "layer 2 dense_2: 1 of 6 units are at the limit of their sigmoid"} {
		if !strings.Contains(f.String(), want) {
			t.Errorf("%v\ndoes not have %q", f, want)
		}
	}
	conv := Sequential(Input(5, 5, 1), Conv2D(4, 3, 3, ReLU), Flatten(), Dense(2))
	k, bias, err := conv.Weights(1)
	if err != nil {
		t.Fatal(err)
	}
	bias.Data[2] = -100
	if err := conv.SetWeights(1, k, bias); err != nil {
		t.Fatal(err)
	}
	f, err = conv.Units(noise(1, 9, 5, 5, 1))
	if err != nil || !strings.Contains(f.String(), "1 of 4 filters never fire") {
		t.Errorf("of a convolution: %v, %v", f, err)
	}
	if _, err := conv.Units(nil); err == nil {
		t.Error("units of nothing gave no error")
	}
}
