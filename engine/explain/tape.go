// This file puts a model of package nn on a tape.

package explain

import (
	"cajal/engine/grad"
	"cajal/engine/nn"
)

// A Layer is a layer of a model on a tape.
type Layer = nn.TapedLayer

// A Net is a model on a tape: layers as nn.Model.Layers counts them, the first the
// Input.
type Net = nn.Taped

// Put puts a model on a tape and runs it on x, examples [n …] of the model's input
// shape that are on the tape already: nn's Model.OnTape.
func Put(t *grad.Tape, m *nn.Model, x *grad.Var) (*Net, error) { return m.OnTape(t, x) }
