package eval

// This file gives code the files that it knows as os.Stdin, os.Stdout and
// os.Stderr. They are made when code first mentions them.
//
// Most of what a cell prints never touches them: it goes to the cell's streams.
// But a compiled function that is handed os.Stdout writes to a file, so the file
// is a pipe, whose other end feeds the stream of the cell that runs. Whatever is
// in the pipe is read before anything else is shown, which keeps the order.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// The standard files.
const (
	stdinFile = iota
	stdoutFile
	stderrFile
)

// files are the standard files of an evaluator.
type files struct {
	given [3]*os.File // those of a program that has real ones

	once  [3]sync.Once
	vars  [3]*os.File // the variables, which code may set
	first [3]atomic.Pointer[os.File]

	restore func() // gives the process its standard output back; nil if it has it

	// write takes what came through a pipe.
	write func(which int, p []byte)
	pipes [3]atomic.Pointer[pipe]
}

// variable returns the variable of package os of that name; nil if it is none
// of these.
func (f *files) variable(name string) **os.File {
	which, ok := map[string]int{"Stdin": stdinFile, "Stdout": stdoutFile, "Stderr": stderrFile}[name]
	if !ok {
		return nil
	}
	f.once[which].Do(func() { f.make(which) })
	return &f.vars[which]
}

func (f *files) make(which int) {
	file := f.given[which]
	if file == nil {
		r, w, err := os.Pipe()
		switch {
		case err != nil:
			// There are no more files. Writes to a nil file fail with an error.
			return
		case which == stdinFile:
			// Compiled code cannot ask the reader for a line; it finds the end.
			w.Close()
			file = r
		default:
			p := newPipe(r, func(text []byte) { f.write(which, text) })
			f.pipes[which].Store(p)
			go p.run()
			file = w
		}
	}
	f.vars[which] = file
	f.first[which].Store(file)
}

// OwnStdout says that the process has no other use for its standard output: what
// is written there, by file descriptor or by compiled code, is output of the
// cell that runs. One evaluator of a process can have that, until it is closed.
func (e *Evaluator) OwnStdout() error {
	file := *e.files.variable("Stdout")
	if file == nil {
		return errors.New("eval: standard output: there are no more files")
	}
	restore, err := takeDescriptor(file)
	if err != nil {
		return fmt.Errorf("eval: standard output: %w", err)
	}
	e.files.restore = restore
	return nil
}

// is tells whether file is the standard file as it was made.
func (f *files) is(which int, file *os.File) bool {
	return file != nil && f.first[which].Load() == file
}

// exchanged returns the file to which code has set the variable, if it has.
func (f *files) exchanged(which int) *os.File {
	if first := f.first[which].Load(); first != nil && f.vars[which] != first {
		return f.vars[which]
	}
	return nil
}

// drain shows what was written to the files so far.
func (f *files) drain() {
	for i := range f.pipes {
		if p := f.pipes[i].Load(); p != nil {
			p.drain()
		}
	}
}

// close ends the pipes.
func (f *files) close() {
	if f.restore != nil {
		f.restore()
		f.restore = nil
	}
	for i := range f.pipes {
		if p := f.pipes[i].Load(); p != nil {
			p.drain()
			f.first[i].Load().Close()
		}
	}
}

// Writer returns where text goes that the execution writes to w: its own stream
// if w is what it knows as os.Stdout or os.Stderr, else w.
func (r *Running) Writer(w *os.File) io.Writer {
	switch f := &r.eval.files; {
	case f.is(stdoutFile, w):
		return r.stdout
	case f.is(stderrFile, w):
		return r.stderr
	}
	return w
}

// IsStdin tells whether f is what the execution knows as os.Stdin.
func (r *Running) IsStdin(f *os.File) bool { return r.eval.files.is(stdinFile, f) }

// Stdout returns where the execution's standard output goes.
func (r *Running) Stdout() io.Writer {
	if f := r.eval.files.exchanged(stdoutFile); f != nil {
		return f
	}
	return r.stdout
}

// Stderr returns where the execution's standard error goes.
func (r *Running) Stderr() io.Writer {
	if f := r.eval.files.exchanged(stderrFile); f != nil {
		return f
	}
	return r.stderr
}

// Stdin returns where the execution's standard input comes from.
func (r *Running) Stdin() io.Reader {
	if f := r.eval.files.exchanged(stdinFile); f != nil {
		return f
	}
	return r.stdin
}
