// This file writes out one forward and backward pass.

package explain

import (
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A Line is a value of a pass and how it was computed.
type Line = nn.Line

// An Explanation has all numbers of one forward and backward pass of one example.
type Explanation = nn.Explanation

// Pass runs one example x through a model and back and writes out what happens,
// with the formulas: nn's Model.Explain with a loss. A nil loss is that of the last
// Fit, or what Fit would choose.
func Pass(m *nn.Model, x *tensor.Tensor, y any, loss nn.Loss) (*Explanation, error) {
	return m.Explain(x, y, loss)
}
