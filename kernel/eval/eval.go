// Package eval is the evaluator of Go cells: it checks a cell with package
// check, runs it with package exec, and tells its host of what the cell shows.
//
// It knows no Jupyter, no tensors and no charts. It is not a sandbox: cells run
// with all the rights of the process.
//
//	eval.go, failure.go, explain.go   one cell from its text to its outcome, and errors in words
//	hooks.go, fault.go     how a cell joins what earlier ones left, and what it shows
//	program.go             a whole program
//	running.go, streams.go a running cell as compiled packages see it
//	files.go, pipe_*.go    os.Stdin, os.Stdout and os.Stderr
//	natives.go, memory*.go what the executor asks for
//	commands.go, measure.go commands such as %time, of package magic
//	modules.go, embed.go, assembly.go   packages of modules, of package module
//	editor.go              questions of an editor
package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/exec"
	"cajal/kernel/eval/magic"
)

// GoVersion is the version of the language that cells are written in.
const GoVersion = check.GoVersion

// Config says what an evaluator works with.
type Config struct {
	// Host takes events and answers questions.
	Host cell.Host

	// Lookup finds a compiled package by its import path.
	Lookup func(path string) (*check.Package, bool)

	// ByName lists the import paths of packages of that name, the likeliest
	// first.
	ByName func(name string) []string

	// Paths lists the packages that can be imported, for completion and for
	// suggestions. It may be nil.
	Paths func() []string

	// Render turns a value into MIME types and their metadata. If it is nil,
	// values are shown as fmt prints them.
	Render func(v any) (data, metadata map[string]any)

	// Pins lists the versions of modules that an earlier run of the notebook had.
	// It is asked when a module is first needed, and may be nil; see also Pin.
	Pins func() []cell.Module

	// MemoryLimit is the number of bytes that one make may take; 0 for as much as
	// the machine has.
	MemoryLimit uint64
}

// Evaluator runs cells whose declarations live on in later cells. It implements
// [cell.Evaluator].
type Evaluator struct {
	cfg     Config
	state   *check.State
	imports *check.Importer
	machine *exec.Machine
	modules modules

	args      []string // of a program
	files     files
	executing sync.Mutex              // held while a cell runs
	latest    atomic.Pointer[Running] // the cell that ran last
	kept      sync.Map                // see [Running.Kept]

	mu      sync.Mutex
	sources sources
	history []magic.Entry // the cells that ran
	failed  *cell.Error   // how the last cell that failed did
}

var _ cell.Evaluator = (*Evaluator)(nil)

// grace is how long an interrupted cell may take to unwind before Execute
// returns without it, and patience how much longer before the next cell runs
// beside it.
const (
	grace    = 30 * time.Millisecond
	patience = 250 * time.Millisecond
)

// New returns an evaluator without any declarations.
func New(cfg Config) (*Evaluator, error) {
	if cfg.Lookup == nil {
		return nil, errors.New("eval: Config.Lookup is nil: cells could import nothing")
	}
	fset := token.NewFileSet()
	e := &Evaluator{cfg: cfg, sources: make(sources)}
	imp := check.NewImporter(fset, e.lookup)
	imp.Paths, imp.Absent = e.paths, e.modules.whyAbsent
	state := check.NewState(check.Config{Fset: fset, Import: imp, Files: imp.Files, ByName: e.byName})
	e.state, e.imports = state, imp
	e.files.write = e.written
	var err error
	e.machine, err = exec.New(state.Program(), newNatives(e.lookup, e))
	if err != nil {
		return nil, err
	}
	e.machine.Reading = state.Reading()
	e.machine.MemoryLimit = cfg.MemoryLimit
	if cfg.MemoryLimit == 0 {
		e.machine.MemoryLimit = totalMemory()
	}
	e.bindHooks()
	return e, nil
}

// Execute runs one cell, as [cell.Evaluator] says.
func (e *Evaluator) Execute(ctx context.Context, req cell.Request) cell.Outcome {
	e.executing.Lock()
	defer e.executing.Unlock()
	if last := e.latest.Load(); last != nil {
		select {
		case <-last.unwound:
		case <-time.After(patience):
		case <-ctx.Done():
		}
	}
	failed := e.execute(ctx, req)
	e.remember(req, failed)
	return cell.Outcome{Err: failed}
}

// execute runs one cell and returns how it failed, or nil.
func (e *Evaluator) execute(ctx context.Context, req cell.Request) *cell.Error {
	name := fmt.Sprintf("cell %d", req.Number)
	code := check.Clean(req.Code)
	e.mu.Lock()
	e.sources[name] = strings.Split(code, "\n")
	e.mu.Unlock()

	text, commands, err := e.commandsOf(name, req.Key, code)
	if err != nil {
		return err
	}
	if err := e.prepare(ctx, req, text, commands); err != nil {
		return err
	}
	low, errs := e.state.CheckText(text)
	if len(errs) > 0 {
		return compileError(errs)
	}
	if err := e.join(low); err != nil {
		return &cell.Error{Kind: cell.ErrCompile, Name: check.InternalError, Value: err.Error(), Traceback: []string{err.Error()}}
	}
	e.modules.embed(e)
	r := e.newRunning(req, name)
	for _, w := range low.Warnings {
		fmt.Fprintln(r.stderr, w)
	}
	r.begin(commands)
	failed := e.run(ctx, r, low)
	if failed == nil {
		e.warnOfFaults(r, low)
	} else if len(low.Fresh) > 0 {
		e.initAgain(r, low)
	}
	r.flush()
	if r.reset.Load() {
		e.state.Reset()
	}
	e.state.Commit(low, func(i int) bool { return r.reached.Load() > int64(i) })
	return r.end(ctx, failed)
}

