// This file tells verdicts to a terminal.

package verify

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"cajal/notebooks/report"
)

// maxTold is how many differences of a cell are told in a terminal.
const maxTold = 5

// Text writes a verdict for a reader; colour tells whether w shows colours.
func Text(w io.Writer, v *Verdict, colour bool) error {
	shade := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var b strings.Builder
	say := func(indent int, format string, args ...any) {
		text := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1 // a notebook must not move the reader's cursor
			}
			return r
		}, fmt.Sprintf(format, args...))
		fmt.Fprintln(&b, strings.Repeat(" ", indent)+text)
	}
	mark, code := "✓", "32"
	if v.Status != Same {
		mark, code = "✗", "31"
	}
	head := fmt.Sprintf("%s %s: %v", mark, filepath.ToSlash(v.File), v.Status)
	switch {
	case v.Err != nil:
		head += ": " + strings.TrimPrefix(v.Err.Error(), v.File+": ")
	case v.Failure != nil:
		head += ": " + v.Failure.Error()
	default:
		head += fmt.Sprintf(", %d cells in %s", len(v.Cells), report.Duration(v.Elapsed))
	}
	fmt.Fprintln(&b, shade(code, strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, head)))
	if v.Hint != "" {
		say(2, "hint: %s", v.Hint)
	}
	for _, c := range v.Cells {
		if len(c.Differences) == 0 {
			continue
		}
		say(2, "%s", c.Name())
		for i, d := range c.Differences {
			if i == maxTold {
				say(4, "and %d differences more", len(c.Differences)-i)
				break
			}
			say(4, "%s", d)
		}
	}
	for _, c := range v.Claims {
		say(2, "text in cells[%d]: %s", c.Cell, c)
	}
	for _, c := range v.Changes {
		say(2, "environment: %s", c)
	}
	for _, n := range v.Notes {
		say(2, "note: %s", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
