// This file shows changes as a page.

package diff

import (
	"path/filepath"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/report"
)

// Page returns a page with the changes from the notebook named a to the one
// named b.
func Page(a, b string, changes []Change) ([]byte, error) {
	names := [2]string{filepath.Base(a), filepath.Base(b)}
	if names[0] == names[1] { // their folders tell them apart
		names = [2]string{a, b}
	}
	book := report.ComparedBook{Name: names[0] + " → " + names[1], State: "differ"}
	if len(changes) == 0 {
		book.State, book.Good = "say the same", true
	}
	for _, c := range changes {
		if c.A == nil && c.B == nil {
			for _, w := range c.What {
				book.Notes = append(book.Notes, c.Where+": "+w)
			}
			continue
		}
		cell := report.ComparedCell{Name: c.Where, What: c.What}
		for _, l := range Hunks(c.source()) {
			cell.Lines = append(cell.Lines, report.ComparedLine(l))
		}
		for _, d := range c.Output {
			cell.Rows = append(cell.Rows, report.ComparedRow{Where: d.Where, Was: d.Old, Is: d.New, Delta: d.Delta})
		}
		if len(c.Output) > 0 {
			cell.Was, cell.Is = outputs(c.A), outputs(c.B)
		}
		book.Cells = append(book.Cells, cell)
	}
	return report.Comparison{Title: "Differences", Names: names, Books: []report.ComparedBook{book}}.Page()
}

// source returns the lines that changed, of a cell that came or went all.
func (c Change) source() []Line {
	switch {
	case c.A == nil && c.B == nil:
		return nil
	case c.A == nil:
		return Lines("", c.B.Source)
	case c.B == nil:
		return Lines(c.A.Source, "")
	}
	return c.Source
}

func outputs(c *nbformat.Cell) []*nbformat.Output {
	if c == nil {
		return nil
	}
	return c.Outputs
}
