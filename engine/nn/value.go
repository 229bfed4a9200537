// This file has the values of a graph, and the order in which a model computes
// them.

package nn

import (
	"fmt"
	"slices"
)

// A Value is what comes out of a layer in a graph: [In] is the first, a [Layer]
// makes one of another, [Add] and the like one of several, and [Graph] makes a
// model of the last.
//
//	x := nn.In(28, 28, 1)
//	h := nn.Conv2D(8, 3, 3, nn.ReLU, nn.Same)(x)
//	y := nn.Dense(10, nn.Softmax)(nn.Flatten()(nn.Concat(x, h)))
//	m := nn.Graph(x, y)
//
// It has no numbers: it is a plan, and does not change.
type Value struct {
	layer layer
	in    []*Value
}

// of makes a Layer of a description.
func of(l layer) Layer {
	return func(x *Value) *Value {
		if x == nil {
			return &Value{layer: l}
		}
		return &Value{layer: l, in: []*Value{x}}
	}
}

// In is the value that examples go into; see [Input].
func In(shape ...int) *Value {
	return &Value{layer: &inputLayer{plain{layerCommon{at: caller()}}, slices.Clone(shape)}}
}

// Shape returns the shape of the value for one example, nil when the layers up to
// it do not fit.
func (v *Value) Shape() []int {
	m := &Model{}
	if m.gather(v) != nil {
		return nil
	}
	return slices.Clone(m.last().out)
}

// String writes the layer and the shape, or why the layers do not fit.
func (v *Value) String() string {
	if v == nil {
		return "nil"
	}
	m := &Model{}
	if err := m.gather(v); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %v", v.layer.Kind(), m.last().out)
}

// Graph returns the model that computes y from x, which [In] has made. It never
// panics: like [Sequential], it keeps a mistake for Err.
func Graph(x, y *Value) *Model {
	m := &Model{}
	if x == nil || y == nil {
		m.err = &BuildError{Layer: -1, Text: "a graph needs the value that goes in and the one that comes out, but one is nil", Fix: "x := nn.In(784); y := nn.Dense(10, nn.Softmax)(x); nn.Graph(x, y)"}
		return m
	}
	m.err = m.build(y)
	if m.err == nil && m.nodes[0].value != x {
		m.nodes, m.err = nil, &BuildError{Layer: -1, Text: "a graph's x is not the value that y is computed from", Fix: "give nn.Graph the value that nn.In made"}
	}
	return m
}

// order returns the values that y needs, each behind those that it needs itself.
func order(y *Value) []*Value {
	var out []*Value
	seen := map[*Value]bool{}
	var visit func(v *Value)
	visit = func(v *Value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		for _, in := range v.in {
			visit(in)
		}
		out = append(out, v)
	}
	visit(y)
	return out
}
