// This file drives a session through a transport in memory: every request, in
// order and out of it.

package session_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cajal/kernel/wire"
)

func TestKernelInfo(t *testing.T) {
	c := start(t, nil)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		m := c.send(ch, "kernel_info_request", "{}")
		got := c.expect("iopub status busy", ch.String()+" kernel_info_reply ok", "iopub status idle")
		for _, s := range got {
			if parent(s) != m.Header.ID {
				t.Errorf("%s has another parent", short(s))
			}
		}
		if id := got[1].Message.Identities; len(id) != 1 || string(id[0]) != "client" {
			t.Errorf("the reply goes to %q", id)
		}
		text := string(got[1].Message.Content)
		for _, want := range []string{`"protocol_version":"5.5.0"`, `"implementation":"fake"`, `"file_extension":".go"`, `"help_links":[]`, `"supported_features":[]`} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
	}
}

func TestExecuteOrder(t *testing.T) {
	c := start(t, nil)
	c.cell("print a\nprint b\nwarn c\ndisplay id d\nprint e\nresult f\nclear\nupdate id g")
	got := c.expect(
		"iopub status busy",
		"iopub execute_input print a\nprint b\nwarn c\ndisplay id d\nprint e\nresult f\nclear\nupdate id g",
		"iopub stream stdout a\nb",
		"iopub stream stderr c",
		"iopub display_data d",
		"iopub stream stdout e",
		"iopub execute_result f",
		"iopub clear_output true",
		"iopub update_display_data g",
		"shell execute_reply ok",
		"iopub status idle",
	)
	for _, i := range []int{4, 8} {
		if !strings.Contains(got[i].String(), `"transient":{"display_id":"id"}`) {
			t.Errorf("no display id in %s", got[i])
		}
	}
	if !strings.Contains(got[6].String(), `"execution_count":1`) {
		t.Errorf("no count in %s", got[6])
	}
	if topic := string(got[2].Message.Identities[0]); topic != "stream.stdout" {
		t.Errorf("the topic of a stream is %s", topic)
	}
}

func TestCounter(t *testing.T) {
	c := start(t, nil)
	for _, test := range []struct {
		code, more string
		want       float64
	}{
		{"print a", `"silent":false`, 1},
		{"print a", `"store_history":false`, 1},
		{"print a", `"silent":true`, 1},
		{"print a", `"silent":true,"store_history":true`, 1},
		{"  ", `"silent":false`, 1},
		{"", `"silent":true`, 1},
		{"fail x", `"silent":false`, 2},
		{"print a", `"silent":false`, 3},
	} {
		m := c.cell(test.code, test.more)
		for _, s := range c.until(m) {
			if s.Channel != wire.Shell {
				continue
			}
			var r map[string]any
			json.Unmarshal(s.Message.Content, &r)
			if r["execution_count"] != test.want {
				t.Errorf("%q %s: count %v, want %v", test.code, test.more, r["execution_count"], test.want)
			}
		}
	}
}

func TestSilent(t *testing.T) {
	c := start(t, nil)
	c.cell("result x\nprint y\nfail z", `"silent":true`)
	c.expect("iopub status busy", "iopub stream stdout y", "shell execute_reply error panic", "iopub status idle")
}

func TestErrorIsColoured(t *testing.T) {
	c := start(t, nil)
	c.cell("fail x")
	got := c.expect("iopub status busy", "iopub execute_input fail x", "iopub error panic", "shell execute_reply error panic", "iopub status idle")
	for _, i := range []int{2, 3} {
		var e struct {
			Value     string   `json:"evalue"`
			Traceback []string `json:"traceback"`
		}
		json.Unmarshal(got[i].Message.Content, &e)
		want := []string{"\x1b[1;31mpanic\x1b[0m: x", "  at \x1b[1mcell 1:2:3\x1b[0m", "  \x1b[1;31m^ here\x1b[0m", "\x1b[1;34mhint:\x1b[0m do not"}
		if e.Value != "x" || fmt.Sprintf("%q", e.Traceback) != fmt.Sprintf("%q", want) {
			t.Errorf("%s: got %q %q, want %q", short(got[i]), e.Value, e.Traceback, want)
		}
	}
}

// A failing cell rejects the cells queued behind it, not other requests; with
// stop_on_error false it does not.
func TestAbort(t *testing.T) {
	c := start(t, nil)
	c.cell("loop") // holds the queue while it is filled
	c.expect("iopub status busy", "iopub execute_input loop")
	c.cell("fail first")
	last := c.cell("print never")
	info := c.send(wire.Shell, "kernel_info_request", "{}")
	c.until(info)
	c.kernel.Interrupt()
	aborted := replies(c.until(last))
	if want := "[interrupted ExecutionAborted ExecutionAborted]"; fmt.Sprint(aborted) != want {
		t.Errorf("after an interrupt: replies %v, want %v", aborted, want)
	}
	for _, test := range []struct{ more, want string }{
		{`"stop_on_error":true`, "[panic ExecutionAborted]"},
		{`"stop_on_error":false`, "[panic ok]"},
		{`"silent":true`, "[panic ok]"},
	} {
		// Both are queued while another cell runs, so that none comes too late.
		hold := c.cell("ask hold", `"allow_stdin":true`)
		for s := c.next(); s.Message.Header.Type != "input_request"; s = c.next() {
		}
		c.cell("fail x", test.more)
		last := c.cell("print y")
		info := c.send(wire.Shell, "kernel_info_request", "{}")
		c.until(info)
		c.send(wire.Stdin, "input_reply", `{"value":""}`)
		c.until(hold)
		got := c.until(last)
		r := replies(got)
		if fmt.Sprint(r) != test.want {
			t.Errorf("%s: replies %v, want %s", test.more, r, test.want)
		}
		if printed := strings.Contains(fmt.Sprint(got), "stream"); printed != strings.HasSuffix(test.want, "ok]") {
			t.Errorf("%s: the second cell ran: %v", test.more, printed)
		}
	}
}

