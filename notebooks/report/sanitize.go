// This file lets through of a notebook's HTML and SVG what can neither run nor
// load anything nor disturb the rest of the page.

package report

import (
	"encoding/base64"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cajal/notebooks/pattern"
)

// sanitizer holds what the cleaning of one piece of HTML needs.
type sanitizer struct {
	scope   string                  // selector of the element that the piece stands in
	rename  func(string) string     // gives an id its name on the page
	seen    map[string]bool         // ids that are on the page already
	picture func(src string) string // finds a picture; "" if there is none; may be nil
	page    func(src string) string // finds another page of a book; "" if there is none; may be nil
	scrolls bool                    // tables scroll, and need a way in for the keyboard

	b    strings.Builder
	ids  map[string]*html.Node // by the name in the piece
	uses map[*html.Node]bool   // those that are or hold a use
	used bool                  // something visible was written
}

// prefixed returns a sanitizer for an output whose ids get a prefix, so that
// two outputs never share one.
func prefixed(id string) *sanitizer {
	return &sanitizer{scope: "#" + id, seen: map[string]bool{}, rename: func(s string) string { return id + "-" + s }}
}

// clean returns the safe part of source, and whether anything visible is in
// it. The parser is the one of the HTML standard; what is written is written
// anew from its tree, so that no trick of spelling survives.
func (s *sanitizer) clean(source string) (template.HTML, bool) {
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		// Nested beyond the parser's limit: no reader needs that.
		return "", false
	}
	s.ids, s.uses = map[string]*html.Node{}, map[*html.Node]bool{}
	for _, n := range nodes {
		s.index(n)
	}
	for _, n := range nodes {
		s.node(n)
	}
	return template.HTML(s.b.String()), s.used
}

// cleanSVG returns the svg elements at the top of source and drops the rest.
func (s *sanitizer) cleanSVG(source string) (template.HTML, bool) {
	if i := strings.Index(source, "<svg"); i > 0 {
		source = source[i:] // XML declaration, document type, comments
	}
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return "", false
	}
	nodes = slices.DeleteFunc(nodes, func(n *html.Node) bool { return n.Namespace != "svg" || n.Data != "svg" })
	s.ids, s.uses = map[string]*html.Node{}, map[*html.Node]bool{}
	for _, n := range nodes {
		s.index(n)
	}
	for _, n := range nodes {
		s.node(n)
	}
	return template.HTML(s.b.String()), len(nodes) > 0
}

// index notes the ids, and which elements are or hold a use.
func (s *sanitizer) index(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key == "id" && s.ids[a.Val] == nil {
			s.ids[a.Val] = n
		}
	}
	if n.Type == html.ElementNode && n.Data == "use" {
		s.uses[n] = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.index(c)
		if s.uses[c] {
			s.uses[n] = true
		}
	}
}

func (s *sanitizer) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.node(c)
	}
}

func (s *sanitizer) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if strings.TrimSpace(n.Data) != "" {
			s.used = true
		}
		s.b.WriteString(html.EscapeString(n.Data))
	case html.ElementNode:
		switch n.Namespace {
		case "":
			s.element(n)
		case "svg":
			s.svg(n)
		case "math":
			s.math(n)
		}
	}
}

func (s *sanitizer) element(n *html.Node) {
	switch {
	case n.Data == "style":
		s.sheet(n)
		return
	case htmlDropped[n.Data]:
		return
	case !htmlElements[n.Data]:
		s.children(n)
		return
	}
	switch n.Data {
	case "img":
		s.img(n)
		return
	case "input":
		s.input(n)
		return
	}
	s.b.WriteString("<" + n.Data)
	s.attributes(n, htmlAttributes)
	if n.Data == "a" {
		s.link(n)
	}
	if n.Data == "table" && s.scrolls && attr(n, "tabindex") == "" {
		s.attribute("tabindex", "0")
	}
	s.b.WriteString(">")
	if htmlVoid[n.Data] {
		s.used = s.used || n.Data == "hr"
		return
	}
	if c := n.FirstChild; n.Data == "pre" && c != nil && c.Type == html.TextNode && strings.HasPrefix(c.Data, "\n") {
		s.b.WriteString("\n") // the reading parser takes the first newline away
	}
	if n.Data == "progress" || n.Data == "meter" {
		s.used = true
	}
	s.children(n)
	s.b.WriteString("</" + n.Data + ">")
}

// input writes the boxes of a list of tasks, and radio buttons, by which a style
// sheet can choose what is seen without a script. Nothing can be typed or sent.
func (s *sanitizer) input(n *html.Node) {
	switch attr(n, "type") {
	case "checkbox":
		s.b.WriteString(`<input type="checkbox" disabled`)
	case "radio":
		s.b.WriteString(`<input type="radio"`)
		if name := attr(n, "name"); name != "" {
			s.attribute("name", s.rename(name))
		}
		s.attributes(n, set("class title"))
	default:
		return
	}
	if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" }) {
		s.b.WriteString(` checked`)
	}
	s.b.WriteString(">")
	s.used = true
}

