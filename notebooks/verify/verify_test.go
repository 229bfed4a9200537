// This file tests verdicts and how they are told.

package verify

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cajal/kernel/cell"
	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/run"
)

// book makes an executed notebook of cells with source and printed text.
func book(cells ...string) *nbformat.Notebook {
	nb := nbformat.New()
	nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Markdown, Source: "Text"})
	for i, c := range cells {
		source, text, _ := strings.Cut(c, "|")
		n := i + 1
		nb.Cells = append(nb.Cells, &nbformat.Cell{
			Type: nbformat.Code, ID: string(rune('a' + i)), Source: source, ExecutionCount: &n, Metadata: map[string]any{},
			Outputs: []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: text}},
		})
	}
	return nb
}

func ran(nb *nbformat.Notebook) *run.Result {
	r := &run.Result{Notebook: nb, Elapsed: time.Second, Timings: map[int]run.Timing{}}
	for i, c := range nb.Cells {
		if c.Type == nbformat.Code {
			r.Timings[i] = run.Timing{Elapsed: time.Millisecond}
		}
	}
	return r
}

func frozen(nb *nbformat.Notebook, version string) *nbformat.Notebook {
	if err := provenance.Store(nb, &provenance.Record{Go: version}); err != nil {
		panic(err)
	}
	return nb
}

func stripped(nb *nbformat.Notebook) *nbformat.Notebook {
	nb.ClearOutputs()
	return nb
}

func tagged(nb *nbformat.Notebook, tags ...any) *nbformat.Notebook {
	nb.Cells[1].Metadata["tags"] = tags
	return nb
}

func TestJudge(t *testing.T) {
	now := &provenance.Record{Go: "go1.26"}
	failing := ran(book("x|", "y|"))
	failing.Failure = &run.Failure{Step: run.Step{Index: 1, Number: 1, Of: 2}, Err: &cell.Error{Kind: cell.ErrCompile, Name: "type error", Value: "undefined: y", Line: 1, Traceback: []string{"type error"}}}
	delete(failing.Timings, 2)
	claiming := book("x|a 1")
	claiming.Cells[0].Source = "It is 2<!-- = a -->."
	for _, test := range []struct {
		name  string
		saved *nbformat.Notebook
		res   *run.Result
		base  compare.Rule
		want  Status
		text  []string
	}{
		{"same", book("x|a 1"), ran(book("x|a 1")), compare.Rule{}, Same, []string{"✓ n.ipynb: same, 1 cells in 1.00 s"}},
		{"differs", book("x|a 1", "y|b"), ran(book("x|a 2", "y|b")), compare.Rule{}, Differs, []string{"✗ n.ipynb: differs, 2 cells in 1.00 s", "  cell 1 (a)", "    stdout: a 2, was a 1 (difference 1, relative 1)"}},
		{"within the option's tolerance", book("x|a 1"), ran(book("x|a 2")), compare.Rule{Rtol: 1}, Same, nil},
		{"within the tag's tolerance", tagged(book("x|a 1"), "tol=1"), ran(book("x|a 2")), compare.Rule{}, Same, nil},
		{"skipped", tagged(book("x|a 1"), "skip"), ran(book("x|b")), compare.Rule{}, Same, nil},
		{"a tag that is none", tagged(book("x|a 1"), "tol=x"), ran(book("x|a 1")), compare.Rule{}, Broken, []string{`✗ n.ipynb: does not run: cell 1: the tag "tol=x" should be tol=X with a number, such as tol=0.02`}},
		{"frozen elsewhere, and same", frozen(book("x|a 1"), "go1.25"), ran(book("x|a 1")), compare.Rule{}, Same, []string{"✓ n.ipynb: same, 1 cells in 1.00 s", "  environment: Go is go1.26, was go1.25"}},
		{"frozen elsewhere, and differs", frozen(book("x|a 1"), "go1.25"), ran(book("x|a 2")), compare.Rule{}, Environment, nil},
		{"frozen here, and differs", frozen(book("x|a 1"), "go1.26"), ran(book("x|a 2")), compare.Rule{}, Differs, nil},
		{"no outputs", stripped(book("x|a 1")), ran(book("x|a 1")), compare.Rule{}, Differs, []string{"✗ n.ipynb: differs: " + ErrNothing.Error(), "  cell 1 (a)", `    stdout: "a 1", was ""`}},
		{"no outputs, but bands", tagged(stripped(book("x|a 1")), "band=0..1"), ran(book("x|a 1")), compare.Rule{BandsOnly: true}, Same, nil},
		{"fails", book("y|", "y := 1|"), failing, compare.Rule{}, Broken, []string{
			"✗ n.ipynb: does not run: cell 1, line 1: type error: undefined: y", "  hint: y is used here, and declared only in cell 2: the cells were run in another order when the notebook was saved",
			"  note: cell 1, line 1: y is used here, and declared only in cell 2",
		}},
		{"a claim", claiming, ran(claiming), compare.Rule{}, Differs, []string{"✗ n.ipynb: differs, 1 cells in 1.00 s", "  text in cells[0]: the text says 2, but the result is 1 (a)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := Judge("n.ipynb", test.saved, test.res, test.base, now)
			if v.Status != test.want {
				t.Errorf("status %v, want %v", v.Status, test.want)
			}
			var b strings.Builder
			if err := Text(&b, v, false); err != nil {
				t.Fatal(err)
			}
			if test.text != nil {
				if d := cmp.Diff(test.text, strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")); d != "" {
					t.Errorf("text (-want +got):\n%s", d)
				}
			}
			page, err := Page([]*Verdict{v})
			if err != nil || !strings.Contains(string(page), v.Status.String()) {
				t.Errorf("page: %v\n%s", err, page)
			}
		})
	}
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		all  []Status
		want Status
	}{{nil, Same}, {[]Status{Same, Environment}, Environment}, {[]Status{Differs, Environment, Same}, Differs}, {[]Status{Differs, Broken, Environment}, Broken}} {
		if got := Worst(test.all); got != test.want {
			t.Errorf("worst of %v is %v, want %v", test.all, got, test.want)
		}
	}
}

