// This file tells changes to a terminal.

package diff

import (
	"fmt"
	"io"
	"strings"
)

// context is how many lines around a change are shown.
const context = 2

// Text writes changes for a reader; colour tells whether w shows colours.
func Text(w io.Writer, changes []Change, colour bool) error {
	shade := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s: %s\n", shade("1", clean(c.Where)), clean(strings.Join(c.What, ", ")))
		for _, l := range Hunks(c.source()) {
			switch l.Op {
			case '+':
				fmt.Fprintln(&b, shade("32", "  + "+clean(l.Text)))
			case '-':
				fmt.Fprintln(&b, shade("31", "  - "+clean(l.Text)))
			case '@':
				fmt.Fprintln(&b, shade("2", "    …"))
			default:
				fmt.Fprintln(&b, strings.TrimRight("    "+clean(l.Text), " "))
			}
		}
		for _, d := range c.Output {
			fmt.Fprintln(&b, "  "+clean(d.String()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Hunks leaves out the lines that are far from any change; a line with Op '@'
// stands for them.
func Hunks(lines []Line) []Line {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == ' ' {
			continue
		}
		for j := max(0, i-context); j <= min(len(lines)-1, i+context); j++ {
			near[j] = true
		}
	}
	var out []Line
	for i, l := range lines {
		switch {
		case near[i]:
			out = append(out, l)
		case i == 0 || near[i-1]:
			out = append(out, Line{Op: '@'})
		}
	}
	return out
}

// clean takes control characters out: a notebook must not move the reader's
// cursor.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
