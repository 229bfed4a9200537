// This file tests that notebooks come back as they were, and that what is no
// notebook is explained.

package nbformat

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRoundTrip reads notebooks that Jupyter's writer made and wants each byte
// back.
func TestRoundTrip(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.ipynb")
	if len(files) < 3 {
		t.Fatalf("found %d notebooks in testdata", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			nb, err := Parse(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := nb.Clone().Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.SplitAfter(string(want), "\n"), strings.SplitAfter(string(got), "\n")); d != "" {
				t.Errorf("bytes changed (-want +got):\n%s", d)
			}
		})
	}
}

func TestReading(t *testing.T) {
	nb, err := ReadFile("testdata/odd.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if nb.Minor != 5 || len(nb.Cells) != 6 {
		t.Fatalf("minor %d and %d cells, want 5 and 6", nb.Minor, len(nb.Cells))
	}
	c := nb.Cells[1]
	if want := "x := \"a\\tb\"\r\ny := 1 // 神经\u2028z\n"; c.Source != want {
		t.Errorf("source %q, want %q", c.Source, want)
	}
	if c.ExecutionCount == nil || *c.ExecutionCount != 7 || !c.HasTag("hide") || c.HasTag("show") {
		t.Errorf("count %v, tags %v", c.ExecutionCount, c.Metadata["tags"])
	}
	if got := c.Outputs[0].Text; got != "a\x1b[31mb\n<&>\u00e9\n" {
		t.Errorf("stream %q", got)
	}
	if got, _ := c.Outputs[1].Data["image/svg+xml"].(string); !strings.HasPrefix(got, "<svg>\n") {
		t.Errorf("svg %q", got)
	}
	if got := c.Outputs[3].Traceback; len(got) != 2 || got[1] != "line 2" {
		t.Errorf("traceback %q", got)
	}
	if got := nb.Cells[0].Attachments["dot.png"]["image/png"]; got != "iVBORw0KGgo=" {
		t.Errorf("attachment %q", got)
	}
	if got := nb.Title(); got != "Odd but valid" {
		t.Errorf("title %q", got)
	}
}

// TestSplit compares with what Python's str.splitlines(True) gives.
func TestSplit(t *testing.T) {
	for s, want := range map[string][]any{
		"":                    {},
		"a":                   {"a"},
		"a\n":                 {"a\n"},
		"a\nb":                {"a\n", "b"},
		"\n\n":                {"\n", "\n"},
		"a\r\nb\rc":           {"a\r\n", "b\r", "c"},
		"a\vb\fc\x1cd\x1de":   {"a\v", "b\f", "c\x1c", "d\x1d", "e"},
		"a\x1eb\u0085c":       {"a\x1e", "b\u0085", "c"},
		"a\u2028b\u2029":      {"a\u2028", "b\u2029"},
		"a\x1fb\u00a0c\u3000": {"a\x1fb\u00a0c\u3000"},
	} {
		if d := cmp.Diff(want, split(s)); d != "" {
			t.Errorf("split(%q) (-want +got):\n%s", s, d)
		}
	}
}

