// This file shows verdicts as a page.

package verify

import (
	"path/filepath"

	"cajal/notebooks/report"
)

// Page returns a page with the cells that differ, as they were saved and as they
// are, side by side.
func Page(all []*Verdict) ([]byte, error) {
	c := report.Comparison{Title: "Verification", Names: [2]string{"saved", "now"}}
	for _, v := range all {
		book := report.ComparedBook{Name: filepath.ToSlash(v.File), State: v.Status.String(), Good: v.Status == Same}
		switch {
		case v.Err != nil:
			book.Notes = append(book.Notes, v.Err.Error())
		case v.Failure != nil:
			book.Notes = append(book.Notes, v.Failure.Error())
		}
		if v.Hint != "" {
			book.Notes = append(book.Notes, v.Hint)
		}
		for _, c := range v.Claims {
			book.Notes = append(book.Notes, c.String())
		}
		for _, s := range v.Changes {
			book.Notes = append(book.Notes, "environment: "+s)
		}
		for _, n := range v.Notes {
			book.Notes = append(book.Notes, n.String())
		}
		for _, cell := range v.Cells {
			failed := v.Failure != nil && v.Failure.Step.Index == cell.Index
			if len(cell.Differences) == 0 && !failed {
				continue
			}
			cc := report.ComparedCell{Name: cell.Name(), Source: cell.Source, Was: cell.Was, Is: cell.Is}
			for _, d := range cell.Differences {
				cc.Rows = append(cc.Rows, report.ComparedRow{Where: d.Where, Was: d.Old, Is: d.New, Delta: d.Delta})
			}
			book.Cells = append(book.Cells, cc)
		}
		c.Books = append(c.Books, book)
	}
	return c.Page()
}
