// This file runs cells: from execute_request to execute_reply.

package session

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"cajal/kernel/cell"
	"cajal/kernel/wire"
)

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code        string            `json:"code"`
	Silent      bool              `json:"silent"`
	Store       *bool             `json:"store_history"`
	Expressions map[string]string `json:"user_expressions"`
	AllowStdin  bool              `json:"allow_stdin"`
	StopOnError *bool             `json:"stop_on_error"`
}

func (r executeRequest) store() bool { return !r.Silent && (r.Store == nil || *r.Store) }
func (r executeRequest) stops() bool { return !r.Silent && (r.StopOnError == nil || *r.StopOnError) }

// execute answers one execute_request: busy, execute_input, outputs, all text
// flushed, error, reply, idle. If the cell fails, the cells that wait behind it
// are rejected.
func (s *Session) execute(ctx context.Context, m *wire.Message) {
	var behind []*wire.Message
	var why string
	s.during(wire.Shell, m, func() {
		var r executeRequest
		if s.content(wire.Shell, m, &r) {
			behind, why = s.run(ctx, m, r)
		}
	})
	for _, waiting := range behind {
		s.during(wire.Shell, waiting, func() {
			c := failure("ExecutionAborted", why)
			c["execution_count"] = s.counter()
			s.reply(wire.Shell, waiting, c, map[string]any{"status": "error"})
		})
	}
}

// run runs the cell of a request and replies. It returns the requests that are
// to be rejected, and why. They are taken out of the queue before the reply: what
// a client sends when it knows of the failure is not among them.
func (s *Session) run(ctx context.Context, m *wire.Message, r executeRequest) (behind []*wire.Message, why string) {
	started := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	empty := strings.TrimSpace(r.Code) == ""
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s.mu.Lock()
	if r.store() && !empty {
		s.count++
	}
	count := s.count
	s.lastID++
	id := s.lastID
	s.running, s.broken = cancel, false
	s.mu.Unlock()
	s.out.open(id, &owner{parent: m, silent: r.Silent, count: count})

	if !r.Silent {
		s.publish("execute_input", "", m, map[string]any{"code": r.Code, "execution_count": count}, nil, wire.Keep, "")
	}
	number := count
	if !r.store() {
		number++
	}
	if r.Silent {
		number = 0
	}

	var failed *cell.Error
	payload := []any{}
	expressions := map[string]any{}
	if !empty {
		if r.store() {
			s.history.input(count, r.Code)
		}
		if name, detail, ok := question(r.Code); ok {
			payload, failed = s.page(ctx, name, detail)
		} else {
			s.input.allow(id, m, r.AllowStdin)
			failed = s.evaluate(ctx, cell.Request{ID: id, Number: number, Code: r.Code, Silent: r.Silent, Key: cellKey(m)})
			s.input.allow(0, nil, false)
		}
		result := s.out.flushCell(id)
		if r.store() && result != "" {
			s.history.output(count, result)
		}
	}
	if failed == nil {
		for key, code := range r.Expressions {
			expressions[key] = s.expression(ctx, m, code, number)
		}
	}

	s.mu.Lock()
	s.running = nil
	broken := s.broken
	s.mu.Unlock()

	if failed != nil && !r.Silent {
		s.publish("error", "", m, map[string]any{"ename": failed.Name, "evalue": failed.Value, "traceback": colour(failed)}, cellOf(m), wire.Keep, "")
	}
	switch {
	case broken || failed != nil && failed.Kind == cell.ErrInterrupt:
		why = "the cell before was interrupted"
	case failed != nil && r.stops():
		why = "the cell before failed: " + failed.Name
	}
	if why != "" {
		behind = s.cells.takeAll()
	}

	c := map[string]any{"status": "ok"}
	if failed != nil {
		c = failure(failed.Name, failed.Value)
		c["traceback"] = colour(failed)
	}
	c["execution_count"] = count
	c["payload"] = payload
	c["user_expressions"] = expressions
	s.reply(wire.Shell, m, c, map[string]any{"started": started, "dependencies_met": true, "engine": s.origin.Session, "status": c["status"]})
	return behind, why
}

// evaluate has the evaluator run a cell. A panic in the evaluator is an error of
// the cell, with where it happened: it is a mistake of ours, not the reader's.
func (s *Session) evaluate(ctx context.Context, r cell.Request) (failed *cell.Error) {
	defer func() {
		if p := recover(); p != nil {
			stack := string(debug.Stack())
			s.cfg.Log("cell %d: internal error: %v\n%s", r.Number, p, stack)
			failed = &cell.Error{
				Kind: cell.ErrPanic, Name: "internal error", Value: fmt.Sprint(p),
				Traceback: append([]string{fmt.Sprintf("internal error: %v", p), "this is a mistake of the kernel, not of the cell; values set before it stay", ""}, strings.Split(stack, "\n")...),
			}
		}
	}()
	ev := s.evaluator(ctx)
	if ev == nil {
		return &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: "before the cell began", Traceback: []string{"interrupted before the cell began"}}
	}
	return ev.Execute(ctx, r).Err
}

// expression evaluates a user expression: its result is captured, what it
// prints is shown with the cell.
func (s *Session) expression(ctx context.Context, m *wire.Message, code string, number int) map[string]any {
	s.mu.Lock()
	s.lastID++
	id := s.lastID
	s.mu.Unlock()
	w := &owner{parent: m, expr: true}
	s.out.open(id, w)
	failed := s.evaluate(ctx, cell.Request{ID: id, Number: number, Code: code})
	s.out.flushCell(id)
	if failed != nil {
		c := failure(failed.Name, failed.Value)
		c["traceback"] = colour(failed)
		return c
	}
	b := cell.Bundle{}
	s.out.mu.Lock()
	if w.capture != nil {
		b = w.capture.Bundle
	}
	s.out.mu.Unlock()
	c := s.out.bundle(b)
	c["status"] = "ok"
	return c
}

// question tells whether code asks about a name, as in IPython: a question mark
// before or behind it, two for its source.
func question(code string) (name string, detail int, ok bool) {
	code = strings.TrimSpace(code)
	name = strings.TrimLeft(code, "?")
	if name == code {
		name = strings.TrimRight(code, "?")
	}
	marks := len(code) - len(name)
	name = strings.TrimSpace(name)
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '.' && !unicode.IsNumber(r)) {
			return "", 0, false
		}
	}
	return name, marks - 1, name != "" && (marks == 1 || marks == 2)
}

// page answers a question with a payload that front ends show as a page.
func (s *Session) page(ctx context.Context, name string, detail int) ([]any, *cell.Error) {
	var found cell.Inspection
	if ev := s.evaluator(ctx); ev != nil {
		found = ev.Inspect(name, len(name), detail)
	}
	if !found.Found() {
		text := "nothing is known about " + name
		return []any{}, &cell.Error{Kind: cell.ErrCompile, Name: "not found", Value: text, Traceback: []string{"not found: " + text}}
	}
	return []any{map[string]any{"source": "page", "data": found.Data, "start": 0}}, nil
}

// cellOf is the metadata that names the front end's cell, if it told.
func cellOf(m *wire.Message) map[string]any {
	if id := cellKey(m); id != "" {
		return map[string]any{"cellId": id}
	}
	return nil
}

// cellKey is what the front end calls its cell, "" if it did not tell.
func cellKey(m *wire.Message) string {
	var meta struct {
		ID string `json:"cellId"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil {
		return ""
	}
	return meta.ID
}

// counter returns the execution counter.
func (s *Session) counter() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}
