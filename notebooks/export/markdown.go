// This file writes Markdown.

package export

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/pattern"
	"cajal/notebooks/report"
)

// Options says how to write Markdown.
type Options struct {
	Name   string // of the notebook, without .ipynb; pictures go into the folder Name_files
	Lang   string // of the text; "" if it is not to be said
	NoCode bool
	Files  fs.FS // the notebook's folder, from which pictures are taken; may be nil

	// Pages says where links to other notebooks lead: "09-brain.md" for
	// "09-brain.ipynb".
	Pages map[string]string
}

// Markdown returns the notebook as Markdown with a title in front, in YAML as
// Hugo, MyST, Quarto and Jekyll read it, and the files of its pictures by their
// names. Formulas stay in dollar signs.
func Markdown(nb *nbformat.Notebook, opt Options) (text []byte, files map[string][]byte) {
	w := &writer{opt: opt, files: map[string][]byte{}}
	title := nb.Title()
	if title == "" {
		title = opt.Name
	}
	cells := Visible(nb, opt.NoCode).Cells
	front := ""
	if len(cells) > 0 && cells[0].Type == nbformat.Raw {
		if m := frontMatter().FindStringSubmatch(cells[0].Source); m != nil {
			front, cells = m[1], cells[1:]
		}
	}
	if !frontTitle().MatchString(front) {
		front += fmt.Sprintf("title: %s\n", quoted(title))
	}
	if opt.Lang != "" && !frontLang().MatchString(front) {
		front += fmt.Sprintf("lang: %s\n", quoted(opt.Lang))
	}
	w.b.WriteString("---\n" + front + "---\n")
	titled := false
	number := 0
	for _, c := range cells {
		switch c.Type {
		case nbformat.Markdown:
			source := c.Source
			if !titled { // it stands in front already
				source, titled = withoutTitle(source)
			}
			w.text(w.links(w.pictures(source, c)))
		case nbformat.Code:
			number++
			solution := c.HasTag("solution")
			if solution {
				w.text("<details>\n<summary>" + report.SolutionWord(opt.Lang) + "</summary>")
			}
			if strings.TrimSpace(c.Source) != "" {
				w.fence("go", c.Source)
			}
			for i, o := range c.Outputs {
				w.output(fmt.Sprintf("cell%d-%d", number, i+1), o)
			}
			if solution {
				w.text("</details>")
			}
		default:
			w.text(c.Source)
		}
	}
	return []byte(w.b.String()), w.files
}

// The first cell of a notebook for Quarto may be a raw one with YAML in it.
var (
	frontMatter = pattern.New(`^---[ \t]*\r?\n((?s:.*?\n)?)---\s*$`)
	frontTitle  = pattern.New(`(?m)^title:`)
	frontLang   = pattern.New(`(?m)^lang:`)
)

// quoted writes a string for YAML, of which JSON is a part.
func quoted(s string) string {
	data, _ := json.Marshal(s) // a string cannot fail
	return string(data)
}

// withoutTitle takes the first level-1 heading off; found tells whether there
// was one.
func withoutTitle(source string) (rest string, found bool) {
	lines := strings.SplitAfter(source, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "# ") {
			return strings.Join(slices.Delete(lines, i, i+1), ""), true
		}
		if strings.TrimSpace(line) != "" {
			break
		}
	}
	return source, false
}

type writer struct {
	opt   Options
	b     strings.Builder
	files map[string][]byte
}

// text adds a block.
func (w *writer) text(s string) {
	if s = strings.Trim(s, "\n"); strings.TrimSpace(s) != "" {
		w.b.WriteString("\n" + s + "\n")
	}
}

// fence adds code between more backticks than stand in it.
func (w *writer) fence(language, s string) {
	marks := "```"
	for strings.Contains(s, marks) {
		marks += "`"
	}
	w.text(marks + language + "\n" + strings.TrimRight(s, "\n") + "\n" + marks)
}

// file adds a file beside the text and returns its path in it.
func (w *writer) file(name string, data []byte) string {
	to := w.opt.Name + "_files/" + name
	w.files[to] = data
	return (&url.URL{Path: to}).String()
}

