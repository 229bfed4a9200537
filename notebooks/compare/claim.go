// This file checks numbers in the text of a notebook against what its cells
// say.

package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cajal/notebooks/nbformat"

	"cajal/notebooks/pattern"
)

// Claim is a number in the text of a notebook that is bound to a result, by a
// comment of HTML behind it, which readers do not see:
//
//	gets about 93<!-- = evaluation: accuracy * 100 ~ 1 --> of 100 right
//
// In words: this is the number behind "accuracy" in what the cell with the id
// "evaluation" shows, times 100, give or take 1. Factor and tolerance may be left
// out. Without a tolerance the number must be the result, rounded to the
// digits that stand in the text. If the name is left out, the first number that
// the cell shows is meant.
type Claim struct {
	Cell   int    // index of the text cell
	Text   string // the number as it is written
	Source string // what it is bound to: "evaluation: accuracy * 100 ~ 1"
	Reason string // why it does not hold: "the result is 0.951"
}

func (c Claim) String() string {
	return fmt.Sprintf("the text says %s, but %s (%s)", c.Text, c.Reason, c.Source)
}

var (
	claim = pattern.New(`([-−+]?\d[\d,]*(?:\.\d+)?)[^\d<>]{0,8}<!--\s*=\s*(.*?)\s*-->`)
	bound = pattern.New(`^([^:*~]+?)\s*(?::\s*([^*~]*?)\s*)?(?:\*\s*(\S+)\s*)?(?:~\s*(\S+)\s*)?$`)
)

// Claims returns the claims of an executed notebook that do not hold, or are
// bound to nothing.
func Claims(nb *nbformat.Notebook) []Claim {
	var all []Claim
	for i, c := range nb.Cells {
		if c.Type != nbformat.Markdown {
			continue
		}
		for _, m := range claim().FindAllStringSubmatch(c.Source, -1) {
			if reason := check(nb, m[1], m[2]); reason != "" {
				all = append(all, Claim{i, m[1], m[2], reason})
			}
		}
	}
	return all
}

func check(nb *nbformat.Notebook, text, source string) string {
	m := bound().FindStringSubmatch(source)
	if m == nil {
		return "it is bound to something that is not written CELL: NAME * FACTOR ~ TOLERANCE"
	}
	var target *nbformat.Cell
	for _, c := range nb.Cells {
		if c.Type == nbformat.Code && c.ID == m[1] {
			target = c
		}
	}
	if target == nil {
		return fmt.Sprintf("no code cell has the id %q", m[1])
	}
	value, _, ok := Number(Said(target.Outputs), m[2])
	if !ok {
		return fmt.Sprintf("the cell %s shows no number %s", m[1], m[2])
	}
	if m[3] != "" {
		factor, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return fmt.Sprintf("%q is no factor", m[3])
		}
		value *= factor
	}
	plain := strings.NewReplacer(",", "", "−", "-").Replace(text)
	said, err := strconv.ParseFloat(plain, 64)
	if err != nil {
		return fmt.Sprintf("%q is no number", text)
	}
	tolerance := 0.0
	if m[4] != "" {
		if tolerance, err = strconv.ParseFloat(m[4], 64); err != nil || tolerance < 0 {
			return fmt.Sprintf("%q is no tolerance", m[4])
		}
	} else {
		// Half a unit of the last digit, and a little for what rounding is.
		digits := 0
		if i := strings.IndexByte(plain, '.'); i >= 0 {
			digits = len(plain) - i - 1
		}
		tolerance = 0.5*math.Pow(10, -float64(digits)) + 1e-12*math.Abs(value)
	}
	if math.Abs(said-value) <= tolerance {
		return ""
	}
	return "the result is " + strconv.FormatFloat(value, 'g', 6, 64)
}
