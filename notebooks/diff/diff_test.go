// This file tests differences between notebooks.

package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
)

// book makes a notebook: "id|source|printed", "#id|text" for a text cell.
func book(cells ...string) *nbformat.Notebook {
	nb := nbformat.New()
	for _, c := range cells {
		parts := append(strings.Split(c, "|"), "")
		cell := &nbformat.Cell{Type: nbformat.Code, ID: parts[0], Source: parts[1], Metadata: map[string]any{}}
		if id, ok := strings.CutPrefix(parts[0], "#"); ok {
			cell.Type, cell.ID = nbformat.Markdown, id
		} else if parts[2] != "" {
			cell.Outputs = []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: parts[2]}}
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb
}

func with(nb *nbformat.Notebook, change func(nb *nbformat.Notebook)) *nbformat.Notebook {
	change(nb)
	return nb
}

func TestNotebooks(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b *nbformat.Notebook
		want string
	}{
		{"nothing", book("a|x|1", "#b|text"), book("a|x|1", "#b|text"), ""},
		{"code and outputs", book("a|x := 1\ny\nz|loss 1"), book("a|x := 2\ny\nz|loss 2"), `cell 1 (a): code changed (+1 −1 lines), outputs changed
  - x := 1
  + x := 2
    y
    z
  stdout: loss 2, was loss 1 (difference 1, relative 1)
`},
		{"added and removed", book("a|x", "b|y", "c|z"), book("a|x", "c|z", "d|new\nlines"), `cell 2 (b): removed
  - y
cell 3 (d): added
  + new
  + lines
`},
		{"moved", book("a|x", "b|y", "c|z"), book("c|z", "a|x", "b|y"), "cell 1 (c): moved, was cell 3 (c)\n"},
		{"without ids, by what is similar", book("|one\ntwo\nthree", "|x"), book("|one\ntwo\nfour", "|y", "|x"), `cell 1: code changed (+1 −1 lines)
    one
    two
  - three
  + four
cell 2: added
  + y
`},
		{"another type is another cell", book("a|x"), book("#a|x"), `cell 1 (a): removed
  - x
markdown cell 1 (a): added
  + x
`},
		{"text", book("#a|hello"), book("#a|hello\nworld"), `markdown cell 1 (a): text changed (+1 −0 lines)
    hello
  + world
`},
		{"outputs came and went", book("a|x|1", "b|y"), book("a|x", "b|y|2"), "cell 1 (a): outputs removed\ncell 2 (b): outputs added\n"},
		{"far lines are left out", book("a|1\n2\n3\n4\n5\n6\n7"), book("a|1\n2\n3\n4\n5\n6\n8"), `cell 1 (a): code changed (+1 −1 lines)
    …
    5
    6
  - 7
  + 8
`},
		{"metadata", with(book("a|x"), func(nb *nbformat.Notebook) { nb.Metadata["title"] = "old" }), with(book("a|x"), func(nb *nbformat.Notebook) {
			nb.Metadata["title"] = "new"
			nb.Metadata["kernelspec"] = map[string]any{"name": "go2", "language": "go", "display_name": "Go (cajal)"}
			nb.Cells[0].Metadata["tags"] = []any{"skip"}
			nb.Cells[0].Metadata["execution"] = "now"
		}), `metadata: kernelspec.name is "go2", was "cajal", title is "new", was "old"
cell 1 (a): metadata.tags is new: [skip]
`},
		{"environment", with(book("a|x"), func(nb *nbformat.Notebook) { _ = provenance.Store(nb, &provenance.Record{Go: "go1.25"}) }), with(book("a|x"), func(nb *nbformat.Notebook) { _ = provenance.Store(nb, &provenance.Record{Go: "go1.26"}) }), "environment: Go is go1.26, was go1.25\n"},
		{"control characters", book("a|x"), book("a|\x1b[2Jy"), `cell 1 (a): code changed (+1 −1 lines)
  - x
  + [2Jy
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := Notebooks(test.a, test.b, Options{})
			var b strings.Builder
			if err := Text(&b, changes, false); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Split(test.want, "\n"), strings.Split(b.String(), "\n")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			page, err := Page("x/a.ipynb", "b.ipynb", changes)
			if err != nil || strings.Contains(string(page), "say the same") != (test.want == "") {
				t.Errorf("page: %v\n%s", err, page)
			}
		})
	}
	page, err := Page("en/a.ipynb", "zh/a.ipynb", nil)
	if err != nil || !strings.Contains(string(page), "en/a.ipynb → zh/a.ipynb") {
		t.Errorf("notebooks of one name: %v\n%s", err, page)
	}
	if c := Notebooks(book("a|x|1"), book("a|x|1.0000001"), Options{Rule: compare.Rule{Rtol: 1e-6}}); len(c) > 0 {
		t.Errorf("within tolerance: %+v", c)
	}
	if c := Notebooks(book("a|x|1"), book("a|x|2"), Options{Rule: compare.Rule{Skip: true}}); len(c) > 0 {
		t.Errorf("outputs are not compared: %+v", c)
	}
	tagged := func(printed, tag string) *nbformat.Notebook {
		return with(book("a|x|"+printed), func(nb *nbformat.Notebook) { nb.Cells[0].Metadata["tags"] = []any{tag} })
	}
	for _, test := range []struct {
		tag  string
		opt  Options
		same bool
	}{
		{"tol=0.1", Options{}, false},
		{"tol=0.1", Options{Tags: true}, true},
		{"tol=0.001", Options{Tags: true}, false},
		{"skip", Options{Tags: true}, true},
		{"band=0..2", Options{Tags: true}, true},
		{"band=3..4", Options{Tags: true}, false},
	} {
		if c := Notebooks(tagged("1", test.tag), tagged("1.05", test.tag), test.opt); (len(c) == 0) != test.same {
			t.Errorf("with the tag %s and %+v: %+v", test.tag, test.opt, c)
		}
	}
}

func TestLines(t *testing.T) {
	join := func(lines []Line) string {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString(string(l.Op) + l.Text + "|")
		}
		return b.String()
	}
	for _, test := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a", "", "-a|"},
		{"", "a\n", "+a|"},
		{"a\nb\nc\nd\ne", "a\nc\nx\nd\ne", " a|-b| c|+x| d| e|"},
		{"a\na\na", "a\na", " a| a|-a|"},
		{"x\ny", "p\nq", "-x|-y|+p|+q|"},
	} {
		if got := join(Lines(test.a, test.b)); got != test.want {
			t.Errorf("Lines(%q, %q) = %s, want %s", test.a, test.b, got, test.want)
		}
	}
	long := strings.Repeat("a\nb\n", 3000)
	if n := len(Lines("x\n"+long+"y", "z\n"+long+"y2")); n != 12004 {
		t.Errorf("%d lines of two long texts, want 12004", n)
	}
}
