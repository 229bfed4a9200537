// This file tests pages of comparisons.

package report

import (
	"strings"
	"testing"

	"cajal/notebooks/nbformat"
)

// TestComparisonHostile puts attacks everywhere on the page.
func TestComparisonHostile(t *testing.T) {
	for _, attack := range attacks {
		outputs := everywhere(attack).Cells[1].Outputs
		c := Comparison{Title: attack, Names: [2]string{attack, attack}, Books: []ComparedBook{{
			Name: attack, State: attack, Notes: []string{attack},
			Cells: []ComparedCell{{
				Name: attack, What: []string{attack}, Source: attack, Lines: []ComparedLine{{'+', attack}, {'-', attack}, {'@', ""}, {' ', attack}},
				Rows: []ComparedRow{{attack, attack, attack, attack}}, Was: outputs, Is: outputs,
			}},
		}}}
		page, err := c.Page()
		if err != nil {
			t.Fatal(err)
		}
		// The check looks for the footer of a report, too.
		harmless(t, strings.NewReplacer(comparisonStyle, "", "</main>", "<footer></footer></main>").Replace(string(page)))
	}
}

func TestComparison(t *testing.T) {
	stdout := func(text string) []*nbformat.Output {
		return []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: text}}
	}
	page, err := Comparison{Title: "T", Names: [2]string{"saved", "now"}, Books: []ComparedBook{
		{Name: "a.ipynb", State: "same", Good: true},
		{Name: "b.ipynb", State: "differs", Cells: []ComparedCell{{
			Name: "cell 1", Source: "x := 1", Was: stdout("old"), Is: nil,
			Lines: []ComparedLine{{'-', "a"}, {'+', "b"}}, Rows: []ComparedRow{{"stdout", "old", "", "all"}},
		}}},
	}}.Page()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<li class="nb-good">a.ipynb <span>same</span></li>`, `<li class="nb-bad"><a href="#nb-book-2">b.ipynb</a> <span>differs</span></li>`,
		`<span class="nb-minus"><i>−</i>a</span>`, `<span class="nb-plus"><i>&#43;</i>b</span>`, `<td>stdout</td><td>old</td><td></td><td>all</td>`,
		`<p class="nb-side">saved</p>`, `>old</pre>`, `no output`,
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not hold %s:\n%s", want, strings.Replace(string(page), pageStyle+comparisonStyle, "", 1))
		}
	}
}
