// This file runs the cells of a notebook one after the other.

package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/pins"
)

// Config says how to run a notebook. New is needed, the rest may be zero.
type Config struct {
	New   func(cell.Host) (cell.Evaluator, error) // makes the evaluator of one run
	Watch Watcher

	// Grace is how long a cell may go on after its context ended before it is
	// abandoned; zero means 5 seconds.
	Grace time.Duration

	// Timeout is how long the run may take; zero means for ever.
	Timeout time.Duration
}

// Step tells which cell is meant.
type Step struct {
	Index  int    // in the notebook's cells, from 0
	Number int    // execution count, from 1
	Of     int    // how many cells will be executed
	Key    string // the cell's id; "" if it has none
	Source string // the cell's text
}

// Watcher is told what happens during a run. Start and End come in turn, from
// one goroutine; Event may come from any goroutine, at any time between the
// first Start and the return of [Run], and must not block.
type Watcher interface {
	Start(Step)
	Event(cell.Event)
	End(Step, Timing)
}

// Timing tells how the execution of a cell went.
type Timing struct {
	Elapsed time.Duration
	Err     *cell.Error // nil if it ran to its end
}

// Result is an executed notebook.
type Result struct {
	Notebook *nbformat.Notebook // a copy; outputs stand up to the failing cell
	Elapsed  time.Duration
	Timings  map[int]Timing // by index of the cell
	Failure  *Failure       // nil if all cells ran

	// Facts is what the evaluator tells of its process, as JSON; nil if it tells
	// nothing.
	Facts json.RawMessage
}

// Failure says which cell stopped a run.
type Failure struct {
	Step     Step
	Err      *cell.Error
	TimedOut bool // Config.Timeout was over
}

// Error returns the place and the message: "cell 3, line 2, column 7: type error: …".
func (f *Failure) Error() string {
	var b strings.Builder
	if f.Step.Number > 0 {
		fmt.Fprintf(&b, "cell %d", f.Step.Number)
		if f.Err.Line > 0 {
			fmt.Fprintf(&b, ", line %d", f.Err.Line)
			if f.Err.Column > 0 {
				fmt.Fprintf(&b, ", column %d", f.Err.Column)
			}
		}
		b.WriteString(": ")
	}
	b.WriteString(f.Err.Error())
	return b.String()
}

// Interrupted tells whether the run stopped because the context given to [Run]
// ended.
func (f *Failure) Interrupted() bool { return f.Err.Kind == cell.ErrInterrupt && !f.TimedOut }

// raises is the tag of cells that are meant to fail: the run goes on.
const raises = "raises-exception"

// Run executes a copy of nb and leaves nb as it is. It stops at the first
// error, unless the cell has the tag "raises-exception", and when ctx or the
// time ends; the result then has a Failure. The error is not nil only if there is no
// result: a notebook of another kernel, or an evaluator that does not start.
func Run(ctx context.Context, nb *nbformat.Notebook, cfg Config) (*Result, error) {
	if err := nb.CheckKernel(); err != nil {
		return nil, err
	}
	began := time.Now()
	r := &runner{nb: nb.Clone(), grace: cfg.Grace, watch: cfg.Watch, timings: map[int]Timing{}}
	if r.grace == 0 {
		r.grace = 5 * time.Second
	}
	if cfg.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, cfg.Timeout, &timeout{cfg.Timeout})
		defer cancel()
	}
	r.nb.ClearOutputs()
	r.nb.SetKernel()
	r.out = newCollector(r.nb)
	ev, err := cfg.New(cell.Host{Emit: r.emit})
	if err != nil {
		return nil, fmt.Errorf("starting the evaluator: %w", err)
	}
	if p, ok := ev.(interface{ Pin([]cell.Module) error }); ok {
		if err := p.Pin(pins.Load(nb)); err != nil {
			_ = ev.Close() // it has run nothing
			return nil, fmt.Errorf("the notebook's modules: %w", err)
		}
	}
	fail := r.cells(ctx, ev)
	var facts json.RawMessage
	if f, ok := ev.(interface {
		Facts() (json.RawMessage, error)
	}); ok && !r.abandoned {
		facts, _ = f.Facts() // a process that has ended tells nothing, and fail says why
	}
	if r.abandoned {
		// It still runs, and Close would wait for it.
		if k, ok := ev.(interface{ Kill() }); ok {
			k.Kill()
		}
	} else if err := ev.Close(); err != nil && fail == nil {
		fail = &Failure{Err: &cell.Error{Kind: cell.ErrPanic, Name: "closing the evaluator", Value: err.Error()}}
	}
	return &Result{Notebook: r.out.close(), Elapsed: time.Since(began), Timings: r.timings, Failure: fail, Facts: facts}, nil
}

