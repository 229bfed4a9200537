// This file puts the page together.

package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
)

// Options is what the page tells beyond the notebook. All of it may be zero.
type Options struct {
	Name     string        // file name of the notebook, shown if it has no title
	Producer string        // "cajal v1.2.0 · go1.26 · linux/amd64"
	Finished time.Time     // end of the run; zero: the page says nothing of a run
	Elapsed  time.Duration // of the whole run
	Failure  *Failure      // why the run stopped early

	// Files is the notebook's folder, from which Markdown may take pictures.
	Files fs.FS

	Code CodeMode
	Book *Book // the page is one of several; nil if it stands alone

	// Trust keeps HTML outputs as they are, scripts included. The page still loads
	// nothing.
	Trust bool
}

// CodeMode says how much of the code a page shows. A cell's own tags and
// metadata ("hide-input", "remove-input", jupyter.source_hidden, …) can only
// show less. A cell with the tag "solution" is folded as a whole.
type CodeMode uint8

// The ways to show code.
const (
	ShowCode CodeMode = iota
	FoldCode          // behind a word to click on
	HideCode          // not at all; cells without outputs vanish
)

// Book is what pages that belong together know of each other.
type Book struct {
	Title string
	Pages []BookPage
	Here  int // which of them this one is
}

// BookPage is a page of a book.
type BookPage struct {
	Notebook string // its file's name, to which notebooks may link: "08-cnn.ipynb"
	File     string // the page's: "08-cnn.html"
	Title    string
}

// Failure says where and why a run stopped.
type Failure struct {
	Cell    int    // index of the cell
	Message string // one line
}

//go:embed page.html.tmpl
var pageSource string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// page is what the template sees. Values of type template.HTML come from the
// functions of this package that escape or sanitise, and from nowhere else.
type page struct {
	Lang     string
	Title    string
	Heading  string // shown if the notebook has no level-1 heading
	Style    template.CSS
	Trust    bool
	Failure  *pageFailure
	Book     *Book
	Before   *BookPage
	After    *BookPage
	Contents []heading
	Cells    []pageCell
	Footer   []string

	Provenance []provenance.Line
	Words      words
}

type pageFailure struct {
	Anchor  string
	Message string
}

type pageCell struct {
	Anchor   string
	Kind     string        // "text", "code" or "raw"
	Source   string        // "show", "fold" or ""
	Folded   bool          // the outputs are behind a word to click on
	Solution bool          // all of it is, behind another one
	Body     template.HTML // text: the rendered Markdown; code: the highlighted source
	Number   string
	Time     string
	Failed   bool
	Outputs  []pageOutput
}

type pageOutput struct {
	Class string
	Body  template.HTML
}

// Scrolls tells whether an output may be larger than its place; it can then be
// reached by the keyboard.
func (o pageOutput) Scrolls() bool { return o.Class != "figure" }

// heading is an entry of the table of contents.
type heading struct {
	Level int
	ID    string
	Text  string
}

// HTML returns the page.
func HTML(nb *nbformat.Notebook, opt Options) ([]byte, error) {
	p := page{Lang: Language(nb), Title: nb.Title(), Style: template.CSS(pageStyle), Trust: opt.Trust}
	p.Words = wordsOf(p.Lang)
	md := newMarkdown(opt.Files)
	if b := opt.Book; b != nil {
		p.Book, md.pages = b, b.Pages
		if b.Here > 0 {
			p.Before = &b.Pages[b.Here-1]
		}
		if b.Here+1 < len(b.Pages) {
			p.After = &b.Pages[b.Here+1]
		}
	}
	for i, c := range nb.Cells {
		pc := pageCell{Anchor: anchor(i)}
		if c.HasTag("remove-cell") {
			continue
		}
		switch c.Type {
		case nbformat.Markdown:
			body, err := md.render(i, c)
			if err != nil {
				return nil, fmt.Errorf("cells[%d]: rendering Markdown: %w", i, err)
			}
			pc.Kind, pc.Body = "text", body
		case nbformat.Code:
			if strings.TrimSpace(c.Source) == "" && len(c.Outputs) == 0 {
				continue
			}
			pc.Kind, pc.Body = "code", highlight(c.Source, "go")
			if c.ExecutionCount != nil {
				pc.Number = fmt.Sprint(*c.ExecutionCount)
			}
			if t := duration(c); t >= 50*time.Millisecond {
				pc.Time = Duration(t)
			}
			pc.Failed = opt.Failure != nil && opt.Failure.Cell == i
			pc.Source, pc.Folded = visibility(c, opt.Code)
			if pc.Solution = c.HasTag("solution"); pc.Solution {
				pc.Folded = false
				if pc.Source == "fold" {
					pc.Source = "show"
				}
			}
			for j, o := range c.Outputs {
				if c.HasTag("remove-output") {
					break
				}
				if out, ok := output(fmt.Sprintf("nb-o%d-%d", i+1, j+1), o, opt.Trust); ok {
					pc.Outputs = append(pc.Outputs, out)
				}
			}
			if pc.Source == "" && len(pc.Outputs) == 0 {
				continue
			}
		default:
			if strings.TrimSpace(c.Source) == "" {
				continue
			}
			pc.Kind, pc.Body = "raw", ansi(c.Source)
		}
		p.Cells = append(p.Cells, pc)
	}
	p.Contents = contents(md.headings)
	if !hasTitle(md.headings) {
		p.Heading = p.Title
		if p.Heading == "" {
			p.Heading = opt.Name
		}
	}
	switch {
	case hasTitle(md.headings) && md.title != "":
		if t, _ := nb.Metadata["title"].(string); strings.TrimSpace(t) == "" {
			p.Title = md.title
		}
	case p.Title == "":
		p.Title = opt.Name
	}
	if p.Title == "" {
		p.Title = "Notebook"
	}
	if f := opt.Failure; f != nil {
		p.Failure = &pageFailure{Anchor: anchor(f.Cell), Message: f.Message}
	}
	p.Footer, p.Provenance = footer(nb, opt, p.Words)
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return b.Bytes(), nil
}

