// Package pins keeps the versions of the modules that a notebook's cells import
// in its metadata, so that the next run takes the same.
//
// A Jupyter kernel cannot write them: a notebook's metadata are the front end's,
// which has no message for them. So that is done by who owns the file, cajal run
// and freeze. A live session reads what they wrote, if the front end tells where
// the notebook is; and what a reader wants to pin while working stands in a cell,
// %get MODULE@VERSION, which wins over the metadata.
//
// It is not provenance, which tells what was and binds nobody; it neither
// chooses versions nor checks sums.
package pins

import (
	"encoding/json"
	"maps"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
)

// The place in the metadata: metadata.cajal.modules.
const (
	ours = "cajal"
	key  = "modules"
)

// Load returns the modules that a notebook pins.
func Load(nb *nbformat.Notebook) []cell.Module {
	own, _ := nb.Metadata[ours].(map[string]any)
	tree, ok := own[key]
	if !ok {
		return nil
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return nil
	}
	var all []cell.Module
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}

// Store pins modules in place of those that a notebook pins.
func Store(nb *nbformat.Notebook, modules []cell.Module) error {
	own, _ := nb.Metadata[ours].(map[string]any)
	own = maps.Clone(own)
	delete(own, key)
	if len(modules) > 0 {
		tree, err := nbformat.Tree(modules)
		if err != nil {
			return err
		}
		if own == nil {
			own = make(map[string]any)
		}
		own[key] = tree
	}
	switch {
	case len(own) > 0:
		if nb.Metadata == nil {
			nb.Metadata = make(map[string]any)
		}
		nb.Metadata[ours] = own
	case nb.Metadata != nil:
		delete(nb.Metadata, ours)
	}
	return nil
}
