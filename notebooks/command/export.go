// This file exports notebooks.

package command

import (
	"errors"
	"fmt"
	"path/filepath"

	"cajal/notebooks"
	"cajal/notebooks/gosource"
	"cajal/notebooks/report"
)

// Export writes notebooks in other forms.
type Export struct {
	Files  []string `arg:"" help:"Notebooks, or folders of them. Several make a book of HTML pages."`
	To     string   `default:"html" enum:"html,md,go,pdf,ipynb" help:"html, md, go, pdf or ipynb (html)."`
	Out    string   `default:"out" placeholder:"DIR" help:"Where to (./out)."`
	Code   string   `default:"show" enum:"show,fold,hide" help:"What becomes of the code: show, fold or hide (show)."`
	NoCode bool     `help:"The same as --code=hide."`
	Title  string   `placeholder:"TEXT" help:"Title of a book (the folder's name)."`
	Bundle bool     `help:"For md: write NAME/index.md with its pictures beside it, a page bundle for Hugo."`
	Trust  bool     `help:"For html and pdf: keep the scripts of HTML outputs, of a notebook that you trust. The page still loads nothing."`
	Module string   `placeholder:"DIR" help:"For go: the checkout of cajal that go.mod names (the one that the notebook or the current folder lies in)."`
}

// Run does it.
func (c *Export) Run(t *Tool) error {
	ctx, stop := interruptible()
	defer stop()
	files, err := notebooks.Expand(c.Files)
	if err != nil {
		return err
	}
	opt := notebooks.ExportOptions{To: c.To, Out: c.Out, Title: c.Title, Producer: t.Version, Trust: c.Trust, Bundle: c.Bundle, Packages: t.Packages, Module: c.Module}
	opt.Code = map[string]report.CodeMode{"fold": report.FoldCode, "hide": report.HideCode}[c.Code]
	if c.NoCode {
		opt.Code = report.HideCode
	}
	if c.To == "go" && opt.Module == "" {
		if opt.Module = gosource.FindModule(filepath.Dir(files[0])); opt.Module == "" {
			opt.Module = gosource.FindModule(".")
		}
	}
	if c.To == "go" && opt.Code != report.ShowCode {
		return errors.New("a Go program is all code: leave --no-code out")
	}
	wrote, err := notebooks.Export(ctx, files, opt)
	for _, name := range wrote {
		fmt.Println(name)
	}
	return err
}
