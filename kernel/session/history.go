// This file keeps the history of inputs and results over sessions.

package session

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"cajal/kernel/wire"
)

// history is a file of JSON lines to which all kernels of a user append. A line
// carries the random name of its session; sessions are numbered from 1 by their
// first line in the file. That needs no lock: a line is one write in append
// mode.
type history struct {
	path    string // "": in memory only
	session string
	log     func(format string, args ...any)

	mu     sync.Mutex
	file   *os.File
	failed bool    // told once
	lines  []entry // without a path: all lines
}

// entry is a line of the file: an input, or the result that followed.
type entry struct {
	Session string `json:"session"`
	Line    int    `json:"line"`
	Input   string `json:"input,omitempty"`
	Output  string `json:"output,omitempty"`
}

// record is one executed cell.
type record struct {
	session, line int
	input, output string
}

func newHistory(path, session string, log func(string, ...any)) *history {
	return &history{path: path, session: session, log: log}
}

func (h *history) input(line int, code string) {
	h.add(entry{Session: h.session, Line: line, Input: code})
}

func (h *history) output(line int, text string) {
	const most = 10 << 10 // a result is kept to be recognised, not to be restored
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	h.add(entry{Session: h.session, Line: line, Output: text})
}

// add appends a line. A history that cannot be written is told once and kept in
// memory from then on.
func (h *history) add(e entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.path == "" || h.failed {
		h.lines = append(h.lines, e)
		return
	}
	err := h.write(e)
	if err != nil {
		h.log("history cannot be written, it ends with this session: %v", err)
		h.failed = true
		h.lines = append(h.lines, e)
	}
}

func (h *history) write(e entry) error {
	if h.file == nil {
		if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		h.file = f
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = h.file.Write(append(text, '\n'))
	return err
}

func (h *history) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file != nil {
		h.file.Close()
		h.file = nil
	}
}

// records reads everything, oldest first, and the number of this session.
func (h *history) records() (all []record, current int) {
	h.mu.Lock()
	lines := append([]entry(nil), h.lines...)
	h.mu.Unlock()
	if h.path != "" {
		lines = append(h.read(), lines...)
	}
	numbers := map[string]int{}
	at := map[[2]int]int{}
	for _, e := range lines {
		n, ok := numbers[e.Session]
		if !ok {
			n = len(numbers) + 1
			numbers[e.Session] = n
		}
		if e.Output != "" {
			if i, ok := at[[2]int{n, e.Line}]; ok {
				all[i].output = e.Output
			}
			continue
		}
		at[[2]int{n, e.Line}] = len(all)
		all = append(all, record{session: n, line: e.Line, input: e.Input})
	}
	current, ok := numbers[h.session]
	if !ok {
		current = len(numbers) + 1
	}
	return all, current
}

// read reads the file. Lines that are not ours (cut by a full disk) are skipped.
func (h *history) read() []entry {
	f, err := os.Open(h.path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			h.log("history cannot be read: %v", err)
		}
		return nil
	}
	defer f.Close()
	var lines []entry
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Session != "" {
			lines = append(lines, e)
		}
		if err != nil {
			return lines
		}
	}
}

// historyQuery is the content of a history_request.
type historyQuery struct {
	Output  bool   `json:"output"`
	Raw     bool   `json:"raw"` // what was typed; this kernel transforms nothing, so both are the same
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"` // of range: 0 is this session, -1 the one before
	Start   int    `json:"start"`   // of range: the first line, 1 if 0
	Stop    int    `json:"stop"`    // of range: the line after the last; 0 is the end
	N       *int   `json:"n"`       // of tail and search: how many; none is all
	Pattern string `json:"pattern"` // of search: * and ? as in file names
	Unique  bool   `json:"unique"`  // of search: of equal inputs the last only
}

// choose answers a query: oldest first.
func choose(all []record, current int, q historyQuery) []record {
	var out []record
	switch q.Access {
	case "range":
		session := q.Session
		if session <= 0 {
			session += current
		}
		for _, r := range all {
			if r.session == session && r.line >= q.Start && (q.Stop <= 0 || r.line < q.Stop) {
				out = append(out, r)
			}
		}
		return out
	case "search":
		match := glob(q.Pattern)
		for _, r := range all {
			if match.MatchString(r.input) {
				out = append(out, r)
			}
		}
		if q.Unique {
			out = unique(out)
		}
	default: // tail
		out = all
	}
	if q.N != nil && *q.N >= 0 && len(out) > *q.N {
		out = out[len(out)-*q.N:]
	}
	return out
}

// unique keeps of equal inputs the last.
func unique(in []record) []record {
	last := map[string]int{}
	for i, r := range in {
		last[r.input] = i
	}
	var out []record
	for i, r := range in {
		if last[r.input] == i {
			out = append(out, r)
		}
	}
	return out
}

// glob translates a pattern with * and ? that must match the whole input. An
// empty one matches everything.
func glob(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = "*"
	}
	p := regexp.QuoteMeta(pattern)
	p = strings.ReplaceAll(p, `\*`, `.*`)
	p = strings.ReplaceAll(p, `\?`, `.`)
	return regexp.MustCompile(`(?s)^` + p + `$`)
}

// historyRequest answers a history_request.
func (s *Session) historyRequest(m *wire.Message) {
	q := historyQuery{Access: "tail"}
	if !s.content(wire.Shell, m, &q) {
		return
	}
	all, current := s.history.records()
	items := [][3]any{}
	for _, r := range choose(all, current, q) {
		if q.Output {
			var output any
			if r.output != "" {
				output = r.output
			}
			items = append(items, [3]any{r.session, r.line, [2]any{r.input, output}})
		} else {
			items = append(items, [3]any{r.session, r.line, r.input})
		}
	}
	s.reply(wire.Shell, m, map[string]any{"status": "ok", "history": items}, nil)
}
