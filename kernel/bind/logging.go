package bind

// This file replaces package log: its standard logger by one for each evaluator,
// which writes to the cell that logs, Fatal by what ends that cell, and the place
// of the call by that in the cell.

import (
	"fmt"
	"log"
	"path"
	"regexp"

	"cajal/kernel/eval"
)

// cellStderr writes to the standard error of whatever cell writes.
type cellStderr struct{}

func (cellStderr) Write(p []byte) (int, error) { return stderr().Write(p) }

// compiledLog takes what compiled packages log, for the cell on whose behalf they
// run, or for the latest one if that cannot be told. In the stack of a panic that they
// recovered, it puts the calls of the cell in the place of those of the
// evaluator.
type compiledLog struct{}

func (compiledLog) Write(p []byte) (int, error) {
	text := p
	if at := stackStart.FindIndex(p); at != nil {
		if r := eval.Current(); r != nil {
			if calls := r.Passing(); calls != nil {
				text = append(p[:at[1]:at[1]], writeCalls(calls)...)
			}
		}
	}
	out := stderr()
	if r := eval.Latest(); r != nil && eval.Current() == nil {
		out = r.Stderr()
	}
	if _, err := out.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// stackStart matches the first line that runtime.Stack writes.
var stackStart = regexp.MustCompile(`(?m)^goroutine \d+ \[running\]:\n`)

// output is l.Output for a cell's call that is depth-1 calls above the innermost.
func output(l *log.Logger, depth int, text string) error {
	flags := l.Flags()
	calls := currentCalls()
	if flags&(log.Lshortfile|log.Llongfile) == 0 || depth < 1 || depth > len(calls) {
		return l.Output(depth+1, text)
	}
	// The place that package log would find is not the cell's. So it goes into
	// the text, and another logger does the rest.
	c := calls[depth-1]
	if flags&log.Lshortfile != 0 {
		c.File = path.Base(c.File)
	}
	prefix := l.Prefix()
	if flags&log.Lmsgprefix != 0 {
		text, prefix = prefix+text, ""
	}
	flags &^= log.Lshortfile | log.Llongfile | log.Lmsgprefix
	return log.New(l.Writer(), prefix, flags).Output(depth+1, fmt.Sprintf("%s:%d: %s", c.File, c.Line, text))
}

// fatal and panics are what Fatal and Panic do.
func fatal(l *log.Logger, text string) {
	output(l, 1, text)
	exit(1)
}

func panics(l *log.Logger, text string) {
	output(l, 1, text)
	panic(text)
}

// replaceLogging replaces what logs.
func (s *Set) replaceLogging() {
	l := log.New(cellStderr{}, "", log.LstdFlags)
	s.replaceStructured(l)
	s.replace("log", map[string]any{
		"Default": func() *log.Logger { return l },
		"Flags":   l.Flags, "SetFlags": l.SetFlags, "Prefix": l.Prefix, "SetPrefix": l.SetPrefix,
		"Writer": l.Writer, "SetOutput": l.SetOutput,

		"Output":  func(depth int, text string) error { return output(l, depth, text) },
		"Print":   func(a ...any) { output(l, 1, fmt.Sprint(a...)) },
		"Printf":  func(format string, a ...any) { output(l, 1, fmt.Sprintf(format, a...)) },
		"Println": func(a ...any) { output(l, 1, fmt.Sprintln(a...)) },
		"Fatal":   func(a ...any) { fatal(l, fmt.Sprint(a...)) },
		"Fatalf":  func(format string, a ...any) { fatal(l, fmt.Sprintf(format, a...)) },
		"Fatalln": func(a ...any) { fatal(l, fmt.Sprintln(a...)) },
		"Panic":   func(a ...any) { panics(l, fmt.Sprint(a...)) },
		"Panicf":  func(format string, a ...any) { panics(l, fmt.Sprintf(format, a...)) },
		"Panicln": func(a ...any) { panics(l, fmt.Sprintln(a...)) },

		"(*Logger).Output":  output,
		"(*Logger).Print":   func(l *log.Logger, a ...any) { output(l, 1, fmt.Sprint(a...)) },
		"(*Logger).Printf":  func(l *log.Logger, format string, a ...any) { output(l, 1, fmt.Sprintf(format, a...)) },
		"(*Logger).Println": func(l *log.Logger, a ...any) { output(l, 1, fmt.Sprintln(a...)) },
		"(*Logger).Fatal":   func(l *log.Logger, a ...any) { fatal(l, fmt.Sprint(a...)) },
		"(*Logger).Fatalf":  func(l *log.Logger, format string, a ...any) { fatal(l, fmt.Sprintf(format, a...)) },
		"(*Logger).Fatalln": func(l *log.Logger, a ...any) { fatal(l, fmt.Sprintln(a...)) },
		"(*Logger).Panic":   func(l *log.Logger, a ...any) { panics(l, fmt.Sprint(a...)) },
		"(*Logger).Panicf":  func(l *log.Logger, format string, a ...any) { panics(l, fmt.Sprintf(format, a...)) },
		"(*Logger).Panicln": func(l *log.Logger, a ...any) { panics(l, fmt.Sprintln(a...)) },
	})
}
