// This file tests Markdown and PDF.

package export

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

func code(source string, tags []any, outputs ...*nbformat.Output) *nbformat.Cell {
	return &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{"tags": tags}, Outputs: outputs}
}

func data(pairs ...string) *nbformat.Output {
	o := &nbformat.Output{Type: nbformat.DisplayData, Data: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		o.Data[pairs[i]] = pairs[i+1]
	}
	return o
}

func stdout(text string) *nbformat.Output {
	return &nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: text}
}

func TestMarkdown(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{
		{
			Type: nbformat.Markdown, Source: "# A \"title\": $x$\n\nText with $y$.\n\n![dot](img/a.png) ![in](attachment:p%20q.png) ![far](https://example.org/x.png) ![gone](no.png) ![out](../up.png)",
			Attachments: map[string]map[string]any{"p q.png": {"image/png": base64.StdEncoding.EncodeToString([]byte("PQ"))}},
		},
		code("x := \"```\"\nx", nil, stdout("\x1b[31mred\x1b[0m\n"), data("text/html", "<p>five</p><table><tr><th>a</th><th>b|c</th></tr><tr><td>1</td></tr></table><p>end</p>", "text/plain", "a b")),
		code("chart", nil, data("image/svg+xml", "<svg/>", "image/png", "UE5H", "text/plain", "loss [0..5]\nmore")),
		code("hidden()", []any{"remove-input"}, data("text/markdown", "*md*")),
		code("gone()", []any{"remove-cell"}, stdout("gone")),
		code("formula", []any{"remove-output"}, data("text/latex", "$$x$$")),
		code("formula", nil, data("text/latex", "$$x$$", "text/plain", "x")),
		code("wide", nil, data("text/html", "<table><tr><td colspan=2>a</td></tr></table>", "text/plain", "plain")),
		code("boom", nil, &nbformat.Output{Type: nbformat.ErrorOutput, EName: "panic", Traceback: []string{"panic: boom", "line 1"}}),
		{Type: nbformat.Markdown, Source: "# Not the title\n\n## End"},
	}
	want := "---\n" + `title: "A \"title\": $x$"` + "\nlang: \"en\"\n---\n" + `
Text with $y$.

![dot](n_files/img-a.png) ![in](n_files/p%20q.png) ![far](https://example.org/x.png) ![gone](no.png) ![out](../up.png)

` + "````go\nx := \"```\"\nx\n````" + `

` + "```text\nred\n```" + `

five

| a | b\|c |
|---|---|
| 1 |  |

end

` + "```go\nchart\n```" + `

![loss (0..5)](n_files/cell2-1.svg)

*md*

` + "```go\nformula\n```\n\n```go\nformula\n```" + `

$$x$$

` + "```go\nwide\n```\n\n```text\nplain\n```\n\n```go\nboom\n```\n\n```text\npanic: boom\nline 1\n```" + `

# Not the title

## End
`
	got, files := Markdown(nb, Options{Name: "n", Lang: "en", Files: fstest.MapFS{"img/a.png": {Data: []byte("A")}, "../up.png": {Data: []byte("no")}}})
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string][]byte{"n_files/img-a.png": []byte("A"), "n_files/p q.png": []byte("PQ"), "n_files/cell2-1.svg": []byte("<svg/>")}, files); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	got, _ = Markdown(nb, Options{Name: "n", NoCode: true})
	if strings.Contains(string(got), "```go") || !strings.Contains(string(got), "red") {
		t.Errorf("without code:\n%s", got)
	}
}