// visibility says how much of a code cell is shown: its source, and whether its
// outputs are folded. The words are those of Jupyter Book and JupyterLab.
func visibility(c *nbformat.Cell, mode CodeMode) (source string, folded bool) {
	lab, _ := c.Metadata["jupyter"].(map[string]any)
	hidden := func(key string) bool { b, _ := lab[key].(bool); return b }
	source = "show"
	if mode == FoldCode || c.HasTag("hide-input") || c.HasTag("hide-cell") || hidden("source_hidden") {
		source = "fold"
	}
	if mode == HideCode || c.HasTag("remove-input") {
		source = ""
	}
	return source, c.HasTag("hide-output") || c.HasTag("hide-cell") || hidden("outputs_hidden")
}

// anchor names a cell on the page. All ids that the page itself gives begin
// with "nb-"; ids of the notebook never do.
func anchor(cell int) string { return fmt.Sprintf("nb-cell-%d", cell+1) }

// contents keeps what a table of contents should show: nothing for a short
// page, and not the title that stands above it.
func contents(all []heading) []heading {
	var list []heading
	for i, h := range all {
		if h.Level > 3 || h.Text == "" || i == 0 && h.Level == 1 {
			continue
		}
		list = append(list, h)
	}
	if len(list) < 2 {
		return nil
	}
	return list
}

func hasTitle(all []heading) bool {
	for _, h := range all {
		if h.Level == 1 {
			return true
		}
	}
	return false
}

// footer returns what the page says of the run in a line, and in full.
func footer(nb *nbformat.Notebook, opt Options, w words) (line []string, full []provenance.Line) {
	rec := provenance.Load(nb)
	if rec != nil {
		if opt.Finished.IsZero() {
			opt.Finished, opt.Elapsed = rec.Executed, time.Duration(rec.Seconds*float64(time.Second))
		}
		if opt.Producer == "" {
			opt.Producer = fmt.Sprintf("cajal %s · %s · %s/%s", rec.Cajal, rec.Go, rec.OS, rec.Arch)
		}
		full = rec.Lines()
		for i := range full {
			full[i].Name = w.name(full[i].Name)
		}
	}
	if !opt.Finished.IsZero() {
		line = append(line, w.run(opt.Elapsed, opt.Failure != nil), opt.Finished.UTC().Format(w.date))
	}
	for _, s := range []string{opt.Producer, opt.Name} {
		if s != "" {
			line = append(line, s)
		}
	}
	return line, full
}

// duration returns how long a cell ran, from the metadata in which Jupyter's
// clients note it.
func duration(c *nbformat.Cell) time.Duration {
	when, _ := c.Metadata["execution"].(map[string]any)
	at := func(key string) time.Time {
		text, _ := when[key].(string)
		t, _ := time.Parse(time.RFC3339Nano, text) // the zero time, if it is none
		return t
	}
	from, to := at("iopub.execute_input"), at("iopub.status.idle")
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return max(0, to.Sub(from))
}

// Duration writes d as a reader would: "0.42 s", "12.3 s", "4 min 05 s".
func Duration(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 9.95:
		return fmt.Sprintf("%.2f s", s)
	case s < 59.95:
		return fmt.Sprintf("%.1f s", s)
	case s < 3600:
		whole := int(s + 0.5)
		return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
	}
	whole := int(s/60 + 0.5)
	return fmt.Sprintf("%d h %02d min", whole/60, whole%60)
}

// Title returns the title of a notebook without the marks of Markdown, "" if it
// has none.
func Title(nb *nbformat.Notebook) string {
	if t, _ := nb.Metadata["title"].(string); strings.TrimSpace(t) != "" {
		return strings.TrimSpace(t)
	}
	md := newMarkdown(nil)
	for _, c := range nb.Cells {
		if c.Type == nbformat.Markdown && md.title == "" {
			_, _ = md.fragment("nb-title", c.Source) // what it cannot render has no title
		}
	}
	return md.title
}
