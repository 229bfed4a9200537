// This file colours code.

package report

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
)

// codePrefix stands before every class of a token, so that no class of an
// output takes its colour.
const codePrefix = "ch-"

// classesOnly has no colours: the page's style sheet has them. Chroma's own styles
// would cost every start of the program five milliseconds.
var classesOnly = sync.OnceValue(func() *chroma.Style {
	return chroma.MustNewStyle("classes", chroma.StyleEntries{})
})

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
	if err := f.Format(&b, classesOnly(), chroma.Literator(tokens...)); err != nil {
		return template.HTML(template.HTMLEscapeString(source))
	}
	return template.HTML(strings.TrimRight(b.String(), "\n"))
}
