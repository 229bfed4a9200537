// This file ends a training that no longer helps, and keeps its best weights.

package nn

import (
	"fmt"
)

// An EarlyStop ends a training when the validation loss, or without validation the
// training loss, has not fallen for some epochs. The model then has the weights of the
// best epoch.
type EarlyStop struct {
	Patience int     // epochs without improvement that are borne; 0 means 5
	MinDelta float64 // what counts as improvement: a fall by more than this
	KeepLast bool    // keep the last weights instead of the best
	Metric   string  // looked at instead of the loss, such as "accuracy"; it should rise, or fall if it is an error
}

// keeper follows the epochs for an EarlyStop; without one it does nothing.
type keeper struct {
	watched
	rule *EarlyStop
	m    *Model
	kept map[*param][]float32
}

// enough notes an epoch and reports whether the training should end.
func (k *keeper) enough(h *History, e Epoch) bool {
	if k.rule == nil {
		return false
	}
	if k.better(h, e) {
		if !k.rule.KeepLast {
			k.keep(k.m)
		}
		return false
	}
	patience := k.rule.Patience
	if patience == 0 {
		patience = 5
	}
	return k.last-k.epoch >= patience
}

// keep copies the weights, and put brings them back.

func (k *keeper) keep(m *Model) {
	if k.kept == nil {
		k.kept = map[*param][]float32{}
	}
	for _, n := range m.nodes {
		for _, p := range n.params {
			k.kept[p] = append(k.kept[p][:0], p.w...)
		}
	}
}

func (k *keeper) put() {
	for p, w := range k.kept {
		copy(p.w, w)
	}
}

// holds reports whether the weights kept are not those of the last epoch.
func (k *keeper) holds() bool { return k.kept != nil && k.epoch != k.last }

// restore brings the best weights back, if they are others than the last.
func (k *keeper) restore(h *History) {
	if !k.holds() {
		return
	}
	k.put()
	h.Notes = append(h.Notes, fmt.Sprintf("the weights are those of epoch %d", k.epoch))
}
