// This file refuses models that no machine could hold, before memory is asked for
// that the runtime can only answer by ending the process.

package nn

import "fmt"

// The most numbers that the weights of a model and the output of a layer may have.
// Training takes four times the weights: gradients, and two moments for Adam.
const (
	maxWeights = 1 << 30
	maxOutput  = 1 << 30
)

// tooLarge tells what is too large of the node n, the last one of m.
func (m *Model) tooLarge(n *node) *fault {
	// In floating point: the products need not fit an int.
	size := 1.0
	for _, d := range n.out {
		size *= float64(d)
	}
	if size > maxOutput {
		return &fault{
			text: fmt.Sprintf("puts out %.4g numbers for each example, %.4g GiB", size, size*4/(1<<30)),
			got:  fmt.Sprintf("%v per example", n.out),
			fix:  fmt.Sprintf("fewer: the most is %d", maxOutput),
		}
	}
	own := weightsOf(n)
	all := own
	for _, before := range m.nodes {
		all += weightsOf(before)
	}
	if all > maxWeights {
		return &fault{
			text: fmt.Sprintf("has %.4g weights, which makes %.4g of the model, %.4g GiB, and four times that in training", own, all, all*4/(1<<30)),
			got:  fmt.Sprintf("%v per example", n.in),
			fix:  fmt.Sprintf("fewer units: the most is %d weights", maxWeights),
		}
	}
	return nil
}

// weightsOf counts the stored numbers of a node's parameters.
func weightsOf(n *node) float64 {
	count := 0.0
	for _, p := range n.params {
		count += float64(p.blocks) * float64(p.ldRow) * float64(p.ldCol)
	}
	return count
}
