// This file is the grammar: a formula is a row of atoms, which may have scripts.

package mathml

import (
	"fmt"
	"html"
	"strings"
	"unicode"

	"cajal/notebooks/pattern"
)

// Convert returns a math element for the formula, which is set on a line of its
// own if display is true. It fails if braces, environments or brackets do not
// match, or something that a command needs is missing; what it returns then is
// the source in an element that shows it as faulty.
func Convert(tex string, display bool) (string, error) {
	p := &parser{src: []rune(tex), font: "italic"}
	body, err := p.formula()
	if err != nil {
		body = fault(strings.TrimSpace(tex))
	}
	block := ""
	if display {
		block = ` display="block"`
	}
	return "<math" + block + ` alttext="` + html.EscapeString(strings.Join(strings.Fields(tex), " ")) + `">` + body + "</math>", err
}

var tags = pattern.New(`<[^>]*>`)

// Plain returns the signs of a formula in a line.
func Plain(tex string) string {
	p := &parser{src: []rune(tex), font: "italic", plain: true}
	body, err := p.formula()
	if err != nil {
		return strings.TrimSpace(tex)
	}
	return strings.TrimSpace(html.UnescapeString(tags().ReplaceAllString(body, "")))
}

// fault shows source that could not be read.
func fault(source string) string {
	return "<merror><mtext>" + html.EscapeString(source) + "</mtext></merror>"
}

// parser reads a formula. Errors travel as panics of type syntaxError up to
// formula.
type parser struct {
	src      []rune
	i        int
	font     string // key of alphabets, "italic", or "" for upright
	depth    int
	plain    bool // write fractions in a line
	optional bool // a ] ends the row
}

type syntaxError string

func (e syntaxError) Error() string { return string(e) }

func (p *parser) fail(format string, args ...any) {
	panic(syntaxError(fmt.Sprintf(format, args...)))
}

// formula reads all of the source. Rows and columns outside of any environment
// are taken as aligned equations.
func (p *parser) formula() (body string, err error) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(syntaxError)
			if !ok {
				panic(v)
			}
			err = fmt.Errorf("formula: %w", e)
		}
	}()
	if len(p.src) > maxLength {
		p.fail("it has %d characters, more than %d", len(p.src), maxLength)
	}
	rows := p.rows("")
	if len(rows) == 1 && len(rows[0]) == 1 {
		return rows[0][0], nil
	}
	return table(rows, aligned, `displaystyle="true"`), nil
}

// atom is a piece of a row.
type atom struct {
	markup string
	class  class
	name   bool // a word such as log, which wants a thin space before its argument
	limits bool // scripts go below and above
}

// More than this is no formula, but an attack.
const (
	maxDepth  = 100
	maxLength = 100_000 // characters
)

// row reads atoms up to the end or to a token that only its caller knows.
func (p *parser) row() string { return join(p.atoms()) }

func (p *parser) atoms() []atom {
	defer p.deeper()()
	font := p.font
	defer func() { p.font = font }()
	var row []atom
	for {
		switch t := p.peek(); t {
		case "", "}", "&", `\\`, `\cr`, `\right`, `\middle`, `\end`:
			return row
		case "]":
			if p.optional {
				return row
			}
		case `\displaystyle`, `\textstyle`, `\scriptstyle`, `\scriptscriptstyle`:
			p.next()
			row = append(row, atom{markup: style(t) + p.row() + "</mstyle>"})
			continue
		case `\limits`, `\nolimits`:
			p.fail("%s stands behind nothing", t)
		}
		if a, ok := p.scripted(); ok {
			row = append(row, a)
		}
	}
}

// deeper counts a level of nesting, and returns what ends it.
func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("it is nested more than %d deep", maxDepth)
	}
	return func() { p.depth-- }
}

func style(command string) string {
	switch command {
	case `\displaystyle`:
		return `<mstyle displaystyle="true" scriptlevel="0">`
	case `\textstyle`:
		return `<mstyle displaystyle="false" scriptlevel="0">`
	case `\scriptstyle`:
		return `<mstyle displaystyle="false" scriptlevel="1">`
	}
	return `<mstyle displaystyle="false" scriptlevel="2">`
}

