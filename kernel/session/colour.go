// This file colours the plain lines of an error as front ends expect them.

package session

import (
	"regexp"
	"strings"

	"cajal/kernel/cell"
)

// ANSI sequences, which front ends translate, nbconvert and terminals too. They
// can be read on the pink that Jupyter puts beneath an error; cyan and green,
// for two, could not.
const (
	bold = "\x1b[1m"
	red  = "\x1b[1;31m"
	blue = "\x1b[1;34m"
	off  = "\x1b[0m"
)

// hint begins a line that says what to do.
const hint = "hint:"

var (
	caret    = regexp.MustCompile(`^[\s|]*\^[\^~-]*(\s.*)?$`)
	position = regexp.MustCompile(`\bcell \d+(?::\d+(?::\d+)?|, line \d+(?:, column \d+)?)?`)
)

// colour returns the traceback of an error with ANSI colours: the error's name
// and carets in red, places in cells in bold, the word of hints in blue. The
// text without the colours is unchanged. An error without traceback gets one line.
func colour(e *cell.Error) []string {
	lines := e.Traceback
	if len(lines) == 0 {
		lines = []string{e.Error()}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		switch {
		case caret.MatchString(line):
			at := strings.IndexByte(line, '^')
			out[i] = line[:at] + red + line[at:] + off
		case strings.HasPrefix(strings.TrimSpace(line), hint):
			at := strings.Index(line, hint) + len(hint)
			out[i] = blue + line[:at] + off + line[at:]
		case e.Name != "" && strings.HasPrefix(line, e.Name):
			out[i] = red + e.Name + off + places(line[len(e.Name):])
		default:
			out[i] = places(line)
		}
	}
	return out
}

func places(line string) string {
	return position.ReplaceAllString(line, bold+"$0"+off)
}
