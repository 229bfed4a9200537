// This file gives the update rules of engine/optim their names here.

package nn

import "cajal/engine/optim"

// An Optimizer turns gradients into new weights; see package optim.
type Optimizer = optim.Optimizer

// Adam is the usual choice. Its zero value has the usual settings.
type Adam = optim.Adam

// SGD is gradient descent on batches, with momentum if asked for.
type SGD = optim.SGD
