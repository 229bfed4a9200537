// This file defines a notebook, its cells and its outputs.

package nbformat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Notebook is a notebook of format 4. Fields that are not named here are kept
// and written back.
type Notebook struct {
	Minor    int            // nbformat_minor; cells have ids from 5 on
	Metadata map[string]any // never nil after reading
	Cells    []*Cell

	rest map[string]any // fields of the top level that have no place above
}

// CellType is one of [Code], [Markdown] and [Raw]; other types are kept as
// they are and have no meaning here.
type CellType string

// The types of cells.
const (
	Code     CellType = "code"
	Markdown CellType = "markdown"
	Raw      CellType = "raw"
)

// Cell is one cell.
type Cell struct {
	Type     CellType
	ID       string // "" if the cell has none, as before format 4.5
	Source   string
	Metadata map[string]any

	// Attachments maps a file name to a MIME bundle, for "attachment:name" in
	// Markdown. Nil if the cell has none.
	Attachments map[string]map[string]any

	// For code cells only.
	ExecutionCount *int // nil: not executed
	Outputs        []*Output

	rest map[string]any
}

// OutputType is one of [Stream], [DisplayData], [ExecuteResult] and
// [ErrorOutput]; other types are kept as they are.
type OutputType string

// The types of outputs.
const (
	Stream        OutputType = "stream"         // Name, Text
	DisplayData   OutputType = "display_data"   // Data, Metadata
	ExecuteResult OutputType = "execute_result" // Data, Metadata, ExecutionCount
	ErrorOutput   OutputType = "error"          // EName, EValue, Traceback
)

// Output is one output of a code cell.
type Output struct {
	Type OutputType

	Name string // "stdout" or "stderr"
	Text string

	// Data maps MIME types to text (binary types in base64) or, for JSON
	// types, to a tree as encoding/json decodes it, with json.Number.
	Data           map[string]any
	Metadata       map[string]any
	ExecutionCount *int

	EName     string
	EValue    string
	Traceback []string

	rest map[string]any
}

// New returns an empty notebook of format 4.5 for Go and cajal.
func New() *Notebook {
	nb := &Notebook{Minor: 5, Metadata: map[string]any{}}
	nb.SetKernel()
	return nb
}

// SetKernel writes kernelspec and language_info into the metadata where they
// are missing.
func (nb *Notebook) SetKernel() {
	if nb.Metadata == nil {
		nb.Metadata = map[string]any{}
	}
	if _, ok := nb.Metadata["kernelspec"]; !ok {
		nb.Metadata["kernelspec"] = map[string]any{
			"display_name": "Go (cajal)",
			"language":     "go",
			"name":         KernelName,
		}
	}
	if _, ok := nb.Metadata["language_info"]; !ok {
		nb.Metadata["language_info"] = map[string]any{
			"codemirror_mode": "go",
			"file_extension":  ".go",
			"mimetype":        "text/x-go",
			"name":            "go",
			"pygments_lexer":  "go",
		}
	}
}

// KernelName is the name of cajal's kernelspec.
const KernelName = "cajal"

// CheckKernel tells whether cajal can run the notebook. A notebook that names
// no kernel is taken for one of ours if its language is Go or not told; one
// that names another kernel is refused, even a Go kernel, since its cells may
// hold that kernel's commands.
func (nb *Notebook) CheckKernel() error {
	spec, _ := nb.Metadata["kernelspec"].(map[string]any)
	info, _ := nb.Metadata["language_info"].(map[string]any)
	name, _ := spec["name"].(string)
	lang, _ := spec["language"].(string)
	if lang == "" {
		lang, _ = info["name"].(string)
	}
	const mend = `open it in Jupyter and choose the kernel "Go (cajal)", or mend metadata.kernelspec`
	switch {
	case lang != "" && !strings.EqualFold(lang, "go"):
		if name == "" {
			name = "?"
		}
		return fmt.Errorf("the notebook's language is %s (kernel %q), and cajal runs Go: %s", lang, name, mend)
	case name != "" && name != KernelName:
		return fmt.Errorf("the notebook was written for the kernel %q, not for %q: %s", name, KernelName, mend)
	}
	return nil
}

// Title returns metadata.title, else the text of the first level-1 heading of
// a Markdown cell as it is written, else "".
func (nb *Notebook) Title() string {
	if t, _ := nb.Metadata["title"].(string); strings.TrimSpace(t) != "" {
		return strings.TrimSpace(t)
	}
	for _, c := range nb.Cells {
		if c.Type != Markdown {
			continue
		}
		fence := ""
		for line := range strings.Lines(c.Source) {
			line = strings.TrimSpace(line)
			switch {
			case fence != "":
				if strings.HasPrefix(line, fence) {
					fence = ""
				}
			case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"):
				fence = line[:3]
			case strings.HasPrefix(line, "# "):
				return strings.TrimSpace(strings.TrimRight(strings.TrimSpace(line[2:]), "#"))
			}
		}
	}
	return ""
}

// ClearOutputs removes outputs and execution counts from every code cell.
func (nb *Notebook) ClearOutputs() {
	for _, c := range nb.Cells {
		if c.Type == Code {
			c.Outputs, c.ExecutionCount = nil, nil
		}
	}
}

// HasTag tells whether the cell's metadata.tags holds tag.
func (c *Cell) HasTag(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	return slices.Contains(tags, any(tag))
}

// Clone returns a copy that shares nothing with nb that the runner or a reader
// of the copy may change: cells and outputs are new, and so are their maps at
// the first level. Trees below are taken as values and never changed in place.
func (nb *Notebook) Clone() *Notebook {
	c := *nb
	c.Metadata = maps.Clone(nb.Metadata)
	c.Cells = make([]*Cell, len(nb.Cells))
	for i, cell := range nb.Cells {
		n := *cell
		n.Metadata = maps.Clone(cell.Metadata)
		n.Outputs = make([]*Output, len(cell.Outputs))
		for j, o := range cell.Outputs {
			oc := *o
			oc.Data, oc.Metadata = maps.Clone(o.Data), maps.Clone(o.Metadata)
			n.Outputs[j] = &oc
		}
		c.Cells[i] = &n
	}
	return &c
}