// replies lists the names of the errors of all execute replies, "ok" for none.
func replies(all []wire.Sent) (out []string) {
	for _, s := range all {
		if s.Message.Header.Type == "execute_reply" {
			var r map[string]any
			json.Unmarshal(s.Message.Content, &r)
			if r["status"] == "ok" {
				out = append(out, "ok")
			} else {
				out = append(out, fmt.Sprint(r["ename"]))
			}
		}
	}
	return out
}

// An interrupt is answered at once and stops the cell within 50 ms.
func TestInterrupt(t *testing.T) {
	c := start(t, nil)
	for _, code := range []string{"loop", "ask anything"} {
		m := c.cell(code, `"allow_stdin":true`)
		c.expect("iopub status busy", "iopub execute_input "+code)
		if strings.HasPrefix(code, "ask") {
			c.expect("stdin input_request anything")
		}
		begin := time.Now()
		c.send(wire.Control, "interrupt_request", "{}")
		c.expect("iopub status busy", "control interrupt_reply ok")
		if got := replies(c.until(m)); len(got) != 1 || got[0] != "interrupted" {
			t.Errorf("%s: replies %v", code, got)
		}
		if d := time.Since(begin); d > 50*time.Millisecond {
			t.Errorf("%s: stopped after %v", code, d)
		}
	}
	// With nothing running it does nothing, and the next cell runs.
	c.until(c.send(wire.Control, "interrupt_request", "{}"))
	if r := c.ask("execute_request", `{"code":"print a"}`); r["status"] != "ok" {
		t.Errorf("the cell after: %v", r)
	}
}

func TestControlWhileCellRuns(t *testing.T) {
	c := start(t, nil)
	c.cell("loop")
	c.expect("iopub status busy", "iopub execute_input loop")
	c.send(wire.Control, "kernel_info_request", "{}")
	c.expect("iopub status busy", "control kernel_info_reply ok", "iopub status idle")
	if r := c.ask("complete_request", `{"code":"pri","cursor_pos":3}`); len(r["matches"].([]any)) != 1 {
		t.Errorf("completion while a cell runs: %v", r)
	}
}

func TestUserExpressions(t *testing.T) {
	c := start(t, nil)
	r := c.ask("execute_request", `{"code":"print a","user_expressions":{"good":"result 7","bad":"fail no"}}`)
	e := r["user_expressions"].(map[string]any)
	good, bad := e["good"].(map[string]any), e["bad"].(map[string]any)
	if r["status"] != "ok" || good["status"] != "ok" || good["data"].(map[string]any)["text/plain"] != "7" {
		t.Errorf("good: %v", good)
	}
	if bad["status"] != "error" || bad["evalue"] != "no" {
		t.Errorf("bad: %v", bad)
	}
}

func TestQuestion(t *testing.T) {
	c := start(t, nil)
	for code, detail := range map[string]string{"print?": "0", "?print": "0", "print??": "1", " ?? print\n": "1"} {
		text, _ := json.Marshal(code)
		r := c.ask("execute_request", `{"code":`+string(text)+`}`)
		p, _ := json.Marshal(r["payload"])
		if want := `[{"data":{"text/plain":"print TEXT, detail ` + detail + `"},"source":"page","start":0}]`; string(p) != want {
			t.Errorf("%q: payload %s, want %s", code, p, want)
		}
	}
	if r := c.ask("execute_request", `{"code":"what?"}`); r["ename"] != "not found" {
		t.Errorf("an unknown name: %v", r)
	}
	for _, code := range []string{"?", "what???", "what is?", "1?", `"what"?`} {
		text, _ := json.Marshal(code)
		if r := c.ask("execute_request", `{"code":`+string(text)+`}`); r["ename"] != "syntax error" {
			t.Errorf("%q is taken for a question: %v", code, r)
		}
	}
}

// A panic of the evaluator, or in a request, is reported and ends nothing.
func TestEvaluatorPanics(t *testing.T) {
	c := start(t, nil)
	if r := c.ask("execute_request", `{"code":"crash"}`); r["ename"] != "internal error" || r["evalue"] != "the fake crashed" {
		t.Errorf("got %v", r)
	}
	if r := c.ask("inspect_request", `{"code":"crash","cursor_pos":0}`); r["found"] != false || !c.logged("inspect crashed") {
		t.Errorf("got %v", r)
	}
	if r := c.ask("execute_request", `{"code":"print a"}`); r["status"] != "ok" {
		t.Errorf("the cell after: %v", r)
	}
}

