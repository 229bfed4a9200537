// This file defines what passes through the pipes.

package worker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"cajal/kernel/cell"
)

// message is a line in either direction. Exactly one field is set.
type message struct {
	Execute   *cell.Request   `json:"execute,omitempty"`
	Pin       []cell.Module   `json:"pin,omitempty"` // before the first execute
	Interrupt cell.ID         `json:"interrupt,omitempty"`
	AskFacts  bool            `json:"ask_facts,omitempty"`
	Event     *event          `json:"event,omitempty"`
	Done      *cell.Outcome   `json:"done,omitempty"`
	Failed    string          `json:"failed,omitempty"` // the evaluator did not start
	Facts     json.RawMessage `json:"facts,omitempty"`
}

// event carries text that is not UTF-8, such as half a character at the end of
// a write, through JSON.
type event struct {
	cell.Event
	Raw []byte `json:"raw,omitempty"`
}

func pack(e cell.Event) *event {
	if utf8.ValidString(e.Text) {
		return &event{Event: e}
	}
	raw := []byte(e.Text)
	e.Text = ""
	return &event{Event: e, Raw: raw}
}

func (e *event) unpack() cell.Event {
	if e.Raw != nil {
		e.Text = string(e.Raw)
	}
	return e.Event
}

// pipe writes messages, from any goroutine.
type pipe struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *pipe) send(m message) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b) // ends with a newline
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.w.Write(b.Bytes())
	return err
}

// receive hands every message to take, until the end of r or an error. The
// numbers in bundles stay as they are spelt.
func receive(r io.Reader, take func(message)) error {
	lines := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 && err == nil {
			var m message
			dec := json.NewDecoder(bytes.NewReader(line))
			dec.UseNumber()
			if err := dec.Decode(&m); err != nil {
				return err
			}
			take(m)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
