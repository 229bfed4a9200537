// This file carries out carriage returns and backspaces in streams, as a
// terminal would.

package run

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	keepHead = 4 << 20 // bytes kept from the beginning of a stream
	keepTail = 4 << 20 // bytes kept from its end
	maxStyle = 256     // bytes of sequences that set colours without ever resetting them
	maxLine  = 1 << 16 // characters of an unfinished line that can still be overwritten
)

// screen holds the text of a stream: finished lines, which nothing can change
// any more, and the line that is being written.
type screen struct {
	head    bytes.Buffer
	tail    []byte
	dropped int // bytes left out between head and tail

	line    []glyph
	col     int    // where the next character goes
	style   string // the colours that are on, as the sequences that set them
	stored  string // the colours that are on at the end of what was stored
	partial string // an escape sequence or character that is not yet whole
}

// glyph is a character with the colours that were on when it was written.
type glyph struct {
	r     rune
	style string
}

func (s *screen) write(text string) {
	text = s.partial + text
	s.partial = ""
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 && !utf8.FullRuneInString(text[i:]) {
			s.partial = text[i:]
			return
		}
		switch r {
		case '\n':
			s.newline()
		case '\r':
			s.col = 0
		case '\b':
			s.col = max(0, s.col-1)
		case 0x1b:
			end, whole := escape(text[i:])
			if !whole && len(text)-i < 64 {
				s.partial = text[i:]
				return
			}
			s.control(text[i : i+end])
			n = end
		default:
			s.put(r)
		}
		i += n
	}
}

func (s *screen) put(r rune) {
	g := glyph{r, s.style}
	if s.col < len(s.line) {
		s.line[s.col] = g
	} else {
		if len(s.line) >= maxLine {
			s.flush()
		}
		s.line = append(s.line, g)
	}
	s.col++
}

// control obeys "erase in line" and keeps colours; cursor movements are left
// out.
func (s *screen) control(seq string) {
	switch {
	case seq == "\x1b[m", seq == "\x1b[0m":
		s.style = ""
	case strings.HasSuffix(seq, "m"):
		if s.style += seq; len(s.style) > maxStyle {
			s.style = seq
		}
	case seq == "\x1b[K", seq == "\x1b[0K":
		s.line = s.line[:min(s.col, len(s.line))]
	case seq == "\x1b[2K":
		s.line = s.line[:0]
		for range s.col {
			s.line = append(s.line, glyph{r: ' '})
		}
	}
}

// escape measures the escape sequence at the start of s, and tells whether it
// is whole.
func escape(s string) (n int, whole bool) {
	if len(s) < 2 {
		return len(s), false
	}
	if s[1] != '[' {
		return 2, true
	}
	for i := 2; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1, true
		}
		if s[i] < 0x20 || s[i] >= 0x7f {
			return i, true
		}
	}
	return len(s), false
}

func (s *screen) newline() {
	s.flush()
	s.store("\n")
}

// flush ends the possibility to overwrite the current line.
func (s *screen) flush() {
	s.store(s.current())
	s.stored = s.style
	s.line, s.col = s.line[:0], 0
}

// current returns the unfinished line, with the sequences that lead from the
// colours of what was stored to its own, and to those that are on now.
func (s *screen) current() string {
	var b strings.Builder
	on := s.stored
	change := func(to string) {
		if added, ok := strings.CutPrefix(to, on); ok {
			b.WriteString(added)
		} else {
			b.WriteString("\x1b[0m" + to)
		}
		on = to
	}
	for _, g := range s.line {
		change(g.style)
		b.WriteRune(g.r)
	}
	change(s.style)
	return b.String()
}

// store adds finished text, and keeps head and tail of what is too long.
func (s *screen) store(text string) {
	if s.head.Len() < keepHead {
		s.head.WriteString(text)
		return
	}
	s.tail = append(s.tail, text...)
	if len(s.tail) > 2*keepTail {
		cut := len(s.tail) - keepTail
		if i := bytes.IndexByte(s.tail[cut:], '\n'); i >= 0 && i < keepTail/2 {
			cut += i + 1
		}
		s.dropped += cut
		s.tail = append(s.tail[:0], s.tail[cut:]...)
	}
}

// String returns the text as it stands.
func (s *screen) String() string {
	gap := ""
	if s.dropped > 0 {
		gap = fmt.Sprintf("\n[%.1f MB of output left out]\n", float64(s.dropped)/1e6)
	}
	return strings.ToValidUTF8(s.head.String()+gap+string(s.tail)+s.current()+s.partial, "\ufffd")
}

// Settled returns text as a terminal shows it in the end, with carriage returns
// and backspaces carried out: what Jupyter saved raw then equals what [Run]
// saves.
func Settled(text string) string {
	if !strings.ContainsAny(text, "\r\b\x1b") {
		return text
	}
	var s screen
	s.write(text)
	return s.String()
}
