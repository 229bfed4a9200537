// This file defines the record, and where a notebook keeps it.

package provenance

import (
	"encoding/json"
	"maps"
	"time"

	"cajal/notebooks/nbformat"
)

// Record is what is known of a run. Fields that are zero are not known.
type Record struct {
	Cajal      string            `json:"cajal"`              // version, "devel" for a checkout
	Revision   string            `json:"revision,omitempty"` // of its source
	Go         string            `json:"go"`
	OS         string            `json:"os"`
	Arch       string            `json:"arch"`
	CPU        string            `json:"cpu,omitempty"` // model
	Features   []string          `json:"features,omitempty"`
	Threads    int               `json:"threads,omitempty"`
	Modules    []Module          `json:"modules,omitempty"`    // in the program
	Imports    []Module          `json:"imports,omitempty"`    // that the cells import packages of
	Repository string            `json:"repository,omitempty"` // git revision of the notebook's folder, "+" at its end if something was changed since
	Parameters map[string]string `json:"parameters,omitempty"`
	Seeds      []int64           `json:"seeds,omitempty"`
	Data       []File            `json:"data,omitempty"`
	Executed   time.Time         `json:"executed,omitzero"`
	Seconds    float64           `json:"seconds,omitempty"`
	Code       string            `json:"code"`    // SHA-256 of the code cells
	Outputs    string            `json:"outputs"` // SHA-256 of their outputs
}

// Module is a Go module.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // as in go.sum
}

// File is a file of data.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Source string `json:"source,omitempty"`
}

// key is the name under which notebooks keep what is cajal's.
const key = "cajal"

// Store puts a record into the notebook's metadata.
func Store(nb *nbformat.Notebook, r *Record) error {
	tree, err := nbformat.Tree(r)
	if err != nil {
		return err
	}
	ours, _ := nb.Metadata[key].(map[string]any)
	ours = maps.Clone(ours)
	if ours == nil {
		ours = map[string]any{}
	}
	ours["provenance"] = tree
	if nb.Metadata == nil {
		nb.Metadata = map[string]any{}
	}
	nb.Metadata[key] = ours
	return nil
}

// Remove takes the record out of the notebook's metadata.
func Remove(nb *nbformat.Notebook) {
	ours, ok := nb.Metadata[key].(map[string]any)
	if !ok {
		return
	}
	ours = maps.Clone(ours)
	delete(ours, "provenance")
	if len(ours) == 0 {
		delete(nb.Metadata, key)
		return
	}
	nb.Metadata[key] = ours
}

// Load returns the notebook's record, nil if it has none that can be read.
func Load(nb *nbformat.Notebook) *Record {
	ours, _ := nb.Metadata[key].(map[string]any)
	tree, ok := ours["provenance"]
	if !ok {
		return nil
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return nil
	}
	r := &Record{}
	if json.Unmarshal(data, r) != nil {
		return nil
	}
	return r
}
