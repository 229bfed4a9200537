package bind

// This file remembers what the cells of this process have used that decides on
// their results and does not stand in their text.

import (
	"slices"
	"sync"

	"cajal/engine/data"
)

// Facts is what the cells of a process have used, each thing once, in the order
// of first use.
type Facts struct {
	Data  []data.File `json:"data,omitempty"`
	Seeds []int64     `json:"seeds,omitempty"` // of trainings
}

// facts belong to the process, not to an evaluator: a program that wants to
// know what a notebook used runs it in a process of its own.
var facts struct {
	mu sync.Mutex
	Facts
}

// Used returns what the cells of this process have used.
func Used() Facts {
	facts.mu.Lock()
	defer facts.mu.Unlock()
	return Facts{slices.Clone(facts.Data), slices.Clone(facts.Seeds)}
}

func noteData(f data.File) {
	facts.mu.Lock()
	defer facts.mu.Unlock()
	if !slices.Contains(facts.Data, f) {
		facts.Data = append(facts.Data, f)
	}
}

func noteSeed(seed int64) {
	facts.mu.Lock()
	defer facts.mu.Unlock()
	if !slices.Contains(facts.Seeds, seed) {
		facts.Seeds = append(facts.Seeds, seed)
	}
}