// newRunning returns the execution of a cell.
func (e *Evaluator) newRunning(req cell.Request, name string) *Running {
	r := &Running{eval: e, id: req.ID, name: name, key: cmp.Or(req.Key, name), silent: req.Silent, unwound: make(chan struct{})}
	r.out, r.err = &stream{r: r, kind: cell.Stdout}, &stream{r: r, kind: cell.Stderr}
	r.stdout, r.stderr, r.stdin = r.out, r.err, &input{r: r}
	r.run = e.machine.NewRun(r)
	r.run.Print = func(text string) { r.err.Write([]byte(text)) }
	r.run.Fatal = r.goroutineFailed
	e.latest.Store(r)
	latest.Store(r)
	return r
}

// goroutineFailed takes a panic that ended a goroutine of the cell.
func (r *Running) goroutineFailed(v any, trace []exec.Frame) {
	if _, ok := v.(exec.Exit); ok {
		return // see Exit
	}
	r.eval.mu.Lock()
	err := r.eval.sources.panicError(v, trace)
	r.eval.mu.Unlock()
	fmt.Fprintf(r.stderr, "a goroutine of %s has ended:\n%s\n", r.name, strings.Join(err.Traceback, "\n"))
}

// run executes low and returns how it failed, or nil.
func (e *Evaluator) run(ctx context.Context, r *Running, low *check.Lowered) *cell.Error {
	defer r.ended.Store(true)
	done := make(chan *exec.Panic, 1)
	go func() {
		failed := &exec.Panic{Goexit: true}
		defer func() {
			close(r.unwound)
			done <- failed
		}()
		_, failed = r.run.Call(low.Init)
	}()
	select {
	case failed := <-done:
		return e.failure(r, failed)
	case <-ctx.Done():
		r.run.Stop()
	case <-r.run.Done(): // one of its goroutines called os.Exit
	}
	stopped := &exec.Panic{Value: exec.Interrupted{Run: r.run}}
	select {
	case failed := <-done:
		if failed == nil { // a compiled function gave up, and that was the last
			failed = stopped
		}
		return e.failure(r, failed)
	case <-time.After(grace):
		// It is inside a compiled function that does not look; it ends when it
		// comes back to interpreted code.
		return e.failure(r, stopped)
	}
}

// failure words how a cell ended; nil if it ran to its end.
func (e *Evaluator) failure(r *Running, failed *exec.Panic) *cell.Error {
	if failed == nil {
		return r.failed.Load()
	}
	if failed.Goexit {
		return nil // runtime.Goexit in a cell ends the cell
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	r.trace = failed.Trace
	switch v := failed.Value.(type) {
	case dropped:
		return e.sources.valueError(v.error, failed.Trace)
	case exec.Exit:
		return e.exitError(r, v, failed.Trace)
	case exec.Interrupted:
		if x := r.exited.Load(); x != nil {
			return e.exitError(r, *x, nil)
		}
		err := &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: r.name + " was interrupted; what it had set stays"}
		err.Traceback = e.sources.traceback(err, failed.Trace, "")
		return err
	}
	return e.sources.panicError(failed.Value, failed.Trace)
}

// exitError words the end of a cell by os.Exit; that with code 0 is no error.
func (e *Evaluator) exitError(r *Running, x exec.Exit, trace []exec.Frame) *cell.Error {
	if x.Code == 0 {
		return nil
	}
	err := &cell.Error{Kind: cell.ErrExit, Name: "exit", Value: fmt.Sprintf("%s called os.Exit(%d), which ends the cell", r.name, x.Code), Code: x.Code}
	err.Traceback = e.sources.traceback(err, trace, "")
	return err
}

// compileError joins the errors of a cell that did not compile.
func compileError(errs []*check.Error) *cell.Error {
	first := errs[0]
	out := &cell.Error{Kind: cell.ErrCompile, Name: first.Kind, Value: first.Msg, Line: first.Line, Column: first.Column}
	for _, err := range errs {
		out.Traceback = append(out.Traceback, err.Traceback()...)
	}
	return out
}

// Close ends all goroutines that cells left behind and that still run
// interpreted code.
func (e *Evaluator) Close() error {
	e.machine.Stop()
	e.files.close()
	return nil
}

// written takes what compiled code wrote to a standard file.
func (e *Evaluator) written(which int, p []byte) {
	r := e.latest.Load()
	if r == nil {
		return
	}
	out := r.stdout
	if which == stderrFile {
		out = r.stderr
	}
	out.(interface{ emit(p []byte) (int, error) }).emit(p)
}

// render turns a value into MIME types.
func (e *Evaluator) render(v any) cell.Bundle {
	if e.cfg.Render == nil {
		return cell.Bundle{Data: map[string]any{"text/plain": fmt.Sprintf("%+v", v)}}
	}
	data, metadata := e.cfg.Render(v)
	return cell.Bundle{Data: data, Metadata: metadata}
}
