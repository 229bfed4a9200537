// This file writes and reads the operators of sequences: embeddings, recurrent layers
// and attention.

package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A form is how a value of the graph lies when it is not one row an example: recurrent
// operators want the steps first, and embeddings whole numbers.
type form int

const (
	byExample form = iota // [batch ...]
	bySteps               // [steps batch features]
	states                // [steps 1 batch units], what a recurrent operator gives
	state                 // [1 batch units], the last of them
	ofWords               // [batch ...], rounded down to whole numbers
)

// recurrentOps are the operators of recurrent layers.
var recurrentOps = map[string]string{"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}

// gateOrder is where the gates of a layer, in its order, are among the operator's: i, f,
// g, o of an LSTM among i, o, f, c. Of the others the order is the same.
func gateOrder(kind string) []int {
	switch kind {
	case "LSTM":
		return []int{0, 2, 3, 1}
	case "GRU":
		return []int{0, 1, 2}
	}
	return []int{0}
}

// stateActivations are those of a SimpleRNN that have a name in the operator.
var stateActivations = map[nn.Activation]string{nn.Tanh: "Tanh", nn.ReLU: "Relu", nn.Sigmoid: "Sigmoid"}

// embedding adds what looks up the vectors of words.
func (x *exporter) embedding(name string, v exported, params []nn.Parameter) exported {
	words := x.node("Cast", []string{v.name}, name+"_words", attrI("to", elemInt64))
	return exported{name: x.node("Gather", []string{x.weight(name+".weights", params[0].Values), words}, name)}
}

// recurrent adds a recurrent layer, between two operators that turn steps and examples
// round.
func (x *exporter) recurrent(name string, c nn.LayerConfig, v exported, params []nn.Parameter) (exported, error) {
	order := gateOrder(c.Kind)
	n := len(order) * c.Units
	in := params[0].Values.Shape[0]
	// The operator has the gates as rows, and both biases in one vector.
	w, u, b := tensor.New(1, n, in), tensor.New(1, n, c.Units), tensor.New(1, 2*n)
	for g, at := range order {
		for k := range c.Units {
			from, to := g*c.Units+k, at*c.Units+k
			for i := range in {
				w.Data[to*in+i] = params[0].Values.Data[i*n+from]
			}
			for i := range c.Units {
				u.Data[to*c.Units+i] = params[1].Values.Data[i*n+from]
			}
			b.Data[to] = params[2].Values.Data[from]
			if len(params) > 3 {
				b.Data[n+to] = params[3].Values.Data[from]
			}
		}
	}
	settings := []attribute{attrI("hidden_size", c.Units)}
	if c.Backwards {
		settings = append(settings, attrS("direction", "reverse"))
	}
	switch c.Kind {
	case "GRU":
		settings = append(settings, attrI("linear_before_reset", 1))
	case "SimpleRNN":
		f, ok := stateActivations[c.Activation]
		if !ok {
			return v, fmt.Errorf("the activation %s has no operator here", c.Activation)
		}
		settings = append(settings, attribute{name: "activations", typ: attrStrings, strings: [][]byte{[]byte(f)}})
	}
	steps := x.node("Transpose", []string{x.last(v).name}, name+"_steps", attrs("perm", 1, 0, 2))
	inputs := []string{steps, x.weight(name+".weights", w), x.weight(name+".recurrent", u), x.weight(name+".biases", b)}
	out := []string{"", name + "_state"}
	if c.Sequences {
		out = []string{name + "_states"}
	}
	x.out.graph.nodes = append(x.out.graph.nodes, &node{name: name + "_cell", op: recurrentOps[c.Kind], inputs: inputs, outputs: out, attrs: settings})
	if !c.Sequences {
		return exported{name: x.node("Squeeze", []string{out[1], x.shape(name+".axes", 0)}, name)}, nil
	}
	all := x.node("Squeeze", []string{out[0], x.shape(name+".axes", 1)}, name+"_all")
	return exported{name: x.node("Transpose", []string{all}, name, attrs("perm", 1, 0, 2))}, nil
}

// attention adds the operators of all heads together: there is none for it in the
// versions that are written.
func (x *exporter) attention(name string, c nn.LayerConfig, in []exported, params []nn.Parameter) exported {
	var shapes [3][]int
	var parts [3]string // queries, keys, values: [batch heads steps width], keys turned
	for k, what := range []string{"queries", "keys", "values"} {
		v := x.last(in[min(k, len(in)-1)])
		shapes[k] = v.shape
		y := x.affine(name+"."+what, v.name, params[2*k:])
		y = x.node("Reshape", []string{y, x.shape(name+"."+what+".shape", -1, v.shape[0], c.Heads, c.Units)}, name+"_"+what)
		perm := []int{0, 2, 1, 3}
		if k == 1 {
			perm = []int{0, 2, 3, 1}
		}
		parts[k] = x.node("Transpose", []string{y}, y+"_heads", attrs("perm", perm...))
	}
	s := x.node("MatMul", parts[:2], name+"_products")
	s = x.node("Mul", []string{s, x.number(name+".scale", float32(1/math.Sqrt(float64(c.Units))))}, name+"_scores")
	if c.Causal {
		mask := tensor.New(shapes[0][0], shapes[1][0])
		for i := range shapes[0][0] {
			for j := i + 1; j < shapes[1][0]; j++ {
				mask.Data[i*shapes[1][0]+j] = float32(math.Inf(-1))
			}
		}
		s = x.node("Add", []string{s, x.weight(name+".mask", mask)}, name+"_seen")
	}
	s = x.node("Softmax", []string{s}, name+"_shares", attrI("axis", -1))
	y := x.node("MatMul", []string{s, parts[2]}, name+"_heard")
	y = x.node("Transpose", []string{y}, name+"_turned", attrs("perm", 0, 2, 1, 3))
	y = x.node("Reshape", []string{y, x.shape(name+".shape", -1, shapes[0][0], c.Heads*c.Units)}, name+"_joined")
	return exported{name: x.affine(name, y, params[6:])}
}

// affine adds a matrix and a bias along the last axis, with the first two of params.
func (x *exporter) affine(name, in string, params []nn.Parameter) string {
	y := x.node("MatMul", []string{in, x.weight(name+".weights", params[0].Values)}, name+"_product")
	return x.node("Add", []string{y, x.weight(name+".biases", params[1].Values)}, name)
}

// gather reads an embedding: rows of a constant by the numbers that go in.
func gather(im *importer, n *node) (*tracked, error) {
	w, err := im.weights(n, 0, 2)
	if err != nil {
		return nil, err
	}
	t, err := im.any(n, 1)
	if err != nil {
		return nil, err
	}
	if a := n.int("axis", 0); a != 0 || t.form != ofWords || t.layer != 0 || len(t.shape) != 1 || slices.Contains(w.Shape, 0) {
		return nil, fmt.Errorf("takes along axis %d by a value of shape %v, but nn.Embedding takes rows, by the whole numbers of the input, [steps]", a, t.shape)
	}
	c := nn.LayerConfig{Kind: "Embedding", Words: w.Shape[0], Units: w.Shape[1]}
	return im.add(c, []int{t.shape[0], w.Shape[1]}, []*tensor.Tensor{w}, t)
}

// recurrent reads a layer that reads step by step, and gives what is read of it: the
// states or the last one.
func recurrent(im *importer, n *node) (*tracked, error) {
	kind := map[string]string{"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}[n.op]
	t, err := im.any(n, 0)
	if err != nil {
		return nil, err
	}
	if t.form != bySteps {
		return nil, fmt.Errorf("reads a value of shape %v, but wants [steps batch features]", t.shape)
	}
	order := gateOrder(kind)
	units := n.int("hidden_size", 0)
	if units < 1 || units > maxNumbers/int64(2*len(order)) {
		return nil, fmt.Errorf("has a hidden_size of %d", units)
	}
	c := nn.LayerConfig{Kind: kind, Units: int(units)}
	if err := im.cell(n, &c); err != nil {
		return nil, err
	}
	params, err := im.gates(n, order, t.shape[1], c.Units, kind)
	if err != nil {
		return nil, err
	}
	// The one output that is read becomes the first.
	read := func(i int) bool { return i < len(n.outputs) && n.outputs[i] != "" && im.uses[n.outputs[i]] > 0 }
	c.Sequences = read(0) || !read(1)
	out, result := []int{c.Units}, state
	if c.Sequences {
		out, result = []int{t.shape[0], c.Units}, states
	} else {
		n.outputs[0], n.outputs[1] = n.outputs[1], n.outputs[0]
	}
	y, err := im.add(c, out, params, t)
	if err == nil {
		y.form = result
	}
	return y, err
}

// cell reads the attributes of a recurrent operator.
func (im *importer) cell(n *node, c *nn.LayerConfig) error {
	switch d := n.text("direction"); d {
	case "", "forward":
	case "reverse":
		c.Backwards = true
	default:
		return fmt.Errorf("has the direction %s, but a layer here goes forward or in reverse", d)
	}
	if n.int("layout", 0) != 0 || n.int("input_forget", 0) != 0 || n.attr("clip") != nil {
		return errors.New("has a layout, clip or input_forget, which are not read here")
	}
	if c.Kind == "GRU" && n.int("linear_before_reset", 0) == 0 {
		return errors.New("has linear_before_reset 0, but nn.GRU multiplies before it resets: 1")
	}
	want := map[string][]string{"LSTM": {"Sigmoid", "Tanh", "Tanh"}, "GRU": {"Sigmoid", "Tanh"}, "SimpleRNN": {"Tanh"}}[c.Kind]
	if a := n.attr("activations"); a != nil {
		var names []string
		for _, b := range a.strings {
			names = append(names, string(b))
		}
		if c.Kind == "SimpleRNN" {
			for act, op := range stateActivations {
				if len(names) == 1 && strings.EqualFold(names[0], op) {
					c.Activation = act
					return nil
				}
			}
		}
		if !slices.EqualFunc(names, want, strings.EqualFold) {
			return fmt.Errorf("has the activations %v, but here they are %v", names, want)
		}
	}
	if c.Kind == "SimpleRNN" {
		c.Activation = nn.Tanh
	}
	return nil
}

// gates returns the parameters of a recurrent layer.
func (im *importer) gates(n *node, order []int, in, units int, kind string) ([]*tensor.Tensor, error) {
	rows := len(order) * units
	w, err := im.weights(n, 1, 3)
	if err != nil {
		return nil, err
	}
	u, err := im.weights(n, 2, 3)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(w.Shape, []int{1, rows, in}) || !slices.Equal(u.Shape, []int{1, rows, units}) {
		return nil, fmt.Errorf("has weights %v and %v, expected [1 %d %d] and [1 %d %d]", w.Shape, u.Shape, rows, in, rows, units)
	}
	b := tensor.New(1, 2*rows)
	if len(n.inputs) > 3 && n.inputs[3] != "" {
		if b, err = im.weights(n, 3, 2); err != nil {
			return nil, err
		}
		if !slices.Equal(b.Shape, []int{1, 2 * rows}) {
			return nil, fmt.Errorf("has biases %v, expected [1 %d]", b.Shape, 2*rows)
		}
	}
	for i := 4; i < len(n.inputs); i++ { // lengths, first states, peepholes
		if n.inputs[i] == "" {
			continue
		}
		c, err := im.constant(n, i)
		if err != nil || i != 5 && i != 6 || slices.ContainsFunc(c.float32().Data, func(v float32) bool { return v != 0 }) {
			return nil, fmt.Errorf("has %q as its input %d, but here all sequences are of one length, and begin with states of 0", n.inputs[i], i)
		}
	}
	wt, ut := tensor.New(in, rows), tensor.New(units, rows)
	bias, again := tensor.New(rows), tensor.New(rows)
	for g, at := range order {
		for k := range units {
			to, from := g*units+k, at*units+k
			for i := range in {
				wt.Data[i*rows+to] = w.Data[from*in+i]
			}
			for i := range units {
				ut.Data[i*rows+to] = u.Data[from*units+i]
			}
			bias.Data[to], again.Data[to] = b.Data[from], b.Data[rows+from]
		}
	}
	if kind == "GRU" {
		return []*tensor.Tensor{wt, ut, bias, again}, nil
	}
	return []*tensor.Tensor{wt, ut, bias.Add(again)}, nil
}

// bySteps turns steps and examples round, or back.
func (im *importer) bySteps(n *node, t *tracked, perm []int) (*tracked, error) {
	if !t.straight() || !slices.Equal(perm, []int{1, 0, 2}) {
		return nil, fmt.Errorf("has the order %v, but examples come first here, or behind the steps: [1 0 2]", perm)
	}
	out := im.again(n, t)
	if out.form = byExample; t.form == byExample {
		out.form = bySteps
	}
	return out, nil
}

// oneDirection takes away the axis of what recurrent operators give that is for a
// second direction.
func (im *importer) oneDirection(n *node, t *tracked, axes []int64) (*tracked, error) {
	out := im.again(n, t)
	switch {
	case t.form == states && slices.Equal(axes, []int64{1}):
		out.form = bySteps
	case t.form == state && slices.Equal(axes, []int64{0}):
		out.form = byExample
	default:
		return nil, fmt.Errorf("takes away axes %v of what a recurrent operator gives", axes)
	}
	return out, nil
}
