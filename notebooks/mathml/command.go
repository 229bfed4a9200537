// This file is what commands do.

package mathml

import (
	"html"
	"strings"

	"cajal/notebooks/pattern"
)

var bigs = map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}

// command returns the atom of the command t, which was read; ok is false if it
// is nothing to see.
func (p *parser) command(t string) (a atom, ok bool) {
	name := t[1:]
	if s, ok := signs[name]; ok {
		return p.sign(s), true
	}
	if width, ok := spaces[name]; ok {
		return atom{markup: `<mspace width="` + width + `"></mspace>`, class: blank}, true
	}
	if limits, ok := names[name]; ok {
		return word(strings.NewReplacer("liminf", "lim inf", "limsup", "lim sup", "argmax", "arg max", "argmin", "arg min").Replace(name), limits), true
	}
	if alphabet, ok := fonts[name]; ok {
		if len(name) <= 3 && name != "bm" { // \bf, \rm and \cal hold to the end of the group
			p.font = alphabet
			return atom{}, false
		}
		was := p.font
		p.font = alphabet
		body := p.argument(t)
		p.font = was
		return atom{markup: body}, true
	}
	if acc, ok := accents[name]; ok {
		return p.accent(t, acc.sign, acc.wide, acc.under), true
	}
	base := strings.TrimRight(name, "lrm")
	if size, ok := bigs[base]; ok && len(name)-len(base) <= 1 {
		return p.big(t, size, name[len(base):]), true
	}
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac":
		above := p.argument(t)
		below := p.argument(t)
		body := "<mfrac>" + above + below + "</mfrac>"
		if p.plain {
			body = above + "/" + below
		}
		switch name {
		case "dfrac", "cfrac":
			body = style(`\displaystyle`) + body + "</mstyle>"
		case "tfrac":
			body = style(`\textstyle`) + body + "</mstyle>"
		}
		return atom{markup: body}, true
	case "binom", "dbinom", "tbinom":
		above := p.argument(t)
		return atom{markup: `<mrow><mo>(</mo><mfrac linethickness="0">` + above + p.argument(t) + "</mfrac><mo>)</mo></mrow>"}, true
	case "sqrt":
		index, has := p.option()
		body := p.argument(t)
		if has {
			return atom{markup: "<mroot>" + body + index + "</mroot>"}, true
		}
		return atom{markup: "<msqrt>" + body + "</msqrt>"}, true
	case "left":
		return p.fenced(), true
	case "begin":
		return p.environment(), true
	case "text", "textrm", "textnormal", "mbox", "hbox", "textup":
		return p.text(t, ""), true
	case "textit", "emph":
		return p.text(t, "font-style: italic"), true
	case "textsf":
		return p.text(t, "font-family: sans-serif"), true
	case "texttt":
		return p.text(t, "font-family: monospace"), true
	case "operatorname":
		limits := p.peek() == "*"
		if limits {
			p.next()
		}
		return word(strings.Join(strings.Fields(unbrace(p.raw(t))), " "), limits), true
	case "overset", "stackrel", "underset":
		over := p.argument(t)
		body := p.argument(t)
		a := atom{markup: "<mover>" + body + over + "</mover>"}
		if name == "underset" {
			a.markup = "<munder>" + body + over + "</munder>"
		}
		if name == "stackrel" || strings.HasPrefix(body, "<mo>") {
			a.class = rel
		}
		return a, true
	case "xrightarrow", "xleftarrow":
		below, has := p.option()
		above := p.argument(t)
		arrow := `<mo stretchy="true">→</mo>`
		if name == "xleftarrow" {
			arrow = `<mo stretchy="true">←</mo>`
		}
		if has {
			return atom{markup: "<munderover>" + arrow + below + above + "</munderover>", class: rel}, true
		}
		return atom{markup: "<mover>" + arrow + above + "</mover>", class: rel}, true
	case "substack":
		if p.next() != "{" {
			p.fail(`behind \substack should stand {`)
		}
		rows := p.rows("}")
		return atom{markup: table(rows, nil, "")}, true
	case "mathop", "mathbin", "mathrel", "mathopen", "mathclose", "mathpunct", "mathord", "mathinner":
		class := map[string]class{"mathop": op, "mathbin": bin, "mathrel": rel, "mathopen": opening, "mathclose": closing, "mathpunct": punct}[name]
		return atom{markup: p.argument(t), class: class, limits: name == "mathop"}, true
	case "overline", "underline":
		// No font's bar grows to any width.
		edge := map[string]string{"overline": "top", "underline": "bottom"}[name]
		return atom{markup: `<mrow style="border-` + edge + `: 0.06em solid; padding-` + edge + `: 0.12em">` + p.argument(t) + "</mrow>"}, true
	case "phantom", "hphantom", "vphantom":
		return atom{markup: "<mphantom>" + p.argument(t) + "</mphantom>"}, true
	case "boxed", "fbox":
		return atom{markup: `<mrow style="border: 1px solid; padding: 0.2em 0.3em">` + p.argument(t) + "</mrow>"}, true
	case "color", "textcolor":
		colour := p.raw(t)
		if !colours().MatchString(colour) {
			p.fail("%q is no colour", colour)
		}
		return atom{markup: `<mrow style="color: ` + colour + `">` + p.argument(t) + "</mrow>"}, true
	case "not":
		return p.not(), true
	case "bmod":
		return atom{markup: `<mo lspace="0.2222em" rspace="0.2222em">mod</mo>`, class: bin}, true
	case "pmod":
		return atom{markup: `<mspace width="1em"></mspace><mo stretchy="false">(</mo><mi>mod</mi><mspace width="0.3333em"></mspace>` + p.argument(t) + `<mo stretchy="false">)</mo>`}, true
	case "tag":
		return atom{markup: `<mspace width="2em"></mspace><mtext>(` + html.EscapeString(p.raw(t)) + `)</mtext>`}, true
	case "label":
		p.raw(t) // a name for references, which are not for the eye
		return atom{}, false
	case "nonumber", "notag", "mathstrut", "strut", "hline", "/":
		return atom{}, false
	}
	return atom{markup: fault(t)}, true
}

