// This file reads the description of a model: its layers, and what each reads.

package keras

import (
	"encoding/json"
	"errors"
	"fmt"

	"cajal/engine/nn"
)

// object is how Keras writes down a thing: its class, and what that is made with.
type object struct {
	Class   string          `json:"class_name"`
	Config  json.RawMessage `json:"config"`
	Name    string          `json:"name"`
	Inbound json.RawMessage `json:"inbound_nodes"`
}

// layer is one of a model, and what is made of it here.
type layer struct {
	object
	name  string
	group string   // where its weights are in newer files
	from  []string // names; nil for the one before
	made  nn.LayerConfig
	skip  bool // computes nothing, and gives what it reads
}

// model makes the model with its weights.
func (a *archive) model() (*nn.Model, error) {
	var o object
	if err := json.Unmarshal([]byte(a.config), &o); err != nil {
		return nil, fmt.Errorf("the model's description: %w", err)
	}
	layers, err := a.layers(o)
	if err != nil {
		return nil, err
	}
	arrays, err := a.perLayer(layers)
	if err != nil {
		return nil, err
	}
	// Places of layers in the model: those that compute nothing are left out.
	place := map[string]int{}
	var c nn.Config
	var weights [][]array
	last := -1
	for i, l := range layers {
		var from []int
		if l.from == nil && i > 0 {
			from = []int{last}
		}
		for _, name := range l.from {
			j, ok := place[name]
			if !ok {
				return nil, fmt.Errorf("layer %q (%s) reads %q, which is none of the layers before it", l.name, l.Class, name)
			}
			from = append(from, j)
		}
		if l.skip {
			if len(from) != 1 {
				return nil, fmt.Errorf("layer %q (%s) reads %d values, but takes one", l.name, l.Class, len(from))
			}
			last = from[0]
		} else {
			l.made.From = from
			last = len(c.Layers)
			c.Layers = append(c.Layers, l.made)
			weights = append(weights, arrays[i])
		}
		if _, twice := place[l.name]; twice {
			return nil, fmt.Errorf("two layers are called %q", l.name)
		}
		place[l.name] = last
	}
	m := nn.FromConfig(c)
	if err := m.Err(); err != nil {
		return nil, err
	}
	return m, setWeights(m, weights)
}

// layers reads the layers, each behind those that it needs.
func (a *archive) layers(o object) ([]*layer, error) {
	var c struct {
		Layers  []object        `json:"layers"`
		Inputs  json.RawMessage `json:"input_layers"`
		Outputs json.RawMessage `json:"output_layers"`
		Build   []*int          `json:"build_input_shape"`
	}
	if err := json.Unmarshal(o.Config, &c); err != nil {
		return nil, fmt.Errorf("the model's description: %w", err)
	}
	var out []*layer
	seen := map[string]int{}
	for i, lo := range c.Layers {
		l := &layer{object: lo, group: groupName(lo.Class, seen)}
		var named struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(lo.Config, &named); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, lo.Class, err)
		}
		if l.name = named.Name; l.name == "" {
			l.name = lo.Name
		}
		var err error
		if l.made, l.skip, err = a.settings(l); err != nil {
			return nil, fmt.Errorf("layer %q (%s) %w", l.name, lo.Class, err)
		}
		out = append(out, l)
	}
	switch o.Class {
	case "Sequential":
		return a.sequential(out, c.Build)
	case "Functional", "Model":
		return functional(out, c.Inputs, c.Outputs)
	}
	return nil, fmt.Errorf("the model is a %q, but only Sequential and Functional ones can be read", o.Class)
}

