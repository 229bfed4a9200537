// This file has the random numbers of a training step.

package nn

import "cajal/engine/internal/rng"

// streams gives every example of every step a stream of its own, so that neither
// threads nor chunks can change it.
type streams struct{ seed, step uint64 }

// purposeNoise begins the random streams of layers that need them while training.
const purposeNoise = 1 << 21

// of returns the stream of example i of the batch for a layer.
func (n *streams) of(layer, i int) rng.Source {
	return rng.New(n.seed+n.step<<20, purposeNoise+uint64(layer)<<32+uint64(i))
}
