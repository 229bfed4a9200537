// This file tests pages as a whole.

package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

var regen = flag.Bool("regen", false, "write the golden pages anew")

// onePixel is a PNG of one pixel.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func options() Options {
	return Options{
		Name:     "chapter.ipynb",
		Producer: "cajal test",
		Finished: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Elapsed:  83 * time.Second,
		Files:    fstest.MapFS{"img/dot.png": {Data: []byte("\x89PNG dot")}},
	}
}

// TestGolden compares pages with those in testdata, less the style sheet,
// which would only tell that it was changed.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.ipynb")
	if len(files) == 0 {
		t.Fatal("no notebooks in testdata")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			nb, err := nbformat.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := HTML(nb, options())
			if err != nil {
				t.Fatal(err)
			}
			page := strings.Replace(string(got), pageStyle, "", 1)
			golden := strings.TrimSuffix(file, ".ipynb") + ".html"
			if *regen {
				if err := os.WriteFile(golden, []byte(page), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(page, "\n")); d != "" {
				t.Errorf("the page differs from %s (-want +got); if that is meant: go test ./notebooks/report -regen\n%s", golden, d)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0 ms",
		64 * time.Millisecond:    "64 ms",
		420 * time.Millisecond:   "0.42 s",
		9949 * time.Millisecond:  "9.95 s",
		12340 * time.Millisecond: "12.3 s",
		59960 * time.Millisecond: "1 min 00 s",
		245 * time.Second:        "4 min 05 s",
		3661 * time.Second:       "1 h 01 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

// display makes a notebook with one cell that displayed one bundle.
func display(data map[string]any) *nbformat.Notebook {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{{Type: nbformat.Code, Source: "x", Outputs: []*nbformat.Output{{Type: nbformat.DisplayData, Data: data}}}}
	return nb
}

func TestRichestForm(t *testing.T) {
	for _, test := range []struct {
		name string
		data map[string]any
		want string
	}{
		{"html before text", map[string]any{"text/html": "<b>rich</b>", "text/plain": "poor"}, "<b>rich</b>"},
		{"a script alone is nothing", map[string]any{"text/html": "<div><script>draw()</script></div>", "text/plain": "poor"}, ">poor</pre>"},
		{"a broken picture is nothing", map[string]any{"image/png": "no base64!", "text/plain": "poor"}, ">poor</pre>"},
		{"picture with line breaks", map[string]any{"image/png": onePixel[:20] + "\n" + onePixel[20:] + "\n"}, `src="data:image/png;base64,` + onePixel + `"`},
		{"json", map[string]any{"application/json": map[string]any{"a": json.Number("1.50")}}, `<span class="ch-n">1.50</span>`},
		{"no svg in it", map[string]any{"image/svg+xml": "<p>not svg</p>", "text/plain": "poor"}, ">poor</pre>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := HTML(display(test.data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), test.want) {
				t.Errorf("the page does not hold %s:\n%s", test.want, strings.Replace(string(page), pageStyle, "", 1))
			}
		})
	}
}

func TestFailureIsTold(t *testing.T) {
	nb := display(nil)
	page, err := HTML(nb, Options{Failure: &Failure{Cell: 0, Message: "cell 1: panic: <boom>"}, Finished: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<a href="#nb-cell-1">cell 1: panic: &lt;boom&gt;</a>`, "nb-failed", "Executed in part"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not hold %s", want)
		}
	}
}

func TestLongStream(t *testing.T) {
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{{Type: nbformat.Code, Source: "x", Outputs: []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: b.String()}}}}
	page, err := HTML(nb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">line 0\n", "line 999\n<span class=\"a-f\">[8000 lines are left out here", "line 9000\n", "line 9999</pre>"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	if strings.Contains(string(page), "line 1000\n") {
		t.Error("the middle is there")
	}
}

func TestLanguage(t *testing.T) {
	for _, test := range []struct{ lang, text, want, contains string }{
		{"", "Gradient descent, 梯度下降", "en", "Executed in 1.00 s"},
		{"", "梯度下降沿着 loss 的反方向走。", "zh", "运行用时 1.00 s"},
		{"zh-Hant", "x", "zh-Hant", "运行用时"},
		{"de", "梯度下降", "de", "Executed in"},
		{`"><script>`, "x", "en", "Executed in"},
		{"", "勾配降下法は", "ja", "Executed in"},
		{"", "", "en", "Executed in"},
	} {
		nb := nbformat.New()
		nb.Metadata["lang"] = test.lang
		nb.Cells = []*nbformat.Cell{{Type: nbformat.Markdown, Source: test.text}}
		page, err := HTML(nb, Options{Finished: time.Now(), Elapsed: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), `<html lang="`+test.want+`">`) || !strings.Contains(string(page), test.contains) {
			t.Errorf("%q, %q: want language %s and %s", test.lang, test.text, test.want, test.contains)
		}
	}
}

// TestRadioButtons wants that a page can choose between pictures without a
// script: ids, names and the style sheet's selectors stay together, and two
// outputs apart.
func TestRadioButtons(t *testing.T) {
	const slider = `<div><style>#e2:checked ~ .p2 { display: block } .p2 { display: none }</style><input type="radio" name="e" id="e1" checked><label for="e1">1</label><input type="radio" name="e" id="e2"><label for="e2">2</label><p class="p2">two</p></div>`
	nb := display(map[string]any{"text/html": slider})
	nb.Cells = append(nb.Cells, nb.Cells[0])
	page, err := HTML(nb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{"nb-o1-1", "nb-o2-1"} {
		for _, want := range []string{
			`#` + out + ` #` + out + `-e2:checked ~ .p2 { display: block }`, `<input type="radio" name="` + out + `-e" id="` + out + `-e1" checked>`, `<label for="` + out + `-e2">`,
		} {
			if !strings.Contains(string(page), want) {
				t.Errorf("the page does not hold %s:\n%s", want, strings.Replace(string(page), pageStyle, "", 1))
			}
		}
	}
}

func TestVisibility(t *testing.T) {
	tags := func(t ...any) map[string]any { return map[string]any{"tags": t} }
	for _, test := range []struct {
		metadata map[string]any
		mode     CodeMode
		source   bool   // is on the page
		summary  string // of what is folded
		output   bool
	}{
		{nil, ShowCode, true, "", true},
		{nil, FoldCode, true, "Code", true},
		{nil, HideCode, false, "", true},
		{tags("hide-input"), ShowCode, true, "Code", true},
		{tags("hide-output"), ShowCode, true, "Output", true},
		{tags("remove-input"), FoldCode, false, "", true},
		{tags("remove-output"), ShowCode, true, "", false},
		{tags("remove-cell"), ShowCode, false, "", false},
		{tags("remove-output"), HideCode, false, "", false},
		{map[string]any{"jupyter": map[string]any{"source_hidden": true}}, ShowCode, true, "Code", true},
		{map[string]any{"jupyter": map[string]any{"outputs_hidden": true}}, ShowCode, true, "Output", true},
		{tags("solution"), ShowCode, true, "<summary>Solution</summary>", true},
		{tags("solution"), FoldCode, true, "<summary>Solution</summary>", true},
	} {
		nb := display(map[string]any{"text/plain": "the output"})
		nb.Cells[0].Source, nb.Cells[0].Metadata = "the(source)", test.metadata
		page, err := HTML(nb, Options{Code: test.mode})
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		if got := strings.Contains(text, ">the</span>("); got != test.source {
			t.Errorf("%v, %d: source is shown: %v", test.metadata, test.mode, got)
		}
		if got := strings.Contains(text, "the output"); got != test.output {
			t.Errorf("%v, %d: output is shown: %v", test.metadata, test.mode, got)
		}
		if strings.Count(text, "<summary>") > 1 {
			t.Errorf("%v, %d: folded twice", test.metadata, test.mode)
		}
		if got := strings.Contains(text, "<summary>"); got != (test.summary != "") || !strings.Contains(text, test.summary) {
			t.Errorf("%v, %d: folded: %v", test.metadata, test.mode, got)
		}
	}
}

func TestBook(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{{Type: nbformat.Markdown, Source: "# Two\n\n[next](./03.ipynb#A-b), [far](https://example.org/03.ipynb), [file](data.csv), [bad](javascript:alert(1))\n\n## A\n\n## B"}}
	b := &Book{Title: "The <book>", Here: 1, Pages: []BookPage{{"01.ipynb", "01.html", "One"}, {"02.ipynb", "02.html", "Two"}, {"03.ipynb", "03 x.html", "Three & more"}}}
	page, err := HTML(nb, Options{Book: b})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<a href="index.html">The &lt;book&gt;</a>`, `<a href="#nb-top" aria-current="page">Two</a>`, `<a href="#A">A</a>`, `<li><a href="01.html">One</a></li>`,
		`<a class="nb-before" rel="prev" href="01.html">One</a>`, `<a class="nb-after" rel="next" href="03%20x.html">Three &amp; more</a>`,
		`<a href="03%20x.html#A-b">next</a>`, `<a href="https://example.org/03.ipynb" rel="noopener noreferrer">far</a>`, `<a>file</a>`, `<a>bad</a>`,
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not hold %s:\n%s", want, strings.Replace(string(page), pageStyle, "", 1))
		}
	}
	index, err := Index(b, "zh", "cajal test")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="zh">`, `<nav aria-label="目录">`, `<li><a href="03%20x.html">Three &amp; more</a></li>`, "cajal test"} {
		if !strings.Contains(string(index), want) {
			t.Errorf("the index does not hold %s", want)
		}
	}
}

func TestTitle(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{{Type: nbformat.Markdown, Source: "text\n\n## no"}, {Type: nbformat.Markdown, Source: "# The *title*, $x^2$"}, {Type: nbformat.Markdown, Source: "# second"}}
	if got := Title(nb); got != "The title, x2" {
		t.Errorf("title %q", got)
	}
	nb.Metadata["title"] = " given "
	if got := Title(nb); got != "given" {
		t.Errorf("title %q", got)
	}
}

func TestLargeOutputs(t *testing.T) {
	for _, test := range []struct {
		name, mime string
		size       int
		want       string
	}{
		{"a large table", "text/html", 9 << 20, ">poor</pre>"},
		{"a large picture", "image/png", 20 << 20, ">poor</pre>"},
		{"a large drawing alone", "image/svg+xml", 9 << 20, "[an output of type image/svg+xml with 9.4 MB is left out of this page"},
		{"a long line", "text/plain", 3 << 20, "[2097152 bytes are left out here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := map[string]any{test.mime: strings.Repeat("x", test.size)}
			if strings.Contains(test.want, "poor") {
				data["text/plain"] = "poor"
			}
			page, err := HTML(display(data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), test.want) || len(page) > 2<<20 {
				t.Errorf("a page of %d bytes", len(page))
			}
		})
	}
}
