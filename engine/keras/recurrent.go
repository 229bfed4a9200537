// This file reads recurrent layers: their settings and their weights.

package keras

import (
	"encoding/json"
	"errors"
	"fmt"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// recurrent are the settings that only recurrent layers have.
type recurrent struct {
	Sequences  bool            `json:"return_sequences"`
	State      bool            `json:"return_state"`
	Backwards  bool            `json:"go_backwards"`
	Stateful   bool            `json:"stateful"`
	Gate       json.RawMessage `json:"recurrent_activation"`
	ResetAfter *bool           `json:"reset_after"`
	Dropout    float64         `json:"dropout"`
	Again      float64         `json:"recurrent_dropout"`
}

// isRecurrent are the kinds of layers, and the classes of Keras, of this file.
var isRecurrent = map[string]bool{"SimpleRNN": true, "LSTM": true, "GRU": true}

// recurrent reads the settings of a layer whose common ones are in s.
func (a *archive) recurrent(c *nn.LayerConfig, l *layer, s *settings) error {
	var r recurrent
	if err := json.Unmarshal(l.Config, &r); err != nil {
		return fmt.Errorf("has settings that cannot be read: %w", err)
	}
	c.Kind, c.Units, c.Sequences, c.Backwards = l.Class, s.Units, r.Sequences, r.Backwards
	act, err := a.activation(s.Activation)
	if err != nil {
		return err
	}
	gate, err := a.activation(r.Gate)
	if err != nil {
		return err
	}
	switch {
	case l.Class == "SimpleRNN":
		c.Activation = act
	case act != nn.Tanh || gate != nn.Sigmoid:
		return fmt.Errorf("has the activations %s and, of its gates, %s, but here they are tanh and sigmoid", act, gate)
	}
	switch {
	case l.Class == "GRU" && isFalse(r.ResetAfter):
		return errors.New("has reset_after=False, but nn.GRU multiplies before it resets")
	case r.State || r.Stateful:
		return errors.New("gives its state or keeps it from batch to batch, which layers here do not")
	case r.Sequences && r.Backwards:
		return errors.New("gives the states of a sequence that is read backwards in the order in which it is read; here the first is that of the first step")
	case r.Dropout != 0 || r.Again != 0:
		return errors.New("has a dropout of its own, which layers here have not: nn.Dropout stands before or behind them")
	}
	if i, ok := initOf(s.Init); ok {
		c.Init = &i
	}
	return nil
}

// varsOf is where newer files have the variables of a layer of a folder: those of
// recurrent ones belong to their cell.
func varsOf(kind, group string) string {
	if isRecurrent[kind] {
		return group + "/cell/vars"
	}
	return group + "/vars"
}

// recurrentVars makes the parameters of a layer here of Keras' variables: biases where
// there are none, and of a GRU's matrix of biases two vectors.
func recurrentVars(kind string, vars []array) ([]array, error) {
	if !isRecurrent[kind] {
		return vars, nil
	}
	for i, v := range vars {
		if rank := len(v.values.Shape); rank != 2 && !(rank == 1 && i == 2) || v.values.Check() != nil {
			return nil, fmt.Errorf("has a variable of shape %v", v.values.Shape)
		}
	}
	if len(vars) != 2 && len(vars) != 3 {
		return nil, fmt.Errorf("has %d variables, expected 3, or 2 without biases", len(vars))
	}
	columns := vars[0].values.Shape[1]
	if len(vars) == 2 {
		shape := []int{columns}
		if kind == "GRU" {
			shape = []int{2, columns}
		}
		vars = append(vars[:2:2], array{"made up", tensor.New(shape...)})
	}
	bias := vars[2]
	if kind != "GRU" {
		return vars, nil
	}
	if rows := bias.values.Shape; len(rows) != 2 || rows[0] != 2 {
		return nil, fmt.Errorf("has biases of shape %v, expected [2 %d]", rows, columns)
	}
	return append(vars[:2:2], array{bias.name, bias.values.Row(0).Clone()}, array{bias.name, bias.values.Row(1).Clone()}), nil
}
