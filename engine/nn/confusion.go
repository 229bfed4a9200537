// This file counts which classes a model confuses.

package nn

import (
	"fmt"
	"html"
	"sort"
	"strings"

	"cajal/engine/data"
)

// A Confusion counts predictions by what was right and what was said.
type Confusion struct {
	Dataset string   // its name
	Classes []string // their names, else "0", "1", …
	Counts  [][]int  // [right class][said class]
}

// Confusion predicts every example of d, which needs class labels or one-hot targets,
// and counts right and wrong classes.
func (m *Model) Confusion(d *data.Dataset) (*Confusion, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if err := checkData(m, d, "the dataset"); err != nil {
		return nil, err
	}
	out := m.last().out
	n := max(product(out), 2)
	switch {
	case len(out) != 1:
		return nil, problem(nil, "the model gives %v an example, but a confusion matrix wants one output a class", out)
	case d.HasLabels():
		if err := checkLabels(m, d, n); err != nil {
			return nil, err
		}
	case !d.HasTargets():
		return nil, problem(d, "has neither labels nor targets to compare predictions with").fixed("give data.Arrays class labels")
	default:
		if err := wantTargets(d, product(out)); err != nil {
			return nil, err
		}
	}
	y, err := m.Predict(d)
	if err != nil {
		return nil, err
	}
	c := &Confusion{Dataset: d.Name(), Counts: make([][]int, n)}
	names := d.Classes()
	for k := range n {
		c.Counts[k] = make([]int, n)
		if len(names) == n {
			c.Classes = append(c.Classes, names[k])
		} else {
			c.Classes = append(c.Classes, fmt.Sprint(k))
		}
	}
	for i := range d.Len() {
		right := d.Label(i)
		if right < 0 {
			right = decide(d.Target(i).Data)
		}
		c.Counts[right][decide(y.Row(i).Data)]++
	}
	return c, nil
}

// Total returns the number of examples.
func (c *Confusion) Total() int {
	n := 0
	for _, row := range c.Counts {
		for _, k := range row {
			n += k
		}
	}
	return n
}

// Accuracy returns the share of right predictions.
func (c *Confusion) Accuracy() float64 {
	right := 0
	for k, row := range c.Counts {
		right += row[k]
	}
	return float64(right) / float64(c.Total())
}

// Precision returns the share of right ones among the examples taken for class k, NaN
// when there are none.
func (c *Confusion) Precision(k int) float64 {
	said := 0
	for _, row := range c.Counts {
		said += row[k]
	}
	return float64(c.Counts[k][k]) / float64(said)
}

// Recall returns the share of those found among the examples of class k, NaN when there
// are none.
func (c *Confusion) Recall(k int) float64 {
	is := 0
	for _, n := range c.Counts[k] {
		is += n
	}
	return float64(c.Counts[k][k]) / float64(is)
}

// A Mixup is how often one class was taken for another.
type Mixup struct{ Right, Said, Count int }

// Mixups returns the wrong predictions, the most frequent pair of classes first.
func (c *Confusion) Mixups() []Mixup {
	var out []Mixup
	for i, row := range c.Counts {
		for j, n := range row {
			if i != j && n > 0 {
				out = append(out, Mixup{i, j, n})
			}
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Count > out[b].Count })
	return out
}

func (c *Confusion) table() (header []string, rows [][]string) {
	header = append([]string{"right \\ said"}, c.Classes...)
	header = append(header, "recall")
	for i, row := range c.Counts {
		cells := []string{c.Classes[i]}
		for _, n := range row {
			cells = append(cells, fmt.Sprint(n))
		}
		rows = append(rows, append(cells, share(c.Recall(i))))
	}
	last := []string{"precision"}
	for k := range c.Counts {
		last = append(last, share(c.Precision(k)))
	}
	return header, append(rows, append(last, share(c.Accuracy())))
}

func share(v float64) string {
	if v != v {
		return "-"
	}
	return fmt.Sprintf("%.3f", v)
}

// footer tells the most frequent mistakes in words.
func (c *Confusion) footer() string {
	var parts []string
	for _, m := range c.Mixups()[:min(len(c.Mixups()), 3)] {
		parts = append(parts, fmt.Sprintf("%s for %s (%d)", c.Classes[m.Said], c.Classes[m.Right], m.Count))
	}
	if len(parts) == 0 {
		return "no mistakes"
	}
	return "most often said: " + strings.Join(parts, ", ")
}

// String writes the matrix, with recall beside it and precision beneath.
func (c *Confusion) String() string {
	header, rows := c.table()
	return textTable(header, rows) + c.footer()
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (c *Confusion) MIMEBundle() map[string]any {
	header, rows := c.table()
	return map[string]any{
		"text/plain": c.String(),
		"text/html":  `<div class="cajal-confusion">` + htmlTable(header, rows, 1) + "<div>" + html.EscapeString(c.footer()) + "</div></div>",
	}
}
