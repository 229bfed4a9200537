// This file takes out what tags hide.

package export

import "cajal/notebooks/nbformat"

// Visible returns a copy of a notebook without the cells, sources and outputs
// that their tags remove (remove-cell, remove-input, remove-output), and with
// noCode without any code. A cell of which nothing is left is left out.
func Visible(nb *nbformat.Notebook, noCode bool) *nbformat.Notebook {
	out := nb.Clone()
	cells := out.Cells
	out.Cells = nil
	for _, c := range cells {
		if c.HasTag("remove-cell") {
			continue
		}
		if c.Type == nbformat.Code {
			if c.HasTag("remove-output") {
				c.Outputs = nil
			}
			if noCode || c.HasTag("remove-input") {
				c.Source = ""
			}
			if c.Source == "" && len(c.Outputs) == 0 {
				continue
			}
		}
		out.Cells = append(out.Cells, c)
	}
	return out
}
