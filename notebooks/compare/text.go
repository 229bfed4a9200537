// This file compares text: words exactly, numbers with tolerance.

package compare

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"cajal/notebooks/pattern"
)

// masks are what two runs never have in common, and what stands for it.
var masks = []struct {
	find func() *regexp.Regexp
	with string
}{
	{pattern.New(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?`), "⟨time⟩"},
	{pattern.New(`\b0x[0-9a-f]{8,16}\b`), "⟨address⟩"},
	{pattern.New(`\b\d+(\.\d+)?h(\d+m)?(\d+(\.\d+)?s)?\b|\b\d+m[\s\p{Zs}]?\d+(\.\d+)?[\s\p{Zs}]?s\b`), "⟨duration⟩"},
	{pattern.New(`\b\d[\d,]*(\.\d+)?\s?[\pL]+/(s\b|秒)`), "⟨rate⟩"},
	{pattern.New(`\b\d+(\.\d+)? ?(ns|µs|μs|us|ms|s|min|h|sec|secs|seconds?|minutes?|hours?|秒|毫秒|分钟)( \d\d? s)?([^\pL\d]|$)`), "⟨duration⟩$4"},
	{pattern.New(`(\bETA |\bin |剩余 )\d+:\d\d(:\d\d)?\b`), "$1⟨duration⟩"},
}

// masked returns a line with a word for what two runs never have in common.
func masked(s string) string {
	if len(s) > longest {
		return s
	}
	for _, m := range masks {
		s = m.find().ReplaceAllString(s, m.with)
	}
	return s
}

// token is a word, a number, or a run of blanks.
type token struct {
	text  string
	value float64
	num   bool
}

// A number does not begin or end within a word: the digits of a hash or of
// "conv2d" are none.
var number = pattern.New(`^[-+−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][-+]?\d+)?`)

var wordRun = pattern.New(`^[\pL\pN_]+`)

func tokens(s string) []token {
	var all []token
	for s != "" {
		n := 1
		switch c := s[0]; {
		case c == ' ' || c == '\t':
			for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
				n++
			}
			all = append(all, token{text: s[:n]})
			s = s[n:]
			continue
		}
		if m := number().FindString(s); m != "" && !wordRun().MatchString(s[len(m):]) {
			digits := strings.NewReplacer(",", "", "−", "-").Replace(m)
			if v, err := strconv.ParseFloat(digits, 64); err == nil {
				all = append(all, token{m, v, true})
				s = s[len(m):]
				continue
			}
		}
		if w := wordRun().FindString(s); w != "" {
			n = len(w)
		} else {
			for n < len(s) && s[n]&0xc0 == 0x80 { // the rest of a character
				n++
			}
		}
		all = append(all, token{text: s[:n]})
		s = s[n:]
	}
	return all
}

// Texts compares two texts line by line; where names what they are.
func Texts(where, was, is string, r Rule) []Difference {
	if was == is {
		return nil
	}
	if r.Exact || r.Bare {
		return exactly(where, was, is, r)
	}
	a, b := lines(was), lines(is)
	var all []Difference
	for i := range max(len(a), len(b)) {
		at := where
		if len(a) > 1 || len(b) > 1 {
			at = fmt.Sprintf("%s, line %d", where, i+1)
		}
		switch {
		case i >= len(a):
			return append(all, Difference{Where: at, Old: "nothing", New: rest(b[i:])})
		case i >= len(b):
			return append(all, Difference{Where: at, Old: rest(a[i:]), New: "nothing"})
		}
		if d, ok := r.line(at, a[i], b[i]); !ok {
			if all = append(all, d); len(all) == most {
				return all
			}
		}
	}
	return all
}

// most is how many differences of one thing are told, longest the size up to which
// a line is looked into.
const (
	most    = 20
	longest = 1 << 20
)

func lines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }

func rest(lines []string) string {
	first := quoted(lines[0], 0)
	if len(lines) == 1 {
		return first
	}
	return fmt.Sprintf("%s and %d lines more", first, len(lines)-1)
}

// exactly tells the first line that differs.
func exactly(where, was, is string, r Rule) []Difference {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if x != y && !r.Bare {
			x, y = masked(x), masked(y)
		}
		if x != y {
			old, now := excerpt(x, y)
			return []Difference{{Where: fmt.Sprintf("%s, line %d", where, i+1), Old: old, New: now}}
		}
	}
	if len(a) == len(b) {
		return nil
	}
	return []Difference{{Where: where, Old: fmt.Sprintf("%d lines", len(a)), New: fmt.Sprintf("%d lines", len(b))}}
}

// line compares two lines. Blanks count, unless a number is written otherwise:
// columns move when a number gets longer.
func (r Rule) line(where, was, is string) (Difference, bool) {
	if was == is {
		return Difference{}, true
	}
	was, is = masked(was), masked(is)
	if was == is {
		return Difference{}, true
	}
	whole := func() Difference {
		old, now := excerpt(was, is)
		return Difference{Where: where, Old: old, New: now}
	}
	if len(was) > longest || len(is) > longest {
		return whole(), false
	}
	a, b := words(was), words(is)
	if len(a) != len(b) {
		return whole(), false
	}
	moved := false
	for i := range a {
		if a[i].num && b[i].num {
			if !r.close(a[i].value, b[i].value) {
				return Difference{Where: where, Old: near(a, i), New: near(b, i), Delta: delta(a[i].value, b[i].value)}, false
			}
			moved = moved || a[i].text != b[i].text
			continue
		}
		if a[i].text != b[i].text {
			return whole(), false
		}
	}
	if moved {
		return Difference{}, true
	}
	return whole(), false
}

// excerpt quotes two texts that differ; of long ones what is around the first
// difference.
func excerpt(was, is string) (string, string) {
	const before = 40
	same := 0
	if len(was) > maxQuoted || len(is) > maxQuoted {
		for same < min(len(was), len(is)) && was[same] == is[same] {
			same++
		}
	}
	from := max(0, same-before)
	return quoted(was, from), quoted(is, from)
}

// maxQuoted is how many bytes are quoted of a long text.
const maxQuoted = 200

// quoted quotes a text from a byte on, and no more than maxQuoted bytes of it.
func quoted(s string, from int) string {
	head, tail := "", ""
	if from > 0 {
		head = "…"
	}
	if len(s)-from > maxQuoted {
		s, tail = s[:from+maxQuoted], "…"
	}
	return head + strconv.Quote(strings.ToValidUTF8(s[min(from, len(s)):], "")) + tail
}

// words are the tokens without blanks.
func words(s string) []token {
	var all []token
	for _, t := range tokens(s) {
		if strings.TrimSpace(t.text) != "" {
			all = append(all, t)
		}
	}
	return all
}

// near names a number by the words before it.
func near(t []token, i int) string {
	var before []string
	for j := i - 1; j >= 0 && len(before) < 3 && wordRun().MatchString(t[j].text) && !t[j].num; j-- {
		before = append([]string{t[j].text}, before...)
	}
	return strings.Join(append(before, t[i].text), " ")
}

// delta says how far apart two numbers are.
func delta(was, is float64) string {
	d := is - was
	if math.IsNaN(d) {
		return ""
	}
	text := "difference " + strconv.FormatFloat(d, 'g', 3, 64)
	if was != 0 && !math.IsInf(d, 0) {
		text += ", relative " + strconv.FormatFloat(math.Abs(d/was), 'g', 2, 64)
	}
	return text
}
