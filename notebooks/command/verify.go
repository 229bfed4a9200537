// This file verifies and freezes notebooks.

package command

import (
	"os"

	"golang.org/x/term"

	"cajal/notebooks"
	"cajal/notebooks/compare"
	"cajal/notebooks/savefile"
	"cajal/notebooks/verify"
)

// Verify runs notebooks again and compares.
type Verify struct {
	Files     []string `arg:"" help:"Notebooks, or folders of them."`
	Rtol      float64  `default:"1e-6" placeholder:"X" help:"By how much of itself a number may differ (1e-6); cell tags tol=X, band=LO..HI, times, bit and skip say otherwise for a cell."`
	BandsOnly bool     `help:"Compare nothing but the bands of cell tags."`
	Bit       bool     `help:"Nothing may differ but durations, times and addresses, not even the strokes of a chart."`
	HTML      string   `name:"html" placeholder:"FILE" help:"Write the differences side by side as a page."`
	JUnit     string   `name:"junit" placeholder:"FILE" help:"Write the results as JUnit's XML."`
	sessions
}

// Run does it. The error has an exit code: 1 if outputs differ, 2 if a notebook
// cannot be read or run, 3 if outputs differ and so does the environment from
// the one in which the notebook was frozen, 130 after an interrupt.
func (c *Verify) Run(t *Tool) error {
	ctx, stop := interruptible()
	defer stop()
	files, err := notebooks.Expand(c.Files)
	if err != nil {
		return err
	}
	base := compare.Rule{Rtol: c.Rtol, BandsOnly: c.BandsOnly, Exact: c.Bit}
	all := notebooks.Verify(ctx, files, base, c.options(t))
	var statuses []verify.Status
	for _, v := range all {
		statuses = append(statuses, v.Status)
		if err := verify.Text(os.Stdout, v, colour(os.Stdout)); err != nil {
			return err
		}
	}
	for name, write := range map[string]func([]*verify.Verdict) ([]byte, error){c.HTML: verify.Page, c.JUnit: verify.JUnit} {
		if name == "" {
			continue
		}
		data, err := write(all)
		if err == nil {
			err = savefile.Write(name, data)
		}
		if err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return exit(130)
	}
	if worst := verify.Worst(statuses); worst != verify.Same {
		return exit(worst)
	}
	return nil
}

// colour tells whether a file is a terminal that shows colours.
func colour(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("NO_COLOR") == ""
}

// Freeze runs notebooks in place.
type Freeze struct {
	Files []string `arg:"" help:"Notebooks, or folders of them."`
	sessions
}

// Run does it.
func (c *Freeze) Run(t *Tool) error {
	ctx, stop := interruptible()
	defer stop()
	files, err := notebooks.Expand(c.Files)
	if err != nil {
		return err
	}
	return notebooks.Freeze(ctx, files, c.options(t))
}
