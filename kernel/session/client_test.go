// This file is the front end of the tests: it sends requests through a transport
// in memory and reads what comes.

package session_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/session"
	"cajal/kernel/wire"
)

// client is a front end in a test: it sends requests and collects what comes.
type client struct {
	t      *testing.T
	wire   *wire.Memory
	origin *wire.Origin
	ended  chan error
	kernel *session.Session

	mu    sync.Mutex
	lines []string
}

// start serves a session until the test ends.
func start(t *testing.T, change func(*session.Config)) *client {
	t.Helper()
	c := &client{t: t, wire: wire.NewMemory(), origin: wire.NewOrigin(), ended: make(chan error, 1)}
	cfg := session.Config{Transport: c.wire, Evaluator: newFake, Info: fakeInfo, Log: c.log}
	if change != nil {
		change(&cfg)
	}
	c.kernel = session.New(cfg)
	ctx := t.Context()
	go func() { c.ended <- c.kernel.Serve(ctx) }()
	c.expect("iopub status starting")
	return c
}

func (c *client) log(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// logged tells whether a line of the log has s.
func (c *client) logged(s string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Contains(strings.Join(c.lines, "\n"), s)
}

// send sends a request and returns it; content is a JSON text.
func (c *client) send(ch wire.Channel, kind, content string) *wire.Message {
	c.t.Helper()
	m, err := c.origin.New(kind, nil, json.RawMessage(content), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("client")}
	m.RawHeader, _ = json.Marshal(m.Header)
	c.wire.Deliver(ch, m)
	return m
}

// next returns the next message that goes out.
func (c *client) next() wire.Sent {
	c.t.Helper()
	select {
	case s := <-c.wire.Out:
		return s
	case <-time.After(5 * time.Second):
		c.t.Fatal("no message within 5 s")
		panic("unreachable")
	}
}

// short writes a message as one line: channel, type, and what matters of its
// content.
func short(s wire.Sent) string {
	var c map[string]any
	json.Unmarshal(s.Message.Content, &c)
	out := s.Channel.String() + " " + s.Message.Header.Type
	for _, key := range []string{"execution_state", "status", "name", "ename", "text", "code", "wait", "prompt"} {
		if v, ok := c[key]; ok {
			out += fmt.Sprintf(" %v", v)
		}
	}
	if data, ok := c["data"].(map[string]any); ok && data["text/plain"] != nil {
		out += fmt.Sprintf(" %v", data["text/plain"])
	}
	return strings.TrimSpace(out)
}

// expect reads as many messages as there are lines and compares them.
func (c *client) expect(lines ...string) []wire.Sent {
	c.t.Helper()
	var got []wire.Sent
	for i, want := range lines {
		s := c.next()
		got = append(got, s)
		if short(s) != want {
			c.t.Fatalf("message %d is %q, want %q", i+1, short(s), want)
		}
	}
	return got
}

// until reads messages up to the idle of a request. Those of other requests
// count too.
func (c *client) until(m *wire.Message) []wire.Sent {
	c.t.Helper()
	var got []wire.Sent
	for {
		s := c.next()
		got = append(got, s)
		if short(s) == "iopub status idle" && parent(s) == m.Header.ID {
			return got
		}
	}
}

func parent(s wire.Sent) string {
	var h wire.Header
	json.Unmarshal(s.Message.Parent, &h)
	return h.ID
}

// ask sends a shell request and returns the content of its reply.
func (c *client) ask(kind, content string) map[string]any {
	c.t.Helper()
	m := c.send(wire.Shell, kind, content)
	for _, s := range c.until(m) {
		if s.Channel == wire.Shell {
			var r map[string]any
			if err := json.Unmarshal(s.Message.Content, &r); err != nil {
				c.t.Fatal(err)
			}
			return r
		}
	}
	c.t.Fatalf("%s got no reply", kind)
	return nil
}

// cell sends an execute_request; more are further fields as JSON.
func (c *client) cell(code string, more ...string) *wire.Message {
	text, _ := json.Marshal(code)
	return c.send(wire.Shell, "execute_request", `{"code":`+string(text)+strings.Join(append([]string{""}, more...), ",")+`}`)
}
