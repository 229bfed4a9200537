// This file holds what a model predicts, layer by layer, against the same on a tape.
// Gradients are held against it in gradient_test.go.

package nn

import (
	"slices"
	"strings"
	"testing"

	"cajal/engine/grad"
	"cajal/engine/internal/par"
	"cajal/engine/tensor"
)

func testPool(t *testing.T) *par.Pool {
	p := par.New(2)
	t.Cleanup(p.Close)
	return p
}

func TestOnTape(t *testing.T) {
	seen := map[string]bool{}
	for name, m := range models() {
		x := inputs(m)
		for i, n := range m.nodes { // moving averages other than 0 and 1
			for k, p := range n.params {
				if _, err := m.Parameters(i); err != nil {
					t.Fatal(err)
				}
				if len(p.shape) == 1 {
					p.set(tensor.Uniform(int64(10*i+k), 0.5, 1.5, p.shape...).Data)
				}
			}
		}
		tape := grad.NewTape()
		net, err := m.OnTape(tape, tape.Data("x", x))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, l := range net.Layers {
			seen[l.Kind] = true
			want, err := m.Outputs(x, i)
			if err != nil {
				t.Fatal(err)
			}
			got := l.Out.Value()
			largest := want.Abs().Max().Item()
			if !slices.Equal(got.Shape, want.Shape) || !(got.Sub(want).Abs().Max().Item() <= 3e-6*(largest+0.1)) {
				t.Errorf("%s: layer %d %s gives %v on the tape, want %v", name, i, l.Kind, got, want)
			}
		}
		tape.Backward(net.Score().Sum())
		for _, l := range net.Layers {
			for _, p := range l.Weights {
				if p.Name() == "" {
					t.Errorf("%s: a parameter of %s without a name", name, l.Kind)
				}
				p.Grad()
			}
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("%s was not tried", kind)
		}
	}
	m := Sequential(Input(3), Dense(2))
	tape := grad.NewTape()
	if _, err := m.OnTape(tape, tape.Data("x", noise(1, 2, 4))); err == nil || !strings.Contains(err.Error(), "the model wants [n 3]") {
		t.Errorf("another shape: %v", err)
	}
	if _, err := m.OnTape(grad.NewTape(), tape.Data("x", noise(1, 2, 3))); err == nil || !strings.Contains(err.Error(), "another tape") {
		t.Errorf("another tape: %v", err)
	}
}
