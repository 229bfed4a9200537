// This file reads a graph: its input, its constants, and one operator after the other.

package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"cajal/engine/internal/scalar"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// Decode makes a model of the bytes of a file.
func Decode(b []byte) (*nn.Model, error) {
	m, err := decodeModel(b)
	if err != nil {
		return nil, fmt.Errorf("onnx: this is no ONNX file: %w", err)
	}
	im := &importer{opset: m.opset, left: freeNumbers + 2*len(b), constants: map[string]*constant{}, values: map[string]*tracked{}, sizes: map[string][]int64{}, uses: map[string]int{}}
	g := &m.graph
	for _, c := range g.initializers {
		im.constants[c.name] = c
	}
	for _, n := range g.nodes {
		for _, name := range n.inputs {
			im.uses[name]++
		}
	}
	for _, v := range g.outputs {
		im.uses[v.name]++
	}
	if err := im.input(g); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	for i, n := range g.nodes {
		if err := im.node(n); err != nil {
			return nil, fmt.Errorf("onnx: node %d %s %q %w", i, n.op, n.name, err)
		}
	}
	if len(g.outputs) != 1 {
		return nil, fmt.Errorf("onnx: the graph has %d outputs, but a model has one", len(g.outputs))
	}
	out := im.values[g.outputs[0].name]
	if out == nil {
		return nil, fmt.Errorf("onnx: nothing gives the output %q", g.outputs[0].name)
	}
	if out.form != byExample {
		return nil, errors.New("onnx: the output has its steps first, or is of whole numbers: a model has the examples first")
	}
	return im.model(out)
}

// imageOps read images or sequences with channels first.
var imageOps = []string{"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "BatchNormalization"}

// input makes the first layer.
func (im *importer) input(g *graph) error {
	var in []value
	for _, v := range g.inputs {
		if im.constants[v.name] == nil { // older files list weights too
			in = append(in, v)
		}
	}
	if len(in) != 1 {
		return fmt.Errorf("the graph has %d inputs, but a model has one", len(in))
	}
	v := in[0]
	lies := byExample
	switch typ := elemTypes[v.elem]; typ {
	case scalar.Float32, scalar.Float64, scalar.Float16:
	case scalar.Int32, scalar.Int64:
		lies = ofWords
	default:
		return fmt.Errorf("the input %q has elements of type %d (%v), but must be of floats, or of the numbers of words", v.name, v.elem, typ)
	}
	if len(v.dims) < 2 {
		return fmt.Errorf("the input %q has shape %v, but must have the batch and at least one dimension more", v.name, v.dims)
	}
	shape := slices.Clone(v.dims[1:])
	for _, d := range shape {
		if d < 1 {
			return fmt.Errorf("the input %q has dimensions %v behind the batch, of which one is not fixed: write the file with a fixed size", v.name, shape)
		}
	}
	first := false
	for _, n := range g.nodes {
		first = first || len(shape) > 1 && slices.Contains(n.inputs, v.name) && slices.Contains(imageOps, n.op)
	}
	var axes []int
	if first {
		shape = append(shape[1:], shape[0])
		axes = channelsFirst(len(shape))
	}
	t, err := im.add(nn.LayerConfig{Kind: "Input", Shape: shape}, shape, nil)
	if err != nil {
		return err
	}
	t.axes, t.form = axes, lies
	im.values[v.name] = t
	return nil
}

// node reads one operator.
func (im *importer) node(n *node) error {
	if n.domain != "" && n.domain != "ai.onnx" {
		return fmt.Errorf("is an operator of %q, which is not known here", n.domain)
	}
	if len(n.outputs) == 0 {
		return errors.New("gives nothing")
	}
	for _, early := range []func(*node) (bool, error){im.fold, im.dimensions} {
		if done, err := early(n); done || err != nil {
			return err
		}
	}
	read, ok := readers[n.op]
	if !ok {
		return errors.New("is an operator that no layer here computes")
	}
	t, err := read(im, n)
	if err != nil {
		return err
	}
	for _, name := range n.outputs[1:] {
		if name != "" && im.uses[name] > 0 {
			return fmt.Errorf("gives a second value, %q, which is read: layers have one", name)
		}
	}
	im.values[n.outputs[0]] = t
	return nil
}

// fold computes operators whose inputs are constants, and reports whether it did.
func (im *importer) fold(n *node) (bool, error) {
	if n.op == "Constant" {
		c, err := n.constantValue()
		if err != nil {
			return false, err
		}
		im.constants[n.outputs[0]] = c
		return true, nil
	}
	if len(n.inputs) == 0 || im.constants[n.inputs[0]] == nil {
		return false, nil
	}
	c := *im.constants[n.inputs[0]]
	switch n.op {
	case "Identity", "Cast":
	case "Transpose":
		perm := n.ints("perm")
		t, err := im.float32(&c)
		if err != nil {
			return false, err
		}
		if perm == nil {
			for i := range c.dims {
				perm = append(perm, int64(len(c.dims)-1-i))
			}
		}
		axes, err := permutation(perm, len(c.dims))
		if err != nil {
			return false, err
		}
		t = t.Transpose(axes...)
		c = constant{typ: scalar.Float32, dims: t.Shape, data: scalar.Append(nil, t.Data)}
	case "Reshape":
		dims, err := im.list(n, 1)
		if err != nil {
			return false, err
		}
		if c.dims, err = reshaped(c.dims, dims); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	c.name = n.outputs[0]
	im.constants[c.name] = &c
	return true, nil
}

// permutation checks that p has the numbers 0 to n-1.
func permutation(p []int64, n int) ([]int, error) {
	seen := make([]bool, n)
	var out []int
	for _, v := range p {
		if v < 0 || v >= int64(n) || seen[v] {
			return nil, fmt.Errorf("has the order %v of %d axes", p, n)
		}
		seen[v] = true
		out = append(out, int(v))
	}
	if len(out) != n {
		return nil, fmt.Errorf("has the order %v of %d axes", p, n)
	}
	return out, nil
}

// reshaped works out a new shape, in which 0 keeps a dimension and -1 is what is left.
func reshaped(from []int, to []int64) ([]int, error) {
	out, unknown, n := make([]int, len(to)), -1, 1
	for i, d := range to {
		switch {
		case d == -1 && unknown < 0:
			unknown = i
			continue
		case d == 0 && i < len(from):
			d = int64(from[i])
		}
		if d < 0 || d > maxNumbers {
			return nil, fmt.Errorf("gives the shape %v", to)
		}
		out[i] = int(d)
		if n *= int(d); n > maxNumbers {
			return nil, fmt.Errorf("gives the shape %v", to)
		}
	}
	if unknown >= 0 {
		if n == 0 || size(from)%n != 0 {
			return nil, fmt.Errorf("gives the shape %v to %v", to, from)
		}
		out[unknown] = size(from) / n
		n *= out[unknown]
	}
	if n != size(from) {
		return nil, fmt.Errorf("gives the shape %v to %v", to, from)
	}
	return out, nil
}

// attr returns an attribute, nil when it is not there.
func (n *node) attr(name string) *attribute {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			return &n.attrs[i]
		}
	}
	return nil
}

