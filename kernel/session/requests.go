// This file answers what comes by shell, other than cells: completion,
// inspection, comms.

package session

import (
	"encoding/json"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"cajal/kernel/cell"
	"cajal/kernel/wire"
)

// patience bounds how long a front end waits for a completion or a description.
const patience = 3 * time.Second

// shell sorts one message of the shell channel.
func (s *Session) shell(m *wire.Message) {
	switch m.Header.Type {
	case "execute_request":
		s.cells.put(m)
	case "complete_request", "inspect_request", "is_complete_request", "history_request":
		s.aside.put(m)
	case "comm_info_request":
		s.during(wire.Shell, m, func() {
			s.reply(wire.Shell, m, map[string]any{"status": "ok", "comms": map[string]any{}}, nil)
		})
	case "comm_open":
		s.during(wire.Shell, m, func() { s.refuseComm(m) })
	case "comm_msg", "comm_close":
		s.during(wire.Shell, m, func() {}) // of a comm that was refused: nothing to do
	default:
		if !s.common(wire.Shell, m) {
			s.unknown(wire.Shell, m)
		}
	}
}

// refuseComm closes a comm at once: no target is registered in this kernel.
func (s *Session) refuseComm(m *wire.Message) {
	var r struct {
		ID     string `json:"comm_id"`
		Target string `json:"target_name"`
	}
	if err := json.Unmarshal(m.Content, &r); err != nil || r.ID == "" {
		s.cfg.Log("shell: comm_open without comm_id dropped")
		return
	}
	s.cfg.Log("shell: comm_open for unknown target %q closed", r.Target)
	s.publish("comm_close", "", m, map[string]any{"comm_id": r.ID, "data": map[string]any{}}, nil, wire.Keep, "")
}

// answerAside answers a request that may take its time.
func (s *Session) answerAside(m *wire.Message) {
	s.during(wire.Shell, m, func() {
		switch m.Header.Type {
		case "complete_request":
			s.complete(m)
		case "inspect_request":
			s.inspect(m)
		case "is_complete_request":
			s.isComplete(m)
		case "history_request":
			s.historyRequest(m)
		}
	})
}

// codeRequest is the content of requests about a place in code.
type codeRequest struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"` // in code points; none is the end
	Detail int    `json:"detail_level"`
}

// cursor returns the byte offset of the cursor.
func (r codeRequest) cursor() int {
	if r.Cursor == nil {
		return len(r.Code)
	}
	return byteOffset(r.Code, *r.Cursor)
}

func (s *Session) complete(m *wire.Message) {
	var r codeRequest
	if !s.content(wire.Shell, m, &r) {
		return
	}
	at := r.cursor()
	c := cell.Completion{Start: at, End: at}
	s.ask(m, func(ev cell.Evaluator) func() {
		got := ev.Complete(r.Code, at)
		return func() { c = got }
	})
	start, end := runeOffset(r.Code, c.Start), runeOffset(r.Code, c.End)
	type typed struct {
		Text      string `json:"text"`
		Type      string `json:"type"`
		Signature string `json:"signature"`
		Start     int    `json:"start"`
		End       int    `json:"end"`
	}
	matches := make([]string, len(c.Items))
	types := make([]typed, len(c.Items)) // front ends read it by the index of matches
	for i, it := range c.Items {
		matches[i] = it.Text
		types[i] = typed{it.Text, it.Kind, it.Signature, start, end}
	}
	s.reply(wire.Shell, m, map[string]any{
		"status":       "ok",
		"matches":      matches,
		"cursor_start": start,
		"cursor_end":   end,
		"metadata":     map[string]any{"_jupyter_types_experimental": types},
	}, nil)
}

func (s *Session) inspect(m *wire.Message) {
	var r codeRequest
	if !s.content(wire.Shell, m, &r) {
		return
	}
	var found cell.Inspection
	s.ask(m, func(ev cell.Evaluator) func() {
		got := ev.Inspect(r.Code, r.cursor(), r.Detail)
		return func() { found = got }
	})
	c := s.out.bundle(cell.Bundle{Data: found.Data})
	c["status"] = "ok"
	c["found"] = found.Found()
	s.reply(wire.Shell, m, c, nil)
}

func (s *Session) isComplete(m *wire.Message) {
	var r codeRequest
	if !s.content(wire.Shell, m, &r) {
		return
	}
	is := cell.Completeness{Status: "unknown"}
	s.ask(m, func(ev cell.Evaluator) func() {
		got := ev.IsComplete(r.Code)
		return func() { is = got }
	})
	c := map[string]any{"status": is.Status}
	if is.Status == "incomplete" {
		c["indent"] = is.Indent
	}
	s.reply(wire.Shell, m, c, nil)
}

// ask puts a question to the evaluator on a goroutine of its own. If it takes
// too long or panics, the request is answered without: the function that f
// returns, which keeps the answer, is called only in time.
func (s *Session) ask(m *wire.Message, f func(cell.Evaluator) (keep func())) {
	answer := make(chan func(), 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.cfg.Log("%s: internal error: %v\n%s", m.Header.Type, r, debug.Stack())
				answer <- func() {}
			}
		}()
		<-s.ready
		if s.eval == nil {
			answer <- func() {}
			return
		}
		answer <- f(s.eval)
	}()
	select {
	case keep := <-answer:
		keep()
	case <-time.After(patience):
		s.cfg.Log("%s: no answer within %v", m.Header.Type, patience)
	case <-s.stop:
	}
}

// Cursors are code points on the wire and bytes in the evaluator.

// byteOffset returns the byte offset of the n-th code point of s, within s.
func byteOffset(s string, n int) int {
	if n <= 0 {
		return 0
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// runeOffset returns how many code points of s begin before byte offset n.
func runeOffset(s string, n int) int {
	n = max(0, min(n, len(s)))
	return utf8.RuneCountInString(s[:n])
}
