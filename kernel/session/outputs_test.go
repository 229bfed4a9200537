// This file tests what is shown: batches, owners of late output, and input.

package session_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"cajal/kernel/cell"
	"cajal/kernel/session"
	"cajal/kernel/wire"
)

// streams joins the text of all streams, and counts the messages.
func streams(all []wire.Sent) (text string, n int) {
	for _, s := range all {
		if s.Message.Header.Type == "stream" {
			var c struct{ Text string }
			json.Unmarshal(s.Message.Content, &c)
			text += c.Text
			n++
		}
	}
	return text, n
}

// A cell that prints a lot gives few messages, and all of its text.
func TestFlood(t *testing.T) {
	c := start(t, nil)
	const lines = 200_000
	m := c.cell(fmt.Sprintf("flood %d", lines))
	text, n := streams(c.until(m))
	if got := strings.Count(text, "\n"); got != lines || !strings.HasSuffix(text, fmt.Sprintf("line %d\n", lines-1)) {
		t.Errorf("%d lines came, want %d", got, lines)
	}
	if n > 100 {
		t.Errorf("they came in %d messages", n)
	}
}

// Text of a cell that goes on is seen soon, not at its end.
func TestTextComesWhileCellRuns(t *testing.T) {
	c := start(t, nil)
	begin := time.Now()
	c.cell("print soon\nloop")
	c.expect("iopub status busy", "iopub execute_input print soon\nloop", "iopub stream stdout soon")
	if d := time.Since(begin); d > 100*time.Millisecond {
		t.Errorf("it came after %v", d)
	}
}

// A rune that comes in two writes is not torn, and bytes that are no text do
// not stop the message.
func TestSplitRune(t *testing.T) {
	var host cell.Host
	c := start(t, func(cfg *session.Config) {
		cfg.Evaluator = func(h cell.Host) (cell.Evaluator, error) { host = h; return newFake(h) }
	})
	c.until(c.cell("print ready"))
	emit := func(s string) { host.Emit(cell.Event{Cell: 1, Kind: cell.Stdout, Text: s}) }
	emit("a\xf0\x9f")
	c.expect("iopub stream stdout a")
	emit("\x98\x80b")
	c.expect("iopub stream stdout 😀b")
	emit("\xff\xfe.")
	if s := short(c.next()); !utf8.ValidString(s) || !strings.HasSuffix(s, ".") {
		t.Errorf("got %q", s)
	}
	emit("\xf0\x9f")
	host.Emit(cell.Event{Cell: 1, Kind: cell.Clear})
	if s := c.next(); s.Message.Header.Type != "stream" {
		t.Errorf("half a rune is lost: %s", s)
	}
}

// Output of a goroutine that outlives its cell belongs to that cell, also while
// another one runs.
func TestLateOutput(t *testing.T) {
	c := start(t, nil)
	first := c.cell("late 30 from the first")
	c.until(first)
	second := c.cell("print second\nask wait", `"allow_stdin":true`)
	var late wire.Sent
	for {
		s := c.next()
		if strings.Contains(s.String(), "from the first") {
			late = s
			break
		}
	}
	if parent(late) != first.Header.ID {
		t.Errorf("late output belongs to %s, want the first cell; the second is %s", parent(late), second.Header.ID)
	}
}

// A type that JSON cannot express is dropped, the others of the bundle stay.
func TestBundleThatJSONCannotExpress(t *testing.T) {
	c := start(t, nil)
	got := c.until(c.cell("nan"))
	if text := fmt.Sprint(got); !strings.Contains(text, `"data":{"text/plain":"NaN"}`) || !c.logged("application/json of an output dropped") {
		t.Errorf("got %s", text)
	}
}

