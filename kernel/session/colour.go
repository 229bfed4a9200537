// This file colours the plain lines of an error as front ends expect them.

package session

import (
	"regexp"
	"strings"

	"cajal/kernel/cell"
)

// ANSI sequences. Front ends translate them; nbconvert and terminals too.
const (
	red   = "\x1b[1;31m"
	cyan  = "\x1b[36m"
	green = "\x1b[32m"
	off   = "\x1b[0m"
)

var (
	caret    = regexp.MustCompile(`^[\s|]*\^[\^~-]*(\s.*)?$`)
	position = regexp.MustCompile(`\bcell \d+(?::\d+(?::\d+)?|, line \d+(?:, column \d+)?)?`)
)

// colour returns the traceback of an error with ANSI colours: the error's name
// and carets in red, places in cells in cyan, hints in green. The text without
// the colours is unchanged. An error without traceback gets one line.
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
		case strings.HasPrefix(strings.TrimSpace(line), "hint:"):
			out[i] = green + line + off
		case e.Name != "" && strings.HasPrefix(line, e.Name):
			out[i] = red + e.Name + off + places(line[len(e.Name):])
		default:
			out[i] = places(line)
		}
	}
	return out
}

func places(line string) string {
	return position.ReplaceAllString(line, cyan+"$0"+off)
}