// Malformed and unknown requests are answered as far as they can be, framed by
// busy and idle, and told to the log.
func TestBadRequests(t *testing.T) {
	c := start(t, nil)
	for _, kind := range []string{"execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request"} {
		m := c.send(wire.Shell, kind, `{"code":7,"session":"x"}`)
		got := c.until(m)
		if len(got) != 3 || !strings.Contains(got[1].String(), "malformed request") {
			t.Errorf("%s: got %v", kind, got)
		}
	}
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		c.send(ch, "no_such_request", `{}`)
		c.expect("iopub status busy", "iopub status idle")
		if !c.logged(ch.String() + `: message of unknown type "no_such_request" dropped`) {
			t.Errorf("%s: nothing in the log", ch)
		}
	}
	c.send(wire.Control, "debug_request", `{"seq":3,"type":"request","command":"initialize"}`)
	got := c.expect("iopub status busy", "control debug_reply", "iopub status idle")
	if s := got[1].String(); !strings.Contains(s, `"success":false`) || !strings.Contains(s, `"request_seq":3`) {
		t.Errorf("debug_request: got %s", s)
	}
	c.send(wire.Control, "create_subshell_request", `{}`)
	c.expect("iopub status busy", "control create_subshell_reply error unsupported", "iopub status idle")
}

func TestComms(t *testing.T) {
	c := start(t, nil)
	if r := c.ask("comm_info_request", `{}`); r["status"] != "ok" || len(r["comms"].(map[string]any)) != 0 {
		t.Errorf("comm_info: %v", r)
	}
	c.send(wire.Shell, "comm_open", `{"comm_id":"c1","target_name":"widget","data":{}}`)
	got := c.expect("iopub status busy", "iopub comm_close", "iopub status idle")
	if !strings.Contains(got[1].String(), `"comm_id":"c1"`) {
		t.Errorf("got %s", got[1])
	}
	for _, kind := range []string{"comm_msg", "comm_close"} {
		c.send(wire.Shell, kind, `{"comm_id":"c1","data":{}}`)
		c.expect("iopub status busy", "iopub status idle")
	}
}

// Cursors are code points on the wire and bytes in the evaluator.
func TestCompletionOffsets(t *testing.T) {
	c := start(t, nil)
	r := c.ask("complete_request", `{"code":"é😀 pr rest","cursor_pos":5}`)
	if fmt.Sprint(r["matches"]) != "[print prompt]" || r["cursor_start"] != 3.0 || r["cursor_end"] != 5.0 {
		t.Errorf("got %v", r)
	}
	types := r["metadata"].(map[string]any)["_jupyter_types_experimental"].([]any)
	if got, _ := json.Marshal(types[0]); string(got) != `{"end":5,"signature":"print TEXT","start":3,"text":"print","type":"keyword"}` {
		t.Errorf("types[0] = %s", got)
	}
	for _, far := range []string{`-1`, `99`} {
		if r := c.ask("complete_request", `{"code":"é","cursor_pos":`+far+`}`); r["status"] != "ok" {
			t.Errorf("cursor %s: %v", far, r)
		}
	}
}

// A completion that never returns delays neither its reply for ever nor cells.
func TestCompletionHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("waits three seconds for the deadline")
	}
	c := start(t, nil)
	m := c.send(wire.Shell, "complete_request", `{"code":"hang","cursor_pos":4}`)
	c.expect("iopub status busy")
	run := c.cell("print a")
	c.until(run)
	got := c.until(m)
	if !strings.Contains(got[0].String(), `"matches":[]`) {
		t.Errorf("got %v", got)
	}
}

func TestInspectAndIsComplete(t *testing.T) {
	c := start(t, nil)
	if r := c.ask("inspect_request", `{"code":"print","cursor_pos":2,"detail_level":1}`); r["found"] != true || r["data"].(map[string]any)["text/plain"] != "print TEXT, detail 1" {
		t.Errorf("got %v", r)
	}
	if r := c.ask("inspect_request", `{"code":"zzz","cursor_pos":2}`); r["found"] != false || r["status"] != "ok" || r["data"] == nil {
		t.Errorf("got %v", r)
	}
	for code, want := range map[string]string{"print a": "complete", `print \\`: "incomplete", "zzz": "invalid"} {
		r := c.ask("is_complete_request", `{"code":"`+code+`"}`)
		if r["status"] != want || (r["indent"] == "  ") != (want == "incomplete") {
			t.Errorf("%q: got %v, want %s", code, r, want)
		}
	}
}

func TestWelcome(t *testing.T) {
	c := start(t, nil)
	c.wire.Subscribe("stream")
	s := c.next()
	if s.String() != `iopub iopub_welcome {"subscription":"stream"}` || string(s.Message.Identities[0]) != "stream" || s.Message.Parent != nil {
		t.Errorf("got %s, topic %q, parent %s", s, s.Message.Identities, s.Message.Parent)
	}
}