func (n *node) int(name string, def int64) int64 {
	if a := n.attr(name); a != nil {
		return a.i
	}
	return def
}

func (n *node) float(name string, def float32) float32 {
	if a := n.attr(name); a != nil {
		return a.f
	}
	return def
}

func (n *node) text(name string) string {
	if a := n.attr(name); a != nil {
		return string(a.s)
	}
	return ""
}

func (n *node) ints(name string) []int64 {
	if a := n.attr(name); a != nil {
		return a.ints
	}
	return nil
}

// constantValue is what an operator Constant gives.
func (n *node) constantValue() (*constant, error) {
	for _, a := range n.attrs {
		c := &constant{name: n.outputs[0]}
		switch a.name {
		case "value":
			if a.t == nil {
				return nil, errors.New("has no value")
			}
			c = a.t
		case "value_float":
			c.typ, c.data = scalar.Float32, scalar.Append(nil, []float32{a.f})
		case "value_floats":
			c.typ, c.data, c.dims = scalar.Float32, a.floats, []int{len(a.floats) / 4}
		case "value_int":
			c.typ, c.data = scalar.Int64, scalar.Append(nil, []int64{a.i})
		case "value_ints":
			c.typ, c.data, c.dims = scalar.Int64, scalar.Append(nil, a.ints), []int{len(a.ints)}
		default:
			continue
		}
		return c, nil
	}
	return nil, errors.New("has a value of a type that is not read here")
}

func (c *constant) float32() *tensor.Tensor {
	return &tensor.Tensor{Shape: slices.Clone(c.dims), Data: c.typ.Float32s(c.data, binary.LittleEndian)}
}

// ints returns whole numbers; of a nil constant, none.
func (c *constant) ints() ([]int64, error) {
	if c == nil {
		return nil, nil
	}
	v, err := c.typ.Int64s(c.data, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("has %q as a list of whole numbers, but its %w", c.name, err)
	}
	return v, nil
}
