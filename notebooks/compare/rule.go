// This file defines what may differ in a cell.

package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cajal/notebooks/nbformat"

	"cajal/notebooks/pattern"
)

// Rule says what may differ in the outputs of a cell.
type Rule struct {
	Skip  bool // nothing is compared
	Exact bool // nothing may differ but what is masked
	Bare  bool // and nothing is masked: durations are results here

	// A number a may be b if |a-b| <= Rtol·max(|a|, |b|), or, if Tol is not 0,
	// |a-b| <= Tol·max(1, |b|): as it stands for numbers up to 1, relative beyond.
	Rtol, Tol float64

	// Bands are where numbers have to lie. With any of them, no other number of
	// the cell is compared, unless Tol is set too.
	Bands []Band

	// BandsOnly leaves out everything but the bands.
	BandsOnly bool
}

// Band is an interval for a number in the outputs.
type Band struct {
	Name   string // the number is the first one behind this word; "" the first of all
	Lo, Hi float64
}

func (b Band) String() string {
	s := fmt.Sprintf("%v..%v", b.Lo, b.Hi)
	if b.Name != "" {
		s = b.Name + ":" + s
	}
	return s
}

var bandTag = pattern.New(`^(?:(.+):)?([^:]+)\.\.([^:]+)$`)

// For returns the rule for a cell: base, changed by the cell's tags:
//
//	skip                  nothing is compared
//	bit                   everything is, durations too, bit for bit
//	times                 durations are results, such as those of a simulation
//	tol=X                 Tol
//	band=[NAME:]LO..HI    Bands; may be given often
//
// If base is Exact, no tag but skip softens it.
func For(c *nbformat.Cell, base Rule) (Rule, error) {
	r := base
	tags, _ := c.Metadata["tags"].([]any)
	for _, t := range tags {
		tag, _ := t.(string)
		key, value, _ := strings.Cut(tag, "=")
		switch key {
		case "skip":
			r.Skip = r.Skip || tag == "skip"
		case "bit":
			r.Exact, r.Bare = true, true
		case "times":
			r.Bare = true
		case "tol":
			tol, err := strconv.ParseFloat(value, 64)
			if err != nil || !(tol >= 0) || math.IsInf(tol, 0) {
				return r, fmt.Errorf("the tag %q should be tol=X with a number, such as tol=0.02", tag)
			}
			r.Tol = tol
		case "band":
			m := bandTag().FindStringSubmatch(value)
			if m == nil {
				return r, badBand(tag)
			}
			lo, err1 := strconv.ParseFloat(m[2], 64)
			hi, err2 := strconv.ParseFloat(m[3], 64)
			if err1 != nil || err2 != nil || !(lo <= hi) {
				return r, badBand(tag)
			}
			r.Bands = append(r.Bands, Band{strings.TrimSpace(m[1]), lo, hi})
		}
	}
	if r.Exact {
		r.Rtol, r.Tol = 0, 0
	}
	return r, nil
}

// Check returns an error that names the first cell whose tags [For] does not
// understand: better said before an hour of computing than after it.
func Check(nb *nbformat.Notebook) error {
	number := 0
	for _, c := range nb.Cells {
		if c.Type != nbformat.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		number++
		if _, err := For(c, Rule{}); err != nil {
			where := fmt.Sprintf("cell %d", number)
			if c.ID != "" {
				where += " (" + c.ID + ")"
			}
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

func badBand(tag string) error {
	return fmt.Errorf("the tag %q should be band=LO..HI or band=NAME:LO..HI, such as band=accuracy:0.92..0.94", tag)
}

// close tells whether a number may have become another.
func (r Rule) close(a, b float64) bool {
	switch {
	case a == b || math.IsNaN(a) && math.IsNaN(b):
		return true
	case r.Exact:
		return false
	case len(r.Bands) > 0 && r.Tol == 0:
		return true
	}
	d := math.Abs(a - b)
	return d <= r.Rtol*max(math.Abs(a), math.Abs(b)) || r.Tol > 0 && d <= r.Tol*max(1, math.Abs(b))
}

// Difference is something that is not what it was.
type Difference struct {
	Where    string // "stdout, line 3", "table, row 2, accuracy"
	Old, New string // what was there, and what is
	Delta    string // for numbers: how far apart; else ""
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s: %s, was %s", d.Where, d.New, d.Old)
	if d.Delta != "" {
		s += " (" + d.Delta + ")"
	}
	return s
}
