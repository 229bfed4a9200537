// This file asks the reader for a line.

package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"cajal/kernel/cell"
	"cajal/kernel/wire"
)

// prompter asks the front end that runs the current cell for input.
type prompter struct {
	s *Session

	mu      sync.Mutex // guards what follows
	cell    cell.ID    // the cell that runs; 0 if none does
	request *wire.Message
	allowed bool
	asking  *wire.Message      // the input_request that waits for its answer
	answer  chan *wire.Message // one at a time

	turn chan struct{} // held while asking: two goroutines of a cell ask one after the other
}

func newPrompter(s *Session) *prompter {
	return &prompter{s: s, turn: make(chan struct{}, 1), answer: make(chan *wire.Message, 1)}
}

// allow says which cell runs and whether its front end answers prompts.
func (p *prompter) allow(id cell.ID, m *wire.Message, allowed bool) {
	p.mu.Lock()
	p.cell, p.request, p.allowed = id, m, allowed
	p.mu.Unlock()
}

// ask is the Input of [cell.Host].
func (p *prompter) ask(ctx context.Context, id cell.ID, prompt string, password bool) (string, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	p.mu.Lock()
	request, allowed, current := p.request, p.allowed, p.cell == id
	p.mu.Unlock()
	switch {
	case !current:
		return "", errors.New("stdin: the cell that reads has ended; only a running cell can ask for input")
	case !allowed:
		return "", errors.New("stdin: this front end does not take input (allow_stdin is false); set the value in the cell")
	}
	p.s.out.flushCell(id)
	m, err := p.s.origin.New("input_request", request, map[string]any{"prompt": prompt, "password": password}, nil)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	select {
	case <-p.answer: // a stale one
	default:
	}
	p.asking = m
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.asking = nil
		p.mu.Unlock()
	}()
	if err := p.s.cfg.Transport.Send(wire.Stdin, m); err != nil {
		return "", err
	}
	select {
	case reply := <-p.answer:
		var c struct {
			Status string `json:"status"`
			Value  string `json:"value"`
			Error  string `json:"evalue"`
		}
		if err := json.Unmarshal(reply.Content, &c); err != nil {
			return "", errors.New("stdin: the front end's answer has no value")
		}
		if c.Status == "error" {
			return "", errors.New("stdin: the front end could not ask: " + c.Error)
		}
		return c.Value, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-p.s.stop:
		return "", errors.New("stdin: the kernel shuts down")
	}
}

// deliver takes one message of the stdin channel. An answer counts if it comes
// from who was asked and does not name another question than the one that is
// open, as a stale one does; some clients name none.
func (p *prompter) deliver(m *wire.Message) {
	if m.Header.Type != "input_reply" {
		p.s.cfg.Log("stdin: message of type %q dropped, expected input_reply", m.Header.Type)
		return
	}
	var parent wire.Header
	_ = json.Unmarshal(m.Parent, &parent)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asking == nil ||
		!slices.EqualFunc(m.Identities, p.asking.Identities, bytes.Equal) ||
		parent.ID != "" && parent.ID != p.asking.Header.ID && parent.ID != p.request.Header.ID {
		p.s.cfg.Log("stdin: an answer that nobody waits for dropped")
		return
	}
	select {
	case p.answer <- m:
	default:
	}
}
