package eval

// This file runs a cell's commands, which are not Go: package magic finds them,
// package check puts calls where they stand.

import (
	"context"
	"fmt"
	"go/token"
	"strconv"
	"strings"
	"sync"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/magic"
)

// ran is a command of a running cell.
type ran struct {
	magic.Command
	started time.Time // of %time; zero before and after
	measure *measure  // of %timeit
}

// commandsOf finds the commands of a cell, and what package check has to know.
func (e *Evaluator) commandsOf(name, key, code string) (check.Text, []*ran, *cell.Error) {
	parsed, wrong := magic.Parse(code, e.declared)
	if wrong != nil {
		return check.Text{}, nil, compileError([]*check.Error{check.ErrorAt(name, code, wrong.Offset, wrong.Msg, wrong.Hint)})
	}
	text := check.Text{Name: name, Key: key, Go: parsed.Go, Shown: code}
	var commands []*ran
	for _, c := range parsed.Commands {
		call := check.Call{Kind: check.Before, Offset: c.Offset}
		cmd := &ran{Command: c}
		switch c.Name {
		case "%time":
			call = check.Call{Kind: check.Around, Offset: c.Target}
		case "%timeit":
			call = check.Call{Kind: check.Repeat, Offset: c.Target}
			cmd.measure = &measure{}
		case "%%timeit":
			call.Kind = check.RepeatAll
			cmd.measure = &measure{}
		case "%%time", "%%capture", "%get", "%use":
			call.Kind = check.Nothing // before the cell, or around it
		}
		if c.Name == "%%capture" && c.Args != "" && !token.IsIdentifier(c.Args) {
			msg := fmt.Sprintf("%%%%capture: found %s, expected the name of a variable", c.Args)
			return text, nil, compileError([]*check.Error{check.ErrorAt(name, code, c.Offset, msg, "")})
		}
		text.Calls = append(text.Calls, call)
		commands = append(commands, cmd)
	}
	return text, commands, nil
}

// declared tells whether a cell has declared a name.
func (e *Evaluator) declared(name string) bool { return e.state.Live(name) != nil }

// remember notes that a cell ran, and how it failed.
func (e *Evaluator) remember(req cell.Request, failed *cell.Error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if failed != nil {
		e.failed = failed
	}
	if req.Number > 0 {
		e.history = append(e.history, magic.Entry{Number: req.Number, Code: req.Code})
	}
}

// begin starts the commands that are for the whole cell.
func (r *Running) begin(commands []*ran) {
	r.commands = commands
	for _, c := range commands {
		switch c.Name {
		case "%%time":
			c.started = time.Now()
		case "%%capture":
			r.captured.Store(&capture{})
		}
	}
}

// end ends them, when the cell's own statements have, and returns how the cell
// failed.
func (r *Running) end(ctx context.Context, failed *cell.Error) *cell.Error {
	taken := r.captured.Swap(nil)
	if failed != nil {
		return failed
	}
	for _, c := range r.commands {
		switch {
		case c.Name == "%%time":
			fmt.Fprintf(r.stdout, "wall time: %s\n", duration(time.Since(c.started)))
		case c.Name == "%%capture" && c.Args != "":
			return r.eval.define(ctx, r, c.Args, taken.text())
		}
	}
	return nil
}

// define declares a string variable.
func (e *Evaluator) define(ctx context.Context, r *Running, name, value string) *cell.Error {
	e.mu.Lock()
	shown := strings.Join(e.sources[r.name], "\n")
	e.mu.Unlock()
	low, errs := e.state.CheckText(check.Text{Name: r.name, Key: r.key + "·" + name, Go: name + " := " + strconv.Quote(value), Shown: shown})
	if len(errs) > 0 {
		return compileError(errs)
	}
	if err := e.join(low); err != nil {
		return &cell.Error{Kind: cell.ErrCompile, Name: check.InternalError, Value: err.Error(), Traceback: []string{err.Error()}}
	}
	inner := e.newRunning(cell.Request{ID: r.id, Silent: true}, r.name)
	failed := e.run(ctx, inner, low)
	e.state.Commit(low, func(i int) bool { return inner.reached.Load() > int64(i) })
	return failed
}

// command runs the n-th command of the cell, or begins or ends what it measures.
// It is called from the cell's goroutine.
func (r *Running) command(n int) {
	c := r.commands[n]
	if c.Name == "%time" {
		if c.started.IsZero() {
			c.started = time.Now()
			return
		}
		fmt.Fprintf(r.stdout, "wall time: %s\n", duration(time.Since(c.started)))
		c.started = time.Time{}
		return
	}
	env := &magic.Env{
		Stdout: r.Stdout(), Stderr: r.Stderr(), Done: r.Done(),
		Show:      func(data map[string]any) { r.Display(data, nil, "") },
		Names:     r.eval.names,
		Reset:     func() { r.reset.Store(true) },
		History:   r.eval.earlier,
		Traceback: r.eval.lastFailure,
		Cells:     r.eval.cells,
	}
	err := magic.Run(env, c.Command)
	r.Poll()
	if err != nil {
		panic(dropped{err})
	}
}

// names lists what cells have declared.
func (e *Evaluator) names() (out []magic.Name) {
	for _, n := range e.state.Names() {
		out = append(out, magic.Name(n))
	}
	return out
}

// cells lists what cells have to do with each other.
func (e *Evaluator) cells() (out []magic.Node) {
	for _, d := range e.state.Dependencies() {
		out = append(out, magic.Node(d))
	}
	return out
}

// earlier lists the cells that ran.
func (e *Evaluator) earlier() []magic.Entry {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.history[:len(e.history):len(e.history)]
}

// lastFailure returns the traceback of the cell that failed last.
func (e *Evaluator) lastFailure() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed == nil {
		return nil
	}
	return e.failed.Traceback
}

// capture takes what a cell shows.
type capture struct {
	mu      sync.Mutex
	printed strings.Builder
}

// take takes an event.
func (c *capture) take(e cell.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Kind {
	case cell.Stdout, cell.Stderr:
		c.printed.WriteString(e.Text)
	}
}

// text returns what was printed.
func (c *capture) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.printed.String()
}