// TestFront wants a raw cell's YAML in front, and what it lacks added.
func TestFront(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{
		{Type: nbformat.Raw, Source: "---\nauthor: A\njupyter: cajal\n---\n"},
		{Type: nbformat.Markdown, Source: "# T\n\n[b](b.ipynb#x) [c](c.ipynb)"},
		code("//| echo: false\nx", []any{"solution"}, stdout("1")),
	}
	want := "---\nauthor: A\njupyter: cajal\ntitle: \"T\"\nlang: \"zh\"\n---\n\n[b](b.md#x) [c](c.ipynb)\n\n<details>\n<summary>参考解答</summary>\n\n```go\n//| echo: false\nx\n```\n\n```text\n1\n```\n\n</details>\n"
	got, _ := Markdown(nb, Options{Name: "n", Lang: "zh", Pages: map[string]string{"b.ipynb": "b.md"}})
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	nb.Cells[0].Source = "---\ntitle: Own\nlang: en\n---"
	if got, _ := Markdown(nb, Options{Name: "n", Lang: "zh"}); !strings.HasPrefix(string(got), "---\ntitle: Own\nlang: en\n---\n\n[b]") {
		t.Errorf("got %.60q", got)
	}
	nb.Cells[0].Source = "---\nno end"
	if got, _ := Markdown(nb, Options{Name: "n"}); !strings.HasPrefix(string(got), "---\ntitle: \"T\"\n---\n\n---\nno end\n") {
		t.Errorf("got %.60q", got)
	}
}

func TestVisible(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{code("a", []any{"remove-cell"}, stdout("1")), code("b", []any{"remove-input"}, stdout("2")), code("c", []any{"remove-output"}, stdout("3")), code("d", nil)}
	brief := func(nb *nbformat.Notebook) (all []string) {
		for _, c := range nb.Cells {
			s := c.Source + "|"
			for _, o := range c.Outputs {
				s += o.Text
			}
			all = append(all, s)
		}
		return all
	}
	if got := brief(Visible(nb, false)); !slices.Equal(got, []string{"|2", "c|", "d|"}) {
		t.Errorf("visible: %q", got)
	}
	if got := brief(Visible(nb, true)); !slices.Equal(got, []string{"|2"}) {
		t.Errorf("without code: %q", got)
	}
	if got := brief(nb); !slices.Equal(got, []string{"a|1", "b|2", "c|3", "d|"}) {
		t.Errorf("the notebook was changed: %q", got)
	}
}

// script makes a program that stands for a browser.
func script(t *testing.T, text string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	file := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHROMIUM", file)
}

func TestPDF(t *testing.T) {
	script(t, `for a; do case $a in --print-to-pdf=*) out=${a#*=};; file://*) in=${a#file://};; esac; done
test -n "$out" && { echo "%PDF of"; cat "$in"; } > "$out"`)
	browser, err := Browser()
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := PDF(t.Context(), browser, []byte("the page"))
	if err != nil || string(pdf) != "%PDF of\nthe page" {
		t.Errorf("%q, %v", pdf, err)
	}
}

func TestPDFFails(t *testing.T) {
	script(t, "echo one >&2; echo no display >&2; exit 3")
	browser, err := Browser()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PDF(t.Context(), browser, nil); err == nil || !strings.Contains(err.Error(), "did not print the page: exit status 3: no display") {
		t.Errorf("error %v", err)
	}
	script(t, "exit 0")
	if browser, err = Browser(); err != nil {
		t.Fatal(err)
	}
	if _, err := PDF(t.Context(), browser, nil); err == nil || !strings.Contains(err.Error(), "it wrote no file") {
		t.Errorf("error %v", err)
	}
	t.Setenv("CHROMIUM", filepath.Join(t.TempDir(), "none"))
	if _, err := Browser(); err == nil || !strings.Contains(err.Error(), "CHROMIUM names no program") {
		t.Errorf("error %v", err)
	}
	t.Setenv("CHROMIUM", "")
	t.Setenv("PATH", "")
	if runtime.GOOS == "linux" {
		if _, err := Browser(); err == nil || !strings.Contains(err.Error(), "neither Chromium nor Chrome was found: install one") {
			t.Errorf("error %v", err)
		}
	}
}