// join writes a row. As in TeX a binary operator with nothing on its left is a
// sign of the term on its right.
func join(row []atom) string {
	var b strings.Builder
	count := 0
	before := atom{class: opening}
	for _, a := range row {
		switch {
		case a.class == bin && (before.class == bin || before.class == rel || before.class == opening || before.class == punct || before.class == op):
			a.class = opening
			a.markup = strings.Replace(a.markup, "<mo>", `<mo form="prefix">`, 1)
		case before.name && (a.class == ord || a.class == op), a.name && (before.class == ord || before.class == closing):
			b.WriteString(`<mspace width="0.1667em"></mspace>`)
			count++
		}
		b.WriteString(a.markup)
		count++
		if a.class != blank {
			before = a
		}
	}
	if count == 1 {
		return b.String()
	}
	return "<mrow>" + b.String() + "</mrow>"
}

// scripted reads an atom with its scripts; ok is false if it is nothing to see.
func (p *parser) scripted() (a atom, ok bool) {
	var base atom
	switch p.peek() {
	case "^", "_", "'":
		base.markup = "<mrow></mrow>" // scripts of nothing
	default:
		if base, ok = p.atom(false); !ok {
			return base, false
		}
	}
	var sub, sup string
	for {
		switch t := p.peek(); t {
		case `\limits`:
			p.next()
			base.limits = true
			continue
		case `\nolimits`:
			p.next()
			base.limits = false
			continue
		case "_":
			p.next()
			if sub != "" {
				p.fail("two subscripts of the same sign: put the first into braces")
			}
			sub = p.argument("_")
			continue
		case "^":
			p.next()
			if sup != "" && !strings.HasPrefix(sup, "<mo>′") {
				p.fail("two superscripts of the same sign: put the first into braces")
			}
			up := p.argument("^")
			if sup != "" {
				up = "<mrow>" + sup + up + "</mrow>"
			}
			sup = up
			continue
		case "'":
			if sup != "" {
				p.fail("a prime behind a superscript: put the first into braces")
			}
			marks := 0
			for p.peek() == "'" {
				p.next()
				marks++
			}
			sup = "<mo>" + strings.Repeat("′", marks) + "</mo>"
			continue
		}
		break
	}
	tag := "msubsup"
	switch {
	case sub == "" && sup == "":
		return base, true
	case sup == "" && base.limits:
		tag = "munder"
	case sub == "" && base.limits:
		tag = "mover"
	case base.limits:
		tag = "munderover"
	case sup == "":
		tag = "msub"
	case sub == "":
		tag = "msup"
	}
	base.markup = "<" + tag + ">" + base.markup + sub + sup + "</" + tag + ">"
	return base, true
}

// peek returns the next token, "" at the end: a character, or a command with
// its backslash. Blanks before it are skipped, and so are comments.
func (p *parser) peek() string {
	for p.i < len(p.src) {
		switch c := p.src[p.i]; {
		case unicode.IsSpace(c):
			p.i++
		case c == '%':
			for p.i < len(p.src) && p.src[p.i] != '\n' {
				p.i++
			}
		case c == '\\' && p.i+1 < len(p.src):
			n := p.i + 1
			for n < len(p.src) && isLetter(p.src[n]) {
				n++
			}
			if n == p.i+1 {
				n++
			}
			return string(p.src[p.i:n])
		default:
			return string(c)
		}
	}
	return ""
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (p *parser) next() string {
	t := p.peek()
	p.i += len([]rune(t))
	return t
}

// argument reads what a command or script applies to: a group, or a single
// sign.
func (p *parser) argument(of string) string {
	switch t := p.peek(); t {
	case "":
		p.fail("%s stands at the end, with nothing behind it", of)
	case "}", "&", `\\`, `\right`, `\end`, "^", "_":
		p.fail("behind %s stands %s, where its argument should be", of, t)
	case "{":
		return p.group()
	}
	a, ok := p.atom(true)
	if !ok {
		return "<mrow></mrow>"
	}
	return a.markup
}

// group reads {…}.
func (p *parser) group() string {
	if p.next() != "{" {
		p.fail("a { is missing")
	}
	was := p.optional
	p.optional = false
	body := p.row()
	p.optional = was
	if p.next() != "}" {
		p.fail("a { is not closed")
	}
	return body
}

// option reads […], if there is one.
func (p *parser) option() (string, bool) {
	if p.peek() != "[" {
		return "", false
	}
	p.next()
	was := p.optional
	p.optional = true
	body := p.row()
	p.optional = was
	if p.next() != "]" {
		p.fail("a [ is not closed")
	}
	return body, true
}

// raw reads {…} as it is written.
func (p *parser) raw(of string) string {
	if p.peek() != "{" {
		p.fail("behind %s should stand {", of)
	}
	p.next()
	start, depth := p.i, 1
	for ; p.i < len(p.src); p.i++ {
		switch p.src[p.i] {
		case '\\':
			p.i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				p.i++
				return string(p.src[start : p.i-1])
			}
		}
	}
	p.fail("the { behind %s is not closed", of)
	return ""
}

