// This file shows outputs: it takes the richest form that can stand on a page
// without a script.

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cajal/notebooks/mathml"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/pattern"
)

// output renders an output; ok is false if there is nothing to see. id is the
// id of its element on the page; with trust its HTML is not cleaned.
func output(id string, o *nbformat.Output, trust bool) (out pageOutput, ok bool) {
	switch o.Type {
	case nbformat.Stream:
		text := strings.TrimRight(o.Text, "\n")
		if text == "" {
			return out, false
		}
		class := "stream"
		if o.Name == "stderr" {
			class += " stderr"
		}
		return pageOutput{class, pre(id, ansi(Shorten(text)))}, true
	case nbformat.ErrorOutput:
		text := strings.Join(o.Traceback, "\n")
		if strings.TrimSpace(text) == "" {
			text = strings.TrimSuffix(o.EName+": "+o.EValue, ": ")
		}
		return pageOutput{"error", pre(id, ansi(Shorten(strings.TrimRight(text, "\n"))))}, true
	case nbformat.DisplayData, nbformat.ExecuteResult:
		return bundle(id, o, trust)
	}
	return out, false
}

// What is larger than this is not put on a page: a browser would choke on it,
// and nobody would read it.
const (
	maxShown   = 2000     // lines of text
	maxText    = 1 << 20  // bytes of text, and of code that is coloured
	MaxMarkup  = 8 << 20  // bytes of HTML, SVG, Markdown or JSON
	maxPicture = 16 << 20 // bytes of a picture
)

// Shorten leaves out the middle of what nobody would read on a page.
func Shorten(text string) string {
	if strings.Count(text, "\n") >= maxShown {
		lines := strings.SplitAfter(text, "\n")
		head, tail := lines[:maxShown/2], lines[len(lines)-maxShown/2:]
		text = strings.Join(head, "") + leftOut("%d lines are", len(lines)-maxShown) + "\n" + strings.Join(tail, "")
	}
	if len(text) > maxText {
		head, tail := text[:maxText/2], text[len(text)-maxText/2:]
		text = strings.ToValidUTF8(head, "") + leftOut("%d bytes are", len(text)-maxText) + strings.ToValidUTF8(tail, "")
	}
	return text
}

func leftOut(what string, n int) string {
	return "\x1b[0m\x1b[2m[" + fmt.Sprintf(what, n) + " left out here; the executed notebook has them]\x1b[0m"
}

// order is the order in which forms are tried, richest first.
var order = []struct {
	mime  string
	limit int
	show  func(id, mime, text string, o *nbformat.Output) (pageOutput, bool)
}{
	{"text/html", MaxMarkup, showHTML},
	{"image/svg+xml", MaxMarkup, showSVG},
	{"image/png", maxPicture, showImage},
	{"image/jpeg", maxPicture, showImage},
	{"image/webp", maxPicture, showImage},
	{"image/gif", maxPicture, showImage},
	{"text/markdown", MaxMarkup, showMarkdown},
	{"application/json", MaxMarkup, showJSON},
	{"text/latex", MaxMarkup, showLaTeX},
	{"text/plain", math.MaxInt, showText},
}

func bundle(id string, o *nbformat.Output, trust bool) (pageOutput, bool) {
	large := ""
	for _, form := range order {
		v, ok := o.Data[form.mime]
		if !ok {
			continue
		}
		text, ok := v.(string)
		if nbformat.IsJSON(form.mime) {
			tree, err := json.MarshalIndent(v, "", "  ")
			text, ok = string(tree), err == nil
		}
		if !ok || strings.TrimSpace(text) == "" {
			continue
		}
		if len(text) > form.limit {
			large = fmt.Sprintf("an output of type %s with %.1f MB is left out of this page; the executed notebook has it", form.mime, float64(len(text))/1e6)
			continue
		}
		show := form.show
		if trust && form.mime == "text/html" {
			show = showTrusted
		}
		if out, ok := show(id, form.mime, text, o); ok {
			return out, true
		}
	}
	if large != "" {
		return pageOutput{"stream", pre(id, ansi("\x1b[2m["+large+"]\x1b[0m"))}, true
	}
	return pageOutput{}, false
}

