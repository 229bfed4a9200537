// This file colours code.

package report

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
)

// codePrefix stands before every class of a token, so that no class of an
// output takes its colour.
const codePrefix = "ch-"

// highlight returns source as spans with classes; an unknown language gives
// escaped text.
func highlight(source, language string) template.HTML {
	source = strings.TrimRight(source, "\n")
	lexer := lexers.Get(language)
	if lexer == nil || language == "" || len(source) > maxText {
		return template.HTML(template.HTMLEscapeString(source))
	}
	tokens, err := chroma.Tokenise(chroma.Coalesce(lexer), nil, source)
	if err != nil {
		return template.HTML(template.HTMLEscapeString(source))
	}
	for i, t := range tokens {
		// Blanks, names and punctuation have no colour of their own; without
		// spans a page is half as long.
		switch t.Type {
		case chroma.TextWhitespace, chroma.NameOther, chroma.Punctuation, chroma.Operator:
			tokens[i].Type = chroma.Text
		}
	}
	var b bytes.Buffer
	f := chromahtml.New(chromahtml.WithClasses(true), chromahtml.ClassPrefix(codePrefix), chromahtml.PreventSurroundingPre(true))
	if err := f.Format(&b, styles.Fallback, chroma.Literator(tokens...)); err != nil {
		return template.HTML(template.HTMLEscapeString(source))
	}
	return template.HTML(strings.TrimRight(b.String(), "\n"))
}