func TestJUnit(t *testing.T) {
	differs := Judge("a.ipynb", book("x|a 1", "y|"), ran(book("x|a 2", "y|")), compare.Rule{}, &provenance.Record{})
	skipped := Judge("b.ipynb", tagged(book("x|a 1"), "skip"), ran(book("x|a 2")), compare.Rule{}, &provenance.Record{})
	data, err := JUnit([]*Verdict{differs, skipped, {File: "<c>", Status: Broken, Err: errors.New("no \x1b[31mJSON & more")}})
	if err != nil {
		t.Fatal(err)
	}
	var got suites
	if err := xml.Unmarshal(data, &got); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	var counts [][4]int
	for _, s := range got.Suites {
		counts = append(counts, [4]int{s.Tests, s.Failures, s.Errors, s.Skipped})
	}
	if d := cmp.Diff([][4]int{{3, 1, 0, 0}, {2, 0, 0, 1}, {1, 0, 1, 0}}, counts); d != "" {
		t.Errorf("tests, failures, errors, skipped (-want +got):\n%s", d)
	}
	if f := got.Suites[0].Cases[1]; f.Name != "cell 1 (a)" || f.Failure == nil || !strings.HasPrefix(f.Failure.Message, "stdout: a 2, was a 1") {
		t.Errorf("case %+v", f)
	}
}

// TestHostileText wants that a notebook cannot move the reader's cursor.
func TestHostileText(t *testing.T) {
	v := Judge("\x1b]0;x\x07.ipynb", book("x|a\x1b[2J1"), ran(book("x|b\x1b[2J\x9b1")), compare.Rule{}, &provenance.Record{})
	var b strings.Builder
	if err := Text(&b, v, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u009b") {
		t.Errorf("%q", b.String())
	}
}
