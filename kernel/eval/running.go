package eval

// This file defines a running cell as compiled packages see it: where its
// output goes, what it shows, who calls, and when it has to stop.

import (
	"fmt"
	"io"
	"reflect"
	"sync"
	"sync/atomic"

	"cajal/kernel/cell"
	"cajal/kernel/eval/exec"
)

// Running is an execution of a cell or a program. It outlives the cell's end,
// for the sake of goroutines that the cell left behind.
type Running struct {
	eval   *Evaluator
	id     cell.ID
	name   string // "cell 3"
	key    string // what stays the same when the cell runs again
	run    *exec.Run
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	out, err *stream
	silent   bool
	failed   atomic.Pointer[cell.Error] // the last expression was an error
	reached  atomic.Int64               // number of the cell's variables that have their values
	trace    []exec.Frame               // where it failed
	exited   atomic.Pointer[exec.Exit]  // a goroutine called os.Exit
	ended    atomic.Bool                // the cell has; goroutines may go on
	unwound  chan struct{}              // closed when its own goroutine has ended

	commands []*ran                  // the cell's commands
	captured atomic.Pointer[capture] // takes what the cell shows
	reset    atomic.Bool             // names are to be forgotten when the cell has ended

	exit func(code int) // ends a program; nil for a cell
}

// Current returns the execution to which the calling goroutine belongs, or nil
// if it is not one of interpreted code.
func Current() *Running {
	if r := exec.Current(); r != nil {
		if c, ok := r.Owner.(*Running); ok {
			return c
		}
	}
	return nil
}

// latest is the execution that began last, of all evaluators of the process.
var latest atomic.Pointer[Running]

// Latest returns the execution that began last in this process, or nil. It is for
// output of the process that belongs to nobody.
func Latest() *Running { return latest.Load() }

// Kept is what compiled packages keep for all executions of this one's evaluator,
// by keys of a type of their own.
func (r *Running) Kept() *sync.Map { return &r.eval.kept }

// Done is closed when the execution is interrupted. Compiled functions that
// take long should return then.
func (r *Running) Done() <-chan struct{} { return r.run.Done() }

// Poll ends the calling goroutine if the execution was interrupted: it panics
// with a value that interpreted code cannot recover. Compiled functions that
// were waiting call it when they give up.
func (r *Running) Poll() { r.run.Poll() }

// Args returns the program's arguments, its name first; nil for a cell.
func (r *Running) Args() []string { return r.eval.args }

// Exit ends the execution with an exit code, without its deferred calls. It does
// not return.
func (r *Running) Exit(code int) {
	if r.exit != nil {
		r.exit(code)
		select {}
	}
	x := exec.Exit{Code: code}
	if r.ended.Load() {
		fmt.Fprintf(r.stderr, "a goroutine of %s called os.Exit(%d): all that the cell left has ended\n", r.name, code)
	}
	r.exited.CompareAndSwap(nil, &x)
	r.run.Stop()
	panic(x)
}

// Emit sends an event of this execution to its host.
func (r *Running) Emit(e cell.Event) {
	if e.Kind != cell.Stdout && e.Kind != cell.Stderr {
		r.eval.files.drain() // it was printed before
	}
	e.Cell = r.id
	if c := r.captured.Load(); c != nil {
		c.take(e)
		return
	}
	if r.eval.cfg.Host.Emit != nil {
		r.eval.cfg.Host.Emit(e)
	}
}

// Display shows a value in the execution's output; with an id, [Running.Update]
// can replace it.
func (r *Running) Display(data, metadata map[string]any, id string) {
	r.Emit(cell.Event{Kind: cell.Display, Bundle: cell.Bundle{Data: data, Metadata: metadata}, DisplayID: id})
}

// Update replaces every output that was displayed with the id.
func (r *Running) Update(data, metadata map[string]any, id string) {
	r.Emit(cell.Event{Kind: cell.Update, Bundle: cell.Bundle{Data: data, Metadata: metadata}, DisplayID: id})
}

// Clear takes away what the execution has shown so far; with wait, when it
// shows something new.
func (r *Running) Clear(wait bool) { r.Emit(cell.Event{Kind: cell.Clear, Wait: wait}) }

// Caller returns where the interpreted code is that called the compiled
// function under way: "cell 4, line 5", or a file and a line. It is empty if
// that is not known.
func (r *Running) Caller() string { return r.eval.place(r.run.Caller()) }

// A Call is interpreted code that has called something.
type Call struct {
	Func string // as the runtime writes it: "main.f", "main.(*T).Method", "main.f.func1"
	File string // "cell 4", or the name of a file
	Line int
}

// Calls returns the interpreted calls that the calling goroutine is in, as far as
// compiled code does not come between them, innermost first.
func (r *Running) Calls() []Call {
	var calls []Call
	for _, f := range r.run.Callers() {
		if f.Pos.Filename == "" {
			f.Pos.Filename = "??" // as the runtime has it, for the sake of //line :1
		}
		if !f.Synthetic {
			calls = append(calls, Call{f.Func, f.Pos.Filename, f.Pos.Line})
		}
	}
	return calls
}

// FuncOf returns the function of a cell that a func value calls, and where it is
// declared; ok is false if it is compiled.
func FuncOf(v reflect.Value) (c Call, ok bool) {
	f, ok := exec.FuncOf(v)
	return Call{f.Func, f.Pos.Filename, f.Pos.Line}, ok
}