func TestErrors(t *testing.T) {
	book := func(cells string) string {
		return `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [` + cells + `]}`
	}
	code := func(outputs string) string {
		return book(`{"cell_type": "code", "metadata": {}, "source": "", "execution_count": null, "outputs": [` + outputs + `]}`)
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", " \n", "the file is empty"},
		{"not JSON", "{\n \"cells\": [,]\n}", "line 2, column 12: not JSON: invalid character ','"},
		{"cut off", `{"nbformat": 4, "cells": [`, "line 1, column 27: not JSON: the file ends in the middle"},
		{"rubbish behind", book("") + "\n}", "not JSON: text after the end"},
		{"merge conflict", "{\n<<<<<<< HEAD\n \"a\": 1\n=======\n", "line 2: an unsolved merge conflict"},
		{"a page", "<!DOCTYPE html>", "line 1, column 1: not JSON: invalid character '<'"},
		{"NaN", `{"a": NaN}`, "line 1, column 7: not JSON"},
		{"latin 1", "{\"a\": \"\xe9\"}", "not UTF-8"},
		{"a list", `[]`, "the file holds a list"},
		{"other JSON", `{"name": "x"}`, "the field nbformat is missing"},
		{"format 3", `{"nbformat": 3, "worksheets": []}`, "has format 3, cajal reads format 4"},
		{"format 5", `{"nbformat": 5}`, "has format 5, newer than"},
		{"format as text", `{"nbformat": "4"}`, `notebook.nbformat: found the string "4", expected the number 4`},
		{"format 4.5 as one number", `{"nbformat": 4.5}`, "found 4.5, expected the number 4"},
		{"no cells", `{"nbformat": 4, "nbformat_minor": 2}`, "the field cells is missing"},
		{"cell is text", book(`"x"`), `cells[0]: found the string "x", expected a cell`},
		{"no type", book(`{"source": ""}`), "cells[0]: the field cell_type is missing"},
		{"no source", book(`{"cell_type": "raw"}`), "cells[0]: the field source is missing"},
		{"source of numbers", book(`{"cell_type": "raw", "source": [1]}`), "cells[0].source: found a list, expected a string or a list of strings"},
		{"metadata null", book(`{"cell_type": "raw", "source": "", "metadata": null}`), "cells[0].metadata: found null, expected an object"},
		{"no outputs", book(`{"cell_type": "code", "source": "", "execution_count": null}`), "the field outputs is missing"},
		{"count 1.5", book(`{"cell_type": "code", "source": "", "outputs": [], "execution_count": 1.5}`), "execution_count: found the number 1.5"},
		{"output without type", code(`{}`), "cells[0].outputs[0]: the field output_type is missing"},
		{"stream without text", code(`{"output_type": "stream", "name": "stdout"}`), "outputs[0]: the field text is missing"},
		{"data is a list", code(`{"output_type": "display_data", "data": []}`), "outputs[0].data: found a list"},
		{"traceback of numbers", code(`{"output_type": "error", "ename": "", "evalue": "", "traceback": [1]}`), "traceback[0]: found the number 1"},
		{"attachment is text", book(`{"cell_type": "markdown", "source": "", "attachments": {"a": "b"}}`), `attachments["a"]: found the string "b"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant …%s…", err, test.want)
			}
		})
	}
	if _, err := ReadFile("testdata/none.ipynb"); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestCheckKernel(t *testing.T) {
	for _, test := range []struct {
		name, spec, lang, info string
		ok                     bool
	}{
		{"ours", "cajal", "go", "go", true},
		{"nothing told", "", "", "", true},
		{"only the language", "", "", "go", true},
		{"python", "python3", "python", "python", false},
		{"another Go kernel", "gonb", "go", "go", false},
		{"only another language", "", "", "julia", false},
	} {
		nb := &Notebook{Metadata: map[string]any{
			"kernelspec":    map[string]any{"name": test.spec, "language": test.lang},
			"language_info": map[string]any{"name": test.info},
		}}
		if err := nb.CheckKernel(); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestNew(t *testing.T) {
	nb := New()
	nb.Cells = append(nb.Cells, &Cell{Type: Code, ID: "a", Source: "1\n2"}, &Cell{Type: Markdown, Source: ""})
	data, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"   \"execution_count\": null,\n   \"id\": \"a\",\n   \"metadata\": {},\n   \"outputs\": [],\n   \"source\": [\n    \"1\\n\",\n    \"2\"\n   ]\n",
		"   \"source\": []\n", " \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n",
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the notebook does not hold\n%s\nbut is\n%s", want, data)
		}
	}
	if err := nb.CheckKernel(); err != nil {
		t.Error(err)
	}
}

// FuzzParse wants that whatever is read can be written, and is then stable.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.ipynb")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{"a":1e400},"cells":[{"cell_type":"new","source":["a","b"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Parse(data)
		if err != nil {
			if msg := err.Error(); msg == "" || strings.Contains(msg, "%!") {
				t.Errorf("error %q", msg)
			}
			return
		}
		_ = nb.Title()
		_ = nb.CheckKernel()
		once, err := nb.Bytes()
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("written, but not read again: %v\n%s", err, once)
		}
		twice, err := again.Bytes()
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("not stable (%v):\n%s", err, cmp.Diff(string(once), string(twice)))
		}
	})
}
