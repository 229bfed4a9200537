// This file publishes what cells show: text in batches, everything in order,
// and each event under the header of the request that it belongs to.

package session

import (
	"encoding/json"
	"sync"
	"time"
	"unicode/utf8"

	"cajal/kernel/cell"
	"cajal/kernel/wire"
)

// Text waits for more of it for a few milliseconds; a cell that prints on and on
// is given longer and longer batches, so that a front end gets some 25 messages
// a second. A batch that is full makes the cell wait for the next one: what
// a front end cannot show anyway should not fill the memory.
const (
	firstBatch = 3 * time.Millisecond
	lastBatch  = 40 * time.Millisecond
	quiet      = 200 * time.Millisecond // after it, the next batch is a first one
	batchBytes = 1 << 20

	rememberedCells = 1 << 14 // whose late output still finds its cell
)

// owner is the request that a cell's outputs belong to.
type owner struct {
	parent  *wire.Message // its identities and header
	silent  bool
	count   int         // the execution count of a result
	result  string      // text/plain of the cell's result, for the history
	capture *cell.Event // results of a user expression go here
	expr    bool

	pending []segment // text that waits, in order
	size    int
}

// segment is text of one stream.
type segment struct {
	name string // stdout, stderr
	text []byte
}

// outputs publishes events.
type outputs struct {
	publish func(kind, topic string, parent *wire.Message, content, metadata any, class wire.Class, key string)
	log     func(format string, args ...any)

	mu       sync.Mutex
	flushed  sync.Cond // signalled after each flush
	cells    map[cell.ID]*owner
	waiting  map[cell.ID]*owner // those with pending text
	armed    bool
	interval time.Duration
	last     time.Time // of the last flush by the clock
}

func newOutputs(publish func(string, string, *wire.Message, any, any, wire.Class, string), log func(string, ...any)) *outputs {
	o := &outputs{publish: publish, log: log, cells: map[cell.ID]*owner{}, waiting: map[cell.ID]*owner{}, interval: firstBatch}
	o.flushed.L = &o.mu
	return o
}

// open registers the request that the events of a cell belong to.
func (o *outputs) open(id cell.ID, w *owner) {
	// A reply needs the code and the buffers no more.
	w.parent = &wire.Message{Identities: w.parent.Identities, Header: w.parent.Header, RawHeader: w.parent.RawHeader}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cells[id] = w
	if id > rememberedCells {
		delete(o.cells, id-rememberedCells)
	}
}

// emit is the Emit of [cell.Host].
func (o *outputs) emit(e cell.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.cells[e.Cell]
	if w == nil {
		o.log("output of an unknown cell %d dropped: %s", e.Cell, e.Kind)
		return
	}
	switch e.Kind {
	case cell.Stdout, cell.Stderr:
		o.text(e, w)
		return
	case cell.Result:
		if w.expr {
			w.capture = &e
			return
		}
		if text, ok := e.Bundle.Data["text/plain"].(string); ok {
			w.result = text
		}
		if w.silent {
			return
		}
	}
	o.flush(e.Cell, w, true)
	switch e.Kind {
	case cell.Display:
		o.publish("display_data", "", w.parent, o.content(e, nil), nil, wire.Keep, "")
	case cell.Update:
		if e.DisplayID == "" {
			o.log("update of a display without its id dropped")
			return
		}
		o.publish("update_display_data", "", w.parent, o.content(e, nil), nil, wire.Update, e.DisplayID)
	case cell.Result:
		o.publish("execute_result", "", w.parent, o.content(e, &w.count), nil, wire.Keep, "")
	case cell.Clear:
		o.publish("clear_output", "", w.parent, map[string]bool{"wait": e.Wait}, nil, wire.Keep, "")
	default:
		o.log("output of unknown kind %q dropped", e.Kind)
	}
}

// text takes text of a stream; it waits while the batch is full.
func (o *outputs) text(e cell.Event, w *owner) {
	if e.Text == "" {
		return
	}
	name := string(e.Kind)
	if n := len(w.pending); n > 0 && w.pending[n-1].name == name {
		w.pending[n-1].text = append(w.pending[n-1].text, e.Text...)
	} else {
		w.pending = append(w.pending, segment{name, []byte(e.Text)})
	}
	w.size += len(e.Text)
	o.waiting[e.Cell] = w
	if !o.armed {
		if time.Since(o.last) > quiet {
			o.interval = firstBatch
		}
		o.armed = true
		time.AfterFunc(o.interval, o.tick)
	}
	for w.size > batchBytes {
		o.flushed.Wait()
	}
}

// tick publishes what waits.
func (o *outputs) tick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed = false
	o.last = time.Now()
	o.interval = min(2*o.interval, lastBatch)
	for id, w := range o.waiting {
		o.flush(id, w, false)
	}
}

// flush publishes the text that waits for a cell. If it is not the last, a rune
// of which only the beginning has come is held back.
func (o *outputs) flush(id cell.ID, w *owner, last bool) {
	var rest []byte
	for i, s := range w.pending {
		text := s.text
		if !last && i == len(w.pending)-1 {
			n := len(text) - incomplete(text)
			text, rest = text[:n], text[n:]
		}
		if len(text) > 0 {
			o.publish("stream", "stream."+s.name, w.parent, map[string]string{"name": s.name, "text": string(text)}, nil, wire.Stream, "")
		}
	}
	if len(rest) > 0 {
		w.pending = []segment{{w.pending[len(w.pending)-1].name, rest}}
	} else {
		w.pending = nil
		delete(o.waiting, id)
	}
	w.size = len(rest)
	o.flushed.Broadcast()
}

// flushCell publishes all text that waits for a cell, and returns the text of
// its result.
func (o *outputs) flushCell(id cell.ID) (result string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if w := o.cells[id]; w != nil {
		o.flush(id, w, true)
		result = w.result
	}
	return result
}

// flushAll publishes all text that waits.
func (o *outputs) flushAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, w := range o.waiting {
		o.flush(id, w, true)
	}
}

// content is the content of a display, an update or a result.
func (o *outputs) content(e cell.Event, count *int) map[string]any {
	c := o.bundle(e.Bundle)
	transient := map[string]string{}
	if e.DisplayID != "" {
		transient["display_id"] = e.DisplayID
	}
	c["transient"] = transient
	if count != nil {
		c["execution_count"] = *count
	}
	return c
}

// bundle serialises each type of a bundle on its own, so that one that JSON
// cannot express (a NaN among numbers) does not take the others with it.
func (o *outputs) bundle(b cell.Bundle) map[string]any {
	one := func(in map[string]any) map[string]json.RawMessage {
		out := make(map[string]json.RawMessage, len(in))
		for k, v := range in {
			text, err := json.Marshal(v)
			if err != nil {
				o.log("%s of an output dropped: %v", k, err)
				continue
			}
			out[k] = text
		}
		return out
	}
	return map[string]any{"data": one(b.Data), "metadata": one(b.Metadata)}
}

// incomplete returns how many bytes at the end of b begin a rune that does not
// end there.
func incomplete(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
