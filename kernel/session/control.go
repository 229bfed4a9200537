// This file answers what comes by control, and the requests that both control
// and shell take.

package session

import (
	"encoding/json"

	"cajal/kernel/wire"
)

// control answers one message of the control channel.
func (s *Session) control(m *wire.Message) {
	if !s.common(wire.Control, m) {
		s.unknown(wire.Control, m)
	}
}

// common answers the requests that come by control or by shell.
func (s *Session) common(ch wire.Channel, m *wire.Message) bool {
	switch m.Header.Type {
	case "kernel_info_request":
		s.during(ch, m, func() { s.reply(ch, m, s.kernelInfo(), nil) })
	case "interrupt_request":
		s.during(ch, m, func() {
			s.reply(ch, m, map[string]any{"status": "ok"}, nil)
			s.Interrupt()
		})
	case "shutdown_request":
		s.shutdown(ch, m)
	case "debug_request":
		s.during(ch, m, func() { s.refuseDebug(ch, m) })
	case "create_subshell_request", "delete_subshell_request", "list_subshell_request":
		s.during(ch, m, func() {
			s.reply(ch, m, failure("unsupported", "this kernel has no subshells; kernel_info does not list them in supported_features"), nil)
		})
	default:
		return false
	}
	return true
}

// unknown keeps the frame of busy and idle and tells the log.
func (s *Session) unknown(ch wire.Channel, m *wire.Message) {
	s.during(ch, m, func() { s.cfg.Log("%s: message of unknown type %q dropped", ch, m.Header.Type) })
}

// kernelInfo is the content of a kernel_info_reply.
func (s *Session) kernelInfo() any {
	return struct {
		Status   string   `json:"status"`
		Protocol string   `json:"protocol_version"`
		Features []string `json:"supported_features"`
		Debugger bool     `json:"debugger"`
		Info
	}{"ok", wire.ProtocolVersion + ".0", []string{}, false, s.cfg.Info}
}

// shutdown answers, tells all clients, and makes Serve return.
func (s *Session) shutdown(ch wire.Channel, m *wire.Message) {
	var r struct {
		Restart bool `json:"restart"`
	}
	_ = json.Unmarshal(m.Content, &r) // whatever it says, it says shut down
	s.during(ch, m, func() {
		c := map[string]any{"status": "ok", "restart": r.Restart}
		s.out.flushAll()
		s.reply(ch, m, c, nil)
		s.publish("shutdown_reply", "", m, c, nil, wire.Keep, "")
	})
	s.end(nil)
}

// refuseDebug answers a request of the debug adapter protocol in its own terms.
func (s *Session) refuseDebug(ch wire.Channel, m *wire.Message) {
	var r struct {
		Seq     int    `json:"seq"`
		Command string `json:"command"`
	}
	_ = json.Unmarshal(m.Content, &r)
	s.reply(ch, m, map[string]any{
		"type":        "response",
		"seq":         r.Seq,
		"request_seq": r.Seq,
		"success":     false,
		"command":     r.Command,
		"message":     "this kernel has no debugger",
		"body":        map[string]any{},
	}, nil)
}
