// This file runs the cells of a notebook one after the other.

package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
)

// Config says how to run a notebook. New is needed, the rest may be zero.
type Config struct {
	New   func(cell.Host) (cell.Evaluator, error) // makes the evaluator of one run
	Watch Watcher

	// Grace is how long a cell may go on after its context ended before it is
	// abandoned; zero means 5 seconds.
	Grace time.Duration
}

// Step tells which cell is meant.
type Step struct {
	Index  int    // in the notebook's cells, from 0
	Number int    // execution count, from 1
	Of     int    // how many cells will be executed
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
}

// Failure says which cell stopped a run.
type Failure struct {
	Step Step
	Err  *cell.Error
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

// Interrupted tells whether the run stopped because its context ended.
func (f *Failure) Interrupted() bool { return f.Err.Kind == cell.ErrInterrupt }

// raises is the tag of cells that are meant to fail: the run goes on.
const raises = "raises-exception"

// Run executes a copy of nb and leaves nb as it is. It stops at the first
// error, unless the cell has the tag "raises-exception", and when ctx ends;
// the result then has a Failure. The error is not nil only if there is no
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
	r.nb.ClearOutputs()
	r.nb.SetKernel()
	r.out = newCollector(r.nb)
	ev, err := cfg.New(cell.Host{Emit: r.emit})
	if err != nil {
		return nil, fmt.Errorf("starting the evaluator: %w", err)
	}
	fail := r.cells(ctx, ev)
	if !r.abandoned {
		// An abandoned evaluator still runs, and Close would wait for it.
		if err := ev.Close(); err != nil && fail == nil {
			fail = &Failure{Err: &cell.Error{Kind: cell.ErrPanic, Name: "closing the evaluator", Value: err.Error()}}
		}
	}
	return &Result{Notebook: r.out.close(), Elapsed: time.Since(began), Timings: r.timings, Failure: fail}, nil
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
			return &Failure{Step: s, Err: interrupted("before the cell was run")}
		}
		if r.watch != nil {
			r.watch.Start(s)
		}
		r.out.begin(cell.ID(s.Number), s)
		t := r.cell(ctx, ev, s)
		r.timings[s.Index] = t
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
			return &Failure{Step: s, Err: t.Err}
		}
	}
	return nil
}

// plan lists the cells to execute: code cells with text in them.
func plan(nb *nbformat.Notebook) []Step {
	var steps []Step
	for i, c := range nb.Cells {
		if c.Type == nbformat.Code && strings.TrimSpace(c.Source) != "" {
			steps = append(steps, Step{Index: i, Number: len(steps) + 1, Source: c.Source})
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
		done <- ev.Execute(ctx, cell.Request{ID: cell.ID(s.Number), Number: s.Number, Code: s.Source})
	}()
	var out cell.Outcome
	select {
	case out = <-done:
	case <-ctx.Done():
		select {
		case out = <-done:
		case <-time.After(r.grace):
			r.abandoned = true
			out.Err = interrupted(fmt.Sprintf("the cell did not stop within %v and was abandoned", r.grace))
		}
	}
	return Timing{Elapsed: time.Since(began), Err: out.Err}
}

func interrupted(how string) *cell.Error {
	return &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: how, Traceback: []string{"interrupted: " + how}}
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
