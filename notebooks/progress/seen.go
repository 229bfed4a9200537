// This file picks what is worth a line of what a cell shows.

package progress

import (
	"fmt"
	"strings"

	"cajal/kernel/cell"
	"cajal/notebooks/run"
)

// seen is what a cell has shown so far.
type seen struct {
	figure  string // first line of the last update, or of the last display
	live    bool   // figure was updated: it tells how far something is
	result  string // the cell's value, if it is one line
	printed string // last line on stdout
	lines   int    // finished lines on stdout
	tail    string // stdout after its last newline

	warned   string // first line on stderr
	warnings int    // finished lines on stderr, but for blank ones
	errTail  string // stderr after its last newline
}

func (s *seen) take(e cell.Event) {
	switch e.Kind {
	case cell.Display, cell.Update, cell.Result:
		text, _ := e.Bundle.Data["text/plain"].(string)
		line := firstLine(text)
		switch {
		case line == "":
		case e.Kind != cell.Result:
			s.figure, s.live = line, s.live || e.Kind == cell.Update
		case !strings.Contains(strings.TrimSpace(text), "\n"):
			s.result = line
		}
	case cell.Stdout:
		s.tail += e.Text
		if line := lastLine(s.tail); line != "" {
			s.printed = line
		}
		if i := strings.LastIndexByte(s.tail, '\n'); i >= 0 {
			s.lines += strings.Count(s.tail[:i], "\n") + 1
			s.tail = s.tail[i+1:]
		}
		s.tail = ending(s.tail)
	case cell.Stderr:
		s.errTail += e.Text
		for {
			line, rest, ok := strings.Cut(s.errTail, "\n")
			if !ok {
				break
			}
			s.warn(line)
			s.errTail = rest
		}
		s.errTail = ending(s.errTail)
	}
}

// warn notes a line on stderr.
func (s *seen) warn(line string) {
	if line = lastLine(line); line == "" {
		return
	}
	if s.warned == "" {
		s.warned = line
	}
	s.warnings++
}

// ending returns as much of an unfinished line as can matter.
func ending(s string) string { return s[max(0, len(s)-4096):] }

// now is the line for a cell that runs.
func (s *seen) now(step run.Step) string {
	for _, line := range []string{s.figure, s.printed, title(step.Source)} {
		if line != "" {
			return line
		}
	}
	return ""
}

// summary is what is left to read when the cell has ended: how far something
// got, and what the cell says in a line. One row of a table or of a long
// listing says nothing; but of what goes to stderr, the first line does.
func (s *seen) summary() []string {
	var lines []string
	s.warn(s.errTail)
	s.errTail = ""
	switch {
	case s.warnings > 1:
		lines = append(lines, fmt.Sprintf("%s (%d more on standard error)", s.warned, s.warnings-1))
	case s.warned != "":
		lines = append(lines, s.warned)
	}
	if s.printed != "" && (s.lines == 0 || s.lines == 1 && strings.TrimSpace(s.tail) == "") {
		lines = append(lines, s.printed)
	}
	if s.live {
		lines = append(lines, s.figure)
	}
	if s.result != "" {
		lines = append(lines, s.result)
	}
	return lines
}

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(clean(line)); line != "" {
			return line
		}
	}
	return ""
}

func lastLine(s string) string {
	s = strings.TrimRight(s, "\r\n\t ")
	if i := strings.LastIndexAny(s, "\r\n"); i >= 0 {
		s = s[i+1:]
	}
	return strings.TrimSpace(clean(s))
}
