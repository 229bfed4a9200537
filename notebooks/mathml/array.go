// This file is the environments: matrices, cases, aligned equations.

package mathml

import (
	"html"
	"strings"
)

// environment is how the cells of one are set.
type environment struct {
	left, right string
	columns     []string // alignment of each column in turn; nil: centred
	attributes  string   // of the table
}

// aligned is the alignment of equations: right of the sign, and left.
var aligned = []string{"right", "left"}

var environments = map[string]environment{
	"matrix": {}, "pmatrix": {left: "(", right: ")"}, "bmatrix": {left: "[", right: "]"}, "Bmatrix": {left: "{", right: "}"},
	"vmatrix": {left: "|", right: "|"}, "Vmatrix": {left: "‖", right: "‖"},
	"smallmatrix": {attributes: `displaystyle="false" scriptlevel="1"`},
	"cases":       {left: "{", columns: []string{"left", "left"}},
	"dcases":      {left: "{", columns: []string{"left", "left"}, attributes: `displaystyle="true"`},
	"rcases":      {right: "}", columns: []string{"left", "left"}},
	"aligned":     {columns: aligned, attributes: `displaystyle="true"`},
	"gathered":    {attributes: `displaystyle="true"`},
	"array":       {}, "subarray": {}, "equation": {attributes: `displaystyle="true"`},
}

func init() {
	for of, same := range map[string]string{"aligned": "align align* alignat alignat* alignedat eqnarray eqnarray* split flalign flalign*", "gathered": "gather gather* multline multline*", "equation": "equation* displaymath math"} {
		for name := range strings.FieldsSeq(same) {
			environments[name] = environments[of]
		}
	}
}

// environment reads \begin{…}, of which \begin was read, up to its end.
func (p *parser) environment() atom {
	name := p.raw(`\begin`)
	e, ok := environments[name]
	if !ok {
		p.fail(`\begin{%s} is not known`, name)
	}
	switch name {
	case "array", "subarray":
		e.columns = nil
		for _, c := range p.raw(`\begin{` + name + "}") {
			if align, ok := map[rune]string{'l': "left", 'c': "center", 'r': "right"}[c]; ok {
				e.columns = append(e.columns, align)
			}
		}
	case "alignat", "alignat*", "alignedat":
		p.raw(`\begin{` + name + "}")
	case "aligned", "gathered":
		p.option() // the position on the line, [t] or [b]
	}
	was := p.optional
	p.optional = false
	rows := p.rows(name)
	p.optional = was
	var body string
	if len(rows) == 1 && len(rows[0]) == 1 && environments["equation"].attributes == e.attributes && e.columns == nil && e.left == "" {
		body = rows[0][0]
	} else {
		body = table(rows, e.columns, e.attributes)
	}
	if e.left != "" || e.right != "" {
		fence := func(form, d string) string {
			if d == "" {
				return ""
			}
			return `<mo fence="true" form="` + form + `" stretchy="true">` + html.EscapeString(d) + "</mo>"
		}
		body = "<mrow>" + fence("prefix", e.left) + body + fence("postfix", e.right) + "</mrow>"
	}
	return atom{markup: body}
}

// rows reads cells up to \end{end}, a brace, or the end of the source.
func (p *parser) rows(end string) [][]string {
	rows := [][]string{nil}
	for {
		cell := p.row()
		last := len(rows) - 1
		switch t := p.next(); {
		case t == "&":
			rows[last] = append(rows[last], cell)
			continue
		case t == `\\` || t == `\cr`:
			rows[last] = append(rows[last], cell)
			rows = append(rows, nil)
			if p.i < len(p.src) && p.src[p.i] == '[' {
				p.option() // more room between the rows
			}
			continue
		case t == "" && end == "", t == "}" && end == "}":
		case t == `\end` && end != "" && end != "}":
			if name := p.raw(t); name != end {
				p.fail(`\begin{%s} is ended by \end{%s}`, end, name)
			}
		case t == "" && end == "}":
			p.fail("a { is not closed")
		case t == "":
			p.fail(`\begin{%s} has no \end`, end)
		default:
			p.fail("%s has no partner before it", t)
		}
		rows[last] = append(rows[last], cell)
		if last > 0 && len(rows[last]) == 1 && rows[last][0] == "<mrow></mrow>" { // \\ at the end
			rows = rows[:last]
		}
		return rows
	}
}

// table writes cells.
func table(rows [][]string, columns []string, attributes string) string {
	var b strings.Builder
	b.WriteString("<mtable")
	if attributes != "" {
		b.WriteString(" " + attributes)
	}
	b.WriteString(">")
	for _, row := range rows {
		b.WriteString("<mtr>")
		for i, cell := range row {
			b.WriteString("<mtd")
			if len(columns) > 0 {
				align := columns[i%len(columns)]
				css := "text-align: " + align + "; text-align: -webkit-" + align // a cell holds a block, in Chromium's eyes
				if len(columns) == 2 && columns[0] == "right" {                  // equations: no room beside the sign, some between columns
					if i%2 == 0 {
						css += "; padding-right: 0"
					} else {
						css += "; padding-left: 0"
					}
				}
				b.WriteString(` style="` + css + `"`)
			}
			b.WriteString(">" + cell + "</mtd>")
		}
		b.WriteString("</mtr>")
	}
	b.WriteString("</mtable>")
	return b.String()
}