func showHTML(id, _, text string, _ *nbformat.Output) (pageOutput, bool) {
	body, visible := prefixed(id).clean(text)
	return pageOutput{"html", box(id, "", body)}, visible
}

// showTrusted shows HTML with all it holds. It is written anew from its tree, so
// that what is not closed does not reach beyond the output.
func showTrusted(id, mime, text string, o *nbformat.Output) (pageOutput, bool) {
	nodes, err := nethtml.ParseFragment(strings.NewReader(text), &nethtml.Node{Type: nethtml.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return showHTML(id, mime, text, o)
	}
	var b bytes.Buffer
	for _, n := range nodes {
		if err := nethtml.Render(&b, n); err != nil {
			return showHTML(id, mime, text, o)
		}
	}
	return pageOutput{"html", box(id, "", template.HTML(b.String()))}, true
}

func showSVG(id, _, text string, _ *nbformat.Output) (pageOutput, bool) {
	body, ok := prefixed(id).cleanSVG(text)
	class := "nb-figure"
	if !adapts().MatchString(text) {
		class += " nb-paper"
	}
	return pageOutput{"figure", box(id, class, body)}, ok
}

// adapts finds pictures that take the page's colours by themselves; all others
// are drawn for white paper and get it.
var adapts = pattern.New(`currentColor|var\(--|prefers-color-scheme|light-dark\(`)

func showImage(id, mime, text string, o *nbformat.Output) (pageOutput, bool) {
	uri := "data:" + mime + ";base64," + strings.Join(strings.Fields(text), "")
	if !embedded(uri) {
		return pageOutput{}, false
	}
	size := ""
	if m, ok := o.Metadata[mime].(map[string]any); ok {
		for _, side := range []string{"width", "height"} {
			if n, err := strconv.ParseFloat(asText(m[side]), 64); err == nil && n > 0 && n < 1e5 {
				size += " " + side + `="` + strconv.FormatFloat(n, 'f', -1, 64) + `"`
			}
		}
	}
	alt, _ := o.Data["text/plain"].(string)
	img := `<img src="` + html.EscapeString(uri) + `" alt="` + html.EscapeString(alt) + `"` + size + `>`
	return pageOutput{"figure", box(id, "nb-figure nb-paper", template.HTML(img))}, true
}

func asText(v any) string {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}

func showMarkdown(id, _, text string, _ *nbformat.Output) (pageOutput, bool) {
	md := newMarkdown(nil)
	body, err := md.fragment(id, text)
	return pageOutput{"text", box(id, "", body)}, err == nil && body != ""
}

// showLaTeX shows a formula. Other LaTeX, such as a table, is shown as it is
// written.
func showLaTeX(id, _, text string, o *nbformat.Output) (pageOutput, bool) {
	tex := strings.TrimSpace(text)
	display := !strings.HasPrefix(tex, "$") || strings.HasPrefix(tex, "$$")
	for _, marks := range [][2]string{{"$$", "$$"}, {`\[`, `\]`}, {`\(`, `\)`}, {"$", "$"}} {
		if inner, ok := strings.CutPrefix(tex, marks[0]); ok {
			tex = strings.TrimSuffix(inner, marks[1])
			break
		}
	}
	markup, err := mathml.Convert(tex, display)
	if err != nil {
		return showText(id, "", text, o)
	}
	return pageOutput{"formula", box(id, "", template.HTML(markup))}, true
}

func showJSON(id, _, text string, _ *nbformat.Output) (pageOutput, bool) {
	return pageOutput{"stream", pre(id, highlight(text, "json"))}, true
}

func showText(id, _, text string, o *nbformat.Output) (pageOutput, bool) {
	class := "stream"
	if o.Type == nbformat.ExecuteResult {
		class = "result"
	}
	return pageOutput{class, pre(id, ansi(Shorten(strings.TrimRight(text, "\n"))))}, true
}

// pre and box wrap what was made safe before.
func pre(id string, body template.HTML) template.HTML {
	return template.HTML(`<pre id="`+id+`">`) + body + "</pre>"
}

func box(id, class string, body template.HTML) template.HTML {
	var b bytes.Buffer
	b.WriteString(`<div id="` + id + `"`)
	if class != "" {
		b.WriteString(` class="` + class + `"`)
	}
	b.WriteString(">" + string(body) + "</div>")
	return template.HTML(b.String())
}
