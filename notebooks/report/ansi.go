// This file turns terminal colours into spans.

package report

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// sgr is the state that "select graphic rendition" sequences set.
type sgr struct {
	fg, bg                             string // "" none, "a3" a colour of the palette, "#rrggbb"
	bold, faint, italic, under, invert bool
}

// ansi escapes text, and keeps the colours and weights that escape sequences
// give it; all other sequences and control characters are left out.
func ansi(text string) template.HTML {
	var b strings.Builder
	var state sgr
	open := false
	for i := 0; i < len(text); {
		next := strings.IndexByte(text[i:], 0x1b)
		if next < 0 {
			next = len(text) - i
		}
		if chunk := visible(text[i : i+next]); chunk != "" {
			if tag := state.tag(); tag != "" && !open {
				b.WriteString(tag)
				open = true
			}
			b.WriteString(template.HTMLEscapeString(chunk))
		}
		i += next
		if i == len(text) {
			break
		}
		n, params, final := sequence(text[i:])
		i += n
		if final == 'm' {
			if open {
				b.WriteString("</span>")
				open = false
			}
			state.apply(params)
		}
	}
	if open {
		b.WriteString("</span>")
	}
	return template.HTML(b.String())
}

// visible drops control characters that have no place on a page.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// sequence measures the escape sequence at the start of s; final is 0 if it is
// no whole control sequence.
func sequence(s string) (n int, params string, final byte) {
	if len(s) < 2 {
		return len(s), "", 0
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if c := s[i]; c >= 0x40 && c <= 0x7e {
				return i + 1, s[2:i], c
			} else if c < 0x20 || c > 0x7e {
				return i, "", 0
			}
		}
		return len(s), "", 0
	case ']': // operating system command, such as a link: up to BEL or ST
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1, "", 0
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2, "", 0
			}
			if s[i] == '\n' {
				return i, "", 0
			}
		}
		return len(s), "", 0
	}
	return 2, "", 0
}

func (s *sgr) apply(params string) {
	codes := strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ':' })
	if len(codes) == 0 {
		*s = sgr{}
		return
	}
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return
		}
		switch {
		case n == 0:
			*s = sgr{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.faint = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.under = true
		case n == 7:
			s.invert = true
		case n == 22:
			s.bold, s.faint = false, false
		case n == 23:
			s.italic = false
		case n == 24:
			s.under = false
		case n == 27:
			s.invert = false
		case n >= 30 && n <= 37:
			s.fg = palette(n - 30)
		case n >= 90 && n <= 97:
			s.fg = palette(n - 90 + 8)
		case n >= 40 && n <= 47:
			s.bg = palette(n - 40)
		case n >= 100 && n <= 107:
			s.bg = palette(n - 100 + 8)
		case n == 39:
			s.fg = ""
		case n == 49:
			s.bg = ""
		case n == 38 || n == 48:
			colour, used := extended(codes[i+1:])
			i += used
			if n == 38 {
				s.fg = colour
			} else {
				s.bg = colour
			}
		}
	}
}

func palette(n int) string { return "a" + strconv.Itoa(n) }

// extended reads "5;n" (256 colours) or "2;r;g;b" and tells how many codes that
// were.
func extended(codes []string) (colour string, used int) {
	num := func(i int) int {
		if i >= len(codes) {
			return 0
		}
		n, _ := strconv.Atoi(codes[i])
		return max(0, min(n, 255))
	}
	if len(codes) == 0 {
		return "", 0
	}
	switch codes[0] {
	case "5":
		n := num(1)
		switch {
		case n < 16:
			colour = palette(n)
		case n < 232:
			level := func(v int) int {
				if v == 0 {
					return 0
				}
				return 55 + 40*v
			}
			n -= 16
			colour = fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
		default:
			v := 8 + 10*(n-232)
			colour = fmt.Sprintf("#%02x%02x%02x", v, v, v)
		}
		return colour, min(2, len(codes))
	case "2":
		return fmt.Sprintf("#%02x%02x%02x", num(1), num(2), num(3)), min(4, len(codes))
	}
	return "", 1
}

// tag returns the opening tag for the state, "" if it is plain.
func (s *sgr) tag() string {
	if *s == (sgr{}) {
		return ""
	}
	var classes, style []string
	for _, flag := range []struct {
		on   bool
		name string
	}{{s.bold, "a-b"}, {s.faint, "a-f"}, {s.italic, "a-i"}, {s.under, "a-u"}} {
		if flag.on {
			classes = append(classes, flag.name)
		}
	}
	fg, bg := s.fg, s.bg
	if s.invert {
		fg, bg = bg, fg
		if fg == "" {
			fg = "abg"
		}
		if bg == "" {
			bg = "afg"
		}
	}
	for _, c := range []struct{ value, class, property string }{{fg, "f", "color"}, {bg, "g", "background-color"}} {
		switch {
		case c.value == "":
		case c.value[0] == '#':
			style = append(style, c.property+":"+c.value)
		default:
			classes = append(classes, "a-"+c.class+c.value[1:])
		}
	}
	tag := "<span"
	if len(classes) > 0 {
		tag += ` class="` + strings.Join(classes, " ") + `"`
	}
	if len(style) > 0 {
		tag += ` style="` + strings.Join(style, ";") + `"`
	}
	return tag + ">"
}
