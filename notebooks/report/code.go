// This file colours code.

package report

import (
	"go/scanner"
	"go/token"
	"go/types"
	"html/template"
	"strings"
)

// Classes of coloured code. Their prefix keeps them apart from every class of an
// output.
const (
	classKeyword = "ch-k"
	classType    = "ch-t" // predeclared types and functions
	classString  = "ch-s"
	classNumber  = "ch-n"
	classComment = "ch-c"
	classCall    = "ch-f"
)

// highlight returns source as spans with classes; a language other than Go, and
// JSON, whose words are Go's too, gives escaped text. Go's own scanner reads it: a library for all languages would cost
// every start of a kernel the time in which it builds its tables.
func highlight(source, language string) template.HTML {
	source = strings.TrimRight(strings.ReplaceAll(source, "\r", ""), "\n") // the scanner's texts are without \r
	known := language == "go" || language == "golang" || language == "json"
	if !known || len(source) > maxText {
		return template.HTML(template.HTMLEscapeString(source))
	}
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments)
	var b strings.Builder
	done := 0 // bytes of source that are written
	write := func(end int, class string) {
		text := template.HTMLEscapeString(source[done:end])
		if class != "" {
			text = `<span class="` + class + `">` + text + "</span>"
		}
		b.WriteString(text)
		done = end
	}
	pos, tok, lit := s.Scan()
	for tok != token.EOF {
		nextPos, next, nextLit := s.Scan()
		class := classOf(tok, lit, next)
		if class != "" {
			start := file.Offset(pos)
			write(start, "")
			write(min(start+len(lit), len(source)), class)
		}
		pos, tok, lit = nextPos, next, nextLit
	}
	write(len(source), "")
	return template.HTML(b.String())
}

// classOf returns the class of a token, "" if it is plain text.
func classOf(tok token.Token, lit string, next token.Token) string {
	switch {
	case tok.IsKeyword():
		return classKeyword
	case tok == token.COMMENT:
		return classComment
	case tok == token.STRING || tok == token.CHAR:
		return classString
	case tok.IsLiteral() && tok != token.IDENT:
		return classNumber
	case tok != token.IDENT:
		return ""
	}
	switch types.Universe.Lookup(lit).(type) {
	case *types.TypeName, *types.Builtin:
		return classType
	case *types.Const, *types.Nil:
		return classKeyword
	}
	if next == token.LPAREN {
		return classCall
	}
	return ""
}
