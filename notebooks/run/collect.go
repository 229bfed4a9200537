// This file turns the events of cells into outputs of a notebook.

package run

import (
	"encoding/base64"
	"fmt"
	"slices"
	"sync"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
)

// collector puts events into the cells that they belong to. It is safe for use
// by many goroutines.
type collector struct {
	mu     sync.Mutex
	nb     *nbformat.Notebook
	sinks  map[cell.ID]*sink
	shown  map[string][]*nbformat.Output // by display id, in all cells
	closed bool
}

// sink is one cell that takes outputs.
type sink struct {
	cell    *nbformat.Cell
	number  int
	streams map[*nbformat.Output]*screen // the text of each stream so far
	clear   bool                         // outputs vanish when the next one comes
}

func newCollector(nb *nbformat.Notebook) *collector {
	return &collector{nb: nb, sinks: map[cell.ID]*sink{}, shown: map[string][]*nbformat.Output{}}
}

// begin opens a cell for the events with the handle id.
func (c *collector) begin(id cell.ID, s Step) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := s.Number
	target := c.nb.Cells[s.Index]
	target.ExecutionCount = &n
	c.sinks[id] = &sink{cell: target, number: n, streams: map[*nbformat.Output]*screen{}}
}

// take adds an event, and tells whether it belonged to a cell of this run that
// is not over.
func (c *collector) take(e cell.Event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sinks[e.Cell]
	if s == nil || c.closed {
		return false
	}
	switch e.Kind {
	case cell.Stdout, cell.Stderr:
		if e.Text != "" {
			c.ready(s)
			s.write(string(e.Kind), e.Text)
		}
	case cell.Display, cell.Result:
		c.ready(s)
		o := &nbformat.Output{Type: nbformat.DisplayData, Data: data(e.Bundle), Metadata: metadata(e.Bundle)}
		if e.Kind == cell.Result {
			n := s.number
			o.Type, o.ExecutionCount = nbformat.ExecuteResult, &n
		}
		s.cell.Outputs = append(s.cell.Outputs, o)
		if e.DisplayID != "" {
			c.shown[e.DisplayID] = append(c.shown[e.DisplayID], o)
		}
	case cell.Update:
		for _, o := range c.shown[e.DisplayID] {
			o.Data, o.Metadata = data(e.Bundle), metadata(e.Bundle)
		}
	case cell.Clear:
		s.clear = true
		if !e.Wait {
			c.ready(s)
		}
	}
	return true
}

// ready carries out a clearing that waited for the next output.
func (c *collector) ready(s *sink) {
	if !s.clear {
		return
	}
	s.clear = false
	for id, outputs := range c.shown {
		c.shown[id] = slices.DeleteFunc(outputs, func(o *nbformat.Output) bool {
			return slices.Contains(s.cell.Outputs, o)
		})
	}
	s.cell.Outputs = nil
	clear(s.streams)
}

// write adds text to the cell's last output if that is the same stream, else
// to a new one.
func (s *sink) write(name, text string) {
	var o *nbformat.Output
	if n := len(s.cell.Outputs); n > 0 {
		o = s.cell.Outputs[n-1]
	}
	if o == nil || o.Name != name || s.streams[o] == nil {
		o = &nbformat.Output{Type: nbformat.Stream, Name: name}
		s.cell.Outputs = append(s.cell.Outputs, o)
		s.streams[o] = &screen{}
	}
	s.streams[o].write(text)
}

// time notes when a cell ran, in the metadata that Jupyter's clients use for it.
func (c *collector) time(id cell.ID, from, to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	const layout = "2006-01-02T15:04:05.000000Z"
	began, ended := from.UTC().Format(layout), to.UTC().Format(layout)
	target := c.sinks[id].cell
	if target.Metadata == nil {
		target.Metadata = map[string]any{}
	}
	target.Metadata["execution"] = map[string]any{
		"iopub.execute_input": began, "iopub.status.busy": began,
		"iopub.status.idle": ended, "shell.execute_reply": ended,
	}
}

// fail adds the error of a cell.
func (c *collector) fail(id cell.ID, e *cell.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sinks[id]
	c.ready(s)
	trace := e.Traceback
	if len(trace) == 0 {
		trace = []string{e.Error()}
	}
	s.cell.Outputs = append(s.cell.Outputs, &nbformat.Output{
		Type: nbformat.ErrorOutput, EName: e.Name, EValue: e.Value, Traceback: slices.Clone(trace),
	})
}

// close ends the collecting and returns the notebook; later events are lost.
func (c *collector) close() *nbformat.Notebook {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, s := range c.sinks {
		for o, text := range s.streams {
			o.Text = text.String()
		}
	}
	return c.nb
}

// data brings the values of a bundle into the types that a notebook has: text,
// or a tree for JSON types. A value that cannot be brought there is replaced by
// a line that says so, since a cell must not make the notebook unwritable.
func data(b cell.Bundle) map[string]any {
	out := make(map[string]any, len(b.Data))
	for mime, v := range b.Data {
		switch x := v.(type) {
		case string:
			out[mime] = x
			continue
		case []byte:
			if !nbformat.IsJSON(mime) {
				out[mime] = base64.StdEncoding.EncodeToString(x)
				continue
			}
		}
		tree, err := nbformat.Tree(v)
		if err != nil {
			tree = fmt.Sprintf("a value of type %T was displayed as %s, but is no JSON: %v", v, mime, err)
			mime = "text/plain"
			if _, taken := b.Data[mime]; taken {
				continue
			}
		}
		out[mime] = tree
	}
	return out
}

func metadata(b cell.Bundle) map[string]any {
	if len(b.Metadata) == 0 {
		return map[string]any{}
	}
	if tree, err := nbformat.Tree(b.Metadata); err == nil {
		if m, ok := tree.(map[string]any); ok {
			return m
		}
	}
	return map[string]any{}
}