var colours = pattern.New(`^([a-zA-Z]+|#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6})$`)

// sign writes the sign of a command, in the current font if it is a letter.
func (p *parser) sign(s sign) atom {
	text := html.EscapeString(s.text)
	switch s.class {
	case ord:
		if !strings.Contains(uprightOrd, s.text) {
			c := []rune(s.text)
			a := p.identifier(c)
			if isCapital(c[0]) && p.font == "italic" { // TeX's capital Greek stands upright
				a.markup = `<mi mathvariant="normal">` + text + "</mi>"
			}
			return a
		}
		if s.text == "∞" || s.text == "∅" || s.text == "ℏ" || s.text == "℘" || s.text == "ℜ" || s.text == "ℑ" || s.text == "ℵ" || s.text == "ℶ" {
			return atom{markup: `<mi mathvariant="normal">` + text + "</mi>"}
		}
		return atom{markup: tight(text)}
	case opening, closing:
		return atom{markup: `<mo stretchy="false">` + text + "</mo>", class: s.class}
	case op:
		return atom{markup: "<mo>" + text + "</mo>", class: op, limits: !strings.Contains("∫∬∭∮", s.text)}
	}
	return atom{markup: "<mo>" + text + "</mo>", class: s.class}
}

func isCapital(c rune) bool { return c >= 'Α' && c <= 'Ω' }

// word is the name of a function.
func word(name string, limits bool) atom {
	text := html.EscapeString(name)
	if limits {
		// Only operators may have limits that move.
		return atom{markup: `<mo movablelimits="true" form="prefix" lspace="0em" rspace="0em">` + strings.ReplaceAll(text, " ", "\u2009") + "</mo>", class: op, name: true, limits: true}
	}
	if len([]rune(name)) == 1 {
		return atom{markup: `<mi mathvariant="normal">` + text + "</mi>", class: op, name: true}
	}
	return atom{markup: "<mi>" + text + "</mi>", class: op, name: true}
}

