// This file starts a worker and is the evaluator that stands for it.

package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"cajal/kernel/cell"
)

// Command says which process to start. Path is needed.
type Command struct {
	Path string   // the program, whose process calls [Serve] on its standard files
	Args []string // its arguments, its name first
	Dir  string   // the folder that its cells begin in; "" is the current one
	Env  []string // as exec.Cmd has it; nil is the environment of this process
}

// Evaluator executes cells in a worker. Only Execute and Close do anything.
type Evaluator struct {
	host  cell.Host
	cmd   *exec.Cmd
	in    io.Closer
	out   pipe
	said  *head // what the process wrote to its standard error
	ended chan struct{}
	lost  error // why the process ended; valid after ended

	executing sync.Mutex
	done      chan cell.Outcome
	facts     chan json.RawMessage
	failed    string // why its evaluator did not start; valid after ended
}

var _ cell.Evaluator = (*Evaluator)(nil)

// Start starts a worker. Its evaluator may fail to start later, which the first
// Execute tells.
func Start(c Command, h cell.Host) (*Evaluator, error) {
	cmd := exec.Command(c.Path)
	cmd.Args, cmd.Dir, cmd.Env = c.Args, c.Dir, c.Env
	e := &Evaluator{
		host: h, cmd: cmd, said: &head{}, ended: make(chan struct{}),
		done: make(chan cell.Outcome, 1), facts: make(chan json.RawMessage, 1),
	}
	cmd.Stderr = e.said
	// A process that a cell left behind may hold the pipes; do not wait for it.
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("a process for the cells did not start: %w", err)
	}
	e.in, e.out.w = in, in
	go func() {
		defer close(e.ended)
		garbled := receive(out, e.take)
		if garbled != nil {
			_ = cmd.Process.Kill() // nobody understands it any more
		}
		e.lost = cmd.Wait()
		if garbled != nil {
			e.lost = fmt.Errorf("something other than its messages came through its pipe (%w)", garbled)
		}
	}()
	return e, nil
}

func (e *Evaluator) take(m message) {
	switch {
	case m.Event != nil:
		e.host.Emit(m.Event.unpack())
	case m.Done != nil:
		e.done <- *m.Done
	case m.Facts != nil:
		e.facts <- m.Facts
	case m.Failed != "":
		e.failed = m.Failed
	}
}

// Pin says which versions of modules the cells have to import. That they cannot,
// the first Execute tells.
func (e *Evaluator) Pin(modules []cell.Module) error {
	if len(modules) == 0 {
		return nil
	}
	return e.out.send(message{Pin: modules})
}

// Execute implements [cell.Evaluator].
func (e *Evaluator) Execute(ctx context.Context, r cell.Request) cell.Outcome {
	e.executing.Lock()
	defer e.executing.Unlock()
	if err := e.out.send(message{Execute: &r}); err != nil {
		e.Kill() // it reads as long as it lives
		return cell.Outcome{Err: e.death()}
	}
	stop := ctx.Done()
	for {
		select {
		case out := <-e.done:
			return out
		case <-stop:
			stop = nil
			_ = e.out.send(message{Interrupt: r.ID}) // if it is dead, ended tells
		case <-e.ended:
			select {
			case out := <-e.done: // its last word
				return out
			default:
			}
			return cell.Outcome{Err: e.death()}
		}
	}
}

// death words the end of the process.
func (e *Evaluator) death() *cell.Error {
	if e.failed != "" {
		return &cell.Error{Kind: cell.ErrPanic, Name: "the evaluator did not start", Value: e.failed, Traceback: []string{"the evaluator did not start: " + e.failed}}
	}
	how := "it ended by itself"
	if e.lost != nil {
		how = e.lost.Error()
	}
	lines := e.said.lines()
	for _, line := range lines {
		// The runtime says it here; the stacks that follow are for its makers.
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "runtime: ") {
			how = line
			break
		}
	}
	const most = 40
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("[%d lines more]", len(lines)-most))
	}
	return &cell.Error{
		Kind: cell.ErrPanic, Name: "the process of the cells ended", Value: how,
		Traceback: append([]string{"the process of the cells ended: " + how}, lines...),
	}
}

// Facts returns what the worker tells of its process, as JSON; it waits while a
// cell runs.
func (e *Evaluator) Facts() (json.RawMessage, error) {
	e.executing.Lock()
	defer e.executing.Unlock()
	if err := e.out.send(message{AskFacts: true}); err != nil {
		return nil, err
	}
	select {
	case f := <-e.facts:
		return f, nil
	case <-e.ended:
		return nil, errors.New(e.death().Error())
	}
}

// leave is how long a worker may take to end by itself.
const leave = 2 * time.Second

// Close ends the worker.
func (e *Evaluator) Close() error {
	err := e.in.Close()
	select {
	case <-e.ended:
	case <-time.After(leave):
		e.Kill()
	}
	return err
}

// Kill ends the worker at once, and with it a cell that does not stop.
func (e *Evaluator) Kill() {
	_ = e.cmd.Process.Kill() // it may have ended, which is as good
	<-e.ended
}

// Complete, Inspect and IsComplete are for editors, and a worker has none.

// Complete proposes nothing.
func (e *Evaluator) Complete(string, int) cell.Completion { return cell.Completion{} }

// Inspect finds nothing.
func (e *Evaluator) Inspect(string, int, int) cell.Inspection { return cell.Inspection{} }

// IsComplete does not know.
func (e *Evaluator) IsComplete(string) cell.Completeness {
	return cell.Completeness{Status: "unknown"}
}

// head keeps the beginning of what is written: the runtime names the reason
// first, and a process that writes without end must not fill the memory.
type head struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const keep = 64 << 10

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.b.Write(p[:min(len(p), max(0, keep-h.b.Len()))])
	return len(p), nil
}

func (h *head) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := strings.TrimRight(h.b.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