// atom reads one atom without scripts. If single is true, of a number or a word
// only the first character is taken, as TeX does for arguments.
func (p *parser) atom(single bool) (atom, bool) {
	defer p.deeper()()
	t := p.peek()
	if t == "" {
		p.fail("something is missing at the end")
	}
	if strings.HasPrefix(t, `\`) {
		p.next()
		return p.command(t)
	}
	if t == "{" {
		return atom{markup: p.group()}, true
	}
	c := []rune(t)[0]
	switch {
	case c >= '0' && c <= '9':
		return p.number(single), true
	case isLetter(c) || unicode.Is(unicode.Greek, c):
		return p.letters(single), true
	case unicode.IsLetter(c):
		start := p.i
		for p.i < len(p.src) && unicode.IsLetter(p.src[p.i]) && !isLetter(p.src[p.i]) {
			p.i++
		}
		return atom{markup: "<mtext>" + html.EscapeString(string(p.src[start:p.i])) + "</mtext>"}, true
	}
	p.next()
	return character(c), true
}

// character returns the atom of a sign that needs no command.
func character(c rune) atom {
	text := html.EscapeString(string(c))
	switch c {
	case '(', '[':
		return atom{markup: `<mo stretchy="false">` + text + "</mo>", class: opening}
	case ')', ']':
		return atom{markup: `<mo stretchy="false">` + text + "</mo>", class: closing}
	case '|':
		return atom{markup: tight("|")}
	case '/', '.', '"', '@':
		return atom{markup: tight(text)}
	case '+', '±', '×', '·', '⋅':
		return atom{markup: "<mo>" + text + "</mo>", class: bin}
	case '-', '−':
		return atom{markup: "<mo>−</mo>", class: bin}
	case '*':
		return atom{markup: "<mo>∗</mo>", class: bin}
	case ',', ';':
		return atom{markup: "<mo>" + text + "</mo>", class: punct}
	case ':':
		return atom{markup: `<mo lspace="0.2778em" rspace="0.2778em">:</mo>`, class: rel}
	case '=', '<', '>', '≤', '≥', '≠', '≈', '→', '∈', '∼':
		return atom{markup: "<mo>" + text + "</mo>", class: rel}
	case '~':
		return atom{markup: `<mspace width="0.25em"></mspace>`, class: blank}
	}
	return atom{markup: "<mo>" + text + "</mo>"}
}

// tight is an operator without spaces beside it that does not grow.
func tight(text string) string {
	return `<mo stretchy="false" lspace="0em" rspace="0em">` + text + "</mo>"
}

// number reads digits, with points between them.
func (p *parser) number(single bool) atom {
	start := p.i
	p.i++
	digit := func(i int) bool { return i < len(p.src) && p.src[i] >= '0' && p.src[i] <= '9' }
	for !single && (digit(p.i) || p.i < len(p.src) && p.src[p.i] == '.' && digit(p.i+1)) {
		p.i++
	}
	return atom{markup: "<mn>" + p.letter(p.src[start:p.i]) + "</mn>"}
}

// letters reads a letter, or all that follow in a font that is for words.
func (p *parser) letters(single bool) atom {
	start := p.i
	p.i++
	if p.font != "italic" && p.font != "bolditalic" {
		for !single && p.i < len(p.src) && isLetter(p.src[p.i]) {
			p.i++
		}
	}
	return p.identifier(p.src[start:p.i])
}

// identifier writes letters in the current font. A single letter leans by
// itself, and several stand upright.
func (p *parser) identifier(letters []rune) atom {
	upright := ""
	if p.font == "" && len(letters) == 1 {
		upright = ` mathvariant="normal"`
	}
	return atom{markup: "<mi" + upright + ">" + p.letter(letters) + "</mi>"}
}

// letter returns letters in the current alphabet.
func (p *parser) letter(letters []rune) string {
	a, ok := alphabets[p.font]
	if !ok {
		return html.EscapeString(string(letters))
	}
	out := make([]rune, len(letters))
	for i, c := range letters {
		out[i] = a.in(c)
	}
	return html.EscapeString(string(out))
}