func unbrace(s string) string {
	return strings.NewReplacer(`\,`, " ", `\ `, " ", "{", "", "}", "", `\`, "").Replace(s)
}

func (p *parser) accent(t, sign string, wide, under bool) atom {
	body := p.argument(t)
	stretchy := "false"
	if wide {
		stretchy = "true"
	}
	mark := `<mo stretchy="` + stretchy + `">` + html.EscapeString(sign) + "</mo>"
	brace := sign == "⏞" || sign == "⏟"
	if under {
		return atom{markup: `<munder accentunder="true">` + body + mark + "</munder>", limits: brace}
	}
	return atom{markup: `<mover accent="true">` + body + mark + "</mover>", limits: brace}
}

// delimiter reads the bracket behind \left, \right or \big.
func (p *parser) delimiter(of string) string {
	t := p.next()
	d, ok := delimiter(t)
	if !ok {
		p.fail("behind %s stands %q, which is no bracket", of, t)
	}
	return d
}

func (p *parser) big(t, size, side string) atom {
	d := p.delimiter(t)
	class := map[string]class{"l": opening, "r": closing, "m": rel}[side]
	return atom{markup: `<mo stretchy="true" symmetric="true" minsize="` + size + `" maxsize="` + size + `" lspace="0em" rspace="0em">` + html.EscapeString(d) + "</mo>", class: class}
}

// fenced reads what stands between \left, which was read, and \right.
func (p *parser) fenced() atom {
	fence := func(form, d string) string {
		if d == "" {
			return ""
		}
		return `<mo fence="true" form="` + form + `" stretchy="true">` + html.EscapeString(d) + "</mo>"
	}
	was := p.optional
	p.optional = false
	body := fence("prefix", p.delimiter(`\left`))
	for {
		body += p.row()
		switch t := p.next(); t {
		case `\middle`:
			body += `<mo fence="true" stretchy="true" lspace="0.2222em" rspace="0.2222em">` + html.EscapeString(p.delimiter(t)) + "</mo>"
			continue
		case `\right`:
			body += fence("postfix", p.delimiter(t))
		case "":
			p.fail(`a \left has no \right`)
		default:
			p.fail(`between \left and \right stands %s`, t)
		}
		break
	}
	p.optional = was
	return atom{markup: "<mrow>" + body + "</mrow>"}
}

// text reads words, with formulas between dollar signs.
func (p *parser) text(of, css string) atom {
	attr := ""
	if css != "" {
		attr = ` style="` + css + `"`
	}
	var b strings.Builder
	for i, part := range strings.Split(strings.ReplaceAll(p.raw(of), `\$`, "\x00"), "$") {
		if i%2 == 1 {
			inner := &parser{src: []rune(part), font: "italic", depth: p.depth + 1, plain: p.plain}
			b.WriteString(inner.row())
			if inner.peek() != "" {
				p.fail("%s stands alone in %s", inner.peek(), of)
			}
			continue
		}
		part = strings.NewReplacer("\x00", "$", `\ `, " ", "~", "\u00a0", `\%`, "%", `\&`, "&", `\_`, "_", `\#`, "#", `\{`, "{", `\}`, "}").Replace(part)
		if part == "" {
			continue
		}
		// Blanks at the ends would be lost.
		body := strings.TrimSpace(part)
		if part[0] == ' ' {
			body = "\u00a0" + body
		}
		if part[len(part)-1] == ' ' && strings.TrimSpace(part) != "" {
			body += "\u00a0"
		}
		b.WriteString("<mtext" + attr + ">" + html.EscapeString(body) + "</mtext>")
	}
	return atom{markup: "<mrow>" + b.String() + "</mrow>"}
}

// not strikes out the sign that follows.
func (p *parser) not() atom {
	a, ok := p.atom(true)
	if !ok || !strings.HasPrefix(a.markup, "<mo") {
		p.fail(`behind \not should stand a relation`)
	}
	const strike = "\u0338"
	end := strings.LastIndex(a.markup, "</mo>")
	for plain, struck := range map[string]string{"=": "≠", "∈": "∉", "≡": "≢", "⊂": "⊄", "⊆": "⊈", "∼": "≁", "≈": "≉", "∃": "∄", "∣": "∤"} {
		if strings.HasSuffix(a.markup[:end], ">"+plain) {
			a.markup = a.markup[:end-len(plain)] + struck + "</mo>"
			return a
		}
	}
	a.markup = a.markup[:end] + strike + "</mo>"
	return a
}
