// This file tests how a session begins and ends, and what outlives it.

package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/session"
	"cajal/kernel/wire"
)

func TestShutdown(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Control, wire.Shell} {
		c := start(t, nil)
		c.cell("print before\nloop")
		c.expect("iopub status busy", "iopub execute_input print before\nloop", "iopub stream stdout before")
		begin := time.Now()
		m := c.send(ch, "shutdown_request", `{"restart":true}`)
		all := c.until(m)
		text := fmt.Sprint(all)
		if !strings.Contains(text, ch.String()+` shutdown_reply {"restart":true,"status":"ok"}`) || !strings.Contains(text, `iopub shutdown_reply`) {
			t.Errorf("%s: got %s", ch, text)
		}
		select {
		case err := <-c.ended:
			if err != nil {
				t.Errorf("%s: Serve = %v", ch, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("Serve goes on")
		}
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("%s: the end took %v", ch, d)
		}
	}
}

func TestServeFails(t *testing.T) {
	for name, f := range map[string]func(cell.Host) (cell.Evaluator, error){
		"error": func(cell.Host) (cell.Evaluator, error) { return nil, errors.New("no tables") },
		"panic": func(cell.Host) (cell.Evaluator, error) { panic("no tables") },
	} {
		c := start(t, func(cfg *session.Config) { cfg.Evaluator = f })
		select {
		case err := <-c.ended:
			if err == nil || !strings.Contains(err.Error(), "no tables") {
				t.Errorf("%s: Serve = %v", name, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: Serve goes on", name)
		}
	}
	c := start(t, nil)
	c.wire.Close()
	if err := <-c.ended; !errors.Is(err, wire.ErrClosed) {
		t.Errorf("with the transport gone: Serve = %v", err)
	}
}

// kernel_info does not wait for an evaluator that is slow to start; cells do,
// and can be interrupted meanwhile.
func TestSlowEvaluator(t *testing.T) {
	gate := make(chan struct{})
	c := start(t, func(cfg *session.Config) {
		cfg.Evaluator = func(h cell.Host) (cell.Evaluator, error) { <-gate; return newFake(h) }
	})
	first := c.cell("print first")
	c.expect("iopub status busy", "iopub execute_input print first")
	c.until(c.send(wire.Shell, "kernel_info_request", "{}"))
	c.send(wire.Control, "interrupt_request", "{}")
	if got := replies(c.until(first)); fmt.Sprint(got) != "[interrupted]" {
		t.Errorf("replies %v", got)
	}
	second := c.cell("print second")
	close(gate)
	if got := fmt.Sprint(c.until(second)); !strings.Contains(got, `second\n`) {
		t.Errorf("got %s", got)
	}
}

func TestHistoryOverSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	file := func(cfg *session.Config) { cfg.HistoryPath = path }
	c := start(t, file)
	for _, code := range []string{"result 1", "print a", "result 1"} {
		c.until(c.cell(code))
	}
	c.until(c.cell("print unseen", `"store_history":false`))
	c.until(c.send(wire.Control, "shutdown_request", "{}"))
	<-c.ended

	c = start(t, file)
	c.until(c.cell("print b"))
	c.until(c.cell("// é\nresult 3"))
	for _, test := range []struct{ query, want string }{
		{`"hist_access_type":"tail","n":2`, `[[2,1,"print b"],[2,2,"// é\nresult 3"]]`},
		{`"hist_access_type":"tail","n":99,"output":true`, `[[1,1,["result 1","1"]],[1,2,["print a",null]],[1,3,["result 1","1"]],[2,1,["print b",null]],[2,2,["// é\nresult 3","3"]]]`},
		{`"hist_access_type":"tail","n":0`, `[]`},
		{`"hist_access_type":"range","session":1,"start":2,"stop":3`, `[[1,2,"print a"]]`},
		{`"hist_access_type":"range","session":0,"start":0,"stop":null`, `[[2,1,"print b"],[2,2,"// é\nresult 3"]]`},
		{`"hist_access_type":"range","session":-1,"start":3`, `[[1,3,"result 1"]]`},
		{`"hist_access_type":"range","session":-9`, `[]`},
		{`"hist_access_type":"search","pattern":"*1"`, `[[1,1,"result 1"],[1,3,"result 1"]]`},
		{`"hist_access_type":"search","pattern":"*1","unique":true`, `[[1,3,"result 1"]]`},
		{`"hist_access_type":"search","pattern":"print ?","n":1`, `[[2,1,"print b"]]`},
		{`"hist_access_type":"search","pattern":"print"`, `[]`},
		{`"hist_access_type":"search","pattern":"*é*"`, `[[2,2,"// é\nresult 3"]]`},
	} {
		r := c.ask("history_request", `{"raw":true,`+test.query+`}`)
		if got, _ := json.Marshal(r["history"]); string(got) != test.want {
			t.Errorf("%s: got %s, want %s", test.query, got, test.want)
		}
	}
}

// A history that cannot be written is kept in memory, and told once.
func TestHistoryWithoutFile(t *testing.T) {
	for _, path := range []string{"", filepath.Join("/dev/null", "h")} {
		c := start(t, func(cfg *session.Config) { cfg.HistoryPath = path })
		c.until(c.cell("print a"))
		c.until(c.cell("print b"))
		r := c.ask("history_request", `{"hist_access_type":"tail","n":5}`)
		if got, _ := json.Marshal(r["history"]); string(got) != `[[1,1,"print a"],[1,2,"print b"]]` {
			t.Errorf("%q: got %s", path, got)
		}
		if c.logged("history cannot be written") != (path != "") {
			t.Errorf("%q: log %q", path, c.lines)
		}
	}
}
