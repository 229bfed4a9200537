// This file is what a worker does.

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"cajal/kernel/cell"
)

// Config says what a worker serves with. New is needed.
type Config struct {
	New   func(cell.Host) (cell.Evaluator, error)
	Facts func() any // what there is to tell of the process; encoding/json must take it
}

// ErrLeft is the error of [Serve] if whoever started the worker went away
// while a cell ran.
var ErrLeft = errors.New("nobody is left who asked for the cell that runs")

// Serve runs the cells that in asks for, and writes what they show to out,
// until in ends. If it fails, a cell may still be running: the process must
// end.
//
// A reader's Ctrl-C reaches all processes of a terminal, and a SIGTERM often all
// of a group; a worker leaves both to the one that started it.
func Serve(in io.Reader, out io.Writer, cfg Config) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // not Ignore, which the processes that cells start would inherit
	defer signal.Stop(signals)

	s := &server{cfg: cfg, out: pipe{w: out}, broken: make(chan error, 1), asked: make(chan message), interrupts: make(chan cell.ID, 1)}
	s.later = time.AfterFunc(time.Hour, s.flush)
	s.later.Stop()
	ev, err := cfg.New(cell.Host{Emit: s.emit})
	if err != nil {
		return s.out.send(message{Failed: err.Error()})
	}
	go s.listen(in)
	for {
		select {
		case err := <-s.broken:
			return err
		case m, ok := <-s.asked:
			switch {
			case !ok:
				return ev.Close()
			case m.Pin != nil:
				if p, ok := ev.(interface{ Pin([]cell.Module) error }); ok {
					if err := p.Pin(m.Pin); err != nil {
						return s.out.send(message{Failed: err.Error()})
					}
				}
			case m.AskFacts:
				s.send(message{Facts: s.facts()})
			case m.Execute != nil:
				if err := s.execute(ev, *m.Execute); err != nil {
					return err
				}
			}
		}
	}
}

type server struct {
	cfg        Config
	out        pipe
	broken     chan error
	asked      chan message // what has to be done in turn; closed when nobody asks any more
	interrupts chan cell.ID

	// Text that follows other text closely waits a moment for more of its kind: a
	// loop that prints must not cost a message a line.
	mu    sync.Mutex
	text  cell.Event      // its kind and cell; the zero Event if none waits
	wait  strings.Builder // its text
	later *time.Timer
	sent  time.Time // when text was last sent
}

const (
	delay = 10 * time.Millisecond // that text waits
	batch = 32 << 10              // bytes after which it does not
)

func (s *server) listen(in io.Reader) {
	defer close(s.asked)
	// An error here is the end of whoever asks, as the end of in is.
	_ = receive(in, func(m message) {
		if m.Interrupt == 0 {
			s.asked <- m
			return
		}
		select {
		case s.interrupts <- m.Interrupt:
		default:
		}
	})
}

func (s *server) send(m message) {
	if err := s.out.send(m); err != nil {
		select {
		case s.broken <- err:
		default:
		}
	}
}

// emit sends an event, text perhaps a moment later. A bundle that is no JSON is
// replaced by a line that says so.
func (s *server) emit(e cell.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == cell.Stdout || e.Kind == cell.Stderr {
		if e.Kind != s.text.Kind || e.Cell != s.text.Cell {
			s.flushLocked()
			s.text = cell.Event{Kind: e.Kind, Cell: e.Cell}
			s.later.Reset(delay)
		}
		if s.wait.WriteString(e.Text); s.wait.Len() >= batch || time.Since(s.sent) >= delay {
			s.flushLocked()
		}
		return
	}
	s.flushLocked()
	if _, err := json.Marshal(e.Bundle); err != nil {
		e.Bundle = cell.Bundle{Data: map[string]any{"text/plain": fmt.Sprintf("what was displayed here cannot be written as JSON: %v", err)}}
	}
	s.send(message{Event: pack(e)})
}

// flush sends the text that waits.
func (s *server) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushLocked()
}

func (s *server) flushLocked() {
	if s.text.Kind == "" {
		return
	}
	e := s.text
	e.Text = s.wait.String()
	s.text = cell.Event{}
	s.wait.Reset()
	s.sent = time.Now()
	s.send(message{Event: pack(e)})
}

func (s *server) facts() json.RawMessage {
	if s.cfg.Facts == nil {
		return json.RawMessage("null")
	}
	data, err := json.Marshal(s.cfg.Facts())
	if err != nil {
		return json.RawMessage("null")
	}
	return data
}

// execute runs a cell.
func (s *server) execute(ev cell.Evaluator, r cell.Request) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan cell.Outcome, 1)
	go func() { done <- ev.Execute(ctx, r) }()
	for {
		select {
		case out := <-done:
			s.flush()
			s.send(message{Done: &out})
			return nil
		case err := <-s.broken:
			return err
		case id := <-s.interrupts:
			if id == r.ID { // else it came too late for the cell before
				cancel()
			}
		case _, ok := <-s.asked:
			if !ok {
				return ErrLeft
			}
		}
	}
}