// sequential puts an Input first where a file leaves it to the first layer, or to the
// model.
func (a *archive) sequential(layers []*layer, build []*int) ([]*layer, error) {
	if len(layers) == 0 {
		return nil, errors.New("the model has no layers")
	}
	if layers[0].made.Kind == "Input" {
		return layers, nil
	}
	var first struct {
		Old []*int `json:"batch_input_shape"`
		New []*int `json:"batch_shape"`
	}
	if err := json.Unmarshal(layers[0].Config, &first); err != nil {
		return nil, err
	}
	for _, dims := range [][]*int{first.Old, first.New, build} {
		if dims == nil {
			continue
		}
		shape, err := exampleShape(dims)
		if err != nil {
			return nil, err
		}
		return append([]*layer{{name: "input of the model", made: nn.LayerConfig{Kind: "Input", Shape: shape}}}, layers...), nil
	}
	return nil, errors.New("the model does not tell the shape of its input: in Keras, call it once, or give it a keras.Input, before it is saved")
}

// functional puts the layers of a graph in order and leaves out those that the output
// does not need.
func functional(layers []*layer, inputs, outputs json.RawMessage) ([]*layer, error) {
	in, err := ends(inputs)
	if err != nil {
		return nil, fmt.Errorf("the model's inputs: %w", err)
	}
	out, err := ends(outputs)
	if err != nil {
		return nil, fmt.Errorf("the model's outputs: %w", err)
	}
	if len(in) != 1 || len(out) != 1 {
		return nil, fmt.Errorf("the model has %d inputs and %d outputs, but models have one of each here", len(in), len(out))
	}
	byName := map[string]*layer{}
	for _, l := range layers {
		if byName[l.name] != nil {
			return nil, fmt.Errorf("two layers are called %q", l.name)
		}
		byName[l.name] = l
		var nodes []json.RawMessage
		if l.Inbound != nil {
			if err := json.Unmarshal(l.Inbound, &nodes); err != nil {
				return nil, fmt.Errorf("layer %q: %w", l.name, err)
			}
		}
		if len(nodes) > 1 {
			return nil, fmt.Errorf("layer %q (%s) is used %d times with the same weights, which layers here are not", l.name, l.Class, len(nodes))
		}
		l.from = []string{}
		if len(nodes) == 1 {
			var v any
			if err := json.Unmarshal(nodes[0], &v); err != nil {
				return nil, fmt.Errorf("layer %q: %w", l.name, err)
			}
			l.from = histories(v, nil)
		}
	}
	var order []*layer
	state := map[*layer]int{} // 1 while it is being visited, 2 behind
	var visit func(name string) error
	visit = func(name string) error {
		l := byName[name]
		switch {
		case l == nil:
			return fmt.Errorf("a layer %q is read, but there is none of that name", name)
		case state[l] == 1:
			return fmt.Errorf("layer %q reads what comes of itself", name)
		case state[l] == 2:
			return nil
		}
		state[l] = 1
		for _, from := range l.from {
			if err := visit(from); err != nil {
				return err
			}
		}
		state[l] = 2
		order = append(order, l)
		return nil
	}
	if err := visit(out[0]); err != nil {
		return nil, err
	}
	if order[0].name != in[0] {
		return nil, fmt.Errorf("the output is not computed from the input %q alone", in[0])
	}
	return order, nil
}

// ends reads the layers at an end of a graph: ["name", 0, 0], or a list of those.
func ends(b json.RawMessage) ([]string, error) {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	if name, ok := history(v); ok {
		return []string{name}, nil
	}
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if name, ok := history(e); ok {
			out = append(out, name)
		}
	}
	return out, nil
}

// history reads ["name", 0, 0, …]: output 0 of node 0 of a layer.
func history(v any) (string, bool) {
	list, ok := v.([]any)
	if !ok || len(list) < 3 {
		return "", false
	}
	name, ok := list[0].(string)
	_, num := list[1].(float64)
	return name, ok && num
}

// histories returns the layers that a node reads, in order, wherever they stand in its
// description, and appends them to.
func histories(v any, to []string) []string {
	if name, ok := history(v); ok {
		return append(to, name)
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			to = histories(e, to)
		}
	case map[string]any:
		if h, ok := v["keras_history"]; ok {
			return histories(h, to)
		}
		if c, ok := v["config"]; ok && v["class_name"] == "__keras_tensor__" {
			return histories(c, to)
		}
		if args, ok := v["args"]; ok {
			return histories(args, to)
		}
	}
	return to
}