var escapes = pattern.New(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)`)

// plainly returns what a page would show of a text, without colours.
func plainly(s string) string { return escapes().ReplaceAllString(report.Shorten(s), "") }

func (w *writer) output(name string, o *nbformat.Output) {
	switch o.Type {
	case nbformat.Stream:
		if text := plainly(o.Text); strings.TrimSpace(text) != "" {
			w.fence("text", text)
		}
		return
	case nbformat.ErrorOutput:
		w.fence("text", plainly(strings.Join(o.Traceback, "\n")))
		return
	}
	plain, _ := o.Data["text/plain"].(string)
	alt := strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(firstLine(plain))
	get := func(mime string) (string, bool) {
		s, ok := o.Data[mime].(string)
		return s, ok && strings.TrimSpace(s) != ""
	}
	if svg, ok := get("image/svg+xml"); ok {
		w.text(fmt.Sprintf("![%s](%s)", alt, w.file(name+".svg", []byte(svg))))
		return
	}
	for _, p := range [][2]string{{"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"}} {
		text, ok := get(p[0])
		if !ok {
			continue
		}
		if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
			w.text(fmt.Sprintf("![%s](%s)", alt, w.file(name+p[1], data)))
			return
		}
	}
	if md, ok := get("text/markdown"); ok {
		w.text(md)
		return
	}
	if tex, ok := get("text/latex"); ok {
		w.text(tex)
		return
	}
	if source, ok := get("text/html"); ok && len(source) <= report.MaxMarkup {
		if table, ok := table(source); ok {
			w.text(table)
			return
		}
	}
	if v, ok := o.Data["application/json"]; ok && plain == "" {
		if data, err := json.MarshalIndent(v, "", "  "); err == nil {
			w.fence("json", report.Shorten(string(data)))
			return
		}
	}
	if strings.TrimSpace(plain) != "" {
		w.fence("text", plainly(plain))
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// table writes HTML that is a table, with text around it, as Markdown.
func table(source string) (md string, ok bool) {
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return "", false
	}
	var rows [][]string
	var before, after []string
	tables := 0
	plain := true // nothing but rows, cells and text
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			if s := strings.Join(strings.Fields(n.Data), " "); s != "" && tables == 0 {
				before = append(before, s)
			} else if s != "" {
				after = append(after, s)
			}
			return
		case n.Type != html.ElementNode:
			return
		}
		switch n.DataAtom {
		case atom.Style, atom.Script:
			return
		case atom.Table:
			tables++
		case atom.Tr:
			rows = append(rows, nil)
		case atom.Td, atom.Th:
			for _, a := range n.Attr {
				plain = plain && a.Key != "colspan" && a.Key != "rowspan"
			}
			if len(rows) > 0 {
				last := len(rows) - 1
				rows[last] = append(rows[last], strings.ReplaceAll(strings.Join(strings.Fields(content(n)), " "), "|", `\|`))
			}
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	columns := 0
	for _, r := range rows {
		columns = max(columns, len(r))
	}
	if tables != 1 || columns == 0 || !plain {
		return "", false
	}
	var b strings.Builder
	if len(before) > 0 {
		b.WriteString(strings.Join(before, " ") + "\n\n")
	}
	line := func(cells []string) {
		b.WriteString("| " + strings.Join(append(slices.Clone(cells), make([]string, columns-len(cells))...), " | ") + " |\n")
	}
	line(rows[0])
	b.WriteString("|" + strings.Repeat("---|", columns) + "\n")
	for _, r := range rows[1:] {
		line(r)
	}
	if len(after) > 0 {
		b.WriteString("\n" + strings.Join(after, "\n\n"))
	}
	return b.String(), true
}

func content(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(content(c))
	}
	return b.String()
}

// target is where a link or picture of Markdown leads.
var target = pattern.New(`(!\[[^\]]*\]\()([^)\s]+)`)

// pictures takes a text cell's pictures along: attachments, and files beside the
// notebook.
func (w *writer) pictures(source string, c *nbformat.Cell) string {
	return target().ReplaceAllStringFunc(source, func(m string) string {
		parts := target().FindStringSubmatch(m)
		to := parts[2]
		if name, ok := strings.CutPrefix(to, "attachment:"); ok {
			if n, err := url.PathUnescape(name); err == nil {
				name = n
			}
			for _, v := range c.Attachments[name] {
				text, _ := v.(string)
				if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
					return parts[1] + w.file(path.Base(name), data)
				}
			}
			return m
		}
		u, err := url.Parse(to)
		if err != nil || u.Scheme != "" || u.Host != "" || w.opt.Files == nil || !fs.ValidPath(path.Clean(u.Path)) {
			return m
		}
		data, err := fs.ReadFile(w.opt.Files, path.Clean(u.Path))
		if err != nil {
			return m
		}
		return parts[1] + w.file(strings.ReplaceAll(path.Clean(u.Path), "/", "-"), data)
	})
}

// bookLink is a link to a notebook.
var bookLink = pattern.New(`(\]\()([^)\s#]+\.ipynb)`)

// links makes links to notebooks lead to what is made of them.
func (w *writer) links(source string) string {
	return bookLink().ReplaceAllStringFunc(source, func(m string) string {
		parts := bookLink().FindStringSubmatch(m)
		if u, err := url.Parse(parts[2]); err == nil && u.Scheme == "" && u.Host == "" {
			if to, ok := w.opt.Pages[path.Clean(u.Path)]; ok {
				return parts[1] + (&url.URL{Path: to}).String()
			}
		}
		return m
	})
}
