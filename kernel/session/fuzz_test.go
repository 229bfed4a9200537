// This file throws requests of any content at a session: each is framed by busy
// and idle, and none is an internal error.

package session_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"cajal/kernel/wire"
)

func FuzzRequests(f *testing.F) {
	kinds := []string{
		"execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request",
		"kernel_info_request", "comm_info_request", "comm_open", "comm_msg", "comm_close",
		"interrupt_request", "debug_request", "connect_request",
	}
	for i := range kinds {
		f.Add(uint8(i), `{"code":"print a","cursor_pos":3,"detail_level":1,"user_expressions":{"a":"result 1"}}`)
		f.Add(uint8(i), `{"code":"é?","cursor_pos":-1,"hist_access_type":"search","pattern":"[*?","n":-1,"comm_id":"x"}`)
		f.Add(uint8(i), `{"hist_access_type":"range","session":-5,"start":-1,"stop":1e3,"output":true,"data":{"text/plain":"x"}}`)
	}
	// What blocks or breaks by design is not what is looked for.
	design := regexp.MustCompile(`loop|ask|secret|hang|flood|late|crash|raw`)
	f.Fuzz(func(t *testing.T, kind uint8, content string) {
		var object map[string]any
		if json.Unmarshal([]byte(content), &object) != nil || object == nil {
			return // the transport lets only objects pass
		}
		flat, _ := json.Marshal(object)
		if design.Match(flat) || design.MatchString(content) {
			return
		}
		c := start(t, nil)
		m := c.send(wire.Shell, kinds[int(kind)%len(kinds)], content)
		got := c.until(m)
		if short(got[0]) != "iopub status busy" {
			t.Errorf("the first message is %s", got[0])
		}
		if c.logged("internal error") {
			t.Errorf("log: %q", c.lines)
		}
	})
}
