// This file writes notebooks in other forms.

package notebooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cajal/kernel/cell"
	"cajal/notebooks/export"
	"cajal/notebooks/gosource"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/pins"
	"cajal/notebooks/report"
	"cajal/notebooks/savefile"
)

// ExportOptions says what to write, and where.
type ExportOptions struct {
	To       string          // "html", "md", "go", "pdf" or "ipynb"
	Out      string          // folder for what is written; "" means "out"
	Code     report.CodeMode // how much of the code; md and ipynb know only all and nothing
	Title    string          // of a book; "" is the name of the notebooks' folder
	Producer string          // who wrote it, for the footer of a book's first page
	Trust    bool            // HTML keeps the scripts of outputs
	Bundle   bool            // Markdown goes into NAME/index.md, a page bundle of Hugo

	// For Go: where packages are found, and the checkout of cajal; see
	// [gosource.Config].
	Packages func() (Packages, error)
	Module   string
}

// Packages finds the packages that the cells of one notebook can import.
type Packages interface {
	gosource.Packages

	// Pin says which versions the notebook had of modules; see package pins.
	Pin(modules []cell.Module) error
}

// Forms are what notebooks can be exported to.
var Forms = []string{"html", "md", "go", "pdf", "ipynb"}

// Export writes each notebook as it was saved, without running it: NAME.html,
// NAME.md with NAME_files beside it (or the folder NAME, see ExportOptions),
// NAME.pdf, NAME.ipynb or the Go module NAME, in the folder opt.Out. Several
// notebooks in HTML become a book: pages that lead to each other, and index.html.
// It returns what it wrote.
func Export(ctx context.Context, files []string, opt ExportOptions) (wrote []string, err error) {
	if opt.Out == "" {
		opt.Out = "out"
	}
	if !slices.Contains(Forms, opt.To) {
		return nil, fmt.Errorf("%q is none of the forms: %s", opt.To, strings.Join(Forms, ", "))
	}
	ext := "." + opt.To
	if opt.To == "go" || opt.To == "md" && opt.Bundle {
		ext = "" // a folder
	}
	if err := distinct(files, opt.Out, ext); err != nil {
		return nil, err
	}
	books, err := readAll(files)
	if err != nil {
		return nil, err
	}
	x := exporter{ExportOptions: opt, book: bookOf(files, books, opt), pages: map[string]string{}}
	for _, name := range files {
		to := base(name) + ".md"
		if opt.Bundle {
			to = "../" + base(name) + "/"
		}
		x.pages[filepath.Base(name)] = to
	}
	if x.book != nil {
		for i, p := range x.book.Pages {
			if p.File == "index.html" {
				return nil, fmt.Errorf("%s would be written to index.html, which is the book's table of contents: give it another name, or export it by itself", files[i])
			}
		}
	}
	if opt.To == "pdf" {
		if x.browser, err = export.Browser(); err != nil {
			return nil, err
		}
	}
	var errs []error
	for i, name := range files {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, ErrInterrupted))
			break
		}
		if err := x.one(ctx, i, name, books[i]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if x.book != nil {
		data, err := report.Index(x.book, report.Language(books[0]), opt.Producer)
		if err := x.put("index.html", data, err); err != nil {
			errs = append(errs, err)
		}
	}
	return x.wrote, errors.Join(errs...)
}

type exporter struct {
	ExportOptions
	book    *report.Book      // nil for a single page
	pages   map[string]string // see [export.Options]
	browser string
	wrote   []string
}

// bookOf returns the book that several pages are, nil for anything else.
func bookOf(files []string, books []*nbformat.Notebook, opt ExportOptions) *report.Book {
	if opt.To != "html" || len(files) < 2 {
		return nil
	}
	b := &report.Book{Title: opt.Title}
	if b.Title == "" {
		dir, err := filepath.Abs(filepath.Dir(files[0]))
		if err != nil {
			dir = "notebooks"
		}
		b.Title = filepath.Base(dir)
	}
	for i, name := range files {
		title := report.Title(books[i])
		if title == "" {
			title = base(name)
		}
		b.Pages = append(b.Pages, report.BookPage{Notebook: filepath.Base(name), File: base(name) + ".html", Title: title})
	}
	return b
}

// put writes a file into the folder, if making it did not fail.
func (x *exporter) put(name string, data []byte, err error) error {
	if err != nil {
		return err
	}
	target := filepath.Join(x.Out, filepath.FromSlash(name))
	if err := savefile.Write(target, data); err != nil {
		return err
	}
	x.wrote = append(x.wrote, target)
	return nil
}

func (x *exporter) one(ctx context.Context, i int, name string, nb *nbformat.Notebook) error {
	ro := report.Options{Name: filepath.Base(name), Code: x.Code, Trust: x.Trust}
	if x.book != nil {
		b := *x.book
		b.Here = i
		ro.Book = &b
	}
	// A Root keeps links in the folder from leading out of it.
	if root, err := os.OpenRoot(filepath.Dir(name)); err == nil {
		defer func() { _ = root.Close() }() // it was only read
		ro.Files = root.FS()
	}
	noCode := x.Code == report.HideCode
	switch x.To {
	case "html":
		data, err := report.HTML(nb, ro)
		return x.put(base(name)+".html", data, err)
	case "pdf":
		page, err := report.HTML(nb, ro)
		if err != nil {
			return err
		}
		data, err := export.PDF(ctx, x.browser, page)
		return x.put(base(name)+".pdf", data, err)
	case "ipynb":
		data, err := export.Visible(nb, noCode).Bytes()
		return x.put(base(name)+".ipynb", data, err)
	case "md":
		text, files := export.Markdown(nb, export.Options{Name: base(name), Lang: report.Language(nb), NoCode: noCode, Files: ro.Files, Pages: x.pages})
		if x.Bundle {
			return x.all(base(name)+"/index.md", text, base(name)+"/", files)
		}
		return x.all(base(name)+".md", text, "", files)
	}
	packages, err := x.Packages()
	if err == nil {
		err = packages.Pin(pins.Load(nb))
	}
	if err != nil {
		return err
	}
	files, err := gosource.Convert(nb, gosource.Config{Name: base(name), Folder: filepath.Dir(name), Packages: packages, Module: x.Module})
	if err != nil {
		return err
	}
	main := files["main.go"]
	delete(files, "main.go")
	return x.all(path.Join(base(name), "main.go"), main, base(name)+"/", files)
}

// all writes a file and those that belong to it, and tells of the first one.
func (x *exporter) all(name string, data []byte, folder string, files map[string][]byte) error {
	for _, file := range sortedKeys(files) {
		if err := savefile.Write(filepath.Join(x.Out, filepath.FromSlash(folder+file)), files[file]); err != nil {
			return err
		}
	}
	return x.put(name, data, nil)
}

func sortedKeys(m map[string][]byte) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
