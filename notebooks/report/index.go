// This file writes the first page of a book.

package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed index.html.tmpl
var indexSource string

var indexTemplate = template.Must(template.New("index").Parse(indexSource))

// Index returns the page that lists the pages of a book. Lang is that of its
// text, as in html's lang attribute.
func Index(b *Book, lang, producer string) ([]byte, error) {
	if lang == "" {
		lang = "en"
	}
	var out strings.Builder
	err := indexTemplate.Execute(&out, map[string]any{"Book": b, "Lang": lang, "Style": template.CSS(pageStyle), "Producer": producer, "Words": wordsOf(lang)})
	if err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return []byte(out.String()), nil
}
