package check

// This file tells whether the text of a cell could be executed as it stands.

import (
	"bytes"
	"go/token"
	"strings"
)

// The answers of IsComplete.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
	Invalid    = "invalid"
)

// IsComplete tells whether code is complete Go, wants more lines, or can never
// become valid however it goes on. For incomplete code, indent is what the next
// line should start with. Types are not checked.
func (s *State) IsComplete(code string) (status, indent string) {
	text := bytes.TrimRight([]byte(Clean(code)), " \t\n")
	if len(text) == 0 {
		return Complete, ""
	}
	src, errs := parse(token.NewFileSet(), "cell", text, nil)
	if len(errs) == 0 {
		return Complete, ""
	}
	if src.open == token.ILLEGAL {
		for _, e := range errs {
			if strings.Contains(e.Msg, "raw string literal not terminated") || strings.Contains(e.Msg, "comment not terminated") {
				return Incomplete, ""
			}
		}
	}
	// An error at the very end is what more text can mend.
	line, col := lineColumn(text, len(text))
	if e := errs[0]; e.Line < line || e.Line == line && e.Column < col {
		return Invalid, ""
	}
	last := text[bytes.LastIndexByte(text, '\n')+1:]
	indent = string(last[:len(last)-len(bytes.TrimLeft(last, " \t"))])
	if c := last[len(last)-1]; c == '{' || c == '(' || c == '[' {
		indent += "\t"
	}
	return Incomplete, indent
}
