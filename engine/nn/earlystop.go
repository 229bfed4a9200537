// This file keeps the best weights of a training that may end early.

package nn

import "math"

// keeper follows the loss for an EarlyStop; without one it does nothing.
type keeper struct {
	rule  *EarlyStop
	m     *Model
	least float64
	epoch int // of the least, from 1
	last  int
	kept  map[*param][]float32
}

// enough notes the last epoch and reports whether the training should end.
func (k *keeper) enough(h *History) bool {
	if k.rule == nil {
		return false
	}
	k.last = len(h.Epochs)
	loss := h.figure(h.Epochs[k.last-1])
	if k.epoch == 0 || loss < k.least-k.rule.MinDelta {
		k.least, k.epoch = loss, k.last
		if !k.rule.KeepLast {
			k.keep()
		}
		return false
	}
	patience := k.rule.Patience
	if patience == 0 {
		patience = 5
	}
	return k.last-k.epoch >= patience || math.IsNaN(loss)
}

func (k *keeper) keep() {
	if k.kept == nil {
		k.kept = map[*param][]float32{}
	}
	for _, n := range k.m.nodes {
		for _, p := range n.params {
			k.kept[p] = append(k.kept[p][:0], p.w...)
		}
	}
}

// restore brings the best weights back, and reports whether they were others.
func (k *keeper) restore() bool {
	if k.kept == nil || k.epoch == k.last {
		return false
	}
	for p, w := range k.kept {
		copy(p.w, w)
	}
	return true
}