type runner struct {
	nb        *nbformat.Notebook
	out       *collector
	watch     Watcher
	grace     time.Duration
	timings   map[int]Timing
	abandoned bool
}

func (r *runner) emit(e cell.Event) {
	if r.out.take(e) && r.watch != nil {
		r.watch.Event(e)
	}
}

func (r *runner) cells(ctx context.Context, ev cell.Evaluator) *Failure {
	steps := plan(r.nb)
	for _, s := range steps {
		if ctx.Err() != nil {
			return failure(ctx, s, &cell.Error{Kind: cell.ErrInterrupt})
		}
		if r.watch != nil {
			r.watch.Start(s)
		}
		r.out.begin(cell.ID(s.Number), s)
		began := time.Now()
		t := r.cell(ctx, ev, s)
		r.timings[s.Index] = t
		r.out.time(cell.ID(s.Number), began, began.Add(t.Elapsed))
		if t.Err != nil && t.Err.Kind == cell.ErrInterrupt {
			t.Err = failure(ctx, s, t.Err).Err
		}
		if t.Err != nil {
			r.out.fail(cell.ID(s.Number), t.Err)
		}
		if r.watch != nil {
			r.watch.End(s, t)
		}
		if t.Err == nil {
			continue
		}
		if r.abandoned || t.Err.Kind == cell.ErrInterrupt || !r.nb.Cells[s.Index].HasTag(raises) {
			return failure(ctx, s, t.Err)
		}
	}
	return nil
}

// timeout is the cause of a context that ended as the time was over.
type timeout struct{ limit time.Duration }

func (t *timeout) Error() string { return fmt.Sprintf("the notebook did not end within %v", t.limit) }

// failure says why the run stopped. Of an interrupted cell the evaluator knows
// where it was, and ctx knows why.
func failure(ctx context.Context, s Step, err *cell.Error) *Failure {
	if err.Kind != cell.ErrInterrupt {
		return &Failure{Step: s, Err: err}
	}
	late, timedOut := errors.AsType[*timeout](context.Cause(ctx))
	e := *err
	e.Name, e.Value = "interrupted", "the run was stopped"
	if timedOut {
		e.Name, e.Value = "timeout", late.Error()
	}
	e.Traceback = append([]string{e.Error()}, err.Traceback[min(1, len(err.Traceback)):]...)
	return &Failure{Step: s, Err: &e, TimedOut: timedOut}
}

// plan lists the cells to execute: code cells with text in them.
func plan(nb *nbformat.Notebook) []Step {
	var steps []Step
	for i, c := range nb.Cells {
		if c.Type == nbformat.Code && strings.TrimSpace(c.Source) != "" {
			steps = append(steps, Step{Index: i, Number: len(steps) + 1, Key: c.ID, Source: c.Source})
		}
	}
	for i := range steps {
		steps[i].Of = len(steps)
	}
	return steps
}

// cell executes one cell, and gives up on an evaluator that does not obey the
// end of ctx.
func (r *runner) cell(ctx context.Context, ev cell.Evaluator, s Step) Timing {
	began := time.Now()
	done := make(chan cell.Outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- cell.Outcome{Err: internal(p)}
			}
		}()
		done <- ev.Execute(ctx, cell.Request{ID: cell.ID(s.Number), Number: s.Number, Code: s.Source, Key: s.Key})
	}()
	var out cell.Outcome
	select {
	case out = <-done:
	case <-ctx.Done():
		select {
		case out = <-done:
		case <-time.After(r.grace):
			r.abandoned = true
			out.Err = &cell.Error{Kind: cell.ErrInterrupt, Traceback: []string{"", fmt.Sprintf("the cell did not stop within %v and was abandoned", r.grace)}}
		}
	}
	return Timing{Elapsed: time.Since(began), Err: out.Err}
}

// internal explains a panic of the evaluator itself, which is our fault and not
// the cell's.
func internal(p any) *cell.Error {
	text := fmt.Sprint(p)
	if err, ok := p.(error); ok && errors.Unwrap(err) != nil {
		text = err.Error()
	}
	return &cell.Error{
		Kind: cell.ErrPanic, Name: "internal error", Value: text,
		Traceback: []string{"internal error: " + text, "This is a fault of cajal, not of the cell."},
	}
}
