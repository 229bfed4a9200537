// This file picks what is worth a line of what a cell shows.

package progress

import (
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
		if n := len(s.tail); n > 4096 {
			s.tail = s.tail[n-4096:]
		}
	}
}

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
// listing says nothing.
func (s *seen) summary() []string {
	var lines []string
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
