// This file compares notebooks, and takes outputs out of them.

package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cajal/notebooks/compare"
	"cajal/notebooks/diff"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/savefile"
)

// Diff says what differs between two notebooks.
type Diff struct {
	Files     []string `arg:"" help:"Two notebooks, or two versions of one."`
	Git       bool     `hidden:"" help:"The arguments are those that git gives to a diff driver."`
	HTML      string   `name:"html" placeholder:"FILE" help:"Write the differences side by side as a page."`
	NoOutputs bool     `help:"Do not compare outputs."`
	Rtol      float64  `placeholder:"X" help:"By how much of itself a number in an output may differ (0)."`
	Tags      bool     `help:"Let the outputs of a cell differ as far as its tags tol=X, band=LO..HI and skip let them, as verify does."`
}

// Run does it. As with diff the exit code is 0 if the notebooks say the same, 1
// if they differ, and 2 if that cannot be told.
func (c *Diff) Run() error {
	if c.Git {
		return c.git()
	}
	if len(c.Files) != 2 {
		return coded{fmt.Errorf("two notebooks are needed, got %d", len(c.Files)), 2}
	}
	nameA, nameB := c.Files[0], c.Files[1]
	a, err := nbformat.ReadFile(nameA)
	if err != nil {
		return coded{err, 2}
	}
	b, err := nbformat.ReadFile(nameB)
	if err != nil {
		return coded{err, 2}
	}
	if c.Tags {
		if err := compare.Check(b); err != nil {
			return coded{fmt.Errorf("%s: %w", nameB, err), 2}
		}
	}
	changes := diff.Notebooks(a, b, diff.Options{Rule: compare.Rule{Rtol: c.Rtol, Skip: c.NoOutputs}, Tags: c.Tags})
	if c.HTML != "" {
		page, err := diff.Page(nameA, nameB, changes)
		if err == nil {
			err = savefile.Write(c.HTML, page)
		}
		if err != nil {
			return coded{err, 2}
		}
	}
	if err := diff.Text(os.Stdout, changes, colour(os.Stdout)); err != nil {
		return coded{err, 2}
	}
	if len(changes) > 0 {
		return exit(1)
	}
	return nil
}

// git answers a diff driver's call: PATH OLD HEX MODE NEW HEX MODE, with two more
// arguments after a rename. A side without a file is /dev/null. It fails for
// nothing that git should stop at.
func (c *Diff) git() error {
	if len(c.Files) < 7 {
		fmt.Printf("%s: no two versions to compare\n", strings.Join(c.Files[:1], ""))
		return nil
	}
	fmt.Printf("notebook %s\n", c.Files[0])
	var sides [2]*nbformat.Notebook
	for i, name := range []string{c.Files[1], c.Files[4]} {
		if name == os.DevNull || name == "/dev/null" {
			sides[i] = &nbformat.Notebook{}
			continue
		}
		nb, err := nbformat.ReadFile(name)
		if err != nil {
			fmt.Println(err)
			return nil
		}
		sides[i] = nb
	}
	return diff.Text(os.Stdout, diff.Notebooks(sides[0], sides[1], diff.Options{}), colour(os.Stdout))
}

// coded is an error with an exit code.
type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }
func (c coded) ExitCode() int { return c.code }

// Strip takes outputs out of notebooks.
type Strip struct {
	Files []string `arg:"" optional:"" help:"Notebooks; without any, standard input is stripped to standard output, as git wants it of a filter."`
}

// Run does it.
func (c *Strip) Run() error {
	if len(c.Files) == 0 {
		data, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		out, err := stripped(data)
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(out)
		return err
	}
	var errs []error
	for _, name := range c.Files {
		data, err := os.ReadFile(name)
		if err == nil {
			var out []byte
			if out, err = stripped(data); err == nil && string(out) != string(data) {
				err = savefile.Write(name, out)
			}
		}
		if err != nil {
			errs = append(errs, errors.New(name+": "+err.Error()))
		}
	}
	return errors.Join(errs...)
}

// stripped returns a notebook without outputs, numbers of cells, times of
// execution and provenance.
func stripped(data []byte) ([]byte, error) {
	nb, err := nbformat.Parse(data)
	if err != nil {
		return nil, err
	}
	nb.ClearOutputs()
	provenance.Remove(nb)
	for _, cell := range nb.Cells {
		delete(cell.Metadata, "execution")
	}
	return nb.Bytes()
}
