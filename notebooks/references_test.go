// This file tests the references of the chapters: what a chapter lists is cited in
// it, what it cites is listed, and the last chapter lists all.

package notebooks

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cajal/notebooks/nbformat"
)

// A reference is an entry of a list: by whom, of which year, and the whole line.
type reference struct{ author, year, line string }

var (
	entryStart = regexp.MustCompile(`^- (.*?) \((\d{4})\)\. `)
	chapterNos = regexp.MustCompile(` ?[\[［]([\d, 、]+)[\]］]$`)
	inBrackets = regexp.MustCompile(`[(（]([^()（）]*\d{4}[^()（）]*)[)）]`)
	capital    = regexp.MustCompile(`\p{Lu}[\p{L}-]+`)
	oneYear    = regexp.MustCompile(`\b(1[89]|20)\d\d\b`)
)

// referencesOf splits a chapter into its prose, its text with code, and its list.
func referencesOf(nb *nbformat.Notebook) (prose, text string, list []reference) {
	for _, c := range nb.Cells {
		source := c.Source
		if i := max(strings.Index(source, "## References"), strings.Index(source, "## 参考文献"), strings.Index(source, "## Bibliography")); i >= 0 {
			for line := range strings.SplitSeq(source[i:], "\n") {
				m := entryStart.FindStringSubmatch(line)
				if m == nil {
					prose, text = prose+line+"\n", text+line+"\n"
					continue
				}
				// The surname is the first word that is no initial; an academy has none.
				names := strings.Fields(strings.Split(strings.Split(m[1], ",")[0], " and ")[0])
				names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, ".") })
				list = append(list, reference{names[0], m[2], line})
			}
			source = source[:i]
		}
		text += source + "\n\n"
		if c.Type == nbformat.Markdown {
			prose += source + "\n\n"
		}
	}
	return prose, text, list
}

// near tells whether two words stand within a sentence of each other.
func near(text, a, b string) bool {
	a, b = regexp.QuoteMeta(a), regexp.QuoteMeta(b)
	return regexp.MustCompile(`(?s)\b` + a + `\b[^.。]{0,160}\b` + b + `\b|\b` + b + `\b[^.。]{0,160}\b` + a + `\b`).MatchString(text)
}

// TestChaptersReferences wants each entry of a list cited, each citation listed,
// and all lists together, with the numbers of the chapters, in the last chapter.
func TestChaptersReferences(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		listed := map[string][]string{} // entry -> numbers of chapters
		files, _ := filepath.Glob(filepath.Join(lang, "*.ipynb"))
		for i, file := range files {
			prose, text, list := referencesOf(readChapter(t, lang, filepath.Base(file)))
			last := i == len(files)-1
			for _, r := range list {
				var chapters []string
				if last {
					m := chapterNos.FindStringSubmatch(r.line)
					if m == nil {
						t.Errorf("%s: no numbers of chapters behind %s", file, r.line)
						continue
					}
					r.line = strings.TrimSuffix(r.line, m[0])
					chapters = strings.FieldsFunc(m[1], func(c rune) bool { return c == ',' || c == ' ' || c == '、' })
					want := listed[r.line]
					if n := strconv.Itoa(i + 1); slices.Contains(chapters, n) {
						want = append(want, n)
					} else if len(want) == 0 {
						t.Errorf("%s: no chapter lists %s", file, r.line)
					}
					if !slices.Equal(chapters, want) {
						t.Errorf("%s: chapters %v list %s, not %v", file, want, r.line, chapters)
					}
					delete(listed, r.line)
				} else {
					listed[r.line] = append(listed[r.line], strconv.Itoa(i+1))
				}
				if (!last || slices.Contains(chapters, strconv.Itoa(i+1))) && !near(text, r.author, r.year) {
					t.Errorf("%s: %s (%s) is listed, but not cited", file, r.author, r.year)
				}
			}
			for _, m := range inBrackets.FindAllStringSubmatchIndex(prose, -1) {
				inside, before := prose[m[2]:m[3]], prose[max(0, m[0]-120):m[0]]
				for part := range strings.FieldsFuncSeq(inside, func(c rune) bool { return c == ';' || c == '；' }) {
					names := capital.FindAllString(part, -1)
					for _, year := range oneYear.FindAllString(part, -1) {
						if !slices.ContainsFunc(list, func(r reference) bool {
							if len(names) == 0 {
								return r.year == year && strings.Contains(before, r.author)
							}
							return r.year == year && slices.ContainsFunc(names, func(n string) bool { return strings.Contains(r.line, n) })
						}) {
							t.Errorf("%s: (%s) is cited, but not listed: …%s", file, part, prose[max(0, m[0]-40):m[1]])
						}
					}
				}
			}
		}
		for line, chapters := range listed {
			t.Errorf("%s: the last chapter does not list what chapters %v do: %s", lang, chapters, line)
		}
	}
}
