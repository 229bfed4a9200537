// This file renders Markdown cells.

package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"cajal/notebooks/mathml"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/pattern"
)

// markdown renders the Markdown cells of one notebook and collects their
// headings.
type markdown struct {
	files    fs.FS
	pages    []BookPage
	headings []heading
	title    string          // text of the first level-1 heading
	taken    map[string]bool // ids that headings have got
	seen     map[string]bool // ids that are on the page
}

func newMarkdown(files fs.FS) *markdown {
	return &markdown{files: files, taken: map[string]bool{}, seen: map[string]bool{}}
}

func (m *markdown) render(index int, c *nbformat.Cell) (template.HTML, error) {
	return m.convert(c.Source, fmt.Sprintf("c%d-", index+1), &sanitizer{
		scope:   "#" + anchor(index),
		seen:    m.seen,
		rename:  theirs,
		picture: func(src string) string { return m.picture(src, c) },
		page:    m.page,
		scrolls: true,
	})
}

// page returns where a link to another notebook of the book leads, "" if it
// leads to none.
func (m *markdown) page(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return ""
	}
	for _, p := range m.pages {
		if path.Clean(u.Path) == p.Notebook || path.Clean(u.Path) == p.File {
			to := url.URL{Path: p.File, Fragment: u.Fragment}
			return to.String()
		}
	}
	return ""
}

// fragment renders Markdown that a cell displayed.
func (m *markdown) fragment(id, source string) (template.HTML, error) {
	return m.convert(source, "", prefixed(id))
}

func (m *markdown) convert(text, footnotes string, s *sanitizer) (template.HTML, error) {
	gm := goldmark.New(
		goldmark.WithExtensions(
			extension.GFM, extension.DefinitionList, extension.Typographer, formulas{},
			extension.NewFootnote(extension.WithFootnoteIDPrefix(footnotes)),
		),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		// Raw HTML passes here, and is cleaned below with all the rest.
		goldmark.WithRendererOptions(gmhtml.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(codeBlocks{}, 100))),
	)
	source := []byte(text)
	doc := gm.Parser().Parse(gmtext.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(m))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		id, _ := h.AttributeString("id")
		raw, _ := id.([]byte)
		entry := heading{Level: h.Level, ID: string(raw), Text: plain(h, source)}
		if entry.Level == 1 && m.title == "" {
			m.title = entry.Text
		}
		m.headings = append(m.headings, entry)
		return ast.WalkSkipChildren, nil
	})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := gm.Renderer().Render(&b, source, doc); err != nil {
		return "", err
	}
	body, _ := s.clean(trailed().ReplaceAllString(b.String(), `<span class="nb-keep">$1$2</span>`))
	return body, nil
}

// trailed finds formulas in lines with the punctuation behind them. To a browser a
// formula is like a picture, behind which a line may end, even before a comma.
var trailed = pattern.New(`(<math alttext="[^"]*">(?:[^<]|<[^/m]|<m[^a]|<ma[^t]|</[^m]|</m[^a]|</ma[^t])*</math>)([,.;:!?)，。；：、！？）”’]+)`)

// Generate makes the id of a heading as Jupyter does, so that links written
// for Jupyter lead to it here: the text with hyphens for spaces.
func (m *markdown) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Join(strings.Fields(string(value)), "-")
	id = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"'<>&`*_[]()", r) {
			return -1
		}
		return r
	}, id)
	if id = theirs(id); id == "" {
		id = "heading"
	}
	unique := id
	for n := 2; m.taken[unique]; n++ {
		unique = id + "-" + strconv.Itoa(n)
	}
	m.taken[unique] = true
	return []byte(unique)
}

// theirs makes an id of a notebook one that the page itself does not use.
func theirs(id string) string {
	for strings.HasPrefix(id, "nb-") {
		id = strings.TrimPrefix(id, "nb-")
	}
	return id
}

// Put notes an id that an author gave.
func (m *markdown) Put(value []byte) { m.taken[string(value)] = true }

// plain returns the text of a node without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *formula:
			b.WriteString(mathml.Plain(n.tex))
		}
		return ast.WalkContinue, nil
	})
	// The typographer's quotation marks and dashes come as entities.
	return strings.TrimSpace(string(util.ResolveEntityNames(util.ResolveNumericReferences([]byte(b.String())))))
}

// picture returns a picture as a data URI: an attachment of the cell, or a file
// in the notebook's folder or below. It returns "" if there is none.
func (m *markdown) picture(src string, c *nbformat.Cell) string {
	if name, ok := strings.CutPrefix(src, "attachment:"); ok {
		if n, err := url.PathUnescape(name); err == nil {
			name = n
		}
		for mime, v := range c.Attachments[name] {
			if data, ok := v.(string); ok {
				data = strings.Join(strings.Fields(data), "")
				if uri := "data:" + mime + ";base64," + data; embedded(uri) {
					return uri
				}
			}
		}
		return ""
	}
	u, err := url.Parse(src)
	if err != nil || u.Scheme != "" || u.Host != "" || m.files == nil {
		return ""
	}
	mime, ok := pictureTypes[strings.ToLower(path.Ext(u.Path))]
	name := path.Clean(u.Path)
	if !ok || !fs.ValidPath(name) {
		return ""
	}
	f, err := m.files.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil || len(data) > maxPicture {
		return ""
	}
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
}

var pictureTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
	".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml",
}

// codeBlocks renders code blocks with colours.
type codeBlocks struct{}

// RegisterFuncs implements goldmark's renderer.NodeRenderer.
func (codeBlocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, codeBlock)
	r.Register(ast.KindCodeBlock, codeBlock)
}

func codeBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	language := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		language = string(f.Language(source))
	}
	var code bytes.Buffer
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(source))
	}
	_, err := fmt.Fprintf(w, "<pre class=\"nb-code\" tabindex=\"0\"><code>%s</code></pre>\n", highlight(code.String(), language))
	return ast.WalkSkipChildren, err
}