func (s *sanitizer) svg(n *html.Node) {
	if !svgElements[n.Data] {
		return
	}
	switch n.Data {
	case "style":
		s.sheet(n)
		return
	case "title", "desc": // places where HTML would be parsed again: text only
		s.b.WriteString("<" + n.Data)
		s.attributes(n, set("lang"))
		s.b.WriteString(">" + html.EscapeString(text(n)) + "</" + n.Data + ">")
		return
	case "use":
		// A use of something that holds a use again can grow without bound.
		if target := s.ids[strings.TrimPrefix(href(n), "#")]; target == nil || s.uses[target] {
			return
		}
	case "image":
		if !embedded(href(n)) {
			return
		}
	}
	s.used = true
	s.b.WriteString("<" + n.Data)
	s.attributes(n, svgAttributes)
	if h := href(n); h != "" {
		switch {
		case n.Data == "image":
			s.attribute("href", h)
		case strings.HasPrefix(h, "#") && len(h) > 1:
			s.attribute("href", "#"+s.rename(h[1:]))
		}
	}
	s.b.WriteString(">")
	s.children(n)
	s.b.WriteString("</" + n.Data + ">")
}

// math writes a formula. Text and MathML are all that may stand in it: HTML
// within it is what tricks of spelling are made of.
func (s *sanitizer) math(n *html.Node) {
	if !mathElements[n.Data] {
		return
	}
	s.used = true
	s.b.WriteString("<" + n.Data)
	s.attributes(n, mathAttributes)
	s.b.WriteString(">")
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode || c.Namespace == "math" {
			s.node(c)
		}
	}
	s.b.WriteString("</" + n.Data + ">")
}

// sheet writes a style element whose rules hold for the output alone.
func (s *sanitizer) sheet(n *html.Node) {
	css := scoped(text(n), s.scope, s.rename)
	if css == "" || strings.ContainsAny(css, "<&") {
		return
	}
	s.b.WriteString("<style>\n" + css + "</style>")
}

var dataName = pattern.New(`^(data|aria)-[a-z][a-z0-9-]*$`)

// attributes writes the attributes of n that are allowed; references are for
// others to write.
func (s *sanitizer) attributes(n *html.Node, allowed map[string]bool) {
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		value := a.Val
		switch {
		case idReferences[a.Key]:
			ids := strings.Fields(value)
			for i := range ids {
				ids[i] = s.rename(ids[i])
			}
			value = strings.Join(ids, " ")
		case a.Key == "id":
			value = s.rename(value)
			if value == "" || s.seen[value] {
				continue
			}
			s.seen[value] = true
		case a.Key == "style":
			if value = declarations(value, s.rename); value == "" {
				continue
			}
		case dataName().MatchString(a.Key):
		case !allowed[a.Key]:
			continue
		case n.Namespace == "svg" && strings.Contains(value, "("):
			if a.Key == "transform" || a.Key == "gradientTransform" || a.Key == "patternTransform" {
				break
			}
			var ok bool
			if value, ok = declarationValue(value, s.rename); !ok {
				continue
			}
		}
		s.attribute(a.Key, value)
	}
}

func (s *sanitizer) attribute(key, value string) {
	s.b.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

// link writes where an anchor leads: into the page, or to a web page or mail
// address that the reader opens by hand.
func (s *sanitizer) link(n *html.Node) {
	h := strings.TrimSpace(attr(n, "href"))
	switch {
	case strings.HasPrefix(h, "#"):
		if _, here := s.ids[h[1:]]; here {
			h = "#" + s.rename(h[1:])
		}
		s.attribute("href", h)
	case scheme(h, "http://", "https://", "mailto:"):
		s.attribute("href", h)
		s.attribute("rel", "noopener noreferrer")
	case s.page != nil && s.page(h) != "":
		s.attribute("href", s.page(h))
	}
}

func scheme(s string, schemes ...string) bool {
	return slices.ContainsFunc(schemes, func(p string) bool {
		return len(s) >= len(p) && strings.EqualFold(s[:len(p)], p)
	})
}

// img writes a picture if its data are at hand, and a link to it if it would
// have to be fetched.
func (s *sanitizer) img(n *html.Node) {
	src := strings.TrimSpace(attr(n, "src"))
	if !embedded(src) && s.picture != nil {
		if uri := s.picture(src); uri != "" {
			src = uri
		}
	}
	s.used = true
	if embedded(src) {
		s.b.WriteString("<img")
		s.attribute("src", src)
		s.attributes(n, htmlAttributes)
		s.b.WriteString(">")
		return
	}
	label := attr(n, "alt")
	if label == "" {
		label = "picture"
	}
	if scheme(src, "http://", "https://") {
		s.b.WriteString(`<a class="nb-remote"`)
		s.attribute("href", src)
		s.b.WriteString(` rel="noopener noreferrer">` + html.EscapeString(label) + "</a>")
		return
	}
	s.b.WriteString(`<span class="nb-remote">` + html.EscapeString(label) + "</span>")
}

var dataURI = pattern.New(`^data:image/(png|jpeg|gif|webp|avif|svg\+xml);base64,([A-Za-z0-9+/=\s]*)$`)

// embedded tells whether src is a picture written into the document. Pictures
// in img and image elements run no scripts, SVG included.
func embedded(src string) bool {
	m := dataURI().FindStringSubmatch(src)
	if m == nil {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(m[2])
	return err == nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// href returns the reference of an SVG element, in the old spelling or the new.
func href(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key == "href" && (a.Namespace == "" || a.Namespace == "xlink") {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
