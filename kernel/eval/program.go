package eval

// This file runs a whole Go program.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"cajal/kernel/eval/exec"
)

// Program is a Go program: the files of a package main.
type Program struct {
	Files  map[string]string // file name to text
	Args   []string          // os.Args, the program's name first
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// ReadProgram reads a program from the .go files at the start of args; what
// follows them are its arguments, as in go run.
func ReadProgram(args []string) (Program, error) {
	p := Program{Files: make(map[string]string)}
	for len(args) > 0 && filepath.Ext(args[0]) == ".go" {
		text, err := os.ReadFile(args[0])
		if err != nil {
			return p, err
		}
		if len(p.Args) == 0 {
			p.Args = []string{strings.TrimSuffix(args[0], ".go")}
		}
		p.Files[args[0]] = string(text)
		args = args[1:]
	}
	if len(p.Files) == 0 {
		return p, errors.New("no Go program to run: name at least one .go file")
	}
	p.Args = append(p.Args, args...)
	return p, nil
}

// Exit codes of a program that did not choose its own.
const (
	exitOK        = 0
	exitCompile   = 1
	exitPanic     = 2
	exitInterrupt = 130
)

// RunProgram runs p and returns its exit code, as go run does: 1 if it does not
// compile, 2 if it panics, what it gave to os.Exit otherwise. Errors go to
// p.Stderr. When ctx ends, the program is interrupted.
//
// A program all of whose goroutines wait for each other ends as with go run, if
// it has not called functions that could still wake one: where there may be
// timers, signals or connections, it waits for ctx.
func RunProgram(ctx context.Context, cfg Config, p Program) int {
	e, err := New(cfg)
	if err != nil {
		fmt.Fprintln(p.Stderr, "cajal:", err)
		return exitCompile
	}
	defer e.Close()
	e.args = p.Args
	for name, text := range p.Files {
		e.sources[name] = strings.Split(text, "\n")
	}
	e.loadFor(ctx, p)
	main, errs := e.state.CheckProgram(p.Files)
	if len(errs) > 0 {
		for _, err := range errs {
			fmt.Fprintln(p.Stderr, strings.Join(err.Traceback(), "\n"))
		}
		return exitCompile
	}
	e.modules.embed(e)
	code := make(chan int, 1)
	r := &Running{eval: e, name: "program"}
	r.exit = func(c int) {
		select {
		case code <- c:
		default: // it is ending already
		}
	}
	r.stdin, r.stdout, r.stderr = e.programFiles(p)
	e.latest.Store(r)
	latest.Store(r)
	r.run = e.machine.NewRun(r)
	r.run.Print = func(text string) { io.WriteString(r.stderr, text) }
	r.run.Fatal = r.programFailed
	defer r.run.Watch(r.programAsleep)()
	go func() {
		for _, name := range []string{"init", "main"} {
			if _, failed := r.run.Call(main.Func(name)); failed != nil {
				if !failed.Goexit { // the program goes on in its other goroutines
					r.programFailed(failed.Value, failed.Trace)
				}
				return
			}
		}
		r.exit(exitOK)
	}()
	select {
	case c := <-code:
		e.files.drain()
		return c
	case <-ctx.Done():
	}
	r.run.Stop()
	select {
	case c := <-code:
		return c
	case <-time.After(grace):
		return exitInterrupt
	}
}

// programFailed ends a program after a panic, which it words as the runtime
// does.
func (r *Running) programFailed(v any, trace []exec.Frame) {
	if _, ok := v.(exec.Interrupted); ok {
		r.exit(exitInterrupt)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "panic: %s\n\ngoroutine 1 [running]:\n", panicText(v))
	writeTrace(&b, trace)
	io.WriteString(r.stderr, b.String())
	r.exit(exitPanic)
}

// programAsleep ends a program that can do nothing any more.
func (r *Running) programAsleep(all []exec.Asleep) {
	var b strings.Builder
	b.WriteString("fatal error: all goroutines are asleep - deadlock!\n")
	if len(all) == 0 {
		b.Reset()
		b.WriteString("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n")
	}
	for i, g := range all {
		if i == shownAsleep {
			fmt.Fprintf(&b, "\n… %d more goroutines …\n", len(all)-i)
			break
		}
		fmt.Fprintf(&b, "\ngoroutine %d [%s]:\n", i+1, g.For)
		writeTrace(&b, g.Trace)
	}
	io.WriteString(r.stderr, b.String())
	r.exit(exitPanic)
}

// shownAsleep is how many goroutines are listed of a program that is at a
// standstill.
const shownAsleep = 20

func writeTrace(b *strings.Builder, trace []exec.Frame) {
	for _, f := range trace {
		if !f.Synthetic && f.Pos.IsValid() {
			fmt.Fprintf(b, "%s(...)\n\t%s:%d\n", f.Func, f.Pos.Filename, f.Pos.Line)
		}
	}
}

// programFiles gives a program its standard files, real ones where p has them.
func (e *Evaluator) programFiles(p Program) (stdin io.Reader, stdout, stderr io.Writer) {
	in, ok := p.Stdin.(*os.File)
	if !ok && p.Stdin != nil {
		if r, w, err := os.Pipe(); err == nil {
			go func() {
				io.Copy(w, p.Stdin)
				w.Close()
			}()
			in = r
		}
	}
	stdin = strings.NewReader("")
	if in != nil {
		e.files.given[stdinFile], stdin = in, in
	}
	output := func(which int, w io.Writer) io.Writer {
		if f, ok := w.(*os.File); ok {
			e.files.given[which] = f
			return f
		}
		return &ordered{w: w, files: &e.files}
	}
	return stdin, output(stdoutFile, p.Stdout), output(stderrFile, p.Stderr)
}

// ordered writes to w, from any goroutine, after what was written to files.
type ordered struct {
	files *files
	mu    sync.Mutex
	w     io.Writer
}

// Write writes p after what was written to files.
func (o *ordered) Write(p []byte) (int, error) {
	o.files.drain()
	return o.emit(p)
}

// emit writes p.
func (o *ordered) emit(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}
