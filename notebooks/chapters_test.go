// This file tests what the chapters promise beyond what any notebook does: that
// both languages have the same code, that cells are short, that solutions are
// hidden, and that links lead somewhere.

package notebooks

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
)

// readChapter reads a chapter, nil if that language does not have it.
func readChapter(t *testing.T, lang, name string) *nbformat.Notebook {
	t.Helper()
	file := filepath.Join(lang, name)
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return nil
	}
	nb, err := nbformat.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// skeleton returns the tokens of Go code without comments, strings emptied.
func skeleton(source string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), []byte(source), nil, 0)
	var b strings.Builder
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return b.String()
		}
		if tok == token.STRING {
			lit = `""`
		}
		b.WriteString(tok.String() + " " + lit + "\n")
	}
}

// TestChaptersAgree wants the same cells in both languages, and the same code but
// for comments and strings.
func TestChaptersAgree(t *testing.T) {
	files, _ := filepath.Glob("zh/*.ipynb")
	if len(files) == 0 {
		t.Fatal("no Chinese chapters")
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			en, zh := readChapter(t, "en", name), readChapter(t, "zh", name)
			if en == nil {
				t.Fatal("there is no English chapter of this name")
			}
			if len(en.Cells) != len(zh.Cells) {
				t.Fatalf("%d cells in English, %d in Chinese", len(en.Cells), len(zh.Cells))
			}
			for i, a := range en.Cells {
				b := zh.Cells[i]
				switch {
				case a.ID != b.ID || a.Type != b.Type:
					t.Fatalf("cells[%d]: %s %q in English, %s %q in Chinese", i, a.Type, a.ID, b.Type, b.ID)
				case a.Type == nbformat.Code && skeleton(a.Source) != skeleton(b.Source):
					t.Errorf("%s: the code differs by more than comments and strings", a.ID)
				case a.Type == nbformat.Markdown && !strings.ContainsFunc(b.Source, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
					t.Errorf("%s: the Chinese text has no Chinese in it", a.ID)
				}
			}
		})
	}
}

var (
	links   = regexp.MustCompile(`\]\(([^)#:]+\.ipynb)[^)]*\)`)
	wrapped = regexp.MustCompile(`\p{Han}[，。；：、]?\n\p{Han}`)
)

// TestChaptersForm wants short cells, hidden solutions, links to notebooks that
// are there, claims that hold for the saved outputs, and Chinese paragraphs
// without line breaks.
func TestChaptersForm(t *testing.T) {
	files, _ := filepath.Glob("*/*.ipynb")
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			nb := readChapter(t, filepath.Dir(file), filepath.Base(file))
			executed := slices.ContainsFunc(nb.Cells, func(c *nbformat.Cell) bool { return len(c.Outputs) > 0 })
			if executed {
				for _, c := range compare.Claims(nb) {
					t.Errorf("cells[%d]: %s", c.Cell, c)
				}
			}
			for _, c := range nb.Cells {
				tags, _ := c.Metadata["tags"].([]any)
				for i, tag := range tags {
					if slices.Contains(tags[:i], tag) {
						t.Errorf("%s: the tag %v stands twice, which the format does not allow", c.ID, tag)
					}
				}
				lines := strings.Split(c.Source, "\n")
				switch c.Type {
				case nbformat.Code:
					if len(lines) > 20 {
						t.Errorf("%s has %d lines; 20 is the most", c.ID, len(lines))
					}
					for _, l := range lines {
						if n := len([]rune(strings.ReplaceAll(l, "\t", "    "))); n > 88 {
							t.Errorf("%s: a line of %d columns; the report shows 88: %s", c.ID, n, l)
						}
					}
					lab, _ := c.Metadata["jupyter"].(map[string]any)
					if hidden := lab["source_hidden"] == true && lab["outputs_hidden"] == true; c.HasTag("solution") != hidden {
						t.Errorf("%s: the tag solution and the metadata that hide source and outputs belong together", c.ID)
					}
				case nbformat.Markdown:
					for _, m := range links.FindAllStringSubmatch(c.Source, -1) {
						if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
							t.Errorf("%s: the link leads nowhere: %v", c.ID, err)
						}
					}
					if m := wrapped.FindString(c.Source); m != "" {
						t.Errorf("%s: a line break within a Chinese paragraph shows as a space: %q", c.ID, m)
					}
				}
			}
		})
	}
}