func TestUnknownEvents(t *testing.T) {
	var host cell.Host
	c := start(t, func(cfg *session.Config) {
		cfg.Evaluator = func(h cell.Host) (cell.Evaluator, error) { host = h; return newFake(h) }
	})
	c.until(c.cell("print a"))
	host.Emit(cell.Event{Cell: 99, Kind: cell.Stdout, Text: "x"})
	host.Emit(cell.Event{Cell: 1, Kind: "smell"})
	host.Emit(cell.Event{Cell: 1, Kind: cell.Update})
	for _, want := range []string{"unknown cell 99", `unknown kind "smell"`, "update of a display without its id"} {
		if !c.logged(want) {
			t.Errorf("no %q in the log", want)
		}
	}
}

func TestInput(t *testing.T) {
	c := start(t, nil)
	m := c.cell("print before\nask name?", `"allow_stdin":true`)
	got := c.expect("iopub status busy", "iopub execute_input print before\nask name?", "iopub stream stdout before", "stdin input_request name?")
	request := got[3].Message
	if string(request.Identities[0]) != "client" || parent(got[3]) != m.Header.ID || !strings.Contains(string(request.Content), `"password":false`) {
		t.Errorf("input_request: %s to %q", request.Content, request.Identities)
	}
	c.send(wire.Stdin, "input_reply", `{"value":"Santiago"}`)
	c.expect("iopub stream stdout Santiago", "shell execute_reply ok", "iopub status idle")

	// Neither an answer to an older question nor a stranger's is taken.
	m = c.cell("secret word?", `"allow_stdin":true`)
	got = c.expect("iopub status busy", "iopub execute_input secret word?", "stdin input_request word?")
	if !strings.Contains(string(got[2].Message.Content), `"password":true`) {
		t.Errorf("got %s", got[2])
	}
	stale, _ := c.origin.New("input_reply", nil, json.RawMessage(`{"value":"stale"}`), nil)
	stale.Parent = json.RawMessage(`{"msg_id":"` + request.Header.ID + `"}`)
	stale.Identities = request.Identities
	c.wire.Deliver(wire.Stdin, stale)
	stranger, _ := c.origin.New("input_reply", nil, json.RawMessage(`{"value":"stranger"}`), nil)
	stranger.Identities = [][]byte{[]byte("another client")}
	c.wire.Deliver(wire.Stdin, stranger)
	c.send(wire.Stdin, "gossip", `{}`)
	c.send(wire.Stdin, "input_reply", `{"value":"Ramón"}`)
	if text, _ := streams(c.until(m)); text != "Ramón\n" {
		t.Errorf("the cell read %q", text)
	}
	c.send(wire.Stdin, "input_reply", `{"value":"unasked"}`)

	m = c.cell("ask name?", `"allow_stdin":false`)
	if text, _ := streams(c.until(m)); !strings.Contains(text, "allow_stdin is false") {
		t.Errorf("without allow_stdin the cell read %q", text)
	}
	if !c.logged("an answer that nobody waits for") || !c.logged(`message of type "gossip" dropped`) {
		t.Errorf("log: %q", c.lines)
	}
}

// Two sessions in one process do not get in each other's way.
func TestTwoSessions(t *testing.T) {
	a, b := start(t, nil), start(t, nil)
	var both sync.WaitGroup
	for name, c := range map[string]*client{"a": a, "b": b} {
		both.Go(func() {
			for i := range 50 {
				m := c.cell(fmt.Sprintf("print %s%d", name, i))
				if text, _ := streams(c.until(m)); text != fmt.Sprintf("%s%d\n", name, i) {
					t.Errorf("session %s printed %q", name, text)
				}
			}
		})
	}
	both.Wait()
}

// In a thousand cells, no output comes after its reply.
func TestOutputBeforeReply(t *testing.T) {
	c := start(t, nil)
	for i := range 1000 {
		m := c.cell("print x\nwarn y")
		all := c.until(m)
		if text, _ := streams(all[:len(all)-2]); text != "x\ny\n" {
			t.Fatalf("cell %d: %q before the reply; %v", i, text, all)
		}
	}
}
