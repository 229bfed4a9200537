// This file puts two versions of cells side by side.

package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"cajal/notebooks/nbformat"
)

// Comparison is a page that shows what differs between notebooks or runs.
type Comparison struct {
	Title string
	Names [2]string // of the two versions: "saved", "now"
	Books []ComparedBook
}

// ComparedBook is one notebook on the page.
type ComparedBook struct {
	Name  string
	State string // in a word or two: "differs"
	Good  bool   // nothing differs
	Notes []string
	Cells []ComparedCell
}

// ComparedCell is one cell that differs.
type ComparedCell struct {
	Name   string
	What   []string // what differs, in words
	Source string   // the code, if it is the same in both
	Lines  []ComparedLine
	Rows   []ComparedRow // values that differ
	Was    []*nbformat.Output
	Is     []*nbformat.Output
}

// ComparedLine is a line of a source that differs.
type ComparedLine struct {
	Op   byte // ' ', '-', '+', or '@' for lines left out
	Text string
}

// ComparedRow is a value that differs.
type ComparedRow struct{ Where, Was, Is, Delta string }

//go:embed comparison.html.tmpl
var comparisonSource string

//go:embed comparison.css
var comparisonStyle string

var comparisonTemplate = template.Must(template.New("comparison").Parse(comparisonSource))

// comparisonPage is what the template sees.
type comparisonPage struct {
	Title string
	Style template.CSS
	Names [2]string
	Books []comparisonBook
}

type comparisonBook struct {
	ComparedBook
	Anchor string
	Cells  []comparisonCell
}

type comparisonCell struct {
	ComparedCell
	Code    template.HTML
	Lines   []comparisonLine
	Outputs [2][]pageOutput
	Both    bool
}

type comparisonLine struct{ Class, Mark, Text string }

// Page returns the page. Like a report it is one file that needs nothing else
// and runs nothing.
func (c Comparison) Page() ([]byte, error) {
	p := comparisonPage{Title: c.Title, Style: template.CSS(pageStyle + comparisonStyle), Names: c.Names}
	for i, book := range c.Books {
		pb := comparisonBook{ComparedBook: book, Anchor: fmt.Sprintf("nb-book-%d", i+1)}
		for j, cell := range book.Cells {
			pc := comparisonCell{ComparedCell: cell}
			if cell.Source != "" {
				pc.Code = highlight(cell.Source, "go")
			}
			for _, l := range cell.Lines {
				pc.Lines = append(pc.Lines, map[byte]comparisonLine{
					'+': {"nb-plus", "+", l.Text}, '-': {"nb-minus", "−", l.Text}, '@': {"nb-gap", "", "…"}, ' ': {"", "", l.Text},
				}[l.Op])
			}
			for side, outputs := range [2][]*nbformat.Output{cell.Was, cell.Is} {
				for k, o := range outputs {
					if out, ok := output(fmt.Sprintf("nb-%d-%d-%d-%d", i+1, j+1, side+1, k+1), o, false); ok {
						pc.Outputs[side] = append(pc.Outputs[side], out)
					}
				}
			}
			pc.Both = len(pc.Outputs[0])+len(pc.Outputs[1]) > 0
			pb.Cells = append(pb.Cells, pc)
		}
		p.Books = append(p.Books, pb)
	}
	var b strings.Builder
	if err := comparisonTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return []byte(b.String()), nil
}
